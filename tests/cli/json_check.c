/*
 * json_check.c - json-check [--lines] FILE EXPECTATION...: is it JSON, and is this in it?
 *
 * EXPECTATION is PATH:TYPE or PATH=VALUE; PATH goes through objects and arrays: a.b.0.c. TYPE is
 * string, integer, real, boolean, array or object; VALUE is compared as text. PATH! : no such
 * member. With --lines each line of the file is a document of its own and has to meet all of them.
 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const json_t *member(const json_t *at, const char *name)
{
    return json_is_array(at) ? json_array_get(at, (size_t)strtoul(name, NULL, 10))
                             : json_object_get(at, name);
}

static const json_t *follow(const json_t *at, const char *path, size_t size)
{
    char name[256];
    while (at != NULL && size > 0) {
        size_t step = strcspn(path, ".") < size ? strcspn(path, ".") : size;
        snprintf(name, sizeof name, "%.*s", (int)step, path);
        at = member(at, name);
        path += step;
        size -= step;
        if (size > 0) {
            path++;
            size--;
        }
    }
    return at;
}

static const char *type_name(const json_t *value)
{
    static const char *const names[] = {
        [JSON_OBJECT] = "object",   [JSON_ARRAY] = "array", [JSON_STRING] = "string",
        [JSON_INTEGER] = "integer", [JSON_REAL] = "real",   [JSON_TRUE] = "boolean",
        [JSON_FALSE] = "boolean",   [JSON_NULL] = "null"};
    return names[json_typeof(value)];
}

static int has_value(const json_t *value, const char *wanted)
{
    if (json_is_string(value))
        return strcmp(json_string_value(value), wanted) == 0;
    char *text = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
    int equal = text != NULL && strcmp(text, wanted) == 0;
    free(text);
    return equal;
}

static int meets(const json_t *root, const char *expectation)
{
    size_t size = strcspn(expectation, ":=!");
    const json_t *value = follow(root, expectation, size);
    const char *wanted = expectation + size + 1;
    int ok;
    switch (expectation[size]) {
    case '!':
        ok = value == NULL;
        break;
    case ':':
        ok = value != NULL && strcmp(type_name(value), wanted) == 0;
        break;
    case '=':
        ok = value != NULL && has_value(value, wanted);
        break;
    default:
        ok = value != NULL;
    }
    if (!ok)
        fprintf(stderr, "json-check: not met: %s\n", expectation);
    return ok;
}

static int meets_all(const char *text, size_t size, char **expectations)
{
    json_error_t error;
    json_t *root = json_loadb(text, size, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &error);
    int ok = root != NULL;
    if (!ok)
        fprintf(stderr, "json-check: %s in: %.*s\n", error.text, (int)size, text);
    for (; ok && *expectations != NULL; expectations++)
        ok = meets(root, *expectations);
    json_decref(root);
    return ok;
}

static int check_lines(FILE *file, char **expectations)
{
    char *line = NULL;
    size_t capacity = 0;
    int ok = 1;
    for (ssize_t size; ok && (size = getline(&line, &capacity, file)) > 0;)
        ok = meets_all(line, (size_t)size, expectations);
    free(line);
    return ok;
}

static int check_document(FILE *file, char **expectations)
{
    char *text = NULL;
    size_t capacity = 0;
    ssize_t size = getdelim(&text, &capacity, '\0', file);
    int ok = size > 0 && meets_all(text, (size_t)size, expectations);
    free(text);
    return ok;
}

int main(int argc, char **argv)
{
    int lines = argc > 1 && strcmp(argv[1], "--lines") == 0;
    if (argc < 2 + lines) {
        fprintf(stderr, "usage: json-check [--lines] FILE EXPECTATION...\n");
        return 2;
    }
    FILE *file = fopen(argv[1 + lines], "r");
    if (file == NULL) {
        perror(argv[1 + lines]);
        return 2;
    }
    char **expectations = argv + 2 + lines;
    int ok = lines ? check_lines(file, expectations) : check_document(file, expectations);
    fclose(file);
    return ok ? 0 : 1;
}
