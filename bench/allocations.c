/* allocations.c - the linker sends the calls here (--wrap, see CMakeLists.txt) */
#include "allocations.h"

#include <stddef.h>

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *at, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *at, size_t size);

static uint64_t seen;

uint64_t allocations_seen(void)
{
    return seen;
}

void *__wrap_malloc(size_t size)
{
    seen++;
    return __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    seen++;
    return __real_calloc(count, size);
}

void *__wrap_realloc(void *at, size_t size)
{
    seen++;
    return __real_realloc(at, size);
}
