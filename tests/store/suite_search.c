/* suite_search.c - the nearest embeddings, where all of them are looked at */
#include "mia/search.h"
#include "store/search_suite.h"
#include "store/store.h"
#include "store/vectors.h"
#include "vector/cloud.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

void put_vector(struct store_bench *b, const char *id, const char *model, const float *vector,
                size_t dimension)
{
    struct mia_record record = {MIA_KIND_EMBEDDING,
                                {.embedding = {.id = mia_str_of(id),
                                               .vector = {vector, dimension},
                                               .model = mia_str_of(model)}}};
    store_put(b, &record);
}

static void put_2(struct store_bench *b, const char *id, float x, float y)
{
    put_vector(b, id, "m", (float[]){x, y}, 2);
}

/* The ids of what is found, with blanks between them. */
static void search_in(mia_txn *txn, const float *query, size_t dimension, size_t k,
                      const struct mia_search_options *opt, char list[STORE_LIST])
{
    struct mia_hit hits[64];
    size_t found;
    assert_true(k <= LENGTH(hits));
    OK(mia_search(txn, query, dimension, k, opt, hits, &found, ERR));
    assert_true(found <= k);
    list[0] = '\0';
    for (size_t i = 0; i < found; i++) {
        size_t used = strlen(list);
        snprintf(list + used, STORE_LIST - used, "%s%.*s", i > 0 ? " " : "",
                 (int)hits[i].embedding_id.size, hits[i].embedding_id.data);
        assert_true(hits[i].score == 1 - hits[i].distance);
        assert_true(i == 0 || hits[i - 1].distance <= hits[i].distance);
    }
}

static void assert_nearest(struct store_bench *b, float x, float y, size_t k,
                           const struct mia_search_options *opt, const char *expected)
{
    char list[STORE_LIST];
    mia_txn *txn = store_begin(b, MIA_TXN_READ);
    search_in(txn, (float[]){x, y}, 2, k, opt, list);
    assert_string_equal(list, expected);
    mia_txn_abort(txn);
}

struct mia_search_options search_options(void)
{
    return (struct mia_search_options){.struct_size = sizeof(struct mia_search_options)};
}

static void put_four(struct store_bench *b)
{
    put_2(b, "east", 1, 0);
    put_2(b, "north", 0, 1);
    put_2(b, "west", -1, 0);
    put_2(b, "south", 0, -3);
}

static void vector_order(void **state)
{
    struct store_bench *b = *state;
    struct mia_hit hits[4];
    size_t found;
    assert_nearest(b, 1, 0, 3, NULL, ""); /* nothing there is no error */
    put_four(b);
    assert_nearest(b, 1, 0.1f, 4, NULL, "east north south west");
    assert_nearest(b, 1, 0, 4, NULL, "east north south west"); /* equal distances by id */
    assert_nearest(b, -1, -0.1f, 2, NULL, "west south");
    assert_nearest(b, 1, 0, 0, NULL, "");
    assert_nearest(b, 1, 0, 60, NULL, "east north south west");
    mia_txn *txn = store_begin(b, MIA_TXN_READ);
    OK(mia_search(txn, (float[]){0, 5}, 2, 4, NULL, hits, &found, ERR));
    assert_int_equal(found, 4);
    assert_true(hits[0].distance == 0 && hits[0].score == 1);
    assert_true(fabsf(hits[1].distance - 1) < 1e-6f);
    assert_true(fabsf(hits[3].distance - 2) < 1e-6f);
    mia_txn_abort(txn);
}

static void vector_remove(void **state)
{
    struct store_bench *b = *state;
    put_four(b);
    store_delete(b, MIA_TABLE_EMBEDDINGS, "east");
    assert_nearest(b, 1, 0.1f, 4, NULL, "north south west");
    ANSWERS(mia_store_delete(b->store, MIA_TABLE_EMBEDDINGS, MIA_STR("east"), 0, ERR),
            MIA_NOTFOUND);
    put_2(b, "east", 1, 0);
    assert_nearest(b, 1, 0.1f, 1, NULL, "east");
    assert_index_sound(b, 0);
}

static void vector_dimensions(void **state)
{
    struct store_bench *b = *state;
    char list[STORE_LIST];
    struct test_random r = {1};
    struct cloud cloud = cloud_make(&r, 20, 384, 5);
    for (size_t i = 0; i < cloud.count; i++) {
        char id[32];
        snprintf(id, sizeof id, "v%02zu", i);
        put_vector(b, id, "m", (const float *)(const void *)cloud_at(&cloud, i).data, 384);
    }
    mia_txn *txn = store_begin(b, MIA_TXN_READ);
    for (size_t i = 0; i < cloud.count; i++) {
        char id[32];
        snprintf(id, sizeof id, "v%02zu", i);
        search_in(txn, (const float *)(const void *)cloud_at(&cloud, i).data, 384, 1, NULL, list);
        assert_string_equal(list, id);
    }
    mia_txn_abort(txn);
    cloud_free(&cloud);
}

static void vector_models(void **state)
{
    struct store_bench *b = *state;
    struct mia_search_options one = search_options();
    put_vector(b, "a", "first", (float[]){1, 0}, 2);
    put_vector(b, "b", "second", (float[]){1, 0.1f}, 2);
    put_vector(b, "c", "first", (float[]){1, 0, 0}, 3);
    assert_nearest(b, 1, 0, 9, NULL, "a b");
    one.model = MIA_STR("second");
    assert_nearest(b, 1, 0, 9, &one, "b");
    one.model = MIA_STR("third");
    assert_nearest(b, 1, 0, 9, &one, "");
    one.model = MIA_STR("");
    assert_nearest(b, 1, 0, 9, &one, "");
}

static bool is_not_north(void *ctx, mia_str id)
{
    *(int *)ctx += 1;
    return id.size != 5 || memcmp(id.data, "north", 5) != 0;
}

static void vector_choices(void **state)
{
    struct store_bench *b = *state;
    int asked = 0;
    struct mia_search_options opt = search_options();
    const mia_str candidates[] = {
        MIA_STR("west"), MIA_STR("nobody"), MIA_STR("east"), {0}, MIA_STR("west")};
    put_four(b);
    opt.filter = is_not_north;
    opt.filter_ctx = &asked;
    assert_nearest(b, 0, 1, 3, &opt, "east west south");
    assert_true(asked > 0);
    opt = search_options();
    opt.candidates = candidates;
    opt.candidate_count = LENGTH(candidates);
    assert_nearest(b, 0.1f, 1, 3, &opt, "east west");
    opt.candidate_count = 0;
    assert_nearest(b, 0.1f, 1, 3, &opt, "");
    opt = search_options();
    opt.max_distance = 1.001f;
    assert_nearest(b, 0, 1, 4, &opt, "north east west");
    opt = search_options();
    opt.exact = true;
    assert_nearest(b, 1, 0.1f, 4, &opt, "east north south west");
}

static void vector_snapshots(void **state)
{
    struct store_bench *b = *state;
    char list[STORE_LIST];
    bench_needs_caps(&(struct bench){.engine = b->engine}, MIA_CAP_SNAPSHOT);
    put_four(b);
    mia_txn *before = store_begin(b, MIA_TXN_READ);
    put_2(b, "east", -1, 0);
    put_2(b, "new", 1, 0);
    store_delete(b, MIA_TABLE_EMBEDDINGS, "north");
    search_in(before, (float[]){1, 0.1f}, 2, 9, NULL, list);
    assert_string_equal(list, "east north south west");
    mia_txn_abort(before);
    assert_nearest(b, 1, 0.1f, 9, NULL, "new south east west");
}

/* What a transaction has written it finds, whatever becomes of it. */
static void vector_own_writes(void **state)
{
    struct store_bench *b = *state;
    char list[STORE_LIST];
    float own[] = {1, 0};
    put_2(b, "north", 0, 1);
    mia_txn *txn = store_begin(b, MIA_TXN_WRITE);
    struct mia_record record = {
        MIA_KIND_EMBEDDING,
        {.embedding = {.id = MIA_STR("own"), .vector = {own, 2}, .model = MIA_STR("m")}}};
    OK(mia_put(txn, &record, ERR));
    search_in(txn, own, 2, 9, NULL, list);
    assert_string_equal(list, "own north");
    mia_txn_abort(txn);
    assert_nearest(b, 1, 0, 9, NULL, "north");
}

static void vector_long_ids(void **state)
{
    enum { LONG = 3000 };
    struct store_bench *b = *state;
    static char ids[2][LONG + 1];
    struct mia_hit hits[2];
    size_t found;
    for (int i = 0; i < 2; i++) {
        memset(ids[i], 'i', LONG);
        ids[i][LONG - 1] = (char)('a' + i);
        put_2(b, ids[i], 1, 0);
    }
    mia_txn *txn = store_begin(b, MIA_TXN_READ);
    OK(mia_search(txn, (float[]){1, 0}, 2, 2, NULL, hits, &found, ERR));
    assert_int_equal(found, 2);
    assert_str(hits[0].embedding_id, ids[0]);
    assert_str(hits[1].embedding_id, ids[1]);
    mia_txn_abort(txn);
    store_delete(b, MIA_TABLE_EMBEDDINGS, ids[0]);
    assert_index_sound(b, 0);
}

static void vector_damage(void **state)
{
    struct store_bench *b = *state;
    struct mia_index_report report = {.struct_size = sizeof report};
    mia_tree tree;
    put_2(b, "a", 1, 0);
    put_2(b, "b", 0, 1);
    mia_txn *txn = store_begin(b, MIA_TXN_WRITE);
    OK(mia_tree_open(txn, MIA_BYTES("embeddings"), 0, &tree, ERR));
    OK(mia_kv_put(txn, tree, MIA_BYTES("a"), MIA_BYTES("\xff\xff\xff"), 0, ERR));
    OK(mia_txn_commit(txn, ERR));
    assert_nearest(b, 1, 0, 3, NULL, "b");
    OK(mia_index_check(b->store, NULL, NULL, &report, ERR));
    assert_int_equal(report.damaged, 1);
    assert_int_equal(report.vectors, 1);
}

/* An id without its vector, a vector without its id. */
static void vector_index_is_mended(void **state)
{
    struct store_bench *b = *state;
    struct mia_index_report report = {.struct_size = sizeof report};
    mia_tree tree;
    bench_needs(b->engine->ops->index_layout == MIA_INDEX_MULTI);
    put_2(b, "a", 1, 0);
    put_2(b, "b", 0, 1);
    put_2(b, "c", 1, 1);
    mia_txn *txn = store_begin(b, MIA_TXN_WRITE);
    OK(mia_tree_open(txn, MIA_BYTES("vec_ids"), 0, &tree, ERR));
    OK(mia_kv_del(txn, tree, MIA_BYTES("a"), NULL, ERR));
    OK(mia_tree_open(txn, MIA_BYTES("embeddings"), 0, &tree, ERR));
    OK(mia_kv_del(txn, tree, MIA_BYTES("b"), NULL, ERR));
    OK(mia_txn_commit(txn, ERR));
    OK(mia_index_check(b->store, NULL, NULL, &report, ERR));
    assert_int_equal(report.vectors, 2);
    assert_int_equal(report.entries, 5);
    assert_int_equal(report.missing, 2); /* both of a: its key says nothing without its id */
    assert_int_equal(report.stale, 3);   /* the key of a, both of b */
    OK(mia_index_rebuild(b->store, NULL, NULL, &report, ERR));
    assert_int_equal(report.entries, 4);
    assert_index_sound(b, 0);
    assert_nearest(b, 1, 0, 3, NULL, "a c");
}

static void vector_without_index(void **state)
{
    struct store_bench *b = *state;
    struct mia_store_options without = {.struct_size = sizeof without, .without_indexes = true};
    struct mia_search_options exact = search_options();
    struct mia_hit hit;
    size_t found;
    bench_needs(b->engine->persists);
    store_close(b);
    test_folder_remove(b->path);
    store_open(b, &without);
    put_2(b, "a", 1, 0);
    exact.exact = true;
    assert_nearest(b, 1, 0, 1, &exact, "a");
    mia_txn *txn = store_begin(b, MIA_TXN_READ);
    if (b->engine->ops->index_layout == MIA_INDEX_MULTI)
        ANSWERS(mia_search(txn, (float[]){1, 0}, 2, 1, NULL, &hit, &found, ERR),
                MIA_ERR_UNSUPPORTED);
    mia_txn_abort(txn);
}

static void vector_survives_reopen(void **state)
{
    struct store_bench *b = *state;
    put_four(b);
    store_reopen(b);
    assert_nearest(b, 1, 0.1f, 4, NULL, "east north south west");
}

struct engine_cases cases_of_searching(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(vector_order),      CASE(vector_remove),          CASE(vector_dimensions),
        CASE(vector_models),     CASE(vector_choices),         CASE(vector_snapshots),
        CASE(vector_own_writes), CASE(vector_survives_reopen), CASE(vector_long_ids),
        CASE(vector_damage),     CASE(vector_index_is_mended), CASE(vector_without_index),
    };
    return CASES(cases);
}

/* ---- what MIA did wrong */

/* After every restart its index was empty. */
static void d12(void **state)
{
    vector_survives_reopen(state);
}

/* A replaced vector was found twice, and after its deletion still. */
static void d22(void **state)
{
    struct store_bench *b = *state;
    put_2(b, "v", 1, 0);
    put_2(b, "v", 0, 1);
    put_2(b, "w", 1, 0.5f);
    assert_nearest(b, 0, 1, 9, NULL, "v w");
    store_delete(b, MIA_TABLE_EMBEDDINGS, "v");
    assert_nearest(b, 0, 1, 9, NULL, "w");
}

/* A query of another dimension panicked with a lock in its hands: nothing worked any more. */
static void d23(void **state)
{
    struct store_bench *b = *state;
    struct mia_hit hit;
    size_t found;
    put_four(b);
    mia_txn *txn = store_begin(b, MIA_TXN_READ);
    ANSWERS(mia_search(txn, (float[]){1, 0, 0}, 3, 1, NULL, &hit, &found, ERR), MIA_ERR_INVALID);
    assert_int_equal(found, 0);
    assert_non_null(strstr(test_error.message, "3 floats"));
    assert_non_null(strstr(test_error.message, "have 2"));
    mia_txn_abort(txn);
    put_vector(b, "other", "m", (float[]){1, 0, 0}, 3); /* beside the others */
    assert_nearest(b, 1, 0.1f, 1, NULL, "east");
    txn = store_begin(b, MIA_TXN_READ);
    OK(mia_search(txn, (float[]){1, 0, 0}, 3, 1, NULL, &hit, &found, ERR));
    assert_int_equal(found, 1);
    mia_txn_abort(txn);
}

/* Vectors of zeros were nearest to everything. */
static void d24(void **state)
{
    struct store_bench *b = *state;
    struct mia_hit hit;
    size_t found;
    struct mia_index_report report = {.struct_size = sizeof report};
    put_2(b, "zero", 0, 0);
    put_2(b, "nan", NAN, 1);
    put_2(b, "far", -1, 0);
    assert_nearest(b, 1, 0, 9, NULL, "far");
    put_2(b, "far", INFINITY, 0);
    assert_nearest(b, 1, 0, 9, NULL, "");
    mia_txn *txn = store_begin(b, MIA_TXN_READ);
    ANSWERS(mia_search(txn, (float[]){0, 0}, 2, 1, NULL, &hit, &found, ERR), MIA_ERR_INVALID);
    ANSWERS(mia_search(txn, (float[]){NAN, 0}, 2, 1, NULL, &hit, &found, ERR), MIA_ERR_INVALID);
    mia_txn_abort(txn);
    OK(mia_index_check(b->store, NULL, NULL, &report, ERR));
    assert_int_equal(report.vectors, 0);
    assert_int_equal(report.vectors_skipped, 3);
}

/* The search asked a layer that was never filled, and believed its empty answer. */
static void d25(void **state)
{
    struct store_bench *b = *state;
    put_four(b);
    assert_nearest(b, 1, 0, 1, NULL, "east");
    put_2(b, "a", 1, 0); /* and kept it */
    assert_nearest(b, 1, 0, 1, NULL, "a");
}

struct engine_cases cases_of_search_defects(void)
{
    static const struct CMUnitTest cases[] = {CASE(d12), CASE(d22), CASE(d23), CASE(d24),
                                              CASE(d25)};
    return CASES(cases);
}
