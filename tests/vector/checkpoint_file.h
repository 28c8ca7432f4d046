/* vector/checkpoint_file.h - a small graph, and its checkpoint in a folder of the test's own */
#ifndef MIA_TEST_CHECKPOINT_FILE_H
#define MIA_TEST_CHECKPOINT_FILE_H

#include "support/folder.h"
#include "vector/checkpoint.h"
#include "vector/graph.h"

struct checkpoint_file {
    char folder[TEST_PATH], path[TEST_PATH], fresh[TEST_PATH]; /* the file; the one being written */
    struct mia__checkpoint_of of;
    struct mia__checkpoint_at at;
    struct mia__buf graph; /* saved */
};

/* Of `points` points of 8 dimensions; nothing is written yet. */
void checkpoint_file_make(struct checkpoint_file *c, size_t points);
void checkpoint_file_free(struct checkpoint_file *c);

mia_status checkpoint_file_write(const struct checkpoint_file *c, struct mia_error *err);
/* Reads, and compares what comes with what was made; with another answer nothing may come. */
mia_status checkpoint_file_read(const struct checkpoint_file *c, struct mia_error *err);
/* Puts these bytes where the checkpoint is. */
void checkpoint_file_put(const struct checkpoint_file *c, const void *bytes, size_t size);

#endif
