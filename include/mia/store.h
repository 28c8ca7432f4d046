/*
 * mia/store.h - MIA's records in one database, with their indexes: the same on every engine
 *
 *     mia_store *store; mia_txn *txn; mia_view v; struct mia_error err;
 *     if (mia_store_open(NULL, "data/main", NULL, &store, &err) < 0) die(&err);
 *
 *     struct mia_record r = {MIA_KIND_CHAT, {.chat = {.id = MIA_STR("c1"), .title =
 * MIA_STR("Hi")}}}; if (mia_store_put(store, &r, &err) < 0) die(&err);
 *
 *     if (mia_store_begin(store, MIA_TXN_READ, &txn, &err) < 0) die(&err);
 *     if (mia_get(txn, MIA_TABLE_NODES, MIA_STR("c1"), &v, &err) == MIA_OK)
 *         print(mia_chat_title(v));    // where it lies in the file
 *     mia_txn_abort(txn);              // v is dead from here on
 *     mia_store_close(store, &err);
 *
 * A record and every index entry of it change in one transaction: a put or delete that fails after
 * its first write leaves one that can only be aborted; its commit is MIA_ERR_TXN. Ids are UTF-8 of
 * at least one byte and any length. On an engine with MIA_VALUE_RKYV values are archives, read in
 * place; with MIA_VALUE_BINCODE they are what MIA itself wrote, and views stand on a copy that
 * lives as long as the transaction. A store may be used by any thread, a transaction by one.
 */
#ifndef MIA_STORE_H
#define MIA_STORE_H

#include "mia/catalog.h"
#include "mia/db.h"
#include "mia/index.h"
#include "mia/model.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct mia_store mia_store;

/* What was asked of a store: see observer below. */
enum mia_store_call {
    MIA_STORE_BEGIN_READ,
    MIA_STORE_BEGIN_WRITE,
    MIA_STORE_COMMIT,
    MIA_STORE_ABORT,
    MIA_STORE_GET,
    MIA_STORE_PUT,
    MIA_STORE_DELETE,
    MIA_STORE_SCAN,       /* told when it is closed */
    MIA_STORE_NEIGHBOURS, /* told when they are opened, as the next */
    MIA_STORE_IDS,
    MIA_STORE_SEARCH
};
/* One call. Texts and slices live for the observer's call. */
struct mia_store_event {
    enum mia_store_call call;
    uint64_t txn; /* a number of the transaction, of no other in this process */
    enum mia_table table;
    mia_str id;      /* of a record or node; a scan's prefix; the value of a property */
    mia_str name;    /* the property; the edges' type, or absent */
    mia_slice value; /* the archive that was put; a search's floats */
    uint32_t flags;  /* of a deletion; the direction; 1: newest first */
    uint64_t items;  /* that a scan gave out; that a search was to find */
    mia_status status;
    uint64_t started_ns; /* of the monotonic clock */
};
typedef void (*mia_store_observer_fn)(void *ctx, const struct mia_store_event *event);

struct mia_store_options {
    uint32_t struct_size;
    const struct mia_db_options *db; /* how the database is opened; NULL: its defaults */
    bool without_indexes; /* a new database gets none; one that has some is MIA_ERR_INVALID unless
                             it is opened read-only, because writes would leave them behind */
    bool trust_values;    /* values are not validated before they are read: only for a file that
                             nobody but this library wrote, on a disk that does not err */
    const struct mia_place *place; /* which of MIA's databases it is: recorded in one where it was
                                      not yet, and compared; NULL: whatever is recorded */
    /* Is told of every call below, behind it, on the thread that made it; not of what the library
     * does by itself. It must not use the store. NULL: nobody; mia/trace.h has one. */
    mia_store_observer_fn observer;
    void *observer_ctx;
};

/* Opens or creates. engine NULL: the one whose files are there, mdbx for a new directory. opt NULL:
 * defaults. As mia_db_open; and MIA_ERR_INVALID: a database of other things than MIA's records;
 * or of another place than opt says; MIA_ERR_VERSION: of another layout, or of another list of
 * records.
 * Records without an index, as after a migration or from MIA's StorageManager::new, get none by
 * being opened: mia_store_indexed is false, and mia_index_rebuild makes it. */
MIA_API mia_status mia_store_open(const struct mia_engine_ops *engine, const char *path,
                                  const struct mia_store_options *opt, mia_store **store,
                                  struct mia_error *err);
/* The same over an open database, whose reference the store takes, on failure too. */
MIA_API mia_status mia_store_over(mia_db *db, const struct mia_store_options *opt,
                                  mia_store **store, struct mia_error *err);
/* MIA_ERR_BUSY, and nothing is closed, while transactions are live. NULL is MIA_OK. */
MIA_API mia_status mia_store_close(mia_store *store, struct mia_error *err);
MIA_API mia_db *mia_store_db(mia_store *store); /* borrowed */
MIA_API bool mia_store_indexed(const mia_store *store);
/* Which of MIA's databases it is; quarter is borrowed from the store. False: nobody said, and
 * *place is conversations without a tier, as MIA takes it. On sled it is not recorded: only what
 * the store was opened with. */
MIA_API bool mia_store_place(const mia_store *store, struct mia_place *place);

/* As mia_txn_begin; ended by mia_txn_commit or mia_txn_abort, and good for mia_kv_* too. Every
 * mia_txn below and in mia/index.h comes from here (MIA_ERR_INVALID otherwise). */
MIA_API mia_status mia_store_begin(mia_store *store, enum mia_txn_mode mode, mia_txn **txn,
                                   struct mia_error *err);

/* The record under an id. MIA_NOTFOUND; MIA_ERR_INVALID for an empty id; MIA_ERR_SERIALIZATION
 * names the table, the id and what is wrong with the value. *view lives until the transaction ends,
 * in a WRITE transaction until its next write. Validates the value each time it is called, unless
 * it is trusted. */
MIA_API mia_status mia_get(mia_txn *txn, enum mia_table table, mia_str id, mia_view *view,
                           struct mia_error *err);
/* The same as bytes, for mia_put_archive of another store. */
MIA_API mia_status mia_get_archive(mia_txn *txn, enum mia_table table, mia_str id,
                                   mia_slice *archive, struct mia_error *err);
/* Puts a record in the place of the one under its id, if there is one. An unchanged record costs
 * no write. MIA_ERR_INVALID: no such kind, an empty id, one that is not UTF-8;
 * MIA_ERR_SERIALIZATION: a field that cannot be encoded, or the value that is there does not
 * decode: delete that first. */
MIA_API mia_status mia_put(mia_txn *txn, const struct mia_record *record, struct mia_error *err);
/* The same for a record that is an archive already, of another store for instance. It is
 * validated. */
MIA_API mia_status mia_put_archive(mia_txn *txn, enum mia_table table, mia_slice archive,
                                   struct mia_error *err);

enum mia_delete_flags {
    MIA_DELETE_PLAIN = 0,
    MIA_DELETE_EDGES = 1u << 0,  /* of a node: the edges that begin or end at it, too */
    MIA_DELETE_DAMAGED = 1u << 1 /* even if the value does not decode; its index entries stay until
                                    mia_index_rebuild */
};
/* MIA_NOTFOUND; MIA_ERR_SERIALIZATION: the value does not decode, and nothing was changed, or one
 * of the edges does not; MIA_ERR_UNSUPPORTED: with MIA_DELETE_EDGES in a store without indexes.
 * *deleted (may be NULL) is the record as it was, until the transaction ends. */
MIA_API mia_status mia_delete(mia_txn *txn, enum mia_table table, mia_str id, uint32_t flags,
                              mia_view *deleted, struct mia_error *err);
/* The embedding that the node's field embedding_id names. MIA_NOTFOUND: no such node, it has none,
 * or it is not in this database. */
MIA_API mia_status mia_embedding_of_node(mia_txn *txn, mia_str node_id, mia_view *view,
                                         struct mia_error *err);

/* One transaction each: durable, or as the database's durability says, when they return. */
MIA_API mia_status mia_store_put(mia_store *store, const struct mia_record *record,
                                 struct mia_error *err);
MIA_API mia_status mia_store_delete(mia_store *store, enum mia_table table, mia_str id,
                                    uint32_t flags, struct mia_error *err);

/* The records of a table whose ids begin with prefix (empty: all), by the bytes of their ids. */
typedef struct mia_scan mia_scan;
MIA_API mia_status mia_scan_open(mia_txn *txn, enum mia_table table, mia_str prefix,
                                 mia_scan **scan, struct mia_error *err);
/* MIA_NOTFOUND at the end. MIA_ERR_SERIALIZATION: the record under *id is damaged; the next call
 * goes on behind it, and so it does after writes in the same transaction. *id and *view live until
 * the next call, in a WRITE transaction until its next write. */
MIA_API mia_status mia_scan_next(mia_scan *scan, mia_str *id, mia_view *view,
                                 struct mia_error *err);
MIA_API void mia_scan_close(mia_scan *scan); /* before its transaction ends; NULL is fine */

/* A record as a struct, to change and put again: texts are borrowed from the view, lists and JSON
 * texts from the transaction, until it ends. */
MIA_API mia_status mia_record_of(mia_txn *txn, mia_view view, struct mia_record *record,
                                 struct mia_error *err);

struct mia_index_report {
    uint32_t struct_size;
    uint64_t records;         /* nodes and edges */
    uint64_t damaged;         /* of them: values that do not decode, which are in no index */
    uint64_t entries;         /* of the index */
    uint64_t missing;         /* entries that records should have and do not */
    uint64_t stale;           /* entries that no record bears out */
    uint64_t vectors;         /* embeddings that a search can find */
    uint64_t vectors_skipped; /* those without a direction (zeros, not finite), or damaged */
    uint64_t moves;           /* records whose move to another database was interrupted: the next
                                 mia_coordinator that uses it goes on */
};
/* Compares the indexes with the records, in one snapshot, changing nothing. report->struct_size
 * must be set. MIA_ERR_UNSUPPORTED: there are none. progress may be NULL. */
MIA_API mia_status mia_index_check(mia_store *store, mia_progress_fn progress, void *ctx,
                                   struct mia_index_report *report, struct mia_error *err);
/* Makes the indexes anew from the records, also where there were none, in several transactions.
 * Readers see the old ones or, with MIA_ERR_UNSUPPORTED, none, until the end; never a part. */
MIA_API mia_status mia_index_rebuild(mia_store *store, mia_progress_fn progress, void *ctx,
                                     struct mia_index_report *report, struct mia_error *err);

#ifdef __cplusplus
}
#endif
#endif
