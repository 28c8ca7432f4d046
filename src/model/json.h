/*
 * model/json.h - JSON values as MIA and rkyv know them: text to tree, tree to text
 *
 * Own code, because no C library reads JSON by the rules that the data needs: keys with U+0000,
 * 64-bit integers signed and unsigned, `1` told from `1.0` and `-0` from `0`, correct rounding, 127
 * levels as serde_json, the last of duplicate keys, and serde_json's spelling of floats.
 *
 * A tree lives in an arena of the caller and borrows text without escapes from the input. Members
 * of an object are in ascending byte order of their keys, each key once.
 */
#ifndef MIA_MODEL_JSON_H
#define MIA_MODEL_JSON_H

#include "base/memory.h"
#include "mia/text.h"

enum { MIA__JSON_DEPTH = 127 }; /* open arrays and objects */

/* The numbers are those of the archived enum RkyvValue. */
enum mia__json_kind {
    MIA__JSON_NULL = 0,
    MIA__JSON_BOOL = 1,
    MIA__JSON_REAL = 2, /* written as a float, or an integer beyond 64 bits */
    MIA__JSON_STRING = 3,
    MIA__JSON_ARRAY = 4,
    MIA__JSON_OBJECT = 5,
    MIA__JSON_INT = 6, /* any integer that fits an int64_t */
    MIA__JSON_UINT = 7 /* 2^63 .. 2^64 - 1 */
};

struct mia__json_member;

struct mia__json {
    enum mia__json_kind kind;
    uint32_t count; /* of items or members */
    union {
        bool boolean;
        double real;
        int64_t integer;
        uint64_t natural;
        mia_str string;
        const struct mia__json *items;
        const struct mia__json_member *members;
    } u;
};

struct mia__json_member {
    mia_str key;
    struct mia__json value;
};

/* Parses a whole text by RFC 8259 and serde_json's limits. MIA_ERR_SERIALIZATION says at which byte
 * and why; MIA_ERR_NOMEM. All memory comes from the arena, which is not shared between threads;
 * what a refused text took stays there until the reset. */
mia_status mia__json_parse(mia_str text, struct mia__arena *arena, struct mia__json *out,
                           struct mia_error *err);

/* Appends the compact text, as serde_json 1.0.145 spells it (`1e16`, not `1e+16`); NaN and
 * infinities as null. MIA_ERR_SERIALIZATION for a tree that is deeper than any reader takes;
 * MIA_ERR_NOMEM. Nothing is appended by a call that fails. */
mia_status mia__json_print(const struct mia__json *value, struct mia__buf *to,
                           struct mia_error *err);
/* The pieces, for those who walk something else than a tree; whole or, without memory, nothing. */
mia_status mia__json_print_string(mia_str text, struct mia__buf *to, struct mia_error *err);
mia_status mia__json_print_real(double number, struct mia__buf *to, struct mia_error *err);

#endif
