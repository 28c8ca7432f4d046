/*
 * ab/trace_format.h - the file of a trace: docs/trace-format.md says the same in words
 *
 *     header  64 bytes
 *     block   payload size u32, events u32, number u32, CRC-32 of those 12 bytes and the payload
 *             u32, payload
 *     ...     one behind the other, numbered from 0; the one with payload size 0 is the end
 *
 * Everything is little-endian. A file without its end was cut off by a crash: the blocks before the
 * first that is not whole count.
 */
#ifndef MIA_AB_TRACE_FORMAT_H
#define MIA_AB_TRACE_FORMAT_H

#include "base/bytes.h"
#include "mia/status.h"

#define MIA__TRACE_MAGIC "MIATRACE"

enum {
    MIA__TRACE_VERSION = 1,
    MIA__TRACE_HEADER = 64,
    MIA__TRACE_SALT_AT = 16,
    MIA__TRACE_SALT = 16,
    MIA__TRACE_CRC_AT = 60,
    MIA__TRACE_BLOCK_HEADER = 16,
    MIA__TRACE_BLOCK_MOST = 64 << 20, /* of a payload: a value, or many small things */
    MIA__TRACE_VARINT_MOST = 10,
    MIA__TRACE_HASH = 16, /* of a hashed key */
    MIA__TRACE_TREES_MOST = 4096,
    MIA__TRACE_THREADS_MOST = 65536
};

enum mia__trace_flags {
    MIA__TRACE_HASHED = 1u << 0, /* keys are hashes */
    MIA__TRACE_VALUES = 1u << 1, /* values are there, not only their sizes */
    MIA__TRACE_RECORDS = 1u << 2 /* of a store; otherwise pairs of bytes */
};

/* MAP(code, number, text) */
#define MIA__TRACE_EVENT_MAP(MAP)                                                                  \
    MAP(MIA__TRACE_TREE, 0, "the next tree's name")                                                \
    MAP(MIA__TRACE_BEGIN_READ, 1, "a READ transaction begins")                                     \
    MAP(MIA__TRACE_BEGIN_WRITE, 2, "a WRITE transaction begins")                                   \
    MAP(MIA__TRACE_COMMIT, 3, "it is committed")                                                   \
    MAP(MIA__TRACE_ABORT, 4, "it is aborted, or a READ transaction ends")                          \
    MAP(MIA__TRACE_GET, 5, "the value of a key")                                                   \
    MAP(MIA__TRACE_PUT, 6, "a value is put")                                                       \
    MAP(MIA__TRACE_DELETE, 7, "extra: flags")                                                      \
    MAP(MIA__TRACE_SCAN, 8, "from a key on (records: a prefix); extra: items that were read")      \
    MAP(MIA__TRACE_NEIGHBOURS, 9, "of a node; name: type of the edges; extra: direction")          \
    MAP(MIA__TRACE_IDS, 10, "key: value of a property; name: the property; extra: newest first")   \
    MAP(MIA__TRACE_SEARCH, 11, "value: floats; extra: how many were to be found")

enum mia__trace_kind {
#define MIA__TRACE_EVENT_ENUM(code, number, text) code = number,
    MIA__TRACE_EVENT_MAP(MIA__TRACE_EVENT_ENUM)
#undef MIA__TRACE_EVENT_ENUM
        MIA__TRACE_KINDS
};

/* One event. Which members it has goes by its kind; the rest is zero. Slices are borrowed. */
struct mia__trace_event {
    enum mia__trace_kind kind;
    uint32_t thread;
    uint64_t txn;   /* a number for each transaction, from 1 on */
    uint64_t at_ns; /* since the recording began */
    uint32_t tree;  /* in the order of MIA__TRACE_TREE events, from 0 */
    mia_slice key;
    mia_slice name;
    mia_slice value; /* empty where values are left out */
    uint64_t value_size;
    uint64_t extra;
};

/* Which parts follow an event's kind, thread, transaction and time, in this order. */
enum mia__trace_parts {
    MIA__TRACE_HAS_TREE = 1u << 0,  /* varint */
    MIA__TRACE_HAS_KEY = 1u << 1,   /* varint size, bytes */
    MIA__TRACE_HAS_NAME = 1u << 2,  /* varint size, bytes */
    MIA__TRACE_HAS_VALUE = 1u << 3, /* varint size; bytes, if the file has values */
    MIA__TRACE_HAS_EXTRA = 1u << 4, /* varint */
    MIA__TRACE_HAS_FLOATS = 1u << 5 /* varint size, bytes, in every file */
};
unsigned mia__trace_parts(enum mia__trace_kind kind);

#endif
