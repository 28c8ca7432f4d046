/*
 * mia/view_inline.h - the bodies of what mia/view.h declares; included by it
 *
 * Printed from src/model/schema.def by tools/schema_print.c: change that list, not this file.
 */
#ifndef MIA_VIEW_INLINE_H
#define MIA_VIEW_INLINE_H

#include "mia/view.h"

#ifdef __cplusplus
extern "C" {
#endif

/* clang-format off */
static inline bool mia_view_is(mia_view v, enum mia_kind kind)
{
    return v.kind == kind && v.fields != NULL;
}

static inline enum mia_feedback_type mia_archived_feedback_type(const void *at)
{
    return (enum mia_feedback_type)*(const uint8_t *)at;
}

static inline mia_view mia_archived_opt_feedback(const void *at)
{
    mia_view v = {NULL, MIA_KIND_FEEDBACK};
    if (*(const uint8_t *)at)
        v.fields = (const uint8_t *)at + 1;
    return v;
}

static inline mia_view mia_view_trust(enum mia_table table, mia_slice archive)
{
    const uint8_t *end = (const uint8_t *)archive.data + archive.size;
    mia_view v = {end - 24, MIA_KIND_EMBEDDING};
    if (table == MIA_TABLE_EDGES) {
        v.fields = end - 52;
        v.kind = MIA_KIND_EDGE;
    } else if (table == MIA_TABLE_NODES) {
        v.fields = end - 94;
        v.kind = (enum mia_kind)v.fields[-1];
    }
    return v;
}

/* ---- a conversation */

static inline mia_str mia_chat_id(mia_view v)
{
    mia_str none = {NULL, 0};
    return mia_view_is(v, MIA_KIND_CHAT) ? mia_archived_str(v.fields + 0) : none;
}
static inline mia_str mia_chat_title(mia_view v)
{
    mia_str none = {NULL, 0};
    return mia_view_is(v, MIA_KIND_CHAT) ? mia_archived_str(v.fields + 8) : none;
}
static inline mia_str mia_chat_topic(mia_view v)
{
    mia_str none = {NULL, 0};
    return mia_view_is(v, MIA_KIND_CHAT) ? mia_archived_str(v.fields + 16) : none;
}
static inline int64_t mia_chat_created_at(mia_view v)
{
    int64_t none = 0;
    return mia_view_is(v, MIA_KIND_CHAT) ? mia_archived_i64(v.fields + 24) : none;
}
static inline int64_t mia_chat_updated_at(mia_view v)
{
    int64_t none = 0;
    return mia_view_is(v, MIA_KIND_CHAT) ? mia_archived_i64(v.fields + 32) : none;
}
static inline mia_texts mia_chat_message_ids(mia_view v)
{
    mia_texts none = {NULL, 0};
    return mia_view_is(v, MIA_KIND_CHAT) ? mia_archived_strs(v.fields + 40) : none;
}
static inline mia_texts mia_chat_summary_ids(mia_view v)
{
    mia_texts none = {NULL, 0};
    return mia_view_is(v, MIA_KIND_CHAT) ? mia_archived_strs(v.fields + 48) : none;
}
static inline mia_str mia_chat_embedding_id(mia_view v)
{
    mia_str none = {NULL, 0};
    return mia_view_is(v, MIA_KIND_CHAT) ? mia_archived_opt_str(v.fields + 56) : none;
}
static inline mia_json mia_chat_metadata(mia_view v)
{
    mia_json none = {NULL, MIA_JSON_NULL, false};
    return mia_view_is(v, MIA_KIND_CHAT) ? mia_archived_metadata(v.fields + 65) : none;
}

/* ---- one message of a chat */

static inline mia_str mia_message_id(mia_view v)
{
    mia_str none = {NULL, 0};
    return mia_view_is(v, MIA_KIND_MESSAGE) ? mia_archived_str(v.fields + 0) : none;
}
static inline mia_str mia_message_chat_id(mia_view v)
{
    mia_str none = {NULL, 0};
    return mia_view_is(v, MIA_KIND_MESSAGE) ? mia_archived_str(v.fields + 8) : none;
}
static inline mia_str mia_message_sender(mia_view v)
{
    mia_str none = {NULL, 0};
    return mia_view_is(v, MIA_KIND_MESSAGE) ? mia_archived_str(v.fields + 16) : none;
}
static inline int64_t mia_message_timestamp(mia_view v)
{
    int64_t none = 0;
    return mia_view_is(v, MIA_KIND_MESSAGE) ? mia_archived_i64(v.fields + 24) : none;
}
static inline mia_str mia_message_text_content(mia_view v)
{
    mia_str none = {NULL, 0};
    return mia_view_is(v, MIA_KIND_MESSAGE) ? mia_archived_str(v.fields + 32) : none;
}
static inline mia_texts mia_message_attachment_ids(mia_view v)
{
    mia_texts none = {NULL, 0};
    return mia_view_is(v, MIA_KIND_MESSAGE) ? mia_archived_strs(v.fields + 40) : none;
}
static inline mia_str mia_message_embedding_id(mia_view v)
{
    mia_str none = {NULL, 0};
    return mia_view_is(v, MIA_KIND_MESSAGE) ? mia_archived_opt_str(v.fields + 48) : none;
}
static inline mia_json mia_message_metadata(mia_view v)
{
    mia_json none = {NULL, MIA_JSON_NULL, false};
    return mia_view_is(v, MIA_KIND_MESSAGE) ? mia_archived_metadata(v.fields + 57) : none;
}

/* ---- a summary of messages */

static inline mia_str mia_summary_id(mia_view v)
{
    mia_str none = {NULL, 0};
    return mia_view_is(v, MIA_KIND_SUMMARY) ? mia_archived_str(v.fields + 0) : none;
}
static inline mia_str mia_summary_chat_id(mia_view v)
{
    mia_str none = {NULL, 0};
    return mia_view_is(v, MIA_KIND_SUMMARY) ? mia_archived_str(v.fields + 8) : none;
}
static inline int64_t mia_summary_created_at(mia_view v)
{
    int64_t none = 0;
    return mia_view_is(v, MIA_KIND_SUMMARY) ? mia_archived_i64(v.fields + 16) : none;
}
static inline mia_str mia_summary_content(mia_view v)
{
    mia_str none = {NULL, 0};
    return mia_view_is(v, MIA_KIND_SUMMARY) ? mia_archived_str(v.fields + 24) : none;
}
static inline mia_texts mia_summary_message_ids(mia_view v)
{
    mia_texts none = {NULL, 0};
    return mia_view_is(v, MIA_KIND_SUMMARY) ? mia_archived_strs(v.fields + 32) : none;
}
static inline mia_str mia_summary_embedding_id(mia_view v)
{
    mia_str none = {NULL, 0};
    return mia_view_is(v, MIA_KIND_SUMMARY) ? mia_archived_opt_str(v.fields + 40) : none;
}
static inline mia_json mia_summary_metadata(mia_view v)
{
    mia_json none = {NULL, MIA_JSON_NULL, false};
    return mia_view_is(v, MIA_KIND_SUMMARY) ? mia_archived_metadata(v.fields + 49) : none;
}

/* ---- a file with a message */

static inline mia_str mia_attachment_id(mia_view v)
{
    mia_str none = {NULL, 0};
    return mia_view_is(v, MIA_KIND_ATTACHMENT) ? mia_archived_str(v.fields + 0) : none;
}
static inline mia_str mia_attachment_message_id(mia_view v)
{
    mia_str none = {NULL, 0};
    return mia_view_is(v, MIA_KIND_ATTACHMENT) ? mia_archived_str(v.fields + 8) : none;
}
static inline mia_str mia_attachment_mime_type(mia_view v)
{
    mia_str none = {NULL, 0};
    return mia_view_is(v, MIA_KIND_ATTACHMENT) ? mia_archived_str(v.fields + 16) : none;
}
static inline int64_t mia_attachment_created_at(mia_view v)
{
    int64_t none = 0;
    return mia_view_is(v, MIA_KIND_ATTACHMENT) ? mia_archived_i64(v.fields + 24) : none;
}
static inline mia_str mia_attachment_filename(mia_view v)
{
    mia_str none = {NULL, 0};
    return mia_view_is(v, MIA_KIND_ATTACHMENT) ? mia_archived_str(v.fields + 32) : none;
}
static inline uint64_t mia_attachment_size_bytes(mia_view v)
{
    uint64_t none = 0;
    return mia_view_is(v, MIA_KIND_ATTACHMENT) ? mia_archived_u64(v.fields + 40) : none;
}
static inline mia_str mia_attachment_storage_path(mia_view v)
{
    mia_str none = {NULL, 0};
    return mia_view_is(v, MIA_KIND_ATTACHMENT) ? mia_archived_str(v.fields + 48) : none;
}
static inline mia_str mia_attachment_extracted_text(mia_view v)
{
    mia_str none = {NULL, 0};
    return mia_view_is(v, MIA_KIND_ATTACHMENT) ? mia_archived_opt_str(v.fields + 56) : none;
}
static inline mia_texts mia_attachment_detected_objects(mia_view v)
{
    mia_texts none = {NULL, 0};
    return mia_view_is(v, MIA_KIND_ATTACHMENT) ? mia_archived_strs(v.fields + 65) : none;
}
static inline mia_str mia_attachment_embedding_id(mia_view v)
{
    mia_str none = {NULL, 0};
    return mia_view_is(v, MIA_KIND_ATTACHMENT) ? mia_archived_opt_str(v.fields + 73) : none;
}
static inline mia_json mia_attachment_metadata(mia_view v)
{
    mia_json none = {NULL, MIA_JSON_NULL, false};
    return mia_view_is(v, MIA_KIND_ATTACHMENT) ? mia_archived_metadata(v.fields + 82) : none;
}

/* ---- somebody or something that was talked about */

static inline mia_str mia_entity_id(mia_view v)
{
    mia_str none = {NULL, 0};
    return mia_view_is(v, MIA_KIND_ENTITY) ? mia_archived_str(v.fields + 0) : none;
}
static inline mia_str mia_entity_label(mia_view v)
{
    mia_str none = {NULL, 0};
    return mia_view_is(v, MIA_KIND_ENTITY) ? mia_archived_str(v.fields + 8) : none;
}
static inline mia_str mia_entity_entity_type(mia_view v)
{
    mia_str none = {NULL, 0};
    return mia_view_is(v, MIA_KIND_ENTITY) ? mia_archived_str(v.fields + 16) : none;
}
static inline mia_str mia_entity_embedding_id(mia_view v)
{
    mia_str none = {NULL, 0};
    return mia_view_is(v, MIA_KIND_ENTITY) ? mia_archived_opt_str(v.fields + 24) : none;
}
static inline mia_json mia_entity_metadata(mia_view v)
{
    mia_json none = {NULL, MIA_JSON_NULL, false};
    return mia_view_is(v, MIA_KIND_ENTITY) ? mia_archived_metadata(v.fields + 33) : none;
}

/* ---- a search on the web */

static inline mia_str mia_web_search_id(mia_view v)
{
    mia_str none = {NULL, 0};
    return mia_view_is(v, MIA_KIND_WEB_SEARCH) ? mia_archived_str(v.fields + 0) : none;
}
static inline mia_str mia_web_search_query(mia_view v)
{
    mia_str none = {NULL, 0};
    return mia_view_is(v, MIA_KIND_WEB_SEARCH) ? mia_archived_str(v.fields + 8) : none;
}
static inline int64_t mia_web_search_timestamp(mia_view v)
{
    int64_t none = 0;
    return mia_view_is(v, MIA_KIND_WEB_SEARCH) ? mia_archived_i64(v.fields + 16) : none;
}
static inline mia_texts mia_web_search_results_urls(mia_view v)
{
    mia_texts none = {NULL, 0};
    return mia_view_is(v, MIA_KIND_WEB_SEARCH) ? mia_archived_strs(v.fields + 24) : none;
}
static inline mia_str mia_web_search_embedding_id(mia_view v)
{
    mia_str none = {NULL, 0};
    return mia_view_is(v, MIA_KIND_WEB_SEARCH) ? mia_archived_opt_str(v.fields + 32) : none;
}
static inline mia_json mia_web_search_metadata(mia_view v)
{
    mia_json none = {NULL, MIA_JSON_NULL, false};
    return mia_view_is(v, MIA_KIND_WEB_SEARCH) ? mia_archived_metadata(v.fields + 41) : none;
}

/* ---- a page of the web, kept */

static inline mia_str mia_scraped_page_id(mia_view v)
{
    mia_str none = {NULL, 0};
    return mia_view_is(v, MIA_KIND_SCRAPED_PAGE) ? mia_archived_str(v.fields + 0) : none;
}
static inline mia_str mia_scraped_page_url(mia_view v)
{
    mia_str none = {NULL, 0};
    return mia_view_is(v, MIA_KIND_SCRAPED_PAGE) ? mia_archived_str(v.fields + 8) : none;
}
static inline int64_t mia_scraped_page_scraped_at(mia_view v)
{
    int64_t none = 0;
    return mia_view_is(v, MIA_KIND_SCRAPED_PAGE) ? mia_archived_i64(v.fields + 16) : none;
}
static inline mia_str mia_scraped_page_content_hash(mia_view v)
{
    mia_str none = {NULL, 0};
    return mia_view_is(v, MIA_KIND_SCRAPED_PAGE) ? mia_archived_str(v.fields + 24) : none;
}
static inline mia_str mia_scraped_page_title(mia_view v)
{
    mia_str none = {NULL, 0};
    return mia_view_is(v, MIA_KIND_SCRAPED_PAGE) ? mia_archived_opt_str(v.fields + 32) : none;
}
static inline mia_str mia_scraped_page_text_content(mia_view v)
{
    mia_str none = {NULL, 0};
    return mia_view_is(v, MIA_KIND_SCRAPED_PAGE) ? mia_archived_str(v.fields + 41) : none;
}
static inline mia_str mia_scraped_page_embedding_id(mia_view v)
{
    mia_str none = {NULL, 0};
    return mia_view_is(v, MIA_KIND_SCRAPED_PAGE) ? mia_archived_opt_str(v.fields + 49) : none;
}
static inline mia_str mia_scraped_page_storage_path(mia_view v)
{
    mia_str none = {NULL, 0};
    return mia_view_is(v, MIA_KIND_SCRAPED_PAGE) ? mia_archived_str(v.fields + 58) : none;
}
static inline mia_json mia_scraped_page_metadata(mia_view v)
{
    mia_json none = {NULL, MIA_JSON_NULL, false};
    return mia_view_is(v, MIA_KIND_SCRAPED_PAGE) ? mia_archived_metadata(v.fields + 66) : none;
}

/* ---- a link worth keeping */

static inline mia_str mia_bookmark_id(mia_view v)
{
    mia_str none = {NULL, 0};
    return mia_view_is(v, MIA_KIND_BOOKMARK) ? mia_archived_str(v.fields + 0) : none;
}
static inline mia_str mia_bookmark_url(mia_view v)
{
    mia_str none = {NULL, 0};
    return mia_view_is(v, MIA_KIND_BOOKMARK) ? mia_archived_str(v.fields + 8) : none;
}
static inline mia_str mia_bookmark_title(mia_view v)
{
    mia_str none = {NULL, 0};
    return mia_view_is(v, MIA_KIND_BOOKMARK) ? mia_archived_str(v.fields + 16) : none;
}
static inline mia_str mia_bookmark_description(mia_view v)
{
    mia_str none = {NULL, 0};
    return mia_view_is(v, MIA_KIND_BOOKMARK) ? mia_archived_opt_str(v.fields + 24) : none;
}
static inline int64_t mia_bookmark_created_at(mia_view v)
{
    int64_t none = 0;
    return mia_view_is(v, MIA_KIND_BOOKMARK) ? mia_archived_i64(v.fields + 33) : none;
}
static inline mia_texts mia_bookmark_tags(mia_view v)
{
    mia_texts none = {NULL, 0};
    return mia_view_is(v, MIA_KIND_BOOKMARK) ? mia_archived_strs(v.fields + 41) : none;
}
static inline mia_str mia_bookmark_embedding_id(mia_view v)
{
    mia_str none = {NULL, 0};
    return mia_view_is(v, MIA_KIND_BOOKMARK) ? mia_archived_opt_str(v.fields + 49) : none;
}
static inline mia_json mia_bookmark_metadata(mia_view v)
{
    mia_json none = {NULL, MIA_JSON_NULL, false};
    return mia_view_is(v, MIA_KIND_BOOKMARK) ? mia_archived_metadata(v.fields + 58) : none;
}

/* ---- what is known of an image */

static inline mia_str mia_image_metadata_id(mia_view v)
{
    mia_str none = {NULL, 0};
    return mia_view_is(v, MIA_KIND_IMAGE_METADATA) ? mia_archived_str(v.fields + 0) : none;
}
static inline mia_str mia_image_metadata_file_path(mia_view v)
{
    mia_str none = {NULL, 0};
    return mia_view_is(v, MIA_KIND_IMAGE_METADATA) ? mia_archived_str(v.fields + 8) : none;
}
static inline mia_texts mia_image_metadata_detected_objects(mia_view v)
{
    mia_texts none = {NULL, 0};
    return mia_view_is(v, MIA_KIND_IMAGE_METADATA) ? mia_archived_strs(v.fields + 16) : none;
}
static inline mia_texts mia_image_metadata_detected_faces(mia_view v)
{
    mia_texts none = {NULL, 0};
    return mia_view_is(v, MIA_KIND_IMAGE_METADATA) ? mia_archived_strs(v.fields + 24) : none;
}
static inline mia_str mia_image_metadata_ocr_text(mia_view v)
{
    mia_str none = {NULL, 0};
    return mia_view_is(v, MIA_KIND_IMAGE_METADATA) ? mia_archived_opt_str(v.fields + 32) : none;
}
static inline mia_str mia_image_metadata_embedding_id(mia_view v)
{
    mia_str none = {NULL, 0};
    return mia_view_is(v, MIA_KIND_IMAGE_METADATA) ? mia_archived_opt_str(v.fields + 41) : none;
}
static inline mia_json mia_image_metadata_metadata(mia_view v)
{
    mia_json none = {NULL, MIA_JSON_NULL, false};
    return mia_view_is(v, MIA_KIND_IMAGE_METADATA) ? mia_archived_metadata(v.fields + 50) : none;
}

/* ---- what was said in a recording */

static inline mia_str mia_audio_transcript_id(mia_view v)
{
    mia_str none = {NULL, 0};
    return mia_view_is(v, MIA_KIND_AUDIO_TRANSCRIPT) ? mia_archived_str(v.fields + 0) : none;
}
static inline mia_str mia_audio_transcript_file_path(mia_view v)
{
    mia_str none = {NULL, 0};
    return mia_view_is(v, MIA_KIND_AUDIO_TRANSCRIPT) ? mia_archived_str(v.fields + 8) : none;
}
static inline int64_t mia_audio_transcript_transcribed_at(mia_view v)
{
    int64_t none = 0;
    return mia_view_is(v, MIA_KIND_AUDIO_TRANSCRIPT) ? mia_archived_i64(v.fields + 16) : none;
}
static inline mia_str mia_audio_transcript_transcript(mia_view v)
{
    mia_str none = {NULL, 0};
    return mia_view_is(v, MIA_KIND_AUDIO_TRANSCRIPT) ? mia_archived_str(v.fields + 24) : none;
}
static inline mia_str mia_audio_transcript_speaker_diarization(mia_view v)
{
    mia_str none = {NULL, 0};
    return mia_view_is(v, MIA_KIND_AUDIO_TRANSCRIPT) ? mia_archived_opt_str(v.fields + 32) : none;
}
static inline mia_str mia_audio_transcript_embedding_id(mia_view v)
{
    mia_str none = {NULL, 0};
    return mia_view_is(v, MIA_KIND_AUDIO_TRANSCRIPT) ? mia_archived_opt_str(v.fields + 41) : none;
}
static inline mia_json mia_audio_transcript_metadata(mia_view v)
{
    mia_json none = {NULL, MIA_JSON_NULL, false};
    return mia_view_is(v, MIA_KIND_AUDIO_TRANSCRIPT) ? mia_archived_metadata(v.fields + 50) : none;
}

/* ---- a model on this machine */

static inline mia_str mia_model_info_id(mia_view v)
{
    mia_str none = {NULL, 0};
    return mia_view_is(v, MIA_KIND_MODEL_INFO) ? mia_archived_str(v.fields + 0) : none;
}
static inline mia_str mia_model_info_name(mia_view v)
{
    mia_str none = {NULL, 0};
    return mia_view_is(v, MIA_KIND_MODEL_INFO) ? mia_archived_str(v.fields + 8) : none;
}
static inline mia_str mia_model_info_path(mia_view v)
{
    mia_str none = {NULL, 0};
    return mia_view_is(v, MIA_KIND_MODEL_INFO) ? mia_archived_str(v.fields + 16) : none;
}
static inline uint64_t mia_model_info_size_bytes(mia_view v)
{
    uint64_t none = 0;
    return mia_view_is(v, MIA_KIND_MODEL_INFO) ? mia_archived_u64(v.fields + 24) : none;
}
static inline mia_str mia_model_info_sha256(mia_view v)
{
    mia_str none = {NULL, 0};
    return mia_view_is(v, MIA_KIND_MODEL_INFO) ? mia_archived_str(v.fields + 32) : none;
}
static inline mia_str mia_model_info_format(mia_view v)
{
    mia_str none = {NULL, 0};
    return mia_view_is(v, MIA_KIND_MODEL_INFO) ? mia_archived_str(v.fields + 40) : none;
}
static inline mia_opt_i64 mia_model_info_loaded_at(mia_view v)
{
    mia_opt_i64 none = {0, false};
    return mia_view_is(v, MIA_KIND_MODEL_INFO) ? mia_archived_opt_i64(v.fields + 48) : none;
}
static inline mia_json mia_model_info_metadata(mia_view v)
{
    mia_json none = {NULL, MIA_JSON_NULL, false};
    return mia_view_is(v, MIA_KIND_MODEL_INFO) ? mia_archived_metadata(v.fields + 57) : none;
}

/* ---- what an action led to */

static inline mia_str mia_action_outcome_id(mia_view v)
{
    mia_str none = {NULL, 0};
    return mia_view_is(v, MIA_KIND_ACTION_OUTCOME) ? mia_archived_str(v.fields + 0) : none;
}
static inline mia_str mia_action_outcome_action_type(mia_view v)
{
    mia_str none = {NULL, 0};
    return mia_view_is(v, MIA_KIND_ACTION_OUTCOME) ? mia_archived_str(v.fields + 8) : none;
}
static inline mia_json mia_action_outcome_action_args(mia_view v)
{
    mia_json none = {NULL, MIA_JSON_NULL, false};
    return mia_view_is(v, MIA_KIND_ACTION_OUTCOME) ? mia_archived_json(v.fields + 16) : none;
}
static inline mia_json mia_action_outcome_result(mia_view v)
{
    mia_json none = {NULL, MIA_JSON_NULL, false};
    return mia_view_is(v, MIA_KIND_ACTION_OUTCOME) ? mia_archived_json(v.fields + 29) : none;
}
static inline mia_view mia_action_outcome_user_feedback(mia_view v)
{
    mia_view none = {NULL, MIA_KIND_FEEDBACK};
    return mia_view_is(v, MIA_KIND_ACTION_OUTCOME) ? mia_archived_opt_feedback(v.fields + 42) : none;
}
static inline int64_t mia_action_outcome_timestamp(mia_view v)
{
    int64_t none = 0;
    return mia_view_is(v, MIA_KIND_ACTION_OUTCOME) ? mia_archived_i64(v.fields + 70) : none;
}
static inline mia_str mia_action_outcome_conversation_context(mia_view v)
{
    mia_str none = {NULL, 0};
    return mia_view_is(v, MIA_KIND_ACTION_OUTCOME) ? mia_archived_str(v.fields + 78) : none;
}

/* ---- a directed, typed connection of two nodes */

static inline mia_str mia_edge_id(mia_view v)
{
    mia_str none = {NULL, 0};
    return mia_view_is(v, MIA_KIND_EDGE) ? mia_archived_str(v.fields + 0) : none;
}
static inline mia_str mia_edge_from_node(mia_view v)
{
    mia_str none = {NULL, 0};
    return mia_view_is(v, MIA_KIND_EDGE) ? mia_archived_str(v.fields + 8) : none;
}
static inline mia_str mia_edge_to_node(mia_view v)
{
    mia_str none = {NULL, 0};
    return mia_view_is(v, MIA_KIND_EDGE) ? mia_archived_str(v.fields + 16) : none;
}
static inline mia_str mia_edge_edge_type(mia_view v)
{
    mia_str none = {NULL, 0};
    return mia_view_is(v, MIA_KIND_EDGE) ? mia_archived_str(v.fields + 24) : none;
}
static inline int64_t mia_edge_created_at(mia_view v)
{
    int64_t none = 0;
    return mia_view_is(v, MIA_KIND_EDGE) ? mia_archived_i64(v.fields + 32) : none;
}
static inline mia_json mia_edge_metadata(mia_view v)
{
    mia_json none = {NULL, MIA_JSON_NULL, false};
    return mia_view_is(v, MIA_KIND_EDGE) ? mia_archived_metadata(v.fields + 40) : none;
}

/* ---- a vector */

static inline mia_str mia_embedding_id(mia_view v)
{
    mia_str none = {NULL, 0};
    return mia_view_is(v, MIA_KIND_EMBEDDING) ? mia_archived_str(v.fields + 0) : none;
}
static inline mia_floats mia_embedding_vector(mia_view v)
{
    mia_floats none = {NULL, 0};
    return mia_view_is(v, MIA_KIND_EMBEDDING) ? mia_archived_floats(v.fields + 8) : none;
}
static inline mia_str mia_embedding_model(mia_view v)
{
    mia_str none = {NULL, 0};
    return mia_view_is(v, MIA_KIND_EMBEDDING) ? mia_archived_str(v.fields + 16) : none;
}

/* ---- what a user said to an action */

static inline enum mia_feedback_type mia_feedback_feedback_type(mia_view v)
{
    enum mia_feedback_type none = MIA_FEEDBACK_CORRECTION;
    return mia_view_is(v, MIA_KIND_FEEDBACK) ? mia_archived_feedback_type(v.fields + 0) : none;
}
static inline mia_str mia_feedback_user_comment(mia_view v)
{
    mia_str none = {NULL, 0};
    return mia_view_is(v, MIA_KIND_FEEDBACK) ? mia_archived_opt_str(v.fields + 1) : none;
}
static inline mia_str mia_feedback_correction(mia_view v)
{
    mia_str none = {NULL, 0};
    return mia_view_is(v, MIA_KIND_FEEDBACK) ? mia_archived_opt_str(v.fields + 10) : none;
}
static inline int64_t mia_feedback_timestamp(mia_view v)
{
    int64_t none = 0;
    return mia_view_is(v, MIA_KIND_FEEDBACK) ? mia_archived_i64(v.fields + 19) : none;
}

/* clang-format on */

#ifdef __cplusplus
}
#endif
#endif
