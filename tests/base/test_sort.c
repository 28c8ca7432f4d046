/* Pairs through the sort of files, beside a plain qsort of the same pairs. */
#include "base/file.h"
#include "base/sort.h"
#include "base/sort_places.h"
#include "support/check.h"
#include "support/folder.h"
#include "support/random.h"

#include <stdio.h>
#include <stdlib.h>

enum { KEY_MOST = 12, ALIKE_MOST = 40, VALUE_MOST = 200 };

struct item {
    uint32_t tree;
    size_t key_size, value_size;
    uint8_t key[ALIKE_MOST], value[VALUE_MOST];
};

static int by_tree_key_and_value(const void *a, const void *b)
{
    const struct item *first = a, *second = b;
    if (first->tree != second->tree)
        return first->tree < second->tree ? -1 : 1;
    int order = mia_slice_compare((mia_slice){first->key, first->key_size},
                                  (mia_slice){second->key, second->key_size});
    return order != 0 ? order
                      : mia_slice_compare((mia_slice){first->value, first->value_size},
                                          (mia_slice){second->value, second->value_size});
}

/* Distinct keys, some of them empty or beginning with others. */
static struct item *make_items(size_t count, struct test_random *random)
{
    struct item *items = calloc(count, sizeof *items);
    for (size_t i = 0; i < count; i++) {
        uint32_t number = (uint32_t)i / 4;
        items[i].tree = (uint32_t)i % 4;
        items[i].key_size = number == 0 ? 0 : 1 + number % KEY_MOST;
        memcpy(items[i].key, &number, sizeof number);
        if (items[i].key_size > 0 && items[i].key_size < sizeof number)
            items[i].key_size = sizeof number;
        items[i].value_size = test_below(random, VALUE_MOST + 1);
        test_fill(random, items[i].value, items[i].value_size);
    }
    for (size_t i = count; i > 1; i--) {
        size_t other = test_below(random, i);
        struct item item = items[i - 1];
        items[i - 1] = items[other];
        items[other] = item;
    }
    return items;
}

/* Of two letters, one of them zero: with long beginnings that they share, equal ones, and all equal
 * ones in a row. */
static struct item *make_alike(size_t count, struct test_random *random)
{
    struct item *items = calloc(count, sizeof *items);
    for (size_t i = 0; i < count; i++) {
        struct item *item = &items[i];
        item->tree = (uint32_t)test_below(random, 2);
        item->key_size = test_below(random, ALIKE_MOST + 1);
        item->value_size = test_below(random, ALIKE_MOST + 1);
        for (size_t at = 0; at < item->key_size; at++)
            item->key[at] = test_below(random, 8) == 0 ? 'a' : 0;
        for (size_t at = 0; at < item->value_size; at++)
            item->value[at] = test_below(random, 8) == 0 ? 'a' : 0;
        if (i > 0 && test_below(random, 3) == 0)
            *item = items[i - 1];
    }
    return items;
}

static void check_sorted(const char *folder, struct item *items, size_t count, size_t memory)
{
    struct mia__sort *sort;
    struct mia_pair pair;
    uint32_t tree;
    OK(mia__sort_open(folder, memory, &sort, ERR));
    for (size_t i = 0; i < count; i++)
        OK(mia__sort_add(sort, items[i].tree, (mia_slice){items[i].key, items[i].key_size},
                         (mia_slice){items[i].value, items[i].value_size}, ERR));
    if (count > 0)
        qsort(items, count, sizeof *items, by_tree_key_and_value);
    for (size_t i = 0; i < count; i++) {
        OK(mia__sort_next(sort, &tree, &pair, ERR));
        assert_int_equal(tree, items[i].tree);
        assert_bytes(pair.key, ((mia_slice){items[i].key, items[i].key_size}));
        assert_bytes(pair.value, ((mia_slice){items[i].value, items[i].value_size}));
    }
    for (int i = 0; i < 2; i++)
        ANSWERS(mia__sort_next(sort, &tree, &pair, ERR), MIA_NOTFOUND);
    mia__sort_close(sort);
    free(items);
}

static void check_in_order(const char *folder,
                           struct item *(*make)(size_t count, struct test_random *random))
{
    static const size_t counts[] = {0, 1, 2, 3, 100, 5000};
    static const size_t memories[] = {1, 1000, 50000, 1 << 30}; /* bytes: a run each ... one run */
    struct test_random random = {test_seed()};
    for (size_t c = 0; c < LENGTH(counts); c++)
        for (size_t m = 0; m < LENGTH(memories); m++) {
            char runs[TEST_PATH];
            if (counts[c] / memories[m] > 1000)
                continue; /* so many files take long */
            test_path(runs, folder, "runs");
            OK(mia__dir_create(runs, ERR));
            check_sorted(runs, make(counts[c], &random), counts[c], memories[m]);
            OK(mia__dir_remove_tree(runs, ERR));
        }
}

static void pairs_come_in_order(void **state)
{
    check_in_order(*state, make_items);
}

static void pairs_that_begin_alike_come_in_order(void **state)
{
    check_in_order(*state, make_alike);
}

/* With few attempts or none the rest is the library's sort. */
static void places_are_in_order_after_any_number_of_attempts(void **state)
{
    (void)state;
    enum { COUNT = 2000, SIZE = MIA__SORT_HEADER + 8 };
    static uint8_t pairs[COUNT][SIZE];
    static struct mia__sort_place places[COUNT];
    struct test_random random = {test_seed()};
    for (uint64_t i = 0; i < COUNT; i++) {
        uint8_t key[8];
        mia__store_u64be(key, i * i % COUNT);
        mia__sort_write(pairs[i], 1, (mia_slice){key, sizeof key}, (mia_slice){0});
    }
    for (unsigned attempts = 0; attempts < 12; attempts++) {
        for (size_t i = 0; i < COUNT; i++)
            places[i].at = pairs[attempts % 2 == 0 ? i : test_below(&random, COUNT)];
        mia__sort_places(places, COUNT, attempts / 2);
        for (size_t i = 1; i < COUNT; i++)
            assert_true(mia__sort_compare(places[i - 1].at, places[i].at) <= 0);
    }
}

static void a_pair_larger_than_the_memory_is_one_run(void **state)
{
    enum { LARGE = 3 << 20 };
    struct mia__sort *sort;
    struct mia_pair pair;
    uint32_t tree;
    char *value = calloc(1, LARGE);
    OK(mia__sort_open(*state, 1000, &sort, ERR));
    for (uint8_t key = 3; key > 0; key--)
        OK(mia__sort_add(sort, 7, (mia_slice){&key, 1}, (mia_slice){value, LARGE}, ERR));
    for (uint8_t key = 1; key <= 3; key++) {
        OK(mia__sort_next(sort, &tree, &pair, ERR));
        assert_int_equal(tree, 7);
        assert_bytes(pair.key, ((mia_slice){&key, 1}));
        assert_bytes(pair.value, ((mia_slice){value, LARGE}));
    }
    mia__sort_close(sort);
    free(value);
}

static void equal_keys_come_by_their_values(void **state)
{
    static const char *const values[] = {"b", "", "bb", "a"}, *const sorted[] = {"", "a", "b",
                                                                                 "bb"};
    for (size_t memory = 1; memory <= 1000; memory *= 1000) { /* in files, and in memory */
        struct mia__sort *sort;
        struct mia_pair pair;
        uint32_t tree;
        OK(mia__sort_open(*state, memory, &sort, ERR));
        for (size_t i = 0; i < LENGTH(values); i++)
            OK(mia__sort_add(sort, 1, MIA_BYTES("a key"), mia_bytes_of(values[i]), ERR));
        for (size_t i = 0; i < LENGTH(sorted); i++) {
            OK(mia__sort_next(sort, &tree, &pair, ERR));
            assert_bytes(pair.key, MIA_BYTES("a key"));
            assert_bytes(pair.value, mia_bytes_of(sorted[i]));
        }
        mia__sort_close(sort);
        for (size_t i = 0; i < LENGTH(values); i++) {
            char name[16], path[TEST_PATH];
            snprintf(name, sizeof name, "run.%zu", i);
            test_path(path, *state, name);
            assert_int_equal(test_exists(path), memory == 1);
            if (memory == 1)
                test_folder_remove(path);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(pairs_come_in_order, test_folder_open, test_folder_close),
        cmocka_unit_test_setup_teardown(pairs_that_begin_alike_come_in_order, test_folder_open,
                                        test_folder_close),
        cmocka_unit_test(places_are_in_order_after_any_number_of_attempts),
        cmocka_unit_test_setup_teardown(a_pair_larger_than_the_memory_is_one_run, test_folder_open,
                                        test_folder_close),
        cmocka_unit_test_setup_teardown(equal_keys_come_by_their_values, test_folder_open,
                                        test_folder_close),
    };
    return cmocka_run_group_tests_name("sort", tests, NULL, NULL);
}
