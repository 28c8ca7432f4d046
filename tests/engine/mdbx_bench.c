/* engine/mdbx_bench.c - a libmdbx database in a folder of its own */
#include "engine/mdbx_bench.h"

#include <stdlib.h>

int mdbx_bench_make(void **state)
{
    struct mdbx_bench *b = calloc(1, sizeof *b);
    assert_non_null(b);
    test_folder_make(b->folder);
    test_path(b->path, b->folder, "db");
    *state = b;
    return 0;
}

int mdbx_bench_remove(void **state)
{
    struct mdbx_bench *b = *state;
    mia_status rc = mia_db_close(b->db, NULL);
    test_folder_remove(b->folder);
    free(b);
    return rc;
}

void mdbx_bench_open(struct mdbx_bench *b, const struct mia_db_options *opt)
{
    OK(mia_db_open(mia_engine_mdbx(), b->path, opt, &b->db, ERR));
}

mia_txn *mdbx_bench_begin(struct mdbx_bench *b, enum mia_txn_mode mode, mia_tree *tree)
{
    mia_txn *txn;
    OK(mia_txn_begin(b->db, mode, &txn, ERR));
    OK(mia_tree_open(txn, MIA_BYTES("t"), mode == MIA_TXN_WRITE ? MIA_TREE_CREATE : 0, tree, ERR));
    return txn;
}

void mdbx_bench_put(struct mdbx_bench *b, const char *name, const char *key, const char *value)
{
    mia_txn *txn;
    mia_tree tree;
    OK(mia_txn_begin(b->db, MIA_TXN_WRITE, &txn, ERR));
    OK(mia_tree_open(txn, mia_bytes_of(name), MIA_TREE_CREATE, &tree, ERR));
    OK(mia_kv_put(txn, tree, mia_bytes_of(key), mia_bytes_of(value), 0, ERR));
    OK(mia_txn_commit(txn, ERR));
}

uint64_t mdbx_bench_count(struct mdbx_bench *b, const char *name)
{
    mia_txn *txn;
    mia_tree tree;
    uint64_t n;
    OK(mia_txn_begin(b->db, MIA_TXN_READ, &txn, ERR));
    OK(mia_tree_open(txn, mia_bytes_of(name), 0, &tree, ERR));
    OK(mia_kv_count(txn, tree, NULL, &n, ERR));
    mia_txn_abort(txn);
    return n;
}

static void print_problem(void *ctx, const char *line)
{
    (void)ctx;
    print_error("%s\n", line);
}

void mdbx_bench_check(mia_db *db)
{
    uint64_t problems;
    OK(mia_db_check(db, print_problem, NULL, &problems, ERR));
    assert_int_equal(problems, 0);
}
