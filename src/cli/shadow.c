/* cli/shadow.c - mia shadow: a pair of databases, looked at, or used while no program has it */
#include "cli/command.h"

#include "cli/differences.h"
#include "cli/failure.h"
#include "cli/human.h"
#include "cli/json.h"
#include "cli/options.h"
#include "cli/progress.h"
#include "cli/shadow_ab.h"
#include "mia/mia.h"

struct settings {
    bool progress, quiet, raw, replace;
};

static const struct cli_option options[] = {
    CLI_FLAG(struct settings, raw, "raw", "create: every tree byte for byte"),
    CLI_FLAG(struct settings, replace, "replace", "create: what is in SECOND may be removed"),
    CLI_FLAG(struct settings, progress, "progress", "progress lines also where stderr is a file"),
    CLI_FLAG(struct settings, quiet, "quiet", "print nothing but errors"),
    CLI_END,
};

/* One run of it. */
struct job {
    struct mia_shadow_status status;
    struct mia_shadow_verify_report report;
    bool has_report;
    struct progress progress;
};

static mia_status wait_for_all(mia_db *db, struct job *job, struct mia_error *err)
{
    enum { LOOK_EVERY_MS = 200 };
    mia_status rc;
    while ((rc = mia_shadow_wait(db, LOOK_EVERY_MS, err)) == MIA_ERR_BUSY) {
        struct mia_progress shown = {.phase = "copy"};
        mia_status looked = mia_shadow_status(db, &job->status, err);
        if (looked < 0)
            return looked;
        shown.records_done = job->status.compared;
        if (!cli_progress_show(&job->progress, &shown))
            return MIA_ERR_CANCELLED;
    }
    return rc;
}

/* Brought over, compared, and then that. */
static mia_status finish(mia_db *db, const char *action, struct job *job, struct mia_error *err)
{
    struct mia_shadow_verify_options opt = {
        .struct_size = sizeof opt, .progress = cli_progress_show, .progress_ctx = &job->progress};
    mia_status rc = wait_for_all(db, job, err);
    if (rc == MIA_OK)
        rc = mia_shadow_verify(db, &opt, &job->report, err);
    job->has_report = rc == MIA_OK;
    if (rc != MIA_OK || cli_differences_total(job->report.differences) > 0)
        return rc;
    if (strcmp(action, "switch") == 0)
        return mia_shadow_switch(db, 1000, err);
    return strcmp(action, "detach") == 0 ? mia_shadow_detach(db, 0, err) : rc;
}

static mia_status act(char **arguments, const struct settings *s, struct job *job,
                      struct mia_error *err)
{
    mia_db *db;
    const char *action = arguments[0], *path = arguments[1];
    struct mia_shadow_options opt = {
        .struct_size = sizeof opt, .raw = s->raw, .replace = s->replace};
    if (strcmp(action, "create") == 0) {
        mia_status made = mia_shadow_create(path, arguments[2], arguments[3], &opt, err);
        return made == MIA_OK ? mia_shadow_read(path, &job->status, err) : made;
    }
    if (strcmp(action, "status") == 0)
        return mia_shadow_read(path, &job->status, err);
    mia_status rc = mia_shadow_open(path, NULL, &db, err);
    if (rc != MIA_OK)
        return rc;
    rc = finish(db, action, job, err);
    mia_status closed = mia_db_close(db, rc == MIA_OK ? err : NULL);
    if (rc == MIA_OK)
        rc = closed;
    return rc == MIA_OK ? mia_shadow_read(path, &job->status, err) : rc;
}

static json_t *side_object(const char *path, const char *engine)
{
    json_t *object = json_pack("{s:s}", "engine", engine);
    if (cli_json_add_bytes(object, "path", mia_bytes_of(path)))
        return object;
    json_decref(object);
    return NULL;
}

static json_t *status_object(const struct cli *cli, const struct job *job)
{
    const struct mia_shadow_status *s = &job->status;
    json_t *object = json_pack(
        "{s:s, s:b, s:b, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "state",
        mia_shadow_state_text(s->state), "closed", s->is_clean, "raw", s->is_raw, "primary",
        side_object(s->primary, s->primary_engine), "secondary",
        side_object(s->secondary, s->secondary_engine), "pending", cli_json_count(s->pending),
        "compared", cli_json_count(s->compared), "copied", cli_json_count(s->copied), "removed",
        cli_json_count(s->removed), "times_behind", cli_json_count(s->times_behind), "skipped",
        cli_json_count(s->skipped), "switches", cli_json_count(s->switches), "verified_ms",
        cli_json_count((uint64_t)s->verified_ms), "last_reason", cli_json_text(s->last_reason));
    bool complete = cli_json_add_bytes(object, "path", mia_bytes_of(cli->arguments[1]));
    if (complete && job->has_report)
        complete =
            json_object_set_new(object, "records", cli_json_count(job->report.records)) == 0 &&
            json_object_set_new(object, "differences",
                                cli_differences_object(job->report.differences)) == 0;
    if (complete)
        return object;
    json_decref(object);
    return NULL;
}

static void print_side(struct output *out, const char *label, const char *path, const char *engine)
{
    cli_field(out, label, "%s", engine);
    cli_output_text(out, "    ");
    cli_output_escaped(out, mia_bytes_of(path));
    cli_output_text(out, "\n");
}

static void print_status(struct output *out, const struct job *job)
{
    const struct mia_shadow_status *s = &job->status;
    cli_field(out, "state", "%s%s", mia_shadow_state_text(s->state),
              s->is_clean ? "" : ", open in a program or not closed by one");
    print_side(out, "primary", s->primary, s->primary_engine);
    print_side(out, "secondary", s->secondary, s->secondary_engine);
    if (job->has_report)
        cli_field(out, "compared", "%s keys, %s differ", cli_human_count(job->report.records).text,
                  cli_human_count(cli_differences_total(job->report.differences)).text);
    else if (s->state == MIA_SHADOW_BACKFILLING)
        cli_field(out, "compared", "%s keys", cli_human_count(s->compared).text);
    cli_differences_print(out, job->report.differences);
    cli_field(out, "copied", "%s", cli_human_count(s->copied).text);
    cli_field(out, "removed", "%s", cli_human_count(s->removed).text);
    cli_field(out, "pending", "%s", cli_human_count(s->pending).text);
    cli_field(out, "behind", "%s times", cli_human_count(s->times_behind).text);
    if (s->skipped > 0)
        cli_field(out, "skipped", "%s keys cannot go over", cli_human_count(s->skipped).text);
    if (s->last_reason[0] != '\0')
        cli_field(out, "reason", "%s", s->last_reason);
}

/* How many arguments an action takes, itself included; 0: there is no such action. */
static int arguments_of(const char *word)
{
    if (strcmp(word, "create") == 0)
        return 4;
    return strcmp(word, "status") == 0 || strcmp(word, "verify") == 0 ||
                   strcmp(word, "switch") == 0 || strcmp(word, "detach") == 0 ||
                   strcmp(word, "ab") == 0
               ? 2
               : 0;
}

static int check_usage(struct cli *cli, const struct settings *s)
{
    const char *action = cli->arguments[0];
    int wanted = arguments_of(action);
    if (wanted == 0)
        return cli_usage_error(cli, "'%s' is none of create, status, ab, verify, switch, detach",
                               action);
    if (cli->argument_count != wanted)
        return cli_usage_error(cli, "%s takes %s", action,
                               wanted == 4 ? "PAIR FIRST SECOND" : "PAIR alone");
    if (wanted != 4 && (s->raw || s->replace))
        return cli_usage_error(cli, "--raw and --replace are for create");
    if (s->progress && s->quiet)
        return cli_usage_error(cli, "--progress and --quiet exclude each other");
    return CLI_EXIT_DONE;
}

static int run(struct cli *cli, int argc, char **argv)
{
    struct settings s = {0};
    struct mia_error err = {0};
    static struct job job;
    int exit_code;
    if (!cli_options_read(cli, argc, argv, &s, &exit_code))
        return exit_code;
    exit_code = check_usage(cli, &s);
    if (exit_code != CLI_EXIT_DONE)
        return exit_code;
    if (strcmp(cli->arguments[0], "ab") == 0)
        return cli_shadow_ab(cli, cli->arguments[1], s.quiet);
    job.status.struct_size = sizeof job.status;
    job.report.struct_size = sizeof job.report;
    cli_progress_begin(&job.progress, cli, s.progress, s.quiet);
    mia_status rc = act(cli->arguments, &s, &job, &err);
    cli_progress_end(&job.progress);
    if (rc == MIA_NOTFOUND)
        return cli_fail_text(cli, CLI_EXIT_REFUSED, rc, "%s: there is no pair of databases",
                             cli->arguments[1]);
    if (rc != MIA_OK)
        return cli_fail(cli, cli_exit_of_status(rc), &err);
    exit_code =
        cli_differences_total(job.report.differences) == 0 ? CLI_EXIT_DONE : CLI_EXIT_DIFFERENT;
    if (cli->json && !cli_json_print(cli, status_object(cli, &job)))
        exit_code = CLI_EXIT_REFUSED;
    else if (!cli->json && !s.quiet)
        print_status(&cli->out, &job);
    return exit_code;
}

const struct cli_command cli_shadow = {
    .name = "shadow",
    .arguments = "create|status|ab|verify|switch|detach PAIR [FIRST SECOND]",
    .summary = "a database that moves while it is used: how far, or by hand",
    .details =
        "PAIR is a directory that stands for two databases, one of which follows the other;\n"
        "create makes it of FIRST, which has the data, and SECOND, which is to be. A program\n"
        "that opens it with mia_shadow_open goes on while the second is filled. status shows\n"
        "what its file says, also meanwhile, and ab what the program has found so far that\n"
        "compares its reads (mia_shadow_ab_start): times of both sides, and what differs; 1 if\n"
        "something does. The others are for when no program has it open:\n"
        "verify brings over what is missing and compares both; switch does that, and makes the\n"
        "other one the primary; detach does that, and ends the pair.\n",
    .examples = "  mia shadow create data/main.pair data/main data/main.mdbx\n"
                "  mia shadow status data/main.pair\n"
                "  mia shadow ab data/main.pair\n"
                "  mia shadow switch --json data/main.pair\n",
    .options = options,
    .exits = 1u << CLI_EXIT_DONE | 1u << CLI_EXIT_DIFFERENT | 1u << CLI_EXIT_USAGE |
             1u << CLI_EXIT_DAMAGED | 1u << CLI_EXIT_REFUSED | 1u << CLI_EXIT_INTERRUPTED |
             1u << CLI_EXIT_TARGET,
    .arguments_min = 2,
    .arguments_max = 4,
    .run = run,
};
