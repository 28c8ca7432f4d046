/* cli/interrupt.h - Ctrl-C, SIGTERM and SIGHUP as a request to stop at the next safe point */
#ifndef MIA_CLI_INTERRUPT_H
#define MIA_CLI_INTERRUPT_H

#include <stdbool.h>

/* From now on the first signal of each kind is remembered; the second one ends the process as if
 * nobody had caught it. A signal that is ignored (nohup, background jobs) stays ignored. */
void cli_interrupt_catch(void);
bool cli_interrupted(void);

#endif
