/* suite_kinds.c - every kind of record comes back as it was put */
#include "store/suite.h"

static const mia_str two[] = {{"one", 3}, {"two", 3}};
#define TWO ((mia_strs){two, LENGTH(two)})
#define META MIA_STR("{\"list\":[1,\"x\",null],\"n\":9007199254740993}")

/* What was put, as the library prints it, is what is got. */
static void comes_back(struct store_bench *b, const struct mia_record *record)
{
    mia_encoder *encoder;
    mia_slice archive;
    char *put, *got;
    size_t size;
    OK(mia_encoder_open(&encoder, ERR));
    OK(mia_encode_archive(encoder, record, &archive, ERR));
    mia_view expected = mia_view_trust(mia_table_of(record->kind), archive);
    store_put(b, record);
    mia_txn *txn = store_begin(b, MIA_TXN_READ);
    mia_view view = store_get(txn, mia_table_of(record->kind), "r");
    assert_true(mia_view_equal(view, expected));
    OK(mia_view_json(expected, &put, &size, ERR));
    OK(mia_view_json(view, &got, &size, ERR));
    assert_string_equal(put, got);
    mia_free(put);
    mia_free(got);
    struct mia_record again;
    OK(mia_record_of(txn, view, &again, ERR));
    mia_slice second;
    OK(mia_encode_archive(encoder, &again, &second, ERR));
    assert_true(mia_view_equal(mia_view_trust(mia_table_of(record->kind), second), view));
    mia_txn_abort(txn);
    mia_encoder_close(encoder);
}

static void goes(struct store_bench *b, enum mia_table table)
{
    store_delete(b, table, "r");
    store_lacks(b, table, "r");
    assert_index_sound(b, 0);
}

/* The record that is there now, for a look at its fields. */
static mia_view look(struct store_bench *b, enum mia_table table, mia_txn **txn)
{
    *txn = store_begin(b, MIA_TXN_READ);
    return store_get(*txn, table, "r");
}

static mia_json member(mia_json object, const char *key)
{
    mia_json value;
    assert_true(mia_json_get(object, mia_str_of(key), &value));
    return value;
}

static void chat_lifecycle(void **state)
{
    static const mia_str longer[] = {{"one", 3}, {"two", 3}, {"three", 5}, {"", 0}};
    struct store_bench *b = *state;
    mia_txn *txn;
    struct mia_record r = {MIA_KIND_CHAT,
                           {.chat = {.id = MIA_STR("r"),
                                     .title = MIA_STR("T\xc3\xaftle"),
                                     .topic = MIA_STR("topic"),
                                     .created_at = -1,
                                     .updated_at = INT64_MAX,
                                     .message_ids = TWO,
                                     .summary_ids = TWO,
                                     .embedding_id = MIA_STR("v"),
                                     .metadata = META}}};
    comes_back(b, &r);
    mia_view v = look(b, MIA_TABLE_NODES, &txn);
    assert_str(mia_chat_title(v), "T\xc3\xaftle");
    assert_true(mia_chat_created_at(v) == -1 && mia_chat_updated_at(v) == INT64_MAX);
    assert_str(mia_texts_at(mia_chat_message_ids(v), 1), "two");
    assert_int_equal(mia_chat_summary_ids(v).count, 2);
    assert_str(mia_chat_embedding_id(v), "v");
    assert_true(mia_json_int(member(mia_chat_metadata(v), "n")) == INT64_C(9007199254740993));
    mia_txn_abort(txn);
    r.u.chat.message_ids = r.u.chat.summary_ids = (mia_strs){longer, LENGTH(longer)};
    r.u.chat.embedding_id = (mia_str){0};
    comes_back(b, &r);
    v = look(b, MIA_TABLE_NODES, &txn);
    assert_int_equal(mia_chat_message_ids(v).count, 4);
    assert_str(mia_texts_at(mia_chat_summary_ids(v), 2), "three");
    assert_null(mia_chat_embedding_id(v).data);
    mia_txn_abort(txn);
    r.u.chat.message_ids = (mia_strs){0};
    comes_back(b, &r);
    goes(b, MIA_TABLE_NODES);
}

static void message_lifecycle(void **state)
{
    struct store_bench *b = *state;
    mia_txn *txn;
    struct mia_record r = message_of("r", "chat", "user", 1697500000000);
    r.u.message.text_content = MIA_STR("gr\xc3\xbc\xc3\x9f dich");
    r.u.message.attachment_ids = TWO;
    r.u.message.metadata = META;
    comes_back(b, &r);
    mia_view v = look(b, MIA_TABLE_NODES, &txn);
    assert_str(mia_message_chat_id(v), "chat");
    assert_str(mia_message_sender(v), "user");
    assert_true(mia_message_timestamp(v) == INT64_C(1697500000000));
    assert_int_equal(mia_message_text_content(v).size, 11); /* bytes, not characters */
    assert_str(mia_texts_at(mia_message_attachment_ids(v), 0), "one");
    mia_txn_abort(txn);
    goes(b, MIA_TABLE_NODES);
}

static void summary_attachment(void **state)
{
    struct store_bench *b = *state;
    mia_txn *txn;
    struct mia_record r = {
        MIA_KIND_SUMMARY,
        {.summary = {.id = MIA_STR("r"), .content = MIA_STR("short"), .message_ids = TWO}}};
    comes_back(b, &r);
    mia_view v = look(b, MIA_TABLE_NODES, &txn);
    assert_str(mia_summary_content(v), "short");
    mia_txn_abort(txn);
    r = (struct mia_record){MIA_KIND_ATTACHMENT,
                            {.attachment = {.id = MIA_STR("r"),
                                            .mime_type = MIA_STR("image/png"),
                                            .size_bytes = UINT64_MAX,
                                            .extracted_text = MIA_STR(""),
                                            .detected_objects = TWO}}};
    comes_back(b, &r); /* over a record of another kind */
    v = look(b, MIA_TABLE_NODES, &txn);
    assert_true(mia_attachment_size_bytes(v) == UINT64_MAX);
    assert_non_null(mia_attachment_extracted_text(v).data); /* empty, not absent */
    mia_txn_abort(txn);
    goes(b, MIA_TABLE_NODES);
}

static void entity_lifecycle(void **state)
{
    struct store_bench *b = *state;
    mia_txn *txn;
    struct mia_record r = {MIA_KIND_ENTITY,
                           {.entity = {.id = MIA_STR("r"),
                                       .label = MIA_STR("Ada"),
                                       .entity_type = MIA_STR("PERSON"),
                                       .metadata = MIA_STR("{\"age\":42}")}}};
    comes_back(b, &r);
    mia_view v = look(b, MIA_TABLE_NODES, &txn);
    assert_str(mia_entity_label(v), "Ada");
    assert_str(mia_entity_entity_type(v), "PERSON");
    assert_int_equal(mia_json_int(member(mia_entity_metadata(v), "age")), 42);
    mia_txn_abort(txn);
    goes(b, MIA_TABLE_NODES);
}

static void edge_lifecycle(void **state)
{
    struct store_bench *b = *state;
    mia_txn *txn;
    struct mia_record r = edge_of("r", "chat_1", "CONTAINS", "msg_1");
    r.u.edge.created_at = 1697500000000;
    r.u.edge.metadata = MIA_STR("{\"weight\":0.95}");
    comes_back(b, &r);
    mia_view v = look(b, MIA_TABLE_EDGES, &txn);
    assert_str(mia_edge_from_node(v), "chat_1");
    assert_str(mia_edge_to_node(v), "msg_1");
    assert_str(mia_edge_edge_type(v), "CONTAINS");
    assert_true(mia_json_real(member(mia_edge_metadata(v), "weight")) == 0.95);
    mia_txn_abort(txn);
    goes(b, MIA_TABLE_EDGES);
}

static void web_search(void **state)
{
    struct store_bench *b = *state;
    mia_txn *txn;
    struct mia_record r = {
        MIA_KIND_WEB_SEARCH,
        {.web_search = {
             .id = MIA_STR("r"), .query = MIA_STR("q"), .timestamp = 7, .results_urls = TWO}}};
    comes_back(b, &r);
    mia_view v = look(b, MIA_TABLE_NODES, &txn);
    assert_str(mia_web_search_query(v), "q");
    assert_str(mia_texts_at(mia_web_search_results_urls(v), 1), "two");
    mia_txn_abort(txn);
}

static void scraped_page(void **state)
{
    struct store_bench *b = *state;
    mia_txn *txn;
    struct mia_record r = {MIA_KIND_SCRAPED_PAGE,
                           {.scraped_page = {.id = MIA_STR("r"),
                                             .url = MIA_STR("http://x"),
                                             .title = MIA_STR("t"),
                                             .text_content = MIA_STR("text")}}};
    comes_back(b, &r);
    mia_view v = look(b, MIA_TABLE_NODES, &txn);
    assert_str(mia_scraped_page_url(v), "http://x");
    assert_str(mia_scraped_page_title(v), "t");
    mia_txn_abort(txn);
    r.u.scraped_page.title = (mia_str){0};
    comes_back(b, &r);
    v = look(b, MIA_TABLE_NODES, &txn);
    assert_null(mia_scraped_page_title(v).data);
    mia_txn_abort(txn);
}

static void bookmark(void **state)
{
    struct store_bench *b = *state;
    mia_txn *txn;
    struct mia_record r = {
        MIA_KIND_BOOKMARK,
        {.bookmark = {.id = MIA_STR("r"), .url = MIA_STR("http://x"), .tags = TWO}}};
    comes_back(b, &r);
    mia_view v = look(b, MIA_TABLE_NODES, &txn);
    assert_str(mia_texts_at(mia_bookmark_tags(v), 0), "one");
    assert_int_equal(mia_bookmark_tags(v).count, 2);
    mia_txn_abort(txn);
}

static void image_metadata(void **state)
{
    struct store_bench *b = *state;
    mia_txn *txn;
    struct mia_record r = {MIA_KIND_IMAGE_METADATA,
                           {.image_metadata = {.id = MIA_STR("r"),
                                               .detected_objects = TWO,
                                               .detected_faces = TWO,
                                               .ocr_text = MIA_STR("text")}}};
    comes_back(b, &r);
    mia_view v = look(b, MIA_TABLE_NODES, &txn);
    assert_int_equal(mia_image_metadata_detected_objects(v).count, 2);
    assert_str(mia_texts_at(mia_image_metadata_detected_faces(v), 1), "two");
    assert_str(mia_image_metadata_ocr_text(v), "text");
    mia_txn_abort(txn);
}

static void audio_transcript(void **state)
{
    struct store_bench *b = *state;
    mia_txn *txn;
    struct mia_record r = {MIA_KIND_AUDIO_TRANSCRIPT,
                           {.audio_transcript = {.id = MIA_STR("r"),
                                                 .transcript = MIA_STR("words"),
                                                 .speaker_diarization = MIA_STR("[]")}}};
    comes_back(b, &r);
    mia_view v = look(b, MIA_TABLE_NODES, &txn);
    assert_str(mia_audio_transcript_transcript(v), "words");
    assert_str(mia_audio_transcript_speaker_diarization(v), "[]");
    mia_txn_abort(txn);
}

static void model_info(void **state)
{
    struct store_bench *b = *state;
    mia_txn *txn;
    struct mia_record r = {MIA_KIND_MODEL_INFO,
                           {.model_info = {.id = MIA_STR("r"),
                                           .name = MIA_STR("m"),
                                           .size_bytes = 1500000000,
                                           .loaded_at = {5, true}}}};
    comes_back(b, &r);
    mia_view v = look(b, MIA_TABLE_NODES, &txn);
    assert_true(mia_model_info_size_bytes(v) == 1500000000);
    assert_true(mia_model_info_loaded_at(v).present && mia_model_info_loaded_at(v).value == 5);
    mia_txn_abort(txn);
    r.u.model_info.loaded_at.present = false;
    comes_back(b, &r);
    v = look(b, MIA_TABLE_NODES, &txn);
    assert_false(mia_model_info_loaded_at(v).present);
    mia_txn_abort(txn);
}

struct engine_cases cases_of_kinds(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(chat_lifecycle),   CASE(message_lifecycle), CASE(summary_attachment),
        CASE(entity_lifecycle), CASE(edge_lifecycle),    CASE(web_search),
        CASE(scraped_page),     CASE(bookmark),          CASE(image_metadata),
        CASE(audio_transcript), CASE(model_info),
    };
    return CASES(cases);
}

/* ---- what holds for every kind */

static void metadata_complex(void **state)
{
    struct mia_record r = message_of("r", "c", "s", 1);
    char text[1100] = "{\"long\":\"";
    const char *const texts[] = {
        "{}",
        "null",
        "[]",
        "1",
        "\"text\"",
        "{\"\":{\"a\":[[],{}]}}",
        "{\"nested\":{\"array\":[1,2,[3,{\"deep\":null}]],\"object\":{\"a\":{\"b\":true}}}}",
        "{\"a\":-0.0,\"b\":1e300}",
        "true",
        "{\"\\u0000\":1}",
        "{\"x\":\"\xf0\x9f\x98\x80\",\"big\":18446744073709551615}",
        text,
    };
    size_t used = strlen(text);
    memset(text + used, 'x', 1000);
    memcpy(text + used + 1000, "\"}", sizeof "\"}");
    for (size_t i = 0; i < LENGTH(texts); i++) {
        r.u.message.metadata = mia_str_of(texts[i]);
        comes_back(*state, &r);
    }
}

static void id_of_every_kind(void **state)
{
#define KIND(KIND, member)                                                                         \
    {                                                                                              \
        MIA_KIND_##KIND,                                                                           \
        {                                                                                          \
            .member = {.id = MIA_STR(#member) }                                                    \
        }                                                                                          \
    }
    const struct mia_record records[] = {
        KIND(CHAT, chat),
        KIND(MESSAGE, message),
        KIND(SUMMARY, summary),
        KIND(ATTACHMENT, attachment),
        KIND(ENTITY, entity),
        KIND(WEB_SEARCH, web_search),
        KIND(SCRAPED_PAGE, scraped_page),
        KIND(BOOKMARK, bookmark),
        KIND(IMAGE_METADATA, image_metadata),
        KIND(AUDIO_TRANSCRIPT, audio_transcript),
        KIND(MODEL_INFO, model_info),
        KIND(ACTION_OUTCOME, action_outcome),
        KIND(EDGE, edge),
        KIND(EMBEDDING, embedding),
    };
#undef KIND
    struct store_bench *b = *state;
    for (size_t i = 0; i < LENGTH(records); i++)
        store_put(b, &records[i]);
    mia_txn *txn = store_begin(b, MIA_TXN_READ);
    for (size_t i = 0; i < LENGTH(records); i++) {
        const char *id = records[i].u.chat.id.data; /* every record begins with its id */
        mia_view view = store_get(txn, mia_table_of(records[i].kind), id);
        assert_int_equal(view.kind, records[i].kind);
        assert_str(mia_view_id(view), id);
    }
    mia_txn_abort(txn);
    assert_index_sound(b, LENGTH(records) - 1);
}

struct engine_cases cases_of_the_model(void)
{
    static const struct CMUnitTest cases[] = {CASE(metadata_complex), CASE(id_of_every_kind)};
    return CASES(cases);
}
