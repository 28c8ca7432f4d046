/* sled/write_tree.c - leaves and index levels */
#include "sled/write_tree.h"

#include "base/error.h"
#include "base/try.h"
#include "sled/write_varint.h"

enum { PREFIX_MOST = 255, LEAF = 0, INDEX = 1 };

/* How many entries go into a node. sled splits leaves above 16 and index nodes above 256, and
 * merges those below 4 and 64. */
struct fill {
    size_t most;  /* pending entries at which a node is written ... */
    size_t batch; /* ... with so many of them */
    size_t least; /* the same where entries are large: at twice this many, with this many */
};
static const struct fill fills[] = {
    [LEAF] = {.most = 16, .batch = 12, .least = 4},
    [INDEX] = {.most = MIA__SLED_PENDING, .batch = 128, .least = 64},
};
static const size_t large_bytes = 4u << 20; /* of pending entries: enough for a node */

void mia__sled_tree_begin(struct mia__sled_tree_writer *tree)
{
    for (size_t i = 0; i < MIA__SLED_LEVELS; i++) {
        struct mia__sled_level *level = &tree->levels[i];
        level->keys.size = level->values.size = level->lo.size = level->count = 0;
        level->page = 0;
        level->has_nodes = false;
    }
    tree->levels[0].page = (*tree->next_page)++;
}

void mia__sled_tree_free(struct mia__sled_tree_writer *tree)
{
    for (size_t i = 0; i < MIA__SLED_LEVELS; i++) {
        mia__buf_free(&tree->levels[i].keys);
        mia__buf_free(&tree->levels[i].values);
        mia__buf_free(&tree->levels[i].lo);
    }
    mia__buf_free(&tree->head);
    mia__buf_free(&tree->hi);
}

static mia_slice key_at(const struct mia__sled_level *level, size_t i)
{
    size_t begin = i > 0 ? level->key_end[i - 1] : 0;
    mia_slice key = {level->keys.data + begin, level->key_end[i] - begin};
    return key;
}

static size_t common_prefix(mia_slice a, mia_slice b)
{
    const uint8_t *first = a.data, *second = b.data;
    size_t most = a.size < b.size ? a.size : b.size, size = 0;
    while (size < most && first[size] == second[size])
        size++;
    return size;
}

/* Adds an entry; value is as a node stores it behind the optional varint of its size. */
static mia_status collect(struct mia__sled_level *level, mia_slice key, mia_slice size,
                          mia_slice value, struct mia_error *err)
{
    mia_status rc;
    size_t values = level->values.size + size.size + value.size;
    TRY(mia__buf_reserve(&level->keys, level->keys.size + key.size + 1, err)); /* never NULL */
    TRY(mia__buf_reserve(&level->values, values, err));
    TRY(mia__buf_append(&level->keys, key.data, key.size, err));
    TRY(mia__buf_append(&level->values, size.data, size.size, err));
    TRY(mia__buf_append(&level->values, value.data, value.size, err));
    level->key_end[level->count] = level->keys.size;
    level->value_end[level->count] = level->values.size;
    level->count++;
done:
    return rc;
}

/* Removes the first entries. */
static void drop(struct mia__sled_level *level, size_t count)
{
    size_t keys = level->key_end[count - 1], values = level->value_end[count - 1];
    level->count -= count;
    level->keys.size -= keys;
    level->values.size -= values;
    memmove(level->keys.data, level->keys.data + keys, level->keys.size);
    memmove(level->values.data, level->values.data + values, level->values.size);
    for (size_t i = 0; i < level->count; i++) {
        level->key_end[i] = level->key_end[i + count] - keys;
        level->value_end[i] = level->value_end[i + count] - values;
    }
}

/* All of a node but its values. */
static mia_status make_head(struct mia__sled_tree_writer *tree, size_t depth, size_t count,
                            uint64_t next, struct mia_error *err)
{
    mia_status rc;
    const struct mia__sled_level *level = &tree->levels[depth];
    struct mia__buf *head = &tree->head;
    mia_slice lo = mia__buf_slice(&level->lo), hi = mia__buf_slice(&tree->hi);
    size_t prefix = common_prefix(lo, hi);
    if (prefix > PREFIX_MOST)
        prefix = PREFIX_MOST;
    const uint8_t flags[] = {0, 0, (uint8_t)prefix}; /* no merging child, not merging */
    const uint8_t kind = depth == 0 ? LEAF : INDEX;
    head->size = 0;
    TRY(mia__sled_append_varint(head, next, err));
    TRY(mia__buf_append(head, flags, sizeof flags, err));
    TRY(mia__sled_append_bytes(head, lo, err));
    TRY(mia__sled_append_bytes(head, hi, err));
    TRY(mia__buf_append(head, &kind, 1, err));
    TRY(mia__sled_append_varint(head, count, err));
    for (size_t i = 0; i < count; i++) {
        mia_slice key = key_at(level, i);
        mia_slice rest = {(const uint8_t *)key.data + prefix, key.size - prefix};
        TRY(mia__sled_append_bytes(head, rest, err));
    }
done:
    return rc;
}

/* Writes the first entries of a level as a node. `next`: its right sibling, 0 for the last node. */
static mia_status write_node(struct mia__sled_tree_writer *tree, size_t depth, size_t count,
                             uint64_t next, struct mia_error *err)
{
    struct mia__sled_level *level = &tree->levels[depth];
    mia_status rc = make_head(tree, depth, count, next, err);
    if (rc < 0)
        return rc;
    mia_slice values = {level->values.data, count > 0 ? level->value_end[count - 1] : 0};
    level->has_nodes = true;
    return mia__sled_log_append(tree->log, MIA__SLED_PAYLOAD_NODE, level->page,
                                mia__buf_slice(&tree->head), values, err);
}

/* The bound between two nodes. Of two leaves: the shortest key above the left one's last that is
 * not above the right one's first. An index node begins with the bound of its first child. */
static mia_slice bound(const struct mia__sled_level *level, size_t depth, size_t right)
{
    mia_slice first = key_at(level, right);
    if (depth == 0)
        first.size = common_prefix(key_at(level, right - 1), first) + 1;
    return first;
}

static mia_status add_child(struct mia__sled_tree_writer *tree, size_t depth, mia_slice lo,
                            uint64_t page, struct mia_error *err);

/* Writes the first `count` of a level's entries; more of them are pending. */
static mia_status split(struct mia__sled_tree_writer *tree, size_t depth, size_t count,
                        struct mia_error *err)
{
    mia_status rc;
    struct mia__sled_level *level = &tree->levels[depth];
    uint64_t next = (*tree->next_page)++;
    TRY(mia__buf_set(&tree->hi, bound(level, depth, count), err));
    TRY(write_node(tree, depth, count, next, err));
    TRY(add_child(tree, depth + 1, mia__buf_slice(&level->lo), level->page, err));
    /* hi may have been used by the levels above meanwhile */
    TRY(mia__buf_set(&level->lo, bound(level, depth, count), err));
    drop(level, count);
    level->page = next;
done:
    return rc;
}

static mia_status split_if_full(struct mia__sled_tree_writer *tree, size_t depth,
                                struct mia_error *err)
{
    const struct mia__sled_level *level = &tree->levels[depth];
    const struct fill *fill = &fills[depth == 0 ? LEAF : INDEX];
    if (level->count == fill->most)
        return split(tree, depth, fill->batch, err);
    bool is_large = level->keys.size + level->values.size >= large_bytes;
    if (is_large && level->count >= 2 * fill->least)
        return split(tree, depth, fill->least, err);
    return MIA_OK;
}

/* Tells the level above of a written node. Recursion ends: levels are few. */
static mia_status add_child(struct mia__sled_tree_writer *tree, size_t depth, mia_slice lo,
                            uint64_t page, struct mia_error *err)
{
    mia_status rc;
    uint8_t pointer[MIA__SLED_VARINT];
    const mia_slice no_size = {0};
    if (depth == MIA__SLED_LEVELS)
        return mia__fail(err, MIA_ERR_INTERNAL, "a tree has more than %d levels", (int)depth);
    struct mia__sled_level *level = &tree->levels[depth];
    if (level->page == 0)
        level->page = (*tree->next_page)++;
    mia_slice value = {pointer, mia__sled_put_varint(pointer, page)};
    TRY(collect(level, lo, no_size, value, err));
    rc = split_if_full(tree, depth, err);
done:
    return rc;
}

mia_status mia__sled_tree_put(struct mia__sled_tree_writer *tree, mia_slice key, mia_slice value,
                              struct mia_error *err)
{
    mia_status rc;
    struct mia__sled_level *leaf = &tree->levels[0];
    uint8_t size[MIA__SLED_VARINT];
    if (leaf->count > 0) { /* entries are kept back: the last pair is always among the pending */
        int order = mia_slice_compare(key_at(leaf, leaf->count - 1), key);
        char shown[120];
        if (order >= 0)
            return mia__fail(err, MIA_ERR_INVALID, "key %s %s",
                             mia__print_bytes(shown, sizeof shown, key),
                             order == 0 ? "was there already" : "is out of order");
    }
    mia_slice length = {size, mia__sled_put_varint(size, value.size)};
    TRY(collect(leaf, key, length, value, err));
    rc = split_if_full(tree, 0, err);
done:
    return rc;
}

mia_status mia__sled_tree_end(struct mia__sled_tree_writer *tree, uint64_t *root,
                              struct mia_error *err)
{
    mia_status rc;
    for (size_t depth = 0;; depth++) { /* add_child keeps it below MIA__SLED_LEVELS */
        struct mia__sled_level *level = &tree->levels[depth];
        bool is_root = depth > 0 && !level->has_nodes;
        tree->hi.size = 0;
        TRY(write_node(tree, depth, level->count, 0, err));
        *root = level->page;
        if (is_root)
            break;
        TRY(add_child(tree, depth + 1, mia__buf_slice(&level->lo), level->page, err));
    }
done:
    return rc;
}
