/*
 * sled/writer.h - a fresh sled 0.34 directory, written in one go
 *
 * The trees come one after another, in any order of their names; the pairs of a tree come in the
 * order of their keys. What is written is what sled would recover: the log from LSN 0, leaves and
 * index nodes as bases without links, no snapshot (the first open makes one). sled opens it and
 * goes on writing.
 *
 * Memory: one segment, up to 16 pairs (8 where they are large), one node of each index level, and
 * the name of every tree, whatever the size of the database. One thread at a time. After a failed
 * call other than one answered with MIA_ERR_INVALID the writer can only be closed.
 */
#ifndef MIA_SLED_WRITER_H
#define MIA_SLED_WRITER_H

#include "mia/status.h"

/* The application that will open the directory must ask sled for the same segment size and
 * compression: with others sled refuses it. */
struct mia__sled_writer_options {
    uint32_t segment_size; /* a power of two, 256 .. 16 MiB; 0 = 524288, sled's default */
    bool use_compression;
    int compression_level; /* of zstd, 1 .. 22; 0 = 5, sled's default */
    /* The stored counter of generate_id. sled goes on from 2,000,000 above it, so a copy that must
     * not repeat an id carries the old counter and 2,000,000 over. */
    uint64_t counter;
};

struct mia__sled_writer;

/* Begins in `directory`, which must exist and hold none of sled's files: some directory of the
 * caller's that gets its real name when all is done. opt NULL: defaults. */
mia_status mia__sled_writer_open(const char *directory, const struct mia__sled_writer_options *opt,
                                 struct mia__sled_writer **writer, struct mia_error *err);
/* Any bytes, empty ones too. MIA_ERR_INVALID: a tree of that name was written already. sled's
 * default tree, `__sled__default`, is there whether it is begun or not. */
mia_status mia__sled_writer_begin_tree(struct mia__sled_writer *writer, mia_slice name,
                                       struct mia_error *err);
/* MIA_ERR_INVALID: the key is not above the one before, and nothing was written. */
mia_status mia__sled_writer_put(struct mia__sled_writer *writer, mia_slice key, mia_slice value,
                                struct mia_error *err);
mia_status mia__sled_writer_end_tree(struct mia__sled_writer *writer, struct mia_error *err);
/* The last call before close: writes what closes a database and makes all files durable. */
mia_status mia__sled_writer_finish(struct mia__sled_writer *writer, struct mia_error *err);
/* NULL is fine. The files stay; without finish they are no database. */
void mia__sled_writer_close(struct mia__sled_writer *writer);

#endif
