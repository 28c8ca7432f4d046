/* lines.c - see lines.h */
#include "lines.h"

#include "support/check.h"

#include <stdio.h>
#include <stdlib.h>

static void put_hex(char *to, mia_slice bytes)
{
    for (size_t i = 0; i < bytes.size; i++)
        sprintf(to + 2 * i, "%02x", ((const uint8_t *)bytes.data)[i]);
    to[2 * bytes.size] = '\0';
}

void lines_add(struct lines *l, enum mia_difference_class class, enum mia_side side, mia_slice tree,
               mia_slice key)
{
    if (l->count == l->capacity) {
        l->capacity = l->capacity ? 2 * l->capacity : 64;
        l->lines = realloc(l->lines, l->capacity * sizeof *l->lines);
    }
    char *line = malloc(2 * (tree.size + key.size) + 64);
    int used = sprintf(line, "%s: %s: ", mia_difference_text(class), mia_side_text(side));
    put_hex(line + used, tree);
    size_t size = strlen(line);
    line[size++] = ' ';
    put_hex(line + size, key);
    l->lines[l->count++] = line;
}

void lines_free(struct lines *l)
{
    for (size_t i = 0; i < l->count; i++)
        free(l->lines[i]);
    free(l->lines);
    *l = (struct lines){0};
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

void lines_equal(struct lines *wanted, struct lines *found)
{
    if (wanted->count > 0)
        qsort(wanted->lines, wanted->count, sizeof *wanted->lines, by_text);
    if (found->count > 0)
        qsort(found->lines, found->count, sizeof *found->lines, by_text);
    for (size_t i = 0; i < wanted->count && i < found->count; i++)
        assert_string_equal(found->lines[i], wanted->lines[i]);
    assert_int_equal(found->count, wanted->count);
}

void lines_take(void *ctx, const struct mia_difference *d)
{
    lines_add(ctx, d->difference, d->side, d->tree, d->key);
}
