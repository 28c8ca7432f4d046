/* Every cursor move, batches, counts and single pairs of the sled engine against a sorted array: in
 * WRITE transactions over own and committed pairs mixed, after commits and after aborts. The keys
 * are full of 0xff, on which sled's own iteration backwards fails. */
#include "engine/sled.h"

#include <stdlib.h>

enum { MOST = 6000, LONGEST = 11, ROUNDS = 12, CHANGES = 900, WALK = 1500, BATCH = 700 };

struct pair {
    uint8_t key[LONGEST];
    uint8_t size;
    uint32_t value;
};

struct model {
    size_t count;
    struct pair pairs[MOST];
};

static mia_slice key_of(const struct pair *p)
{
    return (mia_slice){p->key, p->size};
}

static mia_slice value_of(const struct pair *p)
{
    return (mia_slice){&p->value, sizeof p->value};
}

/* The place of the first key that is not below. */
static size_t place_of(const struct model *m, mia_slice key)
{
    size_t from = 0, to = m->count;
    while (from < to) {
        size_t middle = (from + to) / 2;
        if (mia_slice_compare(key_of(&m->pairs[middle]), key) < 0)
            from = middle + 1;
        else
            to = middle;
    }
    return from;
}

static bool is_at(const struct model *m, size_t place, mia_slice key)
{
    return place < m->count && mia_slice_equal(key_of(&m->pairs[place]), key);
}

static void model_put(struct model *m, const struct pair *pair)
{
    size_t place = place_of(m, key_of(pair));
    if (!is_at(m, place, key_of(pair))) {
        assert_true(m->count < MOST);
        memmove(&m->pairs[place + 1], &m->pairs[place], (m->count - place) * sizeof m->pairs[0]);
        m->count++;
    }
    m->pairs[place] = *pair;
}

static void model_remove(struct model *m, size_t place)
{
    m->count--;
    memmove(&m->pairs[place], &m->pairs[place + 1], (m->count - place) * sizeof m->pairs[0]);
}

static struct pair random_pair(uint64_t *seed)
{
    static const uint8_t bytes[] = {0, 1, 2, 0xff, 0xff, 0xff};
    struct pair pair = {.size = (uint8_t)bench_random(seed, LONGEST + 1)};
    for (size_t i = 0; i < pair.size; i++)
        pair.key[i] = bytes[bench_random(seed, sizeof bytes)];
    pair.value = bench_random(seed, UINT32_MAX);
    return pair;
}

static void change(struct bench *b, void *txn, uint32_t tree, struct model *m, uint64_t *seed)
{
    struct pair pair = random_pair(seed);
    mia_slice key = key_of(&pair), value = value_of(&pair);
    size_t place = place_of(m, key);
    bool is_there = is_at(m, place, key);
    uint32_t kind = bench_random(seed, 1000);
    if (kind < 300) {
        OK(b->ops->put(txn, tree, key, value, MIA_PUT_UPSERT, &b->err));
        model_put(m, &pair);
    } else if (kind < 600) {
        mia_status rc = b->ops->put(txn, tree, key, value, MIA_PUT_INSERT_ONLY, &b->err);
        assert_int_equal(rc, is_there ? MIA_ERR_INVALID : MIA_OK);
        if (!is_there)
            model_put(m, &pair);
    } else if (kind < 950) {
        mia_status rc = b->ops->del(txn, tree, key, NULL, &b->err);
        assert_int_equal(rc, is_there ? MIA_OK : MIA_NOTFOUND);
        if (is_there)
            model_remove(m, place);
    } else if (kind < 999) {
        mia_status rc = b->ops->put(txn, tree, key, value, MIA_PUT_APPEND, &b->err);
        assert_int_equal(rc, place < m->count ? MIA_ERR_INVALID : MIA_OK);
        if (place == m->count)
            model_put(m, &pair);
    } else if (bench_random(seed, 4) == 0) {
        OK(b->ops->clear(txn, tree, &b->err));
        m->count = 0;
    }
}

/* Where the cursor of the model stands. */
struct place {
    enum { FRESH, ON, FRONT, END } kind;
    size_t index;
};

static size_t aim(const struct model *m, struct place at, enum mia_move move, mia_slice key)
{
    switch (move) {
    case MIA_MOVE_FIRST:
        return 0;
    case MIA_MOVE_LAST:
        return m->count - 1;
    case MIA_MOVE_NEXT:
        return at.kind == ON ? at.index + 1 : at.kind == END ? m->count : 0;
    case MIA_MOVE_PREV:
        return at.kind == ON ? at.index - 1 : at.kind == FRONT ? SIZE_MAX : m->count - 1;
    case MIA_MOVE_SEEK:
        return place_of(m, key);
    case MIA_MOVE_SEEK_MULTI:
    case MIA_MOVE_NEXT_SAME:
    case MIA_MOVE_PREV_SAME:
    case MIA_MOVE_LAST_SAME:
    case MIA_MOVE_NEXT_KEY:
        break;
    }
    fail_msg("move %d has no place in this test", (int)move);
    return 0;
}

static void expect_pair(const struct model *m, size_t index, mia_slice key, mia_slice value)
{
    assert_true(mia_slice_equal(key, key_of(&m->pairs[index])));
    assert_true(mia_slice_equal(value, value_of(&m->pairs[index])));
}

static void move_both(struct bench *b, void *cur, const struct model *m, struct place *at,
                      enum mia_move move, mia_slice key)
{
    mia_slice value = {0};
    size_t target = aim(m, *at, move, key);
    mia_status rc = b->ops->move(cur, move, &key, &value, &b->err);
    if (target < m->count) {
        assert_int_equal(rc, MIA_OK);
        expect_pair(m, target, key, value);
        *at = (struct place){ON, target};
    } else {
        assert_int_equal(rc, MIA_NOTFOUND);
        at->kind = move == MIA_MOVE_PREV || move == MIA_MOVE_LAST ? FRONT : END;
    }
}

static void check_scan(struct bench *b, void *txn, uint32_t tree, const struct model *m,
                       enum mia_move move)
{
    void *cur;
    struct place at = {FRESH, 0};
    OK(b->ops->cursor(txn, tree, &cur, &b->err));
    for (size_t i = 0; i < m->count + 2; i++) /* two more: the end stays the end */
        move_both(b, cur, m, &at, move, (mia_slice){0});
    b->ops->cursor_close(cur);
}

static void check_walk(struct bench *b, void *txn, uint32_t tree, const struct model *m,
                       uint64_t *seed)
{
    void *cur;
    struct place at = {FRESH, 0};
    OK(b->ops->cursor(txn, tree, &cur, &b->err));
    for (int i = 0; i < WALK; i++) {
        struct pair pair = random_pair(seed);
        uint32_t kind = bench_random(seed, 20);
        enum mia_move move = kind < 8    ? MIA_MOVE_NEXT
                             : kind < 16 ? MIA_MOVE_PREV
                             : kind < 18 ? MIA_MOVE_SEEK
                             : kind < 19 ? MIA_MOVE_FIRST
                                         : MIA_MOVE_LAST;
        move_both(b, cur, m, &at, move, key_of(&pair));
    }
    b->ops->cursor_close(cur);
}

/* Batches of random sizes from a random pair on. */
static void check_batches(struct bench *b, void *txn, uint32_t tree, const struct model *m,
                          uint64_t *seed)
{
    void *cur;
    struct pair from = random_pair(seed);
    struct mia_pair pairs[BATCH];
    mia_slice key = key_of(&from), value;
    size_t n, place = place_of(m, key);
    OK(b->ops->cursor(txn, tree, &cur, &b->err));
    if (bench_random(seed, 3) == 0)
        place = 0; /* fresh */
    else
        (void)b->ops->move(cur, MIA_MOVE_SEEK, &key, &value, &b->err);
    while (place < m->count) {
        size_t most = 1 + bench_random(seed, BATCH);
        OK(b->ops->batch(cur, pairs, most, &n, &b->err));
        assert_in_range(n, 1, most);
        for (size_t i = 0; i < n; i++)
            expect_pair(m, place + i, pairs[i].key, pairs[i].value);
        place += n;
    }
    assert_int_equal(b->ops->batch(cur, pairs, BATCH, &n, &b->err), MIA_NOTFOUND);
    b->ops->cursor_close(cur);
}

static void check_all(struct bench *b, void *txn, uint32_t tree, const struct model *m,
                      uint64_t *seed)
{
    uint64_t count;
    OK(b->ops->count(txn, tree, NULL, &count, &b->err));
    assert_int_equal(count, m->count);
    for (int i = 0; i < 200; i++) {
        struct pair pair = random_pair(seed);
        mia_slice value;
        size_t place = place_of(m, key_of(&pair));
        bool is_there = is_at(m, place, key_of(&pair));
        mia_status rc = b->ops->get(txn, tree, key_of(&pair), &value, &b->err);
        assert_int_equal(rc, is_there ? MIA_OK : MIA_NOTFOUND);
        if (is_there)
            expect_pair(m, place, key_of(&pair), value);
    }
    check_scan(b, txn, tree, m, MIA_MOVE_NEXT);
    check_scan(b, txn, tree, m, MIA_MOVE_PREV);
    check_walk(b, txn, tree, m, seed);
    check_batches(b, txn, tree, m, seed);
}

static void test_against_sorted_array(void **state)
{
    struct bench *b = *state;
    uint64_t seed = 0x9e3779b97f4a7c15;
    struct model *committed = calloc(1, sizeof *committed), *m = calloc(1, sizeof *m);
    void *txn = bench_begin(b, MIA_TXN_WRITE);
    uint32_t tree = bench_tree(b, txn, MIA_BYTES("data"), MIA_TREE_CREATE);
    bench_commit(b, txn);
    for (int round = 0; round < ROUNDS; round++) {
        txn = bench_begin(b, MIA_TXN_WRITE);
        *m = *committed;
        for (int i = 0; i < CHANGES; i++)
            change(b, txn, tree, m, &seed);
        check_all(b, txn, tree, m, &seed);
        if (bench_random(&seed, 4) == 0) {
            b->ops->abort(txn);
        } else {
            bench_commit(b, txn);
            *committed = *m;
        }
        txn = bench_begin(b, MIA_TXN_READ);
        check_all(b, txn, tree, committed, &seed);
        b->ops->abort(txn);
    }
    assert_true(committed->count > 500); /* so the tree has many nodes */
    free(m);
    free(committed);
}

/* Reproduces what makes sled itself panic: many nodes between X lowered + ff ff ff ff and X. */
static void test_backwards_over_ff(void **state)
{
    struct bench *b = *state;
    struct model *m = calloc(1, sizeof *m);
    uint64_t seed = 88172645463325252;
    void *txn = bench_begin(b, MIA_TXN_WRITE);
    uint32_t tree = bench_tree(b, txn, MIA_BYTES("ff"), MIA_TREE_CREATE);
    while (m->count < MOST / 2) {
        struct pair pair = random_pair(&seed);
        OK(b->ops->put(txn, tree, key_of(&pair), value_of(&pair), MIA_PUT_UPSERT, &b->err));
        model_put(m, &pair);
    }
    bench_commit(b, txn);
    txn = bench_begin(b, MIA_TXN_READ);
    check_scan(b, txn, tree, m, MIA_MOVE_NEXT);
    check_scan(b, txn, tree, m, MIA_MOVE_PREV);
    b->ops->abort(txn);
    free(m);
}

/* Slices of a cursor outlive writes; a cursor sees later writes of its transaction after a seek. */
static void test_cursor_over_own_writes(void **state)
{
    struct bench *b = *state;
    void *cur, *txn = bench_begin(b, MIA_TXN_WRITE);
    mia_slice key, value;
    uint32_t tree = bench_tree(b, txn, MIA_BYTES("data"), MIA_TREE_CREATE);
    bench_put(b, txn, tree, "b", "1");
    OK(b->ops->cursor(txn, tree, &cur, &b->err));
    OK(b->ops->move(cur, MIA_MOVE_FIRST, &key, &value, &b->err));
    bench_put(b, txn, tree, "c", "2");
    OK(b->ops->del(txn, tree, key, NULL, &b->err)); /* with the cursor's own bytes */
    assert_true(mia_slice_equal(key, MIA_BYTES("b")));
    assert_true(mia_slice_equal(value, MIA_BYTES("1")));
    OK(b->ops->move(cur, MIA_MOVE_SEEK, &key, &value, &b->err)); /* again */
    assert_true(mia_slice_equal(key, MIA_BYTES("c")));
    OK(b->ops->get(txn, tree, MIA_BYTES("c"), &value, &b->err));
    OK(b->ops->put(txn, tree, value, value, MIA_PUT_UPSERT, &b->err)); /* what get gave */
    bench_expect(b, txn, tree, "2", "2");
    b->ops->cursor_close(cur);
    b->ops->abort(txn);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_against_sorted_array, bench_open, bench_close),
        cmocka_unit_test_setup_teardown(test_backwards_over_ff, bench_open, bench_close),
        cmocka_unit_test_setup_teardown(test_cursor_over_own_writes, bench_open, bench_close),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
