/* engine/plain_cursor.c - positions, as unforgiving as the interface allows */
#include "engine/plain_internal.h"

#include <stdlib.h>

struct cursor {
    struct plain_txn *txn;
    uint32_t tree;
    enum { FRESH, ON, LOST } where;
    uint64_t writes; /* of the transaction, when the cursor came to its pair */
    char *key, *value;
    size_t key_size, value_size;
};

mia_status plain_cursor(void *handle, uint32_t tree, void **out, struct mia_error *err)
{
    struct plain_txn *txn = handle;
    pthread_mutex_lock(&txn->db->lock);
    bool is_there = plain_view(txn, tree) != NULL;
    pthread_mutex_unlock(&txn->db->lock);
    if (!is_there)
        return plain_no_tree(tree, err);
    struct cursor *c = plain_alloc(NULL, sizeof *c);
    *c = (struct cursor){.txn = txn, .tree = tree};
    *out = c;
    return MIA_OK;
}

static void drop_pair(struct cursor *c)
{
    plain_poison(c->key, c->key_size);
    plain_poison(c->value, c->value_size);
    free(c->key);
    free(c->value);
    c->key = c->value = NULL;
    c->key_size = c->value_size = 0;
}

static mia_status check_move(const struct cursor *c, enum mia_move move, struct mia_error *err)
{
    if (move > MIA_MOVE_SEEK)
        return plain_refuse(err, MIA_ERR_INTERNAL, "this engine has no multi trees");
    if ((move != MIA_MOVE_NEXT && move != MIA_MOVE_PREV) || c->where == FRESH)
        return MIA_OK;
    if (c->where == LOST)
        return plain_refuse(err, MIA_ERR_INTERNAL, "a relative move from nowhere");
    if (c->writes != c->txn->writes)
        return plain_refuse(err, MIA_ERR_INTERNAL, "a relative move after a write");
    return MIA_OK;
}

/* The index that the move leads to; SIZE_MAX or the number of pairs: outside. */
static size_t target(const struct cursor *c, const struct plain_map *map, enum mia_move move,
                     mia_slice key)
{
    bool found;
    size_t at;
    if (move == MIA_MOVE_FIRST || (move == MIA_MOVE_NEXT && c->where == FRESH))
        return 0;
    if (move == MIA_MOVE_LAST || (move == MIA_MOVE_PREV && c->where == FRESH))
        return map->count - 1;
    if (move == MIA_MOVE_SEEK)
        return plain_map_find(map, key, &found);
    at = plain_map_find(map, (mia_slice){c->key, c->key_size}, &found);
    if (move == MIA_MOVE_PREV)
        return at - 1;
    return found ? at + 1 : at;
}

mia_status plain_move(void *handle, enum mia_move move, mia_slice *key, mia_slice *value,
                      struct mia_error *err)
{
    struct cursor *c = handle;
    mia_status rc = check_move(c, move, err);
    if (rc < 0)
        return rc;
    pthread_mutex_lock(&c->txn->db->lock);
    const struct plain_map *map = plain_view(c->txn, c->tree);
    size_t at = target(c, map, move, *key);
    struct cursor next = *c;
    next.where = at < map->count ? ON : LOST;
    next.writes = c->txn->writes;
    if (next.where == ON) {
        mia_slice k = plain_map_key(map, at), v = plain_map_value(map, at);
        next.key = plain_copy(k), next.key_size = k.size;
        next.value = plain_copy(v), next.value_size = v.size;
    } else {
        next.key = next.value = NULL;
        next.key_size = next.value_size = 0;
    }
    pthread_mutex_unlock(&c->txn->db->lock);
    drop_pair(c); /* only now: *key may be its own */
    *c = next;
    if (c->where == LOST)
        return MIA_NOTFOUND;
    *key = (mia_slice){c->key, c->key_size};
    *value = (mia_slice){c->value, c->value_size};
    return MIA_OK;
}

void plain_cursor_close(void *handle)
{
    struct cursor *c = handle;
    drop_pair(c);
    free(c);
}
