/*
 * migrate/check_records.c - one cursor, many threads
 *
 * A thread takes the next batch of pairs under the lock, which is quick because only keys are
 * looked at, and checks the values without it: they lie in the map as long as the transaction.
 */
#include "migrate/check_records.h"

#include "base/error.h"
#include "base/try.h"
#include "migrate/typed.h"
#include "rkyv/check.h"

#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

enum { BATCH = 128, MOST_THREADS = 16 };

struct crew {
    enum mia__table table;
    pthread_mutex_t lock; /* all below */
    struct mia__raw_cursor *cursor;
    mia_problem_fn fn;
    void *ctx;
    uint64_t problems;
    mia_status status; /* of the crew: MIA_NOTFOUND when everything was taken */
    struct mia_error error;
};

/* A batch of one thread. The keys are copied: those of folded ones live until the next call. */
struct batch {
    struct mia_pair pairs[BATCH];
    size_t count;
    struct mia__buf keys;
};

static mia_status copy_keys(struct batch *b, struct mia_error *err)
{
    mia_status rc = MIA_OK;
    b->keys.size = 0;
    for (size_t i = 0; i < b->count; i++)
        TRY(mia__buf_append(&b->keys, b->pairs[i].key.data, b->pairs[i].key.size, err));
    size_t at = 0;
    for (size_t i = 0; i < b->count; i++) {
        b->pairs[i].key.data = b->keys.data + at;
        at += b->pairs[i].key.size;
    }
done:
    return rc;
}

static bool take_batch(struct crew *c, struct batch *b)
{
    pthread_mutex_lock(&c->lock);
    if (c->status == MIA_OK)
        c->status = mia__raw_cursor_next(c->cursor, b->pairs, BATCH, &b->count, &c->error);
    if (c->status == MIA_OK)
        c->status = copy_keys(b, &c->error);
    bool taken = c->status == MIA_OK;
    pthread_mutex_unlock(&c->lock);
    return taken;
}

static void tell(struct crew *c, mia_slice key, const char *why)
{
    char text[120], line[720];
    snprintf(line, sizeof line, "tree %s: key %s: %s", mia__table_name(c->table),
             mia__print_bytes(text, sizeof text, key), why);
    pthread_mutex_lock(&c->lock);
    c->problems++;
    if (c->fn != NULL)
        c->fn(c->ctx, line);
    pthread_mutex_unlock(&c->lock);
}

static void *run(void *argument)
{
    struct crew *c = argument;
    struct batch b = {.count = 0};
    while (take_batch(c, &b))
        for (size_t i = 0; i < b.count; i++) {
            struct mia_error why = {0};
            if (mia__archive_check(c->table, b.pairs[i].value, &why) != MIA_OK)
                tell(c, b.pairs[i].key, why.message);
        }
    mia__buf_free(&b.keys);
    return NULL;
}

static size_t thread_count(void)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    return processors < 1 ? 1 : processors > MOST_THREADS ? MOST_THREADS : (size_t)processors;
}

/* This thread is one of the crew; fewer helpers than wanted are no failure. */
static void work(struct crew *c)
{
    pthread_t threads[MOST_THREADS];
    size_t started = 0, wanted = thread_count() - 1;
    while (started < wanted && pthread_create(&threads[started], NULL, run, c) == 0)
        started++;
    run(c);
    for (size_t i = 0; i < started; i++)
        pthread_join(threads[i], NULL);
}

static mia_status check_table(mia_txn *txn, const struct mia__raw *raw, struct crew *c,
                              struct mia_error *err)
{
    mia_status rc;
    mia_tree tree;
    TRY(mia__raw_tree(txn, raw, mia_bytes_of(mia__table_name(c->table)), false, &tree, err));
    if (rc == MIA_NOTFOUND)
        goto done;
    TRY(mia__raw_cursor_open(txn, raw, tree, &c->cursor, err));
    work(c);
    mia__raw_cursor_close(c->cursor);
    if (c->status < 0 && err != NULL)
        *err = c->error;
    rc = c->status;
done:
    return rc;
}

mia_status mia__check_records(mia_txn *txn, const struct mia__raw *raw, mia_problem_fn fn,
                              void *ctx, uint64_t *problems, struct mia_error *err)
{
    mia_status rc = MIA_OK;
    struct crew c = {.fn = fn, .ctx = ctx};
    pthread_mutex_init(&c.lock, NULL);
    for (int table = 0; rc >= 0 && table < MIA__TABLES; table++) {
        c.table = (enum mia__table)table;
        c.status = MIA_OK;
        rc = check_table(txn, raw, &c, err);
    }
    pthread_mutex_destroy(&c.lock);
    *problems += c.problems;
    return rc < 0 ? rc : MIA_OK;
}
