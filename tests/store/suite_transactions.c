/* suite_transactions.c - data and index entries change together or not at all */
#include "store/suite.h"

#include <pthread.h>
#include <stdio.h>

static void abort_undoes_data_and_index(void **state)
{
    struct store_bench *b = *state;
    struct mia_record message = message_of("m", "c1", "ann", 1);
    store_put(b, &message);
    mia_txn *txn = store_begin(b, MIA_TXN_WRITE);
    message.u.message.chat_id = MIA_STR("c2");
    OK(mia_put(txn, &message, ERR));
    struct mia_record other = message_of("n", "c1", "bob", 2);
    OK(mia_put(txn, &other, ERR));
    mia_txn_abort(txn);
    assert_nodes(b, "chat_id", "c1", "m");
    assert_nodes(b, "chat_id", "c2", "");
    store_lacks(b, MIA_TABLE_NODES, "n");
    assert_index_sound(b, 1);
}

static void a_transaction_sees_its_own_changes(void **state)
{
    struct store_bench *b = *state;
    mia_ids *ids;
    mia_str id;
    struct mia_record message = message_of("m", "c1", "ann", 1);
    mia_txn *txn = store_begin(b, MIA_TXN_WRITE);
    OK(mia_put(txn, &message, ERR));
    OK(mia_ids_by_property(txn, MIA_STR("chat_id"), MIA_STR("c1"), 0, 9, false, &ids, ERR));
    OK(mia_ids_next(ids, &id, NULL, ERR));
    assert_str(id, "m");
    mia_ids_close(ids);
    OK(mia_delete(txn, MIA_TABLE_NODES, MIA_STR("m"), 0, NULL, ERR));
    OK(mia_ids_by_property(txn, MIA_STR("chat_id"), MIA_STR("c1"), 0, 9, false, &ids, ERR));
    assert_int_equal(mia_ids_next(ids, &id, NULL, ERR), MIA_NOTFOUND);
    mia_ids_close(ids);
    OK(mia_txn_commit(txn, ERR));
    assert_index_sound(b, 0);
}

static void readers_keep_their_snapshot(void **state)
{
    struct store_bench *b = *state;
    mia_view view;
    mia_ids *ids;
    mia_str id;
    bench_needs((b->engine->ops->caps & MIA_CAP_SNAPSHOT) != 0);
    struct mia_record message = message_of("m", "c1", "ann", 1);
    store_put(b, &message);
    mia_txn *old = store_begin(b, MIA_TXN_READ);
    message.u.message.chat_id = MIA_STR("c2");
    store_put(b, &message);
    OK(mia_get(old, MIA_TABLE_NODES, MIA_STR("m"), &view, ERR));
    assert_str(mia_message_chat_id(view), "c1");
    OK(mia_ids_by_property(old, MIA_STR("chat_id"), MIA_STR("c1"), 0, 9, false, &ids, ERR));
    OK(mia_ids_next(ids, &id, NULL, ERR));
    mia_ids_close(ids);
    mia_txn_abort(old);
    assert_nodes(b, "chat_id", "c1", "");
}

static void foreign_transactions_are_refused(void **state)
{
    struct store_bench *b = *state;
    mia_txn *txn;
    mia_view view;
    OK(mia_txn_begin(mia_store_db(b->store), MIA_TXN_READ, &txn, ERR));
    ANSWERS(mia_get(txn, MIA_TABLE_NODES, MIA_STR("m"), &view, ERR), MIA_ERR_INVALID);
    mia_txn_abort(txn);
    txn = store_begin(b, MIA_TXN_READ);
    ANSWERS(mia_store_close(b->store, ERR), MIA_ERR_BUSY);
    mia_txn_abort(txn);
}

enum { THREADS = 5, ROUNDS = 40 };

struct worker {
    struct store_bench *b;
    int number;
};

static void *write_chats(void *ctx)
{
    const struct worker *w = ctx;
    char id[32];
    for (int i = 0; i < ROUNDS; i++) {
        snprintf(id, sizeof id, "c%d-%02d", w->number, i);
        struct mia_record chat = chat_of(id, "t", i);
        OK(mia_store_put(w->b->store, &chat, ERR));
    }
    return NULL;
}

static void *read_chat(void *ctx)
{
    const struct worker *w = ctx;
    for (int i = 0; i < ROUNDS; i++) {
        mia_view view;
        mia_txn *txn;
        OK(mia_store_begin(w->b->store, MIA_TXN_READ, &txn, ERR));
        OK(mia_get(txn, MIA_TABLE_NODES, MIA_STR("shared"), &view, ERR));
        assert_str(mia_chat_topic(view), "topic");
        mia_txn_abort(txn);
    }
    return NULL;
}

static void run_threads(struct store_bench *b, void *(*work)(void *ctx))
{
    pthread_t threads[THREADS];
    struct worker workers[THREADS];
    for (int i = 0; i < THREADS; i++) {
        workers[i] = (struct worker){b, i};
        assert_int_equal(pthread_create(&threads[i], NULL, work, &workers[i]), 0);
    }
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
}

static void threads_write(void **state)
{
    struct store_bench *b = *state;
    uint64_t n;
    run_threads(b, write_chats);
    mia_txn *txn = store_begin(b, MIA_TXN_READ);
    OK(mia_count_by_property(txn, MIA_STR("topic"), MIA_STR("t"), &n, ERR));
    mia_txn_abort(txn);
    assert_int_equal(n, THREADS * ROUNDS);
    assert_index_sound(b, THREADS * ROUNDS);
}

static void threads_read(void **state)
{
    struct store_bench *b = *state;
    struct mia_record chat = chat_of("shared", "topic", 1);
    store_put(b, &chat);
    run_threads(b, read_chat);
}

struct engine_cases cases_of_store_transactions(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(abort_undoes_data_and_index),
        CASE(a_transaction_sees_its_own_changes),
        CASE(readers_keep_their_snapshot),
        CASE(foreign_transactions_are_refused),
        CASE(threads_write),
        CASE(threads_read),
    };
    return CASES(cases);
}
