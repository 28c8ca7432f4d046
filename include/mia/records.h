/*
 * mia/records.h - MIA's records as plain structs
 *
 * Printed from src/model/schema.def by tools/schema_print.c: change that list, not this file.
 * Fill structs with designated initialisers; the library encodes at once and keeps nothing.
 * Times are Unix milliseconds. Optional text: data == NULL.
 */
#ifndef MIA_RECORDS_H
#define MIA_RECORDS_H

#include "mia/text.h"

#ifdef __cplusplus
extern "C" {
#endif

/* clang-format off */
/* The numbers are stored: the tags of MIA's enum Node in bincode and rkyv. */
enum mia_kind {
    MIA_KIND_CHAT = 0, /* a conversation */
    MIA_KIND_MESSAGE = 1, /* one message of a chat */
    MIA_KIND_SUMMARY = 2, /* a summary of messages */
    MIA_KIND_ATTACHMENT = 3, /* a file with a message */
    MIA_KIND_ENTITY = 4, /* somebody or something that was talked about */
    MIA_KIND_WEB_SEARCH = 5, /* a search on the web */
    MIA_KIND_SCRAPED_PAGE = 6, /* a page of the web, kept */
    MIA_KIND_BOOKMARK = 7, /* a link worth keeping */
    MIA_KIND_IMAGE_METADATA = 8, /* what is known of an image */
    MIA_KIND_AUDIO_TRANSCRIPT = 9, /* what was said in a recording */
    MIA_KIND_MODEL_INFO = 10, /* a model on this machine */
    MIA_KIND_ACTION_OUTCOME = 11, /* what an action led to */
    MIA_KIND_EDGE = 100, /* a directed, typed connection of two nodes */
    MIA_KIND_EMBEDDING = 101, /* a vector */
    MIA_KIND_FEEDBACK = 200, /* what a user said to an action */
};

/* what a user said to an action */
struct mia_feedback {
    enum mia_feedback_type feedback_type;  /* what kind it is */
    mia_str user_comment;                  /* in the user's words, or nothing */
    mia_str correction;                    /* what would have been right, or nothing */
    int64_t timestamp;                     /* ms */
};

/* a conversation */
struct mia_chat {
    mia_str id;                            /* record key */
    mia_str title;                         /* shown to the user */
    mia_str topic;                         /* what it is about */
    int64_t created_at;                    /* ms */
    int64_t updated_at;                    /* ms */
    mia_strs message_ids;                  /* its messages, in order */
    mia_strs summary_ids;                  /* its summaries */
    mia_str embedding_id;                  /* embedding of this record, or nothing */
    mia_str metadata;                      /* anything else: JSON text */
};

/* one message of a chat */
struct mia_message {
    mia_str id;                            /* record key */
    mia_str chat_id;                       /* the chat it belongs to */
    mia_str sender;                        /* who wrote it */
    int64_t timestamp;                     /* ms */
    mia_str text_content;                  /* what was said */
    mia_strs attachment_ids;               /* files with it */
    mia_str embedding_id;                  /* embedding of this record, or nothing */
    mia_str metadata;                      /* anything else: JSON text */
};

/* a summary of messages */
struct mia_summary {
    mia_str id;                            /* record key */
    mia_str chat_id;                       /* the chat it is of */
    int64_t created_at;                    /* ms */
    mia_str content;                       /* the summary */
    mia_strs message_ids;                  /* what it sums up */
    mia_str embedding_id;                  /* embedding of this record, or nothing */
    mia_str metadata;                      /* anything else: JSON text */
};

/* a file with a message */
struct mia_attachment {
    mia_str id;                            /* record key */
    mia_str message_id;                    /* the message it came with */
    mia_str mime_type;                     /* kind of file */
    int64_t created_at;                    /* ms */
    mia_str filename;                      /* its name */
    uint64_t size_bytes;                   /* its size */
    mia_str storage_path;                  /* where it lies */
    mia_str extracted_text;                /* text found in it, or nothing */
    mia_strs detected_objects;             /* things seen in it */
    mia_str embedding_id;                  /* embedding of this record, or nothing */
    mia_str metadata;                      /* anything else: JSON text */
};

/* somebody or something that was talked about */
struct mia_entity {
    mia_str id;                            /* record key */
    mia_str label;                         /* its name */
    mia_str entity_type;                   /* PERSON, PLACE, ... */
    mia_str embedding_id;                  /* embedding of this record, or nothing */
    mia_str metadata;                      /* anything else: JSON text */
};

/* a search on the web */
struct mia_web_search {
    mia_str id;                            /* record key */
    mia_str query;                         /* what was asked */
    int64_t timestamp;                     /* ms */
    mia_strs results_urls;                 /* what was found */
    mia_str embedding_id;                  /* embedding of this record, or nothing */
    mia_str metadata;                      /* anything else: JSON text */
};

/* a page of the web, kept */
struct mia_scraped_page {
    mia_str id;                            /* record key */
    mia_str url;                           /* where it was */
    int64_t scraped_at;                    /* ms */
    mia_str content_hash;                  /* of its content */
    mia_str title;                         /* its title, or nothing */
    mia_str text_content;                  /* its text */
    mia_str embedding_id;                  /* embedding of this record, or nothing */
    mia_str storage_path;                  /* where it lies */
    mia_str metadata;                      /* anything else: JSON text */
};

/* a link worth keeping */
struct mia_bookmark {
    mia_str id;                            /* record key */
    mia_str url;                           /* where it leads */
    mia_str title;                         /* its title */
    mia_str description;                   /* why it was kept, or nothing */
    int64_t created_at;                    /* ms */
    mia_strs tags;                         /* the user's words for it */
    mia_str embedding_id;                  /* embedding of this record, or nothing */
    mia_str metadata;                      /* anything else: JSON text */
};

/* what is known of an image */
struct mia_image_metadata {
    mia_str id;                            /* record key */
    mia_str file_path;                     /* where it lies */
    mia_strs detected_objects;             /* things seen in it */
    mia_strs detected_faces;               /* people seen in it */
    mia_str ocr_text;                      /* text read in it, or nothing */
    mia_str embedding_id;                  /* embedding of this record, or nothing */
    mia_str metadata;                      /* anything else: JSON text */
};

/* what was said in a recording */
struct mia_audio_transcript {
    mia_str id;                            /* record key */
    mia_str file_path;                     /* where it lies */
    int64_t transcribed_at;                /* ms */
    mia_str transcript;                    /* the words */
    mia_str speaker_diarization;           /* who said what, or nothing */
    mia_str embedding_id;                  /* embedding of this record, or nothing */
    mia_str metadata;                      /* anything else: JSON text */
};

/* a model on this machine */
struct mia_model_info {
    mia_str id;                            /* record key */
    mia_str name;                          /* its name */
    mia_str path;                          /* where it lies */
    uint64_t size_bytes;                   /* its size */
    mia_str sha256;                        /* of its file */
    mia_str format;                        /* gguf, ... */
    mia_opt_i64 loaded_at;                 /* ms, or nothing */
    mia_str metadata;                      /* anything else: JSON text */
};

/* what an action led to */
struct mia_action_outcome {
    mia_str id;                            /* record key */
    mia_str action_type;                   /* which action */
    mia_str action_args;                   /* what it was given: JSON text */
    mia_str result;                        /* what it gave: JSON text */
    const struct mia_feedback *user_feedback; /* what the user thought of it, or nothing */
    int64_t timestamp;                     /* ms */
    mia_str conversation_context;          /* where it happened */
};

/* a directed, typed connection of two nodes */
struct mia_edge {
    mia_str id;                            /* record key */
    mia_str from_node;                     /* id of the source node */
    mia_str to_node;                       /* id of the target node */
    mia_str edge_type;                     /* MENTIONS, ... */
    int64_t created_at;                    /* ms */
    mia_str metadata;                      /* anything else: JSON text */
};

/* a vector */
struct mia_embedding {
    mia_str id;                            /* record key */
    mia_floats vector;                     /* its numbers */
    mia_str model;                         /* the model that made it */
};

/* Any record: what every write takes. */
struct mia_record {
    enum mia_kind kind;
    union {
        struct mia_chat chat;
        struct mia_message message;
        struct mia_summary summary;
        struct mia_attachment attachment;
        struct mia_entity entity;
        struct mia_web_search web_search;
        struct mia_scraped_page scraped_page;
        struct mia_bookmark bookmark;
        struct mia_image_metadata image_metadata;
        struct mia_audio_transcript audio_transcript;
        struct mia_model_info model_info;
        struct mia_action_outcome action_outcome;
        struct mia_edge edge;
        struct mia_embedding embedding;
    } u;
};

/* clang-format on */

#ifdef __cplusplus
}
#endif
#endif
