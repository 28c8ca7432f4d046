/*
 * migrate/rollback.c - the steps of a rollback, in order
 *
 *   1  open the source; refuse what cannot work: nothing is written yet
 *   2  make and lock the directory beside the target
 *   3  write every pair as sled's own files, and sync them
 *   4  read those files back and compare the digest with that of what was written
 *   5  the source's files must not have changed meanwhile
 *   6  rename: from here on the target exists
 */
#include "migrate/rollback.h"

#include "base/error.h"
#include "base/file.h"
#include "base/options.h"
#include "base/try.h"
#include "migrate/fingerprint.h"
#include "migrate/source.h"

static mia_status open_source(struct mia__rollback *r, struct mia_error *err)
{
    mia_status rc;
    struct mia_source_options opt = {.struct_size = sizeof opt,
                                     .accept_torn_log = r->opt.accept_torn_log,
                                     .original = true,
                                     .progress = mia__meter_relay,
                                     .progress_ctx = &r->meter};
    rc = mia_source_open(r->source_path, &opt, &r->source, err);
    if (rc == MIA_NOTFOUND)
        rc = mia__fail(err, MIA_ERR_INVALID, "%s does not exist", r->source_path);
    enum mia_failure whose = rc == MIA_ERR_CORRUPT ? MIA_FAILURE_SOURCE : MIA_FAILURE_REFUSED;
    TRY(mia__blame(&r->report.failure, whose, rc));
    rc = mia__fingerprint(r->source_path, r->fingerprint, err);
done:
    return mia__blame(&r->report.failure, MIA_FAILURE_REFUSED, rc);
}

/* Room for the sled directory, about as large as the source. */
static mia_status take_workspace(struct mia__rollback *r, struct mia_error *err)
{
    mia_status rc;
    r->place = (struct mia__workspace){.source = r->source_path,
                                       .target = r->target_path,
                                       .what = "rollback",
                                       .needed_percent = 100,
                                       .force = r->opt.force,
                                       .lock = -1};
    TRY(mia__workspace_take(&r->place, err));
    r->made = mia__path_join(r->place.partial, "sled");
    if (r->made == NULL)
        rc = mia__fail_nomem(err);
done:
    return mia__blame(&r->report.failure, MIA_FAILURE_REFUSED, rc);
}

struct reading {
    struct mia__rollback *rollback;
    struct mia__sha256 *sha;
    uint64_t pair_bytes; /* of a pair, on the average: lines do not say */
    mia_status status;   /* why the reading was stopped */
    struct mia_error *err;
};

static bool take_line(void *ctx, const char *line, size_t size)
{
    struct reading *reading = ctx;
    mia_status rc;
    TRY(mia__sha256_add(reading->sha, (mia_slice){line, size}, reading->err));
    TRY(mia__sha256_add(reading->sha, MIA_BYTES("\n"), reading->err));
    TRY(mia__meter_add(&reading->rollback->meter, 1, 0, reading->err));
    TRY(mia__meter_pace(&reading->rollback->meter, reading->pair_bytes, reading->err));
    reading->rollback->report.verified++;
done:
    reading->status = rc;
    return rc == MIA_OK;
}

/* The digest of the new directory, as its own reader sees it. */
static mia_status read_back(struct mia__rollback *r, mia_source *made, char out[MIA__SHA256_HEX],
                            struct mia_error *err)
{
    mia_status rc;
    uint8_t sum[MIA__SHA256_SIZE];
    struct reading reading = {.rollback = r, .err = err};
    const struct mia_rollback_report *written = &r->report;
    if (written->records > 0)
        reading.pair_bytes = (written->key_bytes + written->value_bytes) / written->records;
    TRY(mia__sha256_open(&reading.sha, err));
    TRY(mia__sha256_begin(reading.sha, err));
    TRY(mia_digest(made, take_line, &reading, err));
    TRY(mia__sha256_end(reading.sha, sum, err));
    mia__sha256_hex(sum, out);
done:
    mia__sha256_close(reading.sha);
    return reading.status < 0 ? reading.status : rc;
}

/* Empty trees are not in a digest. */
static mia_status has_all_trees(const struct mia__rollback *r, const mia_source *made, bool *has,
                                struct mia_error *err)
{
    *has = true;
    for (size_t i = 0; i < mia_source_tree_count(r->source); i++) {
        size_t tree;
        mia_status rc = mia_source_tree_find(made, mia_source_tree_name(r->source, i), &tree, err);
        if (rc < 0)
            return rc;
        *has = *has && rc == MIA_OK;
    }
    return MIA_OK;
}

static mia_status verify(struct mia__rollback *r, struct mia_error *err)
{
    mia_status rc;
    bool has_trees;
    char digest[MIA__SHA256_HEX] = "";
    mia_source *made = NULL;
    double began = mia__seconds();
    mia__meter_begin(&r->meter, "verify", r->report.records, 0);
    TRY(mia_source_open(r->made, NULL, &made, err));
    TRY(has_all_trees(r, made, &has_trees, err));
    TRY(read_back(r, made, digest, err));
    if (!has_trees || strcmp(digest, r->report.digest) != 0) {
        r->report.failure = MIA_FAILURE_DIFFERENT;
        r->place.keep = true;
        rc = mia__fail(err, MIA_ERR_CORRUPT,
                       "verification found other pairs in the new sled directory than were written "
                       "to it; it is kept in %s for inspection",
                       r->made);
    }
done:
    mia_source_close(made);
    r->report.verify_seconds = mia__seconds() - began;
    return mia__blame(&r->report.failure, MIA_FAILURE_TARGET, rc);
}

static mia_status check_unchanged(struct mia__rollback *r, struct mia_error *err)
{
    char now[MIA__SHA256_HEX];
    mia_status rc = mia__fingerprint(r->source_path, now, err);
    if (rc == MIA_OK && strcmp(now, r->fingerprint) != 0)
        rc = mia__fail(err, MIA_ERR_BUSY,
                       "%s was changed while it was being rolled back: stop what writes to it and "
                       "start over",
                       r->source_path);
    return mia__blame(&r->report.failure, MIA_FAILURE_REFUSED, rc);
}

static mia_status run(struct mia__rollback *r, struct mia_error *err)
{
    mia_status rc;
    TRY(open_source(r, err));
    TRY(take_workspace(r, err));
    mia__meter_begin(&r->meter, "write", mia__source_known_records(r->source), 0);
    TRY(mia__rollback_write(r, err));
    if (!r->opt.without_verify)
        TRY(verify(r, err));
    TRY(check_unchanged(r, err));
    rc = mia__workspace_publish(&r->place, r->made, err);
done:
    return mia__blame(&r->report.failure, MIA_FAILURE_TARGET, rc);
}

static mia_status read_options(struct mia__rollback *r, const struct mia_rollback_options *opt,
                               struct mia_error *err)
{
    mia_status rc;
    TRY(mia__options_read(&r->opt, sizeof r->opt, opt, "mia_rollback_options", err));
    if (r->opt.source == NULL || r->opt.target == NULL || !r->opt.source[0] || !r->opt.target[0]) {
        rc = mia__fail(err, MIA_ERR_INVALID, "a source and a target are needed");
        goto done;
    }
    r->meter.fn = r->opt.progress;
    r->meter.ctx = r->opt.progress_ctx;
    r->meter.throttle.rate = r->opt.max_rate;
    r->meter.throttle.pause_file = r->opt.pause_file;
    r->source_path = mia__path_trim(r->opt.source);
    r->target_path = mia__path_trim(r->opt.target);
    if (r->source_path == NULL || r->target_path == NULL)
        rc = mia__fail_nomem(err);
done:
    return mia__blame(&r->report.failure, MIA_FAILURE_REFUSED, rc);
}

mia_status mia_rollback(const struct mia_rollback_options *opt, struct mia_rollback_report *out,
                        struct mia_error *err)
{
    struct mia__rollback r = {.report.struct_size = sizeof r.report, .place.lock = -1};
    mia_status rc = mia__report_check(out, "mia_rollback_report", err);
    if (rc < 0)
        return rc;
    TRY(read_options(&r, opt, err));
    rc = run(&r, err);
done:
    mia_source_close(r.source);
    mia__workspace_release(&r.place);
    mia__free(r.made);
    mia__free(r.source_path);
    mia__free(r.target_path);
    mia__report_write(out, &r.report, sizeof r.report);
    return rc;
}
