/*
 * migrate/plan.c - the steps of a plan, in order
 *
 *   1  what can be said of the source by its files' names, sizes and rights
 *   2  unless it is to be quick: the source is read to its end
 *   3  what can be said of the target, with what is known by then
 *   4  the source's files must not have changed meanwhile
 */
#include "migrate/plan.h"

#include "base/error.h"
#include "base/file.h"
#include "base/options.h"
#include "base/try.h"
#include "migrate/fingerprint.h"
#include "migrate/job.h"
#include "migrate/source_check.h"

/* ---- how large, how long */

static void estimate_size(struct mia__plan *p)
{
    struct mia_plan_report *report = &p->report;
    uint64_t step = mia__growth_step(report->source_bytes);
    bool has_indexes = report->typed && !p->opt.without_indexes && report->left_out_trees > 0;
    if (!report->is_read)
        return;
    if (has_indexes) {
        report->index_bytes = mia__index_bytes(&p->indexes, report->page_size);
        report->index_entries = p->indexes.entries + 2 * p->indexes.vectors;
    }
    uint64_t bytes = mia__database_bytes(&p->size) + report->index_bytes;
    report->target_bytes = has_indexes ? bytes : (bytes + step - 1) / step * step;
}

/* Reading and converting was measured; a verification does about the same again for both sides.
 * Disks are taken to write 60 MB/s at worst and 1 GB/s at best. */
static void estimate_time(struct mia__plan *p)
{
    struct mia_plan_report *report = &p->report;
    const double slow_bytes = 60e6, fast_bytes = 1e9, slow_entry = 6e-6, fast_entry = 1e-6;
    if (report->target_bytes == 0)
        return;
    double bytes = (double)report->target_bytes, entries = (double)report->index_entries;
    report->least_seconds = 1.5 * report->read_seconds + bytes / fast_bytes + entries * fast_entry;
    report->most_seconds = 4 * report->read_seconds + bytes / slow_bytes + entries * slow_entry;
}

/* ---- the target */

static mia_status check_target(struct mia__plan *p, struct mia_error *err)
{
    mia_status rc = MIA_OK;
    if (p->target_path == NULL)
        return rc;
    mia__migration_place(&p->place, p->source_path, p->target_path, p->fingerprint);
    p->place.resume = p->opt.resume;
    p->place.force = p->opt.force;
    p->place.needed_bytes = p->report.target_bytes;
    if (p->opt.raw || (p->report.is_read && !p->report.typed))
        p->place.format = MIA__RAW_FORMAT;
    TRY(mia__workspace_begin(&p->place, err));
    mia__workspace_check(&p->place, &p->found);
    p->report.has_partial = p->place.has_partial;
    p->report.is_resumable = p->place.is_resumable;
    p->report.free_bytes = p->place.free_bytes;
done:
    return rc;
}

static void check_unchanged(struct mia__plan *p)
{
    char now[MIA__SHA256_HEX];
    struct mia_error why = {0};
    mia_status rc = mia__fingerprint(p->source_path, now, &why);
    if (rc < 0)
        mia__obstacle_error(&p->found, mia__source_obstacle(rc), MIA_WEIGHT_REFUSAL, &why);
    else if (strcmp(now, p->fingerprint) != 0)
        mia__obstacle(&p->found, MIA_OBSTACLE_SOURCE_CHANGED, MIA_WEIGHT_REFUSAL, MIA_ERR_BUSY,
                      "%s was changed while it was being read: stop what writes to it and start "
                      "over",
                      p->source_path);
}

/* ---- */

static mia_status look(struct mia__plan *p, bool *is_readable, struct mia_error *err)
{
    struct mia_error why = {0};
    if (mia__file_kind(p->source_path) == MIA__FILE_DIRECTORY &&
        mia__dir_size(p->source_path, &p->report.source_bytes, NULL) < 0)
        p->report.source_bytes = 0; /* why is told below */
    *is_readable = mia__source_check(p->source_path, p->opt.salvage, &p->found);
    if (!*is_readable)
        return MIA_OK;
    enum mia__source_kind kind;
    mia_status rc = mia__source_look(p->source_path, p->opt.salvage, &kind, err);
    p->report.kind = kind == MIA__SOURCE_MDBX ? "mdbx" : "sled";
    if (rc == MIA_OK)
        rc = mia__fingerprint(p->source_path, p->fingerprint, &why);
    *is_readable = rc == MIA_OK;
    if (rc < 0)
        mia__obstacle_error(&p->found, mia__source_obstacle(rc), MIA_WEIGHT_REFUSAL, &why);
    return MIA_OK;
}

static mia_status run(struct mia__plan *p, struct mia_error *err)
{
    mia_status rc;
    bool is_readable;
    double began = mia__seconds();
    TRY(look(p, &is_readable, err));
    if (is_readable && !p->opt.quick) {
        TRY(mia__plan_read(p, err));
        p->report.read_seconds = mia__seconds() - began;
        estimate_size(p);
        estimate_time(p);
    }
    TRY(check_target(p, err));
    if (is_readable && !p->opt.quick)
        check_unchanged(p);
done:
    return rc;
}

static enum mia_failure judge(const struct mia__plan *p, mia_status rc)
{
    if (rc < 0)
        return rc == MIA_ERR_CANCELLED ? MIA_FAILURE_INTERRUPTED : MIA_FAILURE_REFUSED;
    if (p->found.counts[MIA_WEIGHT_REFUSAL] > 0)
        return MIA_FAILURE_REFUSED;
    bool is_lossy = p->opt.salvage && p->report.is_salvageable;
    return p->found.counts[MIA_WEIGHT_DAMAGE] > 0 || is_lossy ? MIA_FAILURE_SOURCE
                                                              : MIA_FAILURE_NONE;
}

static mia_status read_options(struct mia__plan *p, const struct mia_plan_options *opt,
                               struct mia_error *err)
{
    mia_status rc;
    TRY(mia__options_read(&p->opt, sizeof p->opt, opt, "mia_plan_options", err));
    if (p->opt.source == NULL || p->opt.source[0] == '\0') {
        rc = mia__fail(err, MIA_ERR_INVALID, "a source is needed");
        goto done;
    }
    p->found.fn = p->opt.obstacle;
    p->found.ctx = p->opt.obstacle_ctx;
    p->meter.fn = p->opt.progress;
    p->meter.ctx = p->opt.progress_ctx;
    p->source_path = mia__path_trim(p->opt.source);
    if (p->opt.target != NULL)
        p->target_path = mia__path_trim(p->opt.target);
    if (p->source_path == NULL || (p->opt.target != NULL && p->target_path == NULL))
        rc = mia__fail_nomem(err);
done:
    return rc;
}

mia_status mia_plan(const struct mia_plan_options *opt, struct mia_plan_report *out,
                    struct mia_error *err)
{
    struct mia__plan p = {
        .place.lock = -1,
        .report = {.struct_size = sizeof p.report, .kind = "", .format = "", .page_size_why = ""}};
    mia_status rc = mia__report_check(out, "mia_plan_report", err);
    if (rc < 0)
        return rc;
    TRY(read_options(&p, opt, err));
    rc = run(&p, err);
    if (rc == MIA_OK && p.found.is_out_of_memory)
        rc = mia__fail_nomem(err);
done:
    p.report.failure = judge(&p, rc);
    memcpy(p.report.obstacles, p.found.counts, sizeof p.report.obstacles);
    mia_source_close(p.source);
    mia__database_size_free(&p.size);
    mia__workspace_release(&p.place);
    mia__free(p.source_path);
    mia__free(p.target_path);
    mia__report_write(out, &p.report, sizeof p.report);
    return rc;
}
