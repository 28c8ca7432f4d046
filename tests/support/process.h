/*
 * support/process.h - the test program itself, started again in another role
 *
 * An open database must not be used in a forked child, so a second process is always a fresh one:
 * the program calls itself with the name of a role. main() asks test_role first.
 */
#ifndef MIA_TEST_PROCESS_H
#define MIA_TEST_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct test_role {
    const char *name;
    int (*play)(const char *path, const char *argument); /* its answer is the exit code */
};
/* True if the program was started in a role; *code is what main must return then. */
bool test_role(int argc, char **argv, const struct test_role *roles, size_t count, int *code);

struct test_process {
    pid_t pid;
    int out; /* what it prints */
};
struct test_process test_start(const char *role, const char *path, const char *argument);
/* Says to the parent that a point is reached; called in the role. */
void test_say_ready(void);
/* Waits for that; false: the process ended before. */
bool test_wait_ready(struct test_process *process);
/* Ends it at once, as a crash or the kernel would. */
void test_kill(struct test_process *process);
/* Waits for its end: the exit code, or minus the number of the signal that ended it. */
int test_end(struct test_process *process);
/* test_start and test_end. */
int test_run(const char *role, const char *path, const char *argument);

#endif
