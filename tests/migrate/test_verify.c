/* Differences of every class, planted in known places: all are found, each once, and none more. */
#include "base/file.h"
#include "base/memory.h"
#include "base/sha256.h"
#include "plant.h"
#include "support/check.h"

#include <stdio.h>
#include <stdlib.h>

enum { RECORDS = 3000, ROUNDS = 32 / ROUNDS_SHARE };

static uint64_t seed;

static int open_typed(void **state)
{
    return field_setup(state, true, RECORDS, seed);
}

static int open_raw(void **state)
{
    return field_setup(state, false, RECORDS, seed);
}

static void expect_wanted(struct field *f)
{
    struct lines found;
    struct mia_verify_report report;
    uint64_t total = 0;
    field_verify(f, &report, &found);
    for (int i = 0; i < MIA_DIFF_CLASSES; i++)
        total += report.differences[i];
    assert_int_equal(total, f->wanted.count);
    assert_int_equal(report.failure,
                     f->wanted.count > 0 ? MIA_FAILURE_DIFFERENT : MIA_FAILURE_NONE);
    lines_equal(&f->wanted, &found);
    lines_free(&found);
}

static void each_plant_is_found(void **state)
{
    struct field *f = *state;
    int last = f->is_typed ? PLANTS : PLANT_LAST_UNTYPED;
    field_reset(f);
    expect_wanted(f); /* nothing */
    for (int plant = 0; plant < last; plant++)
        for (int side = MIA_SIDE_SOURCE; side <= MIA_SIDE_TARGET; side++)
            for (int times = 0; times < 4; times++) { /* ends of trees among them */
                field_reset(f);
                field_open(f);
                field_plant(f, (enum plant)plant, (enum mia_side)side);
                field_close(f);
                expect_wanted(f);
            }
}

static void any_mixture_is_found(void **state)
{
    struct field *f = *state;
    size_t last = f->is_typed ? PLANTS : PLANT_LAST_UNTYPED, planted = 0;
    for (int round = 0; round < ROUNDS; round++) {
        field_reset(f);
        field_open(f);
        for (size_t n = 1 + test_below(&f->random, 60); n > 0; n--)
            field_plant(f, (enum plant)test_below(&f->random, last),
                        test_below(&f->random, 2) ? MIA_SIDE_SOURCE : MIA_SIDE_TARGET);
        field_close(f);
        planted += f->wanted.count;
        expect_wanted(f);
    }
    print_message("%zu differences\n", planted);
    assert_true(planted > 100 / ROUNDS_SHARE);
}

/* ---- what a difference says besides */

static void check_content(void *ctx, const struct mia_difference *d)
{
    size_t *seen = ctx;
    ++*seen;
    bool is_damage = d->difference == MIA_DIFF_UNDECODABLE;
    assert_int_equal(d->detail[0] != '\0', is_damage);
    assert_null(strstr(d->detail, "planted"));
    assert_int_equal(d->source_value.data != NULL, d->difference != MIA_DIFF_EXTRA);
    assert_int_equal(d->target_value.data != NULL, d->difference != MIA_DIFF_MISSING);
    if (d->difference == MIA_DIFF_VALUE) {
        assert_non_null(d->source_json.data);
        assert_non_null(d->target_json.data);
        assert_false(d->source_json.size == d->target_json.size &&
                     memcmp(d->source_json.data, d->target_json.data, d->source_json.size) == 0);
    }
    if (is_damage) {
        assert_non_null(d->source_json.data);
        assert_null(d->target_json.data);
    }
}

static void differences_carry_their_values(void **state)
{
    struct field *f = *state;
    size_t seen = 0;
    struct mia_verify_options opt = {.struct_size = sizeof opt,
                                     .source = f->sides[0],
                                     .target = f->sides[1],
                                     .difference = check_content,
                                     .difference_ctx = &seen,
                                     .content = true};
    struct mia_verify_report report = {.struct_size = sizeof report};
    field_reset(f);
    field_open(f);
    for (int i = 0; i < 10; i++) {
        field_plant(f, PLANT_OTHER, MIA_SIDE_TARGET);
        field_plant(f, PLANT_DAMAGED, MIA_SIDE_TARGET);
        field_plant(f, PLANT_QUARANTINED, MIA_SIDE_TARGET);
        field_plant(f, PLANT_DELETE, MIA_SIDE_TARGET);
        field_plant(f, PLANT_DELETE, MIA_SIDE_SOURCE);
    }
    field_close(f);
    OK(mia_verify(&opt, &report, ERR));
    assert_int_equal(report.differences[MIA_DIFF_UNDECODABLE], 20);
    assert_int_equal(seen, f->wanted.count);
}

/* ---- the state of a digest */

static void a_digest_goes_on_elsewhere(void **state)
{
    uint8_t bytes[1000], whole[32], parts[32], saved[MIA__SHA256_STATE], twice[MIA__SHA256_STATE];
    struct test_random random = {seed};
    struct mia__sha256 *a, *b;
    (void)state;
    test_fill(&random, bytes, sizeof bytes);
    OK(mia__sha256_open(&a, ERR));
    for (size_t cut = 0; cut <= sizeof bytes; cut += cut < 200 ? 1 : 37) {
        OK(mia__sha256_begin(a, ERR));
        OK(mia__sha256_add(a, (mia_slice){bytes, cut}, ERR));
        mia__sha256_save(a, saved);
        OK(mia__sha256_add(a, (mia_slice){bytes + cut, sizeof bytes - cut}, ERR));
        OK(mia__sha256_end(a, whole, ERR));
        OK(mia__sha256_open(&b, ERR));
        OK(mia__sha256_restore(b, saved, ERR));
        mia__sha256_save(b, twice);
        assert_memory_equal(saved, twice, sizeof saved);
        OK(mia__sha256_add(b, (mia_slice){bytes + cut, sizeof bytes - cut}, ERR));
        OK(mia__sha256_end(b, parts, ERR));
        mia__sha256_close(b);
        assert_memory_equal(whole, parts, sizeof whole);
    }
    saved[104] = 64; /* as many bytes as a whole block */
    ANSWERS(mia__sha256_restore(a, saved, ERR), MIA_ERR_CORRUPT);
    mia__sha256_close(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_digest_goes_on_elsewhere),
        {"typed/each_plant_is_found", each_plant_is_found, open_typed, field_teardown, NULL},
        {"typed/any_mixture_is_found", any_mixture_is_found, open_typed, field_teardown, NULL},
        {"raw/each_plant_is_found", each_plant_is_found, open_raw, field_teardown, NULL},
        {"raw/any_mixture_is_found", any_mixture_is_found, open_raw, field_teardown, NULL},
        {"typed/differences_carry_their_values", differences_carry_their_values, open_typed,
         field_teardown, NULL},
    };
    seed = test_seed();
    if (mia__dir_is_writable("/dev/shm")) /* both sides are copied again and again */
        setenv("TMPDIR", "/dev/shm", 0);
    return cmocka_run_group_tests_name("verify", tests, NULL, NULL);
}
