/*
 * mia/coordinator.h - all of MIA's databases below one base, as one
 *
 *     mia_coordinator *c; mia_snapshot *s; mia_view v; struct mia_error err;
 *     if (mia_coordinator_open(NULL, NULL, &c, &err) < 0) die(&err);
 *     if (mia_coordinator_put(c, &message, &err) < 0) die(&err);
 *
 *     if (mia_snapshot_begin(c, &s, &err) < 0) die(&err);
 *     if (mia_find(s, MIA_KIND_MESSAGE, MIA_STR("m1"), NULL, &v, &err) == MIA_OK)
 *         print(mia_message_text_content(v));
 *     mia_snapshot_end(s);             // v is dead from here on
 *     mia_coordinator_close(c, &err);
 *
 * The kind of a record decides which database it lives in, its age or size in which tier
 * (mia/catalog.h). Each database has the engine of its files: libmdbx and sled may stand side by
 * side. What is used rarely is opened when it is needed; reading makes nothing.
 *
 * A coordinator may be used by any thread, a snapshot and its lists by one. No call may be made by
 * a thread that has a WRITE transaction of one of the coordinator's stores open.
 */
#ifndef MIA_COORDINATOR_H
#define MIA_COORDINATOR_H

#include "mia/catalog.h"
#include "mia/store.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct mia_coordinator mia_coordinator;
typedef struct mia_snapshot mia_snapshot;

/* The engine for a database that is opened: NULL for the one whose files are there, mdbx for a new
 * one. Called from any thread, without a lock. */
typedef const struct mia_engine_ops *(*mia_engine_fn)(void *ctx, const struct mia_place *place);
typedef int64_t (*mia_clock_fn)(void *ctx);              /* now, in Unix milliseconds */
typedef void (*mia_log_fn)(void *ctx, const char *line); /* without a newline; any thread */

struct mia_coordinator_options {
    uint32_t struct_size;
    const struct mia_db_options *db; /* how each database is opened; NULL: the defaults. read_only
                                        or must_exist: databases that are not there are empty */
    const char *spill_base; /* where databases are looked for that are not below the base: MIA kept
                               what it opened late below its default base, whatever base it was
                               given. NULL: nowhere. New ones are made below the base */
    bool trust_values;      /* as in mia_store_options */
    uint32_t max_open_archives; /* above it archives that nobody uses are closed, those first
                                   that were used longest ago; 0 = 4 */
    mia_engine_fn engine;       /* NULL: as if it answered NULL */
    void *engine_ctx;
    mia_clock_fn clock; /* NULL: the system's */
    void *clock_ctx;
    mia_log_fn log; /* moves that were finished or could not be; NULL: silent */
    void *log_ctx;
};

/* Opens conversations/active, all of knowledge, embeddings/active, tool-results, experience and
 * meta, and makes those that are not there. base NULL: mia_default_base. opt NULL: defaults. Moves
 * that were interrupted are finished here, or when the database of the record is first used. A base
 * that is the root of an installation (mia/installation.h) stands for the one that is in use there.
 * As mia_store_open, for the first database that fails: then nothing stays open. */
MIA_API mia_status mia_coordinator_open(const char *base, const struct mia_coordinator_options *opt,
                                        mia_coordinator **coordinator, struct mia_error *err);
/* MIA_ERR_BUSY, and nothing is closed, while snapshots or stores are held. NULL is MIA_OK. */
MIA_API mia_status mia_coordinator_close(mia_coordinator *coordinator, struct mia_error *err);
/* The directory that its databases lie below; lives as long as the coordinator. */
MIA_API const char *mia_coordinator_base(const mia_coordinator *coordinator);

/* One of the databases, for use by itself, until mia_coordinator_release. Without create,
 * MIA_NOTFOUND if it is not on disk. MIA_ERR_INVALID: no such place; an archive's needs a quarter.
 */
MIA_API mia_status mia_coordinator_store(mia_coordinator *coordinator,
                                         const struct mia_place *place, bool create,
                                         mia_store **store, struct mia_error *err);
/* All transactions that the caller began on it must have ended. NULL is fine. */
MIA_API void mia_coordinator_release(mia_coordinator *coordinator, mia_store *store);

/* ---------------------------------------------------------------- writing
 *
 * Durable, or as the databases' durability says, when they return. */

/* Puts a record where its kind lives, in the place of the one under its id:
 *     chats, messages, attachments   conversations/active
 *     entities                       knowledge/active
 *     embeddings                     embeddings/active
 *     web searches, scraped pages    tool-results
 *     outcomes                       experience
 *     summaries                      by the bytes of their text: below 1000 summaries/daily, below
 *                                    5000 summaries/weekly, else summaries/monthly
 * MIA_ERR_INVALID for other kinds: edges belong to the database of the graph they describe, and the
 * rest has no place here: mia_coordinator_store. As mia_put otherwise. */
MIA_API mia_status mia_coordinator_put(mia_coordinator *coordinator,
                                       const struct mia_record *record, struct mia_error *err);
/* A summary into a tier of the caller's choice. It is in no other tier afterwards. */
MIA_API mia_status mia_coordinator_put_summary(mia_coordinator *coordinator,
                                               const struct mia_summary *summary,
                                               enum mia_tier tier, struct mia_error *err);
/* Removes the record from every tier and archive of its database. MIA_NOTFOUND: it is in none. A
 * record of another kind under that id stays. */
MIA_API mia_status mia_coordinator_delete(mia_coordinator *coordinator, enum mia_kind kind,
                                          mia_str id, struct mia_error *err);

/* Moves from tier to tier. At every instant, and after a crash at any, the record is found, and
 * once. *moved false: it is not where it would be moved from, or too young. */

/* From conversations/active to recent, at 30 days. */
MIA_API mia_status mia_promote_message(mia_coordinator *coordinator, mia_str id, int64_t now_ms,
                                       bool *moved, struct mia_error *err);
/* From conversations/recent to the archive of its quarter, at 90 days. */
MIA_API mia_status mia_archive_message(mia_coordinator *coordinator, mia_str id, int64_t now_ms,
                                       bool *moved, struct mia_error *err);
/* From knowledge/active or inferred to stable. */
MIA_API mia_status mia_promote_entity(mia_coordinator *coordinator, mia_str id, bool *moved,
                                      struct mia_error *err);

struct mia_age_report {
    uint32_t struct_size;
    uint64_t to_recent, to_archive; /* messages */
    uint64_t embeddings;            /* of theirs, moved along */
    uint64_t skipped;               /* messages that could not be moved; the log says why */
};
/* Every message to the tier of its age, its embedding with it, in batches. A message of 90 days and
 * more in active goes to its archive by way of recent. report->struct_size must be set.
 * MIA_ERR_CANCELLED by progress, which may be NULL: what was moved stays so. */
MIA_API mia_status mia_age_conversations(mia_coordinator *coordinator, int64_t now_ms,
                                         mia_progress_fn progress, void *ctx,
                                         struct mia_age_report *report, struct mia_error *err);

/* The user's feedback into an outcome, in place of an earlier one. MIA_NOTFOUND: no such outcome.
 */
MIA_API mia_status mia_outcome_feedback(mia_coordinator *coordinator, mia_str outcome_id,
                                        const struct mia_feedback *feedback, struct mia_error *err);
/* What MIA learned, as an outcome `pattern_ID` of the type `success_pattern_TYPE` or
 * `error_pattern_TYPE`. The ids are MIA's: a success and an error of one id replace each other. */
MIA_API mia_status mia_record_success(mia_coordinator *coordinator, mia_str pattern_id,
                                      mia_str action_type, float confidence, struct mia_error *err);
MIA_API mia_status mia_record_error(mia_coordinator *coordinator, mia_str pattern_id,
                                    mia_str action_type, uint32_t error_count,
                                    struct mia_error *err);

/* ---------------------------------------------------------------- reading */

/* A snapshot takes a READ transaction of each database when it first looks into it, and keeps it,
 * and the database open, to its end. Views live as long. A record that is moved meanwhile is seen
 * where it was or where it is, never in both and never in neither. */
MIA_API mia_status mia_snapshot_begin(mia_coordinator *coordinator, mia_snapshot **snapshot,
                                      struct mia_error *err);
MIA_API void
mia_snapshot_end(mia_snapshot *snapshot); /* after its lists are closed; NULL is fine */
/* The snapshot's transaction on one database, for mia/store.h and mia/index.h; it must not be
 * ended. MIA_NOTFOUND: it is not on disk. */
MIA_API mia_status mia_snapshot_txn(mia_snapshot *snapshot, const struct mia_place *place,
                                    mia_txn **txn, struct mia_error *err);

/* The record of this kind and id, from its database's hot tier to its coldest, then the archives,
 * the newest first. hint_ms (may be NULL): about when the record is from; that quarter is the first
 * archive looked into. A record of another kind under the id does not count. MIA_NOTFOUND;
 * MIA_ERR_INVALID: kinds that mia_coordinator_put has no place for. */
MIA_API mia_status mia_find(mia_snapshot *snapshot, enum mia_kind kind, mia_str id,
                            const int64_t *hint_ms, mia_view *view, struct mia_error *err);
/* The embedding that a node's field embedding_id names. */
MIA_API mia_status mia_find_embedding_of(mia_snapshot *snapshot, mia_view node, mia_view *view,
                                         struct mia_error *err);

/* Lists over all tiers and archives, by time and then by id; each record once, from its hottest
 * tier. A list of messages of a chat, or of outcomes, is read as it goes; those along edges hold
 * two words and a time for each record. Edges count in both directions, in conversations and in
 * knowledge. MIA_ERR_UNSUPPORTED: one of the databases has no index. */
struct mia_list_options {
    uint32_t struct_size;
    bool unscoped;               /* all times: scope does not count */
    struct mia_time_scope scope; /* of messages' timestamps, of chats' updated_at */
    int64_t now_ms;              /* the end of rolling scopes; 0: the coordinator's clock */
    uint64_t limit;              /* the first so many; 0: all */
    bool newest_first;
};
typedef struct mia_list mia_list;
/* opt NULL: all, oldest first. chat_id absent: messages of all chats; then the scope must not be
 * MIA_SCOPE_CURRENT_CHAT (MIA_ERR_INVALID). */
MIA_API mia_status mia_list_messages(mia_snapshot *snapshot, mia_str chat_id,
                                     const struct mia_list_options *opt, mia_list **list,
                                     struct mia_error *err);
/* Other messages that share an edge with this one, or an entity that both have an edge with. */
MIA_API mia_status mia_list_related_messages(mia_snapshot *snapshot, mia_str message_id,
                                             const struct mia_list_options *opt, mia_list **list,
                                             struct mia_error *err);
/* Messages that have an edge with the entity. */
MIA_API mia_status mia_list_messages_of_entity(mia_snapshot *snapshot, mia_str entity_id,
                                               const struct mia_list_options *opt, mia_list **list,
                                               struct mia_error *err);
/* Entities that have an edge with the message, by id. */
MIA_API mia_status mia_list_entities_of_message(mia_snapshot *snapshot, mia_str message_id,
                                                mia_list **list, struct mia_error *err);
/* Entities that have an edge with the chat or with one of its messages, by id. */
MIA_API mia_status mia_list_entities_of_chat(mia_snapshot *snapshot, mia_str chat_id,
                                             mia_list **list, struct mia_error *err);
/* Other chats that have an edge with this one, or an entity in common. */
MIA_API mia_status mia_list_related_chats(mia_snapshot *snapshot, mia_str chat_id,
                                          const struct mia_list_options *opt, mia_list **list,
                                          struct mia_error *err);
/* Chats that have an edge with the entity, or a message that has. */
MIA_API mia_status mia_list_chats_of_entity(mia_snapshot *snapshot, mia_str entity_id,
                                            const struct mia_list_options *opt, mia_list **list,
                                            struct mia_error *err);
/* Outcomes of a type of action. */
MIA_API mia_status mia_list_outcomes(mia_snapshot *snapshot, mia_str action_type,
                                     const struct mia_list_options *opt, mia_list **list,
                                     struct mia_error *err);
/* MIA_NOTFOUND at the end. *view lives until the snapshot ends. MIA_ERR_SERIALIZATION names a
 * damaged record; the next call goes on behind it. */
MIA_API mia_status mia_list_next(mia_list *list, mia_view *view, struct mia_error *err);
MIA_API void mia_list_close(mia_list *list); /* before its snapshot ends; NULL is fine */

#ifdef __cplusplus
}
#endif
#endif
