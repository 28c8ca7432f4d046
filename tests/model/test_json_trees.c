/* test_json_trees.c - whole trees there and back, their order, their depth and their size */
#include "model/json_random.h"
#include "model/json_tree.h"
#include "support/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* ---------------------------------------------------------------- random trees */

static void random_trees_come_back_the_same(void **state)
{
    (void)state;
    struct test_random r = {test_seed()};
    struct test_json t = {0};
    struct mia__arena arena = {0};
    struct mia__buf odd = {0};
    for (uint64_t left = test_setting("MIA_TEST_TREES", 4000); left > 0; left--) {
        mia__arena_reset(&arena);
        struct mia__json tree = test_json_random(&r, &arena, test_below(&r, 200)), read;
        odd.size = 0;
        test_json_write_oddly(&r, &tree, &odd);
        OK(test_json_parse(&t, mia__buf_slice(&odd), &read));
        assert_true(test_json_is_sound(&read));
        assert_true(test_json_equal(&tree, &read));
        odd.size = 0;
        OK(mia__json_print(&read, &odd, ERR));
        OK(test_json_parse(&t, mia__buf_slice(&odd), &read));
        assert_true(test_json_equal(&tree, &read));
        assert_bytes(test_json_print(&t, &read), mia__buf_slice(&odd));
    }
    mia__buf_free(&odd);
    mia__arena_free(&arena);
    test_json_end(&t);
}

/* Whatever a damaged text is taken for, it is a sound tree and prints as a text for itself. */
static void damaged_texts_are_refused_or_sound(void **state)
{
    (void)state;
    struct test_random r = {test_seed()};
    struct test_json t = {0};
    struct mia__arena arena = {0};
    struct mia__buf text = {0}, printed = {0};
    uint64_t refused = 0, taken = 0;
    for (uint64_t left = test_setting("MIA_TEST_TREES", 4000); left > 0; left--) {
        mia__arena_reset(&arena);
        struct mia__json tree = test_json_random(&r, &arena, 1 + test_below(&r, 40)), read;
        text.size = 0;
        test_json_write_oddly(&r, &tree, &text);
        for (size_t changes = 1 + test_below(&r, 3); changes > 0; changes--)
            text.data[test_below(&r, text.size)] =
                (uint8_t) "\"\\{}[]:,0-.eE u\xe2"[test_below(&r, 16)];
        if (test_below(&r, 4) == 0)
            text.size = test_below(&r, text.size);
        if (test_json_parse(&t, mia__buf_slice(&text), &read) != MIA_OK) {
            assert_int_equal(ERR->status, MIA_ERR_SERIALIZATION);
            refused++;
            continue;
        }
        taken++;
        assert_true(test_json_is_sound(&read));
        OK(mia__buf_set(&printed, test_json_print(&t, &read), ERR));
        OK(test_json_parse(&t, mia__buf_slice(&printed), &read));
        assert_bytes(test_json_print(&t, &read), mia__buf_slice(&printed));
    }
    assert_true(refused > 0 && taken > 0);
    mia__buf_free(&text);
    mia__buf_free(&printed);
    mia__arena_free(&arena);
    test_json_end(&t);
}

/* ---------------------------------------------------------------- depth */

static void append_times(struct mia__buf *to, const char *piece, size_t times)
{
    for (; times > 0; times--)
        OK(mia__buf_append(to, piece, strlen(piece), ERR));
}

/* depth containers inside each other, the innermost empty. */
static void write_nested(struct mia__buf *to, const char *open, const char *close, size_t depth)
{
    to->size = 0;
    append_times(to, open, depth - 1);
    append_times(to, open[0] == '[' ? "[]" : "{}", 1);
    append_times(to, close, depth - 1);
}

static void the_127th_level_is_the_last(void **state)
{
    (void)state;
    static const char *const rows[][2] = {{"[", "]"}, {"{\"\":", "}"}, {"[{\"k\":", "}]"}};
    struct test_json t = {0};
    struct mia__buf text = {0};
    struct mia__json value;
    for (size_t i = 0; i < LENGTH(rows); i++) {
        size_t levels = i == 2 ? 2 : 1; /* in one piece */
        write_nested(&text, rows[i][0], rows[i][1], 126 / levels + 1);
        OK(test_json_parse(&t, mia__buf_slice(&text), &value));
        assert_bytes(test_json_print(&t, &value), mia__buf_slice(&text));
        write_nested(&text, rows[i][0], rows[i][1], 126 / levels + 2);
        ANSWERS(test_json_parse(&t, mia__buf_slice(&text), &value), MIA_ERR_SERIALIZATION);
        assert_non_null(strstr(ERR->message, "more than 127 arrays and objects"));
    }
    /* Levels that are closed do not count. */
    text.size = 0;
    append_times(&text, "[0", 1);
    append_times(&text, ",[[],{}]", 1000);
    append_times(&text, "]", 1);
    OK(test_json_parse(&t, mia__buf_slice(&text), &value));
    mia__buf_free(&text);
    test_json_end(&t);
}

static void a_million_brackets_do_not_harm(void **state)
{
    (void)state;
    static const char *const pieces[] = {"[", "{\"\":", "[0,", "{\"a\":0,\"b\":[", "]", "{", "[[]"};
    struct test_json t = {0};
    struct mia__buf text = {0};
    struct mia__json value;
    for (size_t i = 0; i < LENGTH(pieces); i++) {
        text.size = 0;
        append_times(&text, pieces[i], 1000000);
        ANSWERS(test_json_parse(&t, mia__buf_slice(&text), &value), MIA_ERR_SERIALIZATION);
    }
    mia__buf_free(&text);
    test_json_end(&t);
}

/* What no reader would take is not printed, and nothing of it is left in the buffer. */
static void the_printer_keeps_to_the_depth(void **state)
{
    (void)state;
    struct mia__json levels[MIA__JSON_DEPTH + 1] = {{MIA__JSON_ARRAY, 0, {0}}};
    struct mia__buf buf = {0};
    for (size_t i = 1; i < LENGTH(levels); i++)
        levels[i] = (struct mia__json){MIA__JSON_ARRAY, 1, {.items = &levels[i - 1]}};
    OK(mia__json_print(&levels[MIA__JSON_DEPTH - 1], &buf, ERR));
    assert_int_equal(buf.size, 2 * MIA__JSON_DEPTH);
    ANSWERS(mia__json_print(&levels[MIA__JSON_DEPTH], &buf, ERR), MIA_ERR_SERIALIZATION);
    assert_int_equal(buf.size, 2 * MIA__JSON_DEPTH);
    mia__buf_free(&buf);
}

/* ---------------------------------------------------------------- size */

enum shape { ASCENDING, DESCENDING, SHUFFLED, ALIKE };

/* {"k00000007":7,...}: keys in an order that makes simple ways of sorting slow. */
static void write_object(struct test_random *r, enum shape shape, uint32_t count,
                         struct mia__buf *to)
{
    to->size = 0;
    for (uint32_t i = 0; i < count; i++) {
        char member[64];
        uint32_t key = shape == ASCENDING    ? i
                       : shape == DESCENDING ? count - 1 - i
                       : shape == SHUFFLED   ? (uint32_t)test_below(r, count)
                                             : 0;
        int size = snprintf(member, sizeof member, "%c\"k%08u\":%u", i == 0 ? '{' : ',',
                            (unsigned)key, (unsigned)i);
        OK(mia__buf_append(to, member, (size_t)size, ERR));
    }
    append_times(to, "}", 1);
}

static void large_objects_are_sorted_and_the_last_value_kept(void **state)
{
    (void)state;
    enum { COUNT = 200000 };
    struct test_random r = {test_seed()};
    struct test_json t = {0};
    struct mia__buf text = {0};
    for (enum shape shape = ASCENDING; shape <= ALIKE; shape++) {
        struct test_random again = r;
        struct mia__json value;
        write_object(&r, shape, COUNT, &text);
        OK(test_json_parse(&t, mia__buf_slice(&text), &value));
        assert_true(test_json_is_sound(&value));
        uint32_t *last = calloc(COUNT, sizeof *last), kept = 0; /* of a key: 1 + its value */
        assert_non_null(last);
        for (uint32_t i = 0; i < COUNT; i++)
            last[shape == ASCENDING    ? i
                 : shape == DESCENDING ? COUNT - 1 - i
                 : shape == SHUFFLED   ? test_below(&again, COUNT)
                                       : 0] = i + 1;
        for (uint32_t key = 0; key < COUNT; key++) {
            if (last[key] == 0)
                continue;
            assert_true(kept < value.count);
            assert_true(value.u.members[kept++].value.u.integer == (int64_t)last[key] - 1);
        }
        assert_int_equal(kept, value.count);
        free(last);
    }
    mia__buf_free(&text);
    test_json_end(&t);
}

static double seconds_to_parse(struct test_json *t, const struct mia__buf *text)
{
    struct timespec begin, end;
    struct mia__json value;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &begin);
    OK(test_json_parse(t, mia__buf_slice(text), &value));
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &end);
    return (double)(end.tv_sec - begin.tv_sec) + 1e-9 * (double)(end.tv_nsec - begin.tv_nsec);
}

/* 64 times the members may take some 64 times as long, but never 64 * 64 times. */
static void time_does_not_grow_with_the_square(void **state)
{
    (void)state;
    enum { FEW = 4000, TIMES = 64 };
    struct test_random r = {test_seed()};
    struct test_json t = {0};
    struct mia__buf few = {0}, many = {0};
    for (enum shape shape = ASCENDING; shape <= ALIKE; shape++) {
        write_object(&r, shape, FEW, &few);
        write_object(&r, shape, FEW * TIMES, &many);
        seconds_to_parse(&t, &many); /* memory is fetched */
        double short_time = 0;
        for (int i = 0; i < 10; i++)
            short_time += seconds_to_parse(&t, &few) / 10;
        double long_time = seconds_to_parse(&t, &many);
        if (long_time > short_time * TIMES * 16)
            fail_msg("shape %d: %g s and, with %d times the members, %g s", (int)shape, short_time,
                     (int)TIMES, long_time);
    }
    mia__buf_free(&few);
    mia__buf_free(&many);
    test_json_end(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_trees_come_back_the_same),
        cmocka_unit_test(damaged_texts_are_refused_or_sound),
        cmocka_unit_test(the_127th_level_is_the_last),
        cmocka_unit_test(a_million_brackets_do_not_harm),
        cmocka_unit_test(the_printer_keeps_to_the_depth),
        cmocka_unit_test(large_objects_are_sorted_and_the_last_value_kept),
        cmocka_unit_test(time_does_not_grow_with_the_square),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
