/* ab/pair.c - operations on pairs of bytes; the measured time is what lies between two looks at the
 * clock */
#include "ab/turn.h"

#include "ab/print.h"
#include "ab/random.h"
#include "base/error.h"
#include "base/try.h"

struct doing {
    struct mia__ab_turn turn;
    mia_tree tree;
    mia_slice key;
};

static void note(struct doing *d, mia_slice bytes)
{
    d->turn.answer->print = mia__ab_print_bytes(d->turn.answer->print, bytes.data, bytes.size);
}

static mia_status get(struct doing *d)
{
    mia_status rc;
    mia_slice value;
    mia__ab_turn_start(&d->turn);
    TRY(mia__ab_turn_enter(&d->turn, MIA_TXN_READ));
    TRY(mia__raw_get(d->turn.txn, &d->turn.side->raw, d->tree, d->key, &value, NULL));
    if (rc == MIA_OK)
        note(d, value);
done:
    rc = mia__ab_turn_leave(&d->turn, rc);
    mia__ab_turn_stop(&d->turn);
    return rc;
}

static mia_status scan(struct doing *d)
{
    enum { CHUNK = 64 };
    mia_status rc;
    struct mia__raw_cursor *cur = NULL;
    struct mia_pair pairs[CHUNK];
    size_t n;
    mia__ab_turn_start(&d->turn);
    TRY(mia__ab_turn_enter(&d->turn, MIA_TXN_READ));
    TRY(mia__raw_cursor_open(d->turn.txn, &d->turn.side->raw, d->tree, &cur, NULL));
    TRY(mia__raw_cursor_seek(cur, d->key, NULL));
    while (d->turn.answer->items < d->turn.op->limit) {
        size_t left = d->turn.op->limit - d->turn.answer->items;
        TRY(mia__raw_cursor_next(cur, pairs, left < CHUNK ? left : CHUNK, &n, NULL));
        if (rc == MIA_NOTFOUND)
            break;
        for (size_t i = 0; i < n; i++) {
            note(d, pairs[i].key);
            note(d, pairs[i].value);
        }
        d->turn.answer->items += (uint32_t)n;
    }
    rc = MIA_OK;
done:
    mia__raw_cursor_close(cur);
    rc = mia__ab_turn_leave(&d->turn, rc);
    mia__ab_turn_stop(&d->turn);
    return rc;
}

static mia_status put_value(struct doing *d, mia_slice value)
{
    mia_status rc;
    mia__ab_turn_start(&d->turn);
    TRY(mia__ab_turn_enter(&d->turn, MIA_TXN_WRITE));
    rc = mia__raw_put(d->turn.txn, &d->turn.side->raw, d->tree, d->key, value, MIA_PUT_UPSERT, NULL,
                      NULL);
done:
    rc = mia__ab_turn_leave(&d->turn, rc);
    mia__ab_turn_stop(&d->turn);
    return rc;
}

/* A value as it was recorded or, where only its size was, one of that size. */
static mia_status put_given(struct doing *d)
{
    mia_status rc;
    struct mia__buf *made = &d->turn.worker->value;
    struct mia__ab_random random = {d->turn.op->extra};
    if (d->turn.op->value.size > 0 || d->turn.op->limit == 0)
        return put_value(d, mia__ab_bytes(d->turn.side->plan, d->turn.op->value));
    TRY(mia__buf_reserve(made, d->turn.op->limit + 8, NULL));
    for (size_t at = 0; at < d->turn.op->limit; at += 8)
        mia__store_u64le(made->data + at, mia__ab_next(&random));
    made->size = d->turn.op->limit;
    rc = put_value(d, mia__buf_slice(made));
done:
    return rc;
}

/* The value that it is made of is read before the time counts. */
static mia_status put_made(struct doing *d)
{
    mia_status rc;
    mia_slice value;
    mia_txn *beside = NULL;
    struct mia__buf *made = &d->turn.worker->value;
    bool is_new = d->turn.op->kind == MIA__AB_INSERT;
    mia_slice base = is_new ? mia__ab_bytes(d->turn.side->plan, d->turn.op->value) : d->key;
    TRY(mia_txn_begin(d->turn.side->db, MIA_TXN_READ, &beside, NULL));
    TRY(mia__raw_get(beside, &d->turn.side->raw, d->tree, base, &value, NULL));
    if (rc == MIA_NOTFOUND)
        goto done;
    TRY(mia__buf_set(made, value, NULL));
    if (!is_new && made->size > 0)
        made->data[d->turn.op->extra % made->size] ^= (uint8_t)(d->turn.op->extra >> 24 | 1);
    rc = put_value(d, mia__buf_slice(made));
done:
    if (d->turn.answer->began_ns == 0)
        mia__ab_turn_start(&d->turn);
    mia_txn_abort(beside);
    return rc;
}

static mia_status delete_pair(struct doing *d)
{
    mia_status rc;
    mia__ab_turn_start(&d->turn);
    TRY(mia__ab_turn_enter(&d->turn, MIA_TXN_WRITE));
    rc = mia__raw_del(d->turn.txn, &d->turn.side->raw, d->tree, d->key, NULL);
done:
    rc = mia__ab_turn_leave(&d->turn, rc);
    mia__ab_turn_stop(&d->turn);
    return rc;
}

static mia_status dispatch(struct doing *d)
{
    switch ((enum mia__ab_op_kind)d->turn.op->kind) {
    case MIA__AB_GET:
        return get(d);
    case MIA__AB_SCAN:
        return scan(d);
    case MIA__AB_CHANGE:
    case MIA__AB_INSERT:
        return put_made(d);
    case MIA__AB_PUT:
        return put_given(d);
    case MIA__AB_DELETE:
        return delete_pair(d);
    case MIA__AB_NEIGHBOURS:
    case MIA__AB_PROPERTY:
    case MIA__AB_SEARCH:
    case MIA__AB_OPS:
    default:
        mia__ab_turn_start(&d->turn);
        return MIA_ERR_UNSUPPORTED;
    }
}

void mia__ab_do_pair(struct mia__ab_side *side, struct mia__ab_worker *worker,
                     const struct mia__ab_op *op, struct mia__ab_answer *answer)
{
    struct doing d = {.turn = {.side = side, .worker = worker, .op = op, .answer = answer}};
    d.tree = side->trees[op->tree];
    d.key = mia__ab_bytes(side->plan, op->key);
    if (side->has_trees[op->tree]) {
        answer->status = dispatch(&d);
    } else {
        mia__ab_turn_start(&d.turn);
        answer->status = MIA_NOTFOUND;
    }
}
