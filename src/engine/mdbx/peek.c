/*
 * engine/mdbx/peek.c - from a meta page down two trees, without libmdbx
 *
 * Layout (libmdbx 0.13.11 mdbx.c, `page_t`, `node_t`, `tree_t`; the meta page: preflight.c): a page
 * has a header of 20 bytes {txnid 8, dupfix_ksize 2, flags 2, lower 2, upper 2, pgno 4}, then
 * offsets of its nodes (u16, from the end of the header), lower / 2 of them. A node: {size of the
 * value, or child page, 4; flags 1; extra 1; size of the key 2}, key, value. A table's value in the
 * main tree is its `tree_t`.
 */
#include "engine/mdbx/peek.h"

#include "base/bytes.h"
#include "base/error.h"
#include "base/file.h"
#include "base/try.h"
#include "engine/mdbx/internal.h"

enum {
    HEADER = 20,
    NODE = 8,
    FLAGS_AT = 10,
    LOWER_AT = 12,
    TXNID_A_AT = 28,
    MAIN_AT = 108,
    TXNID_B_AT = 196,
    META_SIZE = 204,
    META_PAGES = 3,
    ROOT_IN_TREE = 8,
    TREE_SIZE = 48,
    IS_BRANCH = 1,
    IS_LEAF = 2,
    IS_BIG = 1,
    IS_TABLE = 2,
    DEEPEST = 32
};

struct peek {
    const char *file;
    uint32_t page_size;
    struct mia__buf page;
    struct mia_error *err;
};

static mia_status senseless(struct peek *p, uint32_t page)
{
    return mia__fail(p->err, MIA_ERR_CORRUPT, "%s: page %u makes no sense", p->file, page);
}

/* The root of the main tree in the newest meta page that is whole; UINT32_MAX: an empty tree. */
static mia_status find_main(struct peek *p, uint32_t *root)
{
    uint64_t newest = 0;
    *root = UINT32_MAX;
    for (uint32_t n = 0; n < META_PAGES; n++) {
        uint8_t meta[META_SIZE];
        size_t got;
        mia_status rc =
            mia__file_read(p->file, (uint64_t)n * p->page_size, meta, sizeof meta, &got, p->err);
        if (rc < 0)
            return rc;
        uint64_t txnid = mia__load_u64le(meta + TXNID_A_AT);
        if (got < sizeof meta || txnid != mia__load_u64le(meta + TXNID_B_AT) || txnid <= newest)
            continue;
        newest = txnid;
        *root = mia__load_u32le(meta + MAIN_AT + ROOT_IN_TREE);
    }
    return MIA_OK;
}

static mia_status read_page(struct peek *p, uint32_t number)
{
    size_t got;
    mia_status rc = mia__buf_reserve(&p->page, p->page_size, p->err);
    if (rc == MIA_OK)
        rc = mia__file_read(p->file, (uint64_t)number * p->page_size, p->page.data, p->page_size,
                            &got, p->err);
    if (rc == MIA_OK && got < p->page_size)
        rc = senseless(p, number);
    return rc;
}

struct node {
    uint32_t size_or_child;
    uint8_t flags;
    mia_slice key;
    const uint8_t *value;
    size_t room; /* behind the key, to the page's end */
};

static bool take_node(const struct peek *p, size_t i, struct node *node)
{
    size_t at = HEADER + (size_t)mia__load_u16le(p->page.data + HEADER + 2 * i);
    if (at + NODE > p->page_size)
        return false;
    const uint8_t *head = p->page.data + at;
    size_t key_size = mia__load_u16le(head + 6), left = p->page_size - at - NODE;
    if (key_size > left)
        return false;
    *node = (struct node){mia__load_u32le(head),
                          head[4],
                          {head + NODE, key_size},
                          head + NODE + key_size,
                          left - key_size};
    return true;
}

static size_t node_count(const struct peek *p)
{
    size_t count = mia__load_u16le(p->page.data + LOWER_AT) / 2;
    return HEADER + 2 * count <= p->page_size ? count : 0;
}

/* The last child whose keys may begin with this one or before. */
static bool find_child(const struct peek *p, mia_slice key, uint32_t *child)
{
    size_t count = node_count(p);
    struct node node;
    for (size_t i = 0; i < count; i++) {
        if (!take_node(p, i, &node))
            return false;
        if (i > 0 && mia_slice_compare(node.key, key) > 0)
            break;
        *child = node.size_or_child;
    }
    return count > 0;
}

static mia_status find_in_leaf(const struct peek *p, mia_slice key, struct node *node)
{
    for (size_t i = 0; i < node_count(p); i++) {
        if (!take_node(p, i, node))
            return MIA_ERR_CORRUPT;
        if (mia_slice_equal(node->key, key))
            return node->size_or_child <= node->room && (node->flags & IS_BIG) == 0
                       ? MIA_OK
                       : MIA_ERR_CORRUPT;
    }
    return MIA_NOTFOUND;
}

/* The node lives in the page that was read last. */
static mia_status find(struct peek *p, uint32_t root, mia_slice key, struct node *node)
{
    uint32_t page = root;
    if (root == UINT32_MAX)
        return MIA_NOTFOUND;
    for (int depth = 0; depth < DEEPEST; depth++) {
        mia_status rc = read_page(p, page);
        if (rc < 0)
            return rc;
        uint16_t flags = mia__load_u16le(p->page.data + FLAGS_AT);
        if (flags & IS_LEAF) {
            rc = find_in_leaf(p, key, node);
            return rc == MIA_ERR_CORRUPT ? senseless(p, page) : rc;
        }
        if ((flags & IS_BRANCH) == 0 || !find_child(p, key, &page))
            break;
    }
    return senseless(p, page);
}

mia_status mia__mdbx_peek(const char *path, const char *table, const char *key,
                          struct mia__buf *value, struct mia_error *err)
{
    mia_status rc;
    uint32_t root;
    struct node node;
    struct peek p = {.err = err};
    char *file = mia__path_join(path, "mdbx.dat");
    if (file == NULL)
        return mia__fail_nomem(err);
    p.file = file;
    TRY(mia__mdbx_preflight(path, &p.page_size, err));
    if (rc == MIA_NOTFOUND)
        goto done;
    TRY(find_main(&p, &root));
    TRY(find(&p, root, mia_bytes_of(table), &node));
    if (rc == MIA_NOTFOUND)
        goto done;
    if ((node.flags & IS_TABLE) == 0 || node.size_or_child < TREE_SIZE) {
        rc = MIA_NOTFOUND;
        goto done;
    }
    TRY(find(&p, mia__load_u32le(node.value + ROOT_IN_TREE), mia_bytes_of(key), &node));
    if (rc == MIA_OK)
        rc = mia__buf_set(value, (mia_slice){node.value, node.size_or_child}, err);
done:
    mia__buf_free(&p.page);
    mia__free(file);
    return rc;
}
