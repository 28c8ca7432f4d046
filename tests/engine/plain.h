/*
 * engine/plain.h - an engine in memory, without any capability and without mercy
 *
 * Written against mia/engine.h alone. It gives what that header promises and not a byte more, so
 * that code which leans on the kindness of a real engine fails here:
 *   - slices are copies, overwritten and freed as soon as rule R4 lets them die: those of get in a
 *     WRITE transaction by the next write, those of a cursor by its next call;
 *   - a relative move of a cursor after a write in its transaction, or after it was told
 *     MIA_NOTFOUND, is MIA_ERR_INTERNAL: whoever drives an engine seeks first;
 *   - there is no batch, no snapshot, no multi tree, no copy, no check, no table of readers.
 * Nothing is kept on disk but an empty file by which detect and must_exist know the directory.
 */
#ifndef MIA_TEST_ENGINE_PLAIN_H
#define MIA_TEST_ENGINE_PLAIN_H

#include "mia/engine.h"

const struct mia_engine_ops *test_engine_plain(void);

#endif
