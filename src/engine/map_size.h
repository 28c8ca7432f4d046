/* engine/map_size.h - the address space that a database takes, unless its options say otherwise */
#ifndef MIA_ENGINE_MAP_SIZE_H
#define MIA_ENGINE_MAP_SIZE_H

#include <stdint.h>

extern const uint64_t mia__map_size;

#endif
