/* store/store.h - what stands behind mia_store, and what it keeps with a transaction */
#ifndef MIA_STORE_STORE_H
#define MIA_STORE_STORE_H

#include "engine/internal.h"
#include "index/index.h"
#include "mia/store.h"
#include "raw/raw.h"
#include "rkyv/transcode.h"

#include <stdatomic.h>

enum mia__index_state { MIA__INDEX_ABSENT, MIA__INDEX_REBUILDING, MIA__INDEX_READY };

struct mia_store {
    mia_db *db;
    struct mia__raw raw; /* limit 0 without has_meta: keys of any length as they are */
    mia_tree tables[MIA__TABLES];
    bool has_tables[MIA__TABLES]; /* false: read-only, and the tree was never made */
    enum mia_value_format format;
    bool has_meta; /* the tree mia_meta; never in MIA's own databases */
    bool is_read_only, without_indexes, trust_values;
    mia_store_observer_fn observer; /* NULL: none */
    void *observer_ctx;
    uint8_t uuid[16]; /* of the database */
    bool has_uuid;
    bool has_place; /* where it belongs is known */
    struct mia_place place;
    char quarter[MIA_QUARTER_SIZE]; /* place.quarter points here */
    /* The trees are set once, before the state says that they are there. */
    struct mia__index index;
    atomic_int index_state;
    struct mia__vectors *vectors;
    uint64_t few_vectors; /* MIA__VECTORS_FEW; tests of graphs make it smaller before they search */
    atomic_uint_fast64_t begins; /* counts: before and behind each begin of a transaction */
    pthread_mutex_t lock;        /* of the sessions */
    struct mia__session *idle;
    size_t live;            /* transactions */
    bool is_held;           /* none is begun: store/rebind.h */
    pthread_cond_t changed; /* of the two */
};

/* What a transaction of a store has besides: memory, kept for the next transaction. */
struct mia__session {
    struct mia__guest guest;
    mia_store *store;
    mia_txn *txn;
    bool is_observed;                    /* its calls are told to the store's observer */
    uint64_t number;                     /* of the transaction, for an observer */
    uint64_t before_begin, behind_begin; /* what the store's count was around its begin */
    struct mia__session *next;           /* in the list of idle ones */
    mia_encoder *encoder;
    struct mia__transcoder transcoder;
    struct mia__arena arena;       /* what lives until the transaction ends */
    struct mia__buf before, after; /* a record's archives around a change */
    struct mia__buf bincode, looked_up;
    struct mia__index_scratch scratch;
    int index_state;      /* of the store, before the transaction began */
    bool has_whole_index; /* no mark of a rebuild in what the transaction sees; false: not known */
};

/* store.c. All but its database. */
void mia__store_free(mia_store *store);

/* place.c. What the database says of where it belongs, or the caller does; written down where
 * neither was. MIA_ERR_INVALID: they differ, or there is no such place. */
mia_status mia__store_open_place(mia_store *store, mia_txn *txn, const struct mia_place *place,
                                 struct mia_error *err);

/* session.c. The session of a transaction that mia_store_begin began. */
mia_status mia__session_of(mia_txn *txn, struct mia__session **session, struct mia_error *err);
void mia__session_free(struct mia__session *session);
/* As mia_store_begin, for what the library does by itself: no observer is told. */
mia_status mia__store_begin(mia_store *store, enum mia_txn_mode mode, mia_txn **txn,
                            struct mia_error *err);

/* observe.c. The time, if somebody wants to know; else 0. */
uint64_t mia__observe_start(const struct mia__session *session);
/* Tells a call whose start that was; 0: nobody. The number of the transaction is filled in. */
void mia__observe(const struct mia__session *session, const struct mia_store_event *event);

/* record.c. The archive under an id: on rkyv engines where it lies, validated unless `trusted`
 * values are asked for; on bincode engines appended to the buffer, which must be empty.
 * MIA_ERR_SERIALIZATION names table and id. */
mia_status mia__store_read(struct mia__session *s, enum mia_table table, mia_str id,
                           struct mia__buf *to, mia_slice *archive, struct mia_error *err);
/* The same for a value that was read already. */
mia_status mia__store_decode(struct mia__session *s, struct mia__transcoder *transcoder,
                             enum mia_table table, mia_slice id, mia_slice value,
                             struct mia__buf *to, mia_slice *archive, struct mia_error *err);
/* MIA_ERR_INVALID, or MIA_NOTFOUND for text that can be no id. */
mia_status mia__store_check_id(enum mia_table table, mia_str id, struct mia_error *err);

/* scan.c. As mia_scan_open for a whole table, from behind an id on (empty: from the first). Nothing
 * but indexes may be written while it goes: it reads ahead and does not look again. */
mia_status mia__scan_open_from(mia_txn *txn, enum mia_table table, mia_slice behind,
                               mia_scan **scan, struct mia_error *err);

/* find.c. A reader of the session's index. MIA_ERR_UNSUPPORTED: there is none. */
mia_status mia__store_index(struct mia__session *s, struct mia__index_reader *reader,
                            struct mia_error *err);

#endif
