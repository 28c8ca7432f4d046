/*
 * bench_vector.c - the vector graph against the library it is made of, and the exact scan
 *
 *   bench_vector [POINTS [DIMENSION [ROUNDS]]]
 *
 * The same clustered vectors (20,000 of 384 floats) for all, one thread, interleaved rounds. The
 * peer is usearch through mia_ann_* alone: no locks, no room ahead, no order of equals. What our
 * side adds has to be nothing. The search also says how many of the exact 10 nearest it found.
 */
#include "mia_native.h"
#include "rounds.h"
#include "vector/exact.h"
#include "vector/graph.h"

#include <stdio.h>
#include <stdlib.h>

enum { K = 10, WIDTH = 50, QUERIES = 200, CLUSTERS = 200 };

struct bench {
    size_t points, dimension;
    float *vectors, *queries;
    struct mia__graph *graph;
    void *ann;
    size_t near_enough; /* of the answers to all queries */
    struct mia__hit exact[QUERIES][K];
    struct mia_error err;
};

static void check(mia_status rc, const struct bench *b)
{
    if (rc != MIA_OK)
        die("%s", b->err.message);
}

// ---------------------------------------------------------------- vectors

static uint64_t state = 1;

static float wobble(void)
{
    double sum = 0;
    for (int i = 0; i < 6; i++) {
        state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        sum += (double)(state >> 33) / (double)(UINT64_C(1) << 31) - 0.5;
    }
    return (float)(sum * 1.4142135623730951);
}

static float *make_vectors(const float *centres, size_t count, size_t dimension)
{
    float *to = malloc(count * dimension * sizeof *to);
    if (to == NULL)
        die("no memory for %zu vectors", count);
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < dimension; j++)
            to[i * dimension + j] = centres != NULL
                                        ? centres[i * 7919 % CLUSTERS * dimension + j] + wobble()
                                        : wobble();
    return to;
}

static mia_floats row(const struct bench *b, const float *of, size_t i)
{
    mia_floats v = {of + i * b->dimension, b->dimension};
    return v;
}

// ---------------------------------------------------------------- adding

static void drop_graph(void *ctx)
{
    struct bench *b = ctx;
    mia__graph_free(b->graph);
    b->graph = NULL;
}

static double add_to_graph(void *ctx)
{
    struct bench *b = ctx;
    struct mia__graph_shape shape = {.dimension = (uint32_t)b->dimension};
    double began = now_seconds();
    check(mia__graph_create(&shape, &b->graph, &b->err), b);
    for (size_t i = 0; i < b->points; i++) {
        struct mia__graph_point point = {i + 1, row(b, b->vectors, i)};
        size_t skipped;
        check(mia__graph_add(b->graph, &point, 1, &skipped, &b->err), b);
    }
    return now_seconds() - began;
}

static void drop_ann(void *ctx)
{
    struct bench *b = ctx;
    mia_ann_free(b->ann);
    b->ann = NULL;
}

static double add_to_ann(void *ctx)
{
    struct bench *b = ctx;
    double began = now_seconds();
    check(mia_ann_create((uint32_t)b->dimension, MIA__GRAPH_NEIGHBOURS, MIA__GRAPH_WIDTH_ADD, 1,
                         &b->ann, &b->err),
          b);
    check(mia_ann_reserve(b->ann, b->points, &b->err), b);
    for (size_t i = 0; i < b->points; i++)
        check(mia_ann_add(b->ann, i + 1, b->vectors + i * b->dimension, b->dimension, &b->err), b);
    return now_seconds() - began;
}

// ---------------------------------------------------------------- searching

static size_t common(const struct mia__hit *exact, const uint64_t *keys, size_t found)
{
    size_t n = 0;
    for (size_t i = 0; i < K; i++)
        for (size_t j = 0; j < found; j++)
            n += exact[i].key == keys[j];
    return n;
}

static double search_graph(void *ctx)
{
    struct bench *b = ctx;
    double seconds = 0;
    b->near_enough = 0;
    for (size_t i = 0; i < QUERIES; i++) {
        struct mia__graph_query query = {.vector = row(b, b->queries, i), .k = K, .width = WIDTH};
        struct mia__hit hits[K];
        uint64_t keys[K];
        size_t found;
        double began = now_seconds();
        check(mia__graph_search(b->graph, &query, hits, &found, &b->err), b);
        seconds += now_seconds() - began;
        for (size_t j = 0; j < found; j++)
            keys[j] = hits[j].key;
        b->near_enough += common(b->exact[i], keys, found);
    }
    return seconds;
}

static double search_ann(void *ctx)
{
    struct bench *b = ctx;
    double seconds = 0;
    for (size_t i = 0; i < QUERIES; i++) {
        uint64_t keys[K];
        float distances[K];
        size_t found;
        double began = now_seconds();
        check(mia_ann_search(b->ann, b->queries + i * b->dimension, b->dimension, WIDTH, NULL, NULL,
                             keys, distances, K, &found, &b->err),
              b);
        seconds += now_seconds() - began;
    }
    return seconds;
}

static bool keep_all(void *ctx, uint64_t key)
{
    (void)ctx, (void)key;
    return true;
}

static double search_filtered(void *ctx)
{
    struct bench *b = ctx;
    double seconds = 0;
    for (size_t i = 0; i < QUERIES; i++) {
        struct mia__graph_query query = {
            .vector = row(b, b->queries, i), .k = K, .width = WIDTH, .filter = keep_all};
        struct mia__hit hits[K];
        size_t found;
        double began = now_seconds();
        check(mia__graph_search(b->graph, &query, hits, &found, &b->err), b);
        seconds += now_seconds() - began;
    }
    return seconds;
}

static double scan(void *ctx)
{
    struct bench *b = ctx;
    double began = now_seconds();
    for (size_t i = 0; i < QUERIES / 10; i++) {
        struct mia__exact exact;
        size_t found;
        check(mia__exact_begin(&exact, row(b, b->queries, i), K, NULL, NULL, &b->err), b);
        for (size_t j = 0; j < b->points; j++)
            check(mia__exact_offer(&exact, j + 1, row(b, b->vectors, j), &b->err), b);
        const struct mia__hit *hits = mia__exact_end(&exact, &found);
        memcpy(b->exact[i], hits, found * sizeof *hits);
        mia__exact_free(&exact);
    }
    return now_seconds() - began;
}

static void make_exact(struct bench *b)
{
    for (size_t i = 0; i < QUERIES; i++) {
        struct mia__exact exact;
        size_t found;
        check(mia__exact_begin(&exact, row(b, b->queries, i), K, NULL, NULL, &b->err), b);
        for (size_t j = 0; j < b->points; j++)
            check(mia__exact_offer(&exact, j + 1, row(b, b->vectors, j), &b->err), b);
        const struct mia__hit *hits = mia__exact_end(&exact, &found);
        memcpy(b->exact[i], hits, found * sizeof *hits);
        mia__exact_free(&exact);
    }
}

static size_t argument(int argc, char **argv, int at, size_t otherwise)
{
    return argc > at ? strtoul(argv[at], NULL, 10) : otherwise;
}

int main(int argc, char **argv)
{
    static struct bench b;
    b.points = argument(argc, argv, 1, 20000);
    b.dimension = argument(argc, argv, 2, 384);
    unsigned rounds = (unsigned)argument(argc, argv, 3, 5);
    if (b.points < K || b.dimension == 0 || rounds == 0 || rounds > ROUNDS_MAX)
        die("usage: bench_vector [POINTS [DIMENSION [ROUNDS]]]; at least %d points", K);
    float *centres = make_vectors(NULL, CLUSTERS, b.dimension);
    b.vectors = make_vectors(centres, b.points, b.dimension);
    b.queries = make_vectors(centres, QUERIES, b.dimension);
    machine_print("/");

    struct contender adders[] = {
        {.name = "libmia", .before = drop_graph, .run = add_to_graph, .ctx = &b},
        {.name = "usearch", .before = drop_ann, .run = add_to_ann, .ctx = &b}};
    rounds_run(adders, 2, rounds);
    double points = (double)b.points;
    printf("%zu vectors of %zu floats: median (best)\n", b.points, b.dimension);
    for (size_t i = 0; i < 2; i++)
        printf("%-24s %8.0f (%.0f) adds/s\n", adders[i].name, points / adders[i].median,
               points / adders[i].min);
    make_exact(&b);
    struct contender searchers[] = {
        {.name = "libmia", .run = search_graph, .ctx = &b},
        {.name = "libmia, with a filter", .run = search_filtered, .ctx = &b},
        {.name = "usearch", .run = search_ann, .ctx = &b}};
    rounds_run(searchers, 3, 3 * rounds < ROUNDS_MAX ? 3 * rounds : rounds);
    for (size_t i = 0; i < 3; i++)
        printf("%-24s %8.1f (%.1f) us a search of %d\n", searchers[i].name,
               1e6 * searchers[i].median / QUERIES, 1e6 * searchers[i].min / QUERIES, K);
    printf("%-24s %8.4f\n", "recall", (double)b.near_enough / (QUERIES * K));
    struct contender scanner = {.name = "exact scan", .run = scan, .ctx = &b};
    rounds_run(&scanner, 1, rounds);
    printf("%-24s %8.3f (%.3f) us a vector\n", scanner.name,
           1e6 * scanner.median / (QUERIES / 10) / points,
           1e6 * scanner.min / (QUERIES / 10) / points);
    struct mia__graph_stat stat;
    struct mia__graph_shape shape = {.dimension = (uint32_t)b.dimension};
    mia__graph_stat(b.graph, &stat);
    printf("%-24s %8.0f bytes a point, %.0f stated\n", "memory", (double)stat.bytes / points,
           (double)mia__graph_point_bytes(&shape));
    drop_graph(&b);
    drop_ann(&b);
    free(centres);
    free(b.vectors);
    free(b.queries);
    return 0;
}
