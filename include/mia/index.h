/*
 * mia/index.h - finding records: by a property, along the edges
 *
 * An index changes in the transaction that changes a record. What lies in it is read in the
 * snapshot of the caller's transaction, which comes from mia_store_begin. A store without indexes
 * answers MIA_ERR_UNSUPPORTED. Handles belong to one thread, and are closed before their
 * transaction ends.
 */
#ifndef MIA_INDEX_H
#define MIA_INDEX_H

#include "mia/db.h"
#include "mia/text.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The nodes with this value of a property, by time and then by id; newest_first: from the end.
 * Times are those of mia_view_time, from_ms and to_ms included: INT64_MIN and INT64_MAX for all.
 *
 * Every kind has node_type ("Chat", "Message", ...); chats topic; messages chat_id, sender;
 * entities entity_type, label; summaries chat_id; attachments message_id, mime_type; scraped pages
 * and bookmarks url; models model_name; outcomes action_type, conversation_context. An unknown
 * property has no nodes. On mdbx a list is read as it lies; on sled MIA's whole set is read, with
 * the record of each member. */
typedef struct mia_ids mia_ids;
MIA_API mia_status mia_ids_by_property(mia_txn *txn, mia_str property, mia_str value,
                                       int64_t from_ms, int64_t to_ms, bool newest_first,
                                       mia_ids **ids, struct mia_error *err);
/* MIA_NOTFOUND at the end. *id lives until the next call; time_ms may be NULL. */
MIA_API mia_status mia_ids_next(mia_ids *ids, mia_str *id, int64_t *time_ms, struct mia_error *err);
MIA_API void mia_ids_close(mia_ids *ids); /* NULL is fine */
/* How many there are. Does not depend on their number on mdbx. */
MIA_API mia_status mia_count_by_property(mia_txn *txn, mia_str property, mia_str value, uint64_t *n,
                                         struct mia_error *err);

/* The edges of a node, out of it or into it, by type, then neighbour, then id; edge_type absent
 * (data NULL): of all types. On mdbx no edge is read: the index has all of a hop. */
enum mia_direction { MIA_DIRECTION_OUT = 1, MIA_DIRECTION_IN = 2 };
struct mia_hop {
    mia_str edge_id, edge_type;
    mia_str node_id; /* the other end, which need not exist */
};
typedef struct mia_neighbours mia_neighbours;
MIA_API mia_status mia_neighbours_open(mia_txn *txn, mia_str node_id, enum mia_direction direction,
                                       mia_str edge_type, mia_neighbours **it,
                                       struct mia_error *err);
/* MIA_NOTFOUND at the end. *hop lives until the next call. */
MIA_API mia_status mia_neighbours_next(mia_neighbours *it, struct mia_hop *hop,
                                       struct mia_error *err);
MIA_API void mia_neighbours_close(mia_neighbours *it); /* NULL is fine */
MIA_API mia_status mia_count_edges(mia_txn *txn, mia_str node_id, enum mia_direction direction,
                                   uint64_t *n, struct mia_error *err);

#ifdef __cplusplus
}
#endif
#endif
