/*
 * model/schema.h - the model's list (schema.def) as tables and archived structs
 *
 * Archived structs hold byte arrays only, so the compiler computes every offset and alignment is 1.
 * Consumers walk struct mia__field with one switch over mia__type without a default.
 */
#ifndef MIA_MODEL_SCHEMA_H
#define MIA_MODEL_SCHEMA_H

#include "base/sha256.h"
#include "mia/records.h"

#include <assert.h>

enum mia__type {
#define TYPE(name, owned, archived, text) MIA__TYPE_##name,
#include "model/types.def"
};

#define TYPE(name, owned, archived, text)                                                          \
    typedef struct mia__arch_##name {                                                              \
        uint8_t bytes[archived];                                                                   \
    } mia__arch_##name;
#include "model/types.def"

#define RECORD(rec, variant, kind, text) struct mia__arch_##rec##_record {
#define FIELD(rec, type, name, text) mia__arch_##type name;
#define RECORD_END(rec)                                                                            \
    }                                                                                              \
    ;
#include "model/schema.def"

/* Where a field is: in the owned struct (offsetof), and in the archived one, whose offset does not
 * count the tag byte of a Node. */
struct mia__field {
    const char *name;
    enum mia__type type;
    uint16_t owned, archived;
};

/* A text by which nodes are found: its name in index keys, and the field of type str. */
struct mia__property {
    const char *name;
    uint16_t archived;
};

struct mia__record_type {
    const char *name;    /* "message" */
    const char *variant; /* "Message": MIA's name, as in JSON */
    int kind;            /* enum mia_kind */
    const struct mia__field *fields;
    size_t field_count;
    size_t owned_size, archived_size;
    /* Of the field that says when, in the archived struct: an i64, an opt_i64, or size 0: none. */
    uint16_t time, time_size;
    const struct mia__property *properties; /* ended by one without a name */
};

enum {
    MIA__KIND_FEEDBACK = MIA_KIND_FEEDBACK,
    MIA__NODE_KINDS = 12, /* kinds below are variants of Node */
    MIA__NODE_SIZE = 95   /* of an archived Node: tag, largest variant */
};

/* NULL for a number that is no kind. Static. */
const struct mia__record_type *mia__record_type(int kind);
static inline bool mia__kind_is_node(int kind)
{
    return kind >= 0 && kind < MIA__NODE_KINDS;
}

/* The SHA-256, in hexadecimal, of all records' names, fields and types: equal where archives are
 * laid out alike. */
mia_status mia__schema_hash(char out[MIA__SHA256_HEX], struct mia_error *err);

#endif
