/* sled/damage.c - what is said about damage */
#include "sled/damage.h"

#include <stdarg.h>
#include <stdio.h>

/* " at byte 17 (page 3)", as far as that is known. */
static void print_place(char *out, size_t size, const struct mia__sled_place *place)
{
    int used = 0;
    out[0] = '\0';
    if (place->offset != MIA__SLED_NOWHERE)
        used = snprintf(out, size, " at byte %llu", (unsigned long long)place->offset);
    if (place->page != MIA__SLED_NOWHERE)
        snprintf(out + used, size - (size_t)used, " (page %llu)", (unsigned long long)place->page);
}

mia_status mia__sled_damaged(const struct mia__sled_judge *judge, struct mia__sled_place place,
                             struct mia_error *err, const char *format, ...)
{
    char reason[256], where[80];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(reason, sizeof reason, format, arguments);
    va_end(arguments);
    struct mia__sled_damage damage = {place, reason};
    if (judge->fn != NULL && judge->fn(judge->ctx, &damage))
        return MIA_OK;
    print_place(where, sizeof where, &place);
    return mia__fail(err, MIA_ERR_CORRUPT,
                     "%s/%s is damaged%s: %s; take a backup, or salvage what can still be read",
                     judge->directory, place.file, where, reason);
}
