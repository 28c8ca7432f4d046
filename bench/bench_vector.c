/*
 * bench_vector.c - the vector graph against the library it is made of, and the exact scan
 *
 *   bench_vector PEER SENTENCES [POINTS [DIMENSION [ROUNDS]]]
 *
 * Two sets of vectors: POINTS (20,000) clustered ones of DIMENSION (384) floats, none if it is 0;
 * and embeddings of sentences, from that file of tests/fixtures/sentences/. The same vectors for
 * all, one thread, interleaved rounds. PEER is the program bench-usearch: the crate as anyone has
 * it. "usearch, our metric" is mia_ann_* alone: no locks, no room ahead, no order of equals. What
 * our side adds has to be nothing. Each search says how many of the exact 10 nearest it found.
 */
#include "goals.h"
#include "mia_native.h"
#include "pipes.h"
#include "rounds.h"
#include "vector/exact.h"
#include "vector/graph.h"
#include "vector/sentences.h"

#include <stdio.h>
#include <stdlib.h>

enum { K = 10, WIDTH = 50, QUERIES = SENTENCE_QUERIES, CLUSTERS = 200 };

enum { OURS, FILTERED, OUR_METRIC, PLAIN, SEARCHERS };

struct bench {
    size_t points, dimension;
    float *vectors, *queries;
    struct mia__graph *graph;
    void *ann;
    struct pipes peer;
    size_t near_enough[SEARCHERS]; /* of the answers to all queries */
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

// ---------------------------------------------------------------- the crate as it is

/* Numbers as the processor has them: the peer, too, wants little-endian ones. */
static void start_peer(struct bench *b, const char *program)
{
    uint32_t shape[] = {(uint32_t)b->dimension,
                        (uint32_t)b->points,
                        QUERIES,
                        MIA__GRAPH_NEIGHBOURS,
                        MIA__GRAPH_WIDTH_ADD,
                        WIDTH,
                        K};
    pipes_start(&b->peer, program);
    pipes_write(&b->peer, shape, sizeof shape);
    pipes_write(&b->peer, b->vectors, b->points * b->dimension * sizeof *b->vectors);
    pipes_write(&b->peer, b->queries, QUERIES * b->dimension * sizeof *b->queries);
}

static double ask_peer(struct bench *b, char operation)
{
    uint64_t nanoseconds;
    pipes_write(&b->peer, &operation, 1);
    pipes_read(&b->peer, &nanoseconds, sizeof nanoseconds);
    return (double)nanoseconds / 1e9;
}

static double add_to_peer(void *ctx)
{
    return ask_peer(ctx, 'a');
}

// ---------------------------------------------------------------- searching

static void count_near(struct bench *b, int searcher, const uint64_t (*keys)[K])
{
    b->near_enough[searcher] = 0;
    for (size_t i = 0; i < QUERIES; i++)
        for (size_t j = 0; j < K; j++)
            for (size_t k = 0; k < K; k++)
                b->near_enough[searcher] += b->exact[i][j].key == keys[i][k];
}

static double search_graph_through(struct bench *b, int searcher, mia__graph_filter *filter)
{
    uint64_t keys[QUERIES][K] = {{0}};
    double seconds = 0;
    for (size_t i = 0; i < QUERIES; i++) {
        struct mia__graph_query query = {
            .vector = row(b, b->queries, i), .k = K, .width = WIDTH, .filter = filter};
        struct mia__hit hits[K];
        size_t found;
        double began = now_seconds();
        check(mia__graph_search(b->graph, &query, hits, &found, &b->err), b);
        seconds += now_seconds() - began;
        for (size_t j = 0; j < found; j++)
            keys[i][j] = hits[j].key;
    }
    count_near(b, searcher, (const uint64_t(*)[K])keys);
    return seconds;
}

static double search_graph(void *ctx)
{
    return search_graph_through(ctx, OURS, NULL);
}

static bool keep_all(void *ctx, uint64_t key)
{
    (void)ctx, (void)key;
    return true;
}

static double search_filtered(void *ctx)
{
    return search_graph_through(ctx, FILTERED, keep_all);
}

static double search_ann(void *ctx)
{
    struct bench *b = ctx;
    uint64_t keys[QUERIES][K] = {{0}};
    double seconds = 0;
    for (size_t i = 0; i < QUERIES; i++) {
        float distances[K];
        size_t found;
        double began = now_seconds();
        check(mia_ann_search(b->ann, b->queries + i * b->dimension, b->dimension, WIDTH, NULL, NULL,
                             keys[i], distances, K, &found, &b->err),
              b);
        seconds += now_seconds() - began;
    }
    count_near(b, OUR_METRIC, (const uint64_t(*)[K])keys);
    return seconds;
}

static double search_peer(void *ctx)
{
    struct bench *b = ctx;
    uint64_t keys[QUERIES][K];
    double seconds = ask_peer(b, 's');
    pipes_read(&b->peer, keys, sizeof keys);
    count_near(b, PLAIN, (const uint64_t(*)[K])keys);
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

// ---------------------------------------------------------------- all of it

static void print_times(const struct contender *contenders, size_t count, const char *what,
                        const struct bench *b)
{
    char text[128];
    snprintf(text, sizeof text, "%s, %zu vectors of %zu floats", what, b->points, b->dimension);
    const struct contender *ours = &contenders[2];
    goal_note(&(struct goal){.area = "vectors",
                             .what = text,
                             .peer = "the crate usearch",
                             .is = GOAL_AT_MOST,
                             .limit = 1.05,
                             .best = ours->min / contenders[0].min,
                             .median = ours->ratio});
    for (size_t i = 1; i < count; i++)
        printf("%-24s %8.3f (%.3f) times the time of %s\n", contenders[i].name, contenders[i].ratio,
               contenders[i].min / contenders[0].min, contenders[0].name);
}

static void measure_adding(struct bench *b, unsigned rounds)
{
    struct contender adders[] = {
        {.name = "usearch", .run = add_to_peer, .ctx = b},
        {.name = "usearch, our metric", .before = drop_ann, .run = add_to_ann, .ctx = b},
        {.name = "libmia", .before = drop_graph, .run = add_to_graph, .ctx = b}};
    rounds_run(adders, 3, rounds);
    for (size_t i = 0; i < 3; i++)
        printf("%-24s %8.0f (%.0f) adds/s\n", adders[i].name, (double)b->points / adders[i].median,
               (double)b->points / adders[i].min);
    print_times(adders, 3, "adding to the graph", b);
}

static void measure_searching(struct bench *b, unsigned rounds)
{
    static const int numbers[] = {PLAIN, OUR_METRIC, OURS, FILTERED};
    struct contender searchers[] = {
        {.name = "usearch", .run = search_peer, .ctx = b},
        {.name = "usearch, our metric", .run = search_ann, .ctx = b},
        {.name = "libmia", .run = search_graph, .ctx = b},
        {.name = "libmia, with a filter", .run = search_filtered, .ctx = b}};
    rounds_run(searchers, SEARCHERS, rounds);
    for (size_t i = 0; i < SEARCHERS; i++)
        printf("%-24s %8.1f (%.1f) us a search of %d, recall %.4f\n", searchers[i].name,
               1e6 * searchers[i].median / QUERIES, 1e6 * searchers[i].min / QUERIES, K,
               (double)b->near_enough[numbers[i]] / (QUERIES * K));
    print_times(searchers, SEARCHERS, "searching the graph", b);
}

static void measure(struct bench *b, const char *peer, unsigned rounds)
{
    double points = (double)b->points;
    printf("%zu vectors of %zu floats: median (best)\n", b->points, b->dimension);
    start_peer(b, peer);
    measure_adding(b, rounds);
    make_exact(b);
    measure_searching(b, 20 * rounds < ROUNDS_MAX ? 20 * rounds : ROUNDS_MAX);
    struct contender scanner = {.name = "exact scan", .run = scan, .ctx = b};
    rounds_run(&scanner, 1, rounds);
    printf("%-24s %8.3f (%.3f) us a vector\n", scanner.name,
           1e6 * scanner.median / (QUERIES / 10) / points,
           1e6 * scanner.min / (QUERIES / 10) / points);
    struct mia__graph_stat stat;
    struct mia__graph_shape shape = {.dimension = (uint32_t)b->dimension};
    mia__graph_stat(b->graph, &stat);
    printf("%-24s %8.0f bytes a point, %.0f stated\n", "memory", (double)stat.bytes / points,
           (double)mia__graph_point_bytes(&shape));
    pipes_stop(&b->peer);
    drop_graph(b);
    drop_ann(b);
    free(b->vectors);
    free(b->queries);
}

static size_t argument(int argc, char **argv, int at, size_t otherwise)
{
    return argc > at ? strtoul(argv[at], NULL, 10) : otherwise;
}

int main(int argc, char **argv)
{
    static struct bench b;
    struct sentences sentences;
    b.points = argument(argc, argv, 3, 20000);
    b.dimension = argument(argc, argv, 4, SENTENCE_DIMENSION);
    unsigned rounds = (unsigned)argument(argc, argv, 5, 5);
    if (argc < 3 || (b.points > 0 && b.points < K) || b.dimension == 0 || rounds == 0 ||
        rounds > ROUNDS_MAX)
        die("usage: bench_vector PEER SENTENCES [POINTS [DIMENSION [ROUNDS]]]; at least %d points",
            K);
    if (!sentences_read(&sentences, argv[2]))
        die("%s: no sentences", argv[2]);
    machine_print("/");
    if (b.points > 0) {
        float *centres = make_vectors(NULL, CLUSTERS, b.dimension);
        b.vectors = make_vectors(centres, b.points, b.dimension);
        b.queries = make_vectors(centres, QUERIES, b.dimension);
        free(centres);
        printf("\nin clusters: ");
        measure(&b, argv[1], rounds);
    }
    b.points = SENTENCES;
    b.dimension = SENTENCE_DIMENSION;
    b.vectors = sentences.base;
    b.queries = sentences.queries;
    printf("\nof sentences: ");
    measure(&b, argv[1], rounds);
    return 0;
}
