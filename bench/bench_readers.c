/*
 * bench_readers.c - how a store grows, and how its readers get on side by side
 *
 *   bench_readers DIR [MESSAGES]
 *
 * Growth: messages are added up to MESSAGES (1,000,000), and at each power of ten a random get, the
 * last 20 of a chat and a put are timed. Readers: random gets on one thread and on two, in turns;
 * and the times of single gets while nobody writes and while a thread commits durably.
 */
#include "rounds.h"
#include "workload.h"

#include <inttypes.h>
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
} bench;

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
        printf("%12" PRIu64 " %14.3f %14.3f %18.3f %12.0f\n", size, time_gets(READS) * 1e6,
               time_lists(READS / 10) * 1e6, put * 1e6, (double)info.size_on_disk / (double)size);
        fflush(stdout);
    }
}

/* ---------------------------------------------------------------- readers */

static void *read_all(void *arg)
{
    (void)arg;
    time_gets(READS);
    return NULL;
}

static double run_threads(size_t count)
{
    pthread_t threads[2];
    double start = now_seconds();
    for (size_t i = 0; i < count; i++)
        if (pthread_create(&threads[i], NULL, read_all, NULL) != 0)
            die("no thread");
    for (size_t i = 0; i < count; i++)
        pthread_join(threads[i], NULL);
    return (double)count * READS / (now_seconds() - start);
}

static double run_one(void *ctx)
{
    (void)ctx;
    return 1 / run_threads(1);
}

static double run_two(void *ctx)
{
    (void)ctx;
    return 1 / run_threads(2);
}

static void *write_on(void *arg)
{
    uint64_t next = bench.messages;
    struct texts t;
    struct mia_error err;
    (void)arg;
    while (!atomic_load(&bench.stop)) {
        struct mia_record message = message_number(next++, &t);
        check(mia_store_put(bench.store, &message, &err), &err);
    }
    return NULL;
}

/* Each get in a transaction of its own. */
static void sample(double *seconds)
{
    struct mia_error err;
    for (uint64_t i = 0; i < SAMPLES; i++) {
        mia_txn *txn;
        double start = now_seconds();
        check(mia_store_begin(bench.store, MIA_TXN_READ, &txn, &err), &err);
        get(txn, i);
        mia_txn_abort(txn);
        seconds[i] = now_seconds() - start;
    }
    qsort(seconds, SAMPLES, sizeof *seconds, by_number);
}

static void print_sample(const char *name, const double *seconds)
{
    printf("%-24s %9.2f %9.2f %9.2f\n", name, seconds[SAMPLES / 2] * 1e6,
           seconds[SAMPLES / 100 * 99] * 1e6, seconds[SAMPLES / 1000 * 999] * 1e6);
}

static void latencies(void)
{
    static double idle[SAMPLES], busy[SAMPLES];
    pthread_t writer;
    sample(idle); /* warm */
    sample(idle);
    if (pthread_create(&writer, NULL, write_on, NULL) != 0)
        die("no thread");
    sample(busy);
    atomic_store(&bench.stop, true);
    pthread_join(writer, NULL);
    printf("%-24s %9s %9s %9s\n", "a transaction and a get", "p50 us", "p99", "p99.9");
    print_sample("nobody writes", idle);
    print_sample("a writer commits", busy);
    printf("p99 of the second to the first: %.2f\n",
           busy[SAMPLES / 100 * 99] / idle[SAMPLES / 100 * 99]);
}

int main(int argc, char **argv)
{
    char path[4096];
    if (argc < 2 || argc > 3)
        die("usage: bench_readers DIR [MESSAGES]");
    uint64_t most = argc > 2 ? parse_number(argv[2], UINT32_MAX) : 1000000;
    snprintf(path, sizeof path, "%s/db", argv[1]);
    if (mkdir(argv[1], 0755) != 0)
        die("cannot make %s", argv[1]);
    machine_print(argv[1]);
    bench.store = store_open(mia_engine_mdbx(), path, MIA_SYNC_LAZY, false);
    grow(most);
    store_close(bench.store);
    bench.store = store_open(mia_engine_mdbx(), path, MIA_SYNC_DURABLE, false);
    struct contender contenders[] = {{.name = "one", .run = run_one},
                                     {.name = "two", .run = run_two}};
    rounds_run(contenders, 2, ROUNDS);
    printf("readers: %.0f gets a second on one thread, %.0f on two: %.2f times (medians: %.2f)\n",
           1 / contenders[0].min, 1 / contenders[1].min, contenders[0].min / contenders[1].min,
           contenders[0].median / contenders[1].median);
    latencies();
    store_close(bench.store);
    return 0;
}
