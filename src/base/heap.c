/* base/heap.c - the one door to the heap; apart, so that tests can let any call through it fail */
#include "base/memory.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void *mia__alloc(size_t size)
{
    return malloc(size ? size : 1);
}

void *mia__alloc_zero(size_t size)
{
    return calloc(1, size ? size : 1);
}

void *mia__alloc_array(size_t count, size_t size)
{
    return calloc(count ? count : 1, size ? size : 1);
}

void *mia__realloc(void *at, size_t size)
{
    return realloc(at, size ? size : 1);
}

void mia__free(void *at)
{
    free(at);
}

char *mia__strdup(const char *text)
{
    return strdup(text);
}

char *mia__format(const char *format, ...)
{
    char *text = NULL;
    va_list args;
    va_start(args, format);
    int size = vasprintf(&text, format, args);
    va_end(args);
    return size < 0 ? NULL : text;
}
