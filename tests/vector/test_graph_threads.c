/* vector/test_graph_threads.c - searches while points are added, buried and saved; more searches at
 * once than there are places. What TSan says about it counts as much as the answers. */
#include "vector/graph.h"

#include "support/check.h"
#include "vector/cloud.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

enum { K = 10, DIMENSION = 32, SEARCHERS = 4, CROWD = MIA__GRAPH_SEARCHES + 16 };

struct play {
    struct mia__graph *graph;
    struct cloud cloud;
    atomic_uint_fast64_t added; /* keys up to here are surely in */
    atomic_bool is_over;
    /* cmocka's assertions belong to the main thread */
    atomic_uint searches, wrong;
    atomic_uint missed; /* points that were looked for where they are: a graph may miss some */
};

static bool is_odd(void *ctx, uint64_t key)
{
    (void)ctx;
    return key % 2 == 1;
}

/* One search at a vector that is in: it is to be found, unless it was buried. (A row that 4 divides
 * has an odd key, which passes the filter.) */
static void search_once(struct play *play, struct test_random *r)
{
    uint64_t added = atomic_load(&play->added);
    if (added == 0)
        return;
    size_t row = test_below(r, added);
    struct mia__hit hits[K];
    size_t found;
    struct mia__graph_query query = {
        .vector = cloud_at(&play->cloud, row), .k = K, .filter = row % 4 == 0 ? is_odd : NULL};
    bool is_right = mia__graph_search(play->graph, &query, hits, &found, NULL) == MIA_OK;
    for (size_t i = 1; i < found && is_right; i++)
        is_right = mia__hit_order(&hits[i - 1], &hits[i], NULL, NULL) < 0;
    for (size_t i = 0; i < found && query.filter != NULL && is_right; i++)
        is_right = hits[i].key % 2 == 1;
    bool has_itself = false; /* keys divisible by 8 are the ones that get buried */
    for (size_t i = 0; i < found; i++)
        has_itself = has_itself || hits[i].key == row + 1;
    atomic_fetch_add(&play->missed, (row + 1) % 8 != 0 && !has_itself);
    atomic_fetch_add(&play->searches, 1);
    atomic_fetch_add(&play->wrong, !is_right);
}

static void *search_all_the_time(void *at)
{
    struct play *play = at;
    struct test_random r = {(uint64_t)(uintptr_t)&r};
    while (!atomic_load(&play->is_over))
        search_once(play, &r);
    return NULL;
}

static void *save_all_the_time(void *at)
{
    struct play *play = at;
    struct mia__buf bytes = {0};
    struct mia__graph_stat saved, stat;
    while (!atomic_load(&play->is_over)) {
        uint64_t added = atomic_load(&play->added);
        mia_status rc = mia__graph_save(play->graph, &bytes, &saved, NULL);
        mia__graph_stat(play->graph, &stat);
        bool is_right = rc == MIA_OK && saved.applied == saved.points && saved.applied >= added &&
                        stat.applied >= saved.applied;
        struct mia__graph *loaded = NULL;
        struct mia__graph_shape shape = {.dimension = DIMENSION};
        if (is_right)
            is_right = mia__graph_load(&shape, mia__buf_slice(&bytes), saved.applied, saved.points,
                                       &loaded, NULL) == MIA_OK;
        mia__graph_free(loaded);
        atomic_fetch_add(&play->wrong, !is_right);
    }
    mia__buf_free(&bytes);
    return NULL;
}

static void *search_a_few_times(void *at)
{
    struct play *play = at;
    struct test_random r = {(uint64_t)(uintptr_t)&r};
    for (int i = 0; i < 20; i++)
        search_once(play, &r);
    return NULL;
}

static void make(struct play *play, size_t count)
{
    struct test_random r = {test_seed()};
    struct mia__graph_shape shape = {.dimension = DIMENSION};
    memset(play, 0, sizeof *play);
    play->cloud = cloud_make(&r, count, DIMENSION, 50);
    OK(mia__graph_create(&shape, &play->graph, ERR));
}

static void add(struct play *play, size_t from, size_t count)
{
    struct mia__graph_point points[100];
    size_t skipped;
    assert_true(count <= LENGTH(points));
    for (size_t i = 0; i < count; i++)
        points[i] = (struct mia__graph_point){from + i + 1, cloud_at(&play->cloud, from + i)};
    OK(mia__graph_add(play->graph, points, count, &skipped, ERR));
    atomic_store(&play->added, from + count);
}

static void searches_go_on_while_one_adds(void **state)
{
    (void)state;
    struct play play;
    pthread_t threads[SEARCHERS + 1];
    size_t count = cloud_scaled(8000);
    make(&play, count);
    for (size_t i = 0; i < LENGTH(threads); i++)
        assert_int_equal(pthread_create(&threads[i], NULL,
                                        i < SEARCHERS ? search_all_the_time : save_all_the_time,
                                        &play),
                         0);
    for (size_t from = 0; from < count; from += 100) {
        add(&play, from, count - from < 100 ? count - from : 100);
        for (uint64_t key = from + 1; key <= from + 100; key++)
            if (key % 8 == 0)
                OK(mia__graph_bury(play.graph, key, ERR));
    }
    atomic_store(&play.is_over, true);
    for (size_t i = 0; i < LENGTH(threads); i++)
        pthread_join(threads[i], NULL);
    print_message("%u searches while %zu points were added\n", atomic_load(&play.searches), count);
    assert_int_equal(atomic_load(&play.wrong), 0);
    assert_true(atomic_load(&play.searches) > 0);
    assert_true(atomic_load(&play.missed) <= atomic_load(&play.searches) / 100);
    mia__graph_free(play.graph);
    cloud_free(&play.cloud);
}

static void more_searches_than_places(void **state)
{
    (void)state;
    struct play play;
    pthread_t threads[CROWD];
    make(&play, 500);
    for (size_t from = 0; from < 500; from += 100)
        add(&play, from, 100);
    for (size_t i = 0; i < CROWD; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, search_a_few_times, &play), 0);
    for (size_t i = 0; i < CROWD; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(atomic_load(&play.searches), CROWD * 20);
    assert_int_equal(atomic_load(&play.wrong), 0);
    mia__graph_free(play.graph);
    cloud_free(&play.cloud);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(searches_go_on_while_one_adds),
        cmocka_unit_test(more_searches_than_places),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
