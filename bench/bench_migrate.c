/*
 * bench_migrate.c - how long a migration takes, against a hand-written loop and against cp
 *
 *   bench_migrate MIA INTEROP_BIN DIR RECORDS [ROUNDS]
 *
 * MIA is the tool, INTEROP_BIN the folder with plain-loop, DIR a new directory for the databases.
 * One sled database is made with `mia sample`; then, in interleaved rounds:
 *   cp -r and sync                   no more can be done than copying the files
 *   plain-loop                       sled iterator to mdbx_put, the program one would write
 *   plain-loop --verify              the same, then every pair read again on both sides
 *   mia migrate --raw --no-verify    copies
 *   mia migrate --raw                copies and verifies: the default
 * plain-loop opens the source in place, as it must; it gets a copy of its own.
 */
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
    char loop[PATH_SIZE];
    char source[PATH_SIZE], peer[PATH_SIZE], target[PATH_SIZE];
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

static void read_arguments(char **argv)
{
    setting.mia = argv[1];
    setting.dir = argv[3];
    setting.records = argv[4];
    snprintf(setting.loop, PATH_SIZE, "%s/plain-loop", argv[2]);
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
}

enum { CP, LOOP, LOOP_VERIFY, MIGRATE, MIGRATE_VERIFY, COMMANDS };

static struct program commands[COMMANDS] = {
    [CP] = {.arguments = {"sh", "-c", "cp -r \"$1\" \"$2\" && sync -f \"$2\"", "cp", setting.source,
                          setting.target}},
    [LOOP] = {.arguments = {setting.loop, setting.peer, setting.target}},
    [LOOP_VERIFY] = {.arguments = {setting.loop, setting.peer, setting.target, "--verify"}},
    [MIGRATE] = {.arguments = {"mia", "migrate", "--raw", "--no-verify", "--quiet", setting.source,
                               setting.target}},
    [MIGRATE_VERIFY] = {.arguments = {"mia", "migrate", "--raw", "--quiet", setting.source,
                                      setting.target}},
};

static void print_table(const struct contender *contenders, long rounds)
{
    machine_print(setting.dir);
    printf("%s records, sled %.1f MB, %ld rounds; source in the page cache\n", setting.records,
           tree_bytes(setting.source) / 1e6, rounds);
    printf("%-32s %8s %8s %9s %9s %9s\n", "", "min s", "median s", "x cp", "x loop", "RSS MiB");
    for (int i = 0; i < COMMANDS; i++) {
        const struct contender *c = &contenders[i], *loop = &contenders[LOOP];
        if (i == LOOP_VERIFY || i == MIGRATE_VERIFY) /* each against a loop that does as much */
            loop = &contenders[LOOP_VERIFY];
        printf("%-32s %8.3f %8.3f %9.2f %9.2f %9.0f\n", c->name, c->min, c->median,
               c->median / contenders[CP].median, c->median / loop->median,
               (double)commands[i].max_rss_kib / 1024);
    }
}

int main(int argc, char **argv)
{
    struct contender contenders[COMMANDS] = {
        [CP] = {.name = "cp -r and sync"},
        [LOOP] = {.name = "plain-loop"},
        [LOOP_VERIFY] = {.name = "plain-loop --verify"},
        [MIGRATE] = {.name = "mia migrate --raw --no-verify"},
        [MIGRATE_VERIFY] = {.name = "mia migrate --raw"},
    };
    if (argc < 5 || argc > 6)
        die("usage: bench_migrate MIA INTEROP_BIN DIR RECORDS [ROUNDS]");
    long rounds = argc > 5 ? strtol(argv[5], NULL, 10) : 5;
    if (rounds < 1 || rounds > ROUNDS_MAX)
        die("%s: 1 to %d rounds", argv[5], ROUNDS_MAX);
    read_arguments(argv);
    make_databases();
    commands[MIGRATE].arguments[0] = commands[MIGRATE_VERIFY].arguments[0] = setting.mia;
    for (int i = 0; i < COMMANDS; i++) {
        contenders[i].before = clean_up;
        contenders[i].run = run_command;
        contenders[i].ctx = &commands[i];
    }
    rounds_run(contenders, COMMANDS, (unsigned)rounds);
    print_table(contenders, rounds);
    remove_tree(setting.dir);
    return 0;
}
