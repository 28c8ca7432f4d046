/* engine/plain_map.c - a sorted array of pairs */
#include "engine/plain_map.h"

#include <stdlib.h>

struct plain_pair {
    size_t owners, key_size, value_size;
    uint8_t bytes[]; /* key, value */
};

void *plain_alloc(void *old, size_t size)
{
    void *at = realloc(old, size > 0 ? size : 1);
    if (at == NULL)
        abort();
    return at;
}

static void release(struct plain_pair *pair)
{
    if (--pair->owners == 0)
        free(pair);
}

mia_slice plain_map_key(const struct plain_map *map, size_t at)
{
    const struct plain_pair *pair = map->pairs[at];
    return (mia_slice){pair->bytes, pair->key_size};
}

mia_slice plain_map_value(const struct plain_map *map, size_t at)
{
    const struct plain_pair *pair = map->pairs[at];
    return (mia_slice){pair->bytes + pair->key_size, pair->value_size};
}

size_t plain_map_find(const struct plain_map *map, mia_slice key, bool *found)
{
    size_t low = 0, high = map->count;
    *found = false;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = mia_slice_compare(plain_map_key(map, middle), key);
        if (order == 0)
            *found = true;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

void plain_map_put(struct plain_map *map, mia_slice key, mia_slice value)
{
    struct plain_pair *pair = plain_alloc(NULL, sizeof *pair + key.size + value.size);
    *pair = (struct plain_pair){.owners = 1, .key_size = key.size, .value_size = value.size};
    if (key.size > 0)
        memcpy(pair->bytes, key.data, key.size);
    if (value.size > 0)
        memcpy(pair->bytes + key.size, value.data, value.size);
    bool found;
    size_t at = plain_map_find(map, key, &found);
    if (found) {
        release(map->pairs[at]);
        map->pairs[at] = pair;
        return;
    }
    if (map->count == map->capacity) {
        map->capacity = map->capacity * 2 + 16;
        map->pairs = plain_alloc(map->pairs, map->capacity * sizeof *map->pairs);
    }
    memmove(map->pairs + at + 1, map->pairs + at, (map->count - at) * sizeof *map->pairs);
    map->pairs[at] = pair;
    map->count++;
}

void plain_map_remove(struct plain_map *map, size_t at)
{
    release(map->pairs[at]);
    map->count--;
    memmove(map->pairs + at, map->pairs + at + 1, (map->count - at) * sizeof *map->pairs);
}

void plain_map_copy(struct plain_map *to, const struct plain_map *from)
{
    *to = (struct plain_map){.count = from->count, .capacity = from->count};
    to->pairs = plain_alloc(NULL, from->count * sizeof *to->pairs);
    for (size_t i = 0; i < from->count; i++) {
        to->pairs[i] = from->pairs[i];
        to->pairs[i]->owners++;
    }
}

void plain_map_free(struct plain_map *map)
{
    for (size_t i = 0; i < map->count; i++)
        release(map->pairs[i]);
    free(map->pairs);
    *map = (struct plain_map){0};
}
