/*
 * mia/model.h - what MIA's records look like
 */
#ifndef MIA_MODEL_H
#define MIA_MODEL_H

#include "mia/records.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The JSON Schema (draft 2020-12) of records as this library prints them, indented text. *json is
 * NUL-terminated and freed with mia_free; *size is without the NUL. Any thread. MIA_ERR_NOMEM. */
MIA_API mia_status mia_schema_json(char **json, size_t *size, struct mia_error *err);

/* Frees what the library says is freed with it; NULL is fine. */
MIA_API void mia_free(void *memory);

#ifdef __cplusplus
}
#endif
#endif
