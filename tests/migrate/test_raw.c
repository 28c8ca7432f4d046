/* Names and keys that libmdbx cannot hold: every rule of raw/raw.h against a sorted array. */
#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "mia/mia.h"
#include "raw/raw.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#define OK(call) assert_int_equal((call), MIA_OK)

enum { LIMIT = 24 }; /* a small key limit makes deep layers cheap */

struct bench {
    char *directory;
    mia_db *db;
    struct mia__raw raw;
    mia_tree tree;
    mia_txn *txn;
};

static void begin(struct bench *b)
{
    OK(mia_txn_begin(b->db, MIA_TXN_WRITE, &b->txn, NULL));
}

static void commit(struct bench *b)
{
    OK(mia_txn_commit(b->txn, NULL));
    b->txn = NULL;
}

static int open_bench(void **state)
{
    struct bench *b = calloc(1, sizeof *b);
    struct mia_error err = {0};
    OK(mia__dir_create_temporary("/tmp", "mia-test-raw-", &b->directory, &err));
    struct mia_db_options opt = {.struct_size = sizeof opt, .durability = MIA_SYNC_LAZY};
    OK(mia_db_open(mia_engine_mdbx(), b->directory, &opt, &b->db, &err));
    begin(b);
    OK(mia__raw_create(b->txn, LIMIT, false, &b->raw, &err));
    OK(mia__raw_tree(b->txn, &b->raw, MIA_BYTES("data"), true, &b->tree, &err));
    commit(b);
    *state = b;
    return 0;
}

static int close_bench(void **state)
{
    struct bench *b = *state;
    mia_txn_abort(b->txn);
    OK(mia_db_close(b->db, NULL));
    OK(mia__dir_remove_tree(b->directory, NULL));
    mia__free(b->directory);
    free(b);
    return 0;
}

/* ---- the model: a sorted array */

enum { MOST = 400, LONGEST = 6 * LIMIT };

struct pair {
    uint8_t key[LONGEST];
    size_t size;
    uint32_t value;
};

struct model {
    struct pair pairs[MOST];
    size_t count;
};

static mia_slice key_of(const struct pair *p)
{
    return (mia_slice){p->key, p->size};
}

static size_t lower_bound(const struct model *m, mia_slice key)
{
    size_t i = 0;
    while (i < m->count && mia_slice_compare(key_of(&m->pairs[i]), key) < 0)
        i++;
    return i;
}

static bool model_has(const struct model *m, mia_slice key, size_t *at)
{
    *at = lower_bound(m, key);
    return *at < m->count && mia_slice_equal(key_of(&m->pairs[*at]), key);
}

static void model_put(struct model *m, const struct pair *p)
{
    size_t at;
    if (!model_has(m, key_of(p), &at)) {
        memmove(&m->pairs[at + 1], &m->pairs[at], (m->count - at) * sizeof *p);
        m->count++;
    }
    m->pairs[at] = *p;
}

static void model_del(struct model *m, size_t at)
{
    m->count--;
    memmove(&m->pairs[at], &m->pairs[at + 1], (m->count - at) * sizeof m->pairs[0]);
}

static void check_pair(const struct pair *expected, const struct mia_pair *got)
{
    assert_int_equal(got->key.size, expected->size);
    assert_memory_equal(got->key.data, expected->key, expected->size);
    assert_int_equal(got->value.size, sizeof expected->value);
    assert_memory_equal(got->value.data, &expected->value, sizeof expected->value);
}

/* Reads from key (NULL: the beginning) to the end, in batches of `at_once`. */
static void check_scan(struct bench *b, const struct model *m, const mia_slice *from,
                       size_t at_once)
{
    struct mia__raw_cursor *cur;
    struct mia_pair pairs[64];
    size_t n, at = from != NULL ? lower_bound(m, *from) : 0;
    OK(mia__raw_cursor_open(b->txn, &b->raw, b->tree, &cur, NULL));
    if (from != NULL)
        OK(mia__raw_cursor_seek(cur, *from, NULL));
    mia_status rc;
    while ((rc = mia__raw_cursor_next(cur, pairs, at_once, &n, NULL)) == MIA_OK)
        for (size_t i = 0; i < n; i++) {
            assert_true(at < m->count);
            check_pair(&m->pairs[at++], &pairs[i]);
        }
    assert_int_equal(rc, MIA_NOTFOUND);
    assert_int_equal(at, m->count);
    mia__raw_cursor_close(cur);
}

/* Few letters, lengths around every boundary: prefixes of each other meet at each layer. */
static void random_key(struct pair *p)
{
    static const int lengths[] = {0,
                                  1,
                                  LIMIT - 1,
                                  LIMIT,
                                  LIMIT + 1,
                                  2 * LIMIT - 9,
                                  2 * LIMIT - 8,
                                  2 * LIMIT - 7,
                                  3 * LIMIT - 17,
                                  3 * LIMIT - 16,
                                  3 * LIMIT - 15,
                                  3 * LIMIT,
                                  5 * LIMIT};
    size_t kinds = sizeof lengths / sizeof lengths[0];
    p->size = rand() % 3 ? (size_t)lengths[(size_t)rand() % kinds] : (size_t)rand() % LONGEST;
    memset(p->key, rand() % 2 ? 0x00 : 0xff, p->size);
    if (p->size > 0 && rand() % 2)
        p->key[(size_t)rand() % p->size] = (uint8_t)(rand() % 3 * 0x7f);
    if (p->size > 0 && rand() % 4 == 0)
        p->key[p->size - 1] ^= 1;
    p->value = (uint32_t)rand();
}

static void put_random(struct bench *b, struct model *m)
{
    struct pair p;
    random_key(&p);
    bool is_folded;
    OK(mia__raw_put(b->txn, &b->raw, b->tree, key_of(&p), (mia_slice){&p.value, sizeof p.value},
                    MIA_PUT_UPSERT, &is_folded, NULL));
    assert_int_equal(is_folded, p.size >= LIMIT);
    model_put(m, &p);
}

static void get_random(struct bench *b, const struct model *m)
{
    struct pair p;
    size_t at;
    mia_slice value;
    random_key(&p);
    bool has = model_has(m, key_of(&p), &at);
    assert_int_equal(mia__raw_get(b->txn, &b->raw, b->tree, key_of(&p), &value, NULL),
                     has ? MIA_OK : MIA_NOTFOUND);
    if (has)
        assert_memory_equal(value.data, &m->pairs[at].value, sizeof m->pairs[at].value);
    mia_slice from = key_of(&p);
    check_scan(b, m, &from, 1 + (size_t)rand() % 5);
}

static void del_random(struct bench *b, struct model *m)
{
    struct pair p;
    size_t at;
    random_key(&p);
    if (m->count > 0 && rand() % 4)
        p = m->pairs[(size_t)rand() % m->count];
    bool has = model_has(m, key_of(&p), &at);
    assert_int_equal(mia__raw_del(b->txn, &b->raw, b->tree, key_of(&p), NULL),
                     has ? MIA_OK : MIA_NOTFOUND);
    if (has)
        model_del(m, at);
}

static void any_keys_match_a_sorted_array(void **state)
{
    struct bench *b = *state;
    const char *given = getenv("MIA_TEST_SEED");
    unsigned seed = given ? (unsigned)strtoul(given, NULL, 10) : (unsigned)time(NULL);
    print_message("seed %u (again with MIA_TEST_SEED=%u)\n", seed, seed);
    srand(seed);
    struct model *m = calloc(1, sizeof *m);
    uint64_t left;
    begin(b);
    for (int round = 0; round < 40; round++) {
        int weight = rand() % 3;
        for (int i = 0; i < 60; i++) {
            if (m->count < MOST && (m->count == 0 || rand() % 3 >= weight))
                put_random(b, m);
            else
                del_random(b, m);
            if (i % 10 == 0)
                get_random(b, m);
        }
        check_scan(b, m, NULL, 1 + (size_t)rand() % 64);
    }
    while (m->count > 0) { /* removal in random order leaves nothing behind */
        size_t at = (size_t)rand() % m->count;
        OK(mia__raw_del(b->txn, &b->raw, b->tree, key_of(&m->pairs[at]), NULL));
        model_del(m, at);
    }
    OK(mia_kv_count(b->txn, b->raw.layers, NULL, &left, NULL));
    assert_int_equal(left, 0);
    OK(mia_kv_count(b->txn, b->tree, NULL, &left, NULL));
    assert_int_equal(left, 0);
    commit(b);
    free(m);
}

static void a_key_far_beyond_the_limit_survives(void **state)
{
    struct bench *b = *state;
    struct mia__raw_cursor *cur;
    struct mia_pair pair;
    size_t n, size = 1 << 17;
    char *key = malloc(size);
    memset(key, 'k', size);
    begin(b);
    OK(mia__raw_put(b->txn, &b->raw, b->tree, (mia_slice){key, size}, MIA_BYTES("v"), 0, NULL,
                    NULL));
    OK(mia__raw_cursor_open(b->txn, &b->raw, b->tree, &cur, NULL));
    OK(mia__raw_cursor_next(cur, &pair, 1, &n, NULL));
    assert_int_equal(pair.key.size, size);
    assert_memory_equal(pair.key.data, key, size);
    mia__raw_cursor_close(cur);
    commit(b);
    free(key);
}

static void names_come_back(void **state)
{
    struct bench *b = *state;
    char *longest = malloc(5000);
    memset(longest, 'n', 5000);
    memset(longest + 990, 0x01, 10);
    const struct {
        mia_slice name, stored;
    } cases[] = {
        {MIA_BYTES("nodes"), MIA_BYTES("nodes")},
        {MIA_BYTES(""), MIA_BYTES("%")},
        {MIA_BYTES("%"), MIA_BYTES("%%25")},
        {MIA_BYTES("%41"), MIA_BYTES("%%2541")},
        {MIA_BYTES("%#1"), MIA_BYTES("%%25%231")},
        {MIA_BYTES("mia_meta"), MIA_BYTES("%mia_meta")},
        {MIA_BYTES("mia_long"), MIA_BYTES("%mia_long")},
        {MIA_BYTES("idx_prop"), MIA_BYTES("%idx_prop")},
        {MIA_BYTES("vec_x"), MIA_BYTES("%vec_x")},
        {MIA_BYTES("a\0b"), MIA_BYTES("%a%00b")},
        {MIA_BYTES("\xff\xfe"), MIA_BYTES("%%FF%FE")},
        {MIA_BYTES("two words"), MIA_BYTES("%two%20words")},
        {(mia_slice){longest, 200}, (mia_slice){longest, 200}},
        {(mia_slice){longest, 5000}, MIA_BYTES("%#1")},
        {(mia_slice){longest, 4999}, MIA_BYTES("%#2")},
    };
    begin(b);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        mia_tree tree, again;
        struct mia__buf name = {0};
        OK(mia__raw_tree(b->txn, &b->raw, cases[i].name, true, &tree, NULL));
        OK(mia_tree_open(b->txn, cases[i].stored, 0, &again, NULL));
        assert_int_equal(tree, again);
        OK(mia__raw_tree(b->txn, &b->raw, cases[i].name, false, &again, NULL));
        assert_int_equal(tree, again);
        OK(mia__raw_name(b->txn, &b->raw, cases[i].stored, &name, NULL));
        assert_true(mia_slice_equal(mia__buf_slice(&name), cases[i].name));
        mia__buf_free(&name);
    }
    commit(b);
    free(longest);
}

static void our_own_tables_are_no_trees(void **state)
{
    struct bench *b = *state;
    struct mia__buf name = {0};
    begin(b);
    assert_int_equal(mia__raw_name(b->txn, &b->raw, MIA_BYTES("mia_meta"), &name, NULL),
                     MIA_NOTFOUND);
    assert_int_equal(mia__raw_name(b->txn, &b->raw, MIA_BYTES("mia_long"), &name, NULL),
                     MIA_NOTFOUND);
    assert_int_equal(mia__raw_name(b->txn, &b->raw, MIA_BYTES("%%2"), &name, NULL),
                     MIA_ERR_CORRUPT);
    assert_int_equal(mia__raw_name(b->txn, &b->raw, MIA_BYTES("%#7"), &name, NULL),
                     MIA_ERR_CORRUPT);
    commit(b);
    mia__buf_free(&name);
}

static void pointers_in_a_circle_are_damage(void **state)
{
    struct bench *b = *state;
    struct mia__raw_cursor *cur;
    struct mia_pair pair;
    size_t n;
    uint8_t head[LIMIT] = {0}, inside[LIMIT] = {0};
    static const uint8_t id[8] = {0, 0, 0, 0, 0, 0, 0, 1};
    memcpy(inside, id, sizeof id);
    begin(b);
    OK(mia_kv_put(b->txn, b->tree, (mia_slice){head, LIMIT}, (mia_slice){id, 8}, 0, NULL));
    OK(mia_kv_put(b->txn, b->raw.layers, (mia_slice){inside, LIMIT}, (mia_slice){id, 8}, 0, NULL));
    OK(mia__raw_cursor_open(b->txn, &b->raw, b->tree, &cur, NULL));
    assert_int_equal(mia__raw_cursor_next(cur, &pair, 1, &n, NULL), MIA_ERR_CORRUPT);
    mia__raw_cursor_close(cur);
    OK(mia_kv_put(b->txn, b->tree, (mia_slice){head, LIMIT}, (mia_slice){id, 3}, 0, NULL));
    OK(mia__raw_cursor_open(b->txn, &b->raw, b->tree, &cur, NULL));
    assert_int_equal(mia__raw_cursor_next(cur, &pair, 1, &n, NULL), MIA_ERR_CORRUPT);
    mia__raw_cursor_close(cur);
    commit(b);
}

static void a_layer_without_its_key_is_found(void **state)
{
    struct bench *b = *state;
    uint8_t key[3 * LIMIT] = {0};
    uint64_t problems;
    begin(b);
    for (uint8_t i = 0; i < 3; i++) {
        key[0] = i;
        OK(mia__raw_put(b->txn, &b->raw, b->tree, (mia_slice){key, sizeof key}, MIA_BYTES("v"), 0,
                        NULL, NULL));
    }
    OK(mia__raw_check(b->txn, &b->raw, NULL, NULL, &problems, NULL));
    assert_int_equal(problems, 0);
    OK(mia_kv_del(b->txn, b->tree, (mia_slice){key, LIMIT}, NULL, NULL));
    OK(mia__raw_check(b->txn, &b->raw, NULL, NULL, &problems, NULL));
    assert_int_equal(problems, 1); /* belongs to no key */
    OK(mia_tree_clear(b->txn, b->raw.layers, NULL));
    OK(mia__raw_check(b->txn, &b->raw, NULL, NULL, &problems, NULL));
    assert_int_equal(problems, 2); /* two are missing */
    commit(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(any_keys_match_a_sorted_array, open_bench, close_bench),
        cmocka_unit_test_setup_teardown(a_key_far_beyond_the_limit_survives, open_bench,
                                        close_bench),
        cmocka_unit_test_setup_teardown(names_come_back, open_bench, close_bench),
        cmocka_unit_test_setup_teardown(our_own_tables_are_no_trees, open_bench, close_bench),
        cmocka_unit_test_setup_teardown(a_layer_without_its_key_is_found, open_bench, close_bench),
        cmocka_unit_test_setup_teardown(pointers_in_a_circle_are_damage, open_bench, close_bench),
    };
    return cmocka_run_group_tests_name("raw", tests, NULL, NULL);
}
