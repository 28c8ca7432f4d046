/* mia/text.h - the types that records are made of */
#ifndef MIA_TEXT_H
#define MIA_TEXT_H

#include "mia/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* UTF-8 text that somebody else owns, not NUL-terminated; U+0000 may occur inside. data NULL: absent
 * (optional fields) or empty (the others). */
typedef struct mia_str {
    const char *data;
    size_t size;
} mia_str;

#define MIA_STR(literal) ((mia_str){"" literal, sizeof(literal) - 1}) /* string literal; C only */

/* NUL-terminated text; NULL: absent. */
static inline mia_str mia_str_of(const char *text)
{
    mia_str s = {text, text != NULL ? strlen(text) : 0};
    return s;
}

typedef struct mia_strs {
    const mia_str *items;
    size_t count;
} mia_strs;

typedef struct mia_opt_i64 {
    int64_t value;
    bool present;
} mia_opt_i64;

/* count 32-bit floats, little-endian, at any address: so they lie in files and are never copied. On
 * little-endian machines a float array is one as it is. */
typedef struct mia_floats {
    const void *data;
    size_t count;
} mia_floats;

/* The numbers are stored. */
enum mia_feedback_type {
    MIA_FEEDBACK_CORRECTION = 0,
    MIA_FEEDBACK_APPROVAL = 1,
    MIA_FEEDBACK_REJECTION = 2,
    MIA_FEEDBACK_NEUTRAL = 3
};

#ifdef __cplusplus
}
#endif
#endif
