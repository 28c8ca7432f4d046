/* engine/suite_trees.c - trees: names, kinds, creation and its undoing, listing, clearing */
#include "engine/suite.h"

#include <stdio.h>
#include <stdlib.h>

enum { MANY = 200 };

static void names_are_any_bytes(void **state)
{
    static const char long_name[1000] = "a long name, the rest of it NULs";
    const mia_slice names[] = {
        MIA_BYTES(""),         MIA_BYTES("\0"),
        MIA_BYTES("\0\0"),     MIA_BYTES("a"),
        MIA_BYTES("a\0"),      MIA_BYTES("a/b"),
        MIA_BYTES("%"),        MIA_BYTES("\xc3\x28"),
        MIA_BYTES("\xff\xff"), {long_name, sizeof long_name},
    };
    struct bench *b = *state;
    mia_tree tree, trees[LENGTH(names)];
    mia_slice value;
    mia_txn *txn = bench_begin(b, MIA_TXN_WRITE);
    for (size_t i = 0; i < LENGTH(names); i++) {
        ANSWERS(mia_tree_open(txn, names[i], 0, &tree, ERR), MIA_NOTFOUND);
        OK(mia_tree_open(txn, names[i], MIA_TREE_CREATE, &trees[i], ERR));
        OK(mia_kv_put(txn, trees[i], MIA_BYTES("name"), names[i], MIA_PUT_UPSERT, ERR));
    }
    OK(mia_txn_commit(txn, ERR));
    if (b->engine->persists)
        bench_reopen(b);
    txn = bench_begin(b, MIA_TXN_READ);
    for (size_t i = 0; i < LENGTH(names); i++) {
        OK(mia_tree_open(txn, names[i], 0, &tree, ERR));
        OK(mia_kv_get(txn, tree, MIA_BYTES("name"), &value, ERR));
        assert_bytes(value, names[i]);
    }
    mia_txn_abort(txn);
}

static void names_beyond_the_limit_are_refused(void **state)
{
    struct bench *b = *state;
    struct mia_db_info info = {.struct_size = sizeof info};
    mia_tree tree;
    OK(mia_db_info(b->db, &info, ERR));
    void *bytes = calloc(1, 1 << 16); /* more is never looked at */
    mia_slice name = {bytes, info.max_key + 1};
    mia_txn *txn = bench_begin(b, MIA_TXN_WRITE);
    ANSWERS(mia_tree_open(txn, name, 0, &tree, ERR), MIA_NOTFOUND);
    ANSWERS(mia_tree_open(txn, name, MIA_TREE_CREATE, &tree, ERR), MIA_ERR_TOO_LONG);
    OK(mia_tree_open(txn, MIA_BYTES("short"), MIA_TREE_CREATE, &tree, ERR));
    OK(mia_txn_commit(txn, ERR));
    free(bytes);
}

static void abort_undoes_the_creation_of_a_tree(void **state)
{
    struct bench *b = *state;
    mia_slice value, name = MIA_BYTES("new");
    mia_tree again;
    mia_cursor *cur;
    uint64_t n;
    mia_txn *txn = bench_begin(b, MIA_TXN_WRITE);
    mia_tree tree = bench_tree(txn, "new", MIA_TREE_CREATE);
    put_text(txn, tree, "k", "undone");
    assert_content(txn, tree, "k=undone");
    mia_txn_abort(txn);

    txn = bench_begin(b, MIA_TXN_WRITE);
    ANSWERS(mia_tree_open(txn, name, 0, &again, ERR), MIA_NOTFOUND);
    ANSWERS(mia_kv_get(txn, tree, MIA_BYTES("k"), &value, ERR), MIA_ERR_INVALID);
    ANSWERS(mia_kv_count(txn, tree, NULL, &n, ERR), MIA_ERR_INVALID);
    ANSWERS(mia_cursor_open(txn, tree, &cur, ERR), MIA_ERR_INVALID);
    assert_null(cur);
    ANSWERS(mia_kv_put(txn, tree, MIA_BYTES("k"), MIA_BYTES("v"), 0, ERR), MIA_ERR_INVALID);
    ANSWERS(mia_kv_del(txn, tree, MIA_BYTES("k"), NULL, ERR), MIA_ERR_INVALID);
    ANSWERS(mia_tree_clear(txn, tree, ERR), MIA_ERR_INVALID);
    again = bench_tree(txn, "new", MIA_TREE_CREATE);
    assert_content(txn, again, "");
    put_text(txn, again, "k", "kept");
    assert_get(txn, tree, "k", "kept"); /* the id from before is good again */
    OK(mia_txn_commit(txn, ERR));
    assert_committed(b, tree, "k=kept");
}

static void opening_with_create_keeps_what_is_there(void **state)
{
    struct bench *b = *state;
    mia_tree tree = bench_fill(b, "t", 0, "a=1");
    mia_txn *txn = bench_begin(b, MIA_TXN_WRITE);
    assert_int_equal(bench_tree(txn, "t", MIA_TREE_CREATE), tree);
    assert_int_equal(bench_tree(txn, "t", 0), tree);
    assert_content(txn, tree, "a=1");
    mia_txn_abort(txn);
    assert_committed(b, tree, "a=1"); /* it was there before: nothing is undone */
}

static void a_new_tree_is_seen_after_its_commit(void **state)
{
    struct bench *b = *state;
    mia_tree tree;
    mia_slice value;
    mia_txn *old = bench_begin(b, MIA_TXN_READ), *txn = bench_begin(b, MIA_TXN_WRITE);
    mia_tree created = bench_tree(txn, "t", MIA_TREE_CREATE);
    put_text(txn, created, "a", "1");
    ANSWERS(mia_tree_open(old, MIA_BYTES("t"), 0, &tree, ERR), MIA_NOTFOUND);
    ANSWERS(mia_kv_get(old, created, MIA_BYTES("a"), &value, ERR), MIA_ERR_INVALID);
    OK(mia_txn_commit(txn, ERR));
    if (b->engine->ops->caps & MIA_CAP_SNAPSHOT) {
        ANSWERS(mia_tree_open(old, MIA_BYTES("t"), 0, &tree, ERR), MIA_NOTFOUND);
        ANSWERS(mia_kv_get(old, created, MIA_BYTES("a"), &value, ERR), MIA_ERR_INVALID);
    }
    mia_txn *young = bench_begin(b, MIA_TXN_READ);
    assert_int_equal(bench_tree(young, "t", 0), created);
    assert_content(young, created, "a=1");
    mia_txn_abort(young);
    mia_txn_abort(old);
}

static void a_tree_keeps_its_kind(void **state)
{
    struct bench *b = *state;
    mia_tree tree;
    bench_fill(b, "plain", 0, "a=1");
    bench_fill(b, "multi", MIA_TREE_MULTI, "a=1 a=2");
    mia_txn *txn = bench_begin(b, MIA_TXN_WRITE);
    for (uint32_t create = 0; create <= MIA_TREE_CREATE; create++) {
        ANSWERS(mia_tree_open(txn, MIA_BYTES("plain"), MIA_TREE_MULTI | create, &tree, ERR),
                MIA_ERR_INVALID);
        ANSWERS(mia_tree_open(txn, MIA_BYTES("multi"), create, &tree, ERR), MIA_ERR_INVALID);
    }
    assert_content(txn, bench_tree(txn, "plain", 0), "a=1");
    assert_content(txn, bench_tree(txn, "multi", MIA_TREE_MULTI), "a=1 a=2");
    mia_txn_abort(txn);
}

static void a_tree_made_anew_may_be_of_another_kind(void **state)
{
    struct bench *b = *state;
    mia_txn *txn = bench_begin(b, MIA_TXN_WRITE);
    put_text(txn, bench_tree(txn, "t", MIA_TREE_CREATE), "a", "1");
    mia_txn_abort(txn);
    mia_tree multi = bench_fill(b, "t", MIA_TREE_MULTI, "a=2 a=1");
    assert_committed(b, multi, "a=1 a=2");
}

static mia_slice number(char *text, size_t size, size_t i)
{
    int used = snprintf(text, size, "%zu", i);
    return (mia_slice){text, (size_t)used};
}

static void make_many(struct bench *b)
{
    char name[16];
    mia_tree tree;
    mia_txn *txn = bench_begin(b, MIA_TXN_WRITE);
    for (size_t i = 0; i < MANY; i++) {
        mia_slice text = number(name, sizeof name, i);
        OK(mia_tree_open(txn, text, MIA_TREE_CREATE, &tree, ERR));
        OK(mia_kv_put(txn, tree, text, text, MIA_PUT_UPSERT, ERR));
    }
    OK(mia_txn_commit(txn, ERR));
}

static void two_hundred_trees_keep_apart(void **state)
{
    struct bench *b = *state;
    char name[16];
    mia_slice value;
    mia_tree tree;
    make_many(b);
    if (b->engine->persists) { /* by default there is room for those in the file and 64 more */
        OK(mia_db_close(b->db, ERR));
        OK(mia_db_open(b->engine->ops, b->path, NULL, &b->db, ERR));
    }
    mia_txn *txn = bench_begin(b, MIA_TXN_WRITE);
    for (size_t i = 0; i < MANY; i++) {
        mia_slice text = number(name, sizeof name, i);
        OK(mia_tree_open(txn, text, 0, &tree, ERR));
        OK(mia_kv_get(txn, tree, text, &value, ERR));
        assert_bytes(value, text);
        uint64_t n;
        OK(mia_kv_count(txn, tree, NULL, &n, ERR));
        assert_int_equal(n, 1);
    }
    for (size_t i = MANY; i < MANY + 56; i++)
        OK(mia_tree_open(txn, number(name, sizeof name, i), MIA_TREE_CREATE, &tree, ERR));
    OK(mia_txn_commit(txn, ERR));
}

/* Names that a fresh database of the engine has anyway (sled: its default tree). */
static bool is_known(const char *names, mia_slice name)
{
    char text[64];
    assert_in_range(name.size, 0, sizeof text - 3);
    snprintf(text, sizeof text, " %.*s ", (int)name.size, (const char *)name.data);
    return strstr(names, text) != NULL;
}

/* "name name name", without those in `hidden`, which is the same with a space at both ends. */
static void list_trees(mia_txn *txn, const char *hidden, char *to, size_t size)
{
    char before[64];
    mia_slice name, last = {0};
    const mia_slice *after = NULL;
    size_t used = 0;
    to[0] = '\0';
    while (mia_tree_next(txn, after, &name, ERR) == MIA_OK) {
        mia_slice copy = {before, last.size};
        assert_true(after == NULL || mia_slice_compare(copy, name) < 0);
        if (!is_known(hidden, name))
            used += (size_t)snprintf(to + used, size - used, "%s%.*s", used > 0 ? " " : "",
                                     (int)name.size, (const char *)name.data);
        assert_in_range(used, 0, size - 1);
        memcpy(before, name.data, name.size);
        last = name; /* alive until the next call, which may be given it */
        after = &last;
    }
    assert_null(name.data);
}

static void names_are_listed_in_byte_order(void **state)
{
    struct bench *b = *state;
    char first[64], hidden[70], names[200];
    mia_slice name, after = MIA_BYTES("bb"), last = MIA_BYTES("\xff\xff\xff");
    mia_txn *txn = bench_begin(b, MIA_TXN_WRITE);
    list_trees(txn, " ", first, sizeof first);
    snprintf(hidden, sizeof hidden, " %s ", first);
    bench_tree(txn, "c", MIA_TREE_CREATE);
    bench_tree(txn, "a", MIA_TREE_CREATE);
    bench_tree(txn, "b", MIA_TREE_CREATE | MIA_TREE_MULTI);
    bench_tree(txn, "ba", MIA_TREE_CREATE);
    list_trees(txn, hidden, names, sizeof names); /* its own, not yet committed */
    assert_string_equal(names, "a b ba c");
    OK(mia_txn_commit(txn, ERR));

    txn = bench_begin(b, MIA_TXN_WRITE);
    bench_tree(txn, "bb", MIA_TREE_CREATE);
    list_trees(txn, hidden, names, sizeof names);
    assert_string_equal(names, "a b ba bb c");
    mia_txn_abort(txn);

    txn = bench_begin(b, MIA_TXN_READ);
    list_trees(txn, hidden, names, sizeof names);
    assert_string_equal(names, "a b ba c");
    OK(mia_tree_next(txn, &after, &name, ERR)); /* after a name that is none */
    assert_text(name, "c");
    ANSWERS(mia_tree_next(txn, &last, &name, ERR), MIA_NOTFOUND);
    mia_txn_abort(txn);
}

static void clear_empties_a_tree_and_no_other(void **state)
{
    struct bench *b = *state;
    mia_tree one = bench_fill(b, "one", 0, "a=1 b=2"), two = bench_fill(b, "two", 0, "a=3");
    mia_tree multi = bench_fill(b, "multi", MIA_TREE_MULTI, "a=1 a=2 b=1");
    mia_txn *txn = bench_begin(b, MIA_TXN_WRITE);
    put_text(txn, one, "own", "change");
    OK(mia_tree_clear(txn, one, ERR));
    assert_content(txn, one, "");
    assert_get(txn, one, "a", NULL);
    ANSWERS(mia_kv_del(txn, one, MIA_BYTES("a"), NULL, ERR), MIA_NOTFOUND);
    OK(mia_tree_clear(txn, one, ERR)); /* an empty one, too */
    OK(mia_tree_clear(txn, multi, ERR));
    mia_txn_abort(txn);
    assert_committed(b, one, "a=1 b=2");
    assert_committed(b, multi, "a=1 a=2 b=1");

    txn = bench_begin(b, MIA_TXN_WRITE);
    OK(mia_tree_clear(txn, one, ERR));
    OK(mia_tree_clear(txn, multi, ERR));
    put_text(txn, one, "b", "after");
    put_text(txn, multi, "a", "after");
    OK(mia_txn_commit(txn, ERR));
    assert_committed(b, one, "b=after");
    assert_committed(b, two, "a=3");
    assert_committed(b, multi, "a=after");
}

struct engine_cases cases_of_trees(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(names_are_any_bytes),
        CASE(names_beyond_the_limit_are_refused),
        CASE(abort_undoes_the_creation_of_a_tree),
        CASE(opening_with_create_keeps_what_is_there),
        CASE(a_new_tree_is_seen_after_its_commit),
        CASE(a_tree_keeps_its_kind),
        CASE(a_tree_made_anew_may_be_of_another_kind),
        CASE(two_hundred_trees_keep_apart),
        CASE(names_are_listed_in_byte_order),
        CASE(clear_empties_a_tree_and_no_other),
    };
    return CASES(cases);
}
