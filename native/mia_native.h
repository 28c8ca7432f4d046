/*
 * mia_native.h - the C interface of the Rust library: the real sled 0.34.7 as a storage engine
 * (mia_sled_*), usearch's vector graph (mia_ann_*) and HDR histograms (mia_hist_*)
 *
 * Contract of mia_sled_*
 *   - The functions are the members of struct mia_engine_ops (mia/engine.h) and keep what is
 * promised there; only what sled adds is said here. Pointers are never NULL but where it is said.
 *   - A Rust panic never crosses the border and prints nothing: it becomes MIA_ERR_CORRUPT in open,
 *     MIA_ERR_INTERNAL elsewhere, and then the database answers only that, until it is closed. The
 *     same holds after a commit that failed half-way (MIA_ERR_FULL, MIA_ERR_IO). What sled logs
 *     about panics of its own threads is not printed either.
 *   - Keys, values and tree names are any bytes of any length that memory holds. Memory that cannot
 *     be had ends the process, as in any Rust program.
 *   - There are no snapshots: READ transactions and their cursors see commits that happen
 * meanwhile, each pair whole.
 *   - One Rust static library per program: two bring two copies of the Rust runtime.
 */
#ifndef MIA_NATIVE_H
#define MIA_NATIVE_H

#include "mia/engine.h"

/* Opens the database in the directory path, or makes one there; parents are made too. The segment
 * size and the compression of an existing one are taken from its file `conf`. cache_bytes limits
 * sled's page cache. is_durable: commit returns when the data is on disk; otherwise mia_sled_sync
 * must be called now and then: sled's own timer is off. Opening writes (a new snapshot, a truncated
 * tail): never point it at files that must stay as they are. *db is ended by mia_sled_close.
 * MIA_ERR_BUSY: somebody has it open. MIA_ERR_CORRUPT: sled cannot recover it, or cannot do so
 * safely because `conf` is lost. MIA_ERR_VERSION: files of another sled. */
mia_status mia_sled_open(const char *path, uint64_t cache_bytes, bool is_durable, void **db,
                         struct mia_error *err);
/* Writes what is left to disk and gives the lock back. All transactions must have ended. */
void mia_sled_close(void *db);
/* Bytes of the log and of the files of large values; grows with what is written, not with what is
 * held. Any thread. */
mia_status mia_sled_size(void *db, uint64_t *bytes, struct mia_error *err);
/* Returns when every commit so far is on disk. Any thread. */
mia_status mia_sled_sync(void *db, struct mia_error *err);

/* A WRITE transaction holds its changes in memory until commit. */
mia_status mia_sled_begin(void *db, enum mia_txn_mode mode, void **txn, struct mia_error *err);
/* Hands all changes to sled at once: for the pairs of any number of trees all or nothing, also over
 * a crash of the machine. Trees are made one by one before: after a crash some may be there, empty.
 */
mia_status mia_sled_commit(void *txn, struct mia_error *err);
void mia_sled_abort(void *txn);

/* MIA_ERR_UNSUPPORTED with MIA_TREE_MULTI. The tree "__sled__default" is always there. A tree that
 * this transaction makes is a name only until commit; others are told MIA_NOTFOUND. */
mia_status mia_sled_tree(void *txn, mia_slice name, uint32_t flags, uint32_t *tree,
                         struct mia_error *err);
/* after may be NULL. *name lives as long as the database. */
mia_status mia_sled_tree_next(void *txn, const mia_slice *after, mia_slice *name,
                              struct mia_error *err);
/* Costs nothing here; commit then removes key by key. */
mia_status mia_sled_clear(void *txn, uint32_t tree, struct mia_error *err);

/* *value lives until the next write of a WRITE transaction, until the end of a READ one, which
 * grows by every value that it was asked for. */
mia_status mia_sled_get(void *txn, uint32_t tree, mia_slice key, mia_slice *value,
                        struct mia_error *err);
mia_status mia_sled_put(void *txn, uint32_t tree, mia_slice key, mia_slice value, uint32_t flags,
                        struct mia_error *err);
/* value: NULL, or MIA_ERR_UNSUPPORTED. */
mia_status mia_sled_del(void *txn, uint32_t tree, mia_slice key, const mia_slice *value,
                        struct mia_error *err);
/* key may be NULL: a scan of the whole tree. */
mia_status mia_sled_count(void *txn, uint32_t tree, const mia_slice *key, uint64_t *n,
                          struct mia_error *err);

/* Cursors see the writes of their transaction, also later ones. */
mia_status mia_sled_cursor(void *txn, uint32_t tree, void **cur, struct mia_error *err);
/* MIA_ERR_UNSUPPORTED for the moves of multi trees. Going down costs several times as much as
 * going up. */
mia_status mia_sled_move(void *cur, enum mia_move move, mia_slice *key, mia_slice *value,
                         struct mia_error *err);
/* A batch ends at max pairs or behind 64 KiB. */
mia_status mia_sled_batch(void *cur, struct mia_pair *pairs, size_t max, size_t *n,
                          struct mia_error *err);
void mia_sled_cursor_close(void *cur);

/*
 * A graph (HNSW) over points with a key and a vector of floats, by cosine distance: 1 - cosine.
 *   - Neither panics nor C++ exceptions cross the border: MIA_ERR_NOMEM where the library says so,
 *     MIA_ERR_INTERNAL otherwise. Small memory that cannot be had ends the process, as in any Rust
 *     program. After a failed add or load only mia_ann_free is left.
 *   - Vectors are aligned as floats. They must have a length that is neither 0 nor infinite, nor
 *     not a number: nothing here looks.
 *   - Searches may run at once, up to the `threads` of create; everything else is to be alone.
 */

/* The library's version, 0x00021a06 for 2.26.6: what one version saved another should not load. */
uint32_t mia_ann_version(void);
/* m: neighbours of a point (16 is usual), ef_add: how wide add looks (200). */
mia_status mia_ann_create(uint32_t dimension, uint32_t m, uint32_t ef_add, uint32_t threads,
                          void **graph, struct mia_error *err);
void mia_ann_free(void *graph); /* NULL is fine */
/* Room for so many points in all; add and search need it. It never shrinks. */
mia_status mia_ann_reserve(void *graph, size_t points, struct mia_error *err);
/* MIA_ERR_INVALID, and nothing changed: another dimension, or a key that is there. */
mia_status mia_ann_add(void *graph, uint64_t key, const float *vector, size_t dimension,
                       struct mia_error *err);
/* The nearest points that the filter (NULL: all) lets through, nearest first: at most `most`, out
 * of the max(ef, most) nearest that were met. The filter is called on the searching thread. */
typedef bool mia_ann_filter(void *ctx, uint64_t key);
mia_status mia_ann_search(void *graph, const float *query, size_t dimension, size_t ef,
                          mia_ann_filter *filter, void *ctx, uint64_t *keys, float *distances,
                          size_t most, size_t *found, struct mia_error *err);
bool mia_ann_contains(void *graph, uint64_t key);
size_t mia_ann_size(void *graph);
/* Bytes that the graph takes, what it has taken ahead included. */
size_t mia_ann_memory(void *graph);
/* save writes mia_ann_saved_size bytes. load takes them into a fresh graph of the same dimension,
 * in place of reserve. Bytes that save did not write may end the process: check them before. */
size_t mia_ann_saved_size(void *graph);
mia_status mia_ann_save(void *graph, uint8_t *to, size_t size, struct mia_error *err);
mia_status mia_ann_load(void *graph, const uint8_t *from, size_t size, struct mia_error *err);

/*
 * HDR histograms (hdrhistogram): counts of values from 1 to 3.6e12, of nanoseconds up to one hour,
 * each kept to three digits; what lies outside counts as the nearest of them. About 260 KiB each,
 * all taken by create, so that nothing behind it can fail. Nothing here looks at a clock or takes a
 * lock: one thread at a time, one histogram a thread, added up at the end.
 */
mia_status mia_hist_create(void **hist, struct mia_error *err);
void mia_hist_free(void *hist); /* NULL is fine */
void mia_hist_record(void *hist, uint64_t value);
void mia_hist_add(void *hist, const void *other); /* the counts of another, which stays as it is */
void mia_hist_reset(void *hist);
uint64_t mia_hist_count(const void *hist);
/* 0 for an empty one, as the rest. */
uint64_t mia_hist_min(const void *hist);
uint64_t mia_hist_max(const void *hist);
double mia_hist_mean(const void *hist);
/* The least value that at least this share (0 .. 1) of what was recorded does not exceed, as large
 * as its three digits allow. */
uint64_t mia_hist_quantile(const void *hist, double quantile);
/* How many values do not exceed this one, to three digits. */
uint64_t mia_hist_count_up_to(const void *hist, uint64_t value);

#endif
