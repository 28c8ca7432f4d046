/*
 * bench_designs.c - the store beside other designs of it: sled with bincode, libmdbx with archives
 * read in three ways, LMDB and redb
 *
 *   bench_designs PEER DIR [MESSAGES [ROUNDS]]
 *
 * PEER is the program bench-designs of interop/; DIR must not exist. The same messages under the
 * same ids in all of them, read in the same order in interleaved rounds; all must come to the same
 * sum. Only libmia's store has indexes.
 */
#include "base/bytes.h"
#include "goals.h"
#include "pipes.h"
#include "program.h"
#include "rounds.h"
#include "workload.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { VALIDATED, TRUSTED, STORES, DESIGNS_MOST = 8, DURABLE_PUTS = 100, BATCH_PUTS = 5000 };

struct bench {
    uint64_t messages, next; /* the number of the next new message */
    mia_store *stores[STORES];
    mia_encoder *encoder;
    char (*ids)[40]; /* of the messages to get, in this order */
    struct pipes peer;
    uint32_t designs;
    char names[DESIGNS_MOST][64];
    uint64_t got, scanned; /* the sums that all have to come to */
};

/* What one contender does at a time: our store if `ours`, else a design of the peer. */
struct turn {
    struct bench *bench;
    char operation; /* g: gets, s: a scan, p: puts, as the peer knows them */
    bool ours;
    uint32_t which, transactions, each;
};

/* ---------------------------------------------------------------- the peer */

static void send_message(struct bench *b, uint64_t i)
{
    struct texts texts;
    struct mia_error err;
    mia_slice bincode;
    struct mia_record message = message_number(i, &texts);
    check(mia_encode_bincode(b->encoder, &message, &bincode, &err), &err);
    pipes_write_sized(&b->peer, bincode.data, bincode.size);
}

/* Its own seconds. */
static double run_peer(const struct turn *turn, uint64_t *sum)
{
    struct bench *b = turn->bench;
    uint8_t answer[2 * sizeof(uint64_t)]; /* nanoseconds, sum */
    pipes_write(&b->peer, &turn->operation, 1);
    pipes_write_number(&b->peer, turn->which);
    if (turn->operation == 'p') {
        pipes_write_number(&b->peer, turn->transactions);
        pipes_write_number(&b->peer, turn->each);
        for (uint32_t i = 0; i < turn->transactions * turn->each; i++)
            send_message(b, b->next++);
    }
    pipes_read(&b->peer, answer, sizeof answer);
    *sum = mia__load_u64le(answer + 8);
    return (double)mia__load_u64le(answer) / 1e9;
}

/* ---------------------------------------------------------------- ourselves */

static uint64_t weight(mia_view message)
{
    return (uint64_t)mia_message_timestamp(message) + mia_message_text_content(message).size;
}

static uint64_t get_all(const struct bench *b, mia_txn *txn)
{
    struct mia_error err;
    mia_view view;
    uint64_t sum = 0;
    for (uint64_t i = 0; i < b->messages; i++) {
        check(mia_get(txn, MIA_TABLE_NODES, mia_str_of(b->ids[i]), &view, &err), &err);
        sum += weight(view);
    }
    return sum;
}

static uint64_t scan_all(mia_txn *txn)
{
    struct mia_error err;
    mia_scan *scan;
    mia_str id;
    mia_view view;
    mia_status rc;
    uint64_t sum = 0;
    check(mia_scan_open(txn, MIA_TABLE_NODES, MIA_STR(""), &scan, &err), &err);
    while ((rc = mia_scan_next(scan, &id, &view, &err)) == MIA_OK)
        sum += weight(view);
    if (rc != MIA_NOTFOUND)
        check(rc, &err);
    mia_scan_close(scan);
    return sum;
}

static void put_all(struct bench *b, mia_store *store, uint32_t transactions, uint32_t each)
{
    struct mia_error err;
    struct texts texts;
    for (uint32_t i = 0; i < transactions; i++) {
        mia_txn *txn;
        check(mia_store_begin(store, MIA_TXN_WRITE, &txn, &err), &err);
        for (uint32_t j = 0; j < each; j++) {
            struct mia_record message = message_number(b->next++, &texts);
            check(mia_put(txn, &message, &err), &err);
        }
        check(mia_txn_commit(txn, &err), &err);
    }
}

static double run_ours(const struct turn *turn, uint64_t *sum)
{
    struct mia_error err;
    mia_txn *txn;
    mia_store *store = turn->bench->stores[turn->which];
    double start = now_seconds();
    if (turn->operation == 'p') {
        put_all(turn->bench, store, turn->transactions, turn->each);
        return now_seconds() - start;
    }
    check(mia_store_begin(store, MIA_TXN_READ, &txn, &err), &err);
    *sum = turn->operation == 'g' ? get_all(turn->bench, txn) : scan_all(txn);
    mia_txn_abort(txn);
    return now_seconds() - start;
}

/* ---------------------------------------------------------------- in turns */

static double run(void *ctx)
{
    const struct turn *turn = ctx;
    uint64_t sum = 0;
    double seconds = turn->ours ? run_ours(turn, &sum) : run_peer(turn, &sum);
    uint64_t wanted = turn->operation == 'g'   ? turn->bench->got
                      : turn->operation == 's' ? turn->bench->scanned
                                               : 0;
    if (sum != wanted)
        die("what was read adds up to %" PRIu64 ", not to %" PRIu64, sum, wanted);
    return seconds;
}

struct measured {
    const char *what; /* a row of the report */
    char operation;
    enum goal_is is;
    uint32_t transactions, each; /* of puts */
    const char *why;
};

static void note(const struct measured *m, const char *how, const struct contender *ours,
                 const struct contender *peer, unsigned rounds)
{
    char what[96];
    snprintf(what, sizeof what, "%s%s", m->what, how);
    goal_note(&(struct goal){.area = "designs",
                             .what = what,
                             .peer = peer->name,
                             .is = m->is,
                             .limit = 1,
                             .best = peer->min / ours->min,
                             .median = rounds_ratio(peer, ours, rounds),
                             .why = m->why});
}

static void measure(struct bench *b, const struct measured *m, unsigned rounds)
{
    struct turn turns[STORES + DESIGNS_MOST];
    struct contender all[STORES + DESIGNS_MOST];
    uint32_t ours = m->operation == 'p' ? 1 : STORES, count = ours + b->designs;
    double operations =
        m->operation == 'p' ? (double)m->transactions * m->each : (double)b->messages;
    for (uint32_t i = 0; i < count; i++) {
        bool is_ours = i < ours;
        turns[i] = (struct turn){
            b, m->operation, is_ours, is_ours ? i : i - ours, m->transactions, m->each};
        all[i] = (struct contender){.name = !is_ours       ? b->names[i - ours]
                                            : i == TRUSTED ? "libmia, trusted"
                                                           : "libmia",
                                    .run = run,
                                    .ctx = &turns[i]};
    }
    rounds_run(all, count, rounds);
    printf("%s\n", m->what);
    for (uint32_t i = 0; i < count; i++)
        printf("  %-30s %9.3f %9.3f us %8.2f\n", all[i].name, all[i].min / operations * 1e6,
               all[i].median / operations * 1e6, rounds_ratio(&all[i], &all[0], rounds));
    fflush(stdout);
    for (uint32_t i = ours; i < count; i++) {
        bool unchecked = ours == STORES && strstr(all[i].name, "unchecked") != NULL;
        note(m, unchecked ? ", trusted" : "", &all[unchecked ? TRUSTED : VALIDATED], &all[i],
             rounds);
    }
}

/* ---------------------------------------------------------------- set-up */

static void fill(struct bench *b, mia_store *store)
{
    for (b->next = 0; b->next < b->messages;) {
        uint64_t left = b->messages - b->next;
        put_all(b, store, 1, left < BATCH_PUTS ? (uint32_t)left : BATCH_PUTS);
    }
}

static void set_up_stores(struct bench *b, const char *dir)
{
    static const char *const names[STORES] = {[VALIDATED] = "validated", [TRUSTED] = "trusted"};
    for (size_t i = 0; i < STORES; i++) {
        char path[4096];
        snprintf(path, sizeof path, "%s/%s", dir, names[i]);
        b->stores[i] = store_open(mia_engine_mdbx(), path, MIA_SYNC_DURABLE, i == TRUSTED);
        fill(b, b->stores[i]);
    }
}

static void set_up_peer(struct bench *b, const char *program, const char *dir)
{
    pipes_start(&b->peer, program);
    pipes_write_sized(&b->peer, dir, strlen(dir));
    pipes_write_number(&b->peer, (uint32_t)b->messages);
    for (uint64_t i = 0; i < b->messages; i++)
        send_message(b, i);
    for (uint64_t i = 0; i < b->messages; i++)
        pipes_write_number(&b->peer, (uint32_t)(mix(i) % b->messages));
    b->designs = pipes_read_number(&b->peer);
    if (b->designs > DESIGNS_MOST)
        die("the Rust program has %u designs", b->designs);
    for (uint32_t i = 0; i < b->designs; i++) {
        uint32_t size = pipes_read_number(&b->peer);
        if (size >= sizeof b->names[i])
            die("a design has a name of %u bytes", size);
        pipes_read(&b->peer, b->names[i], size);
    }
}

static uint64_t weight_of_record(struct mia_record message)
{
    return (uint64_t)message.u.message.timestamp + message.u.message.text_content.size;
}

static void set_up_ids(struct bench *b)
{
    struct texts texts;
    b->ids = malloc(b->messages * sizeof *b->ids);
    if (b->ids == NULL)
        die("no memory for %" PRIu64 " ids", b->messages);
    for (uint64_t i = 0; i < b->messages; i++) {
        b->scanned += weight_of_record(message_number(i, &texts));
        b->got += weight_of_record(message_number(mix(i) % b->messages, &texts));
        memcpy(b->ids[i], texts.id, sizeof texts.id);
    }
}

static void note_sizes(const struct bench *b, const char *dir)
{
    for (uint32_t i = 0; i <= b->designs; i++) {
        char path[4096];
        const char *name = i == 0 ? "libmia, with its indexes" : b->names[i - 1];
        snprintf(path, sizeof path, i == 0 ? "%s/validated" : "%s/design-%u", dir, i - 1);
        double mib = tree_bytes(path) / 1048576;
        printf("  %-36s %9.1f MiB on disk\n", name, mib);
        goal_note(&(struct goal){.area = "designs",
                                 .what = "space on disk",
                                 .peer = name,
                                 .best = mib,
                                 .median = mib,
                                 .unit = "MiB"});
    }
}

int main(int argc, char **argv)
{
    static const struct measured gets = {"get, random", 'g', GOAL_AT_LEAST, 0, 0, NULL};
    static const struct measured scans = {"scan", 's', GOAL_AT_LEAST, 0, 0, NULL};
    static const struct measured puts[] = {
        {"put, durable, with indexes", 'p', GOAL_NONE, DURABLE_PUTS, 1, "only libmia has indexes"},
        {"put, 5000 a transaction, with indexes", 'p', GOAL_NONE, 1, BATCH_PUTS,
         "only libmia has indexes"}};
    struct bench b = {0};
    struct mia_error err;
    if (argc < 3 || argc > 5)
        die("usage: bench_designs PEER DIR [MESSAGES [ROUNDS]]");
    b.messages = argc > 3 ? parse_number(argv[3], UINT32_MAX) : 200000;
    unsigned rounds = argc > 4 ? (unsigned)parse_number(argv[4], ROUNDS_MAX) : 5;
    if (mkdir(argv[2], 0755) != 0)
        die("cannot make %s", argv[2]);
    machine_print(argv[2]);
    check(mia_encoder_open(&b.encoder, &err), &err);
    set_up_ids(&b);
    set_up_stores(&b, argv[2]);
    set_up_peer(&b, argv[1], argv[2]);
    printf("%" PRIu64 " messages; us an operation, min and median; ratio to libmia\n", b.messages);
    measure(&b, &gets, rounds);
    measure(&b, &scans, rounds);
    note_sizes(&b, argv[2]);
    for (size_t i = 0; i < sizeof puts / sizeof puts[0]; i++)
        measure(&b, &puts[i], rounds);
    pipes_stop(&b.peer);
    for (size_t i = 0; i < STORES; i++)
        store_close(b.stores[i]);
    mia_encoder_close(b.encoder);
    free(b.ids);
    return 0;
}
