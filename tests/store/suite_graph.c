/* suite_graph.c - the nearest embeddings, where so many are there that a graph is asked */
#include "mia/search.h"
#include "store/search_suite.h"
#include "store/store.h"
#include "store/vectors.h"
#include "vector/cloud.h"

#include <stdio.h>
#include <stdlib.h>

enum { MANY = 1500, FEW = 100, DIMENSION = 32, ASKED = 40, K = 10 };

static void name_of(char name[12], size_t i)
{
    snprintf(name, 12, "v%05d", (int)i);
}

static void put_rows(struct store_bench *b, const struct cloud *cloud, size_t from, size_t end)
{
    mia_txn *txn = store_begin(b, MIA_TXN_WRITE);
    for (size_t i = from; i < end; i++) {
        char id[12];
        name_of(id, i);
        struct mia_record record = {
            MIA_KIND_EMBEDDING,
            {.embedding = {
                 .id = mia_str_of(id),
                 .vector = {(const float *)(const void *)cloud_at(cloud, i).data, cloud->dimension},
                 .model = MIA_STR("m")}}};
        OK(mia_put(txn, &record, ERR));
    }
    OK(mia_txn_commit(txn, ERR));
}

static void delete_every(struct store_bench *b, size_t step, size_t end)
{
    mia_txn *txn = store_begin(b, MIA_TXN_WRITE);
    for (size_t i = 0; i < end; i += step) {
        char id[12];
        name_of(id, i);
        OK(mia_delete(txn, MIA_TABLE_EMBEDDINGS, mia_str_of(id), 0, NULL, ERR));
    }
    OK(mia_txn_commit(txn, ERR));
}

/* Of all hits of all queries, the part that the exact search finds too. What is found must be
 * there, each once, with the distance that it has. */
static double recall(struct store_bench *b, mia_txn *txn, const struct cloud *cloud)
{
    size_t right = 0, all = 0;
    struct mia_search_options exact = search_options();
    (void)b;
    exact.exact = true;
    for (size_t q = 0; q < ASKED; q++) {
        struct mia_hit near[K], truth[K];
        size_t near_count, truth_count;
        const float *query =
            (const float *)(const void *)cloud_at(cloud, q * cloud->count / ASKED).data;
        OK(mia_search(txn, query, cloud->dimension, K, NULL, near, &near_count, ERR));
        OK(mia_search(txn, query, cloud->dimension, K, &exact, truth, &truth_count, ERR));
        assert_int_equal(near_count, truth_count);
        all += truth_count;
        for (size_t i = 0; i < near_count; i++)
            for (size_t j = 0; j < truth_count; j++)
                if (mia_slice_equal(
                        (mia_slice){near[i].embedding_id.data, near[i].embedding_id.size},
                        (mia_slice){truth[j].embedding_id.data, truth[j].embedding_id.size})) {
                    assert_true(near[i].distance == truth[j].distance);
                    right++;
                }
    }
    return (double)right / (double)all;
}

static void assert_recall(struct store_bench *b, const struct cloud *cloud)
{
    mia_txn *txn = store_begin(b, MIA_TXN_READ);
    double before = recall(b, txn, cloud); /* whatever the graph has by now */
    mia__vectors_settle(b->store->vectors);
    double after = recall(b, txn, cloud);
    mia_txn_abort(txn);
    assert_true(before >= 0.97);
    assert_true(after >= 0.97);
}

static struct cloud put_many(struct store_bench *b)
{
    struct test_random r = {test_seed()};
    struct cloud cloud = cloud_make(&r, cloud_scaled(MANY), DIMENSION, 40);
    b->store->few_vectors = FEW;
    put_rows(b, &cloud, 0, cloud.count);
    return cloud;
}

static void vector_graph(void **state)
{
    struct store_bench *b = *state;
    struct cloud cloud = put_many(b);
    assert_recall(b, &cloud);
    put_rows(b, &cloud, 0, 50); /* unchanged: they keep their keys */
    delete_every(b, 7, cloud.count);
    assert_recall(b, &cloud);
    put_rows(b, &cloud, 0, cloud.count / 3); /* some come back, with new keys */
    assert_recall(b, &cloud);
    assert_index_sound(b, 0);
    cloud_free(&cloud);
}

/* So many are gone that the graph is made anew. */
static void vector_graph_worn_out(void **state)
{
    struct store_bench *b = *state;
    struct cloud cloud = put_many(b);
    assert_recall(b, &cloud);
    for (size_t i = 0; i < cloud.count * 3 / 8; i++) { /* all of them get other vectors */
        char id[12];
        name_of(id, i);
        if (i % 2 == 0)
            continue;
        put_vector(b, id, "m",
                   (const float *)(const void *)cloud_at(&cloud, cloud.count - 1 - i).data,
                   DIMENSION);
    }
    for (int i = 0; i < 4; i++)
        assert_recall(b, &cloud);
    cloud_free(&cloud);
}

static bool is_even(void *ctx, mia_str id)
{
    (void)ctx;
    return (id.data[id.size - 1] - '0') % 2 == 0;
}

static bool is_one_in_a_thousand(void *ctx, mia_str id)
{
    (void)ctx;
    return memcmp(id.data + id.size - 3, "500", 3) == 0;
}

static void vector_graph_filter(void **state)
{
    struct store_bench *b = *state;
    struct cloud cloud = put_many(b);
    const float *query = (const float *)(const void *)cloud_at(&cloud, 17).data;
    struct mia_search_options opt = search_options();
    struct mia_hit hits[K];
    size_t found;
    assert_recall(b, &cloud);
    mia_txn *txn = store_begin(b, MIA_TXN_READ);
    opt.filter = is_even;
    OK(mia_search(txn, query, DIMENSION, K, &opt, hits, &found, ERR));
    assert_int_equal(found, K);
    for (size_t i = 0; i < found; i++)
        assert_true(is_even(NULL, hits[i].embedding_id));
    opt.filter = is_one_in_a_thousand; /* rarer than a graph can tell */
    OK(mia_search(txn, query, DIMENSION, K, &opt, hits, &found, ERR));
    assert_int_equal(found, (cloud.count + 499) / 1000);
    mia_txn_abort(txn);
    cloud_free(&cloud);
}

struct nested {
    struct store_bench *b;
    const float *query;
    unsigned failed;
};

/* A search of its own, while the graph is being added to. */
static bool searches_itself(void *ctx, mia_str id)
{
    struct nested *nested = ctx;
    struct mia_hit hits[K];
    size_t found = 0;
    mia_txn *txn;
    (void)id;
    if (mia_store_begin(nested->b->store, MIA_TXN_READ, &txn, NULL) == MIA_OK) {
        mia_search(txn, nested->query, DIMENSION, K, NULL, hits, &found, NULL);
        mia_txn_abort(txn);
    }
    nested->failed += found != K;
    return true;
}

static bool is_twice(const struct mia_hit *hits, size_t count)
{
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < i; j++)
            if (mia_slice_equal((mia_slice){hits[i].embedding_id.data, hits[i].embedding_id.size},
                                (mia_slice){hits[j].embedding_id.data, hits[j].embedding_id.size}))
                return true;
    return false;
}

/* While the graph catches up with many changes, nothing is found twice; and no lock is held while a
 * filter runs. */
static void vector_graph_while_it_grows(void **state)
{
    enum { ROUNDS = 2400, ROWS = 20 };
    struct store_bench *b = *state;
    struct test_random r = {test_seed()};
    struct mia_hit hits[K];
    size_t found;
    bench_needs((b->engine->ops->caps & MIA_CAP_SNAPSHOT) != 0);
    struct cloud cloud = put_many(b);
    assert_recall(b, &cloud);
    for (size_t round = 0; round < cloud_scaled(ROUNDS); round++) {
        size_t from = test_below(&r, cloud.count - ROWS);
        struct nested nested = {b, (const float *)cloud_at(&cloud, from).data, 0};
        struct mia_search_options opt = search_options();
        opt.filter = round % 50 == 0 ? searches_itself : NULL;
        opt.filter_ctx = &nested;
        for (size_t i = from; i < from + ROWS; i++) /* another direction, so another vector */
            cloud.floats[i * DIMENSION + round % DIMENSION] += 0.01f;
        put_rows(b, &cloud, from, from + ROWS);
        mia_txn *txn = store_begin(b, MIA_TXN_READ);
        OK(mia_search(txn, nested.query, DIMENSION, K, &opt, hits, &found, ERR));
        assert_int_equal(found, K);
        assert_int_equal(nested.failed, 0);
        assert_false(is_twice(hits, found));
        mia_txn_abort(txn);
    }
    cloud_free(&cloud);
}

static void vector_graph_snapshots(void **state)
{
    struct store_bench *b = *state;
    bench_needs_caps(&(struct bench){.engine = b->engine}, MIA_CAP_SNAPSHOT);
    struct cloud cloud = put_many(b);
    assert_recall(b, &cloud);
    mia_txn *before = store_begin(b, MIA_TXN_READ);
    delete_every(b, 3, cloud.count);
    put_vector(b, "new", "m", (const float *)(const void *)cloud_at(&cloud, 0).data, DIMENSION);
    assert_recall(b, &cloud); /* the graph knows of both now */
    assert_true(recall(b, before, &cloud) >= 0.97);
    struct mia_hit hit;
    size_t found;
    OK(mia_search(before, (const float *)(const void *)cloud_at(&cloud, 0).data, DIMENSION, 1, NULL,
                  &hit, &found, ERR));
    assert_str(hit.embedding_id, "v00000");
    mia_txn_abort(before);
    cloud_free(&cloud);
}

static void files_of(const struct store_bench *b, char path[TEST_PATH])
{
    test_path(path, b->path, "vectors/1.ann");
}

static void reopen_with_few(struct store_bench *b)
{
    store_reopen(b);
    b->store->few_vectors = FEW;
}

/* A file is used, or it is not there, or damaged, or of another database: the answers are right. */
static void vector_files(void **state)
{
    struct store_bench *b = *state;
    char path[TEST_PATH];
    size_t size;
    bench_needs(b->engine->persists && b->engine->ops->index_layout == MIA_INDEX_MULTI);
    struct cloud cloud = put_many(b);
    files_of(b, path);
    assert_recall(b, &cloud);
    assert_false(test_exists(path));
    reopen_with_few(b);
    assert_true(test_exists(path));
    assert_recall(b, &cloud);
    put_rows(b, &cloud, 0, 1); /* unchanged */
    delete_every(b, 9, cloud.count);
    reopen_with_few(b);
    assert_recall(b, &cloud);
    uint8_t *bytes = test_file_read(path, &size);
    for (int i = 0; i < 6; i++) {
        store_close(b);
        bytes[size * (size_t)i / 6] ^= 16;
        test_file_write(path, bytes, i == 5 ? size / 2 : size);
        store_open(b, NULL);
        b->store->few_vectors = FEW;
        assert_recall(b, &cloud);
    }
    free(bytes);
    store_close(b);
    test_folder_remove(path);
    store_open(b, NULL);
    b->store->few_vectors = FEW;
    assert_recall(b, &cloud);
    cloud_free(&cloud);
}

static void vector_rebuild(void **state)
{
    struct store_bench *b = *state;
    struct mia_index_report report = {.struct_size = sizeof report};
    struct cloud cloud = put_many(b);
    assert_recall(b, &cloud);
    OK(mia_index_rebuild(b->store, NULL, NULL, &report, ERR));
    assert_int_equal(report.vectors, cloud.count);
    assert_index_sound(b, 0);
    assert_recall(b, &cloud);
    assert_recall(b, &cloud);
    cloud_free(&cloud);
}

/* ---- threads */

static void read_or_write(struct store_worker *w)
{
    struct store_bench *b = w->crew->b;
    struct test_random r = {(uint64_t)w->number + 1};
    for (int i = 0; i < 60; i++) {
        float vector[DIMENSION];
        struct mia_hit hits[K];
        size_t found;
        mia_txn *txn;
        for (size_t j = 0; j < DIMENSION; j++)
            vector[j] = (float)test_below(&r, 2000) - 1000;
        bool is_writer = w->number == 0;
        mia_status rc =
            mia_store_begin(b->store, is_writer ? MIA_TXN_WRITE : MIA_TXN_READ, &txn, NULL);
        crew_note(w, rc == MIA_OK);
        if (rc != MIA_OK)
            return;
        struct mia_record record = {MIA_KIND_EMBEDDING,
                                    {.embedding = {.id = MIA_STR("v00001"),
                                                   .vector = {vector, DIMENSION},
                                                   .model = MIA_STR("m")}}};
        if (is_writer)
            crew_note(w, mia_put(txn, &record, NULL) == MIA_OK);
        rc = mia_search(txn, vector, DIMENSION, K, NULL, hits, &found, NULL);
        crew_note(w, rc == MIA_OK && found == K);
        if (is_writer)
            crew_note(w, mia_txn_commit(txn, NULL) == MIA_OK);
        else
            mia_txn_abort(txn);
    }
}

static void vector_threads(void **state)
{
    struct store_bench *b = *state;
    struct cloud cloud = put_many(b);
    crew_run(b, read_or_write);
    cloud_free(&cloud);
}

struct engine_cases cases_of_graphs(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(vector_graph),           CASE(vector_graph_worn_out),
        CASE(vector_graph_filter),    CASE(vector_graph_while_it_grows),
        CASE(vector_graph_snapshots), CASE(vector_files),
        CASE(vector_rebuild),         CASE(vector_threads),
    };
    return CASES(cases);
}
