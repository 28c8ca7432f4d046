/* base/options.h - rule R9: option structs of callers older or newer than this library */
#ifndef MIA_BASE_OPTIONS_H
#define MIA_BASE_OPTIONS_H

#include "mia/status.h"

/* Fills the library's struct (size bytes, its first member struct_size) from the caller's one,
 * which may be NULL (all defaults), smaller, or larger with zeros behind what this version knows.
 * MIA_ERR_INVALID otherwise; name is the struct's for the message. */
mia_status mia__options_read(void *to, size_t size, const void *from, const char *name,
                             struct mia_error *err);
/* Copies a filled report out to the caller's struct, whose struct_size is kept. */
void mia__report_write(void *to, const void *from, size_t size);
/* MIA_ERR_INVALID unless a report struct begins with a plausible struct_size. */
mia_status mia__report_check(const void *to, const char *name, struct mia_error *err);

#endif
