/* cli/get.c - mia get: one value */
#include "cli/command.h"

#include "cli/failure.h"
#include "cli/interrupt.h"
#include "cli/options.h"
#include "cli/pair.h"
#include "cli/progress.h"
#include "cli/source.h"
#include "mia/mia.h"

#include <stdio.h>

struct settings {
    bool hex, torn;
};

static const struct cli_option options[] = {
    CLI_FLAG(struct settings, hex, "hex", "TREE and KEY are hexadecimal"),
    CLI_FLAG(struct settings, torn, "accept-torn-log",
             "take what sled recovers of a log torn by a crash"),
    CLI_END,
};

/* Prints the value of key in the tree. MIA_NOTFOUND, with a message: no such tree or key. */
static mia_status print_value(struct cli *cli, mia_source *source, mia_slice name, mia_slice key,
                              struct mia_error *err)
{
    size_t tree, n = 0;
    struct mia_pair pair;
    mia_source_cursor *cursor = NULL;
    mia_status rc = cli_source_tree(source, name, &tree, err);
    if (rc != MIA_OK)
        return rc;
    rc = mia_source_cursor_open(source, tree, &cursor, err);
    if (rc == MIA_OK)
        rc = mia_source_cursor_seek(cursor, key, err);
    if (rc == MIA_OK)
        rc = mia_source_cursor_next(cursor, &pair, 1, &n, err);
    if (rc == MIA_NOTFOUND || (rc == MIA_OK && !mia_slice_equal(pair.key, key))) {
        rc = err->status = MIA_NOTFOUND;
        snprintf(err->message, sizeof err->message, "there is no such key in this tree");
    } else if (rc == MIA_OK && cli->json) {
        rc = cli_pair_print(cli, cursor, name, &pair, err);
    } else if (rc == MIA_OK) {
        cli_output_write(&cli->out, pair.value.data, pair.value.size);
    }
    mia_source_cursor_close(cursor);
    return rc;
}

static int run(struct cli *cli, int argc, char **argv)
{
    struct settings s = {0};
    struct mia_error err = {0};
    struct progress progress;
    mia_source *source = NULL;
    mia_slice tree, key;
    int exit_code;
    if (!cli_options_read(cli, argc, argv, &s, &exit_code))
        return exit_code;
    if (!cli_pair_argument(cli->arguments[1], s.hex, &tree) ||
        !cli_pair_argument(cli->arguments[2], s.hex, &key))
        return cli_usage_error(cli, "TREE and KEY must be hexadecimal: an even number of digits");
    cli_progress_begin(&progress, cli, false, false);
    mia_status rc = cli_source_open(cli->arguments[0], s.torn, &progress, &source, &err);
    if (rc != MIA_OK)
        return cli_fail(cli, cli_exit_of_status(rc), &err);
    rc = print_value(cli, source, tree, key, &err);
    mia_source_close(source);
    if (rc == MIA_NOTFOUND)
        return cli_fail(cli, CLI_EXIT_DIFFERENT, &err);
    return rc == MIA_OK ? CLI_EXIT_DONE : cli_fail(cli, cli_exit_of_status(rc), &err);
}

const struct cli_command cli_get = {
    .name = "get",
    .arguments = "DB TREE KEY",
    .summary = "print one value, exactly as it is stored",
    .details =
        "Nothing is added to the value, no line end either. With --json an object as of dump.\n"
        "Names and keys that are no text are given in hexadecimal with --hex.\n",
    .examples = "  mia get data/main.mdbx messages m-17 >value.bin\n"
                "  mia get --hex data/main 6e6f646573 00ff\n",
    .options = options,
    .exits = 0x7f,
    .arguments_min = 3,
    .arguments_max = 3,
    .run = run,
};
