/* suite_threads.c - one store, many threads. Made for ThreadSanitizer, good without it. */
#include "store/suite.h"

#include <stdio.h>

enum { ROUNDS = 40 };

static const mia_str shared_id = {"shared", 6}, topic = {"topic", 5}, chat_id = {"chat_id", 7};

/* The time of the shared chat; -1: it could not be read. */
static int64_t read_shared(struct store_worker *w)
{
    mia_view view;
    mia_txn *txn;
    int64_t time = -1;
    if (mia_store_begin(w->crew->b->store, MIA_TXN_READ, &txn, NULL) != MIA_OK)
        return -1;
    if (mia_get(txn, MIA_TABLE_NODES, shared_id, &view, NULL) == MIA_OK)
        time = mia_chat_updated_at(view);
    mia_txn_abort(txn);
    return time;
}

static void put_shared(struct store_bench *b, int64_t time)
{
    struct mia_record chat = chat_of("shared", "t", time);
    store_put(b, &chat);
}

static void read_old_state(struct store_worker *w)
{
    for (int i = 0; i < ROUNDS; i++)
        crew_note(w, read_shared(w) == 1);
}

static void threads_read(void **state)
{
    put_shared(*state, 1);
    crew_run(*state, read_old_state);
}

static void write_chats(struct store_worker *w)
{
    for (int i = 0; i < ROUNDS; i++) {
        char id[32];
        snprintf(id, sizeof id, "c%d-%02d", w->number, i);
        struct mia_record chat = chat_of(id, "t", i);
        crew_note(w, mia_store_put(w->crew->b->store, &chat, NULL) == MIA_OK);
    }
}

static void threads_write(void **state)
{
    struct store_bench *b = *state;
    uint64_t n;
    crew_run(b, write_chats);
    mia_txn *txn = store_begin(b, MIA_TXN_READ);
    OK(mia_count_by_property(txn, topic, MIA_STR("t"), &n, ERR));
    assert_int_equal(n, STORE_THREADS * ROUNDS);
    for (int i = 0; i < STORE_THREADS; i++) {
        char id[32];
        snprintf(id, sizeof id, "c%d-%02d", i, ROUNDS - 1);
        assert_int_equal(mia_chat_updated_at(store_get(txn, MIA_TABLE_NODES, id)), ROUNDS - 1);
    }
    mia_txn_abort(txn);
    assert_index_sound(b, STORE_THREADS * ROUNDS);
}

/* All readers come to their end while a write transaction is open, and see nothing of it. */
static void readers_progress_during_a_write(void **state)
{
    struct store_bench *b = *state;
    struct mia_record changed = chat_of("shared", "t", 2);
    put_shared(b, 1);
    struct store_crew crew = {.b = b};
    struct store_worker workers[STORE_THREADS];
    mia_txn *txn = store_begin(b, MIA_TXN_WRITE);
    OK(mia_put(txn, &changed, ERR));
    crew_start(&crew, workers, read_old_state);
    bool do_finish = crew_finishes(&crew);
    OK(mia_txn_commit(txn, ERR)); /* whoever waits for the writer goes on now */
    crew_end(&crew, workers);
    assert_true(do_finish);
    txn = store_begin(b, MIA_TXN_READ);
    assert_int_equal(mia_chat_updated_at(store_get(txn, MIA_TABLE_NODES, "shared")), 2);
    mia_txn_abort(txn);
}

/* The member moves from chat to chat, with all its index entries and the time of its chat. */
static mia_status move_member(mia_store *store, int64_t time)
{
    mia_txn *txn;
    struct mia_record chat = chat_of("shared", "t", time);
    struct mia_record message = message_of("m", time % 2 ? "odd" : "even", "ann", time);
    struct mia_record edge = edge_of("e", time % 2 ? "odd" : "even", "HAS", "m");
    mia_status rc = mia_store_begin(store, MIA_TXN_WRITE, &txn, NULL);
    if (rc != MIA_OK)
        return rc;
    if ((rc = mia_put(txn, &chat, NULL)) == MIA_OK && (rc = mia_put(txn, &message, NULL)) == MIA_OK)
        rc = mia_put(txn, &edge, NULL);
    if (rc == MIA_OK)
        return mia_txn_commit(txn, NULL);
    mia_txn_abort(txn);
    return rc;
}

/* Whether everything in the transaction's snapshot has the chat's time. */
static bool is_one_state(mia_txn *txn, int64_t *time)
{
    mia_view view;
    mia_ids *ids;
    mia_str id;
    uint64_t edges;
    int64_t listed = -1;
    if (mia_get(txn, MIA_TABLE_NODES, shared_id, &view, NULL) != MIA_OK)
        return false;
    *time = mia_chat_updated_at(view);
    mia_str chat = *time % 2 ? MIA_STR("odd") : MIA_STR("even");
    if (mia_ids_by_property(txn, chat_id, chat, INT64_MIN, INT64_MAX, false, &ids, NULL) != MIA_OK)
        return false;
    bool is_listed = mia_ids_next(ids, &id, &listed, NULL) == MIA_OK;
    mia_ids_close(ids);
    return is_listed && listed == *time &&
           mia_count_edges(txn, chat, MIA_DIRECTION_OUT, &edges, NULL) == MIA_OK && edges == 1 &&
           mia_get(txn, MIA_TABLE_NODES, MIA_STR("m"), &view, NULL) == MIA_OK &&
           mia_message_timestamp(view) == *time;
}

/* Times never fall from one transaction to the next; in a snapshot they are all the same. */
static void read_states(struct store_worker *w)
{
    mia_store *store = w->crew->b->store;
    bool is_frozen = (w->crew->b->engine->ops->caps & MIA_CAP_SNAPSHOT) != 0;
    int64_t last = 0;
    while (!atomic_load(&w->crew->stop)) {
        mia_txn *txn;
        int64_t time = read_shared(w);
        if (mia_store_begin(store, MIA_TXN_READ, &txn, NULL) != MIA_OK) {
            crew_note(w, false);
            return;
        }
        crew_note(w, time >= last);
        last = time;
        if (is_frozen) {
            crew_note(w, is_one_state(txn, &time) && time >= last);
            last = time;
        }
        mia_txn_abort(txn);
    }
}

static void threads_see_whole_transactions(void **state)
{
    enum { MOVES = 400 };
    struct store_bench *b = *state;
    struct store_crew crew = {.b = b};
    struct store_worker workers[STORE_THREADS];
    assert_int_equal(move_member(b->store, 1), MIA_OK);
    crew_start(&crew, workers, read_states);
    mia_status rc = MIA_OK;
    for (int64_t time = 2; time < MOVES && rc == MIA_OK; time++)
        rc = move_member(b->store, time);
    atomic_store(&crew.stop, true);
    crew_end(&crew, workers);
    assert_int_equal(rc, MIA_OK);
    assert_index_sound(b, 3);
}

struct engine_cases cases_of_threads(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(threads_read),
        CASE(threads_write),
        CASE(readers_progress_during_a_write),
        CASE(threads_see_whole_transactions),
    };
    return CASES(cases);
}
