/* migrate/verify.c - mia_verify: any two databases */
#include "base/error.h"
#include "base/file.h"
#include "base/options.h"
#include "base/try.h"
#include "migrate/compare.h"
#include "migrate/source.h"
#include "migrate/typed.h"

struct verification {
    struct mia_verify_options opt;
    struct mia_verify_report report;
    struct mia__meter meter;
    mia_source *source, *target;
};

static mia_status open_side(struct verification *v, const char *path, mia_source **side,
                            struct mia_error *err)
{
    struct mia_source_options opt = {.struct_size = sizeof opt,
                                     .accept_torn_log = v->opt.accept_torn_log,
                                     .original = true,
                                     .progress = mia__meter_relay,
                                     .progress_ctx = &v->meter};
    if (path == NULL || path[0] == '\0')
        return mia__fail(err, MIA_ERR_INVALID, "two databases are needed");
    mia_status rc = mia_source_open(path, &opt, side, err);
    return rc == MIA_NOTFOUND ? mia__fail(err, MIA_ERR_INVALID, "%s does not exist", path) : rc;
}

static bool is_typed(mia_source *source)
{
    struct mia_source_info info = {.struct_size = sizeof info};
    return mia_source_info(source, &info, NULL) == MIA_OK &&
           strcmp(info.format, MIA__TYPED_NAME) == 0;
}

static mia_status run(struct verification *v, struct mia_error *err)
{
    mia_status rc;
    if (v->opt.source != NULL && v->opt.target != NULL &&
        mia__path_is_inside(v->opt.source, v->opt.target) &&
        mia__path_is_inside(v->opt.target, v->opt.source))
        return mia__fail(err, MIA_ERR_INVALID, "%s and %s are one database: nothing to compare",
                         v->opt.source, v->opt.target);
    TRY(open_side(v, v->opt.source, &v->source, err));
    TRY(open_side(v, v->opt.target, &v->target, err));
    uint64_t expected = mia__source_known_records(v->target);
    mia__meter_begin(&v->meter, "verify",
                     expected ? expected : mia__source_known_records(v->source), 0);
    struct mia__compare compare = {.source = v->source,
                                   .target = v->target,
                                   .typed = is_typed(v->source) || is_typed(v->target),
                                   .values = mia__source_is_mia(v->source),
                                   .finding = v->opt.finding,
                                   .finding_ctx = v->opt.finding_ctx,
                                   .fn = v->opt.difference,
                                   .fn_ctx = v->opt.difference_ctx,
                                   .meter = &v->meter};
    rc = mia__compare(&compare, err);
    v->report.trees = compare.trees;
    v->report.records = compare.records;
    v->report.bytes = compare.bytes;
    v->report.left_out_records = compare.left_out_records;
    memcpy(v->report.findings, compare.findings, sizeof compare.findings);
    memcpy(v->report.differences, compare.differences, sizeof compare.differences);
    memcpy(v->report.digest, compare.digest, sizeof compare.digest);
done:
    return rc;
}

static enum mia_failure judge(const struct verification *v, mia_status rc)
{
    switch ((int)rc) {
    case MIA_OK:
        return mia__compare_total(v->report.differences) ? MIA_FAILURE_DIFFERENT : MIA_FAILURE_NONE;
    case MIA_ERR_CORRUPT:
        return MIA_FAILURE_SOURCE;
    case MIA_ERR_CANCELLED:
        return MIA_FAILURE_INTERRUPTED;
    case MIA_ERR_INTERNAL:
        return MIA_FAILURE_DEFECT;
    default:
        return MIA_FAILURE_REFUSED;
    }
}

mia_status mia_verify(const struct mia_verify_options *opt, struct mia_verify_report *out,
                      struct mia_error *err)
{
    mia_status rc;
    struct verification v = {.report.struct_size = sizeof v.report};
    double began = mia__seconds();
    rc = mia__report_check(out, "mia_verify_report", err);
    if (rc < 0)
        return rc;
    TRY(mia__options_read(&v.opt, sizeof v.opt, opt, "mia_verify_options", err));
    v.meter.fn = v.opt.progress;
    v.meter.ctx = v.opt.progress_ctx;
    v.meter.throttle.rate = v.opt.max_rate;
    v.meter.throttle.pause_file = v.opt.pause_file;
    rc = run(&v, err);
done:
    mia_source_close(v.source);
    mia_source_close(v.target);
    v.report.failure = judge(&v, rc);
    v.report.seconds = mia__seconds() - began;
    mia__report_write(out, &v.report, sizeof v.report);
    return rc;
}
