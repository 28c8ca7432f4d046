/* migrate/compare_pair.c - values: the same, the same in other bytes, different, or unreadable */
#include "migrate/compare_pair.h"

#include "base/error.h"
#include "base/try.h"
#include "index/set.h"
#include "rkyv/check.h"

#include <stdio.h>

void mia__comparer_free(struct mia__comparer *c)
{
    mia__transcoder_free(&c->transcoder);
    mia__buf_free(&c->archives);
    mia__record_printer_free(&c->printers[0]);
    mia__record_printer_free(&c->printers[1]);
}

const char *mia_difference_text(enum mia_difference_class c)
{
    static const char *const texts[] = {
#define DIFFERENCE_TEXT(name, text) [name] = text,
        MIA_DIFFERENCE_MAP(DIFFERENCE_TEXT)
#undef DIFFERENCE_TEXT
    };
    return (size_t)c < sizeof texts / sizeof texts[0] ? texts[c] : "?";
}

const char *mia_side_text(enum mia_side side)
{
    static const char *const texts[] = {"?", "source", "target", "both"};
    return (size_t)side < sizeof texts / sizeof texts[0] ? texts[side] : "?";
}

const char *mia_finding_text(enum mia_finding_class c)
{
    static const char *const texts[] = {
#define FINDING_TEXT(name, text) [name] = text,
        MIA_FINDING_MAP(FINDING_TEXT)
#undef FINDING_TEXT
    };
    return (size_t)c < sizeof texts / sizeof texts[0] ? texts[c] : "?";
}

uint64_t mia__compare_total(const uint64_t differences[MIA_DIFF_CLASSES])
{
    uint64_t total = 0;
    for (size_t i = 0; i < MIA_DIFF_CLASSES; i++)
        total += differences[i];
    return total;
}

/* ---- telling */

static mia_slice slice_of(const struct mia__marked *side)
{
    mia_slice value = side != NULL ? side->value : (mia_slice){0};
    if (side != NULL && value.data == NULL) /* NULL says that there is none */
        value.data = "";
    return value;
}

/* The record as JSON, where it is one and decodes. */
static mia_status print(struct mia__comparer *c, struct mia__record_printer *printer,
                        const struct mia__marked *side, mia_str *json, struct mia_error *err)
{
    if (side == NULL || side->mark != 0 || !c->is_table || !c->job->content)
        return MIA_OK;
    mia_status rc =
        mia__record_print(printer, MIA__RECORD_BINCODE, c->table, side->value, json, err);
    if (rc == MIA_ERR_SERIALIZATION || rc == MIA_NOTFOUND) {
        *json = (mia_str){0};
        rc = MIA_OK;
    }
    return rc;
}

static mia_status tell(struct mia__comparer *c, struct mia_difference *d,
                       const struct mia__marked *source, const struct mia__marked *target,
                       struct mia_error *err)
{
    mia_status rc = MIA_OK;
    struct mia__compare *job = c->job;
    job->state.differences[d->difference]++;
    if (job->fn == NULL)
        return rc;
    d->tree = c->tree;
    d->source_value = slice_of(source);
    d->target_value = slice_of(target);
    TRY(print(c, &c->printers[0], source, &d->source_json, err));
    TRY(print(c, &c->printers[1], target, &d->target_json, err));
    rc = job->fn(job->fn_ctx, d, source != NULL ? source->mark : 0, err);
done:
    return rc;
}

mia_status mia__tell_difference(struct mia__comparer *c, enum mia_difference_class class,
                                enum mia_side side, mia_slice key, const struct mia__marked *source,
                                const struct mia__marked *target, struct mia_error *err)
{
    struct mia_difference d = {.difference = class, .side = side, .key = key, .detail = ""};
    return tell(c, &d, source, target, err);
}

mia_status mia__tell_alone(struct mia__comparer *c, enum mia_side side, mia_slice key,
                           const struct mia__marked *value, struct mia_error *err)
{
    bool is_source = side == MIA_SIDE_SOURCE;
    struct mia_error why = {0};
    struct mia_difference d = {.difference = is_source ? MIA_DIFF_MISSING : MIA_DIFF_EXTRA,
                               .side = side,
                               .key = key,
                               .detail = why.message};
    if (value->mark != 0) {
        d.difference = MIA_DIFF_UNDECODABLE;
        mia__archive_check(c->table, value->value, &why);
    }
    return tell(c, &d, is_source ? value : NULL, is_source ? NULL : value, err);
}

static void find(struct mia__comparer *c, enum mia_finding_class class, mia_slice key)
{
    struct mia__compare *job = c->job;
    job->state.findings[class]++;
    if (job->finding != NULL) {
        struct mia_finding f = {.finding = class, .tree = c->tree, .key = key, .detail = ""};
        job->finding(job->finding_ctx, &f);
    }
}

/* ---- comparing */

/* Appends the archive of a value. MIA_ERR_SERIALIZATION: it does not decode. */
static mia_status decode(struct mia__comparer *c, const struct mia__marked *side,
                         struct mia_error *why)
{
    struct mia__transcoded ignored;
    if (side->mark == 0)
        return mia__transcode(&c->transcoder, c->table, side->value, &c->archives, &ignored, why);
    mia_status rc = mia__archive_check(c->table, side->value, why);
    return rc == MIA_OK ? MIA_ERR_SERIALIZATION : rc; /* the mark has said it already */
}

/* Why and where, without anything of the values. */
static mia_status tell_undecodable(struct mia__comparer *c, mia_slice key,
                                   const struct mia__marked *source,
                                   const struct mia__marked *target, const struct mia_error why[2],
                                   struct mia_error *err)
{
    char text[2 * sizeof why->message + 32];
    struct mia_difference d = {.difference = MIA_DIFF_UNDECODABLE, .key = key, .detail = text};
    const char *in_source = why[0].message, *in_target = why[1].message;
    if (in_source[0] != '\0' && in_target[0] != '\0') {
        d.side = MIA_SIDE_BOTH;
        snprintf(text, sizeof text, "source: %s; target: %s", in_source, in_target);
    } else {
        d.side = in_source[0] != '\0' ? MIA_SIDE_SOURCE : MIA_SIDE_TARGET;
        snprintf(text, sizeof text, "%s%s", in_source, in_target);
    }
    return tell(c, &d, source, target, err);
}

/* Records that hold the same values have the same archive. */
static mia_status compare_records(struct mia__comparer *c, mia_slice key,
                                  const struct mia__marked *source,
                                  const struct mia__marked *target, bool *same,
                                  struct mia_error *err)
{
    struct mia_error why[2] = {0};
    c->archives.size = 0;
    mia_status of_source = decode(c, source, &why[0]);
    size_t first = c->archives.size;
    mia_status of_target = decode(c, target, &why[1]);
    if (of_source == MIA_ERR_NOMEM || of_target == MIA_ERR_NOMEM)
        return mia__fail_nomem(err);
    if (of_source < 0 || of_target < 0)
        return tell_undecodable(c, key, source, target, why, err);
    *same = mia_slice_equal((mia_slice){c->archives.data, first},
                            (mia_slice){c->archives.data + first, c->archives.size - first});
    return *same ? MIA_OK
                 : mia__tell_difference(c, MIA_DIFF_VALUE, MIA_SIDE_BOTH, key, source, target, err);
}

mia_status mia__compare_values(struct mia__comparer *c, mia_slice key,
                               const struct mia__marked *source, const struct mia__marked *target,
                               struct mia_error *err)
{
    mia_status rc = MIA_OK;
    bool same = false, is_marked = (source->mark | target->mark) != 0;
    if (!is_marked && mia_slice_equal(target->value, source->value))
        goto done;
    if (c->is_table) {
        TRY(compare_records(c, key, source, target, &same, err));
    } else {
        if (c->is_set)
            TRY(mia__set_equal(source->value, target->value, &c->archives, &same, err));
        if (!same)
            TRY(mia__tell_difference(c, MIA_DIFF_VALUE, MIA_SIDE_BOTH, key, source, target, err));
    }
    if (same)
        find(c, MIA_FINDING_RESPELLED, key);
done:
    return rc;
}
