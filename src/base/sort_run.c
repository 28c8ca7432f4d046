/* base/sort_run.c - pairs of one run: in order, in a file, read through a map */
#include "base/sort_run.h"

#include "base/error.h"
#include "base/try.h"

enum { WRITE_BYTES = 1 << 20 };

struct mia__sort_place *mia__sort_order(const struct mia__sort_pairs *pairs)
{
    struct mia__sort_place *places = mia__alloc_array(pairs->count, sizeof *places);
    if (places == NULL)
        return NULL;
    const uint8_t *at = pairs->bytes.data;
    for (size_t i = 0; i < pairs->count; i++, at = mia__sort_behind(at))
        places[i].at = at;
    mia__sort_places(places, pairs->count, MIA__SORT_ATTEMPTS);
    return places;
}

static mia_status write_pairs(const struct mia__sort_place *places, size_t count,
                              struct mia__file_writer *file, struct mia_error *err)
{
    mia_status rc = MIA_OK;
    struct mia__buf waiting = {0};
    for (size_t i = 0; i < count; i++) {
        const uint8_t *at = places[i].at;
        TRY(mia__buf_append(&waiting, at, (size_t)(mia__sort_behind(at) - at), err));
        if (waiting.size < WRITE_BYTES && i + 1 < count)
            continue;
        TRY(mia__file_append(file, waiting.data, waiting.size, err));
        waiting.size = 0;
    }
done:
    mia__buf_free(&waiting);
    return rc;
}

mia_status mia__sort_run_make(const struct mia__sort_pairs *pairs, const char *path,
                              struct mia__map *map, struct mia_error *err)
{
    mia_status rc = MIA_OK;
    struct mia__file_writer *file = NULL;
    struct mia__sort_place *places = mia__sort_order(pairs);
    if (places == NULL)
        return mia__fail_nomem(err);
    TRY(mia__file_create_scratch(path, &file, err));
    TRY(write_pairs(places, pairs->count, file, err));
    rc = mia__file_close(file, err);
    file = NULL;
    if (rc == MIA_OK)
        rc = mia__file_map(path, map, err);
done:
    mia__file_abandon(file);
    mia__free(places);
    return rc;
}
