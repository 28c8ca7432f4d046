/* support/process.c - the test program in another role */
#include "support/process.h"

#include "support/check.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

bool test_role(int argc, char **argv, const struct test_role *roles, size_t count, int *code)
{
    if (argc != 4)
        return false;
    for (size_t i = 0; i < count; i++) {
        if (strcmp(argv[1], roles[i].name) == 0) {
            *code = roles[i].play(argv[2], argv[3]);
            return true;
        }
    }
    return false;
}

struct test_process test_start(const char *role, const char *path, const char *argument)
{
    int pipe_ends[2];
    struct test_process process;
    posix_spawn_file_actions_t actions;
    char *argv[] = {"test", (char *)(uintptr_t)role, (char *)(uintptr_t)path,
                    (char *)(uintptr_t)argument, NULL};
    assert_int_equal(pipe2(pipe_ends, O_CLOEXEC), 0);
    assert_int_equal(posix_spawn_file_actions_init(&actions), 0);
    assert_int_equal(posix_spawn_file_actions_adddup2(&actions, pipe_ends[1], STDOUT_FILENO), 0);
    assert_int_equal(posix_spawn(&process.pid, "/proc/self/exe", &actions, NULL, argv, environ), 0);
    posix_spawn_file_actions_destroy(&actions);
    close(pipe_ends[1]);
    process.out = pipe_ends[0];
    return process;
}

void test_say_ready(void)
{
    if (write(STDOUT_FILENO, "!", 1) != 1)
        _exit(99);
}

bool test_wait_ready(struct test_process *process)
{
    char byte;
    return read(process->out, &byte, 1) == 1 && byte == '!';
}

void test_kill(struct test_process *process)
{
    kill(process->pid, SIGKILL);
    assert_int_equal(test_end(process), -SIGKILL);
}

int test_end(struct test_process *process)
{
    int status;
    pid_t pid;
    do
        pid = waitpid(process->pid, &status, 0);
    while (pid < 0 && errno == EINTR);
    assert_int_equal(pid, process->pid);
    close(process->out);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

int test_run(const char *role, const char *path, const char *argument)
{
    struct test_process process = test_start(role, path, argument);
    return test_end(&process);
}
