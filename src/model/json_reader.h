/*
 * model/json_reader.h - the place in a JSON text, and those who read one kind of thing there
 *
 * Each begins at reader->at, which must be where such a thing begins, and leaves it behind the
 * thing. The text is UTF-8: json_parse.c checks the whole before it reads.
 */
#ifndef MIA_MODEL_JSON_READER_H
#define MIA_MODEL_JSON_READER_H

#include "model/json.h"

struct mia__json_reader {
    const char *begin, *at, *end;
    struct mia__arena *arena;
    struct mia_error *err;
};

/* MIA_ERR_SERIALIZATION with the offset of at and the reason. */
mia_status mia__json_fail(const struct mia__json_reader *reader, const char *at,
                          const char *reason);

/* At '-' or a digit. INT or UINT where the text is an integer of 64 bits, else REAL. */
mia_status mia__json_read_number(struct mia__json_reader *reader, struct mia__json *out);

/* At the opening quote. Without escapes *out is a part of the text, else it lies in the arena. */
mia_status mia__json_read_string(struct mia__json_reader *reader, mia_str *out);

/* Orders members by the bytes of their keys and keeps the last of each key; *members may become
 * another array in the arena. O(n log n), O(n) when they are in order already. */
mia_status mia__json_order_members(struct mia__arena *arena, struct mia__json_member **members,
                                   size_t *count, struct mia_error *err);

#endif
