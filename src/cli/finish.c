/* cli/finish.c - mia finish: what is not in use any more is removed */
#include "cli/installation.h"

#include "cli/failure.h"
#include "cli/options.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct settings {
    bool yes, quiet;
};

static const struct cli_option options[] = {
    CLI_FLAG(struct settings, yes, "yes", "do not ask"),
    CLI_FLAG(struct settings, quiet, "quiet", "print nothing but errors"),
    CLI_END,
};

/* Names what goes, on stderr, and waits for the word. */
static bool is_confirmed(const char *root)
{
    char answer[16] = "";
    mia_installation_status *status = NULL;
    if (mia_installation_status_read(root, &status, NULL) != MIA_OK)
        return true; /* the library says what is wrong */
    fprintf(stderr, "These directories are removed, and there is no way back:\n");
    for (size_t i = 0; i < mia_installation_count(status); i++)
        fprintf(stderr, "  %s\n", mia_installation_at(status, i).source);
    mia_installation_status_free(status);
    fprintf(stderr, "Type \"remove\" to go on: ");
    return fgets(answer, sizeof answer, stdin) != NULL && strcmp(answer, "remove\n") == 0;
}

static int run(struct cli *cli, int argc, char **argv)
{
    struct settings s = {0};
    int exit_code;
    if (!cli_options_read(cli, argc, argv, &s, &exit_code))
        return exit_code;
    if (!s.yes && !isatty(STDIN_FILENO))
        return cli_fail_text(cli, CLI_EXIT_REFUSED, MIA_ERR_INVALID,
                             "databases are to be removed and nobody can be asked: give --yes");
    if (!s.yes && !is_confirmed(cli->arguments[0]))
        return cli_fail_text(cli, CLI_EXIT_REFUSED, MIA_ERR_CANCELLED, "nothing was removed");
    return cli_installation_act(cli, cli->arguments[0], s.quiet, mia_installation_finish);
}

const struct cli_command cli_finish = {
    .name = "finish",
    .arguments = "INSTALLATION",
    .summary = "remove the databases that were in use before",
    .details =
        "After a cutover these are the sled databases that were migrated, after a rollback those\n"
        "of libmdbx. Only directories with nothing but a database in them are removed. What is\n"
        "removed is shown, and \"remove\" must be typed, or --yes given.\n",
    .examples = "  mia finish /data/mia\n"
                "  mia finish --yes /data/mia\n",
    .options = options,
    .exits = 1u << CLI_EXIT_DONE | 1u << CLI_EXIT_USAGE | 1u << CLI_EXIT_DAMAGED |
             1u << CLI_EXIT_REFUSED | 1u << CLI_EXIT_TARGET,
    .arguments_min = 1,
    .arguments_max = 1,
    .run = run,
};
