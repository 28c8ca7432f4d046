/* vector/test_sentences.c - the graph against the exact search over embeddings of real sentences,
 * which lie otherwise than random points around centres do */
#include "vector/graph.h"

#include "support/check.h"
#include "vector/exact.h"
#include "vector/sentences.h"

#include <stdlib.h>

enum { K = 10 };

static struct sentences sentences;
static struct mia__graph *graph;

static mia_floats row(const float *of, size_t i)
{
    mia_floats v = {of + i * SENTENCE_DIMENSION, SENTENCE_DIMENSION};
    return v;
}

/* Sentence i has key i + 1. */
static int make_graph(void **state)
{
    (void)state;
    assert_true(sentences_read(&sentences, MIA_TEST_FIXTURES "/sentences/sentences.i8"));
    struct mia__graph_shape shape = {.dimension = SENTENCE_DIMENSION};
    struct mia__graph_point *points = calloc(SENTENCES, sizeof *points);
    size_t skipped = 1;
    assert_non_null(points);
    for (size_t i = 0; i < SENTENCES; i++)
        points[i] = (struct mia__graph_point){i + 1, row(sentences.base, i)};
    OK(mia__graph_create(&shape, &graph, ERR));
    OK(mia__graph_add(graph, points, SENTENCES, &skipped, ERR));
    assert_int_equal(skipped, 0);
    free(points);
    return 0;
}

static int free_graph(void **state)
{
    (void)state;
    mia__graph_free(graph);
    free(sentences.base);
    free(sentences.queries);
    return 0;
}

/* Three of ten, without a pattern that the order of the sentences could have too. */
static bool is_kept(void *ctx, uint64_t key)
{
    (void)ctx;
    return (key * UINT64_C(0x9e3779b97f4a7c15)) >> 32 >= UINT64_C(0x4ccccccc);
}

static bool is_any(void *ctx, uint64_t key)
{
    (void)ctx, (void)key;
    return true;
}

/* The exact answers to all queries, out of the keys that the filter lets through. */
static void find_exactly(mia__graph_filter *filter, struct mia__hit hits[SENTENCE_QUERIES][K])
{
    for (size_t i = 0; i < SENTENCE_QUERIES; i++) {
        struct mia__exact exact;
        size_t found;
        OK(mia__exact_begin(&exact, row(sentences.queries, i), K, NULL, NULL, ERR));
        for (size_t j = 0; j < SENTENCES; j++)
            if (filter(NULL, j + 1))
                OK(mia__exact_offer(&exact, j + 1, row(sentences.base, j), ERR));
        const struct mia__hit *best = mia__exact_end(&exact, &found);
        assert_int_equal(found, K);
        memcpy(hits[i], best, sizeof hits[i]);
        mia__exact_free(&exact);
    }
}

static size_t count_common(const struct mia__hit *a, size_t n, const struct mia__hit *b, size_t m)
{
    size_t common = 0;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < m; j++)
            common += a[i].key == b[j].key;
    return common;
}

/* The part of the exact answers that the graph finds too. Width 0 is the default. */
static double recall(size_t width, mia__graph_filter *filter, struct mia__hit exact[][K])
{
    size_t common = 0;
    for (size_t i = 0; i < SENTENCE_QUERIES; i++) {
        struct mia__graph_query query = {
            .vector = row(sentences.queries, i), .k = K, .width = width, .filter = filter};
        struct mia__hit hits[K];
        size_t found;
        OK(mia__graph_search(graph, &query, hits, &found, ERR));
        assert_int_equal(found, K);
        common += count_common(hits, found, exact[i], K);
    }
    return (double)common / (SENTENCE_QUERIES * K);
}

static void print_widths(const char *what, mia__graph_filter *filter, struct mia__hit exact[][K])
{
    static const size_t widths[] = {10, 20, 30, 50, 64, 80, 100, 150, 200};
    print_message("recall@%d %s, by width:", K, what);
    for (size_t i = 0; i < LENGTH(widths); i++)
        print_message(" %zu: %.4f", widths[i], recall(widths[i], filter, exact));
    print_message("\n");
}

static void finds_what_is_near(void **state)
{
    (void)state;
    static struct mia__hit exact[SENTENCE_QUERIES][K];
    find_exactly(is_any, exact);
    print_widths("of all", NULL, exact);
    assert_true(recall(0, NULL, exact) >= 0.99);
}

static void finds_what_a_filter_lets_through(void **state)
{
    (void)state;
    static struct mia__hit exact[SENTENCE_QUERIES][K];
    find_exactly(is_kept, exact);
    print_widths("through a filter", is_kept, exact);
    assert_true(recall(0, is_kept, exact) >= 0.99);
}

/* The last one: nothing brings the buried back. */
static void finds_what_is_not_buried(void **state)
{
    (void)state;
    static struct mia__hit exact[SENTENCE_QUERIES][K];
    struct mia__graph_stat stat;
    for (uint64_t key = 1; key <= SENTENCES; key++)
        if (!is_kept(NULL, key))
            OK(mia__graph_bury(graph, key, ERR));
    mia__graph_stat(graph, &stat);
    print_message("%zu of %d buried\n", (size_t)stat.buried, SENTENCES);
    assert_true(stat.buried > 3 * SENTENCES / 10 - 100 && stat.buried < 3 * SENTENCES / 10 + 100);
    find_exactly(is_kept, exact);
    print_widths("of the rest", NULL, exact);
    assert_true(recall(0, NULL, exact) >= 0.99);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_what_is_near),
        cmocka_unit_test(finds_what_a_filter_lets_through),
        cmocka_unit_test(finds_what_is_not_buried),
    };
    return cmocka_run_group_tests(tests, make_graph, free_graph);
}
