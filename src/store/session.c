/* store/session.c - transactions of a store */
#include "base/error.h"
#include "base/try.h"
#include "store/store.h"

void mia__session_free(struct mia__session *s)
{
    if (s == NULL)
        return;
    mia_encoder_close(s->encoder);
    mia__transcoder_free(&s->transcoder);
    mia__arena_free(&s->arena);
    mia__buf_free(&s->before);
    mia__buf_free(&s->after);
    mia__buf_free(&s->bincode);
    mia__buf_free(&s->looked_up);
    mia__index_scratch_free(&s->scratch);
    mia__free(s);
}

/* With the lock held: one transaction less. */
static void give_back(mia_store *store)
{
    store->live--;
    if (store->is_held && store->live == 0)
        pthread_cond_broadcast(&store->changed);
}

static void end(struct mia__guest *guest, bool is_committed)
{
    struct mia__session *s = (struct mia__session *)(void *)guest;
    mia_store *store = s->store;
    mia__observe(
        s, &(struct mia_store_event){.call = is_committed ? MIA_STORE_COMMIT : MIA_STORE_ABORT,
                                     .started_ns = mia__observe_start(s)});
    s->is_observed = false;
    mia__arena_reset(&s->arena);
    s->txn = NULL;
    pthread_mutex_lock(&store->lock);
    s->next = store->idle;
    store->idle = s;
    give_back(store);
    pthread_mutex_unlock(&store->lock);
}

static mia_status make(mia_store *store, struct mia__session **out, struct mia_error *err)
{
    struct mia__session *s = mia__alloc_zero(sizeof *s);
    *out = s;
    if (s == NULL)
        return mia__fail_nomem(err);
    s->guest.end = end;
    s->store = store;
    mia_status rc = mia_encoder_open(&s->encoder, err);
    if (rc < 0)
        mia__session_free(s);
    return rc;
}

static mia_status take(mia_store *store, struct mia__session **out, struct mia_error *err)
{
    pthread_mutex_lock(&store->lock);
    while (store->is_held)
        pthread_cond_wait(&store->changed, &store->lock);
    struct mia__session *s = store->idle;
    if (s != NULL)
        store->idle = s->next;
    store->live++;
    pthread_mutex_unlock(&store->lock);
    *out = s;
    if (s != NULL)
        return MIA_OK;
    mia_status rc = make(store, out, err);
    if (rc < 0) {
        pthread_mutex_lock(&store->lock);
        give_back(store);
        pthread_mutex_unlock(&store->lock);
    }
    return rc;
}

/* Another process may have made the index since: what is written from now on belongs into it. */
static mia_status notice_index(mia_store *store, mia_txn *txn, struct mia_error *err)
{
    struct mia__index index;
    if (store->without_indexes || atomic_load(&store->index_state) != MIA__INDEX_ABSENT)
        return MIA_OK;
    mia_status rc = mia__index_open(txn, store->index.layout, false, &index, err);
    if (rc == MIA_OK && index.is_present) {
        store->index = index;
        atomic_store(&store->index_state, MIA__INDEX_READY);
    }
    return rc;
}

mia_status mia__store_begin(mia_store *store, enum mia_txn_mode mode, mia_txn **txn,
                            struct mia_error *err)
{
    mia_status rc;
    struct mia__session *s;
    *txn = NULL;
    TRY(take(store, &s, err));
    s->index_state = atomic_load(&store->index_state);
    s->has_whole_index = false;
    s->before_begin = atomic_fetch_add(&store->begins, 1) + 1;
    rc = mia_txn_begin(store->db, mode, txn, err);
    s->behind_begin = atomic_fetch_add(&store->begins, 1) + 1;
    if (rc < 0) {
        end(&s->guest, false);
        goto done;
    }
    s->txn = *txn;
    (*txn)->guest = &s->guest;
    if (mode == MIA_TXN_WRITE) {
        rc = notice_index(store, *txn, err);
        s->index_state = atomic_load(&store->index_state); /* nobody else changes it now */
    }
    if (rc < 0) {
        mia_txn_abort(*txn);
        *txn = NULL;
    }
done:
    return rc;
}

mia_status mia_store_begin(mia_store *store, enum mia_txn_mode mode, mia_txn **txn,
                           struct mia_error *err)
{
    static atomic_uint_fast64_t numbers;
    mia_status rc = mia__store_begin(store, mode, txn, err);
    if (rc < 0 || store->observer == NULL)
        return rc;
    struct mia__session *s = (struct mia__session *)(void *)(*txn)->guest;
    s->is_observed = true;
    s->number = atomic_fetch_add(&numbers, 1) + 1;
    mia__observe(s, &(struct mia_store_event){.call = mode == MIA_TXN_WRITE ? MIA_STORE_BEGIN_WRITE
                                                                            : MIA_STORE_BEGIN_READ,
                                              .started_ns = mia__observe_start(s)});
    return rc;
}

mia_status mia__session_of(mia_txn *txn, struct mia__session **session, struct mia_error *err)
{
    bool is_ours = txn->guest != NULL && txn->guest->end == end;
    *session = is_ours ? (struct mia__session *)(void *)txn->guest : NULL;
    return is_ours ? MIA_OK
                   : mia__fail(err, MIA_ERR_INVALID,
                               "%s: this transaction was begun by mia_txn_begin: records take one "
                               "of mia_store_begin",
                               mia_db_path(mia_txn_db(txn)));
}
