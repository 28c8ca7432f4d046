/*
 * bench_store.c - what records, their validation and their indexes cost on top of libmdbx
 *
 *   bench_store DIR [MESSAGES [ROUNDS]]
 *
 * A store of messages with edges in DIR (which must not exist). Gets: against plain libmdbx on a
 * copy of the store's file. Puts: against plain libmdbx that has the same archives under the same
 * ids and nothing else, and against one that has as many entries of an index as the store makes:
 * what the indexes cost whoever keeps them. Interleaved rounds of one run.
 */
#include "goals.h"
#include "rounds.h"
#include "workload.h"

#include <inttypes.h>
#include <mdbx.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#define LENGTH(a) (sizeof(a) / sizeof((a)[0]))

enum { DURABLE_PUTS = 100, BATCH_PUTS = 5000 };

static struct {
    uint64_t messages, next; /* the number of the next new message */
    uint64_t checksum;
    mia_store *durable, *trusted; /* two files: a process opens each once */
    mia_encoder *encoder;
    struct raw {
        MDBX_env *env;
        MDBX_dbi dbi, index; /* index: 0 for none */
        MDBX_txn *reader;
    } raw, indexed, copy;
} bench;

static void check_code(int code)
{
    if (code != MDBX_SUCCESS)
        die("libmdbx: %s", mdbx_strerror(code));
}

static MDBX_val encode(uint64_t i, struct texts *texts)
{
    struct mia_error err;
    mia_slice archive;
    struct mia_record message = message_number(i, texts);
    check(mia_encode_archive(bench.encoder, &message, &archive, &err), &err);
    return (MDBX_val){(void *)(uintptr_t)archive.data, archive.size};
}

static MDBX_val key_of(const struct texts *texts)
{
    return (MDBX_val){(void *)(uintptr_t)texts->id, strlen(texts->id)};
}

/* ---------------------------------------------------------------- puts */

static void put_store(mia_txn *txn, uint64_t i)
{
    struct texts texts;
    struct mia_error err;
    struct mia_record message = message_number(i, &texts);
    check(mia_put(txn, &message, &err), &err);
}

/* One entry: a property and its value; then the time and the id of a message. */
static void put_entry(MDBX_txn *txn, MDBX_dbi index, const char *property, uint64_t time,
                      const struct texts *texts)
{
    uint8_t entry[8 + sizeof texts->id];
    size_t size = strlen(texts->id);
    for (size_t i = 0; i < 8; i++)
        entry[i] = (uint8_t)(time >> (56 - 8 * i));
    memcpy(entry + 8, texts->id, size);
    MDBX_val key = {(void *)(uintptr_t)property, strlen(property)}, value = {entry, 8 + size};
    check_code(mdbx_put(txn, index, &key, &value, MDBX_UPSERT));
}

static void put_raw(const struct raw *raw, MDBX_txn *txn, uint64_t i)
{
    struct texts texts;
    MDBX_val value = encode(i, &texts), key = key_of(&texts);
    check_code(mdbx_put(txn, raw->dbi, &key, &value, MDBX_UPSERT));
    if (raw->index == 0)
        return;
    put_entry(txn, raw->index, "node_type:Message", i * 1000, &texts);
    put_entry(txn, raw->index, i % 2 ? "sender:assistant" : "sender:user", i * 1000, &texts);
    put_entry(txn, raw->index, texts.chat, i * 1000, &texts);
}

/* count transactions of `each` new messages */
static double puts_store(uint64_t count, uint64_t each)
{
    struct mia_error err;
    double start = now_seconds();
    for (uint64_t i = 0; i < count; i++) {
        mia_txn *txn;
        check(mia_store_begin(bench.durable, MIA_TXN_WRITE, &txn, &err), &err);
        for (uint64_t j = 0; j < each; j++)
            put_store(txn, bench.next++);
        check(mia_txn_commit(txn, &err), &err);
    }
    return now_seconds() - start;
}

static double puts_raw(const struct raw *raw, uint64_t count, uint64_t each)
{
    double start = now_seconds();
    for (uint64_t i = 0; i < count; i++) {
        MDBX_txn *txn;
        check_code(mdbx_txn_begin(raw->env, NULL, MDBX_TXN_READWRITE, &txn));
        for (uint64_t j = 0; j < each; j++)
            put_raw(raw, txn, bench.next++);
        check_code(mdbx_txn_commit(txn));
    }
    return now_seconds() - start;
}

static double durable_store(void *ctx)
{
    (void)ctx;
    return puts_store(DURABLE_PUTS, 1);
}

static double durable_raw(void *ctx)
{
    return puts_raw(ctx, DURABLE_PUTS, 1);
}

static double batch_store(void *ctx)
{
    (void)ctx;
    return puts_store(1, BATCH_PUTS);
}

static double batch_raw(void *ctx)
{
    return puts_raw(ctx, 1, BATCH_PUTS);
}

/* ---------------------------------------------------------------- gets */

static double get_store(void *ctx)
{
    struct mia_error err;
    mia_txn *txn;
    char id[40];
    double start = now_seconds();
    check(mia_store_begin(ctx, MIA_TXN_READ, &txn, &err), &err);
    for (uint64_t i = 0; i < bench.messages; i++) {
        mia_view view;
        int size = snprintf(id, sizeof id, "message_%016" PRIx64, mix(mix(i) % bench.messages));
        check(mia_get(txn, MIA_TABLE_NODES, (mia_str){id, (size_t)size}, &view, &err), &err);
        bench.checksum += (uint64_t)mia_message_timestamp(view);
    }
    mia_txn_abort(txn);
    return now_seconds() - start;
}

static double get_validated(void *ctx)
{
    (void)ctx;
    return get_store(bench.durable);
}

static double get_trusted(void *ctx)
{
    (void)ctx;
    return get_store(bench.trusted);
}

static double get_raw(void *ctx)
{
    (void)ctx;
    char id[40];
    double start = now_seconds();
    check_code(mdbx_txn_renew(bench.copy.reader));
    for (uint64_t i = 0; i < bench.messages; i++) {
        int size = snprintf(id, sizeof id, "message_%016" PRIx64, mix(mix(i) % bench.messages));
        MDBX_val key = {id, (size_t)size}, value;
        check_code(mdbx_get(bench.copy.reader, bench.copy.dbi, &key, &value));
        bench.checksum += *(const uint8_t *)value.iov_base;
    }
    check_code(mdbx_txn_reset(bench.copy.reader));
    return now_seconds() - start;
}

/* The price of the loop itself, which both sides pay: the id is printed. */
static double get_nothing(void *ctx)
{
    (void)ctx;
    char id[40];
    double start = now_seconds();
    for (uint64_t i = 0; i < bench.messages; i++) {
        snprintf(id, sizeof id, "message_%016" PRIx64, mix(mix(i) % bench.messages));
        bench.checksum += (uint8_t)id[8];
    }
    return now_seconds() - start;
}

/* ---------------------------------------------------------------- set-up */

/* With the settings that libmia opens a durable database with. */
static void open_raw(struct raw *raw, const char *path)
{
    MDBX_txn *txn;
    check_code(mdbx_env_create(&raw->env));
    check_code(mdbx_env_set_maxdbs(raw->env, 64));
    check_code(mdbx_env_set_geometry(raw->env, -1, -1, (intptr_t)1 << 40, 16 << 20, -1, -1));
    check_code(mdbx_env_open(raw->env, path, MDBX_NOSTICKYTHREADS | MDBX_LIFORECLAIM, 0644));
    check_code(mdbx_txn_begin(raw->env, NULL, MDBX_TXN_READWRITE, &txn));
    check_code(mdbx_dbi_open(txn, "nodes", MDBX_CREATE, &raw->dbi));
    check_code(mdbx_txn_commit(txn));
    check_code(mdbx_txn_begin(raw->env, NULL, MDBX_TXN_RDONLY, &raw->reader));
    check_code(mdbx_txn_reset(raw->reader));
}

static void close_raw(struct raw *raw)
{
    mdbx_txn_abort(raw->reader);
    check_code(mdbx_env_close(raw->env));
}

static void open_index(struct raw *raw)
{
    MDBX_txn *txn;
    check_code(mdbx_txn_begin(raw->env, NULL, MDBX_TXN_READWRITE, &txn));
    check_code(mdbx_dbi_open(txn, "index", MDBX_CREATE | MDBX_DUPSORT, &raw->index));
    check_code(mdbx_txn_commit(txn));
}

static void fill_raw(const struct raw *raw)
{
    MDBX_txn *txn;
    check_code(mdbx_txn_begin(raw->env, NULL, MDBX_TXN_READWRITE, &txn));
    for (uint64_t i = 0; i < bench.messages; i++)
        put_raw(raw, txn, i);
    check_code(mdbx_txn_commit(txn));
}

struct compared {
    const char *what, *peer;
    double operations;
    double limit; /* 0: nothing is wanted */
    const char *why;
};

static void print(const struct compared *c, const struct contender *ours,
                  const struct contender *raw)
{
    double us = 1e6 / c->operations;
    printf("%-34s %9.3f %9.3f %9.3f %9.3f %8.3f %8.3f  %s\n", c->what, ours->min * us,
           ours->median * us, raw->min * us, raw->median * us, ours->min / raw->min,
           ours->median / raw->median, c->peer);
    fflush(stdout);
    goal_note(&(struct goal){.area = "store",
                             .what = c->what,
                             .peer = c->peer,
                             .is = c->limit > 0 ? GOAL_AT_MOST : GOAL_NONE,
                             .limit = c->limit,
                             .best = ours->min / raw->min,
                             .median = ours->median / raw->median,
                             .why = c->why});
}

static const char plain[] = "plain libmdbx, values of the same bytes";
static const char entries[] = "plain libmdbx, with as many entries of an index";

static void measure_puts(unsigned rounds)
{
    struct contender durable[] = {
        {.name = "store", .run = durable_store},
        {.name = "libmdbx", .run = durable_raw, .ctx = &bench.raw},
        {.name = "libmdbx, indexed", .run = durable_raw, .ctx = &bench.indexed}};
    struct contender batch[] = {
        {.name = "store", .run = batch_store},
        {.name = "libmdbx", .run = batch_raw, .ctx = &bench.raw},
        {.name = "libmdbx, indexed", .run = batch_raw, .ctx = &bench.indexed}};
    struct compared put = {"put, durable, with all indexes", plain, DURABLE_PUTS, 1.3,
                           "what is written for the indexes: see the next row"};
    rounds_run(durable, LENGTH(durable), rounds);
    print(&put, &durable[0], &durable[1]);
    put = (struct compared){put.what, entries, DURABLE_PUTS, 0, NULL};
    print(&put, &durable[0], &durable[2]);
    rounds_run(batch, LENGTH(batch), rounds);
    put = (struct compared){"put, 5000 a transaction", plain, BATCH_PUTS, 0, NULL};
    print(&put, &batch[0], &batch[1]);
    put.peer = entries;
    print(&put, &batch[0], &batch[2]);
}

static void measure_gets(unsigned rounds)
{
    struct contender gets[] = {
        {.name = "store", .run = get_validated},
        {.name = "store, trusted", .run = get_trusted},
        {.name = "libmdbx", .run = get_raw},
        {.name = "loop", .run = get_nothing},
    };
    rounds_run(gets, LENGTH(gets), rounds);
    for (size_t i = 0; i < 3; i++) { /* without the loop */
        gets[i].min -= gets[3].min;
        gets[i].median -= gets[3].median;
    }
    double count = (double)bench.messages;
    struct compared get = {
        "get, random, validated", plain, count, 1.15,
        "every byte of the value is looked at, where libmdbx only says where it is"};
    print(&get, &gets[0], &gets[2]);
    get = (struct compared){"get, random, trusted", plain, count, 1.15, NULL};
    print(&get, &gets[1], &gets[2]);
}

int main(int argc, char **argv)
{
    char path[5][4096];
    static const char *const names[] = {"durable", "trusted", "raw", "copy", "indexed"};
    struct mia_error err;
    if (argc < 2 || argc > 4)
        die("usage: bench_store DIR [MESSAGES [ROUNDS]]");
    bench.messages = argc > 2 ? parse_number(argv[2], UINT32_MAX) : 200000;
    unsigned rounds = argc > 3 ? (unsigned)parse_number(argv[3], ROUNDS_MAX) : 9;
    for (size_t i = 0; i < LENGTH(names); i++)
        snprintf(path[i], sizeof path[i], "%s/%s", argv[1], names[i]);
    if (mkdir(argv[1], 0755) != 0)
        die("cannot make %s", argv[1]);
    machine_print(argv[1]);
    check(mia_encoder_open(&bench.encoder, &err), &err);
    bench.durable = store_open(mia_engine_mdbx(), path[0], MIA_SYNC_DURABLE, false);
    bench.trusted = store_open(mia_engine_mdbx(), path[1], MIA_SYNC_LAZY, true);
    open_raw(&bench.raw, path[2]);
    open_raw(&bench.indexed, path[4]);
    open_index(&bench.indexed);
    store_fill(bench.durable, 0, bench.messages);
    store_fill(bench.trusted, 0, bench.messages);
    fill_raw(&bench.raw);
    fill_raw(&bench.indexed);
    check(mia_db_copy(mia_store_db(bench.trusted), path[3], false, &err), &err);
    open_raw(&bench.copy, path[3]);
    bench.next = bench.messages;
    printf("%" PRIu64 " messages; us an operation; ratio of times, store / libmdbx\n",
           bench.messages);
    printf("%-34s %9s %9s %9s %9s %8s %8s\n", "", "store min", "median", "mdbx min", "median",
           "min", "median");
    measure_gets(rounds);
    measure_puts(rounds);
    store_close(bench.durable);
    store_close(bench.trusted);
    mia_encoder_close(bench.encoder);
    close_raw(&bench.raw);
    close_raw(&bench.indexed);
    close_raw(&bench.copy);
    return bench.checksum == 0;
}
