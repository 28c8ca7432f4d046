/*
 * bench_growth.c - what a store costs as it grows: from ten thousand messages to ten millions
 *
 *   bench_growth DIR [MOST [LEAST]]
 *
 * For LEAST (10,000) messages and each ten times as many, up to MOST (1,000,000), a store in DIR
 * (which must not exist) is loaded in the order of its keys, then measured, then removed. Gets
 * stand beside the engine's own of the same values.
 */
#include "goals.h"
#include "load.h"
#include "program.h"
#include "rounds.h"
#include "workload.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

enum { GETS = 100000, LISTS = 10000, PUTS = 5000, DURABLE_PUTS = 50, ROUNDS = 5 };

struct bench {
    mia_store *store;
    uint64_t messages, next; /* the number of the next new message */
    uint64_t checksum;
};

/* ---------------------------------------------------------------- measuring */

static void id_of(const struct bench *b, uint64_t i, char id[static 40])
{
    snprintf(id, 40, "message_%016" PRIx64, mix(mix(i) % b->messages));
}

static double gets(void *ctx)
{
    struct bench *b = ctx;
    struct mia_error err;
    mia_txn *txn;
    mia_view view;
    char id[40];
    double start = now_seconds();
    check(mia_store_begin(b->store, MIA_TXN_READ, &txn, &err), &err);
    for (uint64_t i = 0; i < GETS; i++) {
        id_of(b, i, id);
        check(mia_get(txn, MIA_TABLE_NODES, mia_str_of(id), &view, &err), &err);
        b->checksum += (uint64_t)mia_message_timestamp(view);
    }
    mia_txn_abort(txn);
    return now_seconds() - start;
}

/* Of the engine, with a look at each cache line: as much of the value as whoever reads it needs. */
static double engine_gets(void *ctx)
{
    struct bench *b = ctx;
    struct mia_error err;
    mia_txn *txn;
    mia_tree tree;
    mia_slice value;
    char id[40];
    double start = now_seconds();
    check(mia_store_begin(b->store, MIA_TXN_READ, &txn, &err), &err);
    check(mia_tree_open(txn, mia_bytes_of("nodes"), 0, &tree, &err), &err);
    for (uint64_t i = 0; i < GETS; i++) {
        id_of(b, i, id);
        check(mia_kv_get(txn, tree, (mia_slice){id, strlen(id)}, &value, &err), &err);
        for (size_t at = 0; at < value.size; at += 64)
            b->checksum += ((const uint8_t *)value.data)[at];
    }
    mia_txn_abort(txn);
    return now_seconds() - start;
}

static double lists(void *ctx)
{
    struct bench *b = ctx;
    struct mia_error err;
    struct texts t;
    mia_txn *txn;
    double start = now_seconds();
    check(mia_store_begin(b->store, MIA_TXN_READ, &txn, &err), &err);
    for (uint64_t i = 0; i < LISTS; i++) {
        mia_ids *ids;
        mia_str id;
        message_number(mix(i) % b->messages, &t);
        check(mia_ids_by_property(txn, MIA_STR("chat_id"), mia_str_of(t.chat), INT64_MIN, INT64_MAX,
                                  true, &ids, &err),
              &err);
        for (int left = 20; left > 0 && mia_ids_next(ids, &id, NULL, &err) == MIA_OK; left--)
            b->checksum += (uint8_t)id.data[id.size - 1];
        mia_ids_close(ids);
    }
    mia_txn_abort(txn);
    return now_seconds() - start;
}

static double puts_in_batch(void *ctx)
{
    struct bench *b = ctx;
    double start = now_seconds();
    store_fill(b->store, b->next, b->next + PUTS);
    b->next += PUTS;
    return now_seconds() - start;
}

/* A transaction each, and one wait for the disk behind each. */
static double puts_one_by_one(void *ctx)
{
    struct bench *b = ctx;
    struct mia_error err;
    double start = now_seconds();
    for (unsigned i = 0; i < DURABLE_PUTS; i++, b->next++) {
        store_fill(b->store, b->next, b->next + 1);
        check(mia_db_sync(mia_store_db(b->store), &err), &err);
    }
    return now_seconds() - start;
}

static void note(const char *what, uint64_t size, double best, double median)
{
    char text[96];
    snprintf(text, sizeof text, "%s, of %" PRIu64 " messages", what, size);
    goal_note(&(struct goal){
        .area = "growth", .what = text, .peer = "-", .best = best, .median = median, .unit = "us"});
    printf("%12" PRIu64 " %-42s %10.3f %10.3f us\n", size, what, best, median);
    fflush(stdout);
}

static void measure(struct bench *b)
{
    struct {
        const char *what;
        double (*run)(void *ctx);
        uint64_t operations;
    } rows[] = {{"a get", gets, GETS},
                {"a get of the engine's", engine_gets, GETS},
                {"the last 20 messages of a chat", lists, LISTS},
                {"a message and its edge put, 5000 together", puts_in_batch, PUTS},
                {"a message and its edge put, durable", puts_one_by_one, DURABLE_PUTS}};
    struct contender all[sizeof rows / sizeof rows[0]];
    size_t count = sizeof rows / sizeof rows[0];
    for (size_t i = 0; i < count; i++)
        all[i] = (struct contender){.name = rows[i].what, .run = rows[i].run, .ctx = b};
    rounds_run(all, 3, ROUNDS); /* what changes the store comes behind what does not */
    rounds_run(all + 3, count - 3, ROUNDS);
    for (size_t i = 0; i < count; i++) {
        double us = 1e6 / (double)rows[i].operations;
        note(rows[i].what, b->messages, all[i].min * us, all[i].median * us);
    }
}

static uint64_t measure_size(const char *dir, uint64_t messages)
{
    char path[4096];
    struct mia_db_info info = {.struct_size = sizeof info};
    struct mia_error err;
    snprintf(path, sizeof path, "%s/%" PRIu64, dir, messages);
    double start = now_seconds();
    struct bench b = {.store = store_load(path, messages), .messages = messages, .next = messages};
    check(mia_db_info(mia_store_db(b.store), &info, &err), &err);
    printf("%12" PRIu64 " messages and edges loaded and indexed in %.1f s, %.0f bytes each\n",
           messages, now_seconds() - start, (double)info.size_on_disk / (double)messages);
    measure(&b);
    store_close(b.store);
    remove_tree(path);
    return b.checksum;
}

int main(int argc, char **argv)
{
    uint64_t checksum = 0;
    if (argc < 2 || argc > 4)
        die("usage: bench_growth DIR [MOST [LEAST]]");
    uint64_t most = argc > 2 ? parse_number(argv[2], UINT32_MAX) : 1000000;
    uint64_t least = argc > 3 ? parse_number(argv[3], most) : 10000;
    if (mkdir(argv[1], 0755) != 0)
        die("cannot make %s", argv[1]);
    machine_print(argv[1]);
    printf("a row: messages, what, microseconds: the fastest run, the median of %d\n", ROUNDS);
    for (uint64_t size = least; size <= most; size *= 10)
        checksum += measure_size(argv[1], size);
    return checksum == 0;
}
