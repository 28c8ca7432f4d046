/* program.c - posix_spawn, a pipe, waitpid, /proc */
#include "program.h"

#include "rounds.h"

#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <poll.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

/* Not by wait4: that counts this program's own memory, which the child had before it was another.
 */
static void note_memory(pid_t pid, struct program *program)
{
    char path[64], line[256];
    long kib;
    snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
    FILE *file = fopen(path, "r");
    while (file != NULL && fgets(line, sizeof line, file) != NULL)
        if (sscanf(line, "RssAnon: %ld kB", &kib) == 1 && kib > program->max_anon_kib)
            program->max_anon_kib = kib;
        else if (sscanf(line, "VmHWM: %ld kB", &kib) == 1 && kib > program->max_rss_kib)
            program->max_rss_kib = kib;
    if (file != NULL)
        fclose(file);
}

/* Reads to the end, so that the program never waits for us; keeps the beginning. */
static void drain(int fd, pid_t pid, struct program *program)
{
    enum { EVERY_MS = 3 };
    char rest[65536];
    size_t kept = 0;
    ssize_t n = 1;
    struct pollfd wait = {.fd = fd, .events = POLLIN};
    while (n != 0) {
        note_memory(pid, program);
        if (poll(&wait, 1, EVERY_MS) <= 0)
            continue;
        n = read(fd, rest, sizeof rest);
        if (n < 0 && errno != EINTR)
            die("read: %s", strerror(errno));
        for (ssize_t i = 0; i < n && kept + 1 < sizeof program->line; i++)
            program->line[kept++] = rest[i];
    }
    program->line[kept] = '\0';
    program->line[strcspn(program->line, "\n")] = '\0';
}

static pid_t start(const char *const *arguments, int fds[2])
{
    posix_spawn_file_actions_t actions;
    pid_t pid;
    if (pipe2(fds, O_CLOEXEC) != 0)
        die("pipe: %s", strerror(errno));
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, fds[1], STDOUT_FILENO);
    int failed =
        posix_spawnp(&pid, arguments[0], &actions, NULL, (char *const *)arguments, environ);
    if (failed != 0)
        die("%s: %s", arguments[0], strerror(failed));
    posix_spawn_file_actions_destroy(&actions);
    close(fds[1]);
    return pid;
}

double program_run(struct program *program)
{
    int status, fds[2];
    double began = now_seconds();
    pid_t pid = start(program->arguments, fds);
    drain(fds[0], pid, program);
    close(fds[0]);
    if (waitpid(pid, &status, 0) < 0)
        die("waitpid: %s", strerror(errno));
    double seconds = now_seconds() - began;
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        die("%s %s failed", program->arguments[0], program->arguments[1]);
    return seconds;
}

void program_call(const char *const *arguments)
{
    struct program program = {0};
    for (size_t i = 0; i < PROGRAM_ARGUMENTS - 1 && arguments[i] != NULL; i++)
        program.arguments[i] = arguments[i];
    program_run(&program);
}

void remove_tree(const char *path)
{
    program_call((const char *const[]){"rm", "-rf", path, NULL});
}

double tree_bytes(const char *path)
{
    char *const paths[] = {(char *)path, NULL};
    double bytes = 0;
    FTS *walk = fts_open(paths, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
    if (walk == NULL)
        die("%s: %s", path, strerror(errno));
    for (FTSENT *entry; (entry = fts_read(walk)) != NULL;)
        if (entry->fts_info == FTS_F)
            bytes += (double)entry->fts_statp->st_size;
    fts_close(walk);
    return bytes;
}
