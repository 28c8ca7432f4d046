/*
 * mia/ab.h - two databases under the same operations: is one faster, and are their answers equal?
 *
 * A and B hold the same content, a sled directory and its migration for instance. The operations
 * are made from the keys of A or are those that a program did (mia/trace.h). They are done in
 * rounds; in each round by A, by A again in a second process (the control) and by B, in an order
 * that changes. What A differs from itself by is the noise of the machine, and nothing counts as a
 * difference of B that is not clearly more than that. Answers are compared, one by one.
 *
 * A and B are never changed: what writes, and the real sled, which writes when it opens, works on
 * copies in a scratch directory. Each side is a process of its own, made by fork: call mia_ab_run
 * from a program of one thread.
 */
#ifndef MIA_AB_H
#define MIA_AB_H

#include "mia/status.h"

#ifdef __cplusplus
extern "C" {
#endif

#define MIA_AB_WORKLOAD_MAP(MAP)                                                                   \
    MAP(MIA_AB_READ, "read", "single records by their keys; one in 50 is not there")               \
    MAP(MIA_AB_MIXED, "mixed", "80 % reads, 10 % changes, 5 % new records, 5 % deletions")         \
    MAP(MIA_AB_SCAN, "scan", "10 to 100 records in the order of their keys")                       \
    MAP(MIA_AB_GRAPH, "graph", "the edges out of and into a node; records of MIA")                 \
    MAP(MIA_AB_VECTOR, "vector", "the 10 embeddings nearest to one; records of MIA")

enum mia_ab_workload {
#define MIA_AB_WORKLOAD_ENUM(code, name, text) code,
    MIA_AB_WORKLOAD_MAP(MIA_AB_WORKLOAD_ENUM)
#undef MIA_AB_WORKLOAD_ENUM
        MIA_AB_WORKLOADS
};
/* "read", and what it does. Static strings. */
MIA_API const char *mia_ab_workload_name(enum mia_ab_workload workload);
MIA_API const char *mia_ab_workload_text(enum mia_ab_workload workload);

struct mia_ab_options {
    uint32_t struct_size;
    const char *a, *b; /* directories of databases */
    enum mia_ab_workload workload;
    const char *trace;   /* the operations of this file instead; NULL: of the workload */
    uint64_t operations; /* of each side, at most 10,000,000; 0 = 120,000, of a trace: all */
    uint64_t records;    /* keys that are drawn from A, at most 10,000,000; 0 = 100,000 */
    uint32_t rounds;     /* MIA_AB_ROUNDS_MIN .. MIA_AB_ROUNDS_MAX; 0 = 12 */
    uint32_t threads;    /* 1 .. 64; 0 = 1. Operations on one key stay in one thread, in order */
    uint64_t seed;       /* of everything that is drawn; 0 = 1 */
    double skew;         /* exponent of Zipf's law, up to 4: few keys are asked for often; 0: all
                            keys alike */
    double speed;        /* of a trace: 1 as it was recorded, 2 twice as fast; 0: at full speed */
    bool lazy;           /* commits need not be on disk: MIA_SYNC_LAZY */
    bool sled_files;     /* sled databases by this library's own reader (read-only) although the
                            real sled is built in */
    const char *scratch; /* where copies go; NULL: $TMPDIR or /tmp */
    mia_progress_fn progress;
    void *progress_ctx;
};
enum { MIA_AB_ROUNDS_MIN = 6, MIA_AB_ROUNDS_MAX = 60 };

/* In nanoseconds, of three digits (HDR histogram). */
struct mia_ab_latency {
    uint64_t count, min, p50, p90, p99, p999, max;
    double mean;
};

enum mia_ab_who { MIA_AB_A, MIA_AB_CONTROL, MIA_AB_B, MIA_AB_SIDES }; /* the control is A again */

#define MIA_AB_MEASURE_MAP(MAP)                                                                    \
    MAP(MIA_AB_MEDIAN, "median")                                                                   \
    MAP(MIA_AB_P99, "p99")                                                                         \
    MAP(MIA_AB_P999, "p99.9")                                                                      \
    MAP(MIA_AB_MEAN, "mean")

enum mia_ab_measure {
#define MIA_AB_MEASURE_ENUM(code, name) code,
    MIA_AB_MEASURE_MAP(MIA_AB_MEASURE_ENUM)
#undef MIA_AB_MEASURE_ENUM
        MIA_AB_MEASURES
};
MIA_API const char *mia_ab_measure_name(enum mia_ab_measure measure); /* "p99"; static */

/* How a latency of B compares with A's: the median over the rounds of B's by A's, and between which
 * two of the rounds' ratios the true median lies with at least 95 % confidence (order statistics:
 * nothing is assumed about how they are distributed). 2 is twice as slow. noise is how far the
 * control was from A in its farthest round, up or down, as a factor of 1 or more. */
struct mia_ab_change {
    double ratio, low, high;
    double noise;
    bool is_real; /* low .. high lies outside 1/noise .. noise */
};

/* What one side took for one kind of operation. */
struct mia_ab_kind {
    const char *name; /* "get", "put", ...; static */
    struct mia_ab_latency sides[MIA_AB_SIDES];
};

struct mia_ab_point {
    uint64_t ns; /* this share of all operations took so long at most */
    double share;
};
struct mia_ab_slice {
    double seconds; /* since the begin of the first round: the middle of the slice */
    double rate;    /* operations a second, by the time that they took */
    uint32_t round;
};

struct mia_ab_side {
    const char *path;
    char engine[16];      /* "mdbx", "sled" */
    const char *how;      /* how it was read: half a sentence; static */
    uint64_t size_before; /* bytes on disk of what was opened, at the begin and at the end */
    uint64_t size_after;
    uint64_t bytes_read, bytes_written; /* from and to the disk in all rounds (/proc/self/io) */
    uint64_t memory_own, memory_mapped; /* resident at the end, beyond those of an idle process:
                                           anonymous pages, and pages of files */
    double open_seconds;
    double rate; /* operations a second: threads by mean time */
    struct mia_ab_latency latency;
    struct mia_ab_point *curve; /* ascending; the distribution of all latencies */
    size_t curve_count;
    struct mia_ab_slice *slices; /* in the order of time */
    size_t slice_count;
};

#define MIA_AB_MISMATCH_MAP(MAP)                                                                   \
    MAP(MIA_AB_VALUE, "value", "the record has another value in B")                                \
    MAP(MIA_AB_ONLY_A, "only_a", "found in A and not in B")                                        \
    MAP(MIA_AB_ONLY_B, "only_b", "found in B and not in A")                                        \
    MAP(MIA_AB_LIST, "list", "a list has other items, or another order")                           \
    MAP(MIA_AB_FAILED, "failed", "one side answers with an error, or both with different ones")

enum mia_ab_mismatch_class {
#define MIA_AB_MISMATCH_ENUM(code, name, text) code,
    MIA_AB_MISMATCH_MAP(MIA_AB_MISMATCH_ENUM)
#undef MIA_AB_MISMATCH_ENUM
        MIA_AB_MISMATCHES
};
MIA_API const char *mia_ab_mismatch_name(enum mia_ab_mismatch_class c); /* "value"; static */
MIA_API const char *mia_ab_mismatch_text(enum mia_ab_mismatch_class c); /* static */

struct mia_ab_mismatch {
    enum mia_ab_mismatch_class mismatch;
    uint64_t operation; /* its number, from 0 */
    const char *kind;   /* "get"; static */
    mia_slice tree, key;
    mia_status a, b; /* what the sides answered */
};
enum { MIA_AB_MISMATCHES_KEPT = 20 };

struct mia_ab_report {
    const char *workload; /* "read", "trace"; static */
    const char *level;    /* "records" of MIA, or "pairs" of bytes; static */
    uint64_t operations;  /* of each side, warm-up left out */
    uint64_t keys;        /* that were drawn */
    uint32_t rounds, threads;
    uint64_t seed;
    double skew, speed;
    bool is_lazy, writes;
    double confidence; /* of low .. high: 0.95 or more */
    double clock_ns;   /* what asking the clock adds to each latency */
    double seconds;    /* in all */
    int64_t started_ms;
    struct mia_ab_side sides[MIA_AB_SIDES];
    struct mia_ab_change changes[MIA_AB_MEASURES];
    struct mia_ab_kind *kinds;
    size_t kind_count;
    uint64_t trace_torn_at; /* byte of the trace from which on it was not used: its recording was
                                cut off by a crash; 0: it has its end */
    uint64_t compared;      /* answers; 0 for a trace that writes, done by more than one thread */
    uint64_t mismatches[MIA_AB_MISMATCHES];
    uint64_t unsteady; /* answers in which A differs from itself */
    struct mia_ab_mismatch first[MIA_AB_MISMATCHES_KEPT];
    size_t first_count;
    /* Searches may miss some of the nearest: not compared one by one; of A's hits B has
     * hits_common and the control hits_control. */
    uint64_t searches, hits_a, hits_common, hits_control;
    struct {
        char processor[96], kernel[96], build[96];
        uint32_t processors;
        uint64_t memory; /* bytes */
        double load;     /* mean number of running processes in the minute before */
    } machine;
};

/* Runs both databases. *report is freed with mia_ab_report_free. MIA_ERR_INVALID: options that make
 * no sense, databases of different sorts, a workload that they have nothing for;
 * MIA_ERR_UNSUPPORTED: writes to a sled database without the real sled, or a build without
 * MIA_WITH_AB; MIA_ERR_FULL: no room for the copies; MIA_ERR_CANCELLED. Answers that differ are no
 * failure: see the report. The scratch directory is gone when it returns. */
MIA_API mia_status mia_ab_run(const struct mia_ab_options *opt, struct mia_ab_report **report,
                              struct mia_error *err);
MIA_API void mia_ab_report_free(struct mia_ab_report *report); /* NULL is fine */
/* All mismatches together. */
MIA_API uint64_t mia_ab_mismatched(const struct mia_ab_report *report);

#ifdef __cplusplus
}
#endif
#endif
