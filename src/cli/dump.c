/* cli/dump.c - mia dump: every pair of a database, one line each */
#include "cli/command.h"

#include "cli/failure.h"
#include "cli/interrupt.h"
#include "cli/json.h"
#include "cli/options.h"
#include "cli/pair.h"
#include "cli/progress.h"
#include "cli/source.h"
#include "cli/text.h"
#include "mia/mia.h"

#include <stdio.h>

struct settings {
    const char *tree;
    char *tree_hex; /* decoded in place */
    bool digest, torn;
};

static const struct cli_option options[] = {
    CLI_TEXT(struct settings, tree, "tree", "NAME", "only this tree"),
    CLI_TEXT(struct settings, tree_hex, "tree-hex", "HEX", "only the tree of this name, in hex"),
    CLI_FLAG(struct settings, digest, "digest", "lines of hex(tree) hex(key) sha256(value)"),
    CLI_FLAG(struct settings, torn, "accept-torn-log",
             "take what sled recovers of a log torn by a crash"),
    CLI_END,
};

/* Whether to go on: not after Ctrl-C, and not when nobody takes the output any more. */
static bool is_wanted(const struct cli *cli)
{
    return cli->out.failed == 0 && !cli_interrupted();
}

static bool print_digest_line(void *ctx, const char *line, size_t size)
{
    struct cli *cli = ctx;
    cli_output_write(&cli->out, line, size);
    cli_output_text(&cli->out, "\n");
    return is_wanted(cli);
}

static mia_status dump_tree(struct cli *cli, mia_source *source, size_t tree, struct mia_error *err)
{
    enum { BATCH = 256 };
    struct mia_pair pairs[BATCH];
    mia_slice name = mia_source_tree_name(source, tree);
    mia_source_cursor *cursor = NULL;
    size_t n;
    mia_status rc = mia_source_cursor_open(source, tree, &cursor, err);
    while (rc == MIA_OK && is_wanted(cli)) {
        rc = mia_source_cursor_next(cursor, pairs, BATCH, &n, err);
        for (size_t i = 0; rc == MIA_OK && i < n; i++)
            rc = cli_pair_print(cli, cursor, name, &pairs[i], err);
    }
    mia_source_cursor_close(cursor);
    return rc == MIA_NOTFOUND ? MIA_OK : rc; /* no pair left */
}

static mia_status dump(struct cli *cli, mia_source *source, const mia_slice *only, bool digest,
                       struct mia_error *err)
{
    size_t tree = 0, end = mia_source_tree_count(source);
    mia_status rc = MIA_OK;
    if (digest)
        return mia_digest(source, print_digest_line, cli, err);
    if (only != NULL) {
        rc = cli_source_tree(source, *only, &tree, err);
        end = tree + 1;
    }
    for (; tree < end && rc == MIA_OK && is_wanted(cli); tree++)
        rc = dump_tree(cli, source, tree, err);
    return rc;
}

static bool is_usable(struct cli *cli, struct settings *s, mia_slice *only)
{
    const bool has_tree = s->tree != NULL || s->tree_hex != NULL;
    *only = mia_bytes_of(s->tree != NULL ? s->tree : "");
    if (s->tree != NULL && s->tree_hex != NULL)
        cli_usage_error(cli, "--tree and --tree-hex exclude each other");
    else if (s->digest && (has_tree || cli->json))
        cli_usage_error(cli, "--digest is of the whole database and in one format: it goes without "
                             "--tree, --tree-hex and --json");
    else if (s->tree_hex != NULL && !cli_pair_argument(s->tree_hex, true, only))
        cli_usage_error(cli, "--tree-hex: '%s' is not hexadecimal", s->tree_hex);
    else
        return true;
    return false;
}

static int run(struct cli *cli, int argc, char **argv)
{
    struct settings s = {0};
    struct mia_error err = {0};
    struct progress progress;
    mia_source *source = NULL;
    mia_slice only;
    int exit_code;
    if (!cli_options_read(cli, argc, argv, &s, &exit_code))
        return exit_code;
    if (!is_usable(cli, &s, &only))
        return CLI_EXIT_USAGE;
    cli_progress_begin(&progress, cli, false, false);
    mia_status rc = cli_source_open(cli->arguments[0], s.torn, &progress, &source, &err);
    if (rc == MIA_OK)
        rc = dump(cli, source, s.tree || s.tree_hex ? &only : NULL, s.digest, &err);
    mia_source_close(source);
    if (cli_interrupted())
        return cli_fail_text(cli, CLI_EXIT_INTERRUPTED, MIA_ERR_CANCELLED,
                             "interrupted: not everything was printed");
    if (rc != MIA_OK && cli->out.failed == 0)
        return cli_fail(cli, cli_exit_of_status(rc), &err);
    return CLI_EXIT_DONE;
}

const struct cli_command cli_dump = {
    .name = "dump",
    .arguments = "DB",
    .summary = "print every pair, one line each",
    .details =
        "Lines are tree, key and value with tabs between them; backslash, control characters and\n"
        "bytes that are no UTF-8 are escaped: \\\\ \\t \\n \\xHH. With --json one object a line, "
        "with\n"
        "tree, key and value as text, or tree_hex, key_hex and value_hex where they are none, and\n"
        "record, the decoded one, instead of value in the trees of a MIA database.\n"
        "--digest prints the same for a database and its raw migration, whatever engine it is "
        "on.\n",
    .examples = "  mia dump --tree messages data/main.mdbx | head\n"
                "  mia dump --json data/main >main.jsonl\n"
                "  mia dump --digest data/main | sha256sum\n",
    .options = options,
    .exits = 1u << CLI_EXIT_DONE | 1u << CLI_EXIT_USAGE | 1u << CLI_EXIT_DAMAGED |
             1u << CLI_EXIT_REFUSED | 1u << CLI_EXIT_INTERRUPTED | 1u << CLI_EXIT_TARGET,
    .arguments_min = 1,
    .arguments_max = 1,
    .run = run,
};
