/*
 * ab/plan.h - the operations of a comparison: chosen once, before the sides begin
 *
 * A plan is made by the parent process and only read by the children, which have it from fork.
 * Keys and values lie one behind the other in one buffer, so an operation is a few numbers.
 */
#ifndef MIA_AB_PLAN_H
#define MIA_AB_PLAN_H

#include "base/memory.h"
#include "mia/ab.h"

/*
 * MAP(code, name, writes). What the members of an operation are, beside its key:
 *   scan        limit: items, from behind the key on; extra: the key is a prefix instead
 *   neighbours  extra: enum mia_direction; value: the edges' type, or nothing
 *   property    key: the value; value: the property's name; extra: newest first
 *   search      limit: how many; key: an embedding; or value: a vector
 *   change      extra: by what; value: a record to make it of if there is none
 *   insert      value: the record to make it of
 *   put         value; an empty one: limit bytes are made up
 *   delete      extra: enum mia_delete_flags
 */
#define MIA__AB_OP_MAP(MAP)                                                                        \
    MAP(MIA__AB_GET, "get", false)                                                                 \
    MAP(MIA__AB_SCAN, "scan", false)                                                               \
    MAP(MIA__AB_NEIGHBOURS, "neighbours", false)                                                   \
    MAP(MIA__AB_PROPERTY, "property", false)                                                       \
    MAP(MIA__AB_SEARCH, "search", false)                                                           \
    MAP(MIA__AB_CHANGE, "change", true)                                                            \
    MAP(MIA__AB_INSERT, "insert", true)                                                            \
    MAP(MIA__AB_PUT, "put", true)                                                                  \
    MAP(MIA__AB_DELETE, "delete", true)

enum mia__ab_op_kind {
#define MIA__AB_OP_ENUM(code, name, writes) code,
    MIA__AB_OP_MAP(MIA__AB_OP_ENUM)
#undef MIA__AB_OP_ENUM
        MIA__AB_OPS
};
const char *mia__ab_op_name(enum mia__ab_op_kind kind); /* "get"; static */
bool mia__ab_op_writes(enum mia__ab_op_kind kind);

struct mia__ab_span {
    uint64_t at; /* in the plan's bytes */
    uint64_t size;
};

/* How operations of a trace share a transaction; 0: each has its own. */
enum mia__ab_op_flags {
    MIA__AB_INSIDE = 1u << 0, /* in the transaction that the one before it left open */
    MIA__AB_STAYS = 1u << 1,  /* leaves it open for the one behind it */
    MIA__AB_WRITER = 1u << 2, /* it is a WRITE transaction */
    MIA__AB_ABORTS = 1u << 3  /* it is aborted in the end */
};

struct mia__ab_op {
    uint8_t kind;   /* enum mia__ab_op_kind */
    uint8_t tree;   /* in the plan's trees */
    uint8_t flags;  /* enum mia__ab_op_flags */
    uint32_t lane;  /* operations of one lane stay in one thread, in order */
    uint32_t limit; /* items of a scan or a list, 0: all; size of a value that is made up */
    uint32_t extra;
    struct mia__ab_span key, value;
    uint64_t due_ns; /* of a trace: since its begin */
};

enum { MIA__AB_TREES = 255 };

struct mia__ab_plan {
    bool is_store; /* records of MIA by their ids; otherwise pairs of bytes */
    bool writes, searches, is_trace;
    uint64_t torn_at; /* of a trace without its end: from this byte on it is not used */
    struct mia__buf bytes;
    struct mia__ab_span trees[MIA__AB_TREES]; /* their names */
    size_t tree_count;
    struct mia__ab_op *ops;
    size_t count, capacity;
    uint64_t keys; /* that were drawn */
};

static inline mia_slice mia__ab_bytes(const struct mia__ab_plan *plan, struct mia__ab_span span)
{
    return (mia_slice){plan->bytes.data + span.at, span.size};
}

void mia__ab_plan_free(struct mia__ab_plan *plan);
mia_status mia__ab_plan_add(struct mia__ab_plan *plan, const struct mia__ab_op *op,
                            struct mia_error *err);
/* Copies bytes into the plan. */
mia_status mia__ab_plan_keep(struct mia__ab_plan *plan, mia_slice bytes, struct mia__ab_span *span,
                             struct mia_error *err);
/* The number of a tree, which becomes known with that. MIA_ERR_INVALID: there are too many. */
mia_status mia__ab_plan_tree(struct mia__ab_plan *plan, mia_slice name, uint8_t *tree,
                             struct mia_error *err);

/* sample.c. Keys of A that every key had the same chance to be among, in random order. */
struct mia__ab_key {
    uint8_t tree;
    struct mia__ab_span key;
};
struct mia__ab_sample {
    struct mia__ab_key *keys;
    size_t count;
};
struct mia__ab_random;
/* only: the name of the one tree that is wanted; NULL data: all that the plan's level has. */
mia_status mia__ab_sample_take(struct mia__ab_plan *plan, const char *path, mia_slice only,
                               const struct mia_ab_options *opt, struct mia__ab_random *random,
                               struct mia__ab_sample *sample, struct mia_error *err);

/* replay.c. The operations of opt->trace. */
mia_status mia__ab_plan_replay(struct mia__ab_plan *plan, const struct mia_ab_options *opt,
                               struct mia_error *err);

/* workload.c. The operations of opt->workload. */
mia_status mia__ab_plan_make(struct mia__ab_plan *plan, const struct mia_ab_options *opt,
                             struct mia_error *err);

#endif
