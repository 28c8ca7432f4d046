/*
 * test_json_memory.c - how often JSON asks for memory, and what happens when there is none
 *
 * The linker sends the library's allocations here (--wrap).
 */
#include "model/json.h"
#include "support/check.h"

static struct {
    uint64_t calls;
    uint64_t fails_at; /* 0: never */
} heap;

static bool fails(void)
{
    return ++heap.calls == heap.fails_at;
}

#define WRAP(name, parameters, arguments)                                                          \
    void *__real_##name parameters;                                                                \
    void *__wrap_##name parameters;                                                                \
    void *__wrap_##name parameters                                                                 \
    {                                                                                              \
        return fails() ? NULL : __real_##name arguments;                                           \
    }

WRAP(mia__alloc, (size_t size), (size))
WRAP(mia__realloc, (void *at, size_t size), (at, size))

static void append(struct mia__buf *to, const char *text)
{
    OK(mia__buf_append(to, text, strlen(text), ERR));
}

/* Escapes, members out of order and more entries than the parser keeps on the stack. */
static void write_text(struct mia__buf *to, size_t entries)
{
    append(to, "{\"b\":1,\"a\":\"\\n\",\"list\":[0");
    for (size_t i = 0; i < entries; i++)
        append(to, ",{\"z\":1.5e300,\"a\":\"\\u00e9\"}");
    append(to, "]}");
}

static void a_second_value_needs_no_allocation(void **state)
{
    (void)state;
    struct mia__arena arena = {0};
    struct mia__buf text = {0}, printed = {0};
    struct mia__json value;
    heap.fails_at = 0;
    write_text(&text, 200);
    for (int round = 0; round < 3; round++) {
        heap.calls = 0;
        mia__arena_reset(&arena);
        printed.size = 0;
        OK(mia__json_parse((mia_str){(const char *)text.data, text.size}, &arena, &value, ERR));
        OK(mia__json_print(&value, &printed, ERR));
        assert_int_equal(heap.calls > 0, round == 0);
    }
    mia__buf_free(&text);
    mia__buf_free(&printed);
    mia__arena_free(&arena);
}

/* The n-th allocation fails, for every n there is. */
static void every_allocation_may_fail(void **state)
{
    (void)state;
    struct mia__buf text = {0};
    heap.fails_at = 0;
    write_text(&text, 5000);
    mia_status rc = MIA_ERR_NOMEM;
    uint64_t n = 0;
    while (rc != MIA_OK) {
        struct mia__arena arena = {0};
        struct mia__buf printed = {0};
        struct mia__json value;
        struct mia_error err = {0};
        heap.calls = 0;
        heap.fails_at = ++n;
        rc = mia__json_parse((mia_str){(const char *)text.data, text.size}, &arena, &value, &err);
        assert_true(rc == MIA_OK || value.kind == MIA__JSON_NULL);
        if (rc == MIA_OK) {
            rc = mia__json_print(&value, &printed, &err);
            assert_true(rc == MIA_OK || printed.size == 0);
        }
        assert_int_equal(rc, heap.calls >= n ? MIA_ERR_NOMEM : MIA_OK);
        assert_int_equal(err.status, rc);
        mia__arena_free(&arena);
        mia__buf_free(&printed);
    }
    assert_true(n > 10);
    heap.fails_at = 0;
    mia__buf_free(&text);
}

/* All escapes, so the room that is made at first is not enough. */
static void a_string_is_printed_whole_or_not_at_all(void **state)
{
    (void)state;
    static const char controls[1000] = {0};
    mia_status rc = MIA_ERR_NOMEM;
    uint64_t n = 0;
    while (rc != MIA_OK) {
        struct mia__buf to = {0};
        struct mia_error err = {0};
        heap.fails_at = 0;
        append(&to, "before");
        heap.calls = 0;
        heap.fails_at = ++n;
        rc = mia__json_print_string((mia_str){controls, sizeof controls}, &to, &err);
        assert_int_equal(rc, heap.calls >= n ? MIA_ERR_NOMEM : MIA_OK);
        assert_int_equal(to.size, rc == MIA_OK ? 6 + 2 + 6 * sizeof controls : 6);
        mia__buf_free(&to);
    }
    assert_true(n > 2);
    heap.fails_at = 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_second_value_needs_no_allocation),
        cmocka_unit_test(every_allocation_may_fail),
        cmocka_unit_test(a_string_is_printed_whole_or_not_at_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
