/* peer.c - the records of a program of interop/, and its times */
#include "peer.h"

#include "base/bytes.h"
#include "rounds.h"

#include <stdlib.h>

static mia_slice read_bytes(struct peer *peer)
{
    size_t size = pipes_read_number(&peer->pipes);
    void *bytes = malloc(size + 1);
    if (bytes == NULL)
        die("no memory for %zu bytes", size);
    pipes_read(&peer->pipes, bytes, size);
    return (mia_slice){bytes, size};
}

static void read_group(struct peer *peer, struct group *group)
{
    mia_slice name = read_bytes(peer);
    snprintf(group->name, sizeof group->name, "%.*s", (int)name.size, (const char *)name.data);
    free((void *)(uintptr_t)name.data);
    group->count = pipes_read_number(&peer->pipes);
    group->items = calloc(group->count, sizeof *group->items);
    if (group->items == NULL)
        die("no memory for %u records", group->count);
    for (uint32_t i = 0; i < group->count; i++) {
        uint8_t kind;
        pipes_read(&peer->pipes, &kind, 1);
        group->items[i].kind = kind;
        group->items[i].bincode = read_bytes(peer);
        group->items[i].archive = read_bytes(peer);
    }
}

void peer_start(struct peer *peer, const char *program)
{
    pipes_start(&peer->pipes, program);
    peer->group_count = pipes_read_number(&peer->pipes);
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
    pipes_write(&peer->pipes, question, sizeof question);
    pipes_read(&peer->pipes, answer, sizeof answer);
    return (struct outcome){(double)mia__load_u64le(answer) / 1e9, mia__load_u64le(answer + 8),
                            mia__load_u64le(answer + 16)};
}

void peer_stop(struct peer *peer)
{
    pipes_stop(&peer->pipes);
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
