/* cli/failure.c - from the library's answers to one line on stderr, JSON, and an exit code */
#include "cli/failure.h"

#include "cli/json.h"
#include "cli/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

/* One line, and printed at once so that lines of several processes do not mix: a line end in a
 * path, or what a terminal would obey, is shown as \xHH. */
static void print_line(const struct cli *cli, const char *text)
{
    struct output line;
    const unsigned char *at = (const unsigned char *)text;
    cli_output_init(&line, STDERR_FILENO);
    cli_output_text(&line, "mia: ");
    if (cli->command != NULL)
        cli_output_format(&line, "%s: ", cli->command->name);
    for (size_t left = strlen(text), step; left > 0; at += step, left -= step) {
        step = cli_utf8_printable(at, left);
        if (step > 0)
            cli_output_write(&line, at, step);
        else
            cli_output_format(&line, "\\x%02x", *at);
        step += step == 0;
    }
    cli_output_text(&line, "\n");
    cli_output_finish(&line);
}

void cli_message(const struct cli *cli, const char *format, ...)
{
    char text[2 * sizeof((struct mia_error *)0)->message];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    print_line(cli, text);
}

int cli_usage_error(struct cli *cli, const char *format, ...)
{
    struct mia_error err = {.status = MIA_ERR_INVALID};
    va_list args;
    va_start(args, format);
    vsnprintf(err.message, sizeof err.message, format, args);
    va_end(args);
    cli_fail(cli, CLI_EXIT_USAGE, &err);
    if (cli->command != NULL)
        fprintf(stderr, "usage: mia %s [options] %s\nTry: mia %s --help\n", cli->command->name,
                cli->command->arguments, cli->command->name);
    else
        fprintf(stderr, "Try: mia help\n");
    return CLI_EXIT_USAGE;
}

enum cli_exit cli_exit_of_status(mia_status status)
{
    switch (status) {
    case MIA_OK:
        return CLI_EXIT_DONE;
    case MIA_ERR_CORRUPT:
    case MIA_ERR_SERIALIZATION:
        return CLI_EXIT_DAMAGED;
    case MIA_NOTFOUND:
    case MIA_ERR_INVALID:
    case MIA_ERR_IO:
    case MIA_ERR_FULL:
    case MIA_ERR_BUSY:
    case MIA_ERR_TOO_LONG:
    case MIA_ERR_READONLY:
    case MIA_ERR_VERSION:
    case MIA_ERR_UNSUPPORTED:
    case MIA_ERR_NOMEM:
        return CLI_EXIT_REFUSED;
    case MIA_ERR_CANCELLED:
        return CLI_EXIT_INTERRUPTED;
    case MIA_ERR_TXN:
    case MIA_ERR_INTERNAL:
        break;
    }
    return CLI_EXIT_DEFECT;
}

enum cli_exit cli_exit_of_failure(enum mia_failure failure, mia_status status)
{
    switch (failure) {
    case MIA_FAILURE_NONE:
        return cli_exit_of_status(status);
    case MIA_FAILURE_DIFFERENT:
        return CLI_EXIT_DIFFERENT;
    case MIA_FAILURE_SOURCE:
        return CLI_EXIT_DAMAGED;
    case MIA_FAILURE_REFUSED:
        return CLI_EXIT_REFUSED;
    case MIA_FAILURE_INTERRUPTED:
        return CLI_EXIT_INTERRUPTED;
    case MIA_FAILURE_TARGET:
        return CLI_EXIT_TARGET;
    case MIA_FAILURE_DEFECT:
        break;
    }
    return CLI_EXIT_DEFECT;
}

static const char *message_of(const struct mia_error *err)
{
    return err->message[0] != '\0' ? err->message : mia_status_text(err->status);
}

json_t *cli_error_object(const struct cli *cli, enum cli_exit exit, const struct mia_error *err)
{
    const char *name = cli->command != NULL ? cli->command->name : "";
    return json_pack("{s:s, s:i, s:s, s:i, s:s, s:o}", "command", name, "exit", (int)exit, "status",
                     mia_status_name(err->status), "code", (int)err->code, "engine", err->engine,
                     "message", cli_json_text(message_of(err)));
}

int cli_fail(struct cli *cli, enum cli_exit exit, const struct mia_error *err)
{
    print_line(cli, message_of(err));
    if (cli->json)
        cli_json_print(cli, json_pack("{s:o}", "error", cli_error_object(cli, exit, err)));
    return (int)exit;
}

int cli_fail_text(struct cli *cli, enum cli_exit exit, mia_status status, const char *format, ...)
{
    struct mia_error err = {.status = status};
    va_list args;
    va_start(args, format);
    vsnprintf(err.message, sizeof err.message, format, args);
    va_end(args);
    return cli_fail(cli, exit, &err);
}
