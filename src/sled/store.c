/* sled/store.c - is the mapped file still whole? */
#include "sled/store.h"

#include "base/error.h"

mia_status mia__sled_store_check(const struct mia__sled_store *store, struct mia_error *err)
{
    uint64_t size;
    mia_status rc = mia__fd_size(store->lock, &size, err);
    if (rc < 0 || size >= store->map.size)
        return rc;
    return mia__fail(
        err, MIA_ERR_IO, "%s/db was cut from %llu to %llu bytes while it was being read",
        store->directory, (unsigned long long)store->map.size, (unsigned long long)size);
}
