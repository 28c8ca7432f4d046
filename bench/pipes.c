/* pipes.c - two pipes to a program of interop/ */
#include "pipes.h"

#include "base/bytes.h"
#include "rounds.h"

#include <errno.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* The child's side: its standard streams become the pipes' ends. */
static _Noreturn void become(const char *program, const int down[2], const int up[2])
{
    dup2(down[0], STDIN_FILENO);
    dup2(up[1], STDOUT_FILENO);
    close(down[1]);
    close(up[0]);
    execl(program, program, (char *)NULL);
    die("%s: %s", program, strerror(errno));
}

void pipes_start(struct pipes *pipes, const char *program)
{
    int down[2], up[2];
    if (pipe(down) != 0 || pipe(up) != 0 || (pipes->pid = fork()) < 0)
        die("%s: %s", program, strerror(errno));
    if (pipes->pid == 0)
        become(program, down, up);
    close(down[0]);
    close(up[1]);
    pipes->to = fdopen(down[1], "w");
    pipes->from = fdopen(up[0], "r");
    if (pipes->to == NULL || pipes->from == NULL)
        die("%s: %s", program, strerror(errno));
}

void pipes_read(struct pipes *pipes, void *to, size_t size)
{
    if (fflush(pipes->to) != 0)
        die("the Rust program does not listen: %s", strerror(errno));
    if (fread(to, 1, size, pipes->from) != size)
        die("the Rust program ended too early");
}

uint32_t pipes_read_number(struct pipes *pipes)
{
    uint8_t bytes[4];
    pipes_read(pipes, bytes, sizeof bytes);
    return mia__load_u32le(bytes);
}

void pipes_write(struct pipes *pipes, const void *bytes, size_t size)
{
    if (fwrite(bytes, 1, size, pipes->to) != size)
        die("the Rust program does not listen: %s", strerror(errno));
}

void pipes_write_number(struct pipes *pipes, uint32_t n)
{
    uint8_t bytes[4];
    mia__store_u32le(bytes, n);
    pipes_write(pipes, bytes, sizeof bytes);
}

void pipes_write_sized(struct pipes *pipes, const void *bytes, size_t size)
{
    pipes_write_number(pipes, (uint32_t)size);
    pipes_write(pipes, bytes, size);
}

void pipes_stop(struct pipes *pipes)
{
    int status;
    fclose(pipes->to);
    fclose(pipes->from);
    if (waitpid(pipes->pid, &status, 0) != pipes->pid || status != 0)
        die("the Rust program failed");
}
