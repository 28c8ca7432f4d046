/* raw/cursor.c - a tree in key order, with the layers of long keys where they belong */
#include "base/error.h"
#include "base/memory.h"
#include "base/try.h"
#include "engine/internal.h"
#include "raw/raw.h"

enum { CHUNK = 64 };

/* One layer on the way down. key_size: bytes of the whole key that stand above it. */
struct level {
    mia_cursor *cursor;
    size_t key_size;
    struct mia_pair pair; /* where the cursor stands */
    bool has_pair;
};

struct mia__raw_cursor {
    mia_txn *txn;
    struct mia__raw raw;
    mia_cursor *base;
    struct mia_pair chunk[CHUNK]; /* read from the tree, not given out yet: [at, count) */
    size_t at, count;
    struct level *levels; /* the way into the layers; top is levels[depth - 1] */
    size_t depth, capacity;
    struct mia__buf key;   /* the whole key so far */
    struct mia__buf bound; /* scratch for seeks */
    bool is_multi;         /* a table of another owner: no batches, nothing folded */
    bool top_is_given;     /* the top's pair was returned: step on before anything else */
};

mia_status mia__raw_cursor_open(mia_txn *txn, const struct mia__raw *raw, mia_tree tree,
                                struct mia__raw_cursor **out, struct mia_error *err)
{
    *out = NULL;
    struct mia__raw_cursor *c = mia__alloc_zero(sizeof *c);
    if (c == NULL)
        return mia__fail_nomem(err);
    c->txn = txn;
    c->raw = *raw;
    c->is_multi = mia__tree_is_multi(tree);
    mia_status rc = mia_cursor_open(txn, tree, &c->base, err);
    if (rc < 0)
        mia__free(c);
    else
        *out = c;
    return rc;
}

static void pop(struct mia__raw_cursor *c)
{
    struct level *top = &c->levels[--c->depth];
    mia_cursor_close(top->cursor);
    c->key.size = top->key_size;
}

void mia__raw_cursor_close(struct mia__raw_cursor *c)
{
    if (c == NULL)
        return;
    while (c->depth > 0)
        pop(c);
    mia_cursor_close(c->base);
    mia__free(c->levels);
    mia__buf_free(&c->key);
    mia__buf_free(&c->bound);
    mia__free(c);
}

static bool is_pointer(const struct mia__raw_cursor *c, mia_slice stored)
{
    return c->raw.limit != 0 && stored.size == c->raw.limit;
}

static mia_status move_top(struct level *top, enum mia_move move, struct mia_error *err)
{
    mia_status rc = mia_cursor_move(top->cursor, move, &top->pair.key, &top->pair.value, err);
    top->has_pair = rc == MIA_OK;
    return rc < 0 ? rc : MIA_OK;
}

static mia_status grow_levels(struct mia__raw_cursor *c, struct mia_error *err)
{
    if (c->depth < c->capacity)
        return MIA_OK;
    size_t capacity = c->capacity ? 2 * c->capacity : 4;
    struct level *levels = mia__realloc(c->levels, capacity * sizeof *levels);
    if (levels == NULL)
        return mia__fail_nomem(err);
    c->levels = levels;
    c->capacity = capacity;
    return MIA_OK;
}

/* Opens the layer that a pointer names. part: what the pointer adds to the whole key. */
static mia_status push(struct mia__raw_cursor *c, mia_slice part, mia_slice id,
                       struct mia_error *err)
{
    mia_status rc;
    if (id.size != MIA__RAW_ID_SIZE)
        return mia__fail(err, MIA_ERR_CORRUPT,
                         "%s: a pointer to a layer of " MIA__RAW_LONG_TREE
                         " has %zu bytes instead of 8",
                         mia_db_path(mia_txn_db(c->txn)), id.size);
    TRY(grow_levels(c, err));
    struct level *top = &c->levels[c->depth];
    memset(top, 0, sizeof *top);
    top->key_size = c->key.size;
    TRY(mia_cursor_open_prefix(c->txn, c->raw.layers, id, &top->cursor, err));
    c->depth++;
    TRY(mia__buf_append(&c->key, part.data, part.size, err));
done:
    return rc;
}

static mia_slice behind_id(mia_slice stored)
{
    mia_slice rest = {(const uint8_t *)stored.data + MIA__RAW_ID_SIZE,
                      stored.size - MIA__RAW_ID_SIZE};
    return rest;
}

/* A layer is made after the one that points to it, so numbers grow on the way down. In a file where
 * they do not, pointers could lead in a circle. */
static mia_status check_order(const struct mia__raw_cursor *c, const struct mia_pair *pointer,
                              struct mia_error *err)
{
    if (pointer->value.size != MIA__RAW_ID_SIZE ||
        memcmp(pointer->value.data, pointer->key.data, MIA__RAW_ID_SIZE) > 0)
        return MIA_OK; /* a wrong size is push's to refuse */
    return mia__fail(err, MIA_ERR_CORRUPT, "%s: layers of " MIA__RAW_LONG_TREE " point backwards",
                     mia_db_path(mia_txn_db(c->txn)));
}

/* Walks the layers to the next pair; MIA_NOTFOUND: they are exhausted, the base goes on. */
static mia_status next_folded(struct mia__raw_cursor *c, struct mia_pair *out,
                              struct mia_error *err)
{
    mia_status rc;
    while (c->depth > 0) {
        struct level *top = &c->levels[c->depth - 1];
        if (c->top_is_given)
            TRY(move_top(top, MIA_MOVE_NEXT, err));
        c->top_is_given = false;
        if (!top->has_pair) {
            pop(c);
            c->top_is_given = c->depth > 0; /* its pointer has been walked */
            continue;
        }
        mia_slice part = behind_id(top->pair.key);
        if (is_pointer(c, top->pair.key)) {
            TRY(check_order(c, &top->pair, err));
            TRY(push(c, part, top->pair.value, err));
            TRY(move_top(&c->levels[c->depth - 1], MIA_MOVE_FIRST, err));
            continue;
        }
        size_t above = c->key.size;
        TRY(mia__buf_append(&c->key, part.data, part.size, err));
        out->key = mia__buf_slice(&c->key);
        out->value = top->pair.value;
        c->key.size = above; /* the bytes stay until the next call */
        c->top_is_given = true;
        return MIA_OK;
    }
    rc = MIA_NOTFOUND;
done:
    return rc;
}

static mia_status refill(struct mia__raw_cursor *c, struct mia_error *err)
{
    c->at = c->count = 0;
    if (!c->is_multi)
        return mia_cursor_batch(c->base, c->chunk, CHUNK, &c->count, err);
    mia_status rc =
        mia_cursor_move(c->base, MIA_MOVE_NEXT, &c->chunk[0].key, &c->chunk[0].value, err);
    c->count = rc == MIA_OK;
    return rc;
}

/* Gives out what lies before the next pointer, straight from the chunk. */
static size_t give_plain(struct mia__raw_cursor *c, struct mia_pair *pairs, size_t max)
{
    size_t n = 0;
    while (n < max && c->at < c->count && !is_pointer(c, c->chunk[c->at].key))
        pairs[n++] = c->chunk[c->at++];
    return n;
}

mia_status mia__raw_cursor_next(struct mia__raw_cursor *c, struct mia_pair *pairs, size_t max,
                                size_t *n, struct mia_error *err)
{
    mia_status rc;
    *n = 0;
    for (;;) {
        TRY(next_folded(c, &pairs[0], err));
        if (rc == MIA_OK) {
            *n = 1;
            break;
        }
        if (c->at == c->count)
            TRY(refill(c, err));
        if (rc == MIA_NOTFOUND && c->at == c->count)
            break;
        *n = give_plain(c, pairs, max);
        if (*n > 0) {
            rc = MIA_OK;
            break;
        }
        struct mia_pair *pointer = &c->chunk[c->at++];
        TRY(push(c, pointer->key, pointer->value, err));
        TRY(move_top(&c->levels[c->depth - 1], MIA_MOVE_FIRST, err));
    }
done:
    return rc;
}

/* Seeks in the layer on top for the rest of the key, downwards as far as pointers match it. */
static mia_status seek_layers(struct mia__raw_cursor *c, mia_slice id, mia_slice rest,
                              struct mia_error *err)
{
    mia_status rc;
    for (;;) {
        struct level *top = &c->levels[c->depth - 1];
        size_t room = c->raw.limit - MIA__RAW_ID_SIZE;
        size_t placed = rest.size < room ? rest.size : room;
        TRY(mia__buf_set(&c->bound, id, err));
        TRY(mia__buf_append(&c->bound, rest.data, placed, err));
        top->pair.key = mia__buf_slice(&c->bound);
        TRY(move_top(top, MIA_MOVE_SEEK, err));
        bool matches = top->has_pair && is_pointer(c, top->pair.key) &&
                       mia_slice_equal(top->pair.key, mia__buf_slice(&c->bound));
        if (!matches)
            break;
        TRY(check_order(c, &top->pair, err));
        id = top->pair.value;
        TRY(push(c, behind_id(top->pair.key), id, err));
        rest.data = (const uint8_t *)rest.data + placed;
        rest.size -= placed;
    }
done:
    return rc;
}

mia_status mia__raw_cursor_seek(struct mia__raw_cursor *c, mia_slice key, struct mia_error *err)
{
    mia_status rc;
    bool is_long = c->raw.limit != 0 && key.size >= c->raw.limit;
    mia_slice head = {key.data, is_long ? c->raw.limit : key.size};
    mia_slice found = head, value;
    while (c->depth > 0)
        pop(c);
    c->key.size = 0;
    c->top_is_given = false;
    c->at = c->count = 0;
    TRY(mia_cursor_move(c->base, MIA_MOVE_SEEK, &found, &value, err));
    if (rc == MIA_NOTFOUND) { /* the base stands behind its last pair: next() says so too */
        rc = MIA_OK;
        goto done;
    }
    if (c->is_multi) {
        c->chunk[c->count++] = (struct mia_pair){found, value};
        goto done;
    }
    if (!is_long || !mia_slice_equal(found, head))
        goto done;
    TRY(refill(c, err));
    struct mia_pair *pointer = &c->chunk[c->at++];
    mia_slice id = pointer->value;
    TRY(push(c, pointer->key, id, err));
    mia_slice rest = {(const uint8_t *)key.data + head.size, key.size - head.size};
    TRY(seek_layers(c, id, rest, err));
done:
    return rc;
}
