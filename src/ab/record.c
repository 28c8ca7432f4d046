/* ab/record.c - operations on MIA's records; the measured time is what lies between two looks at
 * the clock */
#include "ab/turn.h"

#include "ab/print.h"
#include "base/error.h"
#include "base/try.h"
#include "mia/search.h"
#include "model/schema.h"
#include "model/table.h"
#include "store/store.h"

/* One operation. */
struct doing {
    struct mia__ab_turn turn;
    mia_str key;
    enum mia_table table;
};

static mia_str text_of(mia_slice bytes)
{
    return (mia_str){bytes.data, bytes.size};
}

static void note(struct doing *d, mia_str text)
{
    d->turn.answer->print = mia__ab_print_str(d->turn.answer->print, text);
}

static mia_status get(struct doing *d)
{
    mia_status rc;
    mia_view view;
    mia__ab_turn_start(&d->turn);
    TRY(mia__ab_turn_enter(&d->turn, MIA_TXN_READ));
    TRY(mia_get(d->turn.txn, d->table, d->key, &view, NULL));
    if (rc == MIA_OK)
        d->turn.answer->print = mia__ab_print_view(0, view);
done:
    rc = mia__ab_turn_leave(&d->turn, rc);
    mia__ab_turn_stop(&d->turn);
    return rc;
}

/* extra: the key is a prefix; otherwise records from behind it on. */
static mia_status scan(struct doing *d)
{
    mia_status rc;
    mia_scan *it = NULL;
    mia_str id;
    mia_view view;
    mia_slice behind = {d->key.data, d->key.size};
    mia__ab_turn_start(&d->turn);
    TRY(mia__ab_turn_enter(&d->turn, MIA_TXN_READ));
    TRY(d->turn.op->extra != 0 ? mia_scan_open(d->turn.txn, d->table, d->key, &it, NULL)
                               : mia__scan_open_from(d->turn.txn, d->table, behind, &it, NULL));
    while (d->turn.answer->items < d->turn.op->limit) {
        TRY(mia_scan_next(it, &id, &view, NULL));
        if (rc == MIA_NOTFOUND)
            break;
        note(d, id);
        d->turn.answer->print = mia__ab_print_view(d->turn.answer->print, view);
        d->turn.answer->items++;
    }
    rc = MIA_OK;
done:
    mia_scan_close(it);
    rc = mia__ab_turn_leave(&d->turn, rc);
    mia__ab_turn_stop(&d->turn);
    return rc;
}

static mia_status neighbours(struct doing *d)
{
    mia_status rc;
    mia_neighbours *it = NULL;
    struct mia_hop hop;
    mia_str type = d->turn.op->value.size > 0
                       ? text_of(mia__ab_bytes(d->turn.side->plan, d->turn.op->value))
                       : (mia_str){0};
    mia__ab_turn_start(&d->turn);
    TRY(mia__ab_turn_enter(&d->turn, MIA_TXN_READ));
    TRY(mia_neighbours_open(d->turn.txn, d->key, (enum mia_direction)d->turn.op->extra, type, &it,
                            NULL));
    while (d->turn.op->limit == 0 || d->turn.answer->items < d->turn.op->limit) {
        TRY(mia_neighbours_next(it, &hop, NULL));
        if (rc == MIA_NOTFOUND)
            break;
        note(d, hop.edge_id);
        note(d, hop.edge_type);
        note(d, hop.node_id);
        d->turn.answer->items++;
    }
    rc = MIA_OK;
done:
    mia_neighbours_close(it);
    rc = mia__ab_turn_leave(&d->turn, rc);
    mia__ab_turn_stop(&d->turn);
    return rc;
}

static mia_status property(struct doing *d)
{
    mia_status rc;
    mia_ids *it = NULL;
    mia_str id, name = text_of(mia__ab_bytes(d->turn.side->plan, d->turn.op->value));
    mia__ab_turn_start(&d->turn);
    TRY(mia__ab_turn_enter(&d->turn, MIA_TXN_READ));
    TRY(mia_ids_by_property(d->turn.txn, name, d->key, INT64_MIN, INT64_MAX, d->turn.op->extra != 0,
                            &it, NULL));
    while (d->turn.op->limit == 0 || d->turn.answer->items < d->turn.op->limit) {
        TRY(mia_ids_next(it, &id, NULL, NULL));
        if (rc == MIA_NOTFOUND)
            break;
        note(d, id);
        d->turn.answer->items++;
    }
    rc = MIA_OK;
done:
    mia_ids_close(it);
    rc = mia__ab_turn_leave(&d->turn, rc);
    mia__ab_turn_stop(&d->turn);
    return rc;
}

/* The vector that is asked for, which is read before the time counts. MIA_NOTFOUND: none. */
static mia_status find_query(struct doing *d, size_t *dimension)
{
    mia_status rc;
    mia_view view;
    mia_floats vector;
    struct mia__ab_worker *w = d->turn.worker;
    mia_slice given = mia__ab_bytes(d->turn.side->plan, d->turn.op->value);
    if (d->turn.op->value.size > 0) {
        vector = (mia_floats){given.data, given.size / sizeof(float)};
    } else {
        TRY(mia_get(d->turn.txn, MIA_TABLE_EMBEDDINGS, d->key, &view, NULL));
        if (rc == MIA_NOTFOUND)
            goto done;
        vector = mia_embedding_vector(view);
    }
    if (vector.count > w->query_capacity) {
        float *query = mia__realloc(w->query, vector.count * sizeof *query);
        if (query == NULL)
            return MIA_ERR_NOMEM;
        w->query = query;
        w->query_capacity = vector.count;
    }
    mia_floats_copy(vector, w->query);
    *dimension = vector.count;
    rc = vector.count > 0 ? MIA_OK : MIA_NOTFOUND;
done:
    return rc;
}

static mia_status search(struct doing *d)
{
    mia_status rc;
    struct mia_hit hits[MIA__AB_NEAREST];
    size_t dimension = 0, found = 0;
    size_t k = d->turn.op->limit < MIA__AB_NEAREST ? d->turn.op->limit : MIA__AB_NEAREST;
    TRY(mia__ab_turn_enter(&d->turn, MIA_TXN_READ));
    TRY(find_query(d, &dimension));
    mia__ab_turn_start(&d->turn);
    if (rc == MIA_OK)
        rc = mia_search(d->turn.txn, d->turn.worker->query, dimension, k, NULL, hits, &found, NULL);
    mia__ab_turn_stop(&d->turn);
    for (size_t i = 0; i < found; i++) {
        note(d, hits[i].embedding_id);
        if (d->turn.worker->near != NULL)
            d->turn.worker->near[i] = (uint32_t)mia__ab_print_str(1, hits[i].embedding_id) | 1;
    }
    d->turn.answer->items = (uint32_t)found;
done:
    if (d->turn.answer->began_ns == 0)
        mia__ab_turn_start(&d->turn);
    return mia__ab_turn_leave(&d->turn, rc);
}

/* A record that is not the one that it was made of: its first times move on by this much. */
static void change(struct mia_record *record, uint32_t by)
{
    const struct mia__record_type *type = mia__record_type((int)record->kind);
    for (size_t i = 0; i < type->field_count; i++) {
        uint8_t *at = (uint8_t *)&record->u + type->fields[i].owned;
        int64_t number;
        if (type->fields[i].type != MIA__TYPE_i64)
            continue;
        memcpy(&number, at, sizeof number);
        number = (int64_t)((uint64_t)number + by % 100000);
        memcpy(at, &number, sizeof number);
    }
}

static void rename_record(struct mia_record *record, mia_str id)
{
    const struct mia__record_type *type = mia__record_type((int)record->kind);
    memcpy((uint8_t *)&record->u + type->fields[0].owned, &id, sizeof id); /* every record's key */
}

/* A record made of the one that is there, or else of another. MIA_NOTFOUND: there is neither. */
static mia_status make(struct doing *d, mia_txn *txn, struct mia_record *record)
{
    mia_status rc = MIA_NOTFOUND;
    mia_view view;
    mia_str other = text_of(mia__ab_bytes(d->turn.side->plan, d->turn.op->value));
    if (d->turn.op->kind == MIA__AB_CHANGE)
        TRY(mia_get(txn, d->table, d->key, &view, NULL));
    if (rc == MIA_NOTFOUND && other.size > 0)
        TRY(mia_get(txn, d->table, other, &view, NULL));
    if (rc == MIA_NOTFOUND)
        goto done;
    TRY(mia_record_of(txn, view, record, NULL));
    change(record, d->turn.op->extra);
    rename_record(record, d->key);
done:
    return rc;
}

/* The record that it is made of is read before the time counts, in a transaction beside that of
 * the write; in a trace's own one together with it. */
static mia_status put_made(struct doing *d)
{
    mia_status rc;
    mia_txn *beside = NULL;
    struct mia_record record;
    bool is_own = d->turn.op->flags == 0;
    if (is_own) {
        TRY(mia_store_begin(d->turn.side->store, MIA_TXN_READ, &beside, NULL));
        TRY(make(d, beside, &record));
        if (rc == MIA_NOTFOUND)
            goto done;
    }
    mia__ab_turn_start(&d->turn);
    rc = mia__ab_turn_enter(&d->turn, MIA_TXN_WRITE);
    if (rc == MIA_OK && !is_own)
        rc = make(d, d->turn.txn, &record);
    if (rc == MIA_OK)
        rc = mia_put(d->turn.txn, &record, NULL);
    rc = mia__ab_turn_leave(&d->turn, rc);
    mia__ab_turn_stop(&d->turn);
done:
    if (d->turn.answer->began_ns == 0)
        mia__ab_turn_start(&d->turn);
    mia_txn_abort(beside);
    return rc;
}

static mia_status put(struct doing *d)
{
    mia_status rc;
    mia__ab_turn_start(&d->turn);
    TRY(mia__ab_turn_enter(&d->turn, MIA_TXN_WRITE));
    rc = mia_put_archive(d->turn.txn, d->table,
                         mia__ab_bytes(d->turn.side->plan, d->turn.op->value), NULL);
done:
    rc = mia__ab_turn_leave(&d->turn, rc);
    mia__ab_turn_stop(&d->turn);
    return rc;
}

static mia_status delete_record(struct doing *d)
{
    mia_status rc;
    mia__ab_turn_start(&d->turn);
    TRY(mia__ab_turn_enter(&d->turn, MIA_TXN_WRITE));
    rc = mia_delete(d->turn.txn, d->table, d->key, d->turn.op->extra, NULL, NULL);
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
    case MIA__AB_NEIGHBOURS:
        return neighbours(d);
    case MIA__AB_PROPERTY:
        return property(d);
    case MIA__AB_SEARCH:
        return search(d);
    case MIA__AB_CHANGE:
    case MIA__AB_INSERT:
        return put_made(d);
    case MIA__AB_PUT:
        return put(d);
    case MIA__AB_DELETE:
        return delete_record(d);
    case MIA__AB_OPS:
    default:
        mia__ab_turn_start(&d->turn);
        return MIA_ERR_UNSUPPORTED;
    }
}

void mia__ab_do_record(struct mia__ab_side *side, struct mia__ab_worker *worker,
                       const struct mia__ab_op *op, struct mia__ab_answer *answer)
{
    enum mia__table table = MIA__TABLE_NODES;
    const struct mia__ab_plan *plan = side->plan;
    struct doing d = {.turn = {.side = side, .worker = worker, .op = op, .answer = answer}};
    mia__table_find(mia__ab_bytes(plan, plan->trees[op->tree]), &table);
    d.table = (enum mia_table)table;
    d.key = text_of(mia__ab_bytes(plan, op->key));
    answer->status = dispatch(&d);
}
