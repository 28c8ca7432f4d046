/*
 * vector/checkpoint.h - a graph in a file, so that it need not be made anew
 *
 * DIRECTORY/SPACE.ann: 128 bytes of header and the bytes of mia__graph_save. The file is a cache:
 * what is in it can always be made from the database again. So a file that is damaged, or of
 * another database, space, shape or library, is an answer and a message, never an error of the
 * database; and nothing here removes one. Its checksum is over every byte but its own, because the
 * library follows pointers in what it is given: it never sees a byte that was not compared.
 *
 * Header, little-endian:
 *    0  "MIAANN\r\n"          8  version, 1       12  size of the header, 128
 *   16  id of the database   32  space           36  dimension
 *   40  neighbours (M)       44  width of add    48  applied (u64)
 *   56  points (u64)         64  bytes behind the header (u64)
 *   72  version of the library  76  zeros        96  SHA-256 of bytes 0 to 95 and all behind 127
 */
#ifndef MIA_VECTOR_CHECKPOINT_H
#define MIA_VECTOR_CHECKPOINT_H

#include "base/memory.h"

enum { MIA__CHECKPOINT_HEADER = 128, MIA__CHECKPOINT_DATABASE = 16 };

/* What a graph is of. */
struct mia__checkpoint_of {
    uint8_t database[MIA__CHECKPOINT_DATABASE];
    uint32_t space, dimension, neighbours, width_add, library;
};

/* How far it came. */
struct mia__checkpoint_at {
    uint64_t applied, points;
};

/* Writes SPACE.ann.tmp, brings it to the disk, and renames it: whatever fails, whenever the machine
 * stops, SPACE.ann is the old file or the new one. What is left of an earlier SPACE.ann.tmp is
 * written over; what failed leaves none. One writer at a time. */
mia_status mia__checkpoint_write(const char *directory, const struct mia__checkpoint_of *of,
                                 const struct mia__checkpoint_at *at, mia_slice graph,
                                 struct mia_error *err);

/* Reads what mia__checkpoint_write wrote for the same thing. *graph lies in *memory, which is to be
 * freed. MIA_NOTFOUND: there is none. MIA_ERR_CORRUPT: damaged, cut off or no such file at all.
 * MIA_ERR_VERSION: of another version of this format or of the library. MIA_ERR_INVALID: sound, but
 * of another database, space or shape. */
mia_status mia__checkpoint_read(const char *directory, const struct mia__checkpoint_of *of,
                                struct mia__checkpoint_at *at, struct mia__buf *memory,
                                mia_slice *graph, struct mia_error *err);

/* DIRECTORY/SPACE.ann; NULL: no memory. Free with mia__free. */
char *mia__checkpoint_path(const char *directory, uint32_t space);

#endif
