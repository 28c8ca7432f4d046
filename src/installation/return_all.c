/*
 * installation/return_all.c - what is in use on libmdbx now, back to sled
 *
 * The databases are those that are there now, not those that were migrated: new archives come
 * along.
 */
#include "base/error.h"
#include "base/file.h"
#include "base/options.h"
#include "base/try.h"
#include "installation/root.h"
#include "migrate/fingerprint.h"

struct returning {
    struct mia__root root;
    struct mia_installation_report report;
    char *directory; /* of the generation that is made */
    struct mia_error *err;
};

static mia_status add_database(void *ctx, const char *name, const char *path, struct mia_error *err)
{
    struct mia__journal *journal = ctx;
    return mia__entry_find(journal, name) == NULL ? mia__entry_add(journal, name, path, err)
                                                  : MIA_OK;
}

static mia_status begin(struct returning *r)
{
    mia_status rc = MIA_OK;
    static const char *const none[] = {NULL};
    struct mia__root *root = &r->root;
    enum mia_phase phase = mia__phase_of(&root->journal, root->in_use);
    if (phase != MIA_PHASE_CUT_OVER && phase != MIA_PHASE_RETURNING && phase != MIA_PHASE_FINISHED)
        return mia__fail(r->err, MIA_ERR_INVALID, "%s is %s: libmdbx is not in use there",
                         root->path, mia_phase_text(phase));
    if (root->in_use % 2 == 0)
        return mia__fail(r->err, MIA_ERR_INVALID, "%s is on sled already", root->path);
    if (phase != MIA_PHASE_RETURNING) {
        mia__entries_clear(&root->journal);
        root->journal.generation = root->in_use + 1;
        root->journal.is_finished = false;
    }
    TRY(mia__discover(root->pointer.base, none, add_database, &root->journal, r->err));
    TRY(mia__journal_write(root->path, &root->journal, r->err));
    r->directory = mia__generation_path(root->path, root->journal.generation);
    if (r->directory == NULL)
        rc = mia__fail_nomem(r->err);
done:
    return rc;
}

/* Alone with the database, so that what is written is all there is. */
static mia_status is_alone(const char *path, struct mia_error *err)
{
    mia_status rc;
    struct mia__held_sources held = {0};
    struct mia__journal one = {0};
    TRY(mia__entry_add(&one, "", path, err));
    mia__entry_find(&one, "")->state = MIA__ENTRY_STRAY; /* its fingerprint does not matter */
    rc = mia__hold_sources(&one, &held, err);
done:
    mia__let_go_sources(&held);
    mia__journal_free(&one);
    return rc;
}

static mia_status write_back(struct returning *r, struct mia__entry *entry, const char *target)
{
    mia_status rc;
    struct mia_rollback_report report = {.struct_size = sizeof report};
    struct mia_rollback_options opt = {.struct_size = sizeof opt,
                                       .source = entry->source,
                                       .target = target,
                                       .force = true,
                                       .progress = r->root.opt.progress,
                                       .progress_ctx = r->root.opt.progress_ctx,
                                       .max_rate = r->root.opt.max_rate,
                                       .pause_file = r->root.opt.pause_file};
    if (mia__file_exists(target))
        TRY(mia__root_reopen_below(&r->root, entry->name, r->err));
    TRY(mia__dir_remove_tree(target, r->err));
    TRY(mia__dir_create_parents(target, r->err));
    rc = mia_rollback(&opt, &report, r->err);
    r->report.failure = report.failure;
    entry->records = report.records;
    entry->milliseconds = (uint64_t)((report.write_seconds + report.verify_seconds) * 1000);
    memcpy(entry->digest, report.digest, sizeof entry->digest);
done:
    return rc;
}

static mia_status return_one(struct returning *r, struct mia__entry *entry)
{
    mia_status rc;
    char fingerprint[MIA__SHA256_HEX];
    char *target = mia__path_join(r->directory, entry->name);
    if (target == NULL)
        return mia__fail_nomem(r->err);
    TRY(is_alone(entry->source, r->err));
    TRY(mia__fingerprint(entry->source, fingerprint, r->err));
    bool is_current = strcmp(fingerprint, entry->fingerprint) == 0;
    if (entry->state == MIA__ENTRY_DONE && is_current && mia__file_exists(target)) {
        r->report.already++;
        goto done;
    }
    entry->state = MIA__ENTRY_OPEN;
    mia__root_tell(&r->root, entry);
    TRY(write_back(r, entry, target));
    TRY(mia__sync_up(&r->root, target, r->err));
    memcpy(entry->fingerprint, fingerprint, sizeof entry->fingerprint);
    entry->state = MIA__ENTRY_DONE;
    r->root.journal.verified_ms = mia__clock_ms();
    rc = mia__journal_write(r->root.path, &r->root.journal, r->err);
    mia__root_tell(&r->root, entry);
done:
    mia__free(target);
    return rc;
}

static mia_status return_all(struct returning *r)
{
    mia_status rc = MIA_OK;
    size_t count;
    struct mia__entry *entries = mia__entries(&r->root.journal, &count);
    r->report.databases = count;
    for (size_t i = 0; i < count; i++) /* first, since it may change the time of a file */
        TRY(is_alone(entries[i].source, r->err));
    for (size_t i = 0; i < count; i++) {
        TRY(return_one(r, &entries[i]));
        r->report.done++;
        r->report.records += entries[i].records;
    }
done:
    return rc;
}

mia_status mia_installation_rollback(const struct mia_installation_options *opt,
                                     struct mia_installation_report *report, struct mia_error *err)
{
    mia_status rc;
    struct returning r = {.root.lock = -1, .err = err};
    rc = mia__report_check(report, "mia_installation_report", err);
    if (rc < 0)
        return rc;
    TRY(mia__root_open(&r.root, opt, false, err));
    if (rc == MIA_NOTFOUND)
        goto done;
    TRY(begin(&r));
    TRY(return_all(&r));
    rc = mia__switch_over(&r.root, err);
done:
    if (rc < 0 && r.report.failure == MIA_FAILURE_NONE)
        r.report.failure = rc == MIA_ERR_CANCELLED ? MIA_FAILURE_INTERRUPTED : MIA_FAILURE_REFUSED;
    mia__report_write(report, &r.report, sizeof r.report);
    mia__free(r.directory);
    mia__root_close(&r.root);
    return rc;
}
