/* ab/trace_keys.c - every key of A is hashed once, and found by its hash */
#include "ab/trace_keys.h"

#include "ab/trace_write.h"
#include "base/error.h"
#include "base/try.h"
#include "mia/source.h"

#include <stdlib.h>

enum { AT_ONCE = 256 };

struct entry {
    uint8_t tree;
    uint8_t hash[MIA__TRACE_HASH];
    struct mia__ab_span key;
};

static int by_hash(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    return x->tree != y->tree ? x->tree - y->tree : memcmp(x->hash, y->hash, sizeof x->hash);
}

static mia_status read_tree(struct mia__trace_keys *keys, struct mia__ab_plan *plan,
                            mia_source_cursor *cur, mia_slice name, uint8_t tree,
                            const uint8_t *salt, struct mia_error *err)
{
    mia_status rc;
    struct mia__sha256 *sha = NULL;
    struct mia_pair pairs[AT_ONCE];
    struct entry entry = {.tree = tree};
    size_t n;
    TRY(mia__sha256_open(&sha, err));
    while ((rc = mia_source_cursor_next(cur, pairs, AT_ONCE, &n, err)) == MIA_OK) {
        for (size_t i = 0; i < n; i++) {
            TRY(mia__trace_hash_key(sha, salt, name, pairs[i].key, entry.hash));
            TRY(mia__ab_plan_keep(plan, pairs[i].key, &entry.key, err));
            TRY(mia__buf_append(&keys->entries, &entry, sizeof entry, err));
        }
    }
done:
    mia__sha256_close(sha);
    return rc < 0 ? rc : MIA_OK;
}

mia_status mia__trace_keys_load(struct mia__trace_keys *keys, struct mia__ab_plan *plan,
                                const struct mia_ab_options *opt, mia_slice name, uint8_t tree,
                                const uint8_t salt[MIA__TRACE_SALT], struct mia_error *err)
{
    mia_status rc;
    mia_source *source = NULL;
    mia_source_cursor *cur = NULL;
    size_t index;
    TRY(mia_source_open(opt->a, NULL, &source, err));
    if (rc == MIA_NOTFOUND)
        goto done;
    TRY(mia_source_tree_find(source, name, &index, err));
    if (rc == MIA_NOTFOUND)
        goto done;
    TRY(mia_source_cursor_open(source, index, &cur, err));
    TRY(read_tree(keys, plan, cur, name, tree, salt, err));
    qsort(keys->entries.data, keys->entries.size / sizeof(struct entry), sizeof(struct entry),
          by_hash);
done:
    mia_source_cursor_close(cur);
    mia_source_close(source);
    return rc < 0 ? rc : MIA_OK;
}

bool mia__trace_keys_find(const struct mia__trace_keys *keys, uint8_t tree, mia_slice hash,
                          struct mia__ab_span *key)
{
    struct entry wanted = {.tree = tree};
    if (hash.size != sizeof wanted.hash || keys->entries.size == 0)
        return false;
    memcpy(wanted.hash, hash.data, sizeof wanted.hash);
    const struct entry *found = bsearch(&wanted, keys->entries.data,
                                        keys->entries.size / sizeof wanted, sizeof wanted, by_hash);
    if (found != NULL)
        *key = found->key;
    return found != NULL;
}

void mia__trace_keys_free(struct mia__trace_keys *keys)
{
    mia__buf_free(&keys->entries);
}
