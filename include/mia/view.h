/*
 * mia/view.h - MIA's records in archives, read where they lie
 *
 * Printed from src/model/schema.def by tools/schema_print.c: change that list, not this file.
 * A view is two words, passed by value, and borrows an archive that mia_view_open of mia/model.h
 * has validated. Accessors take constant time and no memory and cannot fail; of a record of
 * another kind they give zero or nothing. Optional text: data NULL. Any thread.
 * Their bodies are in mia/view_inline.h, for compilers alone.
 */
#ifndef MIA_VIEW_H
#define MIA_VIEW_H

#include "mia/archived.h"
#include "mia/json.h"
#include "mia/records.h"

#ifdef __cplusplus
extern "C" {
#endif

/* clang-format off */
typedef struct mia_view {
    const uint8_t *fields; /* of the archived record; NULL: none */
    enum mia_kind kind;
} mia_view;

/* Whether there is a record, of this kind. */
static inline bool mia_view_is(mia_view v, enum mia_kind kind);

/* The three tables of a MIA database; they say what type a value has. */
enum mia_table { MIA_TABLE_NODES = 0, MIA_TABLE_EDGES = 1, MIA_TABLE_EMBEDDINGS = 2 };

/* The record of an archive that this library wrote or has validated: any other may lead
 * anywhere. See mia_view_open of mia/model.h. */
static inline mia_view mia_view_trust(enum mia_table table, mia_slice archive);

/* ---- a conversation */

static inline mia_str mia_chat_id(mia_view v);                     /* record key */
static inline mia_str mia_chat_title(mia_view v);                  /* shown to the user */
static inline mia_str mia_chat_topic(mia_view v);                  /* what it is about */
static inline int64_t mia_chat_created_at(mia_view v);             /* ms */
static inline int64_t mia_chat_updated_at(mia_view v);             /* ms */
static inline mia_texts mia_chat_message_ids(mia_view v);          /* its messages, in order */
static inline mia_texts mia_chat_summary_ids(mia_view v);          /* its summaries */
static inline mia_str mia_chat_embedding_id(mia_view v);           /* embedding of this record */
static inline mia_json mia_chat_metadata(mia_view v);              /* anything else */

/* ---- one message of a chat */

static inline mia_str mia_message_id(mia_view v);                  /* record key */
static inline mia_str mia_message_chat_id(mia_view v);             /* the chat it belongs to */
static inline mia_str mia_message_sender(mia_view v);              /* who wrote it */
static inline int64_t mia_message_timestamp(mia_view v);           /* ms */
static inline mia_str mia_message_text_content(mia_view v);        /* what was said */
static inline mia_texts mia_message_attachment_ids(mia_view v);    /* files with it */
static inline mia_str mia_message_embedding_id(mia_view v);        /* embedding of this record */
static inline mia_json mia_message_metadata(mia_view v);           /* anything else */

/* ---- a summary of messages */

static inline mia_str mia_summary_id(mia_view v);                  /* record key */
static inline mia_str mia_summary_chat_id(mia_view v);             /* the chat it is of */
static inline int64_t mia_summary_created_at(mia_view v);          /* ms */
static inline mia_str mia_summary_content(mia_view v);             /* the summary */
static inline mia_texts mia_summary_message_ids(mia_view v);       /* what it sums up */
static inline mia_str mia_summary_embedding_id(mia_view v);        /* embedding of this record */
static inline mia_json mia_summary_metadata(mia_view v);           /* anything else */

/* ---- a file with a message */

static inline mia_str mia_attachment_id(mia_view v);               /* record key */
static inline mia_str mia_attachment_message_id(mia_view v);       /* the message it came with */
static inline mia_str mia_attachment_mime_type(mia_view v);        /* kind of file */
static inline int64_t mia_attachment_created_at(mia_view v);       /* ms */
static inline mia_str mia_attachment_filename(mia_view v);         /* its name */
static inline uint64_t mia_attachment_size_bytes(mia_view v);      /* its size */
static inline mia_str mia_attachment_storage_path(mia_view v);     /* where it lies */
static inline mia_str mia_attachment_extracted_text(mia_view v);   /* text found in it */
static inline mia_texts mia_attachment_detected_objects(mia_view v); /* things seen in it */
static inline mia_str mia_attachment_embedding_id(mia_view v);     /* embedding of this record */
static inline mia_json mia_attachment_metadata(mia_view v);        /* anything else */

/* ---- somebody or something that was talked about */

static inline mia_str mia_entity_id(mia_view v);                   /* record key */
static inline mia_str mia_entity_label(mia_view v);                /* its name */
static inline mia_str mia_entity_entity_type(mia_view v);          /* PERSON, PLACE, ... */
static inline mia_str mia_entity_embedding_id(mia_view v);         /* embedding of this record */
static inline mia_json mia_entity_metadata(mia_view v);            /* anything else */

/* ---- a search on the web */

static inline mia_str mia_web_search_id(mia_view v);               /* record key */
static inline mia_str mia_web_search_query(mia_view v);            /* what was asked */
static inline int64_t mia_web_search_timestamp(mia_view v);        /* ms */
static inline mia_texts mia_web_search_results_urls(mia_view v);   /* what was found */
static inline mia_str mia_web_search_embedding_id(mia_view v);     /* embedding of this record */
static inline mia_json mia_web_search_metadata(mia_view v);        /* anything else */

/* ---- a page of the web, kept */

static inline mia_str mia_scraped_page_id(mia_view v);             /* record key */
static inline mia_str mia_scraped_page_url(mia_view v);            /* where it was */
static inline int64_t mia_scraped_page_scraped_at(mia_view v);     /* ms */
static inline mia_str mia_scraped_page_content_hash(mia_view v);   /* of its content */
static inline mia_str mia_scraped_page_title(mia_view v);          /* its title */
static inline mia_str mia_scraped_page_text_content(mia_view v);   /* its text */
static inline mia_str mia_scraped_page_embedding_id(mia_view v);   /* embedding of this record */
static inline mia_str mia_scraped_page_storage_path(mia_view v);   /* where it lies */
static inline mia_json mia_scraped_page_metadata(mia_view v);      /* anything else */

/* ---- a link worth keeping */

static inline mia_str mia_bookmark_id(mia_view v);                 /* record key */
static inline mia_str mia_bookmark_url(mia_view v);                /* where it leads */
static inline mia_str mia_bookmark_title(mia_view v);              /* its title */
static inline mia_str mia_bookmark_description(mia_view v);        /* why it was kept */
static inline int64_t mia_bookmark_created_at(mia_view v);         /* ms */
static inline mia_texts mia_bookmark_tags(mia_view v);             /* the user's words for it */
static inline mia_str mia_bookmark_embedding_id(mia_view v);       /* embedding of this record */
static inline mia_json mia_bookmark_metadata(mia_view v);          /* anything else */

/* ---- what is known of an image */

static inline mia_str mia_image_metadata_id(mia_view v);           /* record key */
static inline mia_str mia_image_metadata_file_path(mia_view v);    /* where it lies */
static inline mia_texts mia_image_metadata_detected_objects(mia_view v); /* things seen in it */
static inline mia_texts mia_image_metadata_detected_faces(mia_view v); /* people seen in it */
static inline mia_str mia_image_metadata_ocr_text(mia_view v);     /* text read in it */
static inline mia_str mia_image_metadata_embedding_id(mia_view v); /* embedding of this record */
static inline mia_json mia_image_metadata_metadata(mia_view v);    /* anything else */

/* ---- what was said in a recording */

static inline mia_str mia_audio_transcript_id(mia_view v);         /* record key */
static inline mia_str mia_audio_transcript_file_path(mia_view v);  /* where it lies */
static inline int64_t mia_audio_transcript_transcribed_at(mia_view v); /* ms */
static inline mia_str mia_audio_transcript_transcript(mia_view v); /* the words */
static inline mia_str mia_audio_transcript_speaker_diarization(mia_view v); /* who said what */
static inline mia_str mia_audio_transcript_embedding_id(mia_view v); /* embedding of this record */
static inline mia_json mia_audio_transcript_metadata(mia_view v);  /* anything else */

/* ---- a model on this machine */

static inline mia_str mia_model_info_id(mia_view v);               /* record key */
static inline mia_str mia_model_info_name(mia_view v);             /* its name */
static inline mia_str mia_model_info_path(mia_view v);             /* where it lies */
static inline uint64_t mia_model_info_size_bytes(mia_view v);      /* its size */
static inline mia_str mia_model_info_sha256(mia_view v);           /* of its file */
static inline mia_str mia_model_info_format(mia_view v);           /* gguf, ... */
static inline mia_opt_i64 mia_model_info_loaded_at(mia_view v);    /* ms */
static inline mia_json mia_model_info_metadata(mia_view v);        /* anything else */

/* ---- what an action led to */

static inline mia_str mia_action_outcome_id(mia_view v);           /* record key */
static inline mia_str mia_action_outcome_action_type(mia_view v);  /* which action */
static inline mia_json mia_action_outcome_action_args(mia_view v); /* what it was given */
static inline mia_json mia_action_outcome_result(mia_view v);      /* what it gave */
static inline mia_view mia_action_outcome_user_feedback(mia_view v); /* what the user thought of it */
static inline int64_t mia_action_outcome_timestamp(mia_view v);    /* ms */
static inline mia_str mia_action_outcome_conversation_context(mia_view v); /* where it happened */

/* ---- a directed, typed connection of two nodes */

static inline mia_str mia_edge_id(mia_view v);                     /* record key */
static inline mia_str mia_edge_from_node(mia_view v);              /* id of the source node */
static inline mia_str mia_edge_to_node(mia_view v);                /* id of the target node */
static inline mia_str mia_edge_edge_type(mia_view v);              /* MENTIONS, ... */
static inline int64_t mia_edge_created_at(mia_view v);             /* ms */
static inline mia_json mia_edge_metadata(mia_view v);              /* anything else */

/* ---- a vector */

static inline mia_str mia_embedding_id(mia_view v);                /* record key */
static inline mia_floats mia_embedding_vector(mia_view v);         /* its numbers */
static inline mia_str mia_embedding_model(mia_view v);             /* the model that made it */

/* ---- what a user said to an action */

static inline enum mia_feedback_type mia_feedback_feedback_type(mia_view v); /* what kind it is */
static inline mia_str mia_feedback_user_comment(mia_view v);       /* in the user's words */
static inline mia_str mia_feedback_correction(mia_view v);         /* what would have been right */
static inline int64_t mia_feedback_timestamp(mia_view v);          /* ms */

/* clang-format on */

#ifdef __cplusplus
}
#endif

#include "mia/view_inline.h"
#endif
