/* migrate/source.c - mia_source: finds out what is at a path and passes calls on */
#include "migrate/source.h"

#include "base/error.h"
#include "base/file.h"
#include "base/options.h"
#include "base/try.h"
#include "migrate/record_print.h"
#include "migrate/typed.h"

#include <errno.h>
#include <stdlib.h>

struct mia_source_cursor {
    const struct mia__source_ops *ops;
    void *self;
    mia_source *source;
    size_t tree;
    struct mia__record_printer printer;
};

mia_status mia__source_add(mia_source *source, mia_slice name, uint32_t id, struct mia_error *err)
{
    if (source->tree_count == source->tree_capacity) {
        size_t capacity = source->tree_capacity ? 2 * source->tree_capacity : 16;
        void *trees = mia__realloc(source->trees, capacity * sizeof *source->trees);
        if (trees == NULL)
            return mia__fail_nomem(err);
        source->trees = trees;
        source->tree_capacity = capacity;
    }
    struct mia__source_tree *tree = &source->trees[source->tree_count];
    memset(tree, 0, sizeof *tree);
    tree->id = id;
    mia_status rc = mia__buf_set(&tree->name, name, err);
    source->tree_count += rc == MIA_OK;
    return rc;
}

static int by_name(const void *a, const void *b)
{
    const struct mia__source_tree *first = a, *second = b;
    return mia_slice_compare(mia__buf_slice(&first->name), mia__buf_slice(&second->name));
}

mia_status mia__source_sort(mia_source *source, struct mia_error *err)
{
    if (source->tree_count < 2)
        return MIA_OK;
    qsort(source->trees, source->tree_count, sizeof *source->trees, by_name);
    for (size_t i = 1; i < source->tree_count; i++) {
        char shown[80];
        if (by_name(&source->trees[i - 1], &source->trees[i]) == 0)
            return mia__fail(
                err, MIA_ERR_CORRUPT, "%s: two trees are named %s", source->path,
                mia__print_bytes(shown, sizeof shown, mia__buf_slice(&source->trees[i].name)));
    }
    return MIA_OK;
}

static const struct {
    const char *name, *text;
} losses[MIA_LOSS_CLASSES] = {
#define ROW(code, name, text) [code] = {name, text},
    MIA_LOSS_MAP(ROW)
#undef ROW
};

const char *mia_loss_name(enum mia_loss_class c)
{
    return (unsigned)c < MIA_LOSS_CLASSES ? losses[c].name : "?";
}

const char *mia_loss_text(enum mia_loss_class c)
{
    return (unsigned)c < MIA_LOSS_CLASSES ? losses[c].text : "?";
}

/* MIA_NOTFOUND for a path that names nothing; an error for one that cannot be looked at. */
static mia_status look(const char *path, struct mia_error *err)
{
    struct mia__file_stat st;
    struct mia_error why = {0};
    mia_status rc = mia__file_stat(path, &st, &why);
    if (rc < 0 && (why.code == ENOENT || why.code == ENOTDIR))
        return MIA_NOTFOUND;
    if (rc < 0) {
        if (err != NULL)
            *err = why;
        return rc;
    }
    if (mia__file_kind(path) != MIA__FILE_DIRECTORY)
        return mia__fail(err, MIA_ERR_INVALID,
                         "%s is a file; a database is a directory (sled: with conf and db in it, "
                         "libmdbx: with mdbx.dat)",
                         path);
    return MIA_OK;
}

mia_status mia__source_look(const char *path, bool salvage, enum mia__source_kind *kind,
                            struct mia_error *err)
{
    *kind = MIA__SOURCE_SLED;
    mia_status rc = look(path, err);
    if (rc != MIA_OK)
        return rc;
    bool is_mdbx = mia_engine_mdbx()->detect(path);
    bool is_sled = mia__source_is_sled(path, salvage);
    if (is_mdbx && is_sled)
        return mia__fail(err, MIA_ERR_INVALID,
                         "%s holds files of sled and of libmdbx: move one of them elsewhere", path);
    if (is_mdbx)
        *kind = MIA__SOURCE_MDBX;
    if (is_mdbx || is_sled)
        return MIA_OK;
    rc = mia__dir_each(path, NULL, NULL, err);
    if (rc < 0)
        return rc;
    return mia__fail(err, MIA_ERR_INVALID,
                     "%s is no database: neither sled's files (conf, db) nor libmdbx's (mdbx.dat) "
                     "are in it",
                     path);
}

mia_status mia_source_open(const char *path, const struct mia_source_options *options,
                           mia_source **out, struct mia_error *err)
{
    mia_status rc;
    struct mia_source_options opt;
    enum mia__source_kind kind;
    mia_source *source = NULL;
    *out = NULL;
    TRY(mia__options_read(&opt, sizeof opt, options, "mia_source_options", err));
    TRY(mia__source_look(path, opt.salvage, &kind, err));
    if (rc == MIA_NOTFOUND)
        return rc;
    source = mia__alloc_zero(sizeof *source);
    if (source == NULL)
        return mia__fail_nomem(err);
    source->original = opt.original;
    source->path = mia__path_trim(path);
    if (source->path == NULL)
        rc = mia__fail_nomem(err);
    else if (kind == MIA__SOURCE_MDBX)
        rc = mia__source_open_mdbx(source, &opt, err);
    else
        rc = mia__source_open_sled(source, &opt, err);
done:
    if (rc == MIA_OK)
        *out = source;
    else
        mia_source_close(source);
    return rc;
}

mia_status mia__source_over(mia_db *db, bool original, mia_source **out, struct mia_error *err)
{
    mia_status rc;
    *out = NULL;
    mia_source *source = mia__alloc_zero(sizeof *source);
    if (source == NULL)
        return mia__fail_nomem(err);
    source->original = original;
    source->path = mia__path_trim(mia_db_path(db));
    rc = source->path != NULL ? mia__source_over_mdbx(source, mia_db_retain(db), original, err)
                              : mia__fail_nomem(err);
    if (rc == MIA_OK)
        *out = source;
    else
        mia_source_close(source);
    return rc;
}

void mia_source_close(mia_source *source)
{
    if (source == NULL)
        return;
    if (source->self != NULL)
        source->ops->close(source->self);
    for (size_t i = 0; i < source->tree_count; i++)
        mia__buf_free(&source->trees[i].name);
    mia__free(source->trees);
    mia__free(source->path);
    mia__free(source);
}

mia_status mia_source_info(mia_source *source, struct mia_source_info *out, struct mia_error *err)
{
    struct mia_source_info info = {.struct_size = sizeof info};
    mia_status rc;
    TRY(mia__report_check(out, "mia_source_info", err));
    TRY(mia__dir_size(source->path, &info.size_on_disk, err));
    info.kind = source->ops->kind;
    info.format = source->ops->format(source->self);
    info.salvaged = source->ops->is_salvaged;
    if (source->ops->quarantined != NULL)
        info.quarantined = source->ops->quarantined(source->self);
    mia__report_write(out, &info, sizeof info);
done:
    return rc;
}

size_t mia_source_tree_count(const mia_source *source)
{
    return source->tree_count;
}

mia_slice mia_source_tree_name(const mia_source *source, size_t tree)
{
    return mia__buf_slice(&source->trees[tree].name);
}

mia_status mia_source_tree_find(const mia_source *source, mia_slice name, size_t *tree,
                                struct mia_error *err)
{
    (void)err;
    struct mia__source_tree wanted = {
        .name = {(uint8_t *)(uintptr_t)name.data, name.size, name.size}};
    *tree = 0;
    const struct mia__source_tree *found =
        source->tree_count == 0
            ? NULL
            : bsearch(&wanted, source->trees, source->tree_count, sizeof wanted, by_name);
    if (found == NULL)
        return MIA_NOTFOUND;
    *tree = (size_t)(found - source->trees);
    return MIA_OK;
}

static mia_status check_tree(const mia_source *source, size_t tree, struct mia_error *err)
{
    if (tree < source->tree_count)
        return MIA_OK;
    return mia__fail(err, MIA_ERR_INVALID, "%s has %zu trees; there is no number %zu", source->path,
                     source->tree_count, tree);
}

mia_status mia_source_count(mia_source *source, size_t tree, uint64_t *records,
                            struct mia_error *err)
{
    *records = 0;
    mia_status rc = check_tree(source, tree, err);
    return rc < 0 ? rc : source->ops->count(source->self, tree, records, err);
}

uint32_t mia__source_derived(const mia_source *source)
{
    return source->ops->derived != NULL ? source->ops->derived(source->self) : 0;
}

uint64_t mia__source_last_change(const mia_source *source)
{
    return source->ops->last_change != NULL ? source->ops->last_change(source->self) : 0;
}

uint64_t mia__source_known_records(mia_source *source)
{
    uint64_t total = 0, records;
    if (!source->ops->knows_counts)
        return 0;
    for (size_t i = 0; i < source->tree_count; i++)
        if (mia_source_count(source, i, &records, NULL) == MIA_OK)
            total += records;
    return total;
}

mia_status mia_source_cursor_open(mia_source *source, size_t tree, mia_source_cursor **out,
                                  struct mia_error *err)
{
    mia_status rc;
    *out = NULL;
    TRY(check_tree(source, tree, err));
    mia_source_cursor *cur = mia__alloc_zero(sizeof *cur);
    if (cur == NULL)
        return mia__fail_nomem(err);
    cur->ops = source->ops;
    cur->source = source;
    cur->tree = tree;
    rc = source->ops->cursor(source->self, tree, &cur->self, err);
    if (rc == MIA_OK)
        *out = cur;
    else
        mia__free(cur);
done:
    return rc;
}

mia_status mia_source_cursor_seek(mia_source_cursor *cur, mia_slice key, struct mia_error *err)
{
    return cur->ops->seek(cur->self, key, err);
}

mia_status mia_source_cursor_next(mia_source_cursor *cur, struct mia_pair *pairs, size_t max,
                                  size_t *n, struct mia_error *err)
{
    *n = 0;
    return cur->ops->next(cur->self, pairs, max, n, err);
}

mia_status mia__source_cursor_next_marked(mia_source_cursor *cur, struct mia_pair *pairs,
                                          uint8_t *marks, size_t max, size_t *n,
                                          struct mia_error *err)
{
    *n = 0;
    if (cur->ops->next_marked != NULL)
        return cur->ops->next_marked(cur->self, pairs, marks, max, n, err);
    mia_status rc = cur->ops->next(cur->self, pairs, max, n, err);
    memset(marks, 0, *n);
    return rc;
}

/* How the records of a source are stored. */
static enum mia__record_format record_format(const mia_source *source)
{
    const char *format = source->ops->format(source->self);
    if (strcmp(format, MIA__TYPED_NAME) == 0)
        return source->original ? MIA__RECORD_BINCODE : MIA__RECORD_ARCHIVE;
    return strcmp(format, "tables") == 0 ? MIA__RECORD_UNKNOWN : MIA__RECORD_BINCODE;
}

mia_status mia_source_cursor_json(mia_source_cursor *cur, mia_slice value, mia_str *json,
                                  struct mia_error *err)
{
    enum mia__table table;
    *json = (mia_str){0};
    mia_slice name = mia_source_tree_name(cur->source, cur->tree);
    if (!mia__table_find(name, &table) || !mia__source_is_mia(cur->source))
        return MIA_NOTFOUND;
    return mia__record_print(&cur->printer, record_format(cur->source), table, value, json, err);
}

void mia_source_cursor_close(mia_source_cursor *cur)
{
    if (cur == NULL)
        return;
    cur->ops->cursor_close(cur->self);
    mia__record_printer_free(&cur->printer);
    mia__free(cur);
}
