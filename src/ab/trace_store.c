/* ab/trace_store.c - calls on a store as events */
#include "ab/trace_write.h"

#include "model/table.h"

static mia_slice bytes_of(mia_str text)
{
    return (mia_slice){text.data, text.size};
}

static bool translate(const struct mia_store_event *from, struct mia__trace_event *to)
{
    to->key = bytes_of(from->id);
    to->extra = from->flags;
    switch (from->call) {
    case MIA_STORE_BEGIN_READ:
        to->kind = MIA__TRACE_BEGIN_READ;
        return true;
    case MIA_STORE_BEGIN_WRITE:
        to->kind = MIA__TRACE_BEGIN_WRITE;
        return true;
    case MIA_STORE_COMMIT:
        to->kind = MIA__TRACE_COMMIT;
        return true;
    case MIA_STORE_ABORT:
        to->kind = MIA__TRACE_ABORT;
        return true;
    case MIA_STORE_GET:
        to->kind = MIA__TRACE_GET;
        return true;
    case MIA_STORE_PUT:
        to->kind = MIA__TRACE_PUT;
        to->value = from->value;
        return true;
    case MIA_STORE_DELETE:
        to->kind = MIA__TRACE_DELETE;
        return true;
    case MIA_STORE_SCAN:
        to->kind = MIA__TRACE_SCAN;
        to->extra = from->items;
        return true;
    case MIA_STORE_NEIGHBOURS:
        to->kind = MIA__TRACE_NEIGHBOURS;
        to->name = bytes_of(from->name);
        return true;
    case MIA_STORE_IDS:
        to->kind = MIA__TRACE_IDS;
        to->name = bytes_of(from->name);
        return true;
    case MIA_STORE_SEARCH:
        to->kind = MIA__TRACE_SEARCH;
        to->value = from->value;
        to->extra = from->items;
        return true;
    default:
        return false;
    }
}

void mia_trace_observe(void *ctx, const struct mia_store_event *from)
{
    mia_trace *trace = ctx;
    struct mia__trace_event event = {.txn = from->txn};
    if (!translate(from, &event)) {
        mia__trace_leave_out(trace);
        return;
    }
    mia_slice tree = mia_bytes_of(mia__table_name((enum mia__table)from->table));
    if (event.kind == MIA__TRACE_NEIGHBOURS) /* hashed as the key of a node */
        tree = mia_bytes_of(mia__table_name(MIA__TABLE_NODES));
    mia__trace_write(trace, MIA__TRACE_RECORDS, &event, tree, from->started_ns);
}
