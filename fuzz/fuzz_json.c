/*
 * fuzz_json.c - any bytes as JSON: refused with a reason, or a tree whose text means the tree
 *
 * The first print may differ from the input (space, order, spelling of numbers), the second one
 * must not differ from the first.
 */
#include "model/json.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Ascending keys, each once. */
static void check_keys(const struct mia__json *object)
{
    for (uint32_t i = 1; i < object->count; i++) {
        mia_str a = object->u.members[i - 1].key, b = object->u.members[i].key;
        size_t common = a.size < b.size ? a.size : b.size;
        int order = common > 0 ? memcmp(a.data, b.data, common) : 0;
        assert(order < 0 || (order == 0 && a.size < b.size));
    }
}

static void check(const struct mia__json *value, int depth)
{
    if (value->kind == MIA__JSON_ARRAY) {
        assert(depth < MIA__JSON_DEPTH);
        for (uint32_t i = 0; i < value->count; i++)
            check(&value->u.items[i], depth + 1);
    } else if (value->kind == MIA__JSON_OBJECT) {
        assert(depth < MIA__JSON_DEPTH);
        check_keys(value);
        for (uint32_t i = 0; i < value->count; i++)
            check(&value->u.members[i].value, depth + 1);
    }
}

static void parse_and_print(mia_slice text, struct mia__arena *arena, struct mia__buf *to)
{
    struct mia__json value;
    mia_status rc = mia__json_parse((mia_str){text.data, text.size}, arena, &value, NULL);
    assert(rc == MIA_OK);
    rc = mia__json_print(&value, to, NULL);
    assert(rc == MIA_OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mia__arena arena = {0};
    struct mia__buf first = {0}, second = {0};
    struct mia__json value;
    struct mia_error err = {0};
    mia_status rc = mia__json_parse((mia_str){(const char *)data, size}, &arena, &value, &err);
    assert(rc == err.status);
    if (rc == MIA_OK) {
        check(&value, 0);
        rc = mia__json_print(&value, &first, NULL);
        assert(rc == MIA_OK);
        parse_and_print(mia__buf_slice(&first), &arena, &second);
        assert(mia_slice_equal(mia__buf_slice(&first), mia__buf_slice(&second)));
    } else {
        assert(rc == MIA_ERR_SERIALIZATION && err.message[0] != '\0');
    }
    mia__buf_free(&first);
    mia__buf_free(&second);
    mia__arena_free(&arena);
    return 0;
}
