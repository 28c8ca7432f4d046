/*
 * bench_migrate.c - how long a migration takes, against what is possible and what one would write
 *
 *   bench_migrate MIA INTEROP_BIN DIR RECORDS [ROUNDS]
 *
 * MIA is the tool, INTEROP_BIN the folder with plain-loop and plain-migrate, DIR a new directory
 * for the databases. One sled database is made with `mia sample`; then, in interleaved rounds: cp
 * -r and sync                      for scale: the files of sled, copied plain-loop [--verify] sled
 * iterator to mdbx_put, every tree as it is mia migrate --raw [--no-verify]     the same with all
 * that mia does append                              the physical bound: append.h, all final pairs
 *   append, without indexes             the same without those of the indexes
 *   plain-migrate                       bincode, rkyv and libmdbx by hand, nothing verified
 *   mia migrate --no-index --no-verify  reads, transcodes and writes
 *   mia migrate --no-index              and verifies
 *   mia migrate --no-verify             with the indexes
 *   mia migrate                         all of it: the default
 * The loops open the source in place, as they must; they get a copy of their own.
 */
#include "append.h"
#include "goals.h"
#include "program.h"
#include "rounds.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_SIZE = 4096 };

static struct {
    const char *mia, *dir, *records;
    char loop[PATH_SIZE], by_hand[PATH_SIZE];
    char source[PATH_SIZE], peer[PATH_SIZE], target[PATH_SIZE];
    struct append_set *all, *records_only;
} setting;

/* What the run before left behind is on disk and not in this one's way. */
static void clean_up(void *ctx)
{
    (void)ctx;
    remove_tree(setting.target);
    sync();
}

static double run_command(void *ctx)
{
    return program_run(ctx);
}

static double run_append(void *ctx)
{
    struct append_set *const *set = ctx;
    return append_run(*set, setting.target);
}

static void read_arguments(char **argv)
{
    setting.mia = argv[1];
    setting.dir = argv[3];
    setting.records = argv[4];
    snprintf(setting.loop, PATH_SIZE, "%s/plain-loop", argv[2]);
    snprintf(setting.by_hand, PATH_SIZE, "%s/plain-migrate", argv[2]);
    snprintf(setting.source, PATH_SIZE, "%s/source.sled", setting.dir);
    snprintf(setting.peer, PATH_SIZE, "%s/peer.sled", setting.dir);
    snprintf(setting.target, PATH_SIZE, "%s/target", setting.dir);
}

static void make_databases(void)
{
    if (mkdir(setting.dir, 0755) != 0)
        die("%s: %s; name a new directory", setting.dir, strerror(errno));
    program_call((const char *const[]){setting.mia, "sample", "--quiet", "--records",
                                       setting.records, setting.source, NULL});
    /* An application has opened its database more than once: sled then has its snapshot file. */
    program_call((const char *const[]){setting.loop, setting.source, setting.target, NULL});
    program_call((const char *const[]){"cp", "-r", setting.source, setting.peer, NULL});
    remove_tree(setting.target);
    program_call((const char *const[]){setting.mia, "migrate", "--quiet", setting.source,
                                       setting.target, NULL});
    setting.all = append_load(setting.target, true);
    setting.records_only = append_load(setting.target, false);
}

enum {
    CP,
    LOOP,
    LOOP_VERIFY,
    RAW,
    RAW_VERIFY,
    APPEND,
    APPEND_RECORDS,
    BY_HAND,
    TYPED,
    TYPED_VERIFY,
    INDEXED,
    DEFAULT,
    CONTENDERS
};

static const struct {
    const char *name;
    struct program program; /* "mia" stands for the tool; no arguments: an append */
    int against;            /* who does as much; itself: nobody */
} rows[CONTENDERS] = {
    [CP] = {"cp -r and sync",
            {.arguments = {"sh", "-c", "cp -r \"$1\" \"$2\" && sync -f \"$2\"", "cp",
                           setting.source, setting.target}},
            CP},
    [LOOP] = {"plain-loop", {.arguments = {setting.loop, setting.peer, setting.target}}, LOOP},
    [LOOP_VERIFY] = {"plain-loop --verify",
                     {.arguments = {setting.loop, setting.peer, setting.target, "--verify"}},
                     LOOP_VERIFY},
    [RAW] = {"mia migrate --raw --no-verify",
             {.arguments = {"mia", "migrate", "--raw", "--no-verify", "--quiet", setting.source,
                            setting.target}},
             LOOP},
    [RAW_VERIFY] = {"mia migrate --raw",
                    {.arguments = {"mia", "migrate", "--raw", "--quiet", setting.source,
                                   setting.target}},
                    LOOP_VERIFY},
    [APPEND] = {.name = "append", .against = APPEND},
    [APPEND_RECORDS] = {.name = "append, without indexes", .against = APPEND_RECORDS},
    [BY_HAND] = {"plain-migrate",
                 {.arguments = {setting.by_hand, setting.peer, setting.target}},
                 APPEND_RECORDS},
    [TYPED] = {"mia migrate --no-index --no-verify",
               {.arguments = {"mia", "migrate", "--no-index", "--no-verify", "--quiet",
                              setting.source, setting.target}},
               APPEND_RECORDS},
    [TYPED_VERIFY] = {"mia migrate --no-index",
                      {.arguments = {"mia", "migrate", "--no-index", "--quiet", setting.source,
                                     setting.target}},
                      APPEND_RECORDS},
    [INDEXED] = {"mia migrate --no-verify",
                 {.arguments = {"mia", "migrate", "--no-verify", "--quiet", setting.source,
                                setting.target}},
                 APPEND},
    [DEFAULT] = {"mia migrate",
                 {.arguments = {"mia", "migrate", "--quiet", setting.source, setting.target}},
                 APPEND},
};

static void print_table(const struct contender *contenders, const struct program *programs,
                        unsigned rounds)
{
    machine_print(setting.dir);
    printf("%s records, sled %.1f MB, %u rounds; source in the page cache\n"
           "ratios: medians over rounds; against: the one above that does as much\n",
           setting.records, tree_bytes(setting.source) / 1e6, rounds);
    printf("%-36s %8s %8s %8s %9s %9s %9s\n", "", "min s", "median s", "x cp", "x against",
           "anon MiB", "RSS MiB");
    for (int i = 0; i < CONTENDERS; i++) {
        const struct contender *c = &contenders[i];
        printf("%-36s %8.3f %8.3f %8.2f %9.2f", c->name, c->min, c->median, c->ratio,
               rounds_ratio(c, &contenders[rows[i].against], rounds));
        if (c->run == run_command)
            printf(" %9.0f %9.0f", (double)programs[i].max_anon_kib / 1024,
                   (double)programs[i].max_rss_kib / 1024);
        printf("\n");
    }
    printf("plain-migrate takes %.2f times as long as mia migrate --no-index --no-verify\n",
           rounds_ratio(&contenders[BY_HAND], &contenders[TYPED], rounds));
}

struct wanted {
    const char *what;
    int slow, fast; /* the ratio of their times */
    enum goal_is is;
    double limit;
    const char *why;
};

static const struct wanted wanted[] = {
    {"migrate, records, not verified", TYPED, APPEND_RECORDS, GOAL_AT_MOST, 1.15,
     "opening the source: its log is checked before anything is written"},
    {"migrate, records, verified", TYPED_VERIFY, APPEND_RECORDS, GOAL_AT_MOST, 1.5,
     "two cores: verification reads, encodes and hashes everything once more"},
    {"migrate with indexes, not verified", INDEXED, APPEND, GOAL_AT_MOST, 1.15,
     "two cores: reading, encoding and sorting take as long as the appending that they are "
     "measured by"},
    {"migrate with indexes, verified", DEFAULT, APPEND, GOAL_AT_MOST, 1.5,
     "two cores: verification reads, encodes and hashes everything once more"},
    {"migrate --raw", RAW, LOOP, GOAL_AT_MOST, 1, NULL},
    {"migrate --raw, verified", RAW_VERIFY, LOOP_VERIFY, GOAL_AT_MOST, 1, NULL},
    {"plain-migrate, records, not verified", BY_HAND, TYPED, GOAL_AT_LEAST, 4,
     "the disk and libmdbx, which both wait for: see the bound"},
    {"migrate, all of it", DEFAULT, CP, GOAL_NONE, 0, NULL},
};

static const char *peer_of(const struct wanted *w)
{
    switch (w->fast) {
    case APPEND:
    case APPEND_RECORDS:
        return "the physical bound: the same pairs appended from memory, synced";
    case TYPED:
        return "mia migrate --no-index --no-verify";
    default:
        return rows[w->fast].name;
    }
}

static void note(const struct contender *contenders, const struct program *programs,
                 unsigned rounds)
{
    double mb = tree_bytes(setting.source) / 1e6;
    char what[128];
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        const struct wanted *w = &wanted[i];
        const struct contender *slow = &contenders[w->slow], *fast = &contenders[w->fast];
        snprintf(what, sizeof what, "%s, %.0f MB", w->what, mb);
        goal_note(&(struct goal){.area = "migration",
                                 .what = what,
                                 .peer = peer_of(w),
                                 .is = w->is,
                                 .limit = w->limit,
                                 .best = slow->min / fast->min,
                                 .median = rounds_ratio(slow, fast, rounds),
                                 .why = w->why});
    }
    double mib = (double)programs[DEFAULT].max_anon_kib / 1024;
    snprintf(what, sizeof what, "memory that is no file's, migrate, %.0f MB", mb);
    goal_note(&(struct goal){.area = "migration",
                             .what = what,
                             .peer = "-",
                             .is = GOAL_AT_MOST,
                             .limit = 64,
                             .best = mib,
                             .median = mib,
                             .unit = "MiB"});
}

int main(int argc, char **argv)
{
    struct contender contenders[CONTENDERS] = {0};
    struct program programs[CONTENDERS];
    if (argc < 5 || argc > 6)
        die("usage: bench_migrate MIA INTEROP_BIN DIR RECORDS [ROUNDS]");
    long rounds = argc > 5 ? strtol(argv[5], NULL, 10) : 5;
    if (rounds < 1 || rounds > ROUNDS_MAX)
        die("%s: 1 to %d rounds", argv[5], ROUNDS_MAX);
    read_arguments(argv);
    make_databases();
    for (int i = 0; i < CONTENDERS; i++) {
        programs[i] = rows[i].program;
        if (programs[i].arguments[0] != NULL && strcmp(programs[i].arguments[0], "mia") == 0)
            programs[i].arguments[0] = setting.mia;
        contenders[i] =
            (struct contender){.name = rows[i].name, .before = clean_up, .run = run_command};
        contenders[i].ctx = &programs[i];
    }
    contenders[APPEND].run = contenders[APPEND_RECORDS].run = run_append;
    contenders[APPEND].ctx = &setting.all;
    contenders[APPEND_RECORDS].ctx = &setting.records_only;
    rounds_run(contenders, CONTENDERS, (unsigned)rounds);
    print_table(contenders, programs, (unsigned)rounds);
    note(contenders, programs, (unsigned)rounds);
    append_free(setting.all);
    append_free(setting.records_only);
    remove_tree(setting.dir);
    return 0;
}
