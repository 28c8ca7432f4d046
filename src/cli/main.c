/*
 * cli/main.c - mia: finds the subcommand and runs it
 *
 * A subcommand is cli/<name>.c; they are listed in cli/commands.c.
 */
#include "cli/command.h"

#include "cli/failure.h"
#include "cli/help_text.h"
#include "cli/options.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

static int refuse_command(struct cli *cli, const char *name)
{
    const char *nearest = cli_command_nearest(name);
    if (nearest != NULL)
        return cli_usage_error(cli, "unknown command '%s'; did you mean '%s'?", name, nearest);
    return cli_usage_error(cli, "unknown command '%s'", name);
}

static int run_command(struct cli *cli, int argc, char **argv)
{
    cli->command = cli_command_find(argv[0]);
    return cli->command != NULL ? cli->command->run(cli, argc, argv) : refuse_command(cli, argv[0]);
}

static int dispatch(struct cli *cli, int argc, char **argv)
{
    if (argc < 2) {
        struct output errors;
        cli_output_init(&errors, STDERR_FILENO);
        cli_help_overview(&errors);
        cli_output_finish(&errors);
        return CLI_EXIT_USAGE;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)
        argv[1] = "help";
    else if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0)
        argv[1] = "version";
    return run_command(cli, argc - 1, argv + 1);
}

/* A pipe's reader that has left is how `mia dump DB | head` ends, and no failure. SIGPIPE is kept
 * back until here, so that a command ends by itself. */
static int finish_output(struct cli *cli, int exit_code)
{
    if (cli_output_finish(&cli->out))
        return exit_code;
    if (cli->out.failed == EPIPE) {
        signal(SIGPIPE, SIG_DFL);
        raise(SIGPIPE);
        return CLI_EXIT_TARGET;
    }
    cli->json = false; /* it could not be printed either */
    return cli_fail_text(cli, CLI_EXIT_TARGET, MIA_ERR_IO, "cannot write standard output: %s",
                         strerror(cli->out.failed));
}

/* With a standard descriptor closed, the next file that is opened would take its number, and output
 * would land in a database. Opened the wrong way round, writing still fails and is noticed. */
static void occupy_standard_descriptors(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0 && errno == EBADF)
            open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

int main(int argc, char **argv)
{
    occupy_standard_descriptors();
    struct cli cli = {.program = argc > 0 ? argv[0] : "mia"};
    signal(SIGPIPE, SIG_IGN);
    cli_output_init(&cli.out, STDOUT_FILENO);
    cli.json = argc > 1 && cli_options_want_json(argc - 1, argv + 1);
    return finish_output(&cli, dispatch(&cli, argc, argv));
}
