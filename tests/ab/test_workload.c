/* test_workload.c - what is drawn has the distribution that it says, and comes again with its seed
 */
#include "ab/pair.h"
#include "ab/plan.h"
#include "ab/print.h"
#include "ab/random.h"
#include "ab/zipf.h"
#include "base/memory.h"
#include "support/check.h"
#include "support/random.h"

#include <math.h>

/* Drawn frequencies against the law's, rank by rank: within six standard errors. */
static void ranks_follow_zipfs_law(void **state)
{
    (void)state;
    enum { RANKS = 50, DRAWS = 400000 };
    static const double exponents[] = {0, 0.5, 0.99, 1, 1.5, 4};
    struct mia__ab_random random = {test_seed()};
    for (size_t e = 0; e < LENGTH(exponents); e++) {
        struct mia__ab_zipf z = mia__ab_zipf(RANKS, exponents[e]);
        double total = 0;
        uint64_t drawn[RANKS] = {0};
        for (int k = 1; k <= RANKS; k++)
            total += pow(k, -exponents[e]);
        for (int i = 0; i < DRAWS; i++) {
            uint64_t rank = mia__ab_zipf_next(&z, &random);
            assert_true(rank < RANKS);
            drawn[rank]++;
        }
        for (int k = 1; k <= RANKS; k++) {
            double p = pow(k, -exponents[e]) / total, error = sqrt(DRAWS * p * (1 - p));
            if (fabs((double)drawn[k - 1] - DRAWS * p) > 6 * error + 1)
                fail_msg("exponent %g, rank %d: %llu times instead of %.0f", exponents[e], k,
                         (unsigned long long)drawn[k - 1], DRAWS * p);
        }
    }
    struct mia__ab_zipf one = mia__ab_zipf(1, 0.99), many = mia__ab_zipf(10000000, 0.99);
    for (int i = 0; i < 1000; i++) {
        assert_int_equal(mia__ab_zipf_next(&one, &random), 0);
        assert_true(mia__ab_zipf_next(&many, &random) < 10000000);
    }
}

/* Of many small samples every key must be in about as many as any other. */
static void every_key_has_the_same_chance(void **state)
{
    const struct ab_pair *pair = *state;
    enum { SAMPLES = 300, WANTED = 100 };
    struct mia_ab_options opt = ab_options(pair, pair->mdbx, pair->mdbx);
    struct mia__ab_random random = {test_seed()};
    double first_half = 0, all = 0;
    mia_slice middle = {0};
    struct mia__ab_plan whole = {.is_store = true};
    struct mia__ab_sample sample;
    OK(mia__ab_sample_take(&whole, pair->mdbx, MIA_BYTES("edges"), &opt, &random, &sample, ERR));
    /* the median of all keys, by counting */
    for (size_t i = 0; i < sample.count; i++) {
        size_t below = 0;
        mia_slice key = mia__ab_bytes(&whole, sample.keys[i].key);
        for (size_t j = 0; j < sample.count; j++)
            below += mia_slice_compare(mia__ab_bytes(&whole, sample.keys[j].key), key) < 0;
        if (below == sample.count / 2)
            middle = key;
    }
    size_t count = sample.count;
    assert_true(count > 4 * WANTED);
    mia__free(sample.keys);
    opt.records = WANTED;
    for (int i = 0; i < SAMPLES; i++) {
        struct mia__ab_plan plan = {.is_store = true};
        OK(mia__ab_sample_take(&plan, pair->mdbx, MIA_BYTES("edges"), &opt, &random, &sample, ERR));
        assert_int_equal(sample.count, WANTED);
        for (size_t j = 0; j < sample.count; j++)
            first_half += mia_slice_compare(mia__ab_bytes(&plan, sample.keys[j].key), middle) < 0;
        all += (double)sample.count;
        mia__free(sample.keys);
        mia__ab_plan_free(&plan);
    }
    double share = (double)(count / 2) / (double)count, error = sqrt(share * (1 - share) / all);
    assert_true(fabs(first_half / all - share) < 6 * error);
    mia__ab_plan_free(&whole);
}

static void make(const struct mia_ab_options *opt, struct mia__ab_plan *plan)
{
    *plan = (struct mia__ab_plan){.is_store = true};
    OK(mia__ab_plan_make(plan, opt, ERR));
}

static void the_seed_decides(void **state)
{
    const struct ab_pair *pair = *state;
    struct mia__ab_plan one, again, other;
    struct mia_ab_options opt = ab_options(pair, pair->mdbx, pair->mdbx);
    opt.workload = MIA_AB_MIXED;
    opt.operations = 2000;
    opt.seed = 5;
    make(&opt, &one);
    make(&opt, &again);
    opt.seed = 6;
    make(&opt, &other);
    assert_int_equal(one.count, 2000);
    assert_int_equal(one.count, again.count);
    assert_memory_equal(one.ops, again.ops, one.count * sizeof *one.ops);
    assert_bytes(mia__buf_slice(&one.bytes), mia__buf_slice(&again.bytes));
    assert_memory_not_equal(one.ops, other.ops, one.count * sizeof *one.ops);
    mia__ab_plan_free(&one);
    mia__ab_plan_free(&again);
    mia__ab_plan_free(&other);
}

static void mixed_is_mixed_as_it_says(void **state)
{
    const struct ab_pair *pair = *state;
    struct mia__ab_plan plan;
    double count[MIA__AB_OPS] = {0};
    struct mia_ab_options opt = ab_options(pair, pair->mdbx, pair->mdbx);
    opt.workload = MIA_AB_MIXED;
    opt.operations = 100000;
    make(&opt, &plan);
    assert_true(plan.writes && !plan.searches);
    for (size_t i = 0; i < plan.count; i++)
        count[plan.ops[i].kind]++;
    assert_true(fabs(count[MIA__AB_GET] - 80000) < 800);
    assert_true(fabs(count[MIA__AB_CHANGE] - 10000) < 600);
    assert_true(fabs(count[MIA__AB_INSERT] - 5000) < 450);
    assert_true(fabs(count[MIA__AB_DELETE] - 5000) < 450);
    mia__ab_plan_free(&plan);
}

/* What is done to one key is done in one lane: threads cannot overtake each other on it. */
static void a_key_has_one_lane(void **state)
{
    const struct ab_pair *pair = *state;
    struct mia__ab_plan plan;
    struct mia_ab_options opt = ab_options(pair, pair->mdbx, pair->mdbx);
    opt.workload = MIA_AB_MIXED;
    opt.operations = 3000;
    make(&opt, &plan);
    for (size_t i = 0; i < plan.count; i++)
        for (size_t j = i + 1; j < plan.count; j++)
            if (plan.ops[i].key.size == plan.ops[j].key.size &&
                plan.ops[i].tree == plan.ops[j].tree &&
                mia_slice_equal(mia__ab_bytes(&plan, plan.ops[i].key),
                                mia__ab_bytes(&plan, plan.ops[j].key)))
                assert_int_equal(plan.ops[i].lane, plan.ops[j].lane);
    mia__ab_plan_free(&plan);
}

/* ---- prints of answers */

static uint64_t print_of(mia_encoder *encoder, const struct mia_record *record)
{
    mia_slice archive;
    OK(mia_encode_archive(encoder, record, &archive, ERR));
    return mia__ab_print_view(0, mia_view_trust(mia_table_of(record->kind), archive));
}

static void equal_records_print_alike(void **state)
{
    (void)state;
    mia_encoder *encoder;
    struct mia_record r = {
        MIA_KIND_MESSAGE,
        {.message = {.id = MIA_STR("m"),
                     .text_content = MIA_STR("a text that is longer than a head"),
                     .timestamp = 7,
                     .metadata = MIA_STR("{\"a\":1,\"b\":[true,null,2.5],\"c\":"
                                         "{\"d\":\"e\"}}")}}};
    OK(mia_encoder_open(&encoder, ERR));
    uint64_t print = print_of(encoder, &r);
    r.u.message.metadata = MIA_STR("{ \"c\": {\"d\":\"e\"}, \"b\":[true, null, 2.50], \"a\":1 }");
    assert_int_equal(print_of(encoder, &r), print); /* the same members in another order */
    static const char *const others[] = {"{\"a\":2,\"b\":[true,null,2.5],\"c\":{\"d\":\"e\"}}",
                                         "{\"a\":1,\"b\":[null,true,2.5],\"c\":{\"d\":\"e\"}}",
                                         "{\"a\":1,\"b\":[true,null,2.5],\"c\":{\"d\":\"f\"}}",
                                         "{\"a\":1.0,\"b\":[true,null,2.5],\"c\":{\"d\":\"e\"}}",
                                         "{\"a\":1,\"b\":[true,null,2.5]}",
                                         "{}"};
    for (size_t i = 0; i < LENGTH(others); i++) {
        r.u.message.metadata = mia_str_of(others[i]);
        assert_int_not_equal(print_of(encoder, &r), print);
    }
    r.u.message.metadata = MIA_STR("{\"a\":1,\"b\":[true,null,2.5],\"c\":{\"d\":\"e\"}}");
    assert_int_equal(print_of(encoder, &r), print);
    r.u.message.timestamp++;
    assert_int_not_equal(print_of(encoder, &r), print);
    r.u.message.timestamp--;
    r.u.message.embedding_id = MIA_STR("");
    assert_int_not_equal(print_of(encoder, &r), print); /* empty is not absent */
    mia_encoder_close(encoder);
}

/* Every byte counts, wherever it is, and so does the length. */
static void every_byte_counts(void **state)
{
    (void)state;
    uint8_t bytes[300];
    struct test_random r = {test_seed()};
    test_fill(&r, bytes, sizeof bytes);
    for (size_t size = 0; size <= sizeof bytes; size++) {
        uint64_t print = mia__ab_print_bytes(0, bytes, size);
        for (size_t i = 0; i < size; i++) {
            bytes[i] ^= 1;
            assert_int_not_equal(mia__ab_print_bytes(0, bytes, size), print);
            bytes[i] ^= 1;
        }
        if (size < sizeof bytes)
            assert_int_not_equal(mia__ab_print_bytes(0, bytes, size + 1), print);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ranks_follow_zipfs_law), cmocka_unit_test(every_key_has_the_same_chance),
        cmocka_unit_test(the_seed_decides),       cmocka_unit_test(mixed_is_mixed_as_it_says),
        cmocka_unit_test(a_key_has_one_lane),     cmocka_unit_test(equal_records_print_alike),
        cmocka_unit_test(every_byte_counts),
    };
    return cmocka_run_group_tests_name("workload", tests, ab_pair_make, ab_pair_remove);
}
