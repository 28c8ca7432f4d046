/* cli/sample.c - mia sample: a sled database to try things on */
#include "cli/command.h"

#include "cli/failure.h"
#include "cli/human.h"
#include "cli/json.h"
#include "cli/options.h"
#include "cli/progress.h"
#include "mia/mia.h"

#include <inttypes.h>

struct settings {
    uint64_t records, seed;
    bool progress, quiet;
};

static const struct cli_option options[] = {
    {"records", "N", "records over all trees (100000)", CLI_OPTION_NUMBER,
     offsetof(struct settings, records), 1, 1000000000},
    {"seed", "S", "the same seed makes the same content (0)", CLI_OPTION_NUMBER,
     offsetof(struct settings, seed), 0, INT64_MAX},
    CLI_FLAG(struct settings, progress, "progress", "progress lines also where stderr is a file"),
    CLI_FLAG(struct settings, quiet, "quiet", "print nothing but errors"),
    CLI_END,
};

/* This command writes: what the operating system refuses is the target's. */
static enum cli_exit exit_of(mia_status status)
{
    bool is_target = status == MIA_ERR_IO || status == MIA_ERR_FULL || status == MIA_ERR_READONLY;
    return is_target ? CLI_EXIT_TARGET : cli_exit_of_status(status);
}

static json_t *report_object(const char *path, const struct settings *s)
{
    json_t *object = json_object();
    if (object != NULL && cli_json_add_bytes(object, "path", mia_bytes_of(path)) &&
        json_object_set_new(object, "records", cli_json_count(s->records)) == 0 &&
        json_object_set_new(object, "seed", cli_json_count(s->seed)) == 0)
        return object;
    json_decref(object);
    return NULL;
}

static int run(struct cli *cli, int argc, char **argv)
{
    struct settings s = {.records = 100000};
    struct mia_error err = {0};
    struct progress progress;
    int exit_code;
    if (!cli_options_read(cli, argc, argv, &s, &exit_code))
        return exit_code;
    if (s.progress && s.quiet)
        return cli_usage_error(cli, "--progress and --quiet exclude each other");
    cli_progress_begin(&progress, cli, s.progress, s.quiet);
    const char *path = cli->arguments[0];
    struct mia_sample_options sample = {.struct_size = sizeof sample,
                                        .target = path,
                                        .records = s.records,
                                        .seed = s.seed,
                                        .progress = cli_progress_show,
                                        .progress_ctx = &progress};
    mia_status rc = mia_sample(&sample, &err);
    cli_progress_end(&progress);
    if (rc != MIA_OK)
        return cli_fail(cli, exit_of(rc), &err);
    if (cli->json)
        return cli_json_print(cli, report_object(path, &s)) ? CLI_EXIT_DONE : CLI_EXIT_REFUSED;
    if (!s.quiet) {
        cli_output_text(&cli->out, "Made ");
        cli_output_escaped(&cli->out, mia_bytes_of(path));
        cli_output_format(&cli->out, ": %s record%s, seed %" PRIu64 ".\n",
                          cli_human_count(s.records).text, cli_plural(s.records), s.seed);
    }
    return CLI_EXIT_DONE;
}

const struct cli_command cli_sample = {
    .name = "sample",
    .arguments = "DIR",
    .summary = "make a sled database to try things on",
    .details = "DIR must not exist. The content is made up: chats, messages, entities, edges and\n"
               "embeddings, encoded as MIA encodes them.\n",
    .examples = "  mia sample --records 10000 --seed 7 sample.sled\n"
                "  mia migrate --raw sample.sled sample.mdbx\n",
    .options = options,
    .exits = 1u << CLI_EXIT_DONE | 1u << CLI_EXIT_USAGE | 1u << CLI_EXIT_REFUSED |
             1u << CLI_EXIT_INTERRUPTED | 1u << CLI_EXIT_TARGET,
    .arguments_min = 1,
    .arguments_max = 1,
    .run = run,
};
