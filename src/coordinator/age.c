/* coordinator/age.c - messages and entities to the tier of their age */
#include "base/error.h"
#include "base/options.h"
#include "base/try.h"
#include "coordinator/coordinator.h"

static mia_status move_one(mia_coordinator *c, struct mia__where from, const struct mia__where *to,
                           mia_str id, int64_t now_ms, bool *moved, struct mia_error *err)
{
    mia_status rc;
    uint64_t count = 0;
    struct mia__slot *slot = NULL;
    TRY(mia__pin(c, &from, false, &slot, err));
    if (rc == MIA_OK) {
        struct mia__moves one = {slot, *to, MIA_TABLE_NODES, &id, 1, now_ms};
        rc = mia__move(c, &one, &count, err);
    }
    *moved = count > 0;
done:
    mia__unpin(c, slot);
    return rc < 0 ? rc : MIA_OK;
}

mia_status mia_promote_message(mia_coordinator *c, mia_str id, int64_t now_ms, bool *moved,
                               struct mia_error *err)
{
    struct mia__where to = mia__where(MIA_DATABASE_CONVERSATIONS, MIA_TIER_RECENT);
    *moved = false;
    return move_one(c, mia__where(MIA_DATABASE_CONVERSATIONS, MIA_TIER_ACTIVE), &to, id, now_ms,
                    moved, err);
}

/* The archive that a message in recent belongs into; MIA_NOTFOUND: no such message there. */
static mia_status archive_of(mia_coordinator *c, mia_str id, struct mia__where *to,
                             struct mia_error *err)
{
    mia_status rc;
    mia_snapshot *s = NULL;
    mia_txn *txn;
    mia_view view;
    struct mia__where from = mia__where(MIA_DATABASE_CONVERSATIONS, MIA_TIER_RECENT);
    TRY(mia_snapshot_begin(c, &s, err));
    TRY(mia__snapshot_txn(s, &from, &txn, err));
    if (rc == MIA_OK)
        TRY(mia_get(txn, MIA_TABLE_NODES, id, &view, err));
    if (rc == MIA_OK)
        mia_quarter(mia_view_time(view), to->quarter);
done:
    mia_snapshot_end(s);
    return rc;
}

mia_status mia_archive_message(mia_coordinator *c, mia_str id, int64_t now_ms, bool *moved,
                               struct mia_error *err)
{
    mia_status rc;
    struct mia__where to = mia__where(MIA_DATABASE_CONVERSATIONS, MIA_TIER_ARCHIVE);
    *moved = false;
    TRY(archive_of(c, id, &to, err));
    if (rc == MIA_OK)
        rc = move_one(c, mia__where(MIA_DATABASE_CONVERSATIONS, MIA_TIER_RECENT), &to, id, now_ms,
                      moved, err);
done:
    return rc < 0 ? rc : MIA_OK;
}

mia_status mia_promote_entity(mia_coordinator *c, mia_str id, bool *moved, struct mia_error *err)
{
    static const enum mia_tier from[] = {MIA_TIER_ACTIVE, MIA_TIER_INFERRED};
    mia_status rc = MIA_OK;
    struct mia__where to = mia__where(MIA_DATABASE_KNOWLEDGE, MIA_TIER_STABLE);
    *moved = false;
    for (size_t i = 0; i < sizeof from / sizeof from[0] && !*moved; i++)
        TRY(move_one(c, mia__where(MIA_DATABASE_KNOWLEDGE, from[i]), &to, id, mia__now(c), moved,
                     err));
done:
    return rc;
}

/* ---- all messages */

enum { BATCH = 256 };

/* Messages of one tier that are old enough, as many as go into a transaction. */
struct batch {
    struct mia__arena texts;
    mia_str ids[BATCH], embeddings[BATCH]; /* embeddings: data NULL for none */
    char quarters[BATCH][MIA_QUARTER_SIZE];
    int64_t times[BATCH];
    size_t count;
};

struct ageing {
    mia_coordinator *c;
    int64_t now_ms;
    enum mia_tier to;
    int64_t until_ms; /* the youngest that goes */
    struct batch *batch;
    struct mia_age_report report;
    struct mia_error *err;
};

static mia_status copy_text(struct ageing *a, mia_str text, mia_str *copy)
{
    char *to = mia__arena_alloc(&a->batch->texts, text.size + 1);
    if (to == NULL)
        return mia__fail_nomem(a->err);
    memcpy(to, text.data, text.size);
    *copy = (mia_str){to, text.size};
    return MIA_OK;
}

static mia_status add(struct ageing *a, mia_txn *txn, mia_str id, int64_t time_ms)
{
    mia_status rc;
    mia_view view;
    struct batch *b = a->batch;
    size_t i = b->count;
    TRY(copy_text(a, id, &b->ids[i]));
    rc = mia_get(txn, MIA_TABLE_NODES, b->ids[i], &view, a->err);
    b->embeddings[i] = (mia_str){0};
    if (rc == MIA_OK && mia_view_embedding_id(view).size > 0)
        TRY(copy_text(a, mia_view_embedding_id(view), &b->embeddings[i]));
    b->times[i] = time_ms;
    memset(b->quarters[i], 0, sizeof b->quarters[i]);
    if (a->to == MIA_TIER_ARCHIVE)
        mia_quarter(time_ms, b->quarters[i]);
    b->count++;
    rc = MIA_OK;
done:
    return rc;
}

/* Fills the batch with what comes behind *time_ms and *last, which lies in `at`. */
static mia_status gather(struct ageing *a, mia_txn *txn, int64_t time_ms,
                         const struct mia__buf *last)
{
    mia_status rc;
    mia_ids *ids = NULL;
    mia_str id;
    int64_t at;
    struct batch *b = a->batch;
    mia__arena_reset(&b->texts);
    b->count = 0;
    TRY(mia_ids_by_property(txn, MIA_STR("node_type"), MIA_STR("Message"), time_ms, a->until_ms,
                            false, &ids, a->err));
    while (b->count < BATCH && (rc = mia_ids_next(ids, &id, &at, a->err)) == MIA_OK) {
        bool is_done = at == time_ms &&
                       mia_slice_compare((mia_slice){id.data, id.size}, mia__buf_slice(last)) <= 0;
        if (!is_done)
            TRY(add(a, txn, id, at));
    }
done:
    mia_ids_close(ids);
    return rc < 0 ? rc : MIA_OK;
}

static struct mia__where target_of(const struct ageing *a, enum mia_database database, size_t i)
{
    struct mia__where to = mia__where(database, a->to);
    memcpy(to.quarter, a->batch->quarters[i], sizeof to.quarter);
    return to;
}

/* One by one, because one of them stopped the others. */
static mia_status move_each(struct ageing *a, const struct mia__moves *all, uint64_t *moved)
{
    mia_status rc = MIA_OK;
    struct mia_error why;
    for (size_t i = 0; i < all->count; i++) {
        struct mia__moves one = *all;
        one.ids = &all->ids[i];
        one.count = 1;
        rc = mia__move(a->c, &one, moved, &why);
        if (rc == MIA_ERR_SERIALIZATION) {
            a->report.skipped++;
            mia__log(a->c, "not moved: %s", why.message);
        } else if (rc < 0) {
            return mia__fail(a->err, rc, "%s", why.message);
        }
    }
    return MIA_OK;
}

static mia_status move_run(struct ageing *a, const struct mia__moves *run, uint64_t *moved)
{
    if (run->count == 0)
        return MIA_OK;
    mia_status rc = mia__move(a->c, run, moved, a->err);
    return rc == MIA_ERR_SERIALIZATION ? move_each(a, run, moved) : rc;
}

/* The embeddings of a run of messages, from where embeddings of such messages may be. */
static mia_status move_embeddings(struct ageing *a, size_t first, size_t end, enum mia_tier from)
{
    mia_status rc;
    mia_str ids[BATCH];
    size_t count = 0;
    struct mia__slot *slot = NULL;
    struct mia__where where = mia__where(MIA_DATABASE_EMBEDDINGS, from);
    for (size_t i = first; i < end; i++)
        if (a->batch->embeddings[i].data != NULL)
            ids[count++] = a->batch->embeddings[i];
    if (count == 0)
        return MIA_OK;
    TRY(mia__pin(a->c, &where, false, &slot, a->err));
    if (rc == MIA_OK) {
        struct mia__moves run = {slot,
                                 target_of(a, MIA_DATABASE_EMBEDDINGS, first),
                                 MIA_TABLE_EMBEDDINGS,
                                 ids,
                                 count,
                                 a->now_ms};
        rc = move_run(a, &run, &a->report.embeddings);
    }
done:
    mia__unpin(a->c, slot);
    return rc < 0 ? rc : MIA_OK;
}

/* Messages of one quarter go together. */
static mia_status move_batch(struct ageing *a, struct mia__slot *from)
{
    mia_status rc = MIA_OK;
    struct batch *b = a->batch;
    uint64_t *moved = a->to == MIA_TIER_ARCHIVE ? &a->report.to_archive : &a->report.to_recent;
    for (size_t first = 0, end; first < b->count; first = end) {
        for (end = first + 1; end < b->count && !strcmp(b->quarters[end], b->quarters[first]);)
            end++;
        struct mia__moves run = {from,
                                 target_of(a, MIA_DATABASE_CONVERSATIONS, first),
                                 MIA_TABLE_NODES,
                                 b->ids + first,
                                 end - first,
                                 a->now_ms};
        TRY(move_run(a, &run, moved));
        TRY(move_embeddings(a, first, end, MIA_TIER_ACTIVE));
        if (a->to == MIA_TIER_ARCHIVE)
            TRY(move_embeddings(a, first, end, MIA_TIER_RECENT));
    }
done:
    return rc;
}

static mia_status next_batch(struct ageing *a, struct mia__slot *from, int64_t *time_ms,
                             struct mia__buf *last)
{
    mia_status rc;
    mia_txn *txn;
    struct batch *b = a->batch;
    TRY(mia_store_begin(from->store, MIA_TXN_READ, &txn, a->err));
    rc = gather(a, txn, *time_ms, last);
    mia_txn_abort(txn);
    if (rc < 0 || b->count == 0)
        goto done;
    *time_ms = b->times[b->count - 1];
    rc = mia__buf_set(last, (mia_slice){b->ids[b->count - 1].data, b->ids[b->count - 1].size},
                      a->err);
done:
    return rc;
}

static mia_status age_tier(struct ageing *a, enum mia_tier from, enum mia_tier to,
                           mia_progress_fn progress, void *ctx)
{
    mia_status rc;
    int64_t time_ms = INT64_MIN;
    struct mia__buf last = {0};
    struct mia__slot *slot = NULL;
    struct mia__where where = mia__where(MIA_DATABASE_CONVERSATIONS, from);
    a->to = to;
    if (__builtin_sub_overflow(a->now_ms, mia__age_ms(to), &a->until_ms))
        a->until_ms = INT64_MIN;
    TRY(mia__pin(a->c, &where, false, &slot, a->err));
    while (rc == MIA_OK) {
        TRY(next_batch(a, slot, &time_ms, &last));
        if (a->batch->count == 0)
            break;
        TRY(move_batch(a, slot));
        struct mia_progress shown = {.phase = "age",
                                     .records_done = a->report.to_recent + a->report.to_archive};
        if (progress != NULL && !progress(ctx, &shown)) {
            rc = mia__fail(a->err, MIA_ERR_CANCELLED, "%s: stopped moving messages", a->c->base);
            goto done;
        }
    }
    rc = MIA_OK;
done:
    mia__buf_free(&last);
    mia__unpin(a->c, slot);
    return rc;
}

mia_status mia_age_conversations(mia_coordinator *c, int64_t now_ms, mia_progress_fn progress,
                                 void *ctx, struct mia_age_report *report, struct mia_error *err)
{
    mia_status rc;
    struct ageing a = {.c = c, .now_ms = now_ms, .err = err};
    TRY(mia__report_check(report, "mia_age_report", err));
    a.batch = mia__alloc_zero(sizeof *a.batch);
    if (a.batch == NULL) {
        rc = mia__fail_nomem(err);
        goto done;
    }
    TRY(age_tier(&a, MIA_TIER_ACTIVE, MIA_TIER_RECENT, progress, ctx));
    rc = age_tier(&a, MIA_TIER_RECENT, MIA_TIER_ARCHIVE, progress, ctx);
done:
    if (a.batch != NULL) {
        mia__report_write(report, &a.report, sizeof a.report);
        mia__arena_free(&a.batch->texts);
        mia__free(a.batch);
    }
    return rc;
}
