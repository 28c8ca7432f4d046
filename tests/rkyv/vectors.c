/* rkyv/vectors.c - lines of JSON, of which only three members are looked at */
#include "rkyv/vectors.h"

#include "support/check.h"

#include <stdio.h>
#include <stdlib.h>

enum { MOST = 1000 };

mia_slice test_copy(const void *bytes, size_t size)
{
    uint8_t *copy = malloc(size > 0 ? size : 1);
    assert_non_null(copy);
    if (size > 0)
        memcpy(copy, bytes, size);
    return (mia_slice){copy, size};
}

/* The text of a member whose value has no escapes; the last one of that name, for what is in front
 * is a record. */
static const char *find(const char *line, const char *member)
{
    const char *found = NULL;
    for (const char *at = line; (at = strstr(at, member)) != NULL; at++)
        found = at;
    assert_non_null(found);
    return found + strlen(member);
}

static mia_slice decode(const char *hex)
{
    size_t size = strcspn(hex, "\"") / 2;
    mia_slice bytes = test_copy(hex, size);
    for (size_t i = 0; i < size; i++) {
        char pair[3] = {hex[2 * i], hex[2 * i + 1], '\0'};
        ((uint8_t *)(uintptr_t)bytes.data)[i] = (uint8_t)strtoul(pair, NULL, 16);
    }
    return bytes;
}

struct test_vector *test_vectors_load(size_t *count)
{
    struct test_vector *vectors = calloc(MOST, sizeof *vectors);
    FILE *file = fopen(MIA_TEST_FIXTURES "/models/vectors.jsonl", "r");
    char *line = NULL;
    size_t room = 0;
    assert_non_null(vectors);
    assert_non_null(file);
    for (*count = 0; *count < MOST && getline(&line, &room, file) > 0; ++*count) {
        struct test_vector *v = &vectors[*count];
        const char *type = find(line, "\"type\":\"");
        v->table = type[0] == 'N'   ? MIA__TABLE_NODES
                   : type[1] == 'd' ? MIA__TABLE_EDGES
                                    : MIA__TABLE_EMBEDDINGS;
        v->bincode = decode(strstr(line, "\"bincode_hex\":\"") + strlen("\"bincode_hex\":\""));
        v->archive = decode(find(line, "\"rkyv_hex\":\""));
    }
    fclose(file);
    free(line);
    assert_true(*count >= 200);
    return vectors;
}

void test_vectors_free(struct test_vector *vectors, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        free((void *)(uintptr_t)vectors[i].bincode.data);
        free((void *)(uintptr_t)vectors[i].archive.data);
    }
    free(vectors);
}
