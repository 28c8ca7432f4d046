/*
 * Repairs: whatever differs, the target is what the source is afterwards, with its indexes;
 * whenever the process is killed, the next run comes to that end. And what must not be repaired is
 * not.
 */
#include "base/file.h"
#include "plant.h"
#include "support/check.h"
#include "support/process.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { RECORDS = 2000, ROUNDS = 12 / ROUNDS_SHARE, KILLS = 40 / ROUNDS_SHARE };

static uint64_t seed;

static int open_typed(void **state)
{
    return field_setup(state, true, RECORDS, seed);
}

static int open_raw(void **state)
{
    return field_setup(state, false, RECORDS, seed);
}

static uint64_t sum(const uint64_t counts[MIA_DIFF_CLASSES])
{
    uint64_t total = 0;
    for (int i = 0; i < MIA_DIFF_CLASSES; i++)
        total += counts[i];
    return total;
}

/* Any plant in the target; in the source what leaves it sound. */
static void plant_any(struct field *f, size_t most)
{
    for (size_t n = 1 + test_below(&f->random, most); n > 0; n--) {
        bool in_source = test_below(&f->random, 3) == 0;
        size_t last = !f->is_typed ? PLANT_LAST_UNTYPED
                      : in_source  ? PLANT_LAST_SOUND
                                   : PLANT_DAMAGED_BOTH;
        field_plant(f, (enum plant)test_below(&f->random, last),
                    in_source ? MIA_SIDE_SOURCE : MIA_SIDE_TARGET);
    }
}

static void repair_and_check(struct field *f)
{
    struct lines found;
    struct mia_verify_report report;
    field_repair(f, &report, &found);
    lines_equal(&f->wanted, &found);
    lines_free(&found);
    assert_int_equal(report.failure, MIA_FAILURE_NONE);
    assert_int_equal(sum(report.differences), 0);
    assert_int_equal(sum(report.repaired), f->wanted.count);
    field_check(f);
}

static void each_plant_is_repaired(void **state)
{
    struct field *f = *state;
    int last = f->is_typed ? PLANT_DAMAGED_BOTH : PLANT_LAST_UNTYPED;
    for (int plant = 0; plant < last; plant++)
        for (int side = MIA_SIDE_SOURCE; side <= MIA_SIDE_TARGET; side++) {
            if (side == MIA_SIDE_SOURCE && plant >= PLANT_LAST_SOUND)
                continue;
            field_reset(f);
            field_open(f);
            for (int i = 0; i < 4; i++)
                field_plant(f, (enum plant)plant, (enum mia_side)side);
            field_close(f);
            repair_and_check(f);
        }
}

static void any_mixture_is_repaired(void **state)
{
    struct field *f = *state;
    for (int round = 0; round < ROUNDS; round++) {
        field_reset(f);
        field_open(f);
        plant_any(f, 60);
        field_close(f);
        repair_and_check(f);
    }
}

/* The same again, from sled's own files. */
static void sled_is_a_source(void **state)
{
    struct field *f = *state;
    struct mia_verify_report report = {.struct_size = sizeof report};
    struct mia_verify_options opt = {.struct_size = sizeof opt,
                                     .source = f->origin,
                                     .target = f->sides[1],
                                     .repair = true,
                                     .force = true};
    field_reset(f);
    field_open(f);
    for (int i = 0; i < 50; i++)
        field_plant(f,
                    (enum plant)test_below(&f->random,
                                           f->is_typed ? PLANT_DAMAGED_BOTH : PLANT_LAST_UNTYPED),
                    MIA_SIDE_TARGET);
    field_close(f);
    OK(mia_verify(&opt, &report, ERR));
    assert_int_equal(report.failure, MIA_FAILURE_NONE);
    assert_int_equal(sum(report.repaired), f->wanted.count);
    opt.repair = opt.force = false;
    OK(mia_verify(&opt, &report, ERR));
    assert_int_equal(sum(report.differences), 0);
    opt.repair = true; /* nobody wrote to it since, and it is known what from */
    OK(mia_verify(&opt, &report, ERR));
    assert_int_equal(sum(report.repaired), 0);
}

static void a_damaged_source_is_no_measure(void **state)
{
    struct field *f = *state;
    struct lines found;
    struct mia_verify_report report = {.struct_size = sizeof report};
    struct mia_verify_options opt = {.struct_size = sizeof opt,
                                     .source = f->sides[0],
                                     .target = f->sides[1],
                                     .repair = true,
                                     .force = true};
    field_reset(f);
    field_open(f);
    field_plant(f, PLANT_DAMAGED, MIA_SIDE_SOURCE);
    field_plant(f, PLANT_DAMAGED_BOTH, MIA_SIDE_SOURCE);
    field_close(f);
    size_t damaged = f->wanted.count;
    field_open(f);
    field_plant(f, PLANT_DELETE, MIA_SIDE_TARGET);
    field_close(f);
    field_repair(f, &report, &found); /* what can be, is */
    lines_free(&found);
    assert_int_equal(report.failure, MIA_FAILURE_DIFFERENT);
    assert_int_equal(sum(report.differences), damaged);
    assert_int_equal(sum(report.repaired), f->wanted.count - damaged);
    field_reset(f);
    field_open(f);
    field_plant(f, PLANT_TWICE, MIA_SIDE_SOURCE);
    field_close(f);
    report = (struct mia_verify_report){.struct_size = sizeof report};
    ANSWERS(mia_verify(&opt, &report, ERR), MIA_ERR_CORRUPT);
    assert_int_equal(report.failure, MIA_FAILURE_SOURCE);
    assert_non_null(strstr(test_error.message, "out of order"));
}

/* ---- killed */

/* Kills itself at a difference, or not at all: 0. */
struct victim {
    uint64_t left;
};

static void die_at(void *ctx, const struct mia_difference *d)
{
    struct victim *v = ctx;
    (void)d;
    if (v->left > 0 && --v->left == 0)
        kill(getpid(), SIGKILL);
}

static int play_repair(const char *folder, const char *nth)
{
    char source[TEST_PATH], target[TEST_PATH];
    struct victim victim = {strtoull(nth, NULL, 10)};
    struct mia_verify_report report = {.struct_size = sizeof report};
    test_path(source, folder, "source");
    test_path(target, folder, "target");
    struct mia_verify_options opt = {.struct_size = sizeof opt,
                                     .source = source,
                                     .target = target,
                                     .difference = die_at,
                                     .difference_ctx = &victim,
                                     .batch_bytes = 1000,
                                     .repair = true,
                                     .force = true};
    return mia_verify(&opt, &report, NULL) == MIA_OK ? 0 : 1;
}

static int play_hold(const char *target, const char *ignored)
{
    mia_db *db;
    (void)ignored;
    if (mia_db_open(mia_engine_mdbx(), target, NULL, &db, NULL) < 0)
        return 1;
    test_say_ready();
    pause();
    return 0;
}

static void wait_us(size_t us)
{
    struct timespec time = {.tv_sec = (time_t)(us / 1000000),
                            .tv_nsec = (long)(us % 1000000) * 1000};
    nanosleep(&time, NULL);
}

/* Every second time at a difference, else at any instant. The next run needs no force: what was
 * written since the migration, this tool wrote. */
static void kill_one(struct field *f, size_t whole_us, bool at_difference)
{
    char nth[24] = "0";
    if (at_difference)
        sprintf(nth, "%zu", 1 + test_below(&f->random, f->wanted.count));
    struct test_process process = test_start("repair", f->folder, nth);
    if (!at_difference) {
        wait_us(test_below(&f->random, whole_us));
        kill(process.pid, SIGKILL); /* it may be over already */
    }
    int code = test_end(&process);
    assert_true(code == -SIGKILL || (code == 0 && !at_difference));
}

static size_t now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (size_t)now.tv_sec * 1000000 + (size_t)now.tv_nsec / 1000;
}

static void kills_at_any_time_are_survived(void **state)
{
    struct field *f = *state;
    size_t whole_us = 0, partial = 0;
    for (int round = 0; round < KILLS; round++) {
        struct lines found;
        struct mia_verify_report report;
        field_reset(f);
        field_open(f);
        plant_any(f, 100);
        field_close(f);
        if (round == 0) { /* how long does it take? */
            size_t began = now_us();
            assert_int_equal(test_run("repair", f->folder, "0"), 0);
            whole_us = now_us() - began;
            field_check(f);
            continue;
        }
        kill_one(f, whole_us, round % 2 == 0 && f->wanted.count > 0);
        field_verify(f, &report, &found);
        assert_true(found.count <= f->wanted.count);
        partial += found.count > 0 && found.count < f->wanted.count;
        lines_free(&found);
        kill_one(f, whole_us, false);
        assert_int_equal(test_run("repair", f->folder, "0"), 0);
        field_check(f);
    }
    print_message("%zu of %d kills were in the middle\n", partial, KILLS);
    assert_true(partial > 0);
}

static void a_killed_one_needs_no_force_again(void **state)
{
    struct field *f = *state;
    struct mia_verify_report report = {.struct_size = sizeof report};
    struct mia_verify_options opt = {
        .struct_size = sizeof opt, .source = f->sides[0], .target = f->sides[1], .repair = true};
    field_reset(f);
    field_open(f);
    for (int i = 0; i < 60; i++)
        field_plant(f, (enum plant)(f->is_typed ? PLANT_DAMAGED : PLANT_DELETE), MIA_SIDE_TARGET);
    field_close(f);
    ANSWERS(mia_verify(&opt, &report, ERR), MIA_ERR_INVALID);
    assert_int_equal(report.failure, MIA_FAILURE_REFUSED);
    assert_int_equal(test_run("repair", f->folder, "50"), -SIGKILL);
    OK(mia_verify(&opt, &report, ERR));
    assert_int_equal(report.failure, MIA_FAILURE_NONE);
    assert_true(sum(report.repaired) > 0 && sum(report.repaired) < 60);
    field_check(f);
}

/* ---- refused */

static void ask(struct mia_verify_options *opt, mia_status expected, const char *why)
{
    struct mia_verify_report report = {.struct_size = sizeof report};
    ANSWERS(mia_verify(opt, &report, ERR), expected);
    assert_int_equal(report.failure, expected == MIA_OK ? MIA_FAILURE_NONE : MIA_FAILURE_REFUSED);
    if (why != NULL && strstr(test_error.message, why) == NULL)
        print_error("%s\n", test_error.message);
    assert_true(why == NULL || strstr(test_error.message, why) != NULL);
}

static void change(const char *path, const char *name, const char *value)
{
    mia_db *db;
    mia_txn *txn;
    mia_tree tree;
    OK(mia_db_open(mia_engine_mdbx(), path, NULL, &db, ERR));
    OK(mia_txn_begin(db, MIA_TXN_WRITE, &txn, ERR));
    OK(mia_tree_open(txn, mia_bytes_of(name), MIA_TREE_CREATE, &tree, ERR));
    if (value != NULL)
        OK(mia_kv_put(txn, tree, MIA_BYTES("later"), mia_bytes_of(value), MIA_PUT_UPSERT, ERR));
    OK(mia_txn_commit(txn, ERR));
    OK(mia_db_close(db, ERR));
}

static void later_writes_are_not_undone(void **state)
{
    struct field *f = *state;
    mia_store *store;
    struct mia_record record = {MIA_KIND_CHAT, {.chat = {.id = MIA_STR("later")}}};
    struct mia_index_report index = {.struct_size = sizeof index};
    struct mia_verify_options opt = {
        .struct_size = sizeof opt, .source = f->origin, .target = f->sides[1], .repair = true};
    field_reset(f);
    ask(&opt, MIA_OK, NULL);
    OK(mia_store_open(NULL, f->sides[1], NULL, &store, ERR)); /* opened and not written to */
    OK(mia_store_close(store, ERR));
    ask(&opt, MIA_OK, NULL);
    OK(mia_store_open(NULL, f->sides[1], NULL, &store, ERR));
    OK(mia_index_rebuild(store, NULL, NULL, &index, ERR)); /* nothing that a repair would undo */
    OK(mia_store_close(store, ERR));
    ask(&opt, MIA_OK, NULL);
    OK(mia_store_open(NULL, f->sides[1], NULL, &store, ERR));
    OK(mia_store_put(store, &record, ERR));
    OK(mia_store_close(store, ERR));
    ask(&opt, MIA_ERR_INVALID, "'nodes' was written to since the migration");
    OK(mia_store_open(NULL, f->sides[1], NULL, &store, ERR)); /* gone again: it cannot be known */
    OK(mia_store_delete(store, MIA_TABLE_NODES, MIA_STR("later"), 0, ERR));
    OK(mia_store_close(store, ERR));
    ask(&opt, MIA_ERR_INVALID, "'nodes' was written to since the migration");
    opt.force = true;
    ask(&opt, MIA_OK, NULL);
    opt.force = false;
    ask(&opt, MIA_ERR_INVALID, "written to since"); /* nothing differed, so nothing was written */
}

static void another_source_is_refused(void **state)
{
    struct field *f = *state;
    struct mia_verify_options opt = {
        .struct_size = sizeof opt, .source = f->sides[0], .target = f->sides[1], .repair = true};
    field_reset(f);
    ask(&opt, MIA_ERR_INVALID, "was not made from");
    opt.force = true;
    ask(&opt, MIA_OK, NULL);
    opt.source = f->base;
    change(f->sides[0], "plain tables", "x");
    opt.source = f->sides[1]; /* what is no target of mia's */
    opt.target = f->folder;
    ask(&opt, MIA_ERR_INVALID, "no libmdbx database");
    opt.target = f->origin;
    ask(&opt, MIA_ERR_UNSUPPORTED, "rollback");
    char tables[TEST_PATH];
    test_path(tables, f->folder, "tables");
    change(tables, "a", "b");
    opt.target = tables;
    ask(&opt, MIA_ERR_INVALID, "not made by mia");
    opt.target = f->sides[1];
    opt.source = tables;
    ask(&opt, MIA_ERR_INVALID, "is none");
}

/* Two keys with one layer: what is done to the pairs of one is done to the other's. */
static void damaged_long_keys_are_refused(void **state)
{
    struct field *f = *state;
    mia_tree tree;
    mia_cursor *cur;
    mia_slice key, value;
    char layer[8] = "";
    struct mia_verify_options opt = {.struct_size = sizeof opt,
                                     .source = f->origin,
                                     .target = f->sides[1],
                                     .repair = true,
                                     .force = true};
    for (int cut = 0; cut < 2; cut++) {
        field_reset(f);
        field_open(f);
        OK(mia__raw_tree(f->txn[1], &f->raw[1], MIA_BYTES("long keys"), false, &tree, ERR));
        OK(mia_cursor_open(f->txn[1], tree, &cur, ERR));
        OK(mia_cursor_move(cur, MIA_MOVE_FIRST, &key, &value, ERR));
        while (key.size != f->raw[1].limit)
            OK(mia_cursor_move(cur, MIA_MOVE_NEXT, &key, &value, ERR));
        memcpy(layer, value.data, sizeof layer);
        do
            OK(mia_cursor_move(cur, MIA_MOVE_NEXT, &key, &value, ERR));
        while (key.size != f->raw[1].limit);
        mia_slice wrong = {layer, cut ? 7 : 8};
        OK(mia_kv_put(f->txn[1], tree, key, wrong, MIA_PUT_UPSERT, ERR));
        field_close(f);
        ask(&opt, MIA_ERR_INVALID, "its long keys are damaged");
    }
}

static void a_target_in_use_is_refused(void **state)
{
    struct field *f = *state;
    struct mia_verify_options opt = {
        .struct_size = sizeof opt, .source = f->origin, .target = f->sides[1], .repair = true};
    field_reset(f);
    struct test_process process = test_start("hold", f->sides[1], "");
    assert_true(test_wait_ready(&process));
    ask(&opt, MIA_ERR_BUSY, "is in use");
    test_kill(&process);
    ask(&opt, MIA_OK, NULL);
}

#define CASE(kind, name)                                                                           \
    {                                                                                              \
#kind "/" #name, name, open_##kind, field_teardown, NULL                                   \
    }

int main(int argc, char **argv)
{
    int code;
    const struct test_role roles[] = {{"repair", play_repair}, {"hold", play_hold}};
    const struct CMUnitTest tests[] = {
        CASE(typed, each_plant_is_repaired),
        CASE(raw, each_plant_is_repaired),
        CASE(typed, any_mixture_is_repaired),
        CASE(raw, any_mixture_is_repaired),
        CASE(typed, sled_is_a_source),
        CASE(raw, sled_is_a_source),
        CASE(typed, a_damaged_source_is_no_measure),
        CASE(typed, kills_at_any_time_are_survived),
        CASE(raw, kills_at_any_time_are_survived),
        CASE(typed, a_killed_one_needs_no_force_again),
        CASE(raw, a_killed_one_needs_no_force_again),
        CASE(typed, later_writes_are_not_undone),
        CASE(raw, damaged_long_keys_are_refused),
        CASE(typed, another_source_is_refused),
        CASE(typed, a_target_in_use_is_refused),
    };
    if (test_role(argc, argv, roles, LENGTH(roles), &code))
        return code;
    seed = test_seed();
    if (mia__dir_is_writable("/dev/shm")) /* every commit is synced */
        setenv("TMPDIR", "/dev/shm", 0);
    return cmocka_run_group_tests_name("repair", tests, NULL, NULL);
}
