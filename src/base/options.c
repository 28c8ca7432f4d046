/* base/options.c - rule R9 */
#include "base/options.h"

#include "base/error.h"

static uint32_t struct_size(const void *options)
{
    uint32_t size;
    memcpy(&size, options, sizeof size);
    return size;
}

mia_status mia__options_read(void *to, size_t size, const void *from, const char *name,
                             struct mia_error *err)
{
    uint32_t own_size = (uint32_t)size;
    memset(to, 0, size);
    if (from != NULL) {
        size_t given = struct_size(from);
        if (given < sizeof(uint32_t))
            return mia__fail(err, MIA_ERR_INVALID, "%s.struct_size is not set", name);
        for (size_t i = size; i < given; i++)
            if (((const char *)from)[i] != 0)
                return mia__fail(
                    err, MIA_ERR_INVALID,
                    "%s has an option that libmia %s does not know: update the library", name,
                    mia_version());
        memcpy(to, from, given < size ? given : size);
    }
    memcpy(to, &own_size, sizeof own_size);
    return MIA_OK;
}

mia_status mia__report_check(const void *to, const char *name, struct mia_error *err)
{
    if (to == NULL || struct_size(to) < sizeof(uint32_t))
        return mia__fail(err, MIA_ERR_INVALID, "%s.struct_size is not set", name);
    return MIA_OK;
}

void mia__report_write(void *to, const void *from, size_t size)
{
    uint32_t given = struct_size(to);
    size_t common = given < size ? given : size;
    memcpy((char *)to + sizeof given, (const char *)from + sizeof given, common - sizeof given);
}
