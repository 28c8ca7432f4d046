/*
 * support/faults.h - the n-th call of a kind fails once
 *
 * The linker sends the calls here (--wrap, see migrate/CMakeLists.txt): allocations of the library,
 * and changes of files by the library and libmdbx alike.
 */
#ifndef MIA_TEST_FAULTS_H
#define MIA_TEST_FAULTS_H

#include <stdbool.h>
#include <stdint.h>

enum fault_kind { FAULT_NONE, FAULT_MEMORY, FAULT_FILES };

void fault_arm(enum fault_kind kind, uint64_t nth, int errnum);
/* True if it came. */
bool fault_disarm(void);

#endif
