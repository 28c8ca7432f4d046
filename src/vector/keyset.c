/* vector/keyset.c - open addressing, at most half full: 16 to 32 bytes a key */
#include "vector/keyset.h"

#include "base/error.h"
#include "base/memory.h"

enum { LEAST_SLOTS = 64 };

/* Where the key is, or would be. Keys are numbers one after the other: the factor spreads them. */
static size_t place(const uint64_t *slots, size_t size, uint64_t key)
{
    size_t at = (size_t)((key * UINT64_C(0x9e3779b97f4a7c15)) >> 32) & (size - 1);
    while (slots[at] != 0 && slots[at] != key + 1)
        at = (at + 1) & (size - 1);
    return at;
}

static mia_status grow(struct mia__keyset *set, struct mia_error *err)
{
    size_t size = set->size > 0 ? 2 * set->size : LEAST_SLOTS;
    uint64_t *slots = mia__alloc_array(size, sizeof *slots);
    if (slots == NULL)
        return mia__fail_nomem(err);
    for (size_t i = 0; i < set->size; i++)
        if (set->slots[i] != 0)
            slots[place(slots, size, set->slots[i] - 1)] = set->slots[i];
    mia__free(set->slots);
    set->slots = slots;
    set->size = size;
    return MIA_OK;
}

mia_status mia__keyset_add(struct mia__keyset *set, uint64_t key, struct mia_error *err)
{
    if (mia__keyset_has(set, key))
        return MIA_OK;
    if (2 * (set->count + 1) > set->size) {
        mia_status rc = grow(set, err);
        if (rc < 0)
            return rc;
    }
    set->slots[place(set->slots, set->size, key)] = key + 1;
    set->count++;
    return MIA_OK;
}

bool mia__keyset_has(const struct mia__keyset *set, uint64_t key)
{
    return set->count > 0 && set->slots[place(set->slots, set->size, key)] != 0;
}

size_t mia__keyset_bytes(const struct mia__keyset *set)
{
    return set->size * sizeof *set->slots;
}

void mia__keyset_free(struct mia__keyset *set)
{
    mia__free(set->slots);
    memset(set, 0, sizeof *set);
}
