/* catalog/base.h - the default base of every platform, so that one machine can test all of them */
#ifndef MIA_CATALOG_BASE_H
#define MIA_CATALOG_BASE_H

#include <stddef.h>

enum mia__platform { MIA__PLATFORM_UNIX = 1, MIA__PLATFORM_MACOS = 2, MIA__PLATFORM_WINDOWS = 4 };

#if defined(_WIN32)
#define MIA__PLATFORM MIA__PLATFORM_WINDOWS
#elif defined(__APPLE__)
#define MIA__PLATFORM MIA__PLATFORM_MACOS
#else
#define MIA__PLATFORM MIA__PLATFORM_UNIX
#endif

/* mia_default_base on this platform. get is getenv: NULL for a variable that is not set. */
size_t mia__default_base(enum mia__platform platform, char *(*get)(const char *name), char *out,
                         size_t size);

/* What has to stand between a directory and a name: "", "/" or "\". Nothing behind an empty
 * directory, or one that ends with a separator. */
const char *mia__separator(enum mia__platform platform, const char *directory);

#endif
