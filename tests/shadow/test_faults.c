/*
 * test_faults.c - a secondary that fails, at every call in turn: the caller never notices, and
 * afterwards both are the same
 */
#include "engine/fault.h"
#include "shadow/bench.h"

#include <stdio.h>
#include <stdlib.h>

/* What the application does: no answer may be other than without a fault. */
static void use(struct pair_bench *b, int round)
{
    mia_txn *txn;
    mia_view view;
    char id[16];
    for (int i = 0; i < 3; i++) {
        snprintf(id, sizeof id, "c%d", i);
        struct mia_record chat = chat_of(id, round % 2 ? "odd" : "even", round);
        struct mia_record edge = edge_of(id, "c0", "T", id);
        OK(mia_store_begin(b->store, MIA_TXN_WRITE, &txn, ERR));
        OK(mia_put(txn, &chat, ERR));
        OK(mia_put(txn, &edge, ERR));
        OK(mia_txn_commit(txn, ERR));
        OK(mia_store_begin(b->store, MIA_TXN_READ, &txn, ERR));
        OK(mia_get(txn, MIA_TABLE_NODES, mia_str_of(id), &view, ERR));
        mia_txn_abort(txn);
    }
    OK(mia_store_delete(b->store, MIA_TABLE_NODES, MIA_STR("c1"), MIA_DELETE_EDGES, ERR));
    OK(mia_db_sync(mia_store_db(b->store), ERR));
}

/* One use, from the opening on, with the nth call of the secondary failing. False: it made fewer
 * calls. */
static bool use_with_fault(struct pair_bench *b, uint64_t n, mia_status status)
{
    fault_arm(n, status, n % 2 == 0);
    pair_open_store(b);
    use(b, 0);
    mia_shadow_wait(mia_store_db(b->store), 5, NULL); /* as far as it comes */
    use(b, 1);
    pair_wait(b);
    bool has_fired = fault_disarm();
    pair_verify(b);
    pair_close(b);
    return has_fired;
}

/* How many calls there are depends on the threads: the end is where several in a row are too late.
 */
static void every_call_fails_once(const struct mia_engine_ops *primary, uint64_t step)
{
    enum { MISSES = 4, LEAST = 30 };
    const mia_status statuses[] = {MIA_ERR_IO, MIA_ERR_FULL, MIA_ERR_NOMEM, MIA_ERR_CORRUPT,
                                   MIA_ERR_INTERNAL};
    struct pair_bench b;
    uint64_t records, n = 1;
    pair_make(&b, primary, test_engine_fault(mia_engine_mdbx()));
    pair_create(&b);
    for (int misses = 0; misses < MISSES; n += step)
        misses = use_with_fault(&b, n, statuses[n % LENGTH(statuses)]) ? 0 : misses + 1;
    print_message("%d calls\n", (int)n);
    assert_true(n > LEAST); /* or nothing was tried */
    b.engines[1] = mia_engine_mdbx();
    pair_sides_are_equal(&b, &records);
    assert_int_equal(records, 2 + 2);
    pair_remove(&b);
}

static void nobody_notices_on_mdbx(void **state)
{
    (void)state;
    every_call_fails_once(mia_engine_mdbx(), 1);
}

static void nobody_notices_on_sled(void **state)
{
    (void)state;
    if (mia_engine_sled() == NULL)
        skip();
    every_call_fails_once(mia_engine_sled(), 7);
}

/* A secondary that does not open at first: a disk that is not there yet. */
static const struct mia_engine_ops *real;
static _Atomic int refusals;

static mia_status refuse_to_open(const char *path, const struct mia_db_options *opt, void **db,
                                 struct mia_error *err)
{
    if (refusals == 0)
        return real->open(path, opt, db, err);
    refusals--;
    if (err != NULL) {
        *err = (struct mia_error){.status = MIA_ERR_IO};
        snprintf(err->message, sizeof err->message, "the disk is not there");
    }
    return MIA_ERR_IO;
}

static void a_secondary_may_open_later(void **state)
{
    (void)state;
    struct pair_bench b;
    struct mia_engine_ops late = *mia_engine_mdbx();
    real = mia_engine_mdbx();
    late.open = refuse_to_open;
    pair_make(&b, mia_engine_mdbx(), &late);
    pair_create(&b);
    refusals = 5;
    pair_open_store(&b);
    use(&b, 0);
    assert_int_equal(pair_status(&b).state, MIA_SHADOW_BACKFILLING);
    assert_string_equal(pair_status(&b).last_reason, "the disk is not there");
    pair_verify(&b);
    assert_int_equal(refusals, 0);
    pair_close(&b);
    refusals = 1000; /* given up */
    pair_open_store(&b);
    use(&b, 1);
    ANSWERS(mia_shadow_detach(mia_store_db(b.store), 0, ERR), MIA_ERR_BUSY);
    OK(mia_shadow_detach(mia_store_db(b.store), MIA_SHADOW_DETACH_BEHIND, ERR));
    use(&b, 2);
    pair_close(&b);
    pair_remove(&b);
}

/* More changes than may wait: it falls behind, and catches up. */
static void a_full_queue_is_not_the_callers(void **state)
{
    (void)state;
    struct pair_bench b;
    pair_make(&b, mia_engine_mdbx(), mia_engine_mdbx());
    pair_create(&b);
    b.options.queue_bytes = 300;
    pair_open_store(&b);
    for (int i = 0; i < 300; i++) {
        char id[16];
        snprintf(id, sizeof id, "q%d", i);
        pair_put(&b, id, "t");
    }
    pair_verify(&b);
    assert_int_equal(pair_status(&b).pending, 0);
    pair_close(&b);
    pair_remove(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nobody_notices_on_mdbx),
        cmocka_unit_test(nobody_notices_on_sled),
        cmocka_unit_test(a_secondary_may_open_later),
        cmocka_unit_test(a_full_queue_is_not_the_callers),
    };
    return cmocka_run_group_tests_name("shadow_faults", tests, NULL, NULL);
}
