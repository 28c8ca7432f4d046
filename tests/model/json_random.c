/* model/json_random.c - small alphabets, so that keys meet and escapes happen */
#include "model/json_random.h"

#include "support/check.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* ---------------------------------------------------------------- trees */

double test_double_random(struct test_random *r)
{
    double number;
    do {
        uint64_t bits = test_random(r);
        switch (test_below(r, 4)) {
        case 0:
            bits &= UINT64_C(0x800fffffffffffff) >> test_below(r, 52); /* subnormal */
            break;
        case 1:
            number = (double)(bits >> (11 + test_below(r, 50))) / 1000;
            memcpy(&bits, &number, sizeof bits);
            break;
        case 2:
            number = (float)((double)(bits >> 11) * 0x1p-53);
            memcpy(&bits, &number, sizeof bits);
            break;
        default:
            break;
        }
        memcpy(&number, &bits, sizeof number);
    } while (!isfinite(number));
    return number;
}

static void *take(struct mia__arena *arena, size_t size)
{
    void *at = mia__arena_alloc(arena, size);
    assert_non_null(at);
    return at;
}

static mia_str random_text(struct test_random *r, struct mia__arena *arena)
{
    static const char *const pieces[] = {
        "a",      "b",      "Z",      "0",      " ",      "/",      "\"",         "\\",
        "\n",     "\t",     "\x01",   "\x1f",   "\x7f",   "\b\f",   "\r",         "\u00e9",
        "\u07ff", "\u0800", "\u20ac", "\u2028", "\ud7ff", "\uffff", "\U00010000", "\U0010ffff",
    };
    size_t count = test_below(r, test_below(r, 8) == 0 ? 64 : 4);
    char *text = take(arena, 4 * count), *to = text;
    for (size_t i = 0; i < count; i++) {
        const char *piece = pieces[test_below(r, LENGTH(pieces))];
        size_t size = strlen(piece);
        if (test_below(r, 16) == 0)
            *to++ = '\0';
        else
            to = (char *)memcpy(to, piece, size) + size;
    }
    return (mia_str){text, (size_t)(to - text)};
}

static struct mia__json random_leaf(struct test_random *r, struct mia__arena *arena)
{
    uint64_t bits = test_random(r) >> test_below(r, 64);
    switch (test_below(r, 6)) {
    case 0:
        return (struct mia__json){0};
    case 1:
        return (struct mia__json){MIA__JSON_BOOL, 0, {.boolean = bits & 1}};
    case 2:
        return (struct mia__json){MIA__JSON_REAL, 0, {.real = test_double_random(r)}};
    case 3:
        return (struct mia__json){MIA__JSON_UINT, 0, {.natural = bits | UINT64_C(1) << 63}};
    case 4:
        return (struct mia__json){MIA__JSON_INT, 0, {.integer = (int64_t)bits}};
    default:
        return (struct mia__json){MIA__JSON_STRING, 0, {.string = random_text(r, arena)}};
    }
}

static int compare_members(const void *left, const void *right)
{
    const struct mia__json_member *a = left, *b = right;
    size_t common = a->key.size < b->key.size ? a->key.size : b->key.size;
    int order = memcmp(a->key.data, b->key.data, common);
    return order != 0 ? order : (a->key.size > b->key.size) - (a->key.size < b->key.size);
}

/* depth: containers that may still be opened. */
static struct mia__json random_value(struct test_random *r, struct mia__arena *arena,
                                     size_t *entries, int depth)
{
    if (depth == 0 || *entries == 0 || test_below(r, 3) == 0)
        return random_leaf(r, arena);
    size_t count = test_below(r, (*entries < 20 ? *entries : 20) + 1);
    *entries -= count;
    if (test_below(r, 2) == 0) {
        struct mia__json *items = take(arena, count * sizeof *items);
        for (size_t i = 0; i < count; i++)
            items[i] = random_value(r, arena, entries, depth - 1);
        return (struct mia__json){MIA__JSON_ARRAY, (uint32_t)count, {.items = items}};
    }
    struct mia__json_member *members = take(arena, count * sizeof *members);
    for (size_t i = 0; i < count; i++)
        members[i].key = random_text(r, arena);
    qsort(members, count, sizeof *members, compare_members);
    size_t kept = 0;
    for (size_t i = 0; i < count; i++)
        if (kept == 0 || compare_members(&members[kept - 1], &members[i]) != 0)
            members[kept++].key = members[i].key;
    for (size_t i = 0; i < kept; i++)
        members[i].value = random_value(r, arena, entries, depth - 1);
    return (struct mia__json){MIA__JSON_OBJECT, (uint32_t)kept, {.members = members}};
}

struct mia__json test_json_random(struct test_random *r, struct mia__arena *arena, size_t entries)
{
    return random_value(r, arena, &entries, MIA__JSON_DEPTH);
}

/* ---------------------------------------------------------------- odd texts */

static void append(struct mia__buf *to, const char *text, size_t size)
{
    OK(mia__buf_append(to, text, size, ERR));
}

static void write_space(struct test_random *r, struct mia__buf *to)
{
    for (size_t n = test_below(r, 3); n > 0; n--)
        append(to, &" \t\r\n"[test_below(r, 4)], 1);
}

/* The code point at the front of well-formed text. */
static uint32_t decode(const char *at, size_t *size)
{
    uint8_t lead = (uint8_t)*at;
    *size = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    uint32_t c = lead & (*size == 1 ? 0x7f : 0xffu >> (*size + 1));
    for (size_t i = 1; i < *size; i++)
        c = c << 6 | ((uint8_t)at[i] & 0x3f);
    return c;
}

static void write_string(struct test_random *r, mia_str text, struct mia__buf *to)
{
    char escape[16];
    append(to, "\"", 1);
    for (size_t at = 0, size; at < text.size; at += size) {
        const char *format = test_below(r, 2) == 0 ? "\\u%04x" : "\\u%04X";
        uint32_t c = decode(text.data + at, &size);
        bool must = c < 0x20 || c == '"' || c == '\\';
        if (!must && test_below(r, 3) > 0) {
            append(to, text.data + at, size);
        } else if (c == '/') {
            append(to, "\\/", 2);
        } else if (c < 0x10000) {
            append(to, escape, (size_t)snprintf(escape, sizeof escape, format, c));
        } else {
            uint32_t high = 0xd800 + ((c - 0x10000) >> 10), low = 0xdc00 + (c & 0x3ff);
            append(to, escape, (size_t)snprintf(escape, sizeof escape, format, high));
            append(to, escape, (size_t)snprintf(escape, sizeof escape, format, low));
        }
    }
    append(to, "\"", 1);
}

static void write_member(struct test_random *r, mia_str key, const struct mia__json *value,
                         struct mia__buf *to)
{
    write_space(r, to);
    write_string(r, key, to);
    write_space(r, to);
    append(to, ":", 1);
    test_json_write_oddly(r, value, to);
}

/* Begins anywhere and goes round; any member may stand before all of that with another value. */
static void write_members(struct test_random *r, const struct mia__json *object,
                          struct mia__buf *to)
{
    const struct mia__json other = {MIA__JSON_BOOL, 0, {.boolean = true}};
    size_t count = object->count, first = count > 0 ? test_below(r, count) : 0;
    for (size_t i = 0; i < count; i++)
        if (test_below(r, 4) == 0) {
            write_member(r, object->u.members[i].key, &other, to);
            append(to, ",", 1);
        }
    for (size_t i = 0; i < count; i++) {
        const struct mia__json_member *member = &object->u.members[(first + i) % count];
        write_member(r, member->key, &member->value, to);
        if (i + 1 < count)
            append(to, ",", 1);
    }
}

void test_json_write_oddly(struct test_random *r, const struct mia__json *value,
                           struct mia__buf *to)
{
    write_space(r, to);
    if (value->kind == MIA__JSON_ARRAY) {
        append(to, "[", 1);
        for (uint32_t i = 0; i < value->count; i++) {
            if (i > 0)
                append(to, ",", 1);
            test_json_write_oddly(r, &value->u.items[i], to);
        }
        write_space(r, to);
        append(to, "]", 1);
    } else if (value->kind == MIA__JSON_OBJECT) {
        append(to, "{", 1);
        write_members(r, value, to);
        write_space(r, to);
        append(to, "}", 1);
    } else if (value->kind == MIA__JSON_STRING) {
        write_string(r, value->u.string, to);
    } else {
        OK(mia__json_print(value, to, ERR));
    }
    write_space(r, to);
}
