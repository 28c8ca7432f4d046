/*
 * installation/migrate_all.c - every database of a base to libmdbx, one after the other
 *
 * A database that is done stands under its name, complete and verified, before the journal says so.
 * Where a crash came in between, the database itself says what it was made from.
 */
#include "base/error.h"
#include "base/file.h"
#include "base/options.h"
#include "base/try.h"
#include "engine/meta.h"
#include "installation/plan_all.h"
#include "mia/store.h"
#include "migrate/fingerprint.h"

#include <stdio.h>

struct migration {
    struct mia__root root;
    struct mia_installation_report report;
    char *directory; /* of the generation */
    struct mia_error *err;
};

/* ---- the journal at the beginning */

/* What can be found to stand in the way of any database, before the first one is begun. */
static mia_status refuse(struct migration *m)
{
    mia_status rc;
    const struct mia_installation_options *opt = &m->root.opt;
    struct mia__obstacles found = {.fn = opt->obstacle, .ctx = opt->obstacle_ctx};
    struct mia__planning planning = {
        .root = &m->root, .found = &found, .how = {.quick = true, .salvage = opt->salvage}};
    TRY(mia__discover_sources(&m->root, &m->root.journal, &found, m->err));
    TRY(mia__plan_databases(&planning, m->err));
    rc = mia__obstacles_judge(&found, m->err);
done:
    return rc;
}

static mia_status begin(struct migration *m)
{
    mia_status rc;
    struct mia__root *root = &m->root;
    TRY(mia__bases_take(root, m->err));
    TRY(mia__bases_check(root, m->err));
    TRY(refuse(m));
    TRY(mia__journal_write(root->path, &root->journal, m->err));
    if (root->pointer.base == NULL)
        TRY(mia__pointer_write(root->path, root->journal.base, root->journal.spill, m->err));
    m->directory = mia__generation_path(root->path, root->journal.generation);
    if (m->directory == NULL)
        rc = mia__fail_nomem(m->err);
done:
    return rc;
}

/* ---- one database */

/* What a finished target says of itself: MIA_OK if it was made from these very files and verified.
 */
static mia_status read_origin(const char *target, const char *fingerprint, struct mia__entry *entry,
                              struct mia_error *err)
{
    mia_status rc;
    mia_db *db = NULL;
    mia_txn *txn = NULL;
    mia_tree meta;
    mia_slice known = {0}, digest = {0};
    struct mia_db_options opt = {.struct_size = sizeof opt, .read_only = true, .must_exist = true};
    TRY(mia_db_open(NULL, target, &opt, &db, err));
    if (rc == MIA_NOTFOUND)
        goto done;
    TRY(mia_txn_begin(db, MIA_TXN_READ, &txn, err));
    TRY(mia__meta_open(txn, &meta, err));
    if (rc == MIA_OK)
        TRY(mia__meta_get(txn, meta, "origin.fingerprint", &known, err));
    if (rc == MIA_OK)
        TRY(mia__meta_get(txn, meta, "origin.digest", &digest, err));
    if (rc == MIA_OK)
        TRY(mia__meta_get_u64(txn, meta, "origin.records", &entry->records, err));
    if (rc == MIA_OK && (!mia_slice_equal(known, mia_bytes_of(fingerprint)) ||
                         digest.size != sizeof entry->digest - 1))
        rc = MIA_NOTFOUND;
    if (rc == MIA_OK)
        snprintf(entry->digest, sizeof entry->digest, "%.*s", (int)(digest.size & 127),
                 (const char *)digest.data);
done:
    mia_txn_abort(txn);
    mia_db_close(db, NULL);
    return rc;
}

/* Databases with MIA's place in their names have MIA's records; others are looked into. */
static mia_status is_typed(const struct mia__entry *entry, bool *typed, struct mia_error *err)
{
    static const char *const tables[] = {"nodes", "edges", "embeddings"};
    mia_status rc;
    mia_source *source = NULL;
    *typed = true;
    TRY(mia_source_open(entry->source, NULL, &source, err));
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++) {
        size_t tree;
        TRY(mia_source_tree_find(source, mia_bytes_of(tables[i]), &tree, err));
        *typed = *typed && rc == MIA_OK;
    }
    rc = MIA_OK;
done:
    mia_source_close(source);
    return rc;
}

/* Writes into it which of MIA's databases it is. */
static mia_status record_place(const char *target, const char *name, struct mia_error *err)
{
    mia_store *store;
    struct mia_place place;
    struct mia_db_options db = {.struct_size = sizeof db, .must_exist = true};
    struct mia_store_options opt = {.struct_size = sizeof opt, .db = &db, .place = &place};
    if (!mia__place_named(name, &place))
        return MIA_OK;
    mia_status rc = mia_store_open(NULL, target, &opt, &store, err);
    return rc < 0 ? rc : mia_store_close(store, err);
}

static mia_status copy(struct migration *m, struct mia__entry *entry, const char *target)
{
    mia_status rc;
    bool typed;
    char *partial = mia__format("%s.mia-partial", target);
    struct mia_migrate_report report = {.struct_size = sizeof report};
    struct mia_migrate_options opt = {.struct_size = sizeof opt,
                                      .source = entry->source,
                                      .target = target,
                                      .salvage = m->root.opt.salvage,
                                      .accept_torn_log = m->root.opt.accept_torn_log,
                                      .progress = m->root.opt.progress,
                                      .progress_ctx = m->root.opt.progress_ctx,
                                      .max_rate = m->root.opt.max_rate,
                                      .pause_file = m->root.opt.pause_file};
    if (partial == NULL)
        return mia__fail_nomem(m->err);
    TRY(is_typed(entry, &typed, m->err));
    TRY(mia__dir_create_parents(target, m->err));
    opt.raw = !typed;
    opt.resume = mia__file_exists(partial);
    rc = mia_migrate(&opt, &report, m->err);
    if (rc == MIA_ERR_INVALID && opt.resume) { /* of other files: nothing to go on with */
        opt.resume = false;
        opt.force = true;
        rc = mia_migrate(&opt, &report, m->err);
    }
    m->report.failure = report.failure;
    if (rc < 0)
        goto done;
    entry->records = report.records;
    memcpy(entry->digest, report.digest, sizeof entry->digest);
    if (typed)
        rc = record_place(target, entry->name, m->err);
done:
    mia__free(partial);
    return rc;
}

static mia_status migrate_one(struct migration *m, struct mia__entry *entry, const char *target)
{
    mia_status rc;
    char fingerprint[MIA__SHA256_HEX];
    uint64_t began = mia__clock_ms();
    TRY(mia__fingerprint(entry->source, fingerprint, m->err));
    bool is_there = mia__file_exists(target);
    bool is_current = strcmp(fingerprint, entry->fingerprint) == 0;
    if (entry->state == MIA__ENTRY_DONE && is_there && is_current) {
        m->report.already++;
        goto done;
    }
    entry->state = MIA__ENTRY_OPEN;
    mia__root_tell(&m->root, entry);
    rc = is_there ? read_origin(target, fingerprint, entry, m->err) : MIA_NOTFOUND;
    if (rc == MIA_ERR_INVALID || rc == MIA_ERR_CORRUPT)
        rc = MIA_NOTFOUND; /* what a removal has left of it, that was stopped */
    TRY(rc);
    if (rc == MIA_OK) {
        TRY(record_place(target, entry->name, m->err));
    } else {
        if (is_there)
            TRY(mia__root_reopen_below(&m->root, entry->name, m->err));
        TRY(mia__dir_remove_tree(target, m->err));
        TRY(copy(m, entry, target));
    }
    TRY(mia__sync_up(&m->root, target, m->err));
    memcpy(entry->fingerprint, fingerprint, sizeof entry->fingerprint);
    entry->milliseconds = mia__clock_ms() - began;
    entry->state = MIA__ENTRY_DONE;
    m->root.journal.verified_ms = mia__clock_ms();
    rc = mia__journal_write(m->root.path, &m->root.journal, m->err);
    mia__root_tell(&m->root, entry);
done:
    return rc;
}

static mia_status migrate_all(struct migration *m)
{
    mia_status rc = MIA_OK;
    size_t count;
    struct mia__entry *entries = mia__entries(&m->root.journal, &count);
    for (size_t i = 0; i < count; i++) {
        if (entries[i].state == MIA__ENTRY_STRAY) {
            m->report.strays++;
            continue;
        }
        m->report.databases++;
        char *target = mia__path_join(m->directory, entries[i].name);
        rc = target != NULL ? migrate_one(m, &entries[i], target) : mia__fail_nomem(m->err);
        mia__free(target);
        TRY(rc);
        m->report.done++;
        m->report.records += entries[i].records;
    }
done:
    return rc;
}

mia_status mia_installation_migrate(const struct mia_installation_options *opt,
                                    struct mia_installation_report *report, struct mia_error *err)
{
    mia_status rc;
    struct migration m = {.root.lock = -1, .err = err};
    rc = mia__report_check(report, "mia_installation_report", err);
    if (rc < 0)
        return rc;
    TRY(mia__root_open(&m.root, opt, true, err));
    TRY(begin(&m));
    rc = migrate_all(&m);
done:
    if (rc < 0 && m.report.failure == MIA_FAILURE_NONE)
        m.report.failure = rc == MIA_ERR_CANCELLED ? MIA_FAILURE_INTERRUPTED : MIA_FAILURE_REFUSED;
    mia__report_write(report, &m.report, sizeof m.report);
    if (rc < 0 && m.root.is_made) /* and nothing came into it */
        mia__dir_remove_empty(m.root.path);
    mia__free(m.directory);
    mia__root_close(&m.root);
    return rc;
}
