#include <mdbx.h>
#include <stdio.h>
#include <string.h>

static int fail(const char *what, int code)
{
    fprintf(stderr, "%s: %s\n", what, mdbx_strerror(code));
    return 1;
}

/* guide_reader DB TREE PREFIX: the pairs of a tree whose keys begin so. */
int main(int argc, char **argv)
{
    MDBX_env *env;
    MDBX_txn *txn;
    MDBX_dbi tree;
    MDBX_cursor *cursor;
    if (argc != 4)
        return 2;
    size_t size = strlen(argv[3]);
    MDBX_val key = {argv[3], size}, value;
    int rc = mdbx_env_create(&env);
    if (rc == MDBX_SUCCESS)
        rc = mdbx_env_set_maxdbs(env, 64); /* trees are named tables: none without this */
    if (rc == MDBX_SUCCESS)
        rc = mdbx_env_open(env, argv[1], MDBX_RDONLY, 0);
    if (rc != MDBX_SUCCESS)
        return fail(argv[1], rc);
    rc = mdbx_txn_begin(env, NULL, MDBX_TXN_RDONLY, &txn); /* a snapshot; end it soon */
    if (rc == MDBX_SUCCESS)
        rc = mdbx_dbi_open(txn, argv[2], MDBX_DB_DEFAULTS, &tree);
    if (rc == MDBX_SUCCESS)
        rc = mdbx_cursor_open(txn, tree, &cursor);
    if (rc != MDBX_SUCCESS)
        return fail(argv[2], rc);
    rc = mdbx_cursor_get(cursor, &key, &value, MDBX_SET_RANGE); /* sled's scan_prefix */
    while (rc == MDBX_SUCCESS && key.iov_len >= size && memcmp(key.iov_base, argv[3], size) == 0) {
        printf("%.*s  %.*s\n", (int)key.iov_len, (char *)key.iov_base, (int)value.iov_len,
               (char *)value.iov_base); /* straight from the file, good until the end of txn */
        rc = mdbx_cursor_get(cursor, &key, &value, MDBX_NEXT);
    }
    mdbx_cursor_close(cursor);
    mdbx_txn_abort(txn);
    mdbx_env_close(env);
    return 0;
}
