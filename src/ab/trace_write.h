/*
 * ab/trace_write.h - behind mia_trace: events into blocks, blocks into the file
 */
#ifndef MIA_AB_TRACE_WRITE_H
#define MIA_AB_TRACE_WRITE_H

#include "ab/trace_format.h"
#include "base/sha256.h"
#include "mia/trace.h"

/* Records one event; thread, time and the number of the tree are filled in. tree: name of the tree
 * of an event that has one. started_ns: of the monotonic clock; 0: now. Never fails, any thread. */
void mia__trace_write(mia_trace *trace, uint32_t level, struct mia__trace_event *event,
                      mia_slice tree, uint64_t started_ns);
/* A call that a trace cannot hold. */
void mia__trace_leave_out(mia_trace *trace);
/* A number for a transaction. */
uint64_t mia__trace_new_txn(mia_trace *trace);

/* The hash that stands for a key; also of the reader. */
mia_status mia__trace_hash_key(struct mia__sha256 *sha, const uint8_t salt[MIA__TRACE_SALT],
                               mia_slice tree, mia_slice key, uint8_t out[MIA__TRACE_HASH]);

#endif
