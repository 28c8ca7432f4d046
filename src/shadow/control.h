/*
 * shadow/control.h - the file of a pair: what counts, and how far it is
 *
 * mia-shadow in the directory of the pair (base/lines.h):
 *   mia-shadow 1
 *   content records|bytes
 *   first PATH ENGINE FOLDED FINGERPRINT     second the same
 *   primary first|second
 *   state backfilling|following|verified|detached
 *   clean N             1: it was closed; the fingerprints are those of both databases' files then
 *   position ROLE TABLE LITERAL NAME KEY     the backfill goes on behind this key; if it had begun
 *   NAME N              numbers: see the list in control.c
 *   reason TEXT
 *   sha256 HEX          of all lines before
 * PATH is TEXT; NAME and KEY of the position are BYTES. FINGERPRINT: migrate/fingerprint.h, or "-".
 */
#ifndef MIA_SHADOW_CONTROL_H
#define MIA_SHADOW_CONTROL_H

#include "base/memory.h"
#include "base/sha256.h"
#include "mia/shadow.h"

#define MIA__CONTROL_FILE "mia-shadow"

struct mia__control_side {
    char *path;
    char engine[16];
    uint64_t is_folded; /* of a pair of bytes: long keys and odd names by raw/raw.h */
    char fingerprint[MIA__SHA256_HEX]; /* "": none */
};

struct mia__control {
    bool is_raw, is_clean;
    struct mia__control_side sides[2];
    int primary;
    enum mia_shadow_state state;
    bool has_position;
    uint64_t position_role, position_table, position_literal;
    struct mia__buf position_name, position_key;
    uint64_t compared, copied, removed, times_behind, skipped, switches, verified_ms, pending;
    char reason[256];
};

void mia__control_free(struct mia__control *c); /* {0} is fine */
/* path: the directory of the pair. MIA_NOTFOUND: it has none. MIA_ERR_CORRUPT, MIA_ERR_VERSION. */
mia_status mia__control_read(const char *path, struct mia__control *c, struct mia_error *err);
/* Durable when it returns. */
mia_status mia__control_write(const char *path, const struct mia__control *c,
                              struct mia_error *err);
/* Its part of a status. */
void mia__control_status(const struct mia__control *c, struct mia_shadow_status *status);

#endif
