/* engine/multi/key.c - key and value in one stored key */
#include "engine/multi/internal.h"

#include "base/error.h"
#include "base/try.h"

static const uint8_t end_mark[2] = {0x00, 0x01};

mia_status mia__multi_compose(struct mia__buf *to, mia_slice key, mia_slice value,
                              struct mia_error *err)
{
    mia_status rc;
    const uint8_t *at = key.data;
    to->size = 0;
    TRY(mia__buf_reserve(to, 2 * key.size + sizeof end_mark + value.size, err));
    for (size_t i = 0; i < key.size; i++) {
        to->data[to->size++] = at[i];
        if (at[i] == 0x00)
            to->data[to->size++] = 0xff;
    }
    TRY(mia__buf_append(to, end_mark, sizeof end_mark, err));
    TRY(mia__buf_append(to, value.data, value.size, err));
done:
    return rc;
}

mia_status mia__multi_split(struct mia__buf *key, size_t *start, mia_slice stored,
                            struct mia_error *err)
{
    mia_status rc;
    const uint8_t *at = stored.data;
    key->size = 0;
    TRY(mia__buf_reserve(key, stored.size, err));
    for (size_t i = 0; i < stored.size; i++) {
        if (at[i] != 0x00) {
            key->data[key->size++] = at[i];
            continue;
        }
        if (i + 1 == stored.size || (at[i + 1] != 0xff && at[i + 1] != end_mark[1]))
            break;
        if (at[++i] == end_mark[1]) {
            *start = i + 1;
            return MIA_OK;
        }
        key->data[key->size++] = 0x00;
    }
    rc = mia__fail(err, MIA_ERR_CORRUPT,
                   "a key without an end mark in a multi tree: is it a plain tree?");
done:
    return rc;
}

bool mia__multi_starts_with(mia_slice stored, const struct mia__buf *start)
{
    return stored.size >= start->size && memcmp(stored.data, start->data, start->size) == 0;
}

/* Copies the first value of key into arena. */
