/*
 * Random operations on every engine, each answer compared with a model that cannot be wrong.
 *
 * MIA_TEST_SEED repeats a run, MIA_TEST_OPS sets how many operations there are in all.
 */
#include "engine/model.h"
#include "engine/suite.h"

#include <stdio.h>
#include <stdlib.h>

enum { WALKERS = 4, ALL_ENGINES = 3 };

/* A transaction with its cursors, and what it must see. */
struct view {
    mia_txn *txn; /* NULL: none is open */
    struct model model;
    struct walker {
        mia_cursor *cur; /* NULL: none is open */
        struct walk walk;
    } walkers[WALKERS];
};

struct run {
    struct bench bench;
    enum model_keys keys;
    struct test_random random;
    uint64_t operation;
    struct dictionary dict;
    struct model committed;
    struct view writer, reader;
    mia_tree trees[MODEL_TREES];
};

static size_t below(struct run *r, size_t bound)
{
    return test_below(&r->random, bound);
}

static bool one_in(struct run *r, size_t n)
{
    return below(r, n) == 0;
}

/* Ends the test unless the answer is right, and says how to come here again. */
static void require(struct run *r, bool is_right, const char *what)
{
    if (is_right)
        return;
    print_error("%s, keys: %s, operation %llu: %s is wrong; %s\n", r->bench.engine->name,
                model_keys_name(r->keys), (unsigned long long)r->operation, what,
                test_error.message);
    fail();
}

static void require_status(struct run *r, mia_status got, mia_status expected, const char *what)
{
    if (got != expected)
        print_error("%s instead of %s\n", mia_status_name(got), mia_status_name(expected));
    require(r, got == expected, what);
}

/* ---- what an operation is about */

static mia_slice value_at(const struct run *r, size_t tree, int cell)
{
    int value = cell % MODEL_VALUES;
    return tree == MODEL_MULTI_TREE ? r->dict.multi_values[value] : r->dict.plain_values[value];
}

static mia_slice key_at(const struct run *r, int cell)
{
    return r->dict.keys[model_key(cell)];
}

static int random_cell(struct run *r)
{
    return (int)(below(r, r->dict.key_count) * MODEL_VALUES + below(r, MODEL_VALUES));
}

static void require_pair(struct run *r, size_t tree, int cell, mia_slice key, mia_slice value,
                         const char *what)
{
    require(r, mia_slice_equal(key, key_at(r, cell)), what);
    require(r, mia_slice_equal(value, value_at(r, tree, cell)), what);
}

/* ---- cursors */

static void close_walkers(struct view *view)
{
    for (size_t i = 0; i < WALKERS; i++) {
        mia_cursor_close(view->walkers[i].cur);
        view->walkers[i].cur = NULL;
    }
}

/* What two keys near each other have in common, or all of one. */
static mia_slice random_prefix(struct run *r)
{
    size_t first = below(r, r->dict.key_count), second = first + below(r, 10), size = 0;
    mia_slice one = r->dict.keys[first];
    mia_slice two = second < r->dict.key_count ? r->dict.keys[second] : one;
    while (size < one.size && size < two.size &&
           ((const char *)one.data)[size] == ((const char *)two.data)[size])
        size++;
    return (mia_slice){one.data, size};
}

/* A new cursor over a whole tree or over what begins with a part of some key. */
static void open_walker(struct run *r, struct view *view, struct walker *walker)
{
    size_t tree = below(r, MODEL_TREES), count = r->dict.key_count;
    mia_slice prefix = random_prefix(r);
    if (one_in(r, 2))
        prefix.size = 0;
    size_t low = dictionary_find(&r->dict, prefix), high = low;
    while (high < count && r->dict.keys[high].size >= prefix.size &&
           mia_slice_equal((mia_slice){r->dict.keys[high].data, prefix.size}, prefix))
        high++;
    walker->walk = (struct walk){
        .tree = tree, .low = (int)low * MODEL_VALUES, .high = (int)high * MODEL_VALUES};
    mia_status rc = prefix.size > 0 ? mia_cursor_open_prefix(view->txn, r->trees[tree], prefix,
                                                             &walker->cur, ERR)
                                    : mia_cursor_open(view->txn, r->trees[tree], &walker->cur, ERR);
    require_status(r, rc, MIA_OK, "opening a cursor");
}

static enum mia_move random_move(struct run *r, const struct walk *walk)
{
    static const enum mia_move absolute[] = {MIA_MOVE_FIRST, MIA_MOVE_LAST, MIA_MOVE_SEEK,
                                             MIA_MOVE_SEEK,  MIA_MOVE_SEEK, MIA_MOVE_SEEK_MULTI};
    static const enum mia_move relative[] = {
        MIA_MOVE_NEXT,      MIA_MOVE_NEXT,      MIA_MOVE_PREV,     MIA_MOVE_PREV,
        MIA_MOVE_NEXT_SAME, MIA_MOVE_PREV_SAME, MIA_MOVE_NEXT_KEY, MIA_MOVE_LAST_SAME};
    bool is_multi = walk->tree == MODEL_MULTI_TREE;
    bool is_lost = walk->state == WALK_BATCHED || walk->state == WALK_LOST;
    if (is_lost || one_in(r, 6))
        return absolute[below(r, LENGTH(absolute) - !is_multi)];
    return relative[below(r, is_multi ? LENGTH(relative) : 4)];
}

static void move_walker(struct run *r, struct view *view, struct walker *walker)
{
    enum mia_move move = random_move(r, &walker->walk);
    size_t tree = walker->walk.tree;
    int target = random_cell(r);
    mia_slice key = key_at(r, target), value = value_at(r, tree, target);
    if (move == MIA_MOVE_SEEK) { /* also bytes that are no key */
        if (one_in(r, 2))
            key.size = below(r, key.size + 1);
        target = (int)dictionary_find(&r->dict, key) * MODEL_VALUES;
    }
    mia_status rc = mia_cursor_move(walker->cur, move, &key, &value, ERR);
    int cell = model_move(&view->model, &walker->walk, move, target);
    require_status(r, rc, cell == MODEL_NONE ? MIA_NOTFOUND : MIA_OK, "a move");
    if (cell != MODEL_NONE)
        require_pair(r, tree, cell, key, value, "where a move leads");
}

static void read_batch(struct run *r, struct view *view, struct walker *walker)
{
    static const size_t limits[] = {1, 2, 3, 4, 6, 64};
    struct mia_pair pairs[64];
    size_t limit = limits[below(r, LENGTH(limits))], n;
    if (walker->walk.tree == MODEL_MULTI_TREE || walker->walk.state == WALK_LOST)
        return;
    mia_status rc = mia_cursor_batch(walker->cur, pairs, limit, &n, ERR);
    int cell = model_batch_next(&view->model, &walker->walk);
    require_status(r, rc, cell == MODEL_NONE ? MIA_NOTFOUND : MIA_OK, "a batch");
    if (cell == MODEL_NONE)
        return;
    require(r, n >= 1 && n <= limit, "the size of a batch");
    for (size_t i = 0; i < n; i++) {
        if (i > 0)
            cell = model_batch_next(&view->model, &walker->walk);
        require(r, cell != MODEL_NONE, "the size of a batch");
        require_pair(r, walker->walk.tree, cell, pairs[i].key, pairs[i].value, "a batch");
    }
}

static void walk(struct run *r, struct view *view)
{
    struct walker *walker = &view->walkers[below(r, WALKERS)];
    if (walker->cur == NULL) {
        open_walker(r, view, walker);
    } else if (one_in(r, 40)) {
        mia_cursor_close(walker->cur);
        walker->cur = NULL;
    } else if (one_in(r, walker->walk.state == WALK_BATCHED ? 2 : 6)) {
        read_batch(r, view, walker);
    } else {
        move_walker(r, view, walker);
    }
}

/* ---- reading without cursors */

static void get(struct run *r, struct view *view, size_t tree, int cell)
{
    int first = model_key(cell) * MODEL_VALUES;
    int found = model_up(&view->model, tree, first, first + MODEL_VALUES);
    mia_slice value;
    mia_status rc = mia_kv_get(view->txn, r->trees[tree], key_at(r, cell), &value, ERR);
    require_status(r, rc, found == MODEL_NONE ? MIA_NOTFOUND : MIA_OK, "get");
    if (found != MODEL_NONE)
        require(r, mia_slice_equal(value, value_at(r, tree, found)), "the value of get");
}

static void count(struct run *r, struct view *view, size_t tree, int cell)
{
    int first = model_key(cell) * MODEL_VALUES;
    bool of_key = one_in(r, 2);
    mia_slice key = key_at(r, cell);
    uint64_t n, expected = of_key ? model_count(&view->model, tree, first, first + MODEL_VALUES)
                                  : model_count(&view->model, tree, 0, MODEL_CELLS);
    require_status(r, mia_kv_count(view->txn, r->trees[tree], of_key ? &key : NULL, &n, ERR),
                   MIA_OK, "count");
    require(r, n == expected, "the count");
}

/* The whole tree, forwards or backwards. */
static void scan(struct run *r, struct view *view, size_t tree)
{
    bool up = one_in(r, 2);
    struct walker all = {.walk = {.tree = tree, .high = MODEL_CELLS}};
    mia_slice key, value;
    int cell;
    require_status(r, mia_cursor_open(view->txn, r->trees[tree], &all.cur, ERR), MIA_OK, "a scan");
    do {
        enum mia_move move = up ? MIA_MOVE_NEXT : MIA_MOVE_PREV;
        mia_status rc = mia_cursor_move(all.cur, move, &key, &value, ERR);
        cell = model_move(&view->model, &all.walk, move, 0);
        require_status(r, rc, cell == MODEL_NONE ? MIA_NOTFOUND : MIA_OK, "a scan");
        if (cell != MODEL_NONE)
            require_pair(r, tree, cell, key, value, "a pair of a scan");
    } while (cell != MODEL_NONE);
    mia_cursor_close(all.cur);
}

/* ---- writing */

static void put(struct run *r, size_t tree, int cell)
{
    struct model *model = &r->writer.model;
    int first = model_key(cell) * MODEL_VALUES, end = first + MODEL_VALUES;
    uint32_t flags = one_in(r, 5) ? MIA_PUT_INSERT_ONLY : MIA_PUT_UPSERT;
    bool is_fine = flags == MIA_PUT_UPSERT || model_up(model, tree, first, end) == MODEL_NONE;
    if (one_in(r, 10)) {
        flags = MIA_PUT_APPEND;
        is_fine = model_up(model, tree, tree == MODEL_MULTI_TREE ? cell : first, MODEL_CELLS) ==
                  MODEL_NONE;
    }
    mia_status rc = mia_kv_put(r->writer.txn, r->trees[tree], key_at(r, cell),
                               value_at(r, tree, cell), flags, ERR);
    require_status(r, rc, is_fine ? MIA_OK : MIA_ERR_INVALID, "put");
    if (is_fine)
        model_put(model, tree, model_key(cell), cell % MODEL_VALUES);
}

static void del(struct run *r, size_t tree, int cell)
{
    struct model *model = &r->writer.model;
    int low = model_key(cell) * MODEL_VALUES, high = low + MODEL_VALUES;
    mia_slice value = value_at(r, tree, cell);
    bool one_value = tree == MODEL_MULTI_TREE && !one_in(r, 4);
    if (one_value)
        low = cell, high = cell + 1;
    bool is_there = model_up(model, tree, low, high) != MODEL_NONE;
    mia_status rc =
        mia_kv_del(r->writer.txn, r->trees[tree], key_at(r, cell), one_value ? &value : NULL, ERR);
    require_status(r, rc, is_there ? MIA_OK : MIA_NOTFOUND, "del");
    model_clear(model, tree, low, high);
}

static void write(struct run *r)
{
    size_t tree = below(r, MODEL_TREES);
    int cell = random_cell(r);
    if (one_in(r, 400)) {
        require_status(r, mia_tree_clear(r->writer.txn, r->trees[tree], ERR), MIA_OK, "clear");
        model_clear(&r->writer.model, tree, 0, MODEL_CELLS);
    } else if (one_in(r, 3)) {
        del(r, tree, cell);
    } else {
        put(r, tree, cell);
    }
}

/* ---- transactions */

static void begin(struct run *r, struct view *view, enum mia_txn_mode mode)
{
    require_status(r, mia_txn_begin(r->bench.db, mode, &view->txn, ERR), MIA_OK, "begin");
    view->model = r->committed;
}

static void end_reader(struct run *r)
{
    mia_txn_abort(r->reader.txn);
    r->reader = (struct view){0};
}

static void end_writer(struct run *r, bool commits)
{
    if (one_in(r, 2)) /* or leave it to the end of the transaction */
        close_walkers(&r->writer);
    if (commits) {
        require_status(r, mia_txn_commit(r->writer.txn, ERR), MIA_OK, "commit");
        r->committed = r->writer.model;
    } else {
        mia_txn_abort(r->writer.txn);
    }
    r->writer = (struct view){0};
    if (r->reader.txn != NULL && !(r->bench.engine->ops->caps & MIA_CAP_SNAPSHOT))
        end_reader(r); /* what it sees from now on is not promised */
}

static void open_trees(struct run *r)
{
    static const char *const names[MODEL_TREES] = {"one", "two", "multi"};
    begin(r, &r->writer, MIA_TXN_WRITE);
    for (size_t i = 0; i < MODEL_TREES; i++)
        r->trees[i] = bench_tree(r->writer.txn, names[i],
                                 MIA_TREE_CREATE | (i == MODEL_MULTI_TREE ? MIA_TREE_MULTI : 0));
    end_writer(r, true);
}

static void reopen(struct run *r)
{
    if (r->writer.txn != NULL)
        end_writer(r, true);
    if (r->reader.txn != NULL)
        end_reader(r);
    if (!r->bench.engine->persists)
        return;
    bench_reopen(&r->bench);
    open_trees(r);
}

static void operate(struct run *r)
{
    struct view *view = one_in(r, 3) ? &r->reader : &r->writer;
    size_t what = below(r, 100);
    test_error = (struct mia_error){0};
    if (one_in(r, 3000)) {
        reopen(r);
    } else if (view->txn == NULL) {
        begin(r, view, view == &r->writer ? MIA_TXN_WRITE : MIA_TXN_READ);
    } else if (one_in(r, 120)) {
        if (view == &r->reader)
            end_reader(r);
        else
            end_writer(r, !one_in(r, 4));
    } else if (what < 45) {
        walk(r, view);
    } else if (what < 60) {
        get(r, view, below(r, MODEL_TREES), random_cell(r));
    } else if (what < 63) {
        count(r, view, below(r, MODEL_TREES), random_cell(r));
    } else if (what < 64) {
        scan(r, view, below(r, MODEL_TREES));
    } else if (view == &r->writer) {
        write(r);
    }
}

/* ---- runs */

struct plan {
    const struct test_engine *engine;
    enum model_keys keys;
    uint64_t seed, operations;
    char name[80];
};

static void engine_agrees_with_the_model(void **state)
{
    const struct plan *plan = *state;
    if (plan->engine->ops == NULL)
        skip();
    struct run *r = calloc(1, sizeof *r);
    struct mia_db_options opt = bench_options();
    assert_non_null(r);
    r->bench.engine = plan->engine;
    r->keys = plan->keys;
    r->random.state = plan->seed + plan->keys;
    dictionary_make(&r->dict, plan->keys, &r->random);
    test_folder_make(r->bench.folder);
    test_path(r->bench.path, r->bench.folder, "db");
    OK(mia_db_open(plan->engine->ops, r->bench.path, &opt, &r->bench.db, ERR));
    open_trees(r);
    for (; r->operation < plan->operations; r->operation++)
        operate(r);
    reopen(r);
    begin(r, &r->reader, MIA_TXN_READ);
    for (size_t tree = 0; tree < MODEL_TREES; tree++)
        scan(r, &r->reader, tree);
    end_reader(r);
    OK(mia_db_close(r->bench.db, ERR));
    test_folder_remove(r->bench.folder);
    dictionary_free(&r->dict);
    free(r);
}

int main(void)
{
    struct test_engine engines[ALL_ENGINES];
    struct plan plans[ALL_ENGINES * KEYS_KINDS];
    struct CMUnitTest tests[LENGTH(plans)];
    uint64_t seed = test_seed(), operations = test_setting("MIA_TEST_OPS", 240000);
    test_engines(engines);
    for (size_t i = 0; i < LENGTH(plans); i++) {
        struct plan *plan = &plans[i];
        *plan = (struct plan){.engine = &engines[i / KEYS_KINDS],
                              .keys = (enum model_keys)(i % KEYS_KINDS),
                              .seed = seed,
                              .operations = operations / LENGTH(plans)};
        snprintf(plan->name, sizeof plan->name, "%s agrees with the model, keys: %s",
                 plan->engine->name, model_keys_name(plan->keys));
        tests[i] = (struct CMUnitTest){plan->name, engine_agrees_with_the_model, NULL, NULL, plan};
    }
    return cmocka_run_group_tests_name("model", tests, NULL, NULL);
}
