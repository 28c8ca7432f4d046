/*
 * mia/model.h - MIA's records: made, encoded, opened, compared, printed
 *
 * An application fills a struct mia_record (mia/records.h) and encodes it; what is stored is read
 * through a mia_view (mia/view.h), without decoding.
 */
#ifndef MIA_MODEL_H
#define MIA_MODEL_H

#include "mia/records.h"
#include "mia/view.h"

#ifdef __cplusplus
extern "C" {
#endif

MIA_API enum mia_table mia_table_of(enum mia_kind kind);
MIA_API const char *mia_table_name(enum mia_table table); /* "nodes"; static */

/* Encoding. An encoder keeps its memory from record to record: after the largest was seen nothing
 * is allocated. One thread at a time. */
typedef struct mia_encoder mia_encoder;
MIA_API mia_status mia_encoder_open(mia_encoder **encoder, struct mia_error *err);
MIA_API void mia_encoder_close(mia_encoder *encoder); /* NULL is fine */
/* The archive of a record, for libmdbx, or its bincode as MIA wrote it, for sled. *value lives
 * until the next call on the encoder. Absent texts that are required are empty, absent JSON is {}.
 * MIA_ERR_INVALID: no such kind; MIA_ERR_SERIALIZATION names the field: text that is not UTF-8,
 * JSON that is none, more than an archive holds; MIA_ERR_NOMEM. */
MIA_API mia_status mia_encode_archive(mia_encoder *encoder, const struct mia_record *record,
                                      mia_slice *value, struct mia_error *err);
MIA_API mia_status mia_encode_bincode(mia_encoder *encoder, const struct mia_record *record,
                                      mia_slice *value, struct mia_error *err);
/* The other form of a stored value. MIA_ERR_SERIALIZATION says what is wrong with it. */
MIA_API mia_status mia_encode_from_bincode(mia_encoder *encoder, enum mia_table table,
                                           mia_slice bincode, mia_slice *archive,
                                           struct mia_error *err);
MIA_API mia_status mia_encode_from_archive(mia_encoder *encoder, enum mia_table table,
                                           mia_slice archive, mia_slice *bincode,
                                           struct mia_error *err);

/* The record of an archive, which *view borrows, validated as a whole first: MIA_ERR_SERIALIZATION
 * names field and offset. mia_view_trust of mia/view.h does without. */
MIA_API mia_status mia_view_open(enum mia_table table, mia_slice archive, mia_view *view,
                                 struct mia_error *err);

MIA_API mia_str mia_view_id(mia_view view);           /* any kind; data NULL: no record */
MIA_API mia_str mia_view_embedding_id(mia_view view); /* data NULL: none */
MIA_API mia_json mia_view_metadata(mia_view view);    /* content NULL: the kind has none */
/* When: the time that queries go by, in Unix milliseconds; 0 for kinds without one. */
MIA_API int64_t mia_view_time(mia_view view);
/* Field by field; floats and reals by their bits, objects whatever the order of their members. */
MIA_API bool mia_view_equal(mia_view a, mia_view b);
/* One line of JSON: {"Message":{...}}, edges and embeddings without a name around them. *json is
 * NUL-terminated and freed with mia_free. MIA_ERR_NOMEM. */
MIA_API mia_status mia_view_json(mia_view view, char **json, size_t *size, struct mia_error *err);

/* floats.count floats of the machine's own. */
MIA_API void mia_floats_copy(mia_floats floats, float *to);
/* The sum of products over as many floats as both have, in single precision, in lanes: nearer to
 * the exact sum than one loop would come, and not equal to its result. */
MIA_API float mia_floats_dot(mia_floats a, mia_floats b);

/* The JSON Schema (draft 2020-12) of records as this library prints them, indented text. *json is
 * NUL-terminated and freed with mia_free; *size is without the NUL. Any thread. MIA_ERR_NOMEM. */
MIA_API mia_status mia_schema_json(char **json, size_t *size, struct mia_error *err);

/* Frees what the library says is freed with it; NULL is fine. */
MIA_API void mia_free(void *memory);

#ifdef __cplusplus
}
#endif
#endif
