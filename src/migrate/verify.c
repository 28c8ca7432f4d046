/* migrate/verify.c - mia_verify: any two databases */
#include "base/error.h"
#include "base/file.h"
#include "base/options.h"
#include "base/try.h"
#include "migrate/compare.h"
#include "migrate/compare_file.h"
#include "migrate/fingerprint.h"
#include "migrate/repair.h"
#include "migrate/source.h"
#include "migrate/typed.h"

#include <inttypes.h>

struct verification {
    struct mia_verify_options opt;
    struct mia_verify_report report;
    struct mia__meter meter;
    mia_source *source, *target;
    struct mia__compare compare;
    char *file, *source_id, *target_id, *settings;
    struct mia__compare_mark checkpoint;
    bool keeps;               /* the file is ours to write and to remove */
    bool is_saved;            /* it has a state to go on from */
    struct mia_error problem; /* why not */
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

/* ---- how far it is, in a file */

static mia_status describe_settings(struct verification *v, struct mia_error *err)
{
    const char *settings = v->opt.settings != NULL ? v->opt.settings : "";
    v->settings = mia__format("%s%s", v->opt.accept_torn_log ? "torn " : "", settings);
    return v->settings != NULL ? MIA_OK : mia__fail_nomem(err);
}

/* What a database is: its files and, where it numbers them, its last transaction, because two
 * changes can be nearer to each other than the times of files tell. */
static mia_status describe_side(mia_source *side, const char *path, char **text,
                                struct mia_error *err)
{
    char files[MIA__SHA256_HEX];
    mia_status rc = mia__fingerprint(path, files, err);
    if (rc < 0)
        return rc;
    *text = mia__format("%s %" PRIu64, files, mia__source_last_change(side));
    return *text != NULL ? MIA_OK : mia__fail_nomem(err);
}

static mia_status name_file(struct verification *v, struct mia_error *err)
{
    if (v->opt.checkpoint != NULL) {
        v->file = mia__strdup(v->opt.checkpoint);
    } else {
        char *target = NULL;
        mia_status rc = mia__path_absolute(v->opt.target, &target, err);
        if (rc < 0)
            return rc;
        v->file = mia__format("%s.mia-verify", target);
        mia__free(target);
    }
    return v->file != NULL ? MIA_OK : mia__fail_nomem(err);
}

static mia_status refuse_changed(const struct verification *v, enum mia__compare_text changed,
                                 struct mia_error *err)
{
    const char *path = changed == MIA__COMPARE_SOURCE ? v->opt.source : v->opt.target;
    if (changed == MIA__COMPARE_SETTINGS)
        return mia__fail(err, MIA_ERR_INVALID,
                         "%s is of a verification with other options: give the same, or start over "
                         "without --resume",
                         v->file);
    return mia__fail(err, MIA_ERR_INVALID,
                     "%s is not what it was when the verification was interrupted: start over "
                     "without --resume",
                     path);
}

/* Reads what an earlier run left, if it is to go on; a file of another kind is not written over. */
static mia_status look_at_checkpoint(struct verification *v, struct mia_error *err)
{
    mia_status rc;
    struct mia_error why = {0};
    enum mia__compare_text changed;
    struct mia__compare_state *state = &v->compare.state;
    rc = mia__compare_load(v->file, &v->checkpoint, state, &changed, &why);
    bool is_ours = rc == MIA_OK || changed != MIA__COMPARE_TEXTS || rc == MIA_ERR_VERSION;
    if (!v->opt.resume) {
        mia__compare_state_free(state);
        *state = (struct mia__compare_state){0};
        v->keeps = is_ours || rc == MIA_NOTFOUND;
        if (!v->keeps)
            v->problem = why;
        return rc == MIA_ERR_NOMEM ? mia__fail_nomem(err) : MIA_OK;
    }
    if (rc == MIA_NOTFOUND)
        return mia__fail(err, MIA_ERR_INVALID,
                         "there is nothing to go on with, no %s: verify without --resume", v->file);
    if (rc < 0 && changed != MIA__COMPARE_TEXTS)
        return refuse_changed(v, changed, err);
    if (rc < 0)
        return mia__fail(err, rc == MIA_ERR_CORRUPT ? MIA_ERR_INVALID : rc,
                         "%s: verify without --resume", why.message);
    v->keeps = v->is_saved = true;
    v->report.resumed_records = state->records;
    return v->opt.rewind != NULL ? v->opt.rewind(v->opt.mark_ctx, v->checkpoint.mark, err) : MIA_OK;
}

static mia_status prepare_checkpoint(struct verification *v, struct mia_error *err)
{
    mia_status rc = MIA_OK;
    if (v->opt.without_checkpoint && v->opt.resume)
        return mia__fail(err, MIA_ERR_INVALID, "without a checkpoint there is nothing to resume");
    if (v->opt.without_checkpoint)
        goto done;
    TRY(name_file(v, err));
    TRY(describe_settings(v, err));
    TRY(describe_side(v->source, v->opt.source, &v->source_id, err));
    TRY(describe_side(v->target, v->opt.target, &v->target_id, err));
    v->checkpoint = (struct mia__compare_mark){.texts = {[MIA__COMPARE_SOURCE] = v->source_id,
                                                         [MIA__COMPARE_TARGET] = v->target_id,
                                                         [MIA__COMPARE_SETTINGS] = v->settings}};
    rc = look_at_checkpoint(v, err);
done:
    return rc;
}

/* What was read since the beginning is of one state only if the files are still what they were. */
static mia_status check_still(struct verification *v, struct mia_error *err)
{
    mia_status rc;
    char *source_id = NULL, *target_id = NULL;
    TRY(describe_side(v->source, v->opt.source, &source_id, err));
    TRY(describe_side(v->target, v->opt.target, &target_id, err));
    if (strcmp(source_id, v->source_id) != 0)
        rc = mia__fail(err, MIA_ERR_BUSY, "%s is being written to", v->opt.source);
    else if (strcmp(target_id, v->target_id) != 0)
        rc = mia__fail(err, MIA_ERR_BUSY, "%s is being written to", v->opt.target);
done:
    mia__free(source_id);
    mia__free(target_id);
    return rc;
}

/* What cannot be saved is no failure: only an interruption will cost more. */
static void save(void *ctx, const struct mia__compare_state *state)
{
    struct verification *v = ctx;
    mia_status rc = MIA_OK;
    v->problem = (struct mia_error){0};
    TRY(check_still(v, &v->problem));
    if (v->opt.mark != NULL)
        TRY(v->opt.mark(v->opt.mark_ctx, &v->checkpoint.mark, &v->problem));
    rc = mia__compare_save(v->file, &v->checkpoint, state, &v->problem);
done:
    v->is_saved = rc == MIA_OK;
}

static void end_checkpoint(struct verification *v, mia_status rc, struct mia_error *err)
{
    if (rc == MIA_OK && v->keeps)
        mia__compare_forget(v->file, NULL);
    v->report.resumable = rc == MIA_ERR_CANCELLED && v->is_saved;
    if (rc == MIA_ERR_CANCELLED && !v->is_saved && err != NULL) {
        struct mia_error stopped = *err;
        const char *why = v->problem.message[0] != '\0' ? v->problem.message : "nothing was saved";
        mia__fail(err, rc, "%s; it cannot go on from there: %s", stopped.message, why);
    }
}

/* ---- */

static mia_status take_difference(void *ctx, const struct mia_difference *d, uint8_t source_mark,
                                  struct mia_error *err)
{
    const struct verification *v = ctx;
    (void)source_mark, (void)err;
    v->opt.difference(v->opt.difference_ctx, d);
    return MIA_OK;
}

static void set_up(struct verification *v)
{
    enum { SAVE_MS = 10000 };
    struct mia__compare *c = &v->compare;
    uint64_t expected = mia__source_known_records(v->target);
    mia__meter_begin(&v->meter, "verify",
                     expected ? expected : mia__source_known_records(v->source), 0);
    c->source = v->source;
    c->target = v->target;
    c->typed = is_typed(v->source) || is_typed(v->target);
    c->values = mia__source_is_mia(v->source);
    c->content = v->opt.content;
    c->fn = v->opt.difference != NULL ? take_difference : NULL;
    c->fn_ctx = v;
    c->finding = v->opt.finding;
    c->finding_ctx = v->opt.finding_ctx;
    c->meter = &v->meter;
    c->save = v->keeps ? save : NULL;
    c->save_ctx = v;
    c->save_seconds = (v->opt.checkpoint_ms ? v->opt.checkpoint_ms : SAVE_MS) / 1000.0;
}

static void report(struct verification *v)
{
    const struct mia__compare *c = &v->compare;
    v->report.trees = c->trees;
    v->report.records = c->state.records;
    v->report.bytes = c->state.key_bytes + c->state.value_bytes;
    v->report.left_out_records = c->state.left_out_records;
    memcpy(v->report.findings, c->state.findings, sizeof c->state.findings);
    memcpy(v->report.differences, c->state.differences, sizeof c->state.differences);
    memcpy(v->report.digest, c->digest, sizeof c->digest);
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
    if (v->opt.repair)
        return mia__repair(&v->opt, v->source, &v->meter, &v->report, err);
    TRY(open_side(v, v->opt.target, &v->target, err));
    TRY(prepare_checkpoint(v, err));
    set_up(v);
    rc = mia__compare(&v->compare, err);
    report(v);
done:
    end_checkpoint(v, rc, err);
    return rc;
}

static enum mia_failure judge(const struct verification *v, mia_status rc)
{
    if (rc < 0 && v->report.failure != MIA_FAILURE_NONE)
        return v->report.failure;
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
    mia__compare_state_free(&v.compare.state);
    mia__free(v.file);
    mia__free(v.source_id);
    mia__free(v.target_id);
    mia__free(v.settings);
    v.report.failure = judge(&v, rc);
    v.report.seconds = mia__seconds() - began;
    mia__report_write(out, &v.report, sizeof v.report);
    return rc;
}
