/*
 * engine/mdbx/peek.h - one value of a libmdbx file by plain reads
 *
 * libmdbx makes or changes mdbx.lck whenever it opens a database, for reading too. Who may write
 * nothing at all reads the few pages himself.
 */
#ifndef MIA_ENGINE_MDBX_PEEK_H
#define MIA_ENGINE_MDBX_PEEK_H

#include "base/memory.h"

/* The value of a key in a table without duplicates, as the newest whole meta page has it; nothing
 * may write to the file meanwhile. path: the database's directory. MIA_NOTFOUND: no file, no such
 * table or key. MIA_ERR_CORRUPT: the pages make no sense. */
mia_status mia__mdbx_peek(const char *path, const char *table, const char *key,
                          struct mia__buf *value, struct mia_error *err);

#endif
