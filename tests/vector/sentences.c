/* vector/sentences.c - int8 as floats */
#include "vector/sentences.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    BASE = SENTENCES * SENTENCE_DIMENSION,
    WHOLE = BASE + SENTENCE_QUERIES * SENTENCE_DIMENSION,
};

static float *widen(const int8_t *from, size_t count)
{
    float *to = malloc(count * sizeof *to);
    for (size_t i = 0; to != NULL && i < count; i++)
        to[i] = from[i];
    return to;
}

bool sentences_read(struct sentences *sentences, const char *path)
{
    *sentences = (struct sentences){NULL, NULL};
    FILE *file = fopen(path, "rb");
    int8_t *bytes = malloc(WHOLE + 1);
    if (file != NULL && bytes != NULL && fread(bytes, 1, WHOLE + 1, file) == WHOLE) {
        sentences->base = widen(bytes, BASE);
        sentences->queries = widen(bytes + BASE, WHOLE - BASE);
    }
    free(bytes);
    if (file != NULL)
        fclose(file);
    return sentences->base != NULL && sentences->queries != NULL;
}
