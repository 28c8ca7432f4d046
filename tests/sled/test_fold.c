/* test_fold.c - folding against the plain way to do it, on random leaves and changes */
#include "support/check.h"
#include "support/random.h"

#include "sled/fold.h"
#include "sled/varint.h"

#include <stdio.h>

enum { KEYS = 40, ROUNDS = 20000 };

static const char *key_texts[KEYS];
static char key_storage[KEYS][4], values[1000][16];

static void make_texts(void)
{
    for (int i = 0; i < KEYS; i++) {
        /* one is a prefix of another now and then */
        snprintf(key_storage[i], sizeof key_storage[i], i % 3 == 0 ? "%c" : "%c%d", 'a' + i / 3,
                 i % 3);
        key_texts[i] = key_storage[i];
    }
    for (int i = 0; i < 1000; i++)
        snprintf(values[i], sizeof values[i], "%d", i);
}

struct leaf {
    const char *value[KEYS]; /* NULL: the key is not there */
};

static size_t fill_base(struct test_random *r, struct leaf *leaf, struct mia_pair *pairs)
{
    size_t count = 0;
    for (size_t i = 0; i < KEYS; i++) {
        leaf->value[i] = test_below(r, 2) == 0 ? values[test_below(r, 1000)] : NULL;
        if (leaf->value[i] != NULL)
            pairs[count++] =
                (struct mia_pair){mia_bytes_of(key_texts[i]), mia_bytes_of(leaf->value[i])};
    }
    return count;
}

static void change(struct test_random *r, struct leaf *leaf, struct mia__buf *changes)
{
    size_t count = test_below(r, 30);
    for (size_t i = 0; i < count; i++) {
        size_t key = test_below(r, KEYS);
        struct mia__sled_change c = {.order = i, .is_set = test_below(r, 3) > 0};
        leaf->value[key] = c.is_set ? values[test_below(r, 1000)] : NULL;
        c.pair.key = mia_bytes_of(key_texts[key]);
        if (c.is_set)
            c.pair.value = mia_bytes_of(leaf->value[key]);
        OK(mia__buf_append(changes, &c, sizeof c, ERR));
    }
}

static void folding_is_one_change_after_the_other(void **state)
{
    (void)state;
    struct test_random r = {test_seed()};
    struct mia__buf changes = {0}, out = {0};
    struct mia_pair pairs[KEYS];
    struct leaf leaf;
    for (int round = 0; round < ROUNDS; round++) {
        size_t count = fill_base(&r, &leaf, pairs), at = 0;
        changes.size = 0;
        change(&r, &leaf, &changes);
        if (changes.size == 0)
            continue;
        OK(mia__sled_fold(&changes, pairs, &count, &out, ERR));
        const struct mia_pair *got = (const struct mia_pair *)(const void *)out.data;
        for (size_t i = 0; i < KEYS; i++) {
            if (leaf.value[i] == NULL)
                continue;
            assert_true(at < count);
            assert_text(got[at].key, key_texts[i]);
            assert_text(got[at].value, leaf.value[i]);
            at++;
        }
        assert_int_equal(at, count);
    }
    mia__buf_free(&changes);
    mia__buf_free(&out);
}

static void numbers_of_every_length(void **state)
{
    (void)state;
    static const struct {
        uint8_t bytes[9];
        size_t size;
        uint64_t n;
    } rows[] = {
        {{0}, 1, 0},
        {{240}, 1, 240},
        {{241, 0}, 2, 240},
        {{241, 1}, 2, 241},
        {{248, 255}, 2, 2287},
        {{249, 0, 0}, 3, 2288},
        {{249, 255, 255}, 3, 67823},
        {{250, 0xf0, 8, 1}, 4, 67824},
        {{251, 1, 2, 3, 4}, 5, 0x04030201},
        {{255, 255, 255, 255, 255, 255, 255, 255, 255}, 9, UINT64_MAX},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        for (size_t size = 0; size < rows[i].size; size++) { /* cut */
            struct mia__parse p = mia__parse_begin((mia_slice){rows[i].bytes, size});
            assert_int_equal(mia__sled_parse_varint(&p), 0);
            assert_int_equal(p.fault, MIA__SLED_CUT);
        }
        struct mia__parse p = mia__parse_begin((mia_slice){rows[i].bytes, rows[i].size});
        assert_true(mia__sled_parse_varint(&p) == rows[i].n);
        assert_int_equal(p.fault, 0);
        assert_int_equal(mia__parse_left(&p), 0);
    }
}

int main(void)
{
    make_texts();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(folding_is_one_change_after_the_other),
        cmocka_unit_test(numbers_of_every_length),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
