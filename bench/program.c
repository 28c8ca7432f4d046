/* program.c - posix_spawn, a pipe, wait4 */
#include "program.h"

#include "rounds.h"

#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <spawn.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

/* Reads to the end, so that the program never waits for us; keeps the beginning. */
static void drain(int fd, char *line, size_t size)
{
    char rest[65536];
    size_t kept = 0;
    ssize_t n;
    while ((n = read(fd, rest, sizeof rest)) != 0) {
        if (n < 0 && errno != EINTR)
            die("read: %s", strerror(errno));
        for (ssize_t i = 0; i < n && kept + 1 < size; i++)
            line[kept++] = rest[i];
    }
    line[kept] = '\0';
    line[strcspn(line, "\n")] = '\0';
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
    struct rusage usage;
    int status, fds[2];
    double began = now_seconds();
    pid_t pid = start(program->arguments, fds);
    drain(fds[0], program->line, sizeof program->line);
    close(fds[0]);
    if (wait4(pid, &status, 0, &usage) < 0)
        die("wait4: %s", strerror(errno));
    double seconds = now_seconds() - began;
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        die("%s %s failed", program->arguments[0], program->arguments[1]);
    if (usage.ru_maxrss > program->max_rss_kib)
        program->max_rss_kib = usage.ru_maxrss;
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
