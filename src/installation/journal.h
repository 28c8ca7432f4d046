/*
 * installation/journal.h - what was done with the databases of an installation
 *
 * The file mia-journal (base/lines.h):
 *   mia-journal 1
 *   base PATH
 *   spill PATH                         if there is one
 *   generation N                       that is being made, or was last made
 *   verified MS                        Unix milliseconds; 0: never
 *   finished N                         1: what was in use before is gone
 *   database NAME SOURCE STATE FINGERPRINT RECORDS MILLISECONDS DIGEST
 *   sha256 HEX                         of all lines before
 * NAME, SOURCE and PATH are TEXT. STATE: open, done or stray. FINGERPRINT: of the source's
 * files when it was read (migrate/fingerprint.h), "-" before; DIGEST as `mia dump --digest`, or
 * "-". Which generation is in use is said by `current` alone (coordinator/pointer.h).
 */
#ifndef MIA_INSTALLATION_JOURNAL_H
#define MIA_INSTALLATION_JOURNAL_H

#include "base/lines.h"
#include "base/memory.h"
#include "base/sha256.h"
#include "mia/installation.h"

#define MIA__JOURNAL_FILE "mia-journal"

enum mia__entry_state { MIA__ENTRY_OPEN, MIA__ENTRY_DONE, MIA__ENTRY_STRAY };

struct mia__entry {
    char *name, *source;
    enum mia__entry_state state;
    char fingerprint[MIA__SHA256_HEX], digest[MIA__SHA256_HEX]; /* "" before */
    uint64_t records, milliseconds;
};

struct mia__journal {
    char *base, *spill; /* spill NULL: none */
    uint64_t generation, verified_ms;
    bool is_finished;
    struct mia__buf entries; /* struct mia__entry, by name */
};

struct mia__entry *mia__entries(const struct mia__journal *journal, size_t *count);
/* NULL: there is none. */
struct mia__entry *mia__entry_find(const struct mia__journal *journal, const char *name);
/* A new one, open; name and source are copied. */
mia_status mia__entry_add(struct mia__journal *journal, const char *name, const char *source,
                          struct mia_error *err);
void mia__entries_clear(struct mia__journal *journal);
void mia__journal_free(struct mia__journal *journal); /* {0} is fine */

/* MIA_NOTFOUND: the root has none. MIA_ERR_CORRUPT, MIA_ERR_VERSION. */
mia_status mia__journal_read(const char *root, struct mia__journal *journal, struct mia_error *err);
/* Durable when it returns. */
mia_status mia__journal_write(const char *root, const struct mia__journal *journal,
                              struct mia_error *err);

/* journal_text.c. Appends the lines without the last one; takes them apart. */
mia_status mia__journal_print(const struct mia__journal *journal, struct mia__buf *to,
                              struct mia_error *err);
mia_status mia__journal_take(void *journal, struct mia__lines *r);

#endif
