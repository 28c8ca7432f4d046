/* cli/index.c - mia index: the indexes of MIA's records, checked or made anew */
#include "cli/command.h"

#include "cli/failure.h"
#include "cli/human.h"
#include "cli/json.h"
#include "cli/options.h"
#include "cli/progress.h"
#include "cli/source.h"
#include "mia/mia.h"

struct settings {
    bool progress, quiet;
};

static const struct cli_option options[] = {
    CLI_FLAG(struct settings, progress, "progress", "progress lines also where stderr is a file"),
    CLI_FLAG(struct settings, quiet, "quiet", "print nothing but errors"),
    CLI_END,
};

typedef mia_status (*action_fn)(mia_store *store, mia_progress_fn progress, void *ctx,
                                struct mia_index_report *report, struct mia_error *err);

static action_fn action_of(const char *word)
{
    return strcmp(word, "check") == 0     ? mia_index_check
           : strcmp(word, "rebuild") == 0 ? mia_index_rebuild
                                          : NULL;
}

static uint64_t problems_of(const struct mia_index_report *r)
{
    return r->missing + r->stale + r->damaged;
}

static json_t *report_object(const struct cli *cli, const struct mia_index_report *r)
{
    json_t *object = json_object();
    json_t *rest =
        json_pack("{s:b, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "sound", problems_of(r) == 0,
                  "records", cli_json_count(r->records), "vectors", cli_json_count(r->vectors),
                  "vectors_without_direction", cli_json_count(r->vectors_skipped), "entries",
                  cli_json_count(r->entries), "missing", cli_json_count(r->missing), "stale",
                  cli_json_count(r->stale), "damaged_records", cli_json_count(r->damaged),
                  "interrupted_moves", cli_json_count(r->moves));
    bool complete = cli_json_add_bytes(object, "path", mia_bytes_of(cli->arguments[1]));
    return cli_json_with(object, complete, rest);
}

static void print_summary(struct output *out, const struct mia_index_report *r)
{
    cli_output_text(out, problems_of(r) == 0 ? "sound: " : "");
    cli_output_format(out, "%s record%s, %s vector%s, %s entr%s", cli_human_count(r->records).text,
                      cli_plural(r->records), cli_human_count(r->vectors).text,
                      cli_plural(r->vectors), cli_human_count(r->entries).text,
                      r->entries == 1 ? "y" : "ies");
    if (r->vectors_skipped > 0)
        cli_output_format(out, ", %s vector%s without direction",
                          cli_human_count(r->vectors_skipped).text, cli_plural(r->vectors_skipped));
    if (r->moves > 0)
        cli_output_format(out, ", %s interrupted move%s", cli_human_count(r->moves).text,
                          cli_plural(r->moves));
    if (r->missing > 0)
        cli_output_format(out, ", %s missing", cli_human_count(r->missing).text);
    if (r->stale > 0)
        cli_output_format(out, ", %s stale", cli_human_count(r->stale).text);
    if (r->damaged > 0)
        cli_output_format(out, ", %s damaged record%s", cli_human_count(r->damaged).text,
                          cli_plural(r->damaged));
    cli_output_text(out, "\n");
}

static mia_status act(action_fn action, const char *path, struct progress *progress,
                      struct mia_index_report *report, struct mia_error *err)
{
    mia_store *store;
    struct mia_db_options db = {
        .struct_size = sizeof db, .must_exist = true, .read_only = action == mia_index_check};
    struct mia_store_options opt = {.struct_size = sizeof opt, .db = &db};
    mia_status rc = mia_store_open(NULL, path, &opt, &store, err);
    if (rc == MIA_OK)
        rc = action(store, cli_progress_show, progress, report, err);
    mia_status closed = mia_store_close(store, rc == MIA_OK ? err : NULL);
    return rc == MIA_OK ? closed : rc;
}

static int run(struct cli *cli, int argc, char **argv)
{
    struct settings s = {0};
    struct mia_error err = {0};
    struct progress progress;
    int exit_code;
    if (!cli_options_read(cli, argc, argv, &s, &exit_code))
        return exit_code;
    action_fn action = action_of(cli->arguments[0]);
    if (action == NULL)
        return cli_usage_error(cli, "'%s' is neither check nor rebuild", cli->arguments[0]);
    if (s.progress && s.quiet)
        return cli_usage_error(cli, "--progress and --quiet exclude each other");
    struct mia_index_report report = {.struct_size = sizeof report};
    cli_progress_begin(&progress, cli, s.progress, s.quiet);
    mia_status rc = act(action, cli->arguments[1], &progress, &report, &err);
    cli_progress_end(&progress);
    if (rc == MIA_NOTFOUND)
        cli_source_absent(cli->arguments[1], &err);
    if (rc != MIA_OK)
        return cli_fail(cli, cli_exit_of_status(rc), &err);
    exit_code = problems_of(&report) == 0 ? CLI_EXIT_DONE : CLI_EXIT_DIFFERENT;
    if (cli->json && !cli_json_print(cli, report_object(cli, &report)))
        exit_code = CLI_EXIT_REFUSED;
    else if (!cli->json && !s.quiet)
        print_summary(&cli->out, &report);
    return exit_code;
}

const struct cli_command cli_index = {
    .name = "index",
    .arguments = "check|rebuild DB",
    .summary = "check the indexes of MIA's records, or make them anew",
    .details =
        "check compares every entry of the indexes with its record and every record with its\n"
        "entries, in one snapshot; nothing is changed. rebuild makes the indexes anew from the\n"
        "records, also where there are none: a migration leaves them out. Other programs may\n"
        "read and write the records meanwhile; one that was stopped is run again.\n",
    .examples = "  mia index rebuild data/main.mdbx\n"
                "  mia index check --json data/main.mdbx\n",
    .options = options,
    .exits = 1u << CLI_EXIT_DONE | 1u << CLI_EXIT_DIFFERENT | 1u << CLI_EXIT_USAGE |
             1u << CLI_EXIT_DAMAGED | 1u << CLI_EXIT_REFUSED | 1u << CLI_EXIT_INTERRUPTED |
             1u << CLI_EXIT_TARGET,
    .arguments_min = 2,
    .arguments_max = 2,
    .run = run,
};
