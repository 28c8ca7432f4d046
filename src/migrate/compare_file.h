/*
 * migrate/compare_file.h - a comparison's state in a file, to go on with in another process
 *
 *   "mia-verify\n" 00, u32 version (1)
 *   three texts (u32 size, bytes): what the source was, the target, and how they are compared
 *   u64 the caller's mark; u8 has_tree, u8 has_key; tree, key (u64 size, bytes)
 *   u64 records, key_bytes, value_bytes, left_out_records
 *   u32 count, u64 each: differences by class; the same: findings
 *   the SHA-256 so far (base/sha256.h), and the SHA-256 of all of the above
 * Numbers are little-endian. The file is replaced as a whole: there is an old one or a new one.
 */
#ifndef MIA_MIGRATE_COMPARE_FILE_H
#define MIA_MIGRATE_COMPARE_FILE_H

#include "migrate/compare.h"

/* Both must be what they were, or the state means nothing. */
enum mia__compare_text {
    MIA__COMPARE_SOURCE,
    MIA__COMPARE_TARGET,
    MIA__COMPARE_SETTINGS,
    MIA__COMPARE_TEXTS
};

struct mia__compare_mark {
    const char *texts[MIA__COMPARE_TEXTS];
    uint64_t mark;
};

/* Returns when it is on disk; on failure what was there before still is. */
mia_status mia__compare_save(const char *path, const struct mia__compare_mark *what,
                             const struct mia__compare_state *state, struct mia_error *err);
/* Removes it, and what a kill may have left of a next one. */
mia_status mia__compare_forget(const char *path, struct mia_error *err);
/* Fills *mark and *state, which is zero before. *changed: the first text that is another one than
 * what->texts says (MIA__COMPARE_TEXTS: none), with MIA_ERR_INVALID and a message that the
 * caller may better. MIA_NOTFOUND: there is no file; MIA_ERR_CORRUPT: no checkpoint, or a damaged
 * one; MIA_ERR_VERSION. */
mia_status mia__compare_load(const char *path, struct mia__compare_mark *what,
                             struct mia__compare_state *state, enum mia__compare_text *changed,
                             struct mia_error *err);

#endif
