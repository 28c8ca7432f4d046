/* installation/bases.c - the bases of an installation: given at first, known later */
#include "base/error.h"
#include "base/file.h"
#include "base/try.h"
#include "installation/root.h"

static mia_status absolute(const char *path, char **out, struct mia_error *err)
{
    *out = NULL;
    if (path == NULL)
        return MIA_OK;
    if (mia__file_kind(path) != MIA__FILE_DIRECTORY)
        return mia__fail(err, MIA_ERR_INVALID, "%s is no directory", path);
    return mia__path_absolute(path, out, err);
}

static bool is_same(const char *a, const char *b)
{
    return (a == NULL) == (b == NULL) && (a == NULL || strcmp(a, b) == 0);
}

/* The bases are given at first, and may be given again. */
mia_status mia__bases_take(struct mia__root *root, struct mia_error *err)
{
    mia_status rc;
    char *base = NULL, *spill = NULL;
    struct mia__journal *journal = &root->journal;
    TRY(absolute(root->opt.base, &base, err));
    TRY(absolute(root->opt.spill_base, &spill, err));
    if (journal->base == NULL && base == NULL)
        rc = mia__fail(err, MIA_ERR_INVALID, "which base is to be migrated to %s?", root->path);
    else if (journal->base == NULL) {
        *journal = (struct mia__journal){.base = base, .spill = spill, .generation = 1};
        base = spill = NULL;
    } else if (base != NULL && (!is_same(base, journal->base) || !is_same(spill, journal->spill)))
        rc = mia__fail(err, MIA_ERR_INVALID, "%s is an installation of %s%s%s: give those, or none",
                       root->path, journal->base, journal->spill != NULL ? " and " : "",
                       journal->spill != NULL ? journal->spill : "");
done:
    mia__free(base);
    mia__free(spill);
    return rc;
}

mia_status mia__bases_check(const struct mia__root *root, struct mia_error *err)
{
    const struct mia__journal *journal = &root->journal;
    char *there = mia__path_existing(root->path);
    bool is_inside = there != NULL && mia__path_is_inside(there, journal->base);
    mia__free(there);
    if (is_inside)
        return mia__fail(
            err, MIA_ERR_INVALID,
            "%s is inside %s, which is not to be changed: choose a directory elsewhere", root->path,
            journal->base);
    enum mia_phase phase = mia__phase_of(journal, root->in_use);
    if (phase != MIA_PHASE_MIGRATING && phase != MIA_PHASE_MIGRATED)
        return mia__fail(err, MIA_ERR_INVALID, "%s is %s already: see `mia status`", root->path,
                         mia_phase_text(phase));
    return MIA_OK;
}
