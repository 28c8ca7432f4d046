/*
 * bench_readers.c - how a store's readers get on side by side, and beside a writer
 *
 *   bench_readers DIR [MESSAGES]
 *
 * In a store of MESSAGES (1,000,000): random gets on one thread and on two, in turns; and the times
 * of single gets while nobody writes and while a thread commits durably. Beside both stands plain
 * libmdbx with a copy of the store's file: what it does not reach, this machine does not give.
 */
#include "goals.h"
#include "load.h"
#include "rounds.h"
#include "workload.h"

#include <inttypes.h>
#include <mdbx.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

enum { SAMPLES = 20000, READS = 100000, ROUNDS = 9 };

static struct {
    mia_store *store;
    uint64_t messages, next; /* the number of the next new message */
    atomic_bool stop;
    MDBX_env *env; /* of the copy */
    MDBX_dbi dbi;
} bench;

static void check_code(int code)
{
    if (code != MDBX_SUCCESS)
        die("libmdbx: %s", mdbx_strerror(code));
}

static int by_number(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void get(mia_txn *txn, uint64_t n)
{
    struct mia_error err;
    struct texts t;
    mia_view view;
    snprintf(t.id, sizeof t.id, "message_%016" PRIx64, mix(mix(n) % bench.messages));
    check(mia_get(txn, MIA_TABLE_NODES, mia_str_of(t.id), &view, &err), &err);
}

static void raw_get(MDBX_txn *txn, uint64_t n)
{
    struct texts t;
    MDBX_val value;
    snprintf(t.id, sizeof t.id, "message_%016" PRIx64, mix(mix(n) % bench.messages));
    MDBX_val key = {t.id, strlen(t.id)};
    check_code(mdbx_get(txn, bench.dbi, &key, &value));
}

static double time_gets(uint64_t count)
{
    struct mia_error err;
    mia_txn *txn;
    double start = now_seconds();
    check(mia_store_begin(bench.store, MIA_TXN_READ, &txn, &err), &err);
    for (uint64_t i = 0; i < count; i++)
        get(txn, i);
    mia_txn_abort(txn);
    return (now_seconds() - start) / (double)count;
}

/* ---------------------------------------------------------------- readers */

/* One side: what a thread reads, and one durable commit. */
struct side {
    const char *name;
    void (*read)(uint64_t count, double *seconds); /* seconds NULL: in one transaction */
    void (*write)(uint64_t next);
};

static void store_read(uint64_t count, double *seconds)
{
    struct mia_error err;
    if (seconds == NULL)
        time_gets(count);
    for (uint64_t i = 0; seconds != NULL && i < count; i++) {
        mia_txn *txn;
        double start = now_seconds();
        check(mia_store_begin(bench.store, MIA_TXN_READ, &txn, &err), &err);
        get(txn, i);
        mia_txn_abort(txn);
        seconds[i] = now_seconds() - start;
    }
}

static void store_write(uint64_t next)
{
    struct mia_error err;
    struct texts t;
    struct mia_record message = message_number(next, &t);
    check(mia_store_put(bench.store, &message, &err), &err);
}

static void raw_read(uint64_t count, double *seconds)
{
    MDBX_txn *txn;
    check_code(mdbx_txn_begin(bench.env, NULL, MDBX_TXN_RDONLY, &txn));
    for (uint64_t i = 0; seconds == NULL && i < count; i++)
        raw_get(txn, i);
    check_code(mdbx_txn_reset(txn));
    for (uint64_t i = 0; seconds != NULL && i < count; i++) {
        double start = now_seconds();
        check_code(mdbx_txn_renew(txn));
        raw_get(txn, i);
        check_code(mdbx_txn_reset(txn));
        seconds[i] = now_seconds() - start;
    }
    mdbx_txn_abort(txn);
}

static void raw_write(uint64_t next)
{
    MDBX_txn *txn;
    struct texts t = {.body = ""};
    message_number(next, &t);
    MDBX_val key = {t.id, strlen(t.id)}, value = {t.body, 400};
    check_code(mdbx_txn_begin(bench.env, NULL, MDBX_TXN_READWRITE, &txn));
    check_code(mdbx_put(txn, bench.dbi, &key, &value, MDBX_UPSERT));
    check_code(mdbx_txn_commit(txn));
}

static const struct side sides[] = {{"store", store_read, store_write},
                                    {"libmdbx", raw_read, raw_write}};
static const char *const whys[] = {"the two cores: plain libmdbx, the next row",
                                   "plain libmdbx, for scale"};

/* Both runs of the store, then both of libmdbx, in rounds. */
static void run_sides(struct contender all[4], double (*first)(void *), double (*second)(void *))
{
    for (size_t i = 0; i < 4; i++)
        all[i] = (struct contender){.name = sides[i / 2].name,
                                    .run = i % 2 ? second : first,
                                    .ctx = (void *)(uintptr_t)&sides[i / 2]};
    rounds_run(all, 4, ROUNDS);
}

static void *read_all(void *arg)
{
    const struct side *side = arg;
    side->read(READS, NULL);
    return NULL;
}

static double run_threads(const struct side *side, size_t count)
{
    pthread_t threads[2];
    double start = now_seconds();
    for (size_t i = 0; i < count; i++)
        if (pthread_create(&threads[i], NULL, read_all, (void *)(uintptr_t)side) != 0)
            die("no thread");
    for (size_t i = 0; i < count; i++)
        pthread_join(threads[i], NULL);
    return (now_seconds() - start) / ((double)count * READS);
}

static double run_one(void *ctx)
{
    return run_threads(ctx, 1);
}

static double run_two(void *ctx)
{
    return run_threads(ctx, 2);
}

static void scaling(void)
{
    struct contender contenders[4];
    run_sides(contenders, run_one, run_two);
    for (size_t i = 0; i < 4; i += 2) {
        goal_note(&(struct goal){.area = "readers",
                                 .what = "gets by two threads",
                                 .peer = "by one thread",
                                 .is = i == 0 ? GOAL_AT_LEAST : GOAL_NONE,
                                 .limit = 1.9,
                                 .best = contenders[i].min / contenders[i + 1].min,
                                 .median = rounds_ratio(&contenders[i], &contenders[i + 1], ROUNDS),
                                 .why = whys[i / 2]});
        printf("%-8s %8.0f gets a second on one thread, %8.0f on two: %.2f times (medians %.2f)\n",
               contenders[i].name, 1 / contenders[i].min, 1 / contenders[i + 1].min,
               contenders[i].min / contenders[i + 1].min,
               contenders[i].median / contenders[i + 1].median);
    }
}

/* ---------------------------------------------------------------- while somebody writes */

static void *write_on(void *arg)
{
    const struct side *side = arg;
    while (!atomic_load(&bench.stop))
        side->write(bench.next++);
    return NULL;
}

/* The 99th percentile of what SAMPLES readings take, in seconds. */
static double percentile_of(const struct side *side)
{
    static double seconds[SAMPLES];
    side->read(SAMPLES, seconds);
    qsort(seconds, SAMPLES, sizeof *seconds, by_number);
    return seconds[SAMPLES / 100 * 99];
}

static double percentile_idle(void *ctx)
{
    return percentile_of(ctx);
}

static double percentile_busy(void *ctx)
{
    pthread_t writer;
    atomic_store(&bench.stop, false);
    if (pthread_create(&writer, NULL, write_on, ctx) != 0)
        die("no thread");
    double percentile = percentile_of(ctx);
    atomic_store(&bench.stop, true);
    pthread_join(writer, NULL);
    return percentile;
}

static void latencies(void)
{
    struct contender all[4];
    run_sides(all, percentile_idle, percentile_busy);
    for (size_t i = 0; i < 4; i += 2) {
        const struct contender *idle = &all[i], *busy = &all[i + 1];
        double ratio = rounds_ratio(busy, idle, ROUNDS);
        printf("%-8s p99 of a transaction and a get: %.2f us, %.2f while a thread commits "
               "(medians %.2f, %.2f): %.2f times\n",
               idle->name, idle->min * 1e6, busy->min * 1e6, idle->median * 1e6, busy->median * 1e6,
               ratio);
        goal_note(&(struct goal){.area = "readers",
                                 .what = "p99 of a transaction and a get while a thread commits",
                                 .peer = "nobody writes",
                                 .is = i == 0 ? GOAL_AT_MOST : GOAL_NONE,
                                 .limit = 1.2,
                                 .best = busy->min / idle->min,
                                 .median = ratio,
                                 .why = whys[i / 2]});
    }
}

static void open_copy(const char *path)
{
    MDBX_txn *txn;
    check_code(mdbx_env_create(&bench.env));
    check_code(mdbx_env_set_maxdbs(bench.env, 64));
    check_code(mdbx_env_set_geometry(bench.env, -1, -1, (intptr_t)1 << 40, 16 << 20, -1, -1));
    check_code(mdbx_env_open(bench.env, path, MDBX_NOSTICKYTHREADS | MDBX_LIFORECLAIM, 0644));
    check_code(mdbx_txn_begin(bench.env, NULL, MDBX_TXN_READWRITE, &txn));
    check_code(mdbx_dbi_open(txn, "nodes", MDBX_DB_DEFAULTS, &bench.dbi));
    check_code(mdbx_txn_commit(txn));
}

int main(int argc, char **argv)
{
    char path[4096], copy[4096];
    struct mia_error err;
    if (argc < 2 || argc > 3)
        die("usage: bench_readers DIR [MESSAGES]");
    bench.messages = argc > 2 ? parse_number(argv[2], UINT32_MAX) : 1000000;
    snprintf(path, sizeof path, "%s/db", argv[1]);
    snprintf(copy, sizeof copy, "%s/copy", argv[1]);
    if (mkdir(argv[1], 0755) != 0)
        die("cannot make %s", argv[1]);
    machine_print(argv[1]);
    bench.store = store_load(path, bench.messages);
    bench.next = bench.messages;
    check(mia_db_copy(mia_store_db(bench.store), copy, false, &err), &err);
    store_close(bench.store);
    bench.store = store_open(mia_engine_mdbx(), path, MIA_SYNC_DURABLE, false);
    open_copy(copy);
    scaling();
    latencies();
    check_code(mdbx_env_close(bench.env));
    store_close(bench.store);
    return 0;
}
