/*
 * mia/status.h - answers, errors, bytes and text: what every other header of libmia stands on
 *
 * Rules that hold for every function of the library
 *   R1  Returns mia_status: MIA_OK, MIA_NOTFOUND (a normal answer) or a negative error. Pure
 *       accessors return values.
 *   R2  The last parameter is struct mia_error *err: caller-owned, may be NULL, written only when
 *       the status is negative. There is no thread-local and no global state.
 *   R3  Out-parameters are set to NULL / zero before anything can fail.
 *   R4  Inputs are borrowed for the call only. Slices that come out of mia_kv_get are borrowed from
 *       the transaction and live until it ends; inside a WRITE transaction only until its next
 *       write. Slices that come out of a cursor live until that cursor moves or closes; on an
 *       engine with MIA_CAP_ZERO_COPY as long as those of mia_kv_get. Nothing that is read has to
 *       be freed one by one.
 *   R5  close / end / free functions accept NULL and cannot fail; what can fail (commit, sync) has
 *       its own call.
 *   R6  A mia_db may be used by any thread. mia_txn and mia_cursor: by one thread at a time; a
 *       WRITE transaction is committed or aborted by the thread that began it.
 *   R7  Sizes are bytes, times are Unix milliseconds (int64_t, UTC), text is UTF-8 and not
 *       NUL-terminated unless it is a const char *.
 *   R8  Enumerators carry their enum's name: MIA_TXN_*, MIA_MOVE_*, ...
 *   R9  Option structs start with struct_size = sizeof(struct); zero in every other field means the
 *       default. A smaller struct_size from an older caller is accepted; bytes that this version
 *       does not know must be zero (MIA_ERR_INVALID otherwise).
 */
#ifndef MIA_STATUS_H
#define MIA_STATUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define MIA_API __attribute__((visibility("default")))
#else
#define MIA_API
#endif

/* MAP(code, number, text): the list of all answers, for switches and tables of your own. */
#define MIA_STATUS_MAP(MAP)                                                                        \
    MAP(MIA_OK, 0, "done")                                                                         \
    MAP(MIA_NOTFOUND, 1, "no such record, key, tree or database; also: end of iteration")          \
    MAP(MIA_ERR_INVALID, -1, "bad argument")                                                       \
    MAP(MIA_ERR_SERIALIZATION, -2, "a value does not decode or does not encode")                   \
    MAP(MIA_ERR_CORRUPT, -3, "damaged file")                                                       \
    MAP(MIA_ERR_IO, -4, "operating system error; code is errno")                                   \
    MAP(MIA_ERR_FULL, -5, "disk full or map limit reached; nothing was changed")                   \
    MAP(MIA_ERR_BUSY, -6, "locked by another process, or handles are still open")                  \
    MAP(MIA_ERR_TXN, -7, "transaction misuse, conflict or failed commit")                          \
    MAP(MIA_ERR_TOO_LONG, -8, "key or value over the engine's limit")                              \
    MAP(MIA_ERR_READONLY, -9, "write on a read-only handle or transaction")                        \
    MAP(MIA_ERR_VERSION, -10, "unknown layout, schema or file version")                            \
    MAP(MIA_ERR_UNSUPPORTED, -11, "the engine or this build lacks the capability")                 \
    MAP(MIA_ERR_NOMEM, -12, "out of memory")                                                       \
    MAP(MIA_ERR_CANCELLED, -13, "a progress callback asked to stop; the state is resumable")       \
    MAP(MIA_ERR_INTERNAL, -14, "a broken invariant of the library: report it")

typedef enum mia_status {
#define MIA_STATUS_ENUM(code, number, text) code = number,
    MIA_STATUS_MAP(MIA_STATUS_ENUM)
#undef MIA_STATUS_ENUM
} mia_status;

/* Caller-owned detail of a failure: no allocation, safe to copy, safe to reuse. 512 bytes. */
struct mia_error {
    mia_status status;
    int32_t code;      /* errno, MDBX_* code or the engine's own number; 0 if none */
    char engine[16];   /* "mdbx", "sled", ...; "" when no engine is involved */
    char message[488]; /* one line: the thing, the place, the remedy; NUL-terminated UTF-8 */
};

/* "MIA_ERR_BUSY"; "?" for a number that is no status. Static string. */
MIA_API const char *mia_status_name(mia_status status);
/* One short clause in English, from MIA_STATUS_MAP. Static string. */
MIA_API const char *mia_status_text(mia_status status);
/* "1.2.3", the library that is running. Static string. */
MIA_API const char *mia_version(void);

/* Bytes somebody else owns. data may be NULL only when size is 0. */
typedef struct mia_slice {
    const void *data;
    size_t size;
} mia_slice;

/* A string literal as bytes, without its NUL; C only. */
#define MIA_BYTES(literal) ((mia_slice){"" literal, sizeof(literal) - 1})

/* NUL-terminated text as bytes, without the NUL. text must not be NULL. */
static inline mia_slice mia_bytes_of(const char *text)
{
    mia_slice s = {text, strlen(text)};
    return s;
}

/* Orders by bytes, a prefix before what it begins: negative, zero or positive as memcmp. */
static inline int mia_slice_compare(mia_slice a, mia_slice b)
{
    size_t common = a.size < b.size ? a.size : b.size;
    int order = common ? memcmp(a.data, b.data, common) : 0;
    return order ? order : (a.size > b.size) - (a.size < b.size);
}

static inline bool mia_slice_equal(mia_slice a, mia_slice b)
{
    return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

/* How far a long call is. total 0: not known. */
struct mia_progress {
    const char *phase; /* static string: "read the log", "copy", "verify", "paused", ... */
    uint64_t records_done, records_total;
    uint64_t bytes_done, bytes_total;
};

/* Called from the thread of the long call, at least once per batch. False: stop at the next safe
 * point with MIA_ERR_CANCELLED. */
typedef bool (*mia_progress_fn)(void *ctx, const struct mia_progress *progress);

#ifdef __cplusplus
}
#endif
#endif
