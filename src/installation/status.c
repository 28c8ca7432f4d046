/* installation/status.c - where an installation stands, without changing or locking it */
#include "base/error.h"
#include "base/file.h"
#include "base/try.h"
#include "installation/root.h"

#include <stdlib.h>

struct mia_installation_status {
    struct mia__journal journal;
    struct mia__pointer pointer;
    enum mia_phase phase;
};

const char *mia_phase_text(enum mia_phase phase)
{
    static const char *const texts[] = {
#define MIA_PHASE_TEXT(name, text) text,
        MIA_PHASE_MAP(MIA_PHASE_TEXT)
#undef MIA_PHASE_TEXT
    };
    return (unsigned)phase < sizeof texts / sizeof texts[0] ? texts[phase] : "?";
}

mia_status mia__generation_in_use(const char *root, const struct mia__pointer *pointer,
                                  uint64_t *generation, struct mia_error *err)
{
    *generation = 0;
    char *first = mia__generation_path(root, 0);
    if (first == NULL)
        return mia__fail_nomem(err);
    size_t size = strlen(first) - 1; /* without the number */
    if (pointer->base != NULL && strncmp(pointer->base, first, size) == 0)
        *generation = strtoull(pointer->base + size, NULL, 10);
    mia__free(first);
    return MIA_OK;
}

static bool are_all_done(const struct mia__journal *journal)
{
    size_t count;
    const struct mia__entry *entries = mia__entries(journal, &count);
    for (size_t i = 0; i < count; i++)
        if (entries[i].state == MIA__ENTRY_OPEN)
            return false;
    return true;
}

/* Odd generations are libmdbx's, even ones sled's. */
enum mia_phase mia__phase_of(const struct mia__journal *journal, uint64_t in_use)
{
    bool is_mdbx = journal->generation % 2 == 1;
    if (in_use != journal->generation)
        return !is_mdbx                ? MIA_PHASE_RETURNING
               : are_all_done(journal) ? MIA_PHASE_MIGRATED
                                       : MIA_PHASE_MIGRATING;
    return journal->is_finished ? MIA_PHASE_FINISHED
           : is_mdbx            ? MIA_PHASE_CUT_OVER
                                : MIA_PHASE_RETURNED;
}

mia_status mia_installation_status_read(const char *root, mia_installation_status **out,
                                        struct mia_error *err)
{
    mia_status rc;
    uint64_t in_use;
    mia_installation_status *status = mia__alloc_zero(sizeof *status);
    *out = NULL;
    if (status == NULL)
        return mia__fail_nomem(err);
    char *path = NULL;
    if (mia__file_kind(root) != MIA__FILE_DIRECTORY) {
        rc = MIA_NOTFOUND;
        goto done;
    }
    TRY(mia__path_absolute(root, &path, err));
    TRY(mia__journal_read(path, &status->journal, err));
    if (rc == MIA_NOTFOUND)
        goto done;
    TRY(mia__pointer_read(path, &status->pointer, err));
    TRY(mia__generation_in_use(path, &status->pointer, &in_use, err));
    status->phase = mia__phase_of(&status->journal, in_use);
    *out = status;
done:
    mia__free(path);
    if (*out == NULL)
        mia_installation_status_free(status);
    return rc;
}

void mia_installation_status_free(mia_installation_status *status)
{
    if (status == NULL)
        return;
    mia__journal_free(&status->journal);
    mia__pointer_free(&status->pointer);
    mia__free(status);
}

enum mia_phase mia_installation_phase(const mia_installation_status *status)
{
    return status->phase;
}

const char *mia_installation_base(const mia_installation_status *status)
{
    return status->journal.base;
}

const char *mia_installation_spill(const mia_installation_status *status)
{
    return status->journal.spill;
}

const char *mia_installation_in_use(const mia_installation_status *status)
{
    return status->pointer.base != NULL ? status->pointer.base : status->journal.base;
}

size_t mia_installation_count(const mia_installation_status *status)
{
    size_t count;
    mia__entries(&status->journal, &count);
    return count;
}

struct mia_installed mia__installed(const struct mia__entry *entry)
{
    struct mia_installed installed = {
        .name = entry->name,
        .source = entry->source,
        .is_done = entry->state == MIA__ENTRY_DONE,
        .is_stray = entry->state == MIA__ENTRY_STRAY,
        .records = entry->records,
        .seconds = (double)entry->milliseconds / 1000,
    };
    memcpy(installed.digest, entry->digest, sizeof installed.digest);
    return installed;
}

struct mia_installed mia_installation_at(const mia_installation_status *status, size_t i)
{
    size_t count;
    struct mia_installed none = {0};
    const struct mia__entry *entries = mia__entries(&status->journal, &count);
    return i < count ? mia__installed(&entries[i]) : none;
}

int64_t mia_installation_verified_ms(const mia_installation_status *status)
{
    return (int64_t)status->journal.verified_ms;
}
