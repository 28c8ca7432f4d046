/*
 * engine/fault.h - an engine around an engine that fails once, at the n-th call
 *
 * For the error paths of what is above engines. One at a time, one thread: a table of functions has
 * no room for a context, so the fault is the program's.
 */
#ifndef MIA_TEST_ENGINE_FAULT_H
#define MIA_TEST_ENGINE_FAULT_H

#include "mia/engine.h"

/* The engine to be used; its objects are the inner engine's own. */
const struct mia_engine_ops *test_engine_fault(const struct mia_engine_ops *inner);

/* The nth call from now (1: the next) that can fail answers status. half: if it is a put, del or
 * clear, it is done all the same, as a failure in the middle would leave it. */
void fault_arm(uint64_t nth, mia_status status, bool half);
/* True if the call came. */
bool fault_disarm(void);

#endif
