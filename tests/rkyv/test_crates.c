/*
 * The real crates as judges: records and archives that Rust makes, and its verdict on damaged ones.
 *
 * MIA_INTEROP is the folder of the programs. MIA_TEST_SEED repeats a run; MIA_TEST_RECORDS and
 * MIA_TEST_ARCHIVES set how many there are.
 */
#include "mia/records.h"
#include "rkyv/check.h"
#include "rkyv/json.h"
#include "rkyv/transcode.h"
#include "support/check.h"
#include "support/random.h"
#include "support/stream.h"

#include <inttypes.h>

static enum mia__table table_of(uint8_t kind)
{
    return kind == MIA_KIND_EDGE        ? MIA__TABLE_EDGES
           : kind == MIA_KIND_EMBEDDING ? MIA__TABLE_EMBEDDINGS
                                        : MIA__TABLE_NODES;
}

static void records_are_the_crates_bytes(void **state)
{
    (void)state;
    struct test_stream s;
    struct mia__transcoder transcoder = {0};
    struct mia__buf out = {0};
    struct mia__transcoded record;
    uint64_t seed = test_seed(), count = test_setting("MIA_TEST_RECORDS", 50000), seen = 0;
    uint8_t kind;
    test_stream_open(&s, "make-records", seed, count);
    for (; test_stream_byte(&s, &kind); seen++) {
        enum mia__table table = table_of(kind);
        mia_slice bincode = test_stream_item(&s, 0), archive = test_stream_item(&s, 1),
                  json = test_stream_item(&s, 2);
        out.size = 0;
        OK(mia__transcode(&transcoder, table, bincode, &out, &record, ERR));
        assert_bytes(mia__buf_slice(&out), archive);
        assert_int_equal(record.kind, kind);
        assert_int_equal(record.trailing, 0);
        OK(mia__archive_check(table, archive, ERR));
        out.size = 0;
        OK(mia__transcode_back(&transcoder, table, archive, &out, ERR));
        assert_bytes(mia__buf_slice(&out), bincode);
        out.size = 0;
        OK(mia__archive_print(table, archive, &transcoder.arena, &out, ERR));
        assert_bytes(mia__buf_slice(&out), json);
    }
    assert_int_equal(seen, count);
    mia__transcoder_free(&transcoder);
    mia__buf_free(&out);
    test_stream_close(&s);
}

/* rkyv's rules give rkyv's verdict; ours accept less, and what they accept can be read. */
static void verdicts_are_the_crates(void **state)
{
    (void)state;
    struct test_stream s;
    struct mia__transcoder transcoder = {0};
    struct mia__buf out = {0};
    uint64_t seed = test_seed(), count = test_setting("MIA_TEST_ARCHIVES", 500000);
    uint64_t seen = 0, accepted = 0, stricter = 0;
    uint8_t class, verdict;
    test_stream_open(&s, "mutate-archives", seed, count);
    for (; test_stream_byte(&s, &class) && test_stream_byte(&s, &verdict); seen++) {
        enum mia__table table = (enum mia__table) class;
        mia_slice archive = test_stream_item(&s, 0);
        bool is_accepted = mia__archive_check_as_rkyv(table, archive, ERR) == MIA_OK;
        if (is_accepted != (verdict == 1))
            fail_msg("archive %" PRIu64 " of seed %" PRIu64 ": rkyv says %d; here: %s", seen, seed,
                     verdict, is_accepted ? "accepted" : test_error.message);
        accepted += is_accepted;
        if (mia__archive_check(table, archive, ERR) != MIA_OK) {
            stricter += is_accepted;
            continue;
        }
        assert_true(is_accepted);
        out.size = 0;
        OK(mia__archive_print(table, archive, &transcoder.arena, &out, ERR));
        OK(mia__transcode_back(&transcoder, table, archive, &out, ERR));
    }
    assert_int_equal(seen, count);
    assert_true(accepted > count / 20 && accepted < count);
    print_message("%" PRIu64 " archives: rkyv accepts %" PRIu64 ", %" PRIu64
                  " of them are refused here\n",
                  seen, accepted, stricter);
    mia__transcoder_free(&transcoder);
    mia__buf_free(&out);
    test_stream_close(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_are_the_crates_bytes),
        cmocka_unit_test(verdicts_are_the_crates),
    };
    return cmocka_run_group_tests_name("rkyv_crates", tests, NULL, NULL);
}
