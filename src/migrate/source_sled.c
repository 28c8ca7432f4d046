/* migrate/source_sled.c - sled files as a source, read where they lie by the library's own reader
 */
#include "base/error.h"
#include "base/file.h"
#include "base/try.h"
#include "migrate/source.h"
#include "sled/database.h"
#include "sled/salvage.h"

#include <stdio.h>

static bool has_file(const char *directory, const char *name)
{
    char *path = mia__path_join(directory, name);
    bool has = path != NULL && mia__file_kind(path) == MIA__FILE_REGULAR;
    mia__free(path);
    return has;
}

bool mia__source_is_sled(const char *path, bool without_conf)
{
    return has_file(path, "db") && (without_conf || has_file(path, "conf"));
}

struct sled_source {
    const mia_source *source; /* whose trees carry the numbers of db's */
    struct mia__sled_database *db;
};

struct sled_cursor {
    struct mia__sled_cursor *pairs;
    const mia_source *source;
    size_t tree;
};

static void close_source(void *self)
{
    struct sled_source *s = self;
    mia__sled_database_close(s->db);
    mia__free(s);
}

static const char *format(const void *self)
{
    (void)self;
    return "sled";
}

static struct mia__sled_shape shape(const void *self)
{
    const struct sled_source *s = self;
    struct mia__sled_info info;
    mia__sled_database_info(s->db, &info);
    return (struct mia__sled_shape){info.segment_size, info.is_compressed, info.counter};
}

/* Damage is named by its place in the files; here the tree comes before it. */
static mia_status name_tree(const struct sled_cursor *c, mia_status rc, const struct mia_error *why,
                            struct mia_error *err)
{
    char tree[80];
    if (rc != MIA_ERR_CORRUPT)
        return mia__fail(err, rc, "%s", why->message);
    mia__print_bytes(tree, sizeof tree, mia_source_tree_name(c->source, c->tree));
    return mia__fail(err, rc, "tree %s: %s", tree, why->message);
}

static mia_status open_cursor(void *self, size_t tree, void **out, struct mia_error *err)
{
    const struct sled_source *s = self;
    struct sled_cursor *c = mia__alloc_zero(sizeof *c);
    if (c == NULL)
        return mia__fail_nomem(err);
    c->source = s->source;
    c->tree = tree;
    mia_status rc = mia__sled_tree_cursor(s->db, s->source->trees[tree].id, &c->pairs, err);
    if (rc == MIA_OK)
        *out = c;
    else
        mia__free(c);
    return rc;
}

static void close_cursor(void *cur)
{
    struct sled_cursor *c = cur;
    mia__sled_cursor_close(c->pairs);
    mia__free(c);
}

static mia_status seek(void *cur, mia_slice key, struct mia_error *err)
{
    struct sled_cursor *c = cur;
    struct mia_error why;
    mia_status rc = mia__sled_cursor_seek(c->pairs, key, &why);
    return rc < 0 ? name_tree(c, rc, &why, err) : rc;
}

static mia_status next(void *cur, struct mia_pair *pairs, size_t max, size_t *n,
                       struct mia_error *err)
{
    struct sled_cursor *c = cur;
    struct mia_error why;
    mia_status rc = mia__sled_cursor_next(c->pairs, pairs, max, n, &why);
    return rc < 0 ? name_tree(c, rc, &why, err) : rc;
}

/* sled keeps no counts: all leaves are read. */
static mia_status count(void *self, size_t tree, uint64_t *records, struct mia_error *err)
{
    enum { AT_ONCE = 256 };
    mia_status rc;
    struct mia_pair pairs[AT_ONCE];
    size_t n;
    void *cur = NULL;
    TRY(open_cursor(self, tree, &cur, err));
    do {
        TRY(next(cur, pairs, AT_ONCE, &n, err));
        *records += n;
    } while (rc == MIA_OK);
    rc = MIA_OK;
done:
    if (cur != NULL)
        close_cursor(cur);
    return rc;
}

#define SLED_OPS                                                                                   \
    .kind = "sled", .close = close_source, .format = format, .shape = shape, .count = count,       \
    .cursor = open_cursor, .seek = seek, .next = next, .cursor_close = close_cursor

static const struct mia__source_ops sled_source_ops = {SLED_OPS};
/* Of a directory in which something beside the log is damaged. */
static const struct mia__source_ops by_log_ops = {SLED_OPS, .is_salvaged = true};

static mia_status list_trees(mia_source *source, const struct mia__sled_database *db,
                             struct mia_error *err)
{
    mia_status rc = MIA_OK;
    for (size_t i = 0; i < mia__sled_tree_count(db); i++)
        TRY(mia__source_add(source, mia__sled_tree_name(db, i), (uint32_t)i, err));
    rc = mia__source_sort(source, err);
done:
    return rc;
}

static mia_status read_all(struct mia__sled_database *db, struct mia_error *err)
{
    enum { AT_ONCE = 256 };
    mia_status rc = MIA_OK;
    for (size_t i = 0; i < mia__sled_tree_count(db) && rc >= 0; i++) {
        struct mia_pair pairs[AT_ONCE];
        struct mia__sled_cursor *cur;
        size_t n;
        rc = mia__sled_tree_cursor(db, i, &cur, err);
        while (rc == MIA_OK)
            rc = mia__sled_cursor_next(cur, pairs, AT_ONCE, &n, err);
        mia__sled_cursor_close(cur);
    }
    return rc < 0 ? rc : MIA_OK;
}

/* Damage may lie where only reading finds it; who wants to salvage must know before. */
static mia_status open_and_try(const char *path, const struct mia__sled_options *options,
                               bool is_tried, struct mia__sled_database **db, struct mia_error *err)
{
    mia_status rc = mia__sled_database_open(path, options, db, err);
    return rc == MIA_OK && is_tried ? read_all(*db, err) : rc;
}

/* The library's reader over what is at the source's path. */
static mia_status attach(mia_source *source, const struct mia__sled_options *options, bool is_tried,
                         const struct mia__source_ops *ops, struct mia_error *err)
{
    mia_status rc;
    struct sled_source *s = mia__alloc_zero(sizeof *s);
    if (s == NULL)
        return mia__fail_nomem(err);
    s->source = source;
    TRY(open_and_try(source->path, options, is_tried, &s->db, err));
    TRY(list_trees(source, s->db, err));
done:
    if (rc < 0) {
        close_source(s);
    } else {
        source->ops = ops;
        source->self = s;
    }
    return rc;
}

/* ---- files beside the log that are damaged */

struct beside {
    char snapshot[40]; /* the one that is damaged */
};

static bool is_beside(void *ctx, const struct mia__sled_damage *damage)
{
    struct beside *b = ctx;
    if (strncmp(damage->place.file, "snap.", 5) != 0)
        return false;
    snprintf(b->snapshot, sizeof b->snapshot, "%s", damage->place.file);
    return true;
}

static void tell(const struct mia_source_options *opt, const char *file, const char *detail)
{
    struct mia_loss loss = {.loss = MIA_LOSS_FILE, .file = file, .detail = detail};
    if (opt->loss != NULL)
        opt->loss(opt->loss_ctx, &loss);
}

/* A log that is whole needs neither conf nor what is in the snapshot, only its name. */
static mia_status open_by_log(mia_source *source, const struct mia_source_options *opt,
                              const struct mia__sled_options *options, struct mia_error *err)
{
    mia_status rc;
    bool is_guessed;
    struct mia__sled_conf conf;
    struct beside beside = {0};
    struct mia__sled_options tolerant = *options;
    TRY(mia__sled_salvage_find_conf(source->path, &conf, &is_guessed, err));
    tolerant.conf = &conf;
    tolerant.damage = is_beside;
    tolerant.damage_ctx = &beside;
    TRY(attach(source, &tolerant, true, &by_log_ops, err));
    if (is_guessed)
        tell(opt, "conf", MIA__SLED_GUESSED);
    if (beside.snapshot[0] != '\0')
        tell(opt, beside.snapshot, MIA__SLED_NO_SNAPSHOT);
done:
    return rc;
}

mia_status mia__source_open_sled(mia_source *source, const struct mia_source_options *opt,
                                 struct mia_error *err)
{
    struct mia__sled_options options = {.accept_torn = opt->accept_torn_log,
                                        .progress = opt->progress,
                                        .progress_ctx = opt->progress_ctx};
    bool has_conf = has_file(source->path, "conf");
    mia_status rc =
        has_conf ? attach(source, &options, opt->salvage, &sled_source_ops, err) : MIA_ERR_CORRUPT;
    if (rc == MIA_ERR_CORRUPT && opt->salvage)
        rc = open_by_log(source, opt, &options, err);
    if (rc == MIA_ERR_CORRUPT && opt->salvage)
        rc = mia__source_open_salvage(source, opt, err);
    return rc;
}
