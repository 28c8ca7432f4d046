/*
 * Records by their public face: encoded, opened, read field by field, walked, compared, printed.
 */
#include "mia/mia.h"
#include "support/check.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

struct bench {
    mia_encoder *encoder;
    char *json;
};

static int make(void **state)
{
    struct bench *b = calloc(1, sizeof *b);
    assert_non_null(b);
    OK(mia_encoder_open(&b->encoder, ERR));
    *state = b;
    return 0;
}

static int drop(void **state)
{
    struct bench *b = *state;
    mia_encoder_close(b->encoder);
    mia_free(b->json);
    free(b);
    return 0;
}

static mia_view encode(struct bench *b, const struct mia_record *record)
{
    mia_slice archive;
    mia_view view;
    OK(mia_encode_archive(b->encoder, record, &archive, ERR));
    OK(mia_view_open(mia_table_of(record->kind), archive, &view, ERR));
    return view;
}

/* ---- every accessor, against the printed record: a list of the same fields in other words */

static void print_str(FILE *to, mia_str text)
{
    if (text.data == NULL)
        fprintf(to, "null");
    else
        fprintf(to, "\"%.*s\"", (int)text.size, text.data);
}

static void print_strs(FILE *to, mia_texts texts)
{
    fprintf(to, "[");
    for (size_t i = 0; i < texts.count; i++) {
        fprintf(to, "%s", i > 0 ? "," : "");
        print_str(to, mia_texts_at(texts, i));
    }
    fprintf(to, "]");
}

static void print_floats(FILE *to, mia_floats floats)
{
    float *numbers = calloc(floats.count + 1, sizeof *numbers);
    assert_non_null(numbers);
    mia_floats_copy(floats, numbers);
    fprintf(to, "[");
    for (size_t i = 0; i < floats.count; i++)
        fprintf(to, "%s%.1f", i > 0 ? "," : "", (double)numbers[i]);
    fprintf(to, "]");
    free(numbers);
}

/* Objects of one member at most: their order means nothing. */
static void print_json(FILE *to, mia_json value)
{
    struct mia_json_members m = mia_json_members(value);
    switch (value.type) {
    case MIA_JSON_NULL:
        fprintf(to, "null");
        break;
    case MIA_JSON_BOOL:
        fprintf(to, mia_json_bool(value) ? "true" : "false");
        break;
    case MIA_JSON_REAL:
        fprintf(to, "%.1f", mia_json_real(value));
        break;
    case MIA_JSON_STRING:
        print_str(to, mia_json_string(value));
        break;
    case MIA_JSON_ARRAY:
        fprintf(to, "[");
        for (size_t i = 0; i < mia_json_count(value); i++) {
            fprintf(to, "%s", i > 0 ? "," : "");
            print_json(to, mia_json_item(value, i));
        }
        fprintf(to, "]");
        break;
    case MIA_JSON_OBJECT:
        fprintf(to, "{");
        while (mia_json_next(&m)) {
            print_str(to, m.key);
            fprintf(to, ":");
            print_json(to, m.value);
        }
        fprintf(to, "}");
        break;
    case MIA_JSON_INT:
        fprintf(to, "%" PRId64, mia_json_int(value));
        break;
    case MIA_JSON_UINT:
        fprintf(to, "%" PRIu64, mia_json_uint(value));
        break;
    }
}

static void print_opt_i64(FILE *to, mia_opt_i64 number)
{
    if (number.present)
        fprintf(to, "%" PRId64, number.value);
    else
        fprintf(to, "null");
}

static void print_feedback_type(FILE *to, enum mia_feedback_type type)
{
    static const char *const names[] = {"Correction", "Approval", "Rejection", "Neutral"};
    fprintf(to, "\"%s\"", names[type]);
}

static void print_fields(FILE *to, mia_view v);

static void print_opt_feedback(FILE *to, mia_view v)
{
    if (v.fields == NULL)
        fprintf(to, "null");
    else
        print_fields(to, v);
}

#define print_opt_str print_str
#define print_metadata print_json
#define print_i64(to, n) fprintf(to, "%" PRId64, (int64_t)(n))
#define print_u64(to, n) fprintf(to, "%" PRIu64, (uint64_t)(n))

/* The accessors of a record of another kind give nothing, so only one list of these prints. */
static void print_fields(FILE *to, mia_view v)
{
    const char *comma;
#define RECORD(rec, variant, number, text)                                                         \
    comma = "{";                                                                                   \
    if ((int)v.kind == (number)) {
#define FIELD(rec, type, name, text)                                                               \
    fprintf(to, "%s\"" #name "\":", comma);                                                        \
    print_##type(to, mia_##rec##_##name(v));                                                       \
    comma = ",";
#define RECORD_END(rec)                                                                            \
    fprintf(to, "}");                                                                              \
    }
#include "model/schema.def"
}

static void expect_printed(struct bench *b, mia_view v, const char *variant)
{
    char *text = NULL;
    size_t size, printed;
    FILE *to = open_memstream(&text, &size);
    assert_non_null(to);
    fprintf(to, variant[0] ? "{\"%s\":" : "%s", variant);
    print_fields(to, v);
    fprintf(to, variant[0] ? "}" : "");
    fclose(to);
    mia_free(b->json);
    OK(mia_view_json(v, &b->json, &printed, ERR));
    assert_string_equal(b->json, text);
    assert_int_equal(printed, strlen(b->json));
    free(text);
}

#define TEXT(s) MIA_STR(s)
static const mia_str list[] = {{"one", 3}, {"a longer text than eight", 24}, {"", 0}};
static const mia_strs strs = {list, 3};
static const mia_str meta = {"{\"key\":[1,-2,18446744073709551615,0.5,true,null,\"text\",{}]}", 59};

static void accessors_give_the_fields(void **state)
{
    struct bench *b = *state;
    const float numbers[] = {0.5f, -1.0f, 2.5f};
    const struct mia_feedback feedback = {MIA_FEEDBACK_REJECTION, TEXT("not that one"), {0}, 9};
    const struct mia_record records[] = {
        {MIA_KIND_CHAT,
         {.chat = {TEXT("chat_1"),
                   TEXT("a title of some length"),
                   TEXT("topic"),
                   1,
                   -2,
                   strs,
                   {0},
                   TEXT("emb_1"),
                   meta}}},
        {MIA_KIND_MESSAGE,
         {.message = {TEXT("msg_1"),
                      TEXT("chat_1"),
                      TEXT("user"),
                      3,
                      TEXT("Hello, world"),
                      strs,
                      {0},
                      {0}}}},
        {MIA_KIND_SUMMARY,
         {.summary = {TEXT("s"), TEXT("chat_1"), 4, TEXT("short"), {0}, TEXT("e"), meta}}},
        {MIA_KIND_ATTACHMENT,
         {.attachment = {TEXT("a"),
                         TEXT("msg_1"),
                         TEXT("image/png"),
                         5,
                         TEXT("f.png"),
                         1u << 30,
                         TEXT("/somewhere/else"),
                         TEXT("text in it"),
                         strs,
                         {0},
                         meta}}},
        {MIA_KIND_ENTITY, {.entity = {TEXT("e"), TEXT("Ada"), TEXT("PERSON"), {0}, meta}}},
        {MIA_KIND_WEB_SEARCH,
         {.web_search = {TEXT("w"), TEXT("what was asked"), 6, strs, TEXT("e"), meta}}},
        {MIA_KIND_SCRAPED_PAGE,
         {.scraped_page = {TEXT("p"),
                           TEXT("https://example.org"),
                           7,
                           TEXT("hash"),
                           TEXT("title"),
                           TEXT("its text"),
                           {0},
                           TEXT("/a/path"),
                           meta}}},
        {MIA_KIND_BOOKMARK,
         {.bookmark =
              {TEXT("b"), TEXT("https://example.org"), TEXT("t"), {0}, 8, strs, {0}, meta}}},
        {MIA_KIND_IMAGE_METADATA,
         {.image_metadata =
              {TEXT("i"), TEXT("/a/file"), strs, {0}, TEXT("read in it"), {0}, meta}}},
        {MIA_KIND_AUDIO_TRANSCRIPT,
         {.audio_transcript =
              {TEXT("t"), TEXT("/a/file"), 10, TEXT("words"), TEXT("who"), {0}, meta}}},
        {MIA_KIND_MODEL_INFO,
         {.model_info = {TEXT("m"),
                         TEXT("name"),
                         TEXT("/path"),
                         UINT64_MAX,
                         TEXT("sha"),
                         TEXT("gguf"),
                         {INT64_MIN, true},
                         meta}}},
        {MIA_KIND_ACTION_OUTCOME,
         {.action_outcome = {TEXT("o"), TEXT("search"), TEXT("[1,2]"), TEXT("\"ok\""), &feedback,
                             11, TEXT("where")}}},
        {MIA_KIND_EDGE,
         {.edge = {TEXT("edge_1"), TEXT("msg_1"), TEXT("ent_1"), TEXT("MENTIONS"), 12, meta}}},
        {MIA_KIND_EMBEDDING, {.embedding = {TEXT("emb_1"), {numbers, 3}, TEXT("mini")}}},
    };
    static const char *const variants[] = {
#define RECORD(rec, variant, number, text) #variant,
#define FIELD(rec, type, name, text)
#define RECORD_END(rec)
#include "model/schema.def"
    };
    static const int64_t times[] = {-2, 3, 4, 5, 0, 6, 7, 8, 0, 10, INT64_MIN, 11, 12, 0};
    for (size_t i = 0; i < LENGTH(records); i++) {
        mia_view v = encode(b, &records[i]);
        assert_int_equal(v.kind, records[i].kind);
        expect_printed(b, v, records[i].kind < MIA_KIND_EDGE ? variants[i] : "");
        assert_true(mia_view_time(v) == times[i]);
        assert_true(mia_view_id(v).size > 0);
    }
}

static void another_kind_gives_nothing(void **state)
{
    struct bench *b = *state;
    struct mia_record edge = {MIA_KIND_EDGE, {.edge = {.id = TEXT("edge_1"), .created_at = 5}}};
    mia_view v = encode(b, &edge), none = {0};
    assert_null(mia_message_sender(v).data);
    assert_int_equal(mia_message_timestamp(v), 0);
    assert_int_equal(mia_chat_message_ids(v).count, 0);
    assert_null(mia_embedding_vector(v).data);
    assert_int_equal(mia_message_metadata(v).type, MIA_JSON_NULL);
    assert_null(mia_action_outcome_user_feedback(v).fields);
    assert_null(mia_chat_id(none).data);
    assert_null(mia_view_id(none).data);
    assert_null(mia_view_embedding_id(v).data);
    assert_int_equal(mia_view_metadata(none).type, MIA_JSON_NULL);
    assert_int_equal(mia_view_time(none), 0);
    assert_int_equal(mia_json_count(mia_edge_metadata(v)), 0); /* absent is {} */
    assert_int_equal(mia_edge_metadata(v).type, MIA_JSON_OBJECT);
}

static mia_json metadata_of(struct bench *b, mia_str text)
{
    struct mia_record r = {MIA_KIND_ENTITY, {.entity = {.id = TEXT("e"), .metadata = text}}};
    return mia_entity_metadata(encode(b, &r));
}

static void json_is_walked_in_place(void **state)
{
    struct bench *b = *state;
    mia_json root = metadata_of(b, TEXT("{\"a\":1,\"bb\":{\"c\":[10,20]},\"\\u0000\":2,"
                                        "\"\\u0000\\u0000\":3,\"big\":1e300}"));
    mia_json found;
    size_t n = 0;
    assert_int_equal(mia_json_count(root), 5);
    assert_true(mia_json_get(root, TEXT("a"), &found));
    assert_int_equal(mia_json_int(found), 1);
    assert_true(mia_json_real(found) == 1.0);
    assert_true(mia_json_get(root, TEXT("\0"), &found));
    assert_int_equal(mia_json_int(found), 2);
    assert_true(mia_json_get(root, TEXT("\0\0"), &found));
    assert_int_equal(mia_json_int(found), 3);
    assert_false(mia_json_get(root, TEXT("\0\0\0"), &found));
    assert_false(mia_json_get(root, TEXT("absent"), &found));
    assert_int_equal(found.type, MIA_JSON_NULL);
    assert_true(mia_json_get(root, TEXT("bb"), &found));
    assert_true(mia_json_get(found, TEXT("c"), &found));
    assert_int_equal(mia_json_int(mia_json_item(found, 1)), 20);
    assert_int_equal(mia_json_item(found, 2).type, MIA_JSON_NULL);
    for (struct mia_json_members m = mia_json_members(root); mia_json_next(&m); n++)
        assert_true(mia_json_get(root, m.key, &found) && found.content == m.value.content);
    assert_int_equal(n, 5);
    assert_text(((mia_slice){mia_json_string(metadata_of(b, TEXT("\"alone\""))).data, 5}), "alone");
    assert_int_equal(metadata_of(b, TEXT("null")).type, MIA_JSON_NULL);
    assert_int_equal(mia_json_uint(metadata_of(b, TEXT("9223372036854775808"))), UINT64_C(1) << 63);
    char zeros[3000];
    int used = snprintf(zeros, sizeof zeros, "{\"");
    for (int i = 0; i < 300; i++)
        used += snprintf(zeros + used, sizeof zeros - (size_t)used, "\\u0000");
    used += snprintf(zeros + used, sizeof zeros - (size_t)used, "\":7}");
    root = metadata_of(b, mia_str_of(zeros));
    static const char nuls[300];
    assert_true(mia_json_get(root, (mia_str){nuls, 300}, &found));
    assert_int_equal(mia_json_int(found), 7);
    assert_false(mia_json_get(root, (mia_str){nuls, 299}, &found));
}

static bool is_equal(struct bench *b, const struct mia_record *first,
                     const struct mia_record *second)
{
    mia_encoder *other;
    mia_slice archive;
    mia_view v;
    OK(mia_encoder_open(&other, ERR));
    OK(mia_encode_archive(other, second, &archive, ERR));
    OK(mia_view_open(mia_table_of(second->kind), archive, &v, ERR));
    bool equal = mia_view_equal(encode(b, first), v);
    mia_encoder_close(other);
    return equal;
}

static void records_are_compared_by_value(void **state)
{
    struct bench *b = *state;
    const float numbers[] = {1.0f, NAN}, others[] = {1.0f, 2.0f};
    struct mia_record one = {
        MIA_KIND_ENTITY,
        {.entity = {
             TEXT("e"), TEXT("Ada"), TEXT("P"), {0}, TEXT("{\"a\":1,\"b\":[1.0,{\"c\":null}]}")}}};
    struct mia_record two = one;
    assert_true(is_equal(b, &one, &two));
    two.u.entity.metadata = TEXT(" { \"b\" : [1.0,{\"c\":null}], \"a\":1 }");
    assert_true(is_equal(b, &one, &two));
    two.u.entity.metadata = TEXT("{\"a\":1.0,\"b\":[1.0,{\"c\":null}]}");
    assert_false(is_equal(b, &one, &two));
    two = one;
    two.u.entity.embedding_id = TEXT("");
    assert_false(is_equal(b, &one, &two));
    struct mia_record vector = {MIA_KIND_EMBEDDING, {.embedding = {TEXT("e"), {numbers, 2}, {0}}}};
    struct mia_record other = vector;
    assert_true(is_equal(b, &vector, &other));
    other.u.embedding.vector.data = others;
    assert_false(is_equal(b, &vector, &other));
    assert_false(is_equal(b, &one, &vector));
}

static void what_cannot_be_encoded_is_named(void **state)
{
    struct bench *b = *state;
    mia_slice value;
    struct mia_record r = {MIA_KIND_ENTITY, {.entity = {.id = TEXT("e"), .metadata = TEXT("{")}}};
    ANSWERS(mia_encode_archive(b->encoder, &r, &value, ERR), MIA_ERR_SERIALIZATION);
    assert_non_null(strstr(test_error.message, "entity.metadata"));
    r.u.entity.metadata = TEXT("{}");
    r.u.entity.label = TEXT("\xff");
    ANSWERS(mia_encode_archive(b->encoder, &r, &value, ERR), MIA_ERR_SERIALIZATION);
    assert_non_null(strstr(test_error.message, "entity.label"));
    r.kind = (enum mia_kind)55;
    ANSWERS(mia_encode_archive(b->encoder, &r, &value, ERR), MIA_ERR_INVALID);
    r.kind = MIA_KIND_FEEDBACK;
    ANSWERS(mia_encode_archive(b->encoder, &r, &value, ERR), MIA_ERR_INVALID);
}

static void floats_are_multiplied_at_any_address(void **state)
{
    (void)state;
    uint8_t bytes[4 * 70 + 1];
    for (size_t count = 0; count <= 70; count++) {
        double expected = 0;
        for (size_t i = 0; i < count; i++) {
            float x = (float)i * 0.25f - 3.0f;
            memcpy(bytes + 1 + 4 * i, &x, sizeof x);
            expected += (double)x * (double)x;
        }
        mia_floats floats = {bytes + 1, count};
        assert_true(fabs((double)mia_floats_dot(floats, floats) - expected) <= 1e-5 * expected);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(accessors_give_the_fields, make, drop),
        cmocka_unit_test_setup_teardown(another_kind_gives_nothing, make, drop),
        cmocka_unit_test_setup_teardown(json_is_walked_in_place, make, drop),
        cmocka_unit_test_setup_teardown(records_are_compared_by_value, make, drop),
        cmocka_unit_test_setup_teardown(what_cannot_be_encoded_is_named, make, drop),
        cmocka_unit_test(floats_are_multiplied_at_any_address),
    };
    return cmocka_run_group_tests_name("views", tests, NULL, NULL);
}
