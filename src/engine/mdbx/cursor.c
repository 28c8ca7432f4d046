/* engine/mdbx/cursor.c - positions */
#include "engine/mdbx/internal.h"

#include "base/error.h"
#include "base/memory.h"

struct cursor {
    MDBX_cursor *cur;
    const struct mia__mdbx_db *db;
    bool is_in_batch; /* the last call was a batch: libmdbx stands on the first pair not read */
    bool has_left_over;
    struct mia_pair left_over; /* read with a batch of one pair, not given out yet */
};

mia_status mia__mdbx_cursor(void *transaction, uint32_t tree, void **out, struct mia_error *err)
{
    struct mia__mdbx_txn *txn = transaction;
    MDBX_dbi dbi;
    mia_status rc = mia__mdbx_dbi(txn, tree, &dbi, err);
    if (rc < 0)
        return rc;
    struct cursor *c = mia__alloc_zero(sizeof *c);
    if (c == NULL)
        return mia__fail_nomem(err);
    c->db = txn->db;
    int code = mdbx_cursor_open(txn->txn, dbi, &c->cur);
    if (code != MDBX_SUCCESS) {
        mia__free(c);
        return mia__mdbx_fail(txn->db, code, err, "cursor");
    }
    *out = c;
    return MIA_OK;
}

static MDBX_cursor_op operation(enum mia_move move)
{
    static const MDBX_cursor_op operations[] = {
        [MIA_MOVE_FIRST] = MDBX_FIRST,        [MIA_MOVE_LAST] = MDBX_LAST,
        [MIA_MOVE_NEXT] = MDBX_NEXT,          [MIA_MOVE_PREV] = MDBX_PREV,
        [MIA_MOVE_SEEK] = MDBX_SET_RANGE,     [MIA_MOVE_SEEK_MULTI] = MDBX_GET_BOTH_RANGE,
        [MIA_MOVE_NEXT_SAME] = MDBX_NEXT_DUP, [MIA_MOVE_PREV_SAME] = MDBX_PREV_DUP,
        [MIA_MOVE_LAST_SAME] = MDBX_LAST_DUP, [MIA_MOVE_NEXT_KEY] = MDBX_NEXT_NODUP,
    };
    return operations[move];
}

mia_status mia__mdbx_move(void *cursor, enum mia_move move, mia_slice *key, mia_slice *value,
                          struct mia_error *err)
{
    struct cursor *c = cursor;
    MDBX_val k = {0}, v = {0};
    if (move == MIA_MOVE_SEEK || move == MIA_MOVE_SEEK_MULTI)
        k = mia__mdbx_val(*key);
    if (move == MIA_MOVE_SEEK_MULTI)
        v = mia__mdbx_val(*value);
    c->is_in_batch = c->has_left_over = false;
    int code = mdbx_cursor_get(c->cur, &k, &v, operation(move));
    if (code == MDBX_SUCCESS &&
        (move == MIA_MOVE_LAST_SAME || move == MIA_MOVE_SEEK_MULTI)) /* these leave the key out */
        code = mdbx_cursor_get(c->cur, &k, &v, MDBX_GET_CURRENT);
    if (code != MDBX_SUCCESS)
        return mia__mdbx_fail(c->db, code, err, "read");
    *key = mia__mdbx_slice(k);
    *value = mia__mdbx_slice(v);
    return MIA_OK;
}

/* mdbx_cursor_get_batch: MDBX_FIRST means "from where the cursor stands, or the first"; the limit
 * counts keys and values and must be 4 at least, so a batch of one pair leaves another one over;
 * MDBX_RESULT_TRUE comes with the last chunk. */
static int read_chunk(struct cursor *c, struct mia_pair *pairs, size_t wanted, size_t *got)
{
    enum { MOST = 128 };
    MDBX_val chunk[2 * MOST];
    size_t values;
    if (wanted > MOST)
        wanted = MOST;
    MDBX_cursor_op op = c->is_in_batch ? MDBX_NEXT : MDBX_FIRST;
    int code = mdbx_cursor_get_batch(c->cur, &values, chunk, 2 * wanted, op);
    if (code == MDBX_RESULT_TRUE)
        code = MDBX_SUCCESS;
    *got = code == MDBX_SUCCESS ? values / 2 : 0;
    for (size_t i = 0; i < *got; i++) {
        pairs[i].key = mia__mdbx_slice(chunk[2 * i]);
        pairs[i].value = mia__mdbx_slice(chunk[2 * i + 1]);
    }
    c->is_in_batch = true;
    return code;
}

mia_status mia__mdbx_batch(void *cursor, struct mia_pair *pairs, size_t max, size_t *n,
                           struct mia_error *err)
{
    struct cursor *c = cursor;
    if (c->has_left_over) {
        pairs[0] = c->left_over;
        c->has_left_over = false;
        *n = 1;
        return MIA_OK;
    }
    struct mia_pair two[2];
    bool one_only = max == 1;
    size_t got;
    int code = read_chunk(c, one_only ? two : pairs, one_only ? 2 : max, &got);
    if (code != MDBX_SUCCESS)
        return mia__mdbx_fail(c->db, code, err, "scan");
    if (got == 0)
        return MIA_NOTFOUND;
    if (one_only) {
        pairs[0] = two[0];
        c->left_over = two[1];
        c->has_left_over = got == 2;
        got = 1;
    }
    *n = got;
    return MIA_OK;
}

void mia__mdbx_cursor_close(void *cursor)
{
    struct cursor *c = cursor;
    mdbx_cursor_close(c->cur);
    mia__free(c);
}
