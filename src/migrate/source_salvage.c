/* migrate/source_salvage.c - what is left of damaged sled files, as a source */
#include "base/error.h"
#include "base/try.h"
#include "migrate/source.h"
#include "sled/salvage.h"

struct salvage_source {
    const mia_source *source; /* whose trees carry the numbers of salvage's */
    struct mia__sled_salvage *salvage;
};

static void close_source(void *self)
{
    struct salvage_source *s = self;
    mia__sled_salvage_close(s->salvage);
    mia__free(s);
}

static const char *format(const void *self)
{
    (void)self;
    return "sled";
}

static struct mia__sled_shape shape(const void *self)
{
    const struct salvage_source *s = self;
    struct mia__sled_shape out = {0};
    const struct mia__sled_conf *conf = mia__sled_salvage_shape(s->salvage, &out.counter);
    out.segment_size = conf->segment_size;
    out.is_compressed = conf->is_compressed;
    return out;
}

static mia_status open_cursor(void *self, size_t tree, void **out, struct mia_error *err)
{
    const struct salvage_source *s = self;
    struct mia__sled_salvage_cursor *cur;
    mia_status rc = mia__sled_salvage_cursor(s->salvage, s->source->trees[tree].id, &cur, err);
    *out = cur;
    return rc;
}

static void close_cursor(void *cur)
{
    mia__sled_salvage_cursor_close(cur);
}

static mia_status seek(void *cur, mia_slice key, struct mia_error *err)
{
    return mia__sled_salvage_seek(cur, key, err);
}

static mia_status next(void *cur, struct mia_pair *pairs, size_t max, size_t *n,
                       struct mia_error *err)
{
    return mia__sled_salvage_next(cur, pairs, max, n, err);
}

static mia_status count(void *self, size_t tree, uint64_t *records, struct mia_error *err)
{
    enum { AT_ONCE = 256 };
    mia_status rc;
    struct mia_pair pairs[AT_ONCE];
    size_t n;
    void *cur = NULL;
    TRY(open_cursor(self, tree, &cur, err));
    while ((rc = next(cur, pairs, AT_ONCE, &n, err)) == MIA_OK)
        *records += n;
done:
    close_cursor(cur);
    return rc < 0 ? rc : MIA_OK;
}

static const struct mia__source_ops salvage_source_ops = {
    .kind = "sled",
    .is_salvaged = true,
    .close = close_source,
    .format = format,
    .shape = shape,
    .count = count,
    .cursor = open_cursor,
    .seek = seek,
    .next = next,
    .cursor_close = close_cursor,
};

mia_status mia__source_open_salvage(mia_source *source, const struct mia_source_options *opt,
                                    struct mia_error *err)
{
    mia_status rc;
    struct mia__sled_salvage_options options = {opt->loss, opt->loss_ctx, opt->progress,
                                                opt->progress_ctx};
    struct salvage_source *s = mia__alloc_zero(sizeof *s);
    if (s == NULL)
        return mia__fail_nomem(err);
    s->source = source;
    TRY(mia__sled_salvage_open(source->path, &options, &s->salvage, err));
    for (size_t i = 0; i < mia__sled_salvage_trees(s->salvage); i++)
        TRY(mia__source_add(source, mia__sled_salvage_name(s->salvage, i), (uint32_t)i, err));
    rc = mia__source_sort(source, err);
done:
    if (rc < 0) {
        close_source(s);
    } else {
        source->ops = &salvage_source_ops;
        source->self = s;
    }
    return rc;
}
