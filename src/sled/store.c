/* sled/store.c - the bounded window over the mapped log */
#include "sled/store.h"

#include "base/error.h"

mia_status mia__sled_store_touch(struct mia__sled_store *store, uint64_t bytes,
                                 struct mia_error *err)
{
    uint64_t size;
    if (store->lock >= 0) {
        mia_status rc = mia__fd_size(store->lock, &size, err);
        if (rc < 0)
            return rc;
        if (size < store->map.size)
            return mia__fail(
                err, MIA_ERR_IO, "%s/db was cut from %llu to %llu bytes while it was being read",
                store->directory, (unsigned long long)store->map.size, (unsigned long long)size);
    }
    /* relaxed: only a rough count, which orders nothing */
    if (atomic_fetch_add_explicit(&store->mapped, bytes, memory_order_relaxed) + bytes >=
        MIA__SLED_MAPPED) {
        atomic_store_explicit(&store->mapped, 0, memory_order_relaxed);
        mia__file_forget(&store->map);
    }
    return MIA_OK;
}
