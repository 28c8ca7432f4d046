/*
 * mia/source.h - any database, read-only: sled directories and libmdbx directories alike
 *
 * A source shows trees and pairs as their owner wrote them: the escaped names and folded long keys
 * of a raw migration come back as they were. It never changes the files it reads.
 */
#ifndef MIA_SOURCE_H
#define MIA_SOURCE_H

#include "mia/engine.h"
#include "mia/text.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct mia_source mia_source;
typedef struct mia_source_cursor mia_source_cursor;

#define MIA_LOSS_MAP(MAP)                                                                          \
    MAP(MIA_LOSS_KEYS, "keys", "keys that no page is left of")                                     \
    MAP(MIA_LOSS_OLDER, "older", "a page in an older state")                                       \
    MAP(MIA_LOSS_BYTES, "bytes", "bytes that cannot be read")                                      \
    MAP(MIA_LOSS_FILE, "file", "a file that cannot be relied on")                                  \
    MAP(MIA_LOSS_STALE, "stale", "deleted or older records may have come back")                    \
    MAP(MIA_LOSS_NAME, "name", "names of trees are lost")

/* What is lost of a damaged sled database, or not certain. */
enum mia_loss_class {
#define MIA_LOSS_ENUM(code, name, text) code,
    MIA_LOSS_MAP(MIA_LOSS_ENUM)
#undef MIA_LOSS_ENUM
        MIA_LOSS_CLASSES
};
/* "keys", and "keys that no page is left of". Static strings. */
MIA_API const char *mia_loss_name(enum mia_loss_class c);
MIA_API const char *mia_loss_text(enum mia_loss_class c);

/* One loss. Slices and text live for the call. */
struct mia_loss {
    enum mia_loss_class loss;
    mia_slice tree;     /* MIA_LOSS_KEYS, _OLDER, _NAME (empty: all) */
    mia_slice from, to; /* MIA_LOSS_KEYS, _OLDER: the keys from <= key < to */
    bool is_to_end;     /* ... or to the end of the tree */
    const char *file;   /* MIA_LOSS_BYTES, _FILE: in the directory; else "" */
    uint64_t offset, bytes;
    const char *detail;
};
typedef void (*mia_loss_fn)(void *ctx, const struct mia_loss *loss);

struct mia_source_options {
    uint32_t struct_size;
    /* sled takes the first message that it cannot read near the end of its log for the end and
     * drops what follows without a word. Intact messages behind it are refused as damage
     * (MIA_ERR_CORRUPT) unless this is set: after a crash they may be writes that were never
     * finished. */
    bool accept_torn_log;
    /* The records of a typed database as MIA had them in sled, quarantined ones among them, instead
     * of archives. Changes nothing elsewhere. */
    bool original;
    /* A damaged sled database is opened all the same: every record of pages that are whole is
     * there, and what is not is told to loss (NULL: nobody), all before mia_source_open returns. A
     * sound one is opened as without. */
    bool salvage;
    mia_loss_fn loss;
    void *loss_ctx;
    mia_progress_fn progress; /* while the log of a sled database is read; NULL: none */
    void *progress_ctx;
};

struct mia_source_info {
    uint32_t struct_size;
    const char *kind; /* "sled", "mdbx"; static */
    /* "sled"; "raw" (a byte for byte migration by this library), "typed" (records as archives),
     * "tables" (any other libmdbx database); static */
    const char *format;
    uint64_t quarantined;  /* records of a typed database that are kept as they were, undecoded */
    uint64_t size_on_disk; /* bytes of the database's own files */
    bool salvaged;         /* damaged, and opened with salvage */
};

/* Opens what is at path, a sled or a libmdbx directory.
 * MIA_NOTFOUND: nothing is there; MIA_ERR_INVALID: no database that this build can read, the
 * message says what was found instead; MIA_ERR_BUSY: a process has the sled database open;
 * MIA_ERR_CORRUPT: damaged. A sled database is opened by reading its log once, and takes 12 bytes
 * of memory a page and 12 a link. The handle may be used by any thread, its cursors by one each. */
MIA_API mia_status mia_source_open(const char *path, const struct mia_source_options *opt,
                                   mia_source **source, struct mia_error *err);
MIA_API void mia_source_close(mia_source *source); /* after its cursors; NULL is fine */
MIA_API mia_status mia_source_info(mia_source *source, struct mia_source_info *out,
                                   struct mia_error *err);

/* Trees, ordered by the bytes of their names. A name lives as long as the source. */
MIA_API size_t mia_source_tree_count(const mia_source *source);
MIA_API mia_slice mia_source_tree_name(const mia_source *source, size_t tree);
/* MIA_NOTFOUND: no tree of that name. */
MIA_API mia_status mia_source_tree_find(const mia_source *source, mia_slice name, size_t *tree,
                                        struct mia_error *err);
/* Pairs in one tree. May read the whole tree where the database keeps no counts. */
MIA_API mia_status mia_source_count(mia_source *source, size_t tree, uint64_t *records,
                                    struct mia_error *err);

/* A forward cursor over one tree in key order, fresh: before the first pair. */
MIA_API mia_status mia_source_cursor_open(mia_source *source, size_t tree, mia_source_cursor **cur,
                                          struct mia_error *err);
/* The next pairs will be those from the first key >= key on. */
MIA_API mia_status mia_source_cursor_seek(mia_source_cursor *cur, mia_slice key,
                                          struct mia_error *err);
/* Up to max (>= 1) pairs; they live until the next call on the cursor. MIA_NOTFOUND: none left.
 * MIA_ERR_CORRUPT names tree and key where the files are damaged. */
MIA_API mia_status mia_source_cursor_next(mia_source_cursor *cur, struct mia_pair *pairs,
                                          size_t max, size_t *n, struct mia_error *err);
/* The record that a value of the cursor's tree is, as one line of JSON: {"Message":{...}}, an edge
 * and an embedding without the name around it. *json lives until the next call on the cursor.
 * MIA_NOTFOUND: the values of this tree are no records of MIA; MIA_ERR_SERIALIZATION: it does not
 * decode, or where nothing says which of the two formats it has, both or none of them fit. */
MIA_API mia_status mia_source_cursor_json(mia_source_cursor *cur, mia_slice value, mia_str *json,
                                          struct mia_error *err);
MIA_API void mia_source_cursor_close(mia_source_cursor *cur);

#ifdef __cplusplus
}
#endif
#endif
