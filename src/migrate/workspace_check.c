/* migrate/workspace_check.c - everything that speaks against a target: looked at, nothing changed
 */
#include "base/error.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/memory.h"
#include "engine/map_size.h"
#include "engine/mdbx/peek.h"
#include "engine/meta.h"
#include "migrate/workspace.h"
#include "raw/raw.h"

enum { FILES_NEEDED = 6, INODES_NEEDED = 4 };

void mia__migration_place(struct mia__workspace *w, const char *source, const char *target,
                          const char *fingerprint)
{
    *w = (struct mia__workspace){.source = source,
                                 .target = target,
                                 .what = "migration",
                                 .needed_percent = 50, /* sled's files hold old versions too */
                                 .is_mapped = true,
                                 .can_resume = true,
                                 .fingerprint = fingerprint,
                                 .format = MIA__TYPED_FORMAT,
                                 .lock = -1};
}

mia_status mia__workspace_fail_other(const struct mia__workspace *w, struct mia_error *err)
{
    return mia__fail(err, MIA_ERR_INVALID,
                     "%s has changed since the migration began (or %s is of another source): start "
                     "over with --force",
                     w->source, w->partial);
}

mia_status mia__workspace_fail_mode(const struct mia__workspace *w, bool was_typed,
                                    struct mia_error *err)
{
    return mia__fail(err, MIA_ERR_INVALID,
                     "%s was begun %s --raw: resume it the same way, or start over with --force",
                     w->partial, was_typed ? "without" : "with");
}

#define REFUSE(class, status, ...)                                                                 \
    mia__obstacle(o, MIA_OBSTACLE_##class, MIA_WEIGHT_REFUSAL, status, __VA_ARGS__)
#define WARN(class, ...)                                                                           \
    mia__obstacle(o, MIA_OBSTACLE_##class, MIA_WEIGHT_WARNING, MIA_OK, __VA_ARGS__)

/* Whether there is a directory that could hold the target. */
static bool check_target(const struct mia__workspace *w, struct mia__obstacles *o)
{
    if (mia__file_exists(w->target)) {
        REFUSE(TARGET_EXISTS, MIA_ERR_INVALID,
               "%s exists already: choose another target or move it away", w->target);
        return true;
    }
    if (mia__file_kind(w->parent) != MIA__FILE_DIRECTORY) {
        REFUSE(TARGET_PARENT, MIA_ERR_INVALID,
               "%s, where the target would be, is no directory: make it first", w->parent);
        return false;
    }
    if (mia__path_is_inside(w->parent, w->source))
        REFUSE(TARGET_INSIDE, MIA_ERR_INVALID,
               "%s would be inside the source: choose a target elsewhere", w->target);
    return true;
}

static void check_file_system(const struct mia__workspace *w, const struct mia__volume *volume,
                              struct mia__obstacles *o)
{
    const char *network = w->is_mapped ? mia__network_file_system(w->parent) : NULL;
    if (network != NULL)
        REFUSE(TARGET_NETWORK, MIA_ERR_UNSUPPORTED,
               "%s is on a network file system (%s), where libmdbx cannot lock: migrate to a local "
               "disk",
               w->parent, network);
    if (volume->is_read_only)
        REFUSE(TARGET_READONLY, MIA_ERR_READONLY,
               "%s cannot be written to (a read-only file system): choose another target",
               w->parent);
    else if (!mia__dir_is_writable(w->parent))
        REFUSE(TARGET_READONLY, MIA_ERR_READONLY,
               "%s cannot be written to (permissions): ask for the right, or choose another target",
               w->parent);
    if (volume->is_memory && network == NULL)
        WARN(TARGET_MEMORY, "%s is in memory (tmpfs): what is there is gone when the machine stops",
             w->parent);
    if (volume->free_inodes < INODES_NEEDED)
        REFUSE(INODES, MIA_ERR_FULL,
               "%s: its file system has %llu inodes left for new files: remove files there, or "
               "choose another target",
               w->parent, (unsigned long long)volume->free_inodes);
}

/* An estimate: a disk that turns out too small later is a clean stop. What an earlier run wrote
 * takes no space again. */
static void check_space(struct mia__workspace *w, const struct mia__volume *volume,
                        struct mia__obstacles *o)
{
    uint64_t needed =
        w->needed_bytes > 0 ? w->needed_bytes : w->source_bytes / 100 * w->needed_percent;
    w->free_bytes = volume->free_bytes;
    if (w->resume)
        return;
    if (volume->free_bytes < needed)
        REFUSE(SPACE, MIA_ERR_FULL,
               "%s: about %llu MB are needed and %llu MB are free: make room or choose another "
               "target",
               w->target, (unsigned long long)(needed >> 20) + 1,
               (unsigned long long)(volume->free_bytes >> 20));
    else if (w->needed_bytes > 0 && volume->free_bytes - needed < needed / 8)
        WARN(SPACE, "%s: about %llu MB are needed and %llu MB are free: that is little more",
             w->target, (unsigned long long)(needed >> 20) + 1,
             (unsigned long long)(volume->free_bytes >> 20));
}

/* ---- what an earlier run left */

static bool has_value(const struct mia__workspace *w, const char *key, const char *wanted,
                      struct mia__buf *value)
{
    value->size = 0;
    return mia__mdbx_peek(w->partial, MIA__META_TREE, key, value, NULL) == MIA_OK &&
           mia_slice_equal(mia__buf_slice(value), mia_bytes_of(wanted));
}

static void check_resumable(struct mia__workspace *w, struct mia__obstacles *o)
{
    struct mia_error why;
    struct mia__buf value = {0};
    const char *fingerprint = w->fingerprint != NULL ? w->fingerprint : "";
    if (mia__mdbx_peek(w->partial, MIA__META_TREE, "origin.fingerprint", &value, NULL) != MIA_OK) {
        mia__buf_free(&value); /* nothing in it yet, or nothing that --resume could use */
        return;
    }
    bool is_same = has_value(w, "origin.fingerprint", fingerprint, &value);
    bool is_mode = w->format == NULL || has_value(w, "format", w->format, &value);
    w->is_resumable = is_same && is_mode;
    if (w->resume && w->format != NULL && !is_mode) {
        mia__workspace_fail_mode(w, strcmp(w->format, MIA__RAW_FORMAT) == 0, &why);
        mia__obstacle_error(o, MIA_OBSTACLE_PARTIAL_OTHER, MIA_WEIGHT_REFUSAL, &why);
    }
    if (w->resume && w->fingerprint != NULL && !is_same) {
        mia__workspace_fail_other(w, &why);
        mia__obstacle_error(o, MIA_OBSTACLE_PARTIAL_OTHER, MIA_WEIGHT_REFUSAL, &why);
    }
    mia__buf_free(&value);
}

static void check_partial(struct mia__workspace *w, struct mia__obstacles *o)
{
    int lock = -1;
    w->has_partial = mia__file_exists(w->partial);
    if (!w->has_partial)
        return;
    if (mia__file_lock_shared(w->partial, &lock, NULL) == MIA_ERR_BUSY) {
        REFUSE(PARTIAL_LOCKED, MIA_ERR_BUSY, "another %s to %s is running", w->what, w->target);
        return;
    }
    mia__file_unlock(lock);
    if (w->can_resume)
        check_resumable(w, o);
    if (!w->resume && !w->force)
        REFUSE(PARTIAL, MIA_ERR_INVALID,
               "%s is left of an interrupted %s: %sstart over with --force", w->partial, w->what,
               w->can_resume ? "go on with --resume, or " : "");
}

/* ---- what the process may have */

static void check_limits(const struct mia__workspace *w, struct mia__obstacles *o)
{
    struct mia__limits limits;
    mia__limits_read(&limits);
    uint64_t mapped = w->source_bytes + (w->is_mapped ? mia__map_size : 0);
    if (limits.address_space < mapped)
        REFUSE(
            ADDRESS_SPACE, MIA_ERR_FULL,
            "the address space is limited to %llu MB more, %llu MB are needed for maps of files: "
            "raise `ulimit -v`",
            (unsigned long long)(limits.address_space >> 20),
            (unsigned long long)(mapped >> 20) + 1);
    if (limits.open_files < FILES_NEEDED)
        REFUSE(OPEN_FILES, MIA_ERR_IO,
               "%llu more files may be opened, %d are needed: raise `ulimit -n`",
               (unsigned long long)limits.open_files, FILES_NEEDED);
    uint64_t needed =
        w->needed_bytes > 0 ? w->needed_bytes : w->source_bytes / 100 * w->needed_percent;
    if (w->is_mapped && limits.file_size < needed)
        REFUSE(FILE_SIZE, MIA_ERR_FULL,
               "files may grow to %llu MB, the target needs about %llu MB: raise `ulimit -f`",
               (unsigned long long)(limits.file_size >> 20),
               (unsigned long long)(needed >> 20) + 1);
}

void mia__workspace_check_place(struct mia__workspace *w, struct mia__obstacles *o)
{
    struct mia__volume volume;
    struct mia_error why;
    if (mia__volume_read(w->parent, &volume, &why) < 0) {
        mia__obstacle_error(o, MIA_OBSTACLE_OTHER, MIA_WEIGHT_REFUSAL, &why);
        return;
    }
    check_file_system(w, &volume, o);
    if (!volume.is_read_only)
        check_space(w, &volume, o);
    check_limits(w, o);
}

void mia__workspace_check(struct mia__workspace *w, struct mia__obstacles *o)
{
    w->is_checked = true;
    if (mia__file_kind(w->source) != MIA__FILE_DIRECTORY ||
        mia__dir_size(w->source, &w->source_bytes, NULL) < 0)
        w->source_bytes = 0; /* told by whoever checks the source */
    if (!check_target(w, o) || mia__file_exists(w->target))
        return;
    check_partial(w, o);
    mia__workspace_check_place(w, o);
}
