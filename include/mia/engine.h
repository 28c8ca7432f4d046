/*
 * mia/engine.h - what a storage engine is: the plug-in interface
 *
 * An engine is an ordered map of byte strings, split into named trees, with transactions. Keys are
 * ordered by memcmp, a prefix before what it begins. Everything above (stores, indexes, migration)
 * uses mia/db.h and knows no engine by name. The library checks arguments before it calls an engine
 * (sizes, modes, closed handles), holds one lock over every WRITE transaction and sync() of a
 * database, and re-seeks cursors after writes, so that engines need not do any of it.
 */
#ifndef MIA_ENGINE_H
#define MIA_ENGINE_H

#include "mia/status.h"

#ifdef __cplusplus
extern "C" {
#endif

#define MIA_ENGINE_ABI 1u

enum mia_engine_caps {
    MIA_CAP_ZERO_COPY = 1u << 0,   /* get and cursors return pointers into stable memory */
    MIA_CAP_SNAPSHOT = 1u << 1,    /* READ transactions see one frozen state (MVCC) */
    MIA_CAP_MULTI = 1u << 2,       /* native multi-value trees; emulated by libmia without it */
    MIA_CAP_COPY = 1u << 3,        /* hot backup */
    MIA_CAP_MULTIPROCESS = 1u << 4 /* several processes may have the database open at once */
};

/* How the store encodes records on this engine. */
enum mia_value_format { MIA_VALUE_RKYV = 0, MIA_VALUE_BINCODE = 1 };

/* How the store lays out its indexes on this engine. */
enum mia_index_layout { MIA_INDEX_MULTI = 0, MIA_INDEX_LEGACY_SETS = 1 };

enum mia_txn_mode { MIA_TXN_READ = 0, MIA_TXN_WRITE = 1 };

enum mia_tree_flags {
    MIA_TREE_CREATE = 1u << 0, /* WRITE transactions only; undone by abort */
    MIA_TREE_MULTI = 1u << 1   /* several values a key, sorted by bytes, each once */
};

enum mia_put_flags {
    MIA_PUT_UPSERT = 0,
    MIA_PUT_INSERT_ONLY = 1u << 0, /* MIA_ERR_INVALID if the key is present; nothing is changed */
    MIA_PUT_APPEND = 1u << 1       /* pairs come in ascending order, of a multi tree by their values
                                      too: fast bulk load. MIA_ERR_INVALID if the key (the pair)
                                      is not above the tree's last */
};

enum mia_move {
    MIA_MOVE_FIRST,
    MIA_MOVE_LAST,
    MIA_MOVE_NEXT,       /* a fresh cursor: FIRST */
    MIA_MOVE_PREV,       /* a fresh cursor: LAST */
    MIA_MOVE_SEEK,       /* first key >= *key (in: *key) */
    MIA_MOVE_SEEK_MULTI, /* key == *key and value >= *value (in: both); multi trees only */
    MIA_MOVE_NEXT_SAME,  /* next value of the same key; multi trees only, as the rest */
    MIA_MOVE_PREV_SAME,
    MIA_MOVE_LAST_SAME, /* last value of the current key */
    MIA_MOVE_NEXT_KEY   /* first value of the next key */
};

enum mia_durability {
    MIA_SYNC_DURABLE = 0, /* commit returns after the data is on disk (default) */
    MIA_SYNC_LAZY = 1     /* commits are atomic and ordered, the last ones may be lost by a crash of
                             the machine; mia_db_sync makes them safe */
};

struct mia_db_options {
    uint32_t struct_size;
    bool read_only;  /* changes nothing. mdbx still makes its lock file where it may */
    bool must_exist; /* MIA_NOTFOUND instead of creating */
    bool exclusive;  /* nobody else may open it meanwhile: MIA_ERR_BUSY for them and, if they
                        were first, for this call */
    bool untrusted;  /* the file may be damaged or hostile: check every page that is touched */
    enum mia_durability durability;
    uint32_t lazy_interval_ms; /* MIA_SYNC_LAZY: period of the background sync; 0 = 500 */
    uint64_t max_size;         /* upper limit of the map; 0 = 1 TiB (grows on demand) */
    uint64_t growth_bytes;     /* steps in which the file grows; 0 = as it did; new: 16 MiB */
    uint64_t cache_bytes;      /* engines with a cache of their own (sled); 0 = 64 MiB */
    uint32_t page_size;        /* of a new file, a power of two 4096..65536; 0 = 4096 */
    uint32_t max_readers;      /* 0 = 128 */
    uint32_t max_trees;        /* named trees open at once; 0 = those in the file and 64 more */
};

struct mia_db_info {
    uint32_t struct_size;
    uint64_t size_on_disk;  /* bytes used by the database's files now */
    uint64_t size_limit;    /* the file cannot grow beyond it; 0 = no limit of its own */
    uint32_t page_size;     /* 0 = the engine has none */
    uint64_t last_txn;      /* id of the last committed transaction, 0 if the engine has none */
    uint64_t oldest_reader; /* 0 = none; far behind last_txn: a stalled reader holds space */
    size_t max_key;         /* bytes */
    size_t max_value;       /* bytes */
    size_t max_multi_key;   /* bytes, key of a multi tree */
    size_t max_multi_value; /* bytes, value of a multi tree */
};

/* One open read transaction, of this or another process. */
struct mia_reader {
    uint64_t process; /* pid */
    uint64_t thread;
    uint64_t txn;            /* the state it sees; 0: idle */
    uint64_t lag;            /* commits since then */
    uint64_t retained_bytes; /* space that cannot be reused while it lives */
};
typedef bool (*mia_reader_fn)(void *ctx, const struct mia_reader *reader); /* false: stop */

struct mia_pair {
    mia_slice key, value;
};

/* What check() found. Every problem is one call with one line. */
typedef void (*mia_problem_fn)(void *ctx, const char *line);

/* Function table of one engine. Members are required unless marked optional (NULL). Each call gets
 * the object that the engine itself returned (db, txn, cur). Engines never see NULL objects, closed
 * objects, oversized keys or values, writes in READ transactions, or two WRITE transactions of one
 * db at once. Any thread may call any function of a db; a txn and its cursors are used by one
 * thread at a time. Out-parameters may be written only on MIA_OK. */
struct mia_engine_ops {
    uint32_t abi;         /* MIA_ENGINE_ABI */
    uint32_t struct_size; /* sizeof(struct mia_engine_ops) */
    const char *name;     /* short, lower case, at most 15 bytes; goes into errors */
    uint32_t caps;        /* enum mia_engine_caps */
    enum mia_value_format value_format;
    enum mia_index_layout index_layout;

    /* path is a directory. opt is complete: every default is filled in except max_trees. */
    mia_status (*open)(const char *path, const struct mia_db_options *opt, void **db,
                       struct mia_error *err);
    void (*close)(void *db);
    mia_status (*info)(void *db, struct mia_db_info *out, struct mia_error *err);
    /* Returns when every commit so far is on disk. Called with the write lock held. */
    mia_status (*sync)(void *db, struct mia_error *err);
    /* Optional. Called before sync, without the lock: brings down what can be brought down. */
    void (*sync_ahead)(void *db);
    /* Optional: MIA_CAP_COPY. A consistent copy into the new directory dest. */
    mia_status (*copy)(void *db, const char *dest, bool compact, struct mia_error *err);
    /* Optional: calls fn for every open reader; dead processes' readers are cleared first. */
    mia_status (*readers)(void *db, mia_reader_fn fn, void *ctx, struct mia_error *err);
    /* Optional: full check of the engine's own structures. *problems counts the lines. */
    mia_status (*check)(void *db, mia_problem_fn fn, void *ctx, uint64_t *problems,
                        struct mia_error *err);
    /* True if the files in this directory are this engine's; opens nothing for writing. */
    bool (*detect)(const char *path);

    mia_status (*begin)(void *db, enum mia_txn_mode mode, void **txn, struct mia_error *err);
    mia_status (*commit)(void *txn, struct mia_error *err); /* ends txn whatever it returns */
    void (*abort)(void *txn);                               /* ends READ transactions too */

    /* Tree ids are small integers, valid for the life of the db; an id whose creation was undone
     * answers MIA_ERR_INVALID until its tree is created again. MIA_NOTFOUND: no such tree. */
    mia_status (*tree)(void *txn, mia_slice name, uint32_t flags, uint32_t *tree,
                       struct mia_error *err);
    /* The first tree name above *after by bytes (NULL: the first of all); MIA_NOTFOUND at the end.
     * *name lives until the next call or the end of the transaction. */
    mia_status (*tree_next)(void *txn, const mia_slice *after, mia_slice *name,
                            struct mia_error *err);
    mia_status (*clear)(void *txn, uint32_t tree, struct mia_error *err);

    mia_status (*get)(void *txn, uint32_t tree, mia_slice key, mia_slice *value,
                      struct mia_error *err);
    mia_status (*put)(void *txn, uint32_t tree, mia_slice key, mia_slice value, uint32_t flags,
                      struct mia_error *err);
    /* value: that one pair of a multi tree; NULL: the key with all its values. */
    mia_status (*del)(void *txn, uint32_t tree, mia_slice key, const mia_slice *value,
                      struct mia_error *err);
    /* key NULL: pairs in the tree; otherwise values of that key. */
    mia_status (*count)(void *txn, uint32_t tree, const mia_slice *key, uint64_t *n,
                        struct mia_error *err);

    mia_status (*cursor)(void *txn, uint32_t tree, void **cur, struct mia_error *err);
    mia_status (*move)(void *cur, enum mia_move move, mia_slice *key, mia_slice *value,
                       struct mia_error *err);
    /* Optional, plain trees only: up to max (>= 1) pairs forward, starting with the pair on which
     * the cursor stands (a fresh one: the first), then with the one after the last batch. All of
     * them live until the next call on the cursor. MIA_NOTFOUND: none left. */
    mia_status (*batch)(void *cur, struct mia_pair *pairs, size_t max, size_t *n,
                        struct mia_error *err);
    void (*cursor_close)(void *cur);

    /* Optional: the id of the last transaction that changed the tree, as last_txn counts them. */
    mia_status (*changed)(void *txn, uint32_t tree, uint64_t *id, struct mia_error *err);
};

/* libmdbx 0.13: memory map, MVCC readers, one writer over all processes. Never NULL. */
MIA_API const struct mia_engine_ops *mia_engine_mdbx(void);
/* The real sled 0.34.7; NULL when libmia was built without it. */
MIA_API const struct mia_engine_ops *mia_engine_sled(void);
/* The engine whose files are in this directory; NULL if it is none that this build knows. */
MIA_API const struct mia_engine_ops *mia_engine_detect(const char *path);

#ifdef __cplusplus
}
#endif
#endif
