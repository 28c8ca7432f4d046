/* installation/plan_all.c - a plan for each database, and the space for all of them */
#include "installation/plan_all.h"

#include "base/error.h"
#include "base/file.h"
#include "base/options.h"
#include "base/try.h"
#include "migrate/fingerprint.h"
#include "migrate/workspace.h"

struct relay {
    struct mia__obstacles *found;
    const char *name;
};

/* Of a whole base a database that is not MIA's is copied byte for byte without asking. */
static void relay(void *ctx, const struct mia_obstacle *obstacle)
{
    const struct relay *r = ctx;
    struct mia_error why = {.status = obstacle->status};
    if (obstacle->obstacle == MIA_OBSTACLE_MODE && obstacle->weight == MIA_WEIGHT_WARNING)
        return;
    memcpy(why.message, obstacle->message, strnlen(obstacle->message, sizeof why.message - 1));
    r->found->database = r->name;
    mia__obstacle_error(r->found, obstacle->obstacle, obstacle->weight, &why);
    r->found->database = NULL;
}

/* Migrated before, and nothing has changed since. */
static bool is_done(const struct mia__root *root, const struct mia__entry *entry)
{
    char fingerprint[MIA__SHA256_HEX];
    if (entry->state != MIA__ENTRY_DONE)
        return false;
    char *generation = mia__generation_path(root->path, root->journal.generation);
    char *target = generation != NULL ? mia__path_join(generation, entry->name) : NULL;
    bool is = target != NULL && mia__file_exists(target) &&
              mia__fingerprint(entry->source, fingerprint, NULL) == MIA_OK &&
              strcmp(fingerprint, entry->fingerprint) == 0;
    mia__free(target);
    mia__free(generation);
    return is;
}

static void sum_up(struct mia_installation_plan_report *total, const struct mia_plan_report *one)
{
    total->records += one->records;
    total->source_bytes += one->source_bytes;
    total->target_bytes += one->target_bytes;
    total->least_seconds += one->least_seconds;
    total->most_seconds += one->most_seconds;
}

static mia_status plan_one(struct mia__planning *p, const struct mia__entry *entry,
                           struct mia_error *err)
{
    struct relay to = {p->found, entry->name};
    struct mia_plan_report report = {.struct_size = sizeof report};
    struct mia_plan_options opt = p->how;
    struct mia_installed installed = mia__installed(entry);
    opt.struct_size = sizeof opt;
    opt.source = entry->source;
    opt.obstacle = relay;
    opt.obstacle_ctx = &to;
    mia_status rc = mia_plan(&opt, &report, err);
    if (rc < 0)
        return rc;
    installed.is_done = false;
    installed.records = report.records;
    sum_up(&p->report, &report);
    if (p->fn != NULL)
        p->fn(p->ctx, &installed, &report);
    return MIA_OK;
}

/* Half of what sled's files take, as for one database, where it is not known better. */
static mia_status check_place(struct mia__planning *p, struct mia_error *err)
{
    mia_status rc;
    struct mia__workspace place;
    char *there = mia__path_existing(p->root->path);
    if (there == NULL)
        return mia__fail_nomem(err);
    mia__migration_place(&place, p->root->journal.base, p->root->path, NULL);
    TRY(mia__workspace_begin(&place, err));
    mia__free(place.parent);
    place.parent = there;
    there = NULL;
    place.source_bytes = p->report.source_bytes;
    place.needed_bytes = p->report.target_bytes;
    mia__workspace_check_place(&place, p->found);
    p->report.free_bytes = place.free_bytes;
done:
    mia__workspace_release(&place);
    mia__free(there);
    return rc;
}

mia_status mia__plan_databases(struct mia__planning *p, struct mia_error *err)
{
    mia_status rc = MIA_OK;
    size_t count;
    const struct mia__entry *entries = mia__entries(&p->root->journal, &count);
    for (size_t i = 0; i < count; i++) {
        if (entries[i].state == MIA__ENTRY_STRAY) {
            p->report.strays++;
            continue;
        }
        p->report.databases++;
        if (is_done(p->root, &entries[i]))
            p->report.already++;
        else
            TRY(plan_one(p, &entries[i], err));
    }
    rc = check_place(p, err);
done:
    return rc;
}

/* ---- */

/* What the root says, if there is one; nothing is made. */
static mia_status look_at_root(struct mia__root *root, const struct mia_installation_options *opt,
                               struct mia_error *err)
{
    mia_status rc = mia__root_open(root, opt, false, err);
    if (rc < 0)
        return rc;
    if (rc == MIA_NOTFOUND && root->path == NULL)
        root->path = mia__path_trim(root->opt.root);
    return root->path != NULL ? MIA_OK : mia__fail_nomem(err);
}

static mia_status find(struct mia__planning *p, struct mia__root *root, struct mia_error *err)
{
    mia_status rc;
    TRY(mia__bases_take(root, err));
    TRY(mia__bases_check(root, err));
    rc = mia__discover_sources(root, &root->journal, p->found, err);
done:
    return rc;
}

static enum mia_failure judge(const struct mia__obstacles *found, mia_status rc)
{
    if (rc == MIA_ERR_CANCELLED)
        return MIA_FAILURE_INTERRUPTED;
    return rc < 0 || found->counts[MIA_WEIGHT_REFUSAL] > 0 ? MIA_FAILURE_REFUSED
           : found->counts[MIA_WEIGHT_DAMAGE] > 0          ? MIA_FAILURE_SOURCE
                                                           : MIA_FAILURE_NONE;
}

/* What is wrong with the bases is an obstacle like others. */
static mia_status plan(struct mia__planning *p, struct mia__root *root,
                       const struct mia_installation_options *opt, struct mia_error *err)
{
    struct mia_error why = {0};
    mia_status rc = look_at_root(root, opt, &why);
    if (rc == MIA_OK)
        rc = find(p, root, &why);
    if (rc == MIA_OK)
        return mia__plan_databases(p, err);
    if (rc == MIA_ERR_NOMEM)
        return mia__fail_nomem(err);
    mia__obstacle_error(p->found, MIA_OBSTACLE_BASE, MIA_WEIGHT_REFUSAL, &why);
    return MIA_OK;
}

mia_status mia_installation_plan(const struct mia_installation_options *opt, bool quick,
                                 mia_installation_plan_fn fn, void *ctx,
                                 struct mia_installation_plan_report *out, struct mia_error *err)
{
    struct mia_installation_options o;
    struct mia__root root = {.lock = -1};
    struct mia__obstacles found = {0};
    mia_status rc = mia__report_check(out, "mia_installation_plan_report", err);
    if (rc < 0)
        return rc;
    struct mia__planning planning = {.root = &root, .found = &found, .fn = fn, .ctx = ctx};
    TRY(mia__options_read(&o, sizeof o, opt, "mia_installation_options", err));
    found.fn = o.obstacle;
    found.ctx = o.obstacle_ctx;
    planning.how = (struct mia_plan_options){.quick = quick,
                                             .salvage = o.salvage,
                                             .accept_torn_log = o.accept_torn_log,
                                             .progress = o.progress,
                                             .progress_ctx = o.progress_ctx};
    rc = plan(&planning, &root, &o, err);
    if (rc == MIA_OK && found.is_out_of_memory)
        rc = mia__fail_nomem(err);
done:
    planning.report.struct_size = sizeof planning.report;
    planning.report.failure = judge(&found, rc);
    memcpy(planning.report.obstacles, found.counts, sizeof found.counts);
    mia__report_write(out, &planning.report, sizeof planning.report);
    mia__root_close(&root);
    return rc;
}
