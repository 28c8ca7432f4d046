/* One database, many threads. Made for ThreadSanitizer, good without it. */
#include "engine/suite.h"
#include "support/random.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

enum { THREADS = 4, KEYS = 20 };

/* Assertions end the thread that runs the test and no other: threads count their complaints. */
struct crew {
    struct bench *b;
    mia_tree one, two;
    atomic_uint_fast64_t failed;
    atomic_bool stop;
    uint64_t rounds;
};

static void note(struct crew *crew, bool is_right)
{
    if (!is_right)
        atomic_fetch_add(&crew->failed, 1);
}

static void start(pthread_t *threads, size_t count, void *(*work)(void *), struct crew *crew)
{
    for (size_t i = 0; i < count; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, work, crew), 0);
}

static void wait_for(pthread_t *threads, size_t count)
{
    for (size_t i = 0; i < count; i++)
        pthread_join(threads[i], NULL);
}

static struct crew make_crew(struct bench *b, uint64_t rounds)
{
    return (struct crew){.b = b,
                         .one = bench_fill(b, "one", 0, ""),
                         .two = bench_fill(b, "two", 0, ""),
                         .rounds = rounds};
}

static mia_slice key_of(char *key)
{
    return (mia_slice){key, 1};
}

/* ---- one writer, many readers */

/* All pairs of both trees get the same number, in one transaction. */
static mia_status write_generation(struct crew *crew, uint64_t generation)
{
    mia_txn *txn;
    mia_slice value = {&generation, sizeof generation};
    mia_status rc = mia_txn_begin(crew->b->db, MIA_TXN_WRITE, &txn, NULL);
    if (rc != MIA_OK)
        return rc;
    for (char key = 0; key < KEYS && rc == MIA_OK; key++)
        rc = mia_kv_put(txn, key % 2 ? crew->one : crew->two, key_of(&key), value, 0, NULL);
    if (rc == MIA_OK)
        return mia_txn_commit(txn, NULL);
    mia_txn_abort(txn);
    return rc;
}

static uint64_t number_in(mia_slice value)
{
    uint64_t number = 0;
    if (value.size == sizeof number)
        memcpy(&number, value.data, sizeof number);
    return number;
}

/* Numbers never fall; in one snapshot they are all the same. */
static void *read_generations(void *argument)
{
    struct crew *crew = argument;
    bool frozen = (crew->b->engine->ops->caps & MIA_CAP_SNAPSHOT) != 0;
    uint64_t last[KEYS] = {0};
    while (!atomic_load(&crew->stop)) {
        mia_txn *txn;
        mia_slice value;
        if (mia_txn_begin(crew->b->db, MIA_TXN_READ, &txn, NULL) != MIA_OK) {
            note(crew, false);
            break;
        }
        for (char key = 0; key < KEYS; key++) {
            mia_tree tree = key % 2 ? crew->one : crew->two;
            note(crew, mia_kv_get(txn, tree, key_of(&key), &value, NULL) == MIA_OK);
            uint64_t number = number_in(value);
            note(crew, number >= last[(int)key] && number > 0);
            note(crew, !frozen || key == 0 || number == last[0]);
            last[(int)key] = number;
        }
        mia_txn_abort(txn);
    }
    return NULL;
}

/* Scans while others write: keys stay in order, each once. */
static void *scan_generations(void *argument)
{
    struct crew *crew = argument;
    while (!atomic_load(&crew->stop)) {
        mia_txn *txn;
        mia_cursor *cur;
        mia_slice key, value;
        char last = -2;
        if (mia_txn_begin(crew->b->db, MIA_TXN_READ, &txn, NULL) != MIA_OK ||
            mia_cursor_open(txn, crew->two, &cur, NULL) != MIA_OK) {
            note(crew, false);
            break;
        }
        while (mia_cursor_move(cur, MIA_MOVE_NEXT, &key, &value, NULL) == MIA_OK) {
            char now = ((const char *)key.data)[0];
            note(crew, now == last + 2 && number_in(value) > 0);
            last = now;
        }
        note(crew, last == KEYS - 2);
        mia_txn_abort(txn);
    }
    return NULL;
}

static void readers_see_whole_commits(struct bench *b)
{
    pthread_t readers[THREADS], scanners[2];
    struct crew crew = make_crew(b, 400);
    OK(write_generation(&crew, 1));
    start(readers, THREADS, read_generations, &crew);
    start(scanners, 2, scan_generations, &crew);
    for (uint64_t i = 2; i < crew.rounds; i++)
        OK(write_generation(&crew, i));
    atomic_store(&crew.stop, true);
    wait_for(readers, THREADS);
    wait_for(scanners, 2);
    assert_int_equal(crew.failed, 0);
}

/* ---- many writers */

/* Reads a number, writes it back plus one: no step may get lost. */
static void *count_up(void *argument)
{
    struct crew *crew = argument;
    for (uint64_t i = 0; i < 2 * crew->rounds; i++) {
        mia_txn *txn;
        mia_slice value = {0};
        char key = 'n';
        if (mia_txn_begin(crew->b->db, MIA_TXN_WRITE, &txn, NULL) != MIA_OK) {
            note(crew, false);
            break;
        }
        note(crew, mia_kv_get(txn, crew->one, key_of(&key), &value, NULL) >= 0);
        uint64_t number = number_in(value) + 1;
        value = (mia_slice){&number, sizeof number};
        note(crew, mia_kv_put(txn, crew->one, key_of(&key), value, 0, NULL) == MIA_OK);
        if (i % 2) /* half of them undone */
            mia_txn_abort(txn);
        else
            note(crew, mia_txn_commit(txn, NULL) == MIA_OK);
    }
    return NULL;
}

static void no_step_of_many_writers_is_lost(struct bench *b)
{
    pthread_t threads[THREADS];
    char key = 'n';
    mia_slice value;
    struct crew crew = make_crew(b, 100);
    start(threads, THREADS, count_up, &crew);
    wait_for(threads, THREADS);
    assert_int_equal(crew.failed, 0);
    mia_txn *txn = bench_begin(b, MIA_TXN_READ);
    OK(mia_kv_get(txn, crew.one, key_of(&key), &value, ERR));
    assert_int_equal(number_in(value), THREADS * crew.rounds);
    mia_txn_abort(txn);
}

/* ---- handles, transactions, trees */

static void *share_the_handle(void *argument)
{
    struct crew *crew = argument;
    for (uint64_t i = 0; i < crew->rounds; i++) {
        mia_txn *txn;
        mia_slice value;
        struct mia_db_info info = {.struct_size = sizeof info};
        mia_db *db = mia_db_retain(crew->b->db);
        note(crew, mia_txn_begin(db, MIA_TXN_READ, &txn, NULL) == MIA_OK);
        note(crew, mia_kv_get(txn, crew->one, MIA_BYTES("a"), &value, NULL) == MIA_OK);
        mia_txn_abort(txn);
        note(crew, mia_db_info(db, &info, NULL) == MIA_OK);
        if (i % 20 == 0)
            note(crew, mia_db_sync(db, NULL) == MIA_OK);
        note(crew, mia_db_close(db, NULL) == MIA_OK);
    }
    return NULL;
}

static void threads_share_one_handle(struct bench *b)
{
    pthread_t threads[THREADS];
    struct crew crew = make_crew(b, 300);
    bench_fill(b, "one", 0, "a=1");
    start(threads, THREADS, share_the_handle, &crew);
    wait_for(threads, THREADS);
    assert_int_equal(crew.failed, 0);
}

/* More transactions at once than an engine would keep for the next time. */
static void *open_many(void *argument)
{
    enum { OPEN = 25 };
    struct crew *crew = argument;
    for (uint64_t i = 0; i < crew->rounds; i++) {
        mia_txn *txns[OPEN];
        for (size_t j = 0; j < OPEN; j++) {
            mia_slice value;
            note(crew, mia_txn_begin(crew->b->db, MIA_TXN_READ, &txns[j], NULL) == MIA_OK);
            note(crew, mia_kv_get(txns[j], crew->one, MIA_BYTES("a"), &value, NULL) == MIA_OK);
        }
        for (size_t j = 0; j < OPEN; j++)
            mia_txn_abort(txns[j]);
    }
    return NULL;
}

static void many_read_transactions_come_and_go(struct bench *b)
{
    pthread_t threads[THREADS];
    struct crew crew = make_crew(b, 20);
    bench_fill(b, "one", 0, "a=1");
    start(threads, THREADS, open_many, &crew);
    wait_for(threads, THREADS);
    assert_int_equal(crew.failed, 0);
}

/* Half of the trees are made by one thread and looked for by all. */
static void *look_for_trees(void *argument)
{
    struct crew *crew = argument;
    bool frozen = (crew->b->engine->ops->caps & MIA_CAP_SNAPSHOT) != 0;
    for (bool found_all = false; !found_all && !atomic_load(&crew->failed);) {
        mia_txn *txn;
        mia_tree tree;
        mia_slice value;
        note(crew, mia_txn_begin(crew->b->db, MIA_TXN_READ, &txn, NULL) == MIA_OK);
        found_all = true;
        for (char name = 0; name < KEYS; name++) {
            mia_status rc = mia_tree_open(txn, key_of(&name), 0, &tree, NULL);
            found_all = found_all && rc == MIA_OK;
            note(crew, rc >= 0);
            if (rc == MIA_OK && frozen) /* seen: then with what was committed with it */
                note(crew, mia_kv_get(txn, tree, key_of(&name), &value, NULL) == MIA_OK);
        }
        mia_txn_abort(txn);
    }
    return NULL;
}

static void trees_appear_to_all_threads(struct bench *b)
{
    pthread_t threads[THREADS];
    struct crew crew = make_crew(b, 0);
    start(threads, THREADS, look_for_trees, &crew);
    for (char name = 0; name < KEYS; name++) {
        mia_tree tree;
        for (int aborts = 1; aborts >= 0; aborts--) {
            mia_txn *txn = bench_begin(b, MIA_TXN_WRITE);
            OK(mia_tree_open(txn, key_of(&name), MIA_TREE_CREATE, &tree, ERR));
            OK(mia_kv_put(txn, tree, key_of(&name), MIA_BYTES("made"), 0, ERR));
            if (aborts)
                mia_txn_abort(txn);
            else
                OK(mia_txn_commit(txn, ERR));
        }
    }
    wait_for(threads, THREADS);
    assert_int_equal(crew.failed, 0);
}

/* ---- every test on every engine */

struct planned {
    const struct test_engine *engine;
    void (*run)(struct bench *b);
    char name[100];
};

static void run_on_engine(void **state)
{
    const struct planned *planned = *state;
    struct bench b = {.engine = planned->engine};
    struct mia_db_options opt = bench_options();
    if (planned->engine->ops == NULL)
        skip();
    opt.lazy_interval_ms = 5;
    test_folder_make(b.folder);
    test_path(b.path, b.folder, "db");
    OK(mia_db_open(planned->engine->ops, b.path, &opt, &b.db, ERR));
    planned->run(&b);
    OK(mia_db_close(b.db, ERR));
    test_folder_remove(b.folder);
}

int main(void)
{
    static const struct {
        const char *name;
        void (*run)(struct bench *b);
    } all[] = {
        {"readers see whole commits", readers_see_whole_commits},
        {"no step of many writers is lost", no_step_of_many_writers_is_lost},
        {"threads share one handle", threads_share_one_handle},
        {"many READ transactions come and go", many_read_transactions_come_and_go},
        {"trees appear to all threads", trees_appear_to_all_threads},
    };
    struct test_engine engines[3];
    struct planned planned[LENGTH(all) * LENGTH(engines)];
    struct CMUnitTest tests[LENGTH(planned)];
    test_engines(engines);
    for (size_t i = 0; i < LENGTH(planned); i++) {
        struct planned *p = &planned[i];
        p->engine = &engines[i / LENGTH(all)];
        p->run = all[i % LENGTH(all)].run;
        snprintf(p->name, sizeof p->name, "%s: %s", p->engine->name, all[i % LENGTH(all)].name);
        tests[i] = (struct CMUnitTest){p->name, run_on_engine, NULL, NULL, p};
    }
    return cmocka_run_group_tests_name("threads", tests, NULL, NULL);
}
