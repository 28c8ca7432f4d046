/* append.c - tables into memory, and from there into a fresh file */
#include "append.h"

#include "rounds.h"

#include <mdbx.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { TABLES_MOST = 1024, BATCH = 4 << 20, GROWTH = 16 << 20, SYNC_BYTES = 64 << 20 };
static const intptr_t map_limit = (intptr_t)1 << 40;

struct table {
    char *name;
    size_t name_size;
    MDBX_db_flags_t flags;
    uint8_t *bytes; /* size of the key, size of the value (u32 each), key, value; again and again */
    size_t size, capacity;
};

struct append_set {
    struct table tables[TABLES_MOST];
    size_t count, page_size;
};

static void check(int code)
{
    if (code != MDBX_SUCCESS && code != MDBX_RESULT_TRUE)
        die("libmdbx: %s", mdbx_strerror(code));
}

static MDBX_env *open_env(const char *path, MDBX_env_flags_t flags, size_t page_size)
{
    MDBX_env *env;
    check(mdbx_env_create(&env));
    check(mdbx_env_set_maxdbs(env, TABLES_MOST));
    if (page_size > 0)
        check(mdbx_env_set_geometry(env, -1, -1, map_limit, GROWTH, -1, (intptr_t)page_size));
    check(mdbx_env_open(env, path, flags, 0644));
    return env;
}

/* ---- load */

static void keep(struct table *t, MDBX_val key, MDBX_val value)
{
    uint32_t sizes[] = {(uint32_t)key.iov_len, (uint32_t)value.iov_len};
    size_t needed = t->size + sizeof sizes + key.iov_len + value.iov_len;
    if (needed > t->capacity) {
        t->capacity = needed * 2;
        t->bytes = realloc(t->bytes, t->capacity);
        if (t->bytes == NULL)
            die("out of memory");
    }
    memcpy(t->bytes + t->size, sizes, sizeof sizes);
    memcpy(t->bytes + t->size + sizeof sizes, key.iov_base, key.iov_len);
    memcpy(t->bytes + t->size + sizeof sizes + key.iov_len, value.iov_base, value.iov_len);
    t->size = needed;
}

static void load_table(MDBX_txn *txn, const MDBX_val *name, struct table *t)
{
    MDBX_dbi dbi;
    MDBX_cursor *cur;
    MDBX_val key, value;
    unsigned flags, state;
    check(mdbx_dbi_open2(txn, name, MDBX_DB_ACCEDE, &dbi));
    check(mdbx_dbi_flags_ex(txn, dbi, &flags, &state));
    t->flags = (MDBX_db_flags_t)flags & MDBX_DUPSORT;
    t->name = malloc(name->iov_len);
    if (t->name == NULL)
        die("out of memory");
    memcpy(t->name, name->iov_base, name->iov_len);
    t->name_size = name->iov_len;
    check(mdbx_cursor_open(txn, dbi, &cur));
    while (mdbx_cursor_get(cur, &key, &value, MDBX_NEXT) == MDBX_SUCCESS)
        keep(t, key, value);
    mdbx_cursor_close(cur);
}

static bool is_index(const MDBX_val *name)
{
    return name->iov_len > 4 &&
           (memcmp(name->iov_base, "idx_", 4) == 0 || memcmp(name->iov_base, "vec_", 4) == 0);
}

struct append_set *append_load(const char *path, bool with_indexes)
{
    enum { MAIN_DBI = 1 };
    MDBX_txn *txn;
    MDBX_cursor *names;
    MDBX_val name, ignored;
    MDBX_stat stat;
    struct append_set *set = calloc(1, sizeof *set);
    if (set == NULL)
        die("out of memory");
    MDBX_env *env = open_env(path, MDBX_RDONLY, 0);
    check(mdbx_txn_begin(env, NULL, MDBX_TXN_RDONLY, &txn));
    check(mdbx_dbi_stat(txn, MAIN_DBI, &stat, sizeof stat));
    set->page_size = stat.ms_psize;
    check(mdbx_cursor_open(txn, MAIN_DBI, &names));
    while (mdbx_cursor_get(names, &name, &ignored, MDBX_NEXT) == MDBX_SUCCESS) {
        if (!with_indexes && is_index(&name))
            continue;
        if (set->count == TABLES_MOST)
            die("%s: more than %d tables", path, TABLES_MOST);
        load_table(txn, &name, &set->tables[set->count++]);
    }
    mdbx_cursor_close(names);
    mdbx_txn_abort(txn);
    mdbx_env_close(env);
    return set;
}

void append_free(struct append_set *set)
{
    for (size_t i = 0; i < set->count; i++) {
        free(set->tables[i].name);
        free(set->tables[i].bytes);
    }
    free(set);
}

/* ---- run */

struct writing {
    MDBX_env *env;
    MDBX_txn *txn;
    MDBX_cursor *cur;
    size_t bytes; /* in txn */
};

static void begin(struct writing *w, MDBX_dbi dbi)
{
    if (w->txn == NULL)
        check(mdbx_txn_begin(w->env, NULL, MDBX_TXN_READWRITE, &w->txn));
    check(mdbx_cursor_open(w->txn, dbi, &w->cur));
}

static void commit(struct writing *w)
{
    mdbx_cursor_close(w->cur);
    check(mdbx_txn_commit(w->txn));
    w->txn = NULL;
    w->bytes = 0;
}

static void append_table(struct writing *w, const struct table *t)
{
    MDBX_dbi dbi;
    MDBX_val name = {t->name, t->name_size};
    MDBX_put_flags_t flags = MDBX_APPEND | (t->flags & MDBX_DUPSORT ? MDBX_APPENDDUP : 0);
    if (w->txn == NULL)
        check(mdbx_txn_begin(w->env, NULL, MDBX_TXN_READWRITE, &w->txn));
    check(mdbx_dbi_open2(w->txn, &name, t->flags | MDBX_CREATE, &dbi));
    begin(w, dbi);
    for (size_t at = 0; at < t->size;) {
        uint32_t sizes[2];
        memcpy(sizes, t->bytes + at, sizeof sizes);
        MDBX_val key = {t->bytes + at + sizeof sizes, sizes[0]};
        MDBX_val value = {t->bytes + at + sizeof sizes + sizes[0], sizes[1]};
        check(mdbx_cursor_put(w->cur, &key, &value, flags));
        at += sizeof sizes + sizes[0] + sizes[1];
        w->bytes += sizes[0] + sizes[1];
        if (w->bytes >= BATCH) {
            commit(w);
            begin(w, dbi);
        }
    }
    mdbx_cursor_close(w->cur);
}

double append_run(const struct append_set *set, const char *target)
{
    struct writing w = {0};
    double began = now_seconds();
    w.env = open_env(target, MDBX_SAFE_NOSYNC | MDBX_EXCLUSIVE | MDBX_LIFORECLAIM, set->page_size);
    check(mdbx_env_set_syncbytes(w.env, SYNC_BYTES));
    for (size_t i = 0; i < set->count; i++)
        append_table(&w, &set->tables[i]);
    check(mdbx_txn_commit(w.txn));
    check(mdbx_env_sync_ex(w.env, true, false));
    mdbx_env_close(w.env);
    return now_seconds() - began;
}
