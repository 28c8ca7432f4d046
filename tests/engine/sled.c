/* tests/engine/sled.c - the bench of the sled tests */
#include "engine/sled.h"

#include "base/file.h"

#include <stdio.h>
#include <stdlib.h>

void bench_start(struct bench *b)
{
    if (b->ops->open(b->path, &b->opt, &b->db, &b->err) != MIA_OK)
        fail_msg("open: %s", b->err.message);
}

void bench_stop(struct bench *b)
{
    if (b->db != NULL)
        b->ops->close(b->db);
    b->db = NULL;
}

int bench_open(void **state)
{
    struct bench *b = calloc(1, sizeof *b);
    b->ops = mia_engine_sled();
    b->opt = (struct mia_db_options){
        .struct_size = sizeof b->opt, .durability = MIA_SYNC_LAZY, .cache_bytes = 16u << 20};
    snprintf(b->directory, sizeof b->directory, "/tmp/mia-test-sled-XXXXXX");
    assert_non_null(mkdtemp(b->directory));
    snprintf(b->path, sizeof b->path, "%s/db", b->directory);
    bench_start(b);
    *state = b;
    return 0;
}

int bench_close(void **state)
{
    struct bench *b = *state;
    bench_stop(b);
    OK(mia__dir_remove_tree(b->directory, NULL));
    free(b);
    return 0;
}

void *bench_begin(struct bench *b, enum mia_txn_mode mode)
{
    void *txn;
    OK(b->ops->begin(b->db, mode, &txn, &b->err));
    return txn;
}

void bench_commit(struct bench *b, void *txn)
{
    if (b->ops->commit(txn, &b->err) != MIA_OK)
        fail_msg("commit: %s", b->err.message);
}

uint32_t bench_tree(struct bench *b, void *txn, mia_slice name, uint32_t flags)
{
    uint32_t tree;
    OK(b->ops->tree(txn, name, flags, &tree, &b->err));
    return tree;
}

void bench_put(struct bench *b, void *txn, uint32_t tree, const char *key, const char *value)
{
    OK(b->ops->put(txn, tree, mia_bytes_of(key), mia_bytes_of(value), MIA_PUT_UPSERT, &b->err));
}

void bench_expect(struct bench *b, void *txn, uint32_t tree, const char *key, const char *value)
{
    mia_slice found;
    mia_status rc = b->ops->get(txn, tree, mia_bytes_of(key), &found, &b->err);
    assert_int_equal(rc, value != NULL ? MIA_OK : MIA_NOTFOUND);
    if (value != NULL)
        assert_true(mia_slice_equal(found, mia_bytes_of(value)));
}

void bench_expect_text(struct bench *b, const char *part)
{
    if (strstr(b->err.message, part) == NULL)
        fail_msg("no '%s' in: %s", part, b->err.message);
    assert_string_equal(b->err.engine, "sled");
}

uint32_t bench_random(uint64_t *seed, uint32_t limit)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return (uint32_t)((*seed >> 32) % limit);
}
