/* sled/store.c - the lock on a directory; is the mapped file still whole? */
#include "sled/store.h"

#include "base/error.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/memory.h"

mia_status mia__sled_lock(const char *directory, int *lock, struct mia_error *err)
{
    char holder[96];
    *lock = -1;
    char *file = mia__path_join(directory, "db");
    if (file == NULL)
        return mia__fail_nomem(err);
    mia_status rc = mia__file_lock_shared(file, lock, err);
    if (rc == MIA_ERR_BUSY)
        rc = mia__fail(err, rc,
                       "%s is open in another process (sled holds its lock%s): stop that "
                       "program first",
                       directory, mia__lock_holder(file, holder, sizeof holder));
    mia__free(file);
    return rc;
}

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
