/*
 * ab/files.h - sled's files as an engine, without sled: read-only, by this library's own reader
 *
 * For comparisons in builds without the real sled. READ transactions alone, forward cursors alone;
 * every state is the one that the files had when they were opened, and a lock keeps sled from
 * starting meanwhile.
 */
#ifndef MIA_AB_FILES_H
#define MIA_AB_FILES_H

#include "mia/engine.h"

/* To be opened with read_only. Never NULL. */
const struct mia_engine_ops *mia__ab_engine_files(void);

#endif
