/* rkyv/judge.c - everything that reads archives, called on what was accepted */
#include "rkyv/judge.h"

#include "mia/model.h"
#include "rkyv/check.h"
#include "support/check.h"

/* Every member is found under its key, all the way down. */
static void look_up_all(mia_json value)
{
    mia_json found;
    for (struct mia_json_members m = mia_json_members(value); mia_json_next(&m);) {
        assert_true(mia_json_get(value, m.key, &found));
        assert_ptr_equal(found.content, m.value.content);
        look_up_all(m.value);
    }
    for (size_t i = 0; value.type == MIA_JSON_ARRAY && i < mia_json_count(value); i++)
        look_up_all(mia_json_item(value, i));
}

static void read_whole(enum mia__table table, mia_slice archive)
{
    mia_view v = mia_view_trust((enum mia_table)table, archive);
    char *json;
    size_t size;
    OK(mia_view_json(v, &json, &size, ERR));
    assert_int_equal(strlen(json), size);
    mia_free(json);
    look_up_all(mia_view_metadata(v));
    look_up_all(mia_action_outcome_action_args(v));
    look_up_all(mia_action_outcome_result(v));
    mia_view_time(v);
    mia_view_embedding_id(v);
    assert_true(mia_view_equal(v, v));
}

/* A foreign archive may have 5 as a UInt, which becomes an Int: so the text is compared. */
static void expect_same_text(enum mia__table table, mia_slice a, mia_slice b)
{
    char *first, *second;
    size_t size;
    OK(mia_view_json(mia_view_trust((enum mia_table)table, a), &first, &size, ERR));
    OK(mia_view_json(mia_view_trust((enum mia_table)table, b), &second, &size, ERR));
    assert_string_equal(first, second);
    mia_free(first);
    mia_free(second);
}

static void expect_refusal(mia_status rc, const struct mia_error *err)
{
    assert_int_equal(rc, MIA_ERR_SERIALIZATION);
    assert_int_equal(err->status, rc);
    assert_true(strlen(err->message) > 10);
}

void test_judge_archive(struct test_judge *j, enum mia__table table, mia_slice archive)
{
    struct mia__transcoded record;
    struct mia_error err = {0};
    mia_status rc = mia__archive_check(table, archive, &err);
    if (rc != MIA_OK) {
        expect_refusal(rc, &err);
        j->refused++;
        return;
    }
    j->accepted++;
    OK(mia__archive_check_as_rkyv(table, archive, ERR));
    read_whole(table, archive);
    j->first.size = j->second.size = j->third.size = 0;
    OK(mia__transcode_back(&j->transcoder, table, archive, &j->first, ERR));
    OK(mia__transcode(&j->transcoder, table, mia__buf_slice(&j->first), &j->second, &record, ERR));
    assert_int_equal(record.trailing, 0);
    expect_same_text(table, archive, mia__buf_slice(&j->second));
    OK(mia__transcode_back(&j->transcoder, table, mia__buf_slice(&j->second), &j->third, ERR));
    assert_bytes(mia__buf_slice(&j->third), mia__buf_slice(&j->first));
}

void test_judge_bincode(struct test_judge *j, enum mia__table table, mia_slice value)
{
    struct mia__transcoded record;
    struct mia_error err = {0};
    j->first.size = j->second.size = j->third.size = 0;
    mia_status rc = mia__transcode(&j->transcoder, table, value, &j->first, &record, &err);
    if (rc != MIA_OK) {
        expect_refusal(rc, &err);
        assert_int_equal(j->first.size, 0);
        j->refused++;
        return;
    }
    j->accepted++;
    OK(mia__archive_check(table, mia__buf_slice(&j->first), ERR));
    OK(mia__transcode_back(&j->transcoder, table, mia__buf_slice(&j->first), &j->second, ERR));
    OK(mia__transcode(&j->transcoder, table, mia__buf_slice(&j->second), &j->third, &record, ERR));
    assert_bytes(mia__buf_slice(&j->third), mia__buf_slice(&j->first));
}

void test_judge_free(struct test_judge *j)
{
    mia__transcoder_free(&j->transcoder);
    mia__buf_free(&j->first);
    mia__buf_free(&j->second);
    mia__buf_free(&j->third);
}
