/*
 * base/lines.h - small files of text: lines of words, replaced as a whole
 *
 * A word ends with a blank or with its line. TEXT is by base/percent.h, BYTES in hex, "-" for none.
 * The reader's first fault sticks, whatever is asked for after it; nothing it takes leads outside
 * the text. In files with a checksum the first line is the file's name and version and the last one
 * "sha256 HEX", of all lines before: what does not fit then is of another version.
 */
#ifndef MIA_BASE_LINES_H
#define MIA_BASE_LINES_H

#include "base/memory.h"
#include "base/sha256.h"

/* ---- writing: append to a text */
mia_status mia__lines_put(struct mia__buf *to, const char *text, struct mia_error *err);
/* "NAME WORD\n" */
mia_status mia__lines_put_line(struct mia__buf *to, const char *name, const char *word,
                               struct mia_error *err);
mia_status mia__lines_put_number(struct mia__buf *to, const char *name, uint64_t number,
                                 struct mia_error *err);
/* "NAME TEXT\n" */
mia_status mia__lines_put_text(struct mia__buf *to, const char *name, const char *text,
                               struct mia_error *err);
/* " BYTES" */
mia_status mia__lines_put_bytes(struct mia__buf *to, const struct mia__buf *bytes,
                                struct mia_error *err);

/* ---- reading */
struct mia__lines {
    const char *at, *end;
    bool has_failed;
    struct mia_error *err;
};
struct mia__lines mia__lines_of(mia_slice text, struct mia_error *err);
/* Whether there was no fault and nothing is left. */
bool mia__lines_are_done(const struct mia__lines *r);
/* Takes this text, if it is what comes next. */
bool mia__lines_name(struct mia__lines *r, const char *name);
/* The same and a space; a fault if it is not. */
void mia__lines_expect(struct mia__lines *r, const char *name);
/* Digits alone, up to UINT64_MAX. */
uint64_t mia__lines_number(struct mia__lines *r);
size_t mia__lines_one_of(struct mia__lines *r, const char *const *names, size_t count);
/* A fresh string; NULL: a fault. */
mia_status mia__lines_text(struct mia__lines *r, char **text);
/* A word that fits into size bytes with its NUL; "-" is "". */
void mia__lines_short(struct mia__lines *r, char *to, size_t size);
/* A SHA-256 in hex; "-" is "". */
void mia__lines_digest(struct mia__lines *r, char hex[MIA__SHA256_HEX]);
/* Appends them. */
mia_status mia__lines_bytes(struct mia__lines *r, struct mia__buf *to);

/* ---- files with a checksum: lines_file.c */

/* Appends the checksum and replaces the file. Durable when it returns. */
mia_status mia__lines_write(const char *directory, const char *name, struct mia__buf *text,
                            struct mia_error *err);
/* Takes all lines but the last. */
typedef mia_status (*mia__lines_fn)(void *ctx, struct mia__lines *r);
/* MIA_NOTFOUND: there is no such file. MIA_ERR_CORRUPT: the checksum; MIA_ERR_VERSION: a fault. */
mia_status mia__lines_read(const char *directory, const char *name, mia__lines_fn fn, void *ctx,
                           struct mia_error *err);

#endif
