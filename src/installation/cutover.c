/* installation/cutover.c - the pointer to the migrated databases, when nothing can be lost by it */
#include "base/error.h"
#include "base/file.h"
#include "base/try.h"
#include "installation/root.h"
#include "mia/db.h"
#include "migrate/fingerprint.h"

#include <inttypes.h>

/* ---- sources that stand still */

static mia_status busy(const char *path, struct mia_error *err)
{
    return mia__fail(err, MIA_ERR_BUSY,
                     "%s: an application has it open: stop that, so that nothing is written to "
                     "databases that are not in use any more",
                     path);
}

/* sled locks its file `db`; libmdbx says whether it is alone. */
static mia_status hold_source(const char *path, struct mia__held_sources *held,
                              struct mia_error *err)
{
    mia_status rc;
    mia_db *db;
    int lock = -1;
    struct mia_db_options opt = {.struct_size = sizeof opt, .must_exist = true, .exclusive = true};
    if (mia_engine_mdbx()->detect(path)) {
        rc = mia_db_open(mia_engine_mdbx(), path, &opt, &db, err);
        if (rc == MIA_OK && (rc = mia__buf_append(&held->databases, &db, sizeof db, err)) < 0)
            mia_db_close(db, NULL);
        return rc == MIA_ERR_BUSY ? busy(path, err) : rc;
    }
    char *file = mia__path_join(path, "db");
    if (file == NULL)
        return mia__fail_nomem(err);
    rc = mia__file_lock_shared(file, &lock, err);
    if (rc == MIA_OK && (rc = mia__buf_append(&held->locks, &lock, sizeof lock, err)) < 0)
        mia__file_unlock(lock);
    mia__free(file);
    return rc == MIA_ERR_BUSY ? busy(path, err) : rc;
}

static mia_status check_unchanged(const struct mia__entry *entry, struct mia_error *err)
{
    char now[MIA__SHA256_HEX];
    mia_status rc = mia__fingerprint(entry->source, now, err);
    if (rc < 0 || entry->state == MIA__ENTRY_STRAY || strcmp(now, entry->fingerprint) == 0)
        return rc;
    return mia__fail(err, MIA_ERR_INVALID,
                     "%s was written to since it was read: run the same command as before again",
                     entry->source);
}

mia_status mia__hold_sources(const struct mia__journal *journal, struct mia__held_sources *held,
                             struct mia_error *err)
{
    mia_status rc = MIA_OK;
    size_t count;
    const struct mia__entry *entries = mia__entries(journal, &count);
    for (size_t i = 0; i < count; i++) {
        TRY(hold_source(entries[i].source, held, err));
        TRY(check_unchanged(&entries[i], err));
    }
done:
    return rc;
}

void mia__let_go_sources(struct mia__held_sources *held)
{
    const int *locks = (const int *)(const void *)held->locks.data;
    mia_db *const *databases = (mia_db *const *)(void *)held->databases.data;
    for (size_t i = 0; i < held->locks.size / sizeof *locks; i++)
        mia__file_unlock(locks[i]);
    for (size_t i = 0; i < held->databases.size / sizeof(mia_db *); i++)
        mia_db_close(databases[i], NULL);
    mia__buf_free(&held->locks);
    mia__buf_free(&held->databases);
}

mia_status mia__switch_over(struct mia__root *root, struct mia_error *err)
{
    mia_status rc;
    struct mia__held_sources held = {0};
    char *directory = mia__format("generations/%" PRIu64, root->journal.generation);
    if (directory == NULL)
        return mia__fail_nomem(err);
    TRY(mia__hold_sources(&root->journal, &held, err));
    rc = mia__pointer_write(root->path, directory, NULL, err);
done:
    mia__let_go_sources(&held);
    mia__free(directory);
    return rc;
}

/* ---- */

/* A database that came to be since would be left behind. */
static mia_status check_complete(const struct mia__root *root, struct mia_error *err)
{
    mia_status rc;
    size_t before, after;
    struct mia__journal now = {0};
    mia__entries(&root->journal, &before);
    now.base = mia__strdup(root->journal.base);
    now.spill = root->journal.spill != NULL ? mia__strdup(root->journal.spill) : NULL;
    if (now.base == NULL || (now.spill == NULL) != (root->journal.spill == NULL)) {
        rc = mia__fail_nomem(err);
        goto done;
    }
    TRY(mia__discover_sources(root, &now, NULL, err));
    const struct mia__entry *entries = mia__entries(&now, &after);
    for (size_t i = 0; i < after; i++)
        if (mia__entry_find(&root->journal, entries[i].name) == NULL) {
            rc = mia__fail(err, MIA_ERR_INVALID,
                           "%s came to be since the migration: run `mia migrate --base` again",
                           entries[i].source);
            goto done;
        }
done:
    mia__journal_free(&now);
    return rc;
}

mia_status mia_installation_cutover(const struct mia_installation_options *opt,
                                    struct mia_error *err)
{
    mia_status rc;
    struct mia__root root = {.lock = -1};
    TRY(mia__root_open(&root, opt, false, err));
    if (rc == MIA_NOTFOUND)
        goto done;
    enum mia_phase phase = mia__phase_of(&root.journal, root.in_use);
    if (phase != MIA_PHASE_MIGRATED) {
        rc = mia__fail(err, MIA_ERR_INVALID, "%s is %s: %s", root.path, mia_phase_text(phase),
                       phase == MIA_PHASE_MIGRATING ? "finish the migration first: see `mia status`"
                                                    : "there is nothing to cut over");
        goto done;
    }
    TRY(check_complete(&root, err));
    rc = mia__switch_over(&root, err);
done:
    mia__root_close(&root);
    return rc;
}
