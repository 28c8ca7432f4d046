/* sled/node.c - parsing a node's base and its links */
#include "sled/node.h"

#include "base/error.h"
#include "base/try.h"
#include "sled/fold.h"
#include "sled/varint.h"

enum mia__sled_link_tag { SET, DEL, MERGE_INTENTION, MERGE_CONFIRM, MERGE_CAP };

void mia__sled_node_begin(struct mia__sled_node *node, struct mia__sled_store *store)
{
    memset(node, 0, sizeof *node);
    mia__sled_page_begin(&node->page, store);
}

void mia__sled_node_free(struct mia__sled_node *node)
{
    mia__sled_page_free(&node->page);
    mia__buf_free(&node->entries);
    mia__buf_free(&node->folded);
    mia__buf_free(&node->changes);
    mia__buf_free(&node->keys);
    mia__buf_free(&node->child_list);
}

mia_status mia__sled_node_blame(const struct mia__sled_node *node, const char *reason,
                                struct mia_error *err)
{
    return mia__sled_page_blame(&node->page, 0, reason, err);
}

/* All keys stand before all values. */
static mia_status parse_entries(struct mia__sled_node *node, struct mia__parse *p,
                                struct mia_error *err)
{
    mia_status rc;
    size_t count = mia__parse_count(p, p->at, mia__sled_parse_varint(p), 2, MIA__SLED_CUT);
    TRY(mia__buf_reserve(&node->entries, count * sizeof(struct mia_pair), err));
    node->pairs = (struct mia_pair *)(void *)node->entries.data; /* from the heap: aligned */
    node->count = count;
    for (size_t i = 0; i < count; i++)
        node->pairs[i].key = mia__sled_parse_bytes(p);
    if (!node->is_index) {
        for (size_t i = 0; i < count; i++)
            node->pairs[i].value = mia__sled_parse_bytes(p);
        return MIA_OK;
    }
    TRY(mia__buf_reserve(&node->child_list, count * sizeof(uint64_t), err));
    node->children = (uint64_t *)(void *)node->child_list.data;
    for (size_t i = 0; i < count; i++)
        node->children[i] = mia__sled_parse_varint(p);
done:
    return rc;
}

static mia_status parse_base(struct mia__sled_node *node, struct mia_error *err)
{
    struct mia__parse p = mia__parse_begin(node->page.parts[0].bytes);
    if (node->page.parts[0].kind != MIA__SLED_NODE)
        return mia__sled_node_blame(node, "a tree points to this page, but it is no node", err);
    node->next = mia__sled_parse_varint(&p);
    node->merging_child = mia__sled_parse_varint(&p);
    mia__sled_parse_u8(&p); /* is this node being merged away: its content counts all the same */
    node->prefix_size = mia__sled_parse_u8(&p);
    node->lo = mia__sled_parse_bytes(&p);
    node->hi = mia__sled_parse_bytes(&p);
    uint8_t data = mia__sled_parse_u8(&p);
    node->is_index = data == 1;
    mia_status rc = parse_entries(node, &p, err);
    if (rc == MIA_OK && (p.fault != 0 || mia__parse_left(&p) != 0 || data > 1))
        rc = mia__sled_node_blame(node, "its node cannot be parsed", err);
    return rc;
}

static mia_status confirm_merge(struct mia__sled_node *node, size_t part, struct mia_error *err)
{
    size_t i = 0;
    while (i < node->count && node->children[i] != node->merging_child)
        i++;
    if (node->merging_child == 0 || i == node->count)
        return mia__sled_page_blame(&node->page, part, "it ends a merge that was not begun", err);
    memmove(node->pairs + i, node->pairs + i + 1, (node->count - i - 1) * sizeof *node->pairs);
    memmove(node->children + i, node->children + i + 1,
            (node->count - i - 1) * sizeof *node->children);
    node->count--;
    node->merging_child = 0;
    return MIA_OK;
}

static mia_status note_change(struct mia__sled_node *node, size_t part, struct mia__parse *p,
                              bool is_set, struct mia_error *err)
{
    struct mia__sled_change change = {.order = part, .is_set = is_set};
    change.pair.key = mia__sled_parse_bytes(p);
    if (is_set)
        change.pair.value = mia__sled_parse_bytes(p);
    return mia__buf_append(&node->changes, &change, sizeof change, err);
}

static mia_status apply_link(struct mia__sled_node *node, size_t i, struct mia_error *err)
{
    mia_status rc = MIA_OK;
    const struct mia__sled_part *part = &node->page.parts[i];
    struct mia__parse p = mia__parse_begin(part->bytes);
    uint8_t tag = mia__sled_parse_u8(&p);
    bool is_wrong = part->kind != MIA__SLED_LINK || tag > MERGE_CAP;
    if (tag == SET || tag == DEL) {
        TRY(note_change(node, i, &p, tag == SET, err));
        is_wrong |= node->is_index;
    } else if (tag == MERGE_INTENTION) {
        node->merging_child = mia__sled_parse_varint(&p);
        is_wrong |= !node->is_index;
    } else if (tag == MERGE_CONFIRM && node->is_index) {
        TRY(confirm_merge(node, i, err));
    } else if (tag == MERGE_CONFIRM) {
        is_wrong = true;
    }
    if (is_wrong || p.fault != 0 || mia__parse_left(&p) != 0)
        rc = mia__sled_page_blame(&node->page, i, "its link cannot be parsed", err);
done:
    return rc;
}

static bool ascends(const struct mia__sled_node *node)
{
    for (size_t i = 1; i < node->count; i++)
        if (mia_slice_compare(node->pairs[i - 1].key, node->pairs[i].key) >= 0)
            return false;
    return true;
}

static mia_slice without_prefix(mia_slice key, size_t size)
{
    return (mia_slice){(const uint8_t *)key.data + size, key.size - size};
}

/* lo <= key < hi for all keys, the prefix is one of both bounds, and the bounds are in order: so a
 * walk from sibling to sibling always ends. */
static const char *check_bounds(const struct mia__sled_node *node)
{
    size_t prefix = node->prefix_size;
    if (node->hi.size > 0 && mia_slice_compare(node->lo, node->hi) >= 0)
        return "its upper bound is not above its lower bound";
    if (prefix > node->lo.size || (prefix > 0 && prefix > node->hi.size) ||
        (prefix > 0 && memcmp(node->lo.data, node->hi.data, prefix) != 0))
        return "the prefix of its keys is not that of its bounds";
    if (node->is_index &&
        (node->count == 0 ||
         mia_slice_compare(node->pairs[0].key, without_prefix(node->lo, prefix)) != 0))
        return "its first key is not its lower bound";
    if (node->count == 0)
        return NULL;
    if (mia_slice_compare(node->pairs[0].key, without_prefix(node->lo, prefix)) < 0)
        return "a key is below its lower bound";
    if (node->hi.size > 0 &&
        mia_slice_compare(node->pairs[node->count - 1].key, without_prefix(node->hi, prefix)) >= 0)
        return "a key is not below its upper bound";
    return NULL;
}

/* Puts the prefix before the keys, in a buffer of the node. */
static mia_status complete_keys(struct mia__sled_node *node, struct mia_error *err)
{
    mia_status rc;
    size_t total = 0;
    for (size_t i = 0; i < node->count; i++)
        total += node->prefix_size + node->pairs[i].key.size;
    TRY(mia__buf_reserve(&node->keys, total, err));
    uint8_t *at = node->keys.data;
    for (size_t i = 0; i < node->count; i++) {
        mia_slice stored = node->pairs[i].key;
        memcpy(at, node->lo.data, node->prefix_size);
        memcpy(at + node->prefix_size, stored.data, stored.size);
        node->pairs[i].key = (mia_slice){at, node->prefix_size + stored.size};
        at += node->pairs[i].key.size;
    }
done:
    return rc;
}

mia_status mia__sled_node_load(struct mia__sled_node *node, uint64_t page, struct mia_error *err)
{
    mia_status rc;
    node->count = 0;
    node->changes.size = 0;
    TRY(mia__sled_page_read(&node->page, page, err));
    TRY(parse_base(node, err));
    if (!ascends(node)) {
        rc = mia__sled_node_blame(node, "its keys are out of order", err);
        goto done;
    }
    for (size_t i = 1; i < node->page.count; i++)
        TRY(apply_link(node, i, err));
    if (node->changes.size > 0) {
        TRY(mia__sled_fold(&node->changes, node->pairs, &node->count, &node->folded, err));
        node->pairs = (struct mia_pair *)(void *)node->folded.data;
    }
    const char *reason = check_bounds(node);
    if (reason != NULL)
        rc = mia__sled_node_blame(node, reason, err);
    else if (node->prefix_size > 0)
        rc = complete_keys(node, err);
done:
    return rc;
}

size_t mia__sled_node_below(const struct mia__sled_node *node, mia_slice key)
{
    size_t low = 0, high = node->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (mia_slice_compare(node->pairs[middle].key, key) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}
