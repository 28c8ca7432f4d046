/* load.c - a store of messages and edges, filled in the order of its keys */
#include "load.h"

#include "index/bulk.h"
#include "program.h"
#include "rounds.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

enum { SORT_BYTES = 64 << 20, INDEX_BATCH = 4 << 20 };

struct place {
    uint64_t order, number; /* ids are in the order of mix(number) */
};

static int by_order(const void *a, const void *b)
{
    uint64_t x = ((const struct place *)a)->order, y = ((const struct place *)b)->order;
    return (x > y) - (x < y);
}

static struct place *places(uint64_t count)
{
    struct place *places = malloc(count * sizeof *places);
    if (places == NULL)
        die("no memory for %" PRIu64 " numbers", count);
    for (uint64_t i = 0; i < count; i++)
        places[i] = (struct place){mix(i), i};
    qsort(places, count, sizeof *places, by_order);
    return places;
}

struct loading {
    mia_store *store;
    const struct place *places;
    uint64_t count;
    mia_encoder *encoder;
    struct mia__bulk *bulk;
};

static void append(const struct loading *l, mia_txn *txn, mia_tree tree, const char *id,
                   const struct mia_record *record)
{
    struct mia_error err;
    mia_slice archive;
    check(mia_encode_archive(l->encoder, record, &archive, &err), &err);
    check(mia_kv_put(txn, tree, (mia_slice){id, strlen(id)}, archive, MIA_PUT_APPEND, &err), &err);
    mia_view view = mia_view_trust(mia_table_of(record->kind), archive);
    check(mia__bulk_add(l->bulk, view, &err), &err);
}

/* The messages, or their edges, in the order of their ids. */
static void load_table(const struct loading *l, bool edges)
{
    struct mia_error err;
    struct texts t;
    mia_txn *txn;
    mia_tree tree;
    check(mia_store_begin(l->store, MIA_TXN_WRITE, &txn, &err), &err);
    check(mia_tree_open(txn, mia_bytes_of(edges ? "edges" : "nodes"), 0, &tree, &err), &err);
    for (uint64_t i = 0; i < l->count; i++) {
        uint64_t number = l->places[i].number;
        struct mia_record record = edges ? edge_number(number, &t) : message_number(number, &t);
        append(l, txn, tree, edges ? t.edge : t.id, &record);
    }
    check(mia_txn_commit(txn, &err), &err);
}

static void write_index(const struct loading *l)
{
    struct mia_error err;
    struct mia__index index;
    uint64_t entries;
    mia_txn *txn;
    struct mia__bulk_batch batch = {.bytes = INDEX_BATCH};
    check(mia_store_begin(l->store, MIA_TXN_WRITE, &txn, &err), &err);
    check(mia__index_open(txn, MIA_INDEX_MULTI, true, &index, &err), &err);
    check(mia_txn_commit(txn, &err), &err);
    check(mia__bulk_write(l->bulk, mia_store_db(l->store), &index, &batch, &entries, &err), &err);
}

mia_store *store_load(const char *path, uint64_t count)
{
    char sort[4096 + 8];
    struct mia_error err;
    struct place *order = places(count);
    struct loading l = {.places = order, .count = count};
    snprintf(sort, sizeof sort, "%s.sort", path);
    if (mkdir(sort, 0755) != 0)
        die("cannot make %s", sort);
    l.store = store_open(mia_engine_mdbx(), path, MIA_SYNC_LAZY, false);
    check(mia_encoder_open(&l.encoder, &err), &err);
    check(mia__bulk_open(sort, SORT_BYTES, &l.bulk, &err), &err);
    load_table(&l, false);
    load_table(&l, true);
    free(order);
    write_index(&l);
    mia__bulk_close(l.bulk);
    mia_encoder_close(l.encoder);
    remove_tree(sort);
    return l.store;
}
