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

static void chat_lifecycle(void **state)
{
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
    comes_back(*state, &r);
    r.u.chat.message_ids = (mia_strs){0};
    r.u.chat.embedding_id = (mia_str){0};
    comes_back(*state, &r);
}

static void message_lifecycle(void **state)
{
    struct mia_record r = message_of("r", "chat", "user", 1697500000000);
    r.u.message.attachment_ids = TWO;
    r.u.message.metadata = META;
    comes_back(*state, &r);
}

static void summary_attachment(void **state)
{
    struct mia_record r = {
        MIA_KIND_SUMMARY,
        {.summary = {.id = MIA_STR("r"), .content = MIA_STR("short"), .message_ids = TWO}}};
    comes_back(*state, &r);
    r = (struct mia_record){MIA_KIND_ATTACHMENT,
                            {.attachment = {.id = MIA_STR("r"),
                                            .mime_type = MIA_STR("image/png"),
                                            .size_bytes = UINT64_MAX,
                                            .extracted_text = MIA_STR(""),
                                            .detected_objects = TWO}}};
    comes_back(*state, &r); /* over a record of another kind */
    assert_nodes(*state, "node_type", "Summary", "");
    assert_nodes(*state, "node_type", "Attachment", "r");
    assert_nodes(*state, "mime_type", "image/png", "r");
    assert_index_sound(*state, 1);
}

static void entity_lifecycle(void **state)
{
    struct mia_record r = {MIA_KIND_ENTITY,
                           {.entity = {.id = MIA_STR("r"),
                                       .label = MIA_STR("Ada"),
                                       .entity_type = MIA_STR("PERSON"),
                                       .metadata = MIA_STR("{\"age\":42}")}}};
    comes_back(*state, &r);
    assert_nodes(*state, "entity_type", "PERSON", "r");
    assert_nodes(*state, "label", "Ada", "r");
}

static void web_search(void **state)
{
    struct mia_record r = {
        MIA_KIND_WEB_SEARCH,
        {.web_search = {
             .id = MIA_STR("r"), .query = MIA_STR("q"), .timestamp = 7, .results_urls = TWO}}};
    comes_back(*state, &r);
    assert_nodes_between(*state, "node_type", "WebSearch", 7, 7, false, "r");
}

static void scraped_page(void **state)
{
    struct mia_record r = {MIA_KIND_SCRAPED_PAGE,
                           {.scraped_page = {.id = MIA_STR("r"),
                                             .url = MIA_STR("http://x"),
                                             .title = MIA_STR("t"),
                                             .text_content = MIA_STR("text")}}};
    comes_back(*state, &r);
    r.u.scraped_page.title = (mia_str){0};
    comes_back(*state, &r);
    assert_nodes(*state, "url", "http://x", "r");
}

static void bookmark(void **state)
{
    struct mia_record r = {
        MIA_KIND_BOOKMARK,
        {.bookmark = {.id = MIA_STR("r"), .url = MIA_STR("http://x"), .tags = TWO}}};
    comes_back(*state, &r);
    assert_nodes(*state, "url", "http://x", "r");
}

static void image_metadata(void **state)
{
    struct mia_record r = {MIA_KIND_IMAGE_METADATA,
                           {.image_metadata = {.id = MIA_STR("r"),
                                               .detected_objects = TWO,
                                               .detected_faces = TWO,
                                               .ocr_text = MIA_STR("text")}}};
    comes_back(*state, &r);
}

static void audio_transcript(void **state)
{
    struct mia_record r = {MIA_KIND_AUDIO_TRANSCRIPT,
                           {.audio_transcript = {.id = MIA_STR("r"),
                                                 .transcript = MIA_STR("words"),
                                                 .speaker_diarization = MIA_STR("[]")}}};
    comes_back(*state, &r);
}

static void model_info(void **state)
{
    struct mia_record r = {MIA_KIND_MODEL_INFO,
                           {.model_info = {.id = MIA_STR("r"),
                                           .name = MIA_STR("m"),
                                           .size_bytes = 1500000000,
                                           .loaded_at = {5, true}}}};
    comes_back(*state, &r);
    assert_nodes_between(*state, "model_name", "m", 5, 5, false, "r");
    r.u.model_info.loaded_at.present = false;
    comes_back(*state, &r);
    assert_nodes_between(*state, "model_name", "m", 5, 5, false, "");
    assert_index_sound(*state, 1);
}

static void metadata_complex(void **state)
{
    struct mia_record r = message_of("r", "c", "s", 1);
    static const char *const texts[] = {
        "{}",
        "null",
        "[]",
        "1",
        "\"text\"",
        "{\"\":{\"a\":[[],{}]}}",
        "{\"a\":-0.0,\"b\":1e300}",
        "true",
        "{\"\\u0000\":1}",
        "{\"x\":\"\xf0\x9f\x98\x80\",\"big\":18446744073709551615}"};
    for (size_t i = 0; i < LENGTH(texts); i++) {
        r.u.message.metadata = mia_str_of(texts[i]);
        comes_back(*state, &r);
    }
}

struct engine_cases cases_of_kinds(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(chat_lifecycle),   CASE(message_lifecycle), CASE(summary_attachment),
        CASE(entity_lifecycle), CASE(web_search),        CASE(scraped_page),
        CASE(bookmark),         CASE(image_metadata),    CASE(audio_transcript),
        CASE(model_info),       CASE(metadata_complex),
    };
    return CASES(cases);
}
