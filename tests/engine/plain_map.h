/* engine/plain_map.h - a sorted array of pairs; copies share the pairs */
#ifndef MIA_TEST_ENGINE_PLAIN_MAP_H
#define MIA_TEST_ENGINE_PLAIN_MAP_H

#include "mia/status.h"

struct plain_pair; /* immutable, counted; the counts belong to whoever locks the maps */

struct plain_map {
    struct plain_pair **pairs;
    size_t count, capacity;
};

/* Where key is or would be: the index of the first pair that is not below it. */
size_t plain_map_find(const struct plain_map *map, mia_slice key, bool *found);
mia_slice plain_map_key(const struct plain_map *map, size_t at);
mia_slice plain_map_value(const struct plain_map *map, size_t at);

void plain_map_put(struct plain_map *map, mia_slice key, mia_slice value);
void plain_map_remove(struct plain_map *map, size_t at);
void plain_map_copy(struct plain_map *to, const struct plain_map *from);
void plain_map_free(struct plain_map *map); /* leaves an empty one */

/* malloc and realloc that end the program when there is no memory. */
void *plain_alloc(void *old, size_t size);

#endif
