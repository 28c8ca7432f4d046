/*
 * bench_queries.c - lists of a store on libmdbx against MIA's own index trees on the real sled
 *
 *   bench_queries DIR [MESSAGES [ROUNDS]]
 *
 * The sled database is what `mia rollback` makes of the libmdbx one: the same records with MIA's
 * index trees. Both are asked through the same calls. Answers are counted and must agree.
 */
#include "goals.h"
#include "rounds.h"
#include "workload.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#define LENGTH(a) (sizeof(a) / sizeof((a)[0]))

static struct {
    uint64_t messages;
    mia_store *stores[2]; /* libmdbx, sled */
    uint64_t answers[2];
} bench;

struct question {
    const char *name;
    unsigned repeat; /* how often it is asked in a run */
    uint64_t (*ask)(mia_txn *txn, uint64_t n);
};

static uint64_t take(mia_txn *txn, mia_str property, mia_str value, int64_t from, int64_t to,
                     bool newest_first, uint64_t most)
{
    struct mia_error err;
    mia_ids *ids;
    mia_str id;
    uint64_t sum = 0;
    int64_t time;
    check(mia_ids_by_property(txn, property, value, from, to, newest_first, &ids, &err), &err);
    for (; most > 0 && mia_ids_next(ids, &id, &time, &err) == MIA_OK; most--)
        sum += (uint64_t)time + id.size;
    mia_ids_close(ids);
    return sum;
}

static uint64_t chat(mia_txn *txn, uint64_t n)
{
    struct texts t;
    message_number(mix(n) % bench.messages, &t);
    return take(txn, MIA_STR("chat_id"), mia_str_of(t.chat), INT64_MIN, INT64_MAX, false,
                UINT64_MAX);
}

static uint64_t last_20(mia_txn *txn, uint64_t n)
{
    struct texts t;
    message_number(mix(n) % bench.messages, &t);
    return take(txn, MIA_STR("chat_id"), mia_str_of(t.chat), INT64_MIN, INT64_MAX, true, 20);
}

static uint64_t time_range(mia_txn *txn, uint64_t n)
{
    int64_t from = (int64_t)(mix(n) % bench.messages) * 1000;
    return take(txn, MIA_STR("node_type"), MIA_STR("Message"), from, from + 99999, false,
                UINT64_MAX);
}

static uint64_t count(mia_txn *txn, uint64_t n)
{
    struct mia_error err;
    (void)n;
    check(mia_count_by_property(txn, MIA_STR("node_type"), MIA_STR("Message"), &n, &err), &err);
    return n;
}

static uint64_t hops(mia_txn *txn, mia_str node, enum mia_direction direction)
{
    struct mia_error err;
    mia_neighbours *it;
    struct mia_hop hop;
    uint64_t sum = 0;
    check(mia_neighbours_open(txn, node, direction, (mia_str){0}, &it, &err), &err);
    while (mia_neighbours_next(it, &hop, &err) == MIA_OK)
        sum += hop.node_id.size + hop.edge_id.size;
    mia_neighbours_close(it);
    return sum;
}

static uint64_t out_of_message(mia_txn *txn, uint64_t n)
{
    struct texts t;
    message_number(mix(n) % bench.messages, &t);
    return hops(txn, mia_str_of(t.id), MIA_DIRECTION_OUT);
}

static uint64_t into_entity(mia_txn *txn, uint64_t n)
{
    struct texts t;
    edge_number(mix(n) % bench.messages, &t);
    return hops(txn, mia_str_of(t.entity), MIA_DIRECTION_IN);
}

static const struct question questions[] = {
    {"the 100 messages of a chat", 100, chat},        {"its last 20", 100, last_20},
    {"100 messages of a period", 5, time_range},      {"how many messages", 5, count},
    {"edges out of a message", 1000, out_of_message}, {"edges into an entity", 5, into_entity},
};

static const struct question *asked;

static double run(void *ctx)
{
    struct mia_error err;
    size_t which = (size_t)(uintptr_t)ctx;
    mia_txn *txn;
    uint64_t sum = 0;
    double start = now_seconds();
    for (unsigned i = 0; i < asked->repeat; i++) {
        check(mia_store_begin(bench.stores[which], MIA_TXN_READ, &txn, &err), &err);
        sum += asked->ask(txn, i);
        mia_txn_abort(txn);
    }
    bench.answers[which] = sum;
    return now_seconds() - start;
}

static void measure(const struct question *question, unsigned rounds)
{
    struct contender contenders[] = {{.name = "libmdbx", .run = run, .ctx = (void *)0},
                                     {.name = "sled", .run = run, .ctx = (void *)1}};
    asked = question;
    rounds_run(contenders, LENGTH(contenders), rounds);
    if (bench.answers[0] != bench.answers[1])
        die("%s: the engines answer differently", question->name);
    double us = 1e6 / question->repeat;
    printf("%-28s %11.1f %11.1f %11.1f %11.1f %9.1f\n", question->name, contenders[0].min * us,
           contenders[0].median * us, contenders[1].min * us, contenders[1].median * us,
           contenders[1].min / contenders[0].min);
    fflush(stdout);
    goal_note(&(struct goal){.area = "indexes",
                             .what = question->name,
                             .peer = "MIA's index trees on the real sled",
                             .is = GOAL_AT_LEAST,
                             .limit = 1,
                             .best = contenders[1].min / contenders[0].min,
                             .median = rounds_ratio(&contenders[1], &contenders[0], rounds)});
}

static void make_sled(const char *from, const char *to)
{
    struct mia_error err;
    struct mia_rollback_options opt = {.struct_size = sizeof opt,
                                       .source = from,
                                       .target = to,
                                       .compression_level = -1,
                                       .without_verify = true};
    struct mia_rollback_report report = {.struct_size = sizeof report};
    check(mia_rollback(&opt, &report, &err), &err);
    bench.stores[1] = store_open(mia_engine_sled(), to, MIA_SYNC_LAZY, false);
    struct mia_index_report rebuilt = {.struct_size = sizeof rebuilt};
    if (!mia_store_indexed(bench.stores[1]))
        check(mia_index_rebuild(bench.stores[1], NULL, NULL, &rebuilt, &err), &err);
}

int main(int argc, char **argv)
{
    char mdbx[4096], sled[4096];
    if (argc < 2 || argc > 4)
        die("usage: bench_queries DIR [MESSAGES [ROUNDS]]");
    bench.messages = argc > 2 ? parse_number(argv[2], UINT32_MAX) : 20000;
    unsigned rounds = argc > 3 ? (unsigned)parse_number(argv[3], ROUNDS_MAX) : 9;
    snprintf(mdbx, sizeof mdbx, "%s/mdbx", argv[1]);
    snprintf(sled, sizeof sled, "%s/sled", argv[1]);
    if (mkdir(argv[1], 0755) != 0)
        die("cannot make %s", argv[1]);
    if (mia_engine_sled() == NULL)
        die("this build has no sled");
    machine_print(argv[1]);
    bench.stores[0] = store_open(mia_engine_mdbx(), mdbx, MIA_SYNC_LAZY, false);
    store_fill(bench.stores[0], 0, bench.messages);
    store_close(bench.stores[0]);
    make_sled(mdbx, sled);
    bench.stores[0] = store_open(mia_engine_mdbx(), mdbx, MIA_SYNC_LAZY, false);
    printf("%" PRIu64 " messages; us a question; sled / libmdbx\n", bench.messages);
    printf("%-28s %11s %11s %11s %11s %9s\n", "", "mdbx min", "median", "sled min", "median",
           "ratio");
    for (size_t i = 0; i < LENGTH(questions); i++)
        measure(&questions[i], rounds);
    store_close(bench.stores[0]);
    store_close(bench.stores[1]);
    return 0;
}
