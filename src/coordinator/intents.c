/* coordinator/intents.c - the tree mia_moves */
#include "coordinator/intents.h"
#include "base/bytes.h"
#include "base/error.h"
#include "base/sha256.h"
#include "base/try.h"

enum {
    VERSION = 1,
    KEY_SIZE = 1 + MIA__SHA256_SIZE,
    TIER = 1,
    QUARTER = 2,
    NOW = QUARTER + MIA_QUARTER_SIZE,
    ID = NOW + 8
};

static mia_status open_tree(mia_txn *txn, uint32_t flags, mia_tree *tree, struct mia_error *err)
{
    return mia_tree_open(txn, MIA_BYTES("mia_moves"), flags, tree, err);
}

static mia_status key_of(enum mia_table table, mia_str id, uint8_t key[KEY_SIZE],
                         struct mia_error *err)
{
    key[0] = (uint8_t)table;
    return mia__sha256_of((mia_slice){id.data, id.size}, key + 1, err);
}

static mia_status read_value(mia_txn *txn, mia_slice value, struct mia__intent *intent,
                             struct mia_error *err)
{
    const uint8_t *bytes = value.data;
    if (value.size <= ID || bytes[0] != VERSION || bytes[NOW - 1] != 0)
        return mia__fail(err, MIA_ERR_VERSION,
                         "%s: mia_moves has an entry that this libmia %s does not know: update it",
                         mia_db_path(mia_txn_db(txn)), mia_version());
    intent->tier = (enum mia_tier)bytes[TIER];
    memcpy(intent->quarter, bytes + QUARTER, sizeof intent->quarter);
    intent->now_ms = (int64_t)mia__load_u64le(bytes + NOW);
    intent->id = (mia_str){(const char *)bytes + ID, value.size - ID};
    return MIA_OK;
}

mia_status mia__intent_put(mia_txn *txn, const struct mia__intent *intent, struct mia_error *err)
{
    mia_status rc;
    mia_tree tree;
    uint8_t key[KEY_SIZE], head[ID] = {VERSION, (uint8_t)intent->tier};
    struct mia__buf value = {0};
    memcpy(head + QUARTER, intent->quarter, sizeof intent->quarter);
    mia__store_u64le(head + NOW, (uint64_t)intent->now_ms);
    TRY(mia__buf_append(&value, head, sizeof head, err));
    TRY(mia__buf_append(&value, intent->id.data, intent->id.size, err));
    TRY(key_of(intent->table, intent->id, key, err));
    TRY(open_tree(txn, MIA_TREE_CREATE, &tree, err));
    rc = mia_kv_put(txn, tree, (mia_slice){key, sizeof key}, mia__buf_slice(&value), MIA_PUT_UPSERT,
                    err);
done:
    mia__buf_free(&value);
    return rc;
}

mia_status mia__intent_get(mia_txn *txn, enum mia_table table, mia_str id,
                           struct mia__intent *intent, struct mia_error *err)
{
    mia_status rc;
    mia_tree tree;
    mia_slice value;
    uint8_t key[KEY_SIZE];
    *intent = (struct mia__intent){.table = table};
    TRY(open_tree(txn, 0, &tree, err));
    if (rc == MIA_NOTFOUND)
        goto done;
    TRY(key_of(table, id, key, err));
    TRY(mia_kv_get(txn, tree, (mia_slice){key, sizeof key}, &value, err));
    if (rc == MIA_OK)
        rc = read_value(txn, value, intent, err);
done:
    return rc;
}

mia_status mia__intent_del(mia_txn *txn, enum mia_table table, mia_str id, struct mia_error *err)
{
    mia_status rc;
    mia_tree tree;
    uint8_t key[KEY_SIZE];
    TRY(open_tree(txn, 0, &tree, err));
    if (rc == MIA_NOTFOUND)
        goto done;
    TRY(key_of(table, id, key, err));
    rc = mia_kv_del(txn, tree, (mia_slice){key, sizeof key}, NULL, err);
done:
    return rc;
}

static mia_status add(mia_txn *txn, struct mia__buf *all, mia_slice key, mia_slice value,
                      struct mia_error *err)
{
    mia_status rc;
    struct mia__intent intent;
    TRY(read_value(txn, value, &intent, err));
    TRY(mia__buf_append(all, key.data, 1, err));
    TRY(mia__buf_append(all, &intent.id.size, sizeof intent.id.size, err));
    TRY(mia__buf_append(all, intent.id.data, intent.id.size, err));
done:
    return rc;
}

mia_status mia__intents(mia_txn *txn, struct mia__buf *all, struct mia_error *err)
{
    mia_status rc;
    mia_tree tree;
    mia_cursor *cur = NULL;
    mia_slice key, value;
    TRY(open_tree(txn, 0, &tree, err));
    if (rc == MIA_NOTFOUND)
        return MIA_OK;
    TRY(mia_cursor_open(txn, tree, &cur, err));
    while ((rc = mia_cursor_move(cur, MIA_MOVE_NEXT, &key, &value, err)) == MIA_OK)
        if (key.size == KEY_SIZE)
            TRY(add(txn, all, key, value, err));
done:
    mia_cursor_close(cur);
    return rc < 0 ? rc : MIA_OK;
}

bool mia__intents_next(const struct mia__buf *all, size_t *at, enum mia_table *table, mia_str *id)
{
    if (*at >= all->size)
        return false;
    *table = (enum mia_table)all->data[*at];
    memcpy(&id->size, all->data + *at + 1, sizeof id->size);
    id->data = (const char *)all->data + *at + 1 + sizeof id->size;
    *at += 1 + sizeof id->size + id->size;
    return true;
}
