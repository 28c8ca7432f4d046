/* cli/failure.h - from the library's answers to one line on stderr, JSON, and an exit code */
#ifndef MIA_CLI_FAILURE_H
#define MIA_CLI_FAILURE_H

#include "cli/command.h"
#include "mia/mia.h"

#include <jansson.h>

/* `mia: migrate: text` on stderr. */
void cli_message(const struct cli *cli, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Says what is wrong with the command line and where to read on. Returns CLI_EXIT_USAGE. */
int cli_usage_error(struct cli *cli, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Exit code of a status, for commands that only read. */
enum cli_exit cli_exit_of_status(mia_status status);
/* Exit code of a library call that reports whose failure it was. */
enum cli_exit cli_exit_of_failure(enum mia_failure failure, mia_status status);

/* Prints the error line, and with --json the object {"error": {...}}. Returns exit. err->message
 * may be empty: then it is the text of the status. */
int cli_fail(struct cli *cli, enum cli_exit exit, const struct mia_error *err);
/* The same with the tool's own message. */
int cli_fail_text(struct cli *cli, enum cli_exit exit, mia_status status, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* {"command", "exit", "status", "code", "engine", "message"}: the value of "error". NULL: memory.
 */
json_t *cli_error_object(const struct cli *cli, enum cli_exit exit, const struct mia_error *err);

#endif
