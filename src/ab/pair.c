/* ab/pair.c - operations on pairs of bytes; the measured time is what lies between two looks at the
 * clock */
#include "ab/side.h"

#include "ab/clock.h"
#include "ab/print.h"
#include "base/error.h"
#include "base/try.h"

struct doing {
    struct mia__ab_side *side;
    struct mia__ab_worker *worker;
    const struct mia__ab_op *op;
    struct mia__ab_answer *answer;
    mia_tree tree;
    mia_slice key;
    mia_txn *txn;
};

static void begin(struct doing *d)
{
    d->answer->began_ns = mia__ab_now();
}

static void end(struct doing *d)
{
    d->answer->ns = mia__ab_now() - d->answer->began_ns;
}

static void note(struct doing *d, mia_slice bytes)
{
    d->answer->print = mia__ab_print_bytes(d->answer->print, bytes.data, bytes.size);
}

static mia_status get(struct doing *d)
{
    mia_status rc;
    mia_slice value;
    begin(d);
    TRY(mia_txn_begin(d->side->db, MIA_TXN_READ, &d->txn, NULL));
    TRY(mia__raw_get(d->txn, &d->side->raw, d->tree, d->key, &value, NULL));
    if (rc == MIA_OK)
        note(d, value);
done:
    mia_txn_abort(d->txn);
    end(d);
    return rc;
}

static mia_status scan(struct doing *d)
{
    enum { CHUNK = 64 };
    mia_status rc;
    struct mia__raw_cursor *cur = NULL;
    struct mia_pair pairs[CHUNK];
    size_t n;
    begin(d);
    TRY(mia_txn_begin(d->side->db, MIA_TXN_READ, &d->txn, NULL));
    TRY(mia__raw_cursor_open(d->txn, &d->side->raw, d->tree, &cur, NULL));
    TRY(mia__raw_cursor_seek(cur, d->key, NULL));
    while (d->answer->items < d->op->limit) {
        size_t left = d->op->limit - d->answer->items;
        TRY(mia__raw_cursor_next(cur, pairs, left < CHUNK ? left : CHUNK, &n, NULL));
        if (rc == MIA_NOTFOUND)
            break;
        for (size_t i = 0; i < n; i++) {
            note(d, pairs[i].key);
            note(d, pairs[i].value);
        }
        d->answer->items += (uint32_t)n;
    }
    rc = MIA_OK;
done:
    mia__raw_cursor_close(cur);
    mia_txn_abort(d->txn);
    end(d);
    return rc;
}

static mia_status put_value(struct doing *d, mia_slice value)
{
    mia_status rc;
    begin(d);
    TRY(mia_txn_begin(d->side->db, MIA_TXN_WRITE, &d->txn, NULL));
    TRY(mia__raw_put(d->txn, &d->side->raw, d->tree, d->key, value, MIA_PUT_UPSERT, NULL, NULL));
    rc = mia_txn_commit(d->txn, NULL);
    d->txn = NULL;
done:
    mia_txn_abort(d->txn);
    d->txn = NULL;
    end(d);
    return rc;
}

/* The value that it is made of is read before the time counts. */
static mia_status put_made(struct doing *d)
{
    mia_status rc;
    mia_slice value;
    struct mia__buf *made = &d->worker->value;
    bool is_new = d->op->kind == MIA__AB_INSERT;
    mia_slice base = is_new ? mia__ab_bytes(d->side->plan, d->op->value) : d->key;
    TRY(mia_txn_begin(d->side->db, MIA_TXN_READ, &d->txn, NULL));
    TRY(mia__raw_get(d->txn, &d->side->raw, d->tree, base, &value, NULL));
    if (rc == MIA_NOTFOUND)
        goto done;
    TRY(mia__buf_set(made, value, NULL));
    if (!is_new && made->size > 0)
        made->data[d->op->extra % made->size] ^= (uint8_t)(d->op->extra >> 24 | 1);
    mia_txn_abort(d->txn);
    d->txn = NULL;
    rc = put_value(d, mia__buf_slice(made));
done:
    if (d->answer->began_ns == 0)
        begin(d);
    mia_txn_abort(d->txn);
    return rc;
}

static mia_status delete_pair(struct doing *d)
{
    mia_status rc;
    begin(d);
    TRY(mia_txn_begin(d->side->db, MIA_TXN_WRITE, &d->txn, NULL));
    TRY(mia__raw_del(d->txn, &d->side->raw, d->tree, d->key, NULL));
    if (rc == MIA_OK) {
        rc = mia_txn_commit(d->txn, NULL);
        d->txn = NULL;
    }
done:
    mia_txn_abort(d->txn);
    end(d);
    return rc;
}

static mia_status dispatch(struct doing *d)
{
    switch ((enum mia__ab_op_kind)d->op->kind) {
    case MIA__AB_GET:
        return get(d);
    case MIA__AB_SCAN:
        return scan(d);
    case MIA__AB_CHANGE:
    case MIA__AB_INSERT:
        return put_made(d);
    case MIA__AB_PUT:
        return put_value(d, mia__ab_bytes(d->side->plan, d->op->value));
    case MIA__AB_DELETE:
        return delete_pair(d);
    case MIA__AB_NEIGHBOURS:
    case MIA__AB_PROPERTY:
    case MIA__AB_SEARCH:
    case MIA__AB_OPS:
    default:
        begin(d);
        return MIA_ERR_UNSUPPORTED;
    }
}

void mia__ab_do_pair(struct mia__ab_side *side, struct mia__ab_worker *worker,
                     const struct mia__ab_op *op, struct mia__ab_answer *answer)
{
    struct doing d = {.side = side, .worker = worker, .op = op, .answer = answer};
    d.tree = side->trees[op->tree];
    d.key = mia__ab_bytes(side->plan, op->key);
    if (side->has_trees[op->tree]) {
        answer->status = dispatch(&d);
    } else {
        begin(&d);
        answer->status = MIA_NOTFOUND;
    }
}
