/* model/json_tree.c - copies without slack, and the promises of json.h one by one */
#include "model/json_tree.h"

#include "model/utf8.h"
#include "support/check.h"

#include <math.h>
#include <stdlib.h>

void test_json_end(struct test_json *t)
{
    free(t->text);
    mia__arena_free(&t->arena);
    mia__buf_free(&t->printed);
}

mia_status test_json_parse(struct test_json *t, mia_slice text, struct mia__json *out)
{
    free(t->text);
    t->text = malloc(text.size > 0 ? text.size : 1);
    assert_non_null(t->text);
    if (text.size > 0)
        memcpy(t->text, text.data, text.size);
    mia__arena_reset(&t->arena);
    return mia__json_parse((mia_str){t->text, text.size}, &t->arena, out, ERR);
}

mia_slice test_json_print(struct test_json *t, const struct mia__json *value)
{
    t->printed.size = 0;
    OK(mia__json_print(value, &t->printed, ERR));
    return mia__buf_slice(&t->printed);
}

static bool equal_text(mia_str a, mia_str b)
{
    return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

static bool equal_members(const struct mia__json *a, const struct mia__json *b)
{
    for (uint32_t i = 0; i < a->count; i++)
        if (!equal_text(a->u.members[i].key, b->u.members[i].key) ||
            !test_json_equal(&a->u.members[i].value, &b->u.members[i].value))
            return false;
    return true;
}

static bool equal_items(const struct mia__json *a, const struct mia__json *b)
{
    for (uint32_t i = 0; i < a->count; i++)
        if (!test_json_equal(&a->u.items[i], &b->u.items[i]))
            return false;
    return true;
}

bool test_json_equal(const struct mia__json *a, const struct mia__json *b)
{
    if (a->kind != b->kind || a->count != b->count)
        return false;
    switch (a->kind) {
    case MIA__JSON_NULL:
        return true;
    case MIA__JSON_BOOL:
        return a->u.boolean == b->u.boolean;
    case MIA__JSON_REAL: /* by bits: 0 is not -0 */
        return memcmp(&a->u.real, &b->u.real, sizeof a->u.real) == 0;
    case MIA__JSON_STRING:
        return equal_text(a->u.string, b->u.string);
    case MIA__JSON_ARRAY:
        return equal_items(a, b);
    case MIA__JSON_OBJECT:
        return equal_members(a, b);
    case MIA__JSON_INT:
        return a->u.integer == b->u.integer;
    case MIA__JSON_UINT:
        return a->u.natural == b->u.natural;
    }
    return false;
}

static bool is_sound_text(mia_str text)
{
    return mia__utf8_is_valid(text.data, text.size);
}

static bool is_before(mia_str a, mia_str b)
{
    size_t common = a.size < b.size ? a.size : b.size;
    int order = common > 0 ? memcmp(a.data, b.data, common) : 0;
    return order < 0 || (order == 0 && a.size < b.size);
}

static bool are_sound_members(const struct mia__json *object)
{
    const struct mia__json_member *members = object->u.members;
    for (uint32_t i = 0; i < object->count; i++)
        if (!is_sound_text(members[i].key) || !test_json_is_sound(&members[i].value) ||
            (i > 0 && !is_before(members[i - 1].key, members[i].key)))
            return false;
    return true;
}

bool test_json_is_sound(const struct mia__json *value)
{
    switch (value->kind) {
    case MIA__JSON_NULL:
    case MIA__JSON_BOOL:
    case MIA__JSON_INT:
        return true;
    case MIA__JSON_REAL:
        return isfinite(value->u.real);
    case MIA__JSON_STRING:
        return is_sound_text(value->u.string);
    case MIA__JSON_ARRAY:
        for (uint32_t i = 0; i < value->count; i++)
            if (!test_json_is_sound(&value->u.items[i]))
                return false;
        return true;
    case MIA__JSON_OBJECT:
        return are_sound_members(value);
    case MIA__JSON_UINT:
        return value->u.natural > INT64_MAX;
    }
    return false;
}
