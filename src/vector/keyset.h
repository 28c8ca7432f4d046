/* vector/keyset.h - a set of keys. {0} is empty; readers may share it while nobody changes it. */
#ifndef MIA_VECTOR_KEYSET_H
#define MIA_VECTOR_KEYSET_H

#include "mia/status.h"

struct mia__keyset {
    uint64_t *slots; /* keys plus one; 0 is an empty slot */
    size_t count, size;
};

/* A key that is there already stays. UINT64_MAX is no key. */
mia_status mia__keyset_add(struct mia__keyset *set, uint64_t key, struct mia_error *err);
bool mia__keyset_has(const struct mia__keyset *set, uint64_t key);
size_t mia__keyset_bytes(const struct mia__keyset *set);
void mia__keyset_free(struct mia__keyset *set);

#endif
