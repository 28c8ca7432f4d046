/*
 * bench_readers.c - how a store grows, and how its readers get on side by side
 *
 *   bench_readers DIR [MESSAGES]
 *
 * Growth: messages are added up to MESSAGES (1,000,000), and at each power of ten a random get, the
 * last 20 of a chat and a put are timed. Readers: random gets on one thread and on two, in turns;
 * and the times of single gets while nobody writes and while a thread commits durably. Beside both
 * stands plain libmdbx with a copy of the store's file: what it does not reach, this machine does
 * not give.
 */
#include "goals.h"
#include "rounds.h"
#include "workload.h"

#include <inttypes.h>
#include <mdbx.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

enum { SAMPLES = 20000, READS = 100000, ROUNDS = 5 };

static struct {
    mia_store *store;
    uint64_t messages;
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

/* ---------------------------------------------------------------- growth */

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

static double time_lists(uint64_t count)
{
    struct mia_error err;
    struct texts t;
    mia_txn *txn;
    double start = now_seconds();
    check(mia_store_begin(bench.store, MIA_TXN_READ, &txn, &err), &err);
    for (uint64_t i = 0; i < count; i++) {
        mia_ids *ids;
        mia_str id;
        message_number(mix(i) % bench.messages, &t);
        check(mia_ids_by_property(txn, MIA_STR("chat_id"), mia_str_of(t.chat), INT64_MIN, INT64_MAX,
                                  true, &ids, &err),
              &err);
        for (int left = 20; left > 0 && mia_ids_next(ids, &id, NULL, &err) == MIA_OK; left--)
            ;
        mia_ids_close(ids);
    }
    mia_txn_abort(txn);
    return (now_seconds() - start) / (double)count;
}

static void note_growth(const char *what, uint64_t size, double us)
{
    char text[96];
    snprintf(text, sizeof text, "%s, of %" PRIu64 " messages", what, size);
    goal_note(&(struct goal){
        .area = "growth", .what = text, .peer = "-", .best = us, .median = us, .unit = "us"});
}

static void grow(uint64_t most)
{
    struct mia_db_info info = {.struct_size = sizeof info};
    struct mia_error err;
    printf("%12s %14s %14s %18s %12s\n", "messages", "get us", "last 20 us", "put + edge us",
           "bytes each");
    for (uint64_t size = 10000; size <= most; size *= 10) {
        double start = now_seconds();
        store_fill(bench.store, bench.messages, size);
        double put = (now_seconds() - start) / (double)(size - bench.messages);
        bench.messages = size;
        check(mia_db_info(mia_store_db(bench.store), &info, &err), &err);
        double get_us = time_gets(READS) * 1e6, list_us = time_lists(READS / 10) * 1e6;
        printf("%12" PRIu64 " %14.3f %14.3f %18.3f %12.0f\n", size, get_us, list_us, put * 1e6,
               (double)info.size_on_disk / (double)size);
        fflush(stdout);
        note_growth("a get", size, get_us);
        note_growth("the last 20 messages of a chat", size, list_us);
        note_growth("a message and its edge put, in batches", size, put * 1e6);
    }
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
    for (size_t i = 0; i < 4; i++)
        contenders[i] = (struct contender){.name = sides[i / 2].name,
                                           .run = i % 2 ? run_two : run_one,
                                           .ctx = (void *)(uintptr_t)&sides[i / 2]};
    rounds_run(contenders, 4, ROUNDS);
    for (size_t i = 0; i < 4; i += 2) {
        goal_note(&(struct goal){.area = "readers",
                                 .what = "gets by two threads",
                                 .peer = "by one thread",
                                 .is = i == 0 ? GOAL_AT_LEAST : GOAL_NONE,
                                 .limit = 1.9,
                                 .best = contenders[i].min / contenders[i + 1].min,
                                 .median = rounds_ratio(&contenders[i], &contenders[i + 1], ROUNDS),
                                 .why = i == 0 ? NULL : "plain libmdbx, for scale"});
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
    for (uint64_t next = bench.messages; !atomic_load(&bench.stop); next++)
        side->write(next);
    return NULL;
}

static void print_sample(const char *name, const char *when, const double *seconds)
{
    printf("%-8s %-16s %9.2f %9.2f %9.2f\n", name, when, seconds[SAMPLES / 2] * 1e6,
           seconds[SAMPLES / 100 * 99] * 1e6, seconds[SAMPLES / 1000 * 999] * 1e6);
}

static void latencies(const struct side *side)
{
    static double idle[SAMPLES], busy[SAMPLES];
    pthread_t writer;
    side->read(SAMPLES, idle); /* warm */
    side->read(SAMPLES, idle);
    atomic_store(&bench.stop, false);
    if (pthread_create(&writer, NULL, write_on, (void *)(uintptr_t)side) != 0)
        die("no thread");
    side->read(SAMPLES, busy);
    atomic_store(&bench.stop, true);
    pthread_join(writer, NULL);
    qsort(idle, SAMPLES, sizeof *idle, by_number);
    qsort(busy, SAMPLES, sizeof *busy, by_number);
    print_sample(side->name, "nobody writes", idle);
    print_sample(side->name, "a writer commits", busy);
    bool is_ours = side == &sides[0];
    double ratio = busy[SAMPLES / 100 * 99] / idle[SAMPLES / 100 * 99];
    goal_note(&(struct goal){.area = "readers",
                             .what = "p99 of a transaction and a get while a thread commits",
                             .peer = "nobody writes",
                             .is = is_ours ? GOAL_AT_MOST : GOAL_NONE,
                             .limit = 1.2,
                             .best = ratio,
                             .median = ratio,
                             .why = is_ours ? NULL : "plain libmdbx, for scale"});
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
    uint64_t most = argc > 2 ? parse_number(argv[2], UINT32_MAX) : 1000000;
    snprintf(path, sizeof path, "%s/db", argv[1]);
    snprintf(copy, sizeof copy, "%s/copy", argv[1]);
    if (mkdir(argv[1], 0755) != 0)
        die("cannot make %s", argv[1]);
    machine_print(argv[1]);
    bench.store = store_open(mia_engine_mdbx(), path, MIA_SYNC_LAZY, false);
    grow(most);
    check(mia_db_copy(mia_store_db(bench.store), copy, false, &err), &err);
    store_close(bench.store);
    bench.store = store_open(mia_engine_mdbx(), path, MIA_SYNC_DURABLE, false);
    open_copy(copy);
    scaling();
    printf("%-25s %9s %9s %9s\n", "a transaction and a get", "p50 us", "p99", "p99.9");
    for (size_t i = 0; i < sizeof sides / sizeof sides[0]; i++)
        latencies(&sides[i]);
    check_code(mdbx_env_close(bench.env));
    store_close(bench.store);
    return 0;
}
