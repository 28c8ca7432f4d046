/* installation/finish.c - what is not in use any more is removed */
#include "base/error.h"
#include "base/file.h"
#include "base/try.h"
#include "installation/root.h"

#include <stdlib.h>

/* Files that sled and libmdbx make in a database's directory. */
static mia_status check_entry(void *ctx, const char *name, struct mia_error *err)
{
    static const char *const known[] = {"db", "conf", "blobs", "mdbx.dat", "mdbx.lck", "vectors"};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (strcmp(name, known[i]) == 0)
            return MIA_OK;
    if (strncmp(name, "snap.", 5) == 0)
        return MIA_OK;
    return mia__fail(err, MIA_ERR_INVALID,
                     "%s has %s in it, which is not the database's: move it away, or remove the "
                     "directory by hand",
                     (const char *)ctx, name);
}

/* Databases lie in each other (an archive's stray and its quarters): the deepest goes first. */
static int deepest_first(const void *a, const void *b)
{
    const struct mia__entry *const *x = a, *const *y = b;
    size_t left = strlen((*x)->source), right = strlen((*y)->source);
    return (left < right) - (left > right);
}

/* Durably, also what an earlier call has removed: the journal will say that it is gone. */
static mia_status remove_source(const char *path, struct mia_error *err)
{
    mia_status rc = MIA_OK;
    char *parent = mia__path_parent(path);
    if (parent == NULL)
        return mia__fail_nomem(err);
    if (mia__file_kind(path) == MIA__FILE_DIRECTORY) {
        TRY(mia__dir_each(path, check_entry, (void *)(uintptr_t)path, err));
        TRY(mia__dir_remove_tree(path, err));
    }
    if (mia__file_kind(parent) == MIA__FILE_DIRECTORY)
        rc = mia__dir_sync(parent, err);
done:
    mia__free(parent);
    return rc;
}

static mia_status remove_sources(const struct mia__journal *journal, struct mia_error *err)
{
    mia_status rc = MIA_OK;
    size_t count;
    struct mia__entry *entries = mia__entries(journal, &count);
    struct mia__entry **order = mia__alloc_array(count + 1, sizeof(struct mia__entry *));
    if (order == NULL)
        return mia__fail_nomem(err);
    for (size_t i = 0; i < count; i++)
        order[i] = &entries[i];
    if (count > 1)
        qsort(order, count, sizeof(struct mia__entry *), deepest_first);
    for (size_t i = 0; i < count; i++)
        TRY(remove_source(order[i]->source, err));
done:
    mia__free(order);
    return rc;
}

/* An earlier call that was stopped may have left other files of a database. */
static bool has_database(const char *path)
{
    char *db = mia__path_join(path, "db");
    bool has = db != NULL && (mia__file_exists(db) || mia_engine_mdbx()->detect(path));
    mia__free(db);
    return has;
}

/* Nobody may have one open; those that an earlier call has removed are not there. */
static mia_status check_closed(const struct mia__journal *journal, struct mia_error *err)
{
    mia_status rc = MIA_OK;
    size_t count;
    struct mia__held_sources held = {0};
    struct mia__journal left = {0};
    const struct mia__entry *entries = mia__entries(journal, &count);
    for (size_t i = 0; i < count; i++) {
        if (!has_database(entries[i].source))
            continue;
        TRY(mia__entry_add(&left, entries[i].name, entries[i].source, err));
        mia__entry_find(&left, entries[i].name)->state = MIA__ENTRY_STRAY;
    }
    rc = mia__hold_sources(&left, &held, err);
done:
    mia__let_go_sources(&held);
    mia__journal_free(&left);
    return rc;
}

mia_status mia_installation_finish(const struct mia_installation_options *opt,
                                   struct mia_error *err)
{
    mia_status rc;
    struct mia__root root = {.lock = -1};
    TRY(mia__root_open(&root, opt, false, err));
    if (rc == MIA_NOTFOUND)
        goto done;
    enum mia_phase phase = mia__phase_of(&root.journal, root.in_use);
    if (phase != MIA_PHASE_CUT_OVER && phase != MIA_PHASE_RETURNED) {
        rc = mia__fail(err, MIA_ERR_INVALID, "%s is %s: nothing is to be removed", root.path,
                       mia_phase_text(phase));
        goto done;
    }
    TRY(check_closed(&root.journal, err));
    TRY(remove_sources(&root.journal, err));
    root.journal.is_finished = true;
    rc = mia__journal_write(root.path, &root.journal, err);
done:
    mia__root_close(&root);
    return rc;
}
