/*
 * bench_sled.c - reading a sled database: the native reader against the real sled, and against cp
 *
 *   bench_sled MIA INTEROP_BIN DIR RECORDS [ROUNDS]
 *
 * MIA is the tool, INTEROP_BIN the folder with sled-scan, DIR a new directory for the databases.
 * One database is made with `mia sample`; then, in interleaved rounds:
 *   native reader    opens it and reads every pair of every tree in order (bench_sled --scan DIR)
 *   real sled        the same, on a private copy whose making is not counted (sled-scan DIR)
 *   cp -r            to the same file system, without sync
 *   mia dump         every pair as text, to a pipe that drops it
 *   mia migrate      raw, without verification; it waits until the disk has everything
 * Times of the first two are those of open and scan alone, inside of their processes.
 */
#include "goals.h"
#include "program.h"
#include "rounds.h"

#include "sled/database.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { PATH_SIZE = 4096 };

/* ---------------------------------------------------------------- the native reader's own run */

struct seen {
    uint64_t pairs, bytes;
};

static mia_status scan_tree(struct mia__sled_database *db, size_t tree, struct seen *seen,
                            struct mia_error *err)
{
    enum { AT_ONCE = 64 };
    struct mia__sled_cursor *cur;
    struct mia_pair pairs[AT_ONCE];
    size_t n;
    mia_status rc = mia__sled_tree_cursor(db, tree, &cur, err);
    while (rc == MIA_OK && (rc = mia__sled_cursor_next(cur, pairs, AT_ONCE, &n, err)) == MIA_OK) {
        seen->pairs += n;
        for (size_t i = 0; i < n; i++)
            seen->bytes += pairs[i].key.size + pairs[i].value.size;
    }
    mia__sled_cursor_close(cur);
    return rc == MIA_NOTFOUND ? MIA_OK : rc;
}

/* Prints what sled-scan prints, too. */
static int scan(const char *path)
{
    struct mia__sled_database *db;
    struct mia_error err;
    struct seen seen = {0};
    double start = now_seconds();
    if (mia__sled_database_open(path, NULL, &db, &err) < 0)
        die("%s", err.message);
    double opened = now_seconds();
    for (size_t i = 0; i < mia__sled_tree_count(db); i++)
        if (scan_tree(db, i, &seen, &err) < 0)
            die("%s", err.message);
    double end = now_seconds();
    printf("open %.4f scan %.4f total %.4f pairs %llu bytes %llu\n", opened - start, end - opened,
           end - start, (unsigned long long)seen.pairs, (unsigned long long)seen.bytes);
    mia__sled_database_close(db);
    return EXIT_SUCCESS;
}

/* ---------------------------------------------------------------- the contest */

static struct {
    const char *self, *mia, *dir, *records;
    char sled_scan[PATH_SIZE], source[PATH_SIZE], target[PATH_SIZE];
} setting;

enum { NATIVE, REAL, CP, DUMP, MIGRATE, PROGRAMS };

static double total_of(const struct program *program, unsigned long long *pairs)
{
    double total;
    if (sscanf(program->line, "open %*f scan %*f total %lf pairs %llu", &total, pairs) != 2)
        die("%s: said \"%s\"", program->arguments[0], program->line);
    return total;
}

static double run_scan(void *ctx)
{
    struct program *program = ctx;
    unsigned long long pairs;
    program_run(program);
    return total_of(program, &pairs);
}

static double run_command(void *ctx)
{
    return program_run(ctx);
}

static void clean_up(void *ctx)
{
    (void)ctx;
    remove_tree(setting.target);
}

static void read_arguments(char **argv)
{
    setting.self = argv[0];
    setting.mia = argv[1];
    setting.dir = argv[3];
    setting.records = argv[4];
    snprintf(setting.sled_scan, PATH_SIZE, "%s/sled-scan", argv[2]);
    snprintf(setting.source, PATH_SIZE, "%s/source.sled", setting.dir);
    snprintf(setting.target, PATH_SIZE, "%s/target", setting.dir);
    if (mkdir(setting.dir, 0755) != 0)
        die("%s: %s; name a new directory", setting.dir, strerror(errno));
    program_call((const char *const[]){setting.mia, "sample", "--quiet", "--records",
                                       setting.records, setting.source, NULL});
}

static void check_pairs(const struct program *programs)
{
    unsigned long long ours, theirs;
    total_of(&programs[NATIVE], &ours);
    total_of(&programs[REAL], &theirs);
    if (ours != theirs)
        die("the two sides saw different pairs: %llu and %llu", ours, theirs);
}

static void print_table(const struct contender *contenders, const struct program *programs,
                        long rounds)
{
    double bytes = tree_bytes(setting.source);
    machine_print(setting.dir);
    printf("%s records, sled %.1f MB, %ld rounds; source in the page cache\n", setting.records,
           bytes / 1e6, rounds);
    printf("%-32s %8s %8s %9s %8s %8s %9s\n", "", "min s", "median s", "MB/s", "x native", "x cp",
           "RSS MiB");
    for (int i = 0; i < PROGRAMS; i++) {
        const struct contender *c = &contenders[i];
        printf("%-32s %8.3f %8.3f %9.0f %8.2f %8.2f %9.0f\n", c->name, c->min, c->median,
               bytes / 1e6 / c->median, c->median / contenders[NATIVE].median,
               c->median / contenders[CP].median, (double)programs[i].max_rss_kib / 1024);
    }
}

static void note(const struct contender *contenders, long rounds)
{
    char what[96];
    snprintf(what, sizeof what, "opening and reading %.0f MB in order",
             tree_bytes(setting.source) / 1e6);
    const struct contender *ours = &contenders[NATIVE], *sled = &contenders[REAL];
    goal_note(&(struct goal){.area = "sled's files",
                             .what = what,
                             .peer = "the real sled",
                             .is = GOAL_AT_LEAST,
                             .limit = 10,
                             .best = sled->min / ours->min,
                             .median = rounds_ratio(sled, ours, (unsigned)rounds),
                             .why = "memory: each page of the map is touched for the first time"});
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "--scan") == 0)
        return scan(argv[2]);
    if (argc < 5 || argc > 6)
        die("usage: bench_sled MIA INTEROP_BIN DIR RECORDS [ROUNDS]");
    long rounds = argc > 5 ? strtol(argv[5], NULL, 10) : 5;
    if (rounds < 1 || rounds > ROUNDS_MAX)
        die("%s: 1 to %d rounds", argv[5], ROUNDS_MAX);
    read_arguments(argv);
    struct program programs[PROGRAMS] = {
        [NATIVE] = {.arguments = {setting.self, "--scan", setting.source}},
        [REAL] = {.arguments = {setting.sled_scan, setting.source}},
        [CP] = {.arguments = {"cp", "-r", setting.source, setting.target}},
        [DUMP] = {.arguments = {setting.mia, "dump", setting.source}},
        [MIGRATE] = {.arguments = {setting.mia, "migrate", "--raw", "--no-verify", "--quiet",
                                   setting.source, setting.target}},
    };
    static const char *const names[] = {"native reader", "real sled", "cp -r", "mia dump",
                                        "mia migrate --raw --no-verify"};
    struct contender contenders[PROGRAMS] = {0};
    for (int i = 0; i < PROGRAMS; i++)
        contenders[i] = (struct contender){.name = names[i],
                                           .before = clean_up,
                                           .run = i <= REAL ? run_scan : run_command,
                                           .ctx = &programs[i]};
    rounds_run(contenders, PROGRAMS, (unsigned)rounds);
    check_pairs(programs);
    print_table(contenders, programs, rounds);
    note(contenders, rounds);
    remove_tree(setting.dir);
    return EXIT_SUCCESS;
}
