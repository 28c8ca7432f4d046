/*
 * bench_engine.c - what libmia adds to libmdbx
 *
 *   bench_engine DIR [RECORDS [ROUNDS]]
 *   bench_engine --machine DIR    only says what machine this is
 *
 * The same operations through mia/db.h and through plain libmdbx, over two equal files made in DIR
 * (which must not exist), in interleaved rounds of one run. Keys have 40 bytes, values 240 to 360.
 */
#include "goals.h"
#include "rounds.h"

#include "mia/mia.h"

#include <errno.h>
#include <inttypes.h>
#include <mdbx.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#define LENGTH(a) (sizeof(a) / sizeof((a)[0]))

enum { KEY_SIZE = 40, VALUE_MIN = 240, VALUE_MAX = 360, BATCH = 256, PUTS_PER_TXN = 1000 };

/* One database, opened one way or the other. */
struct side {
    mia_db *db;
    mia_tree tree;
    MDBX_env *env;
    MDBX_dbi dbi;
    MDBX_txn *reader; /* reset; renewed for each READ transaction, as libmia does inside */
};

static struct {
    uint64_t records;
    char (*keys)[KEY_SIZE + 1]; /* ascending */
    uint32_t *order;            /* random places in keys */
    uint64_t generation;        /* puts write other bytes each time */
    uint64_t checksum;          /* of bytes read, so that no read can be left out */
    struct side ours, plain;
} bench;

static void check(mia_status rc, const struct mia_error *err)
{
    if (rc != MIA_OK)
        die("%s", err->message);
}

static void check_code(int code)
{
    if (code != MDBX_SUCCESS)
        die("libmdbx: %s", mdbx_strerror(code));
}

static uint64_t next_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

static void touch(const void *data, size_t size)
{
    bench.checksum += size > 0 ? *(const uint8_t *)data : 0;
}

/* A value for this key; its first bytes change with the generation. */
static size_t make_value(uint64_t index, uint8_t value[VALUE_MAX])
{
    uint64_t stamp = index * 0x9e3779b97f4a7c15u + bench.generation;
    size_t size = VALUE_MIN + index * 7919 % (VALUE_MAX - VALUE_MIN + 1);
    memset(value, (int)(index & 0xff), size);
    memcpy(value, &stamp, sizeof stamp);
    return size;
}

/* ---------------------------------------------------------------- random gets */

static double get_ours(void *ctx)
{
    struct side *side = ctx;
    struct mia_error err;
    mia_txn *txn;
    double start = now_seconds();
    check(mia_txn_begin(side->db, MIA_TXN_READ, &txn, &err), &err);
    for (uint64_t i = 0; i < bench.records; i++) {
        mia_slice key = {bench.keys[bench.order[i]], KEY_SIZE}, value;
        check(mia_kv_get(txn, side->tree, key, &value, &err), &err);
        touch(value.data, value.size);
    }
    mia_txn_abort(txn);
    return now_seconds() - start;
}

static double get_plain(void *ctx)
{
    struct side *side = ctx;
    double start = now_seconds();
    check_code(mdbx_txn_renew(side->reader));
    for (uint64_t i = 0; i < bench.records; i++) {
        MDBX_val key = {bench.keys[bench.order[i]], KEY_SIZE}, value;
        check_code(mdbx_get(side->reader, side->dbi, &key, &value));
        touch(value.iov_base, value.iov_len);
    }
    check_code(mdbx_txn_reset(side->reader));
    return now_seconds() - start;
}

/* ---------------------------------------------------------------- READ transactions */

static double begin_ours(void *ctx)
{
    struct side *side = ctx;
    struct mia_error err;
    mia_txn *txn;
    double start = now_seconds();
    for (uint64_t i = 0; i < bench.records; i++) {
        check(mia_txn_begin(side->db, MIA_TXN_READ, &txn, &err), &err);
        mia_txn_abort(txn);
    }
    return now_seconds() - start;
}

static double begin_plain(void *ctx)
{
    struct side *side = ctx;
    double start = now_seconds();
    for (uint64_t i = 0; i < bench.records; i++) {
        check_code(mdbx_txn_renew(side->reader));
        check_code(mdbx_txn_reset(side->reader));
    }
    return now_seconds() - start;
}

/* ---------------------------------------------------------------- scans */

static double scan_ours(void *ctx)
{
    struct side *side = ctx;
    struct mia_error err;
    struct mia_pair pairs[BATCH];
    mia_txn *txn;
    mia_cursor *cursor;
    mia_status rc;
    size_t n;
    uint64_t seen = 0;
    double start = now_seconds();
    check(mia_txn_begin(side->db, MIA_TXN_READ, &txn, &err), &err);
    check(mia_cursor_open(txn, side->tree, &cursor, &err), &err);
    while ((rc = mia_cursor_batch(cursor, pairs, BATCH, &n, &err)) == MIA_OK) {
        for (size_t i = 0; i < n; i++)
            touch(pairs[i].value.data, pairs[i].value.size);
        seen += n;
    }
    if (rc != MIA_NOTFOUND || seen != bench.records)
        die("scan: %" PRIu64 " of %" PRIu64 " pairs seen", seen, bench.records);
    mia_cursor_close(cursor);
    mia_txn_abort(txn);
    return now_seconds() - start;
}

static double scan_plain(void *ctx)
{
    struct side *side = ctx;
    MDBX_val pairs[2 * BATCH];
    MDBX_cursor *cursor;
    MDBX_cursor_op op = MDBX_FIRST;
    size_t n;
    uint64_t seen = 0;
    int code;
    double start = now_seconds();
    check_code(mdbx_txn_renew(side->reader));
    check_code(mdbx_cursor_open(side->reader, side->dbi, &cursor));
    while ((code = mdbx_cursor_get_batch(cursor, &n, pairs, LENGTH(pairs), op)) == MDBX_SUCCESS ||
           code == MDBX_RESULT_TRUE) {
        for (size_t i = 1; i < n; i += 2)
            touch(pairs[i].iov_base, pairs[i].iov_len);
        seen += n / 2;
        op = MDBX_NEXT;
    }
    if (seen != bench.records)
        die("plain scan: %" PRIu64 " of %" PRIu64 " pairs seen", seen, bench.records);
    mdbx_cursor_close(cursor);
    check_code(mdbx_txn_reset(side->reader));
    return now_seconds() - start;
}

static double next_ours(void *ctx)
{
    struct side *side = ctx;
    struct mia_error err;
    mia_txn *txn;
    mia_cursor *cursor;
    mia_slice key, value;
    uint64_t seen = 0;
    double start = now_seconds();
    check(mia_txn_begin(side->db, MIA_TXN_READ, &txn, &err), &err);
    check(mia_cursor_open(txn, side->tree, &cursor, &err), &err);
    for (; mia_cursor_move(cursor, MIA_MOVE_NEXT, &key, &value, &err) == MIA_OK; seen++)
        touch(value.data, value.size);
    if (seen != bench.records)
        die("next: %" PRIu64 " of %" PRIu64 " pairs seen", seen, bench.records);
    mia_cursor_close(cursor);
    mia_txn_abort(txn);
    return now_seconds() - start;
}

static double next_plain(void *ctx)
{
    struct side *side = ctx;
    MDBX_cursor *cursor;
    MDBX_val key, value;
    uint64_t seen = 0;
    double start = now_seconds();
    check_code(mdbx_txn_renew(side->reader));
    check_code(mdbx_cursor_open(side->reader, side->dbi, &cursor));
    for (; mdbx_cursor_get(cursor, &key, &value, MDBX_NEXT) == MDBX_SUCCESS; seen++)
        touch(value.iov_base, value.iov_len);
    if (seen != bench.records)
        die("plain next: %" PRIu64 " of %" PRIu64 " pairs seen", seen, bench.records);
    mdbx_cursor_close(cursor);
    check_code(mdbx_txn_reset(side->reader));
    return now_seconds() - start;
}

/* ---------------------------------------------------------------- puts */

static uint64_t put_count(void)
{
    uint64_t some = bench.records / 10;
    return some > PUTS_PER_TXN ? some - some % PUTS_PER_TXN : PUTS_PER_TXN;
}

static double put_ours(void *ctx)
{
    struct side *side = ctx;
    struct mia_error err;
    uint8_t value[VALUE_MAX];
    mia_txn *txn = NULL;
    double start = now_seconds();
    bench.generation++;
    for (uint64_t i = 0; i < put_count(); i++) {
        uint32_t place = bench.order[i % bench.records];
        mia_slice key = {bench.keys[place], KEY_SIZE}, bytes = {value, make_value(place, value)};
        if (i % PUTS_PER_TXN == 0)
            check(mia_txn_begin(side->db, MIA_TXN_WRITE, &txn, &err), &err);
        check(mia_kv_put(txn, side->tree, key, bytes, MIA_PUT_UPSERT, &err), &err);
        if ((i + 1) % PUTS_PER_TXN == 0)
            check(mia_txn_commit(txn, &err), &err);
    }
    return now_seconds() - start;
}

static double put_plain(void *ctx)
{
    struct side *side = ctx;
    uint8_t value[VALUE_MAX];
    MDBX_txn *txn = NULL;
    double start = now_seconds();
    bench.generation++;
    for (uint64_t i = 0; i < put_count(); i++) {
        uint32_t place = bench.order[i % bench.records];
        MDBX_val key = {bench.keys[place], KEY_SIZE}, bytes = {value, make_value(place, value)};
        if (i % PUTS_PER_TXN == 0)
            check_code(mdbx_txn_begin(side->env, NULL, MDBX_TXN_READWRITE, &txn));
        check_code(mdbx_put(txn, side->dbi, &key, &bytes, MDBX_UPSERT));
        if ((i + 1) % PUTS_PER_TXN == 0)
            check_code(mdbx_txn_commit(txn));
    }
    return now_seconds() - start;
}

static double append_ours(void *ctx)
{
    struct side *side = ctx;
    struct mia_error err;
    uint8_t value[VALUE_MAX];
    mia_txn *txn;
    double start = now_seconds();
    check(mia_txn_begin(side->db, MIA_TXN_WRITE, &txn, &err), &err);
    check(mia_tree_clear(txn, side->tree, &err), &err);
    for (uint64_t i = 0; i < bench.records; i++) {
        mia_slice key = {bench.keys[i], KEY_SIZE}, bytes = {value, make_value(i, value)};
        check(mia_kv_put(txn, side->tree, key, bytes, MIA_PUT_APPEND, &err), &err);
    }
    check(mia_txn_commit(txn, &err), &err);
    return now_seconds() - start;
}

static double append_plain(void *ctx)
{
    struct side *side = ctx;
    uint8_t value[VALUE_MAX];
    MDBX_txn *txn;
    MDBX_cursor *cursor;
    double start = now_seconds();
    check_code(mdbx_txn_begin(side->env, NULL, MDBX_TXN_READWRITE, &txn));
    check_code(mdbx_drop(txn, side->dbi, false));
    check_code(mdbx_cursor_open(txn, side->dbi, &cursor));
    for (uint64_t i = 0; i < bench.records; i++) {
        MDBX_val key = {bench.keys[i], KEY_SIZE}, bytes = {value, make_value(i, value)};
        check_code(mdbx_cursor_put(cursor, &key, &bytes, MDBX_APPEND));
    }
    mdbx_cursor_close(cursor);
    check_code(mdbx_txn_commit(txn));
    return now_seconds() - start;
}

/* ---------------------------------------------------------------- set-up */

static int compare_keys(const void *a, const void *b)
{
    return memcmp(a, b, KEY_SIZE);
}

static void make_workload(void)
{
    uint64_t state = 88172645463325252u;
    bench.keys = malloc(bench.records * sizeof bench.keys[0]);
    bench.order = malloc(bench.records * sizeof bench.order[0]);
    if (bench.keys == NULL || bench.order == NULL)
        die("out of memory for %" PRIu64 " keys", bench.records);
    for (uint64_t i = 0; i < bench.records; i++) {
        uint64_t a = next_random(&state), b = next_random(&state);
        snprintf(bench.keys[i], sizeof bench.keys[i], "message_%016" PRIx64 "%016" PRIx64, a, b);
        bench.order[i] = (uint32_t)i;
    }
    qsort(bench.keys, bench.records, sizeof bench.keys[0], compare_keys);
    for (uint64_t i = bench.records - 1; i > 0; i--) {
        uint64_t j = next_random(&state) % (i + 1);
        uint32_t swap = bench.order[i];
        bench.order[i] = bench.order[j];
        bench.order[j] = swap;
    }
}

static void open_ours(struct side *side, const char *path)
{
    struct mia_error err;
    struct mia_db_options opt = {.struct_size = sizeof opt, .durability = MIA_SYNC_LAZY};
    mia_txn *txn;
    check(mia_db_open(mia_engine_mdbx(), path, &opt, &side->db, &err), &err);
    check(mia_txn_begin(side->db, MIA_TXN_WRITE, &txn, &err), &err);
    check(mia_tree_open(txn, MIA_BYTES("bench"), MIA_TREE_CREATE, &side->tree, &err), &err);
    check(mia_txn_commit(txn, &err), &err);
}

/* The settings are those that libmia opens a lazy database with. */
static void open_plain(struct side *side, const char *path)
{
    MDBX_txn *txn;
    MDBX_env_flags_t flags = MDBX_NOSTICKYTHREADS | MDBX_LIFORECLAIM | MDBX_SAFE_NOSYNC;
    check_code(mdbx_env_create(&side->env));
    check_code(mdbx_env_set_maxdbs(side->env, 64));
    check_code(mdbx_env_set_geometry(side->env, -1, -1, (intptr_t)1 << 40, 16 << 20, -1, -1));
    check_code(mdbx_env_open(side->env, path, flags, 0644));
    check_code(mdbx_env_set_syncbytes(side->env, 64 << 20));
    check_code(mdbx_txn_begin(side->env, NULL, MDBX_TXN_READWRITE, &txn));
    check_code(mdbx_dbi_open(txn, "bench", MDBX_CREATE, &side->dbi));
    check_code(mdbx_txn_commit(txn));
    check_code(mdbx_txn_begin(side->env, NULL, MDBX_TXN_RDONLY, &side->reader));
    check_code(mdbx_txn_reset(side->reader));
}

static void close_sides(void)
{
    struct mia_error err;
    mdbx_txn_abort(bench.plain.reader);
    check_code(mdbx_env_close(bench.plain.env));
    check(mia_db_close(bench.ours.db, &err), &err);
}

static uint64_t all_records(void)
{
    return bench.records;
}

/* Appending comes first: it also fills the databases for the rest. */
static const struct {
    const char *name;
    double (*ours)(void *), (*plain)(void *);
    uint64_t (*operations)(void);
    double limit; /* 0: no goal */
} measures[] = {
    {"append, one transaction", append_ours, append_plain, all_records, 0},
    {"get, random", get_ours, get_plain, all_records, 1.03},
    {"READ transaction", begin_ours, begin_plain, all_records, 0},
    {"scan, batch()", scan_ours, scan_plain, all_records, 0},
    {"scan, NEXT", next_ours, next_plain, all_records, 0},
    {"put, random, 1000 a txn", put_ours, put_plain, put_count, 0},
};

static void measure(size_t which, unsigned rounds)
{
    struct contender contenders[] = {
        {.name = "libmia", .run = measures[which].ours, .ctx = &bench.ours},
        {.name = "libmdbx", .run = measures[which].plain, .ctx = &bench.plain},
    };
    rounds_run(contenders, LENGTH(contenders), rounds);
    const struct contender *ours = &contenders[0], *plain = &contenders[1];
    double ns = 1e9 / (double)measures[which].operations();
    printf("%-24s %9.1f %9.1f %9.1f %9.1f %9.3f %9.3f\n", measures[which].name, ours->min * ns,
           ours->median * ns, plain->min * ns, plain->median * ns, ours->min / plain->min,
           ours->median / plain->median);
    fflush(stdout);
    goal_note(&(struct goal){.area = "engine",
                             .what = measures[which].name,
                             .peer = "plain libmdbx",
                             .is = measures[which].limit > 0 ? GOAL_AT_MOST : GOAL_NONE,
                             .limit = measures[which].limit,
                             .best = ours->min / plain->min,
                             .median = rounds_ratio(ours, plain, rounds)});
}

static uint64_t number(const char *text, uint64_t most)
{
    char *end;
    errno = 0;
    unsigned long long n = strtoull(text, &end, 10);
    if (errno != 0 || *end != '\0' || n < 1 || n > most)
        die("%s: a number from 1 to %" PRIu64 " is wanted", text, most);
    return n;
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "--machine") == 0) {
        machine_print(argv[2]);
        return 0;
    }
    if (argc < 2 || argc > 4)
        die("usage: bench_engine DIR [RECORDS [ROUNDS]]");
    bench.records = argc > 2 ? number(argv[2], UINT32_MAX) : 300000;
    unsigned rounds = argc > 3 ? (unsigned)number(argv[3], ROUNDS_MAX) : 15;
    char ours[4096], plain[4096];
    snprintf(ours, sizeof ours, "%s/libmia", argv[1]);
    snprintf(plain, sizeof plain, "%s/libmdbx", argv[1]);
    if (mkdir(argv[1], 0755) != 0)
        die("%s: %s; name a new directory", argv[1], strerror(errno));
    make_workload();
    open_ours(&bench.ours, ours);
    open_plain(&bench.plain, plain);
    machine_print(argv[1]);
    printf("%" PRIu64 " records, %u rounds, ns an operation, lazy durability on both sides\n",
           bench.records, rounds);
    printf("%-24s %9s %9s %9s %9s %9s %9s\n", "", "libmia", "", "libmdbx", "", "ratio", "");
    printf("%-24s %9s %9s %9s %9s %9s %9s\n", "", "min", "median", "min", "median", "min",
           "median");
    for (size_t i = 0; i < LENGTH(measures); i++)
        measure(i, rounds);
    close_sides();
    printf("(checksum %016" PRIx64 ")\n", bench.checksum);
    free(bench.keys);
    free(bench.order);
    return 0;
}
