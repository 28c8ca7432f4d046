/* migrate/typed.c - what of a source becomes archives, and how */
#include "migrate/typed.h"

#include "base/error.h"
#include "base/try.h"
#include "engine/meta.h"
#include "model/schema.h"

#include <stdio.h>

bool mia__source_is_mia(const mia_source *source)
{
    for (int i = 0; i < MIA__TABLES; i++) {
        size_t tree;
        mia_slice name = mia_bytes_of(mia__table_name((enum mia__table)i));
        if (mia_source_tree_find(source, name, &tree, NULL) != MIA_OK)
            return false;
    }
    return true;
}

mia_status mia__typing_choose(mia_source *source, const char *path, bool raw, bool *typed,
                              struct mia_error *err)
{
    struct mia_source_info info = {.struct_size = sizeof info};
    mia_status rc = mia_source_info(source, &info, err);
    *typed = false;
    if (rc < 0)
        return rc;
    if (raw && strcmp(info.format, MIA__TYPED_NAME) == 0)
        return mia__fail(err, MIA_ERR_INVALID,
                         "%s is a typed database, whose records a raw one cannot tell from other "
                         "values: migrate it without --raw",
                         path);
    *typed = !raw && mia__source_is_mia(source);
    return MIA_OK;
}

mia_status mia__typing_fail_foreign(const char *path, struct mia_error *err)
{
    return mia__fail(err, MIA_ERR_INVALID,
                     "%s is no database of MIA (which has the trees nodes, edges and embeddings): "
                     "copy it byte for byte with --raw",
                     path);
}

mia_status mia__typed_quarantine(mia_txn *txn, enum mia__table table, bool create, mia_tree *tree,
                                 struct mia_error *err)
{
    char name[48];
    snprintf(name, sizeof name, "mia_quarantine_%s", mia__table_name(table));
    return mia_tree_open(txn, mia_bytes_of(name), create ? MIA_TREE_CREATE : 0, tree, err);
}

static bool wants(void *ctx, size_t tree)
{
    const struct mia__typing *typing = ctx;
    return !mia__tree_is_derived(mia_source_tree_name(typing->source, tree));
}

mia_status mia__typing_fail(const struct mia__typing *typing, size_t tree, mia_slice key,
                            const struct mia_error *why, struct mia_error *err)
{
    char tree_text[80], key_text[120];
    return mia__fail(
        err, MIA_ERR_SERIALIZATION,
        "%s: tree %s: key %s: %s; --salvage keeps such records as they are and goes on, --raw "
        "copies "
        "everything byte for byte",
        typing->path,
        mia__print_bytes(tree_text, sizeof tree_text, mia_source_tree_name(typing->source, tree)),
        mia__print_bytes(key_text, sizeof key_text, key), why->message);
}

/* A record under another key than its id cannot be found by its id, so it is in no index. */
static mia_status gather(struct mia__typing *typing, enum mia__table table, mia_slice archive,
                         struct mia_error *err)
{
    mia_view view = mia_view_trust((enum mia_table)table, archive);
    mia_status rc = mia__bulk_add(typing->bulk, view, err);
    typing->has_bulk_failed = rc < 0;
    return rc;
}

static mia_status convert(void *ctx, size_t tree, const struct mia_pair *pair, struct mia__buf *to,
                          uint8_t *mark, struct mia_error *err)
{
    struct mia__typing *typing = ctx;
    struct mia__transcoded record;
    struct mia_error why = {0};
    enum mia__table table;
    if (!mia__table_find(mia_source_tree_name(typing->source, tree), &table))
        return mia__buf_append(to, pair->value.data, pair->value.size, err);
    size_t begin = to->size;
    mia_status rc = mia__transcode(&typing->transcoder, table, pair->value, to, &record, &why);
    if (rc == MIA_OK) {
        mia_slice id = {record.id.data, record.id.size};
        *mark = (uint8_t)((record.trailing > 0 ? MIA__MARK_TRAILING : 0) |
                          (mia_slice_equal(pair->key, id) ? 0 : MIA__MARK_KEY));
        if (typing->bulk != NULL && !(*mark & MIA__MARK_KEY))
            rc = gather(typing, table, (mia_slice){to->data + begin, to->size - begin}, err);
    } else if (rc == MIA_ERR_SERIALIZATION && typing->salvage) {
        *mark = MIA__MARK_QUARANTINED;
        rc = mia__buf_append(to, pair->value.data, pair->value.size, err);
    } else if (rc == MIA_ERR_SERIALIZATION) {
        rc = mia__typing_fail(typing, tree, pair->key, &why, err);
    } else if (err != NULL) {
        *err = why;
    }
    return rc;
}

struct mia__pipe_filter mia__typing_filter(struct mia__typing *typing)
{
    return (struct mia__pipe_filter){.ctx = typing, .wants = wants, .convert = convert};
}

void mia__typing_free(struct mia__typing *typing)
{
    mia__transcoder_free(&typing->transcoder);
}
