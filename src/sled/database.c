/* sled/database.c - opening a directory: lock, map, recover, list the trees */
#include "sled/database.h"

#include "base/error.h"
#include "base/try.h"
#include "sled/recover.h"
#include "sled/varint.h"

enum { META_PAGE = 0, COUNTER_PAGE = 1 };

static const char default_name[] = "__sled__default";

struct tree {
    mia_slice name; /* in the meta page, or the default's */
    uint64_t root;
};

struct mia__sled_database {
    struct mia__sled_store store;
    struct mia__sled_recovery recovery;
    struct mia__sled_page meta; /* with the names of the trees */
    struct mia__buf trees;      /* struct tree, by name */
    uint64_t counter;
};

static const struct tree *trees_of(const struct mia__sled_database *db)
{
    return (const struct tree *)(const void *)db->trees.data; /* from the heap: aligned */
}

size_t mia__sled_tree_count(const struct mia__sled_database *db)
{
    return db->trees.size / sizeof(struct tree);
}

mia_slice mia__sled_tree_name(const struct mia__sled_database *db, size_t tree)
{
    return trees_of(db)[tree].name;
}

size_t mia__sled_tree_named(const struct mia__sled_database *db, mia_slice name)
{
    size_t low = 0, count = mia__sled_tree_count(db), high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = mia_slice_compare(trees_of(db)[middle].name, name);
        if (order == 0)
            return middle;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return count;
}

mia_status mia__sled_tree_cursor(struct mia__sled_database *db, size_t tree,
                                 struct mia__sled_cursor **out, struct mia_error *err)
{
    return mia__sled_cursor_open(&db->store, trees_of(db)[tree].root, out, err);
}

static mia_status open_files(struct mia__sled_store *store, const struct mia__sled_conf *conf,
                             struct mia_error *err)
{
    mia_status rc;
    char *file = mia__path_join(store->directory, "db");
    if (file == NULL)
        return mia__fail_nomem(err);
    TRY(mia__sled_lock(store->directory, &store->lock, err));
    if (conf != NULL)
        store->conf = *conf;
    else
        TRY(mia__sled_conf_read(&store->judge, &store->conf, err));
    TRY(mia__file_map(file, &store->map, err));
    mia__sled_log_begin(&store->log, &store->map, store->conf.segment_size);
    TRY(mia__sled_blobs_list(store->directory, &store->blobs, err));
done:
    mia__free(file);
    return rc;
}

static mia_status add_tree(struct mia__sled_database *db, mia_slice name, uint64_t root,
                           struct mia_error *err)
{
    struct tree tree = {name, root};
    return mia__buf_append(&db->trees, &tree, sizeof tree, err);
}

/* sled makes the default tree whenever it opens a database without it. */
static mia_status add_default(struct mia__sled_database *db, mia_slice before,
                              struct mia_error *err)
{
    mia_slice name = mia_bytes_of(default_name);
    size_t count = mia__sled_tree_count(db);
    bool is_below = count == 0 || mia_slice_compare(trees_of(db)[count - 1].name, name) < 0;
    if (!is_below || (before.data != NULL && mia_slice_compare(name, before) >= 0))
        return MIA_OK;
    return add_tree(db, name, 0, err);
}

/* Pairs of name and root, by name, to the end of the payload. */
static mia_status parse_meta(struct mia__sled_database *db, struct mia_error *err)
{
    mia_status rc = MIA_OK;
    struct mia__parse p = mia__parse_begin(db->meta.parts[0].bytes);
    const char *reason = NULL;
    if (db->meta.parts[0].kind != MIA__SLED_META || db->meta.count != 1)
        reason = "the list of trees should be here";
    while (reason == NULL && mia__parse_left(&p) > 0) {
        mia_slice name = mia__sled_parse_bytes(&p);
        uint64_t root = mia__sled_parse_varint(&p);
        size_t count = mia__sled_tree_count(db);
        if (p.fault != 0 || root == 0)
            reason = "the list of trees cannot be parsed";
        else if (count > 0 && mia_slice_compare(trees_of(db)[count - 1].name, name) >= 0)
            reason = "the list of trees is out of order";
        if (reason != NULL)
            break;
        TRY(add_default(db, name, err));
        TRY(add_tree(db, name, root, err));
    }
    rc = reason != NULL ? mia__sled_page_blame(&db->meta, 0, reason, err)
                        : add_default(db, (mia_slice){0}, err);
done:
    return rc;
}

static mia_status read_counter(struct mia__sled_database *db, struct mia_error *err)
{
    mia_status rc;
    struct mia__sled_page page;
    mia__sled_page_begin(&page, &db->store);
    TRY(mia__sled_page_read(&page, COUNTER_PAGE, err));
    struct mia__parse p = mia__parse_begin(page.parts[0].bytes);
    db->counter = mia__sled_parse_varint(&p);
    if (page.count != 1 || page.parts[0].kind != MIA__SLED_COUNTER || p.fault != 0)
        rc = mia__sled_page_blame(&page, 0, "the counter of ids should be here", err);
done:
    mia__sled_page_free(&page);
    return rc;
}

/* A log without any page is that of a database whose making was cut short: sled sees it empty. */
static mia_status read_meta(struct mia__sled_database *db, struct mia_error *err)
{
    mia_status rc;
    const struct mia__sled_pages *pages = &db->store.pages;
    mia__sled_page_begin(&db->meta, &db->store);
    if (pages->count == 0)
        return add_default(db, (mia_slice){0}, err);
    TRY(mia__sled_page_read(&db->meta, META_PAGE, err));
    TRY(parse_meta(db, err));
    if (mia__sled_pages_state(pages, COUNTER_PAGE) == MIA__SLED_PAGE_PRESENT)
        TRY(read_counter(db, err));
done:
    return rc;
}

mia_status mia__sled_database_open(const char *path, const struct mia__sled_options *options,
                                   struct mia__sled_database **out, struct mia_error *err)
{
    mia_status rc;
    struct mia__sled_options opt = {0};
    if (options != NULL)
        opt = *options;
    *out = NULL;
    struct mia__sled_database *db = mia__alloc_zero(sizeof *db);
    if (db == NULL)
        return mia__fail_nomem(err);
    db->store.lock = -1;
    db->store.directory = mia__strdup(path);
    db->store.judge = (struct mia__sled_judge){db->store.directory, opt.damage, opt.damage_ctx};
    db->recovery = (struct mia__sled_recovery){.from_snapshot = opt.from_snapshot,
                                               .accept_torn = opt.accept_torn,
                                               .threads = opt.threads,
                                               .progress = opt.progress,
                                               .progress_ctx = opt.progress_ctx};
    if (db->store.directory == NULL) {
        rc = mia__fail_nomem(err);
        goto done;
    }
    TRY(open_files(&db->store, opt.conf, err));
    TRY(mia__sled_recover(&db->store, &db->recovery, err));
    TRY(read_meta(db, err));
    *out = db;
done:
    if (rc < 0)
        mia__sled_database_close(db);
    return rc;
}

void mia__sled_database_close(struct mia__sled_database *db)
{
    if (db == NULL)
        return;
    mia__sled_page_free(&db->meta);
    mia__buf_free(&db->trees);
    mia__sled_pages_free(&db->store.pages);
    mia__sled_segments_free(&db->store.segments);
    mia__sled_blobs_free(&db->store.blobs);
    mia__file_unmap(&db->store.map);
    mia__file_unlock(db->store.lock);
    mia__free(db->store.directory);
    mia__free(db);
}

void mia__sled_database_info(const struct mia__sled_database *db, struct mia__sled_info *out)
{
    *out = (struct mia__sled_info){
        .segment_size = db->store.conf.segment_size,
        .is_compressed = db->store.conf.is_compressed,
        .segments = db->store.segments.count,
        .blobs = db->store.blobs.count,
        .pages = db->store.pages.count,
        .links = db->store.pages.link_count,
        .stable_lsn = db->recovery.stable_lsn,
        .counter = db->counter,
        .lost_messages = db->recovery.lost_messages,
        .lost_segments = db->recovery.lost_segments,
    };
}
