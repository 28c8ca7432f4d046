/* peer.c - two pipes to a program of interop/ */
#include "peer.h"

#include "base/bytes.h"
#include "rounds.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void read_all(struct peer *peer, void *to, size_t size)
{
    if (fread(to, 1, size, peer->from) != size)
        die("the Rust program ended too early");
}

static uint32_t read_number(struct peer *peer)
{
    uint8_t bytes[4];
    read_all(peer, bytes, sizeof bytes);
    return mia__load_u32le(bytes);
}

static mia_slice read_bytes(struct peer *peer)
{
    size_t size = read_number(peer);
    void *bytes = malloc(size + 1);
    if (bytes == NULL)
        die("no memory for %zu bytes", size);
    read_all(peer, bytes, size);
    return (mia_slice){bytes, size};
}

static void read_group(struct peer *peer, struct group *group)
{
    mia_slice name = read_bytes(peer);
    snprintf(group->name, sizeof group->name, "%.*s", (int)name.size, (const char *)name.data);
    free((void *)(uintptr_t)name.data);
    group->count = read_number(peer);
    group->items = calloc(group->count, sizeof *group->items);
    if (group->items == NULL)
        die("no memory for %u records", group->count);
    for (uint32_t i = 0; i < group->count; i++) {
        uint8_t kind;
        read_all(peer, &kind, 1);
        group->items[i].kind = kind;
        group->items[i].bincode = read_bytes(peer);
        group->items[i].archive = read_bytes(peer);
    }
}

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

void peer_start(struct peer *peer, const char *program)
{
    int down[2], up[2];
    if (pipe(down) != 0 || pipe(up) != 0 || (peer->pid = fork()) < 0)
        die("%s: %s", program, strerror(errno));
    if (peer->pid == 0)
        become(program, down, up);
    close(down[0]);
    close(up[1]);
    peer->to = fdopen(down[1], "w");
    peer->from = fdopen(up[0], "r");
    if (peer->to == NULL || peer->from == NULL)
        die("%s: %s", program, strerror(errno));
    peer->group_count = read_number(peer);
    peer->groups = calloc(peer->group_count, sizeof *peer->groups);
    if (peer->groups == NULL)
        die("no memory for %u groups", peer->group_count);
    for (uint32_t i = 0; i < peer->group_count; i++)
        read_group(peer, &peer->groups[i]);
}

struct outcome peer_run(struct peer *peer, enum peer_operation operation, uint32_t group,
                        uint32_t times)
{
    uint8_t question[6] = {(uint8_t)operation, (uint8_t)group}, answer[3 * sizeof(uint64_t)];
    mia__store_u32le(question + 2, times);
    if (fwrite(question, 1, sizeof question, peer->to) != sizeof question || fflush(peer->to) != 0)
        die("the Rust program does not listen: %s", strerror(errno));
    read_all(peer, answer, sizeof answer);
    return (struct outcome){(double)mia__load_u64le(answer) / 1e9, mia__load_u64le(answer + 8),
                            mia__load_u64le(answer + 16)};
}

void peer_stop(struct peer *peer)
{
    int status;
    fclose(peer->to);
    fclose(peer->from);
    if (waitpid(peer->pid, &status, 0) != peer->pid || status != 0)
        die("the Rust program failed");
    for (uint32_t g = 0; g < peer->group_count; g++) {
        struct group *group = &peer->groups[g];
        for (uint32_t i = 0; i < group->count; i++) {
            free((void *)(uintptr_t)group->items[i].bincode.data);
            free((void *)(uintptr_t)group->items[i].archive.data);
        }
        free(group->items);
    }
    free(peer->groups);
}
