/*
 * bench_model.c - records: libmia against the Rust crates that defined their formats
 *
 *   bench_model BENCH_MODELS [ROUNDS [RECORDS]]
 *
 * BENCH_MODELS is the program of interop/. RECORDS: only groups whose names begin with this. The
 * same operations over the same records in memory, in interleaved rounds of one run; both sides
 * must come to the same result. A time is that of one record. Factors above 1: libmia is faster.
 */
#include "allocations.h"
#include "goals.h"
#include "mia/model.h"
#include "peer.h"
#include "rkyv/check.h"
#include "rkyv/transcode.h"
#include "rounds.h"

#include <inttypes.h>
#include <stdlib.h>

#define LENGTH(a) (sizeof(a) / sizeof((a)[0]))

/* What one side does at a time: long enough for the clock, too short to be interrupted often. */
static const double slice_seconds = 0.0005;

/* What one record leaves to the next. */
struct scratch {
    struct mia__transcoder transcoder;
    struct mia__buf out;
    struct mia_error err;
};

static void check(mia_status rc, const struct scratch *s)
{
    if (rc != MIA_OK)
        die("%s", s->err.message);
}

static enum mia__table table_of(int kind)
{
    return kind == MIA_KIND_EDGE        ? MIA__TABLE_EDGES
           : kind == MIA_KIND_EMBEDDING ? MIA__TABLE_EMBEDDINGS
                                        : MIA__TABLE_NODES;
}

/* ---------------------------------------------------------------- operations: see measured.rs */

static uint64_t transcode(const struct item *item, struct scratch *s)
{
    struct mia__transcoded record;
    s->out.size = 0;
    check(mia__transcode(&s->transcoder, table_of(item->kind), item->bincode, &s->out, &record,
                         &s->err),
          s);
    return s->out.size;
}

static uint64_t transcode_back(const struct item *item, struct scratch *s)
{
    s->out.size = 0;
    check(
        mia__transcode_back(&s->transcoder, table_of(item->kind), item->archive, &s->out, &s->err),
        s);
    return s->out.size;
}

static uint64_t check_archive(const struct item *item, struct scratch *s)
{
    check(mia__archive_check(table_of(item->kind), item->archive, &s->err), s);
    return item->archive.size;
}

static uint64_t read_fields(const struct item *item, struct scratch *s)
{
    (void)s;
    mia_view message = mia_view_trust(MIA_TABLE_NODES, item->archive);
    mia_str sender = mia_message_sender(message), text = mia_message_text_content(message);
    return sender.size + text.size + (uint8_t)sender.data[0] + (uint8_t)text.data[0];
}

static uint64_t look_up(const struct item *item, struct scratch *s)
{
    (void)s;
    mia_json importance;
    mia_view message = mia_view_trust(MIA_TABLE_NODES, item->archive);
    if (!mia_json_get(mia_message_metadata(message), MIA_STR("importance"), &importance))
        die("no importance");
    return (uint64_t)mia_json_int(importance);
}

static uint64_t multiply(const struct item *item, struct scratch *s)
{
    (void)s;
    mia_view embedding = mia_view_trust(MIA_TABLE_EMBEDDINGS, item->archive);
    mia_floats vector = mia_embedding_vector(embedding), other = vector;
    uint32_t bits;
    __asm__("" : "+r"(other.data)); /* the compiler must not see that it is the same vector */
    float sum = mia_floats_dot(vector, other);
    memcpy(&bits, &sum, sizeof bits);
    return bits;
}

/* Each with a loop of its own, as the peer has it: a call for each item would be measured too. */
#define OVER_GROUP(name)                                                                           \
    static uint64_t name##_group(const struct group *group, struct scratch *s)                     \
    {                                                                                              \
        uint64_t sum = 0;                                                                          \
        for (uint32_t i = 0; i < group->count; i++)                                                \
            sum += name(&group->items[i], s);                                                      \
        return sum;                                                                                \
    }
OVER_GROUP(transcode)
OVER_GROUP(transcode_back)
OVER_GROUP(check_archive)
OVER_GROUP(read_fields)
OVER_GROUP(look_up)
OVER_GROUP(multiply)

/* ---------------------------------------------------------------- measuring */

enum { GROUPS_MOST = 64 };

struct measure {
    enum peer_operation operation;
    uint64_t (*ours)(const struct group *group, struct scratch *s);
    struct peer *peer;
    struct scratch *scratch;
    uint32_t group, times;
    struct outcome last[2]; /* of us, of the peer */
    double best[GROUPS_MOST], medians[GROUPS_MOST];
    size_t measured;
};

static double run_ours(void *ctx)
{
    struct measure *m = ctx;
    const struct group *group = &m->peer->groups[m->group];
    struct outcome *o = &m->last[0];
    uint64_t sum = 0, allocations = allocations_seen();
    double start = now_seconds();
    for (uint32_t n = 0; n < m->times; n++)
        sum += m->ours(group, m->scratch);
    o->seconds = now_seconds() - start;
    o->allocations = allocations_seen() - allocations;
    o->sum = sum;
    return o->seconds;
}

static double run_peer(void *ctx)
{
    struct measure *m = ctx;
    m->last[1] = peer_run(m->peer, m->operation, m->group, m->times);
    return m->last[1].seconds;
}

static void measure(struct measure *m, unsigned rounds)
{
    struct contender contenders[] = {
        {.name = "libmia", .run = run_ours, .ctx = m},
        {.name = "Rust", .run = run_peer, .ctx = m},
    };
    const struct group *group = &m->peer->groups[m->group];
    m->times = 1;
    run_ours(m);
    double once = run_ours(m);
    m->times = once < slice_seconds ? (uint32_t)(slice_seconds / once) + 1 : 1;
    rounds_run(contenders, LENGTH(contenders), rounds);
    if (m->last[0].sum != m->last[1].sum)
        die("%s: the two sides came to different results", group->name);
    const struct contender *ours = &contenders[0], *rust = &contenders[1];
    double records = (double)m->times * group->count, ns = 1e9 / records;
    m->best[m->measured] = rust->min / ours->min;
    m->medians[m->measured++] = rounds_ratio(rust, ours, rounds);
    printf("  %-24s %9.1f %9.1f %9.1f %9.1f %8.2f %8.2f %7.2f %7.2f\n", group->name, ours->min * ns,
           ours->median * ns, rust->min * ns, rust->median * ns, rust->min / ours->min,
           rust->median / ours->median, (double)m->last[0].allocations / records,
           (double)m->last[1].allocations / records);
    fflush(stdout);
}

static int by_number(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

/* Of the kinds of records the slowest and the middle one. */
static void note(struct measure *m, const char *name, double limit, const char *why)
{
    char what[128];
    const char *const which[] = {"slowest kind", "middle kind"};
    if (m->measured == 0)
        return;
    qsort(m->best, m->measured, sizeof *m->best, by_number);
    qsort(m->medians, m->measured, sizeof *m->medians, by_number);
    for (size_t i = 0; i < LENGTH(which); i++) {
        size_t at = i == 0 ? 0 : m->measured / 2;
        snprintf(what, sizeof what, "%s%s%s", name, m->measured > 1 ? ", " : "",
                 m->measured > 1 ? which[i] : "");
        goal_note(&(struct goal){.area = "records",
                                 .what = what,
                                 .peer = "the Rust crates",
                                 .is = GOAL_AT_LEAST,
                                 .limit = limit,
                                 .best = m->best[at],
                                 .median = m->medians[at],
                                 .why = why});
        if (m->measured == 1)
            break;
    }
}

static const struct {
    const char *name;
    enum peer_operation operation;
    uint64_t (*ours)(const struct group *group, struct scratch *s);
    const char *only; /* the group to measure; NULL: each */
    double limit;     /* times as fast */
    const char *why;
} measures[] = {
    {"bincode to archive", PEER_TRANSCODE, transcode_group, NULL, 5,
     "the text of the metadata, more than half of the instructions: it is parsed to a tree, its "
     "keys are hashed, and what belongs to a map's entries is laid out before them"},
    {"archive to bincode, checked", PEER_TRANSCODE_BACK, transcode_back_group, NULL, 2,
     "every archive is checked first, and members are sorted by their keys"},
    {"check of an archive", PEER_CHECK, check_archive_group, NULL, 2,
     "looking every key of a map up and comparing its control bytes, which rkyv does not do: half "
     "of the time of 40 keys, a fifth of the instructions of a message"},
    {"two texts of a message", PEER_READ_FIELDS, read_fields_group, "Message", 1, NULL},
    {"a key of its metadata", PEER_LOOK_UP, look_up_group, "Message", 1, NULL},
    {"a key of its metadata of 40", PEER_LOOK_UP, look_up_group, "Message, large", 1, NULL},
    {"dot product of 384 floats", PEER_MULTIPLY, multiply_group, "Embedding", 1, NULL},
};

static bool is_wanted(const char *only, const char *group, const char *beginning)
{
    return (only == NULL || strcmp(only, group) == 0) &&
           strncmp(group, beginning, strlen(beginning)) == 0;
}

int main(int argc, char **argv)
{
    struct peer peer = {0};
    struct scratch scratch = {0};
    if (argc < 2 || argc > 4)
        die("usage: bench_model BENCH_MODELS [ROUNDS [RECORDS]]");
    long rounds = argc > 2 ? strtol(argv[2], NULL, 10) : 31;
    if (rounds < 1 || rounds > ROUNDS_MAX)
        die("%s: 1 to %d rounds", argv[2], ROUNDS_MAX);
    peer_start(&peer, argv[1]);
    machine_print(".");
    printf("%ld rounds, ns a record\n", rounds);
    printf("%-26s %9s %9s %9s %9s %8s %8s %7s %7s\n", "", "libmia", "", "Rust", "", "factor", "",
           "allocs", "");
    printf("%-26s %9s %9s %9s %9s %8s %8s %7s %7s\n", "", "min", "median", "min", "median", "min",
           "median", "libmia", "Rust");
    for (size_t i = 0; i < LENGTH(measures); i++) {
        struct measure m = {.operation = measures[i].operation,
                            .ours = measures[i].ours,
                            .peer = &peer,
                            .scratch = &scratch};
        printf("%s\n", measures[i].name);
        for (m.group = 0; m.group < peer.group_count; m.group++)
            if (is_wanted(measures[i].only, peer.groups[m.group].name, argc > 3 ? argv[3] : ""))
                measure(&m, (unsigned)rounds);
        note(&m, measures[i].name, measures[i].limit, measures[i].why);
    }
    mia__transcoder_free(&scratch.transcoder);
    mia__buf_free(&scratch.out);
    peer_stop(&peer);
    return 0;
}
