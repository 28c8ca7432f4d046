/*
 * index/fit.h - texts of any length as parts of keys of bounded length
 *
 * fit(e, n) is e itself below n bytes, otherwise exactly n: e[0 .. n - 33), 0xff, and the first 128
 * bits of SHA-256(e) in hexadecimal. 0xff is in no UTF-8, and what is shorter is always plain, so
 * the two forms never meet; no two texts have the same one unless somebody breaks SHA-256.
 *
 * esc(e) is e with 0xff behind every 0x00: a 0x00 without it ends an element, and escaped elements
 * are ordered as the texts are.
 */
#ifndef MIA_INDEX_FIT_H
#define MIA_INDEX_FIT_H

#include "base/memory.h"
#include "mia/text.h"

enum {
    MIA__FIT_ID = 511,    /* ids, everywhere */
    MIA__FIT_VALUE = 500, /* property values */
    MIA__FIT_TYPE = 128   /* types of edges */
};

/* Appends fit(text, n) or fit(esc(text), n). */
mia_status mia__fit(struct mia__buf *to, mia_str text, size_t n, struct mia_error *err);
mia_status mia__fit_escaped(struct mia__buf *to, mia_str text, size_t n, struct mia_error *err);

/* An escaped element from the front of *rest; false: no 0x00 ends it. */
bool mia__fit_take(mia_slice *rest, mia_slice *element);
/* The text of an escaped element, which is not a fitted one; borrowed from it or from scratch. */
mia_status mia__fit_unescape(mia_slice element, struct mia__buf *scratch, mia_str *text,
                             struct mia_error *err);

#endif
