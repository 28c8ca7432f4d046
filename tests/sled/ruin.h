/* sled/ruin.h - ways to damage a sled directory */
#ifndef MIA_TEST_SLED_RUIN_H
#define MIA_TEST_SLED_RUIN_H

#include "support/random.h"

#define RUIN_MAP(MAP)                                                                              \
    MAP(NOTHING, "nothing")                                                                        \
    MAP(BIT, "a bit of `db`")                                                                      \
    MAP(BITS, "16 bits of `db`")                                                                   \
    MAP(CUT, "`db` cut off")                                                                       \
    MAP(SEGMENT, "a segment of zeros")                                                             \
    MAP(RANGE, "a range of zeros")                                                                 \
    MAP(HEADER, "the header of a segment")                                                         \
    MAP(DOUBLE, "a segment copied over another")                                                   \
    MAP(SNAPSHOT_BIT, "a bit of the snapshot")                                                     \
    MAP(SNAPSHOT_CUT, "the snapshot cut off")                                                      \
    MAP(NO_SNAPSHOT, "no snapshot")                                                                \
    MAP(STALE_SNAPSHOT, "a stale snapshot")                                                        \
    MAP(BIT_NO_SNAPSHOT, "a bit of `db`, no snapshot")                                             \
    MAP(SEGMENT_NO_SNAPSHOT, "a segment of zeros, no snapshot")                                    \
    MAP(CUT_NO_SNAPSHOT, "`db` cut off, no snapshot")                                              \
    MAP(SEGMENT_STALE_SNAPSHOT, "a segment of zeros, a stale snapshot")                            \
    MAP(NO_BLOB, "a blob missing")                                                                 \
    MAP(BLOB_BIT, "a bit of a blob")                                                               \
    MAP(NO_BLOBS, "no blobs at all")                                                               \
    MAP(NO_CONF, "no `conf`")                                                                      \
    MAP(CONF_BIT, "a bit of `conf`")

enum ruin {
#define RUIN_ENUM(name, text) RUIN_##name,
    RUIN_MAP(RUIN_ENUM)
#undef RUIN_ENUM
        RUINS
};
const char *ruin_text(enum ruin ruin);

/* Damages the directory at a random place. stale: the folder with an earlier snapshot, which need
 * not exist. segment_size: as its database has it. */
void ruin(enum ruin what, const char *directory, const char *stale, uint32_t segment_size,
          struct test_random *r);

#endif
