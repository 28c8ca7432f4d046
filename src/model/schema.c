/* model/schema.c - the tables */
#include "model/schema.h"

/* Sizes as the rkyv crate lays them out. */
static_assert(sizeof(struct mia__arch_chat_record) == 77, "Chat");
static_assert(sizeof(struct mia__arch_message_record) == 69, "Message");
static_assert(sizeof(struct mia__arch_summary_record) == 61, "Summary");
static_assert(sizeof(struct mia__arch_attachment_record) == MIA__NODE_SIZE - 1, "Attachment");
static_assert(sizeof(struct mia__arch_entity_record) == 45, "Entity");
static_assert(sizeof(struct mia__arch_web_search_record) == 53, "WebSearch");
static_assert(sizeof(struct mia__arch_scraped_page_record) == 78, "ScrapedPage");
static_assert(sizeof(struct mia__arch_bookmark_record) == 70, "Bookmark");
static_assert(sizeof(struct mia__arch_image_metadata_record) == 62, "ImageMetadata");
static_assert(sizeof(struct mia__arch_audio_transcript_record) == 62, "AudioTranscript");
static_assert(sizeof(struct mia__arch_model_info_record) == 69, "ModelInfo");
static_assert(sizeof(struct mia__arch_action_outcome_record) == 86, "ActionOutcome");
static_assert(sizeof(struct mia__arch_feedback_record) + 1 == sizeof(mia__arch_opt_feedback),
              "UserFeedback");
static_assert(sizeof(struct mia__arch_edge_record) == 52, "Edge");
static_assert(sizeof(struct mia__arch_embedding_record) == 24, "Embedding");

#define RECORD(rec, variant, kind, text) static const struct mia__field rec##_fields[] = {
#define FIELD(rec, type, name, text)                                                               \
    {#name, MIA__TYPE_##type, offsetof(struct mia_##rec, name),                                    \
     offsetof(struct mia__arch_##rec##_record, name)},
#define RECORD_END(rec)                                                                            \
    }                                                                                              \
    ;
#include "model/schema.def"

#define RECORD(rec, variant, kind, text) static const struct mia__property rec##_properties[] = {
#define FIELD(rec, type, name, text)
#define PROPERTY(rec, property, field)                                                             \
    {#property, offsetof(struct mia__arch_##rec##_record, field)},
#define RECORD_END(rec)                                                                            \
    {                                                                                              \
        NULL, 0                                                                                    \
    }                                                                                              \
    }                                                                                              \
    ;
#include "model/schema.def"

static const struct mia__record_type record_types[] = {
#define RECORD(rec, variant_name, kind_number, text)                                               \
    {                                                                                              \
        .name = #rec, .variant = #variant_name, .kind = kind_number, .fields = rec##_fields,       \
        .field_count = sizeof rec##_fields / sizeof rec##_fields[0],                               \
        .owned_size = sizeof(struct mia_##rec),                                                    \
        .archived_size = sizeof(struct mia__arch_##rec##_record), .properties = rec##_properties,
#define FIELD(rec, type, name, text)
#define TIME(rec, field)                                                                           \
    .time = offsetof(struct mia__arch_##rec##_record, field),                                      \
    .time_size = sizeof(((struct mia__arch_##rec##_record *)0)->field),
#define RECORD_END(rec)                                                                            \
    }                                                                                              \
    ,
#include "model/schema.def"
};

const struct mia__record_type *mia__record_type(int kind)
{
    if (mia__kind_is_node(kind) && record_types[kind].kind == kind) /* their usual order */
        return &record_types[kind];
    for (size_t i = 0; i < sizeof record_types / sizeof record_types[0]; i++)
        if (record_types[i].kind == kind)
            return &record_types[i];
    return NULL;
}
