/* cli/installation.c - a whole base at once */
#include "cli/installation.h"

#include "cli/failure.h"
#include "cli/human.h"
#include "cli/json.h"
#include "cli/obstacles.h"
#include "cli/progress.h"
#include "cli/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* ---- what comes next */

/* To paste; NULL: none. Free with free(). */
static char *next_command(const struct cli *cli, const char *root, enum mia_phase phase)
{
    static const char *const commands[] = {
        [MIA_PHASE_MIGRATING] = "migrate", [MIA_PHASE_MIGRATED] = "cutover",
        [MIA_PHASE_CUT_OVER] = "finish",   [MIA_PHASE_RETURNING] = "rollback",
        [MIA_PHASE_RETURNED] = "finish",   [MIA_PHASE_FINISHED] = NULL,
    };
    char *line = NULL;
    const char *command = commands[phase];
    bool takes_base = phase == MIA_PHASE_MIGRATING || phase == MIA_PHASE_RETURNING;
    if (command == NULL || !cli_shell_append(&line, cli->program) ||
        !cli_shell_append(&line, command) ||
        (takes_base &&
         !cli_shell_append(&line, phase == MIA_PHASE_MIGRATING ? "--resume" : "--base")) ||
        !cli_shell_append(&line, root)) {
        free(line);
        return NULL;
    }
    return line;
}

static void print_next(struct cli *cli, const char *root, enum mia_phase phase)
{
    char *line = next_command(cli, root, phase);
    if (line != NULL)
        cli_field(&cli->out, "next", "%s", line);
    free(line);
}

/* ---- databases */

static json_t *database_object(const struct mia_installed *d)
{
    json_t *object = json_object();
    json_t *rest = json_pack("{s:s, s:o, s:f, s:s}", "state",
                             d->is_stray  ? "stray"
                             : d->is_done ? "done"
                                          : "open",
                             "records", cli_json_count(d->records), "seconds", d->seconds, "digest",
                             d->digest);
    bool complete = cli_json_add_bytes(object, "name", mia_bytes_of(d->name)) &&
                    cli_json_add_bytes(object, "source", mia_bytes_of(d->source));
    return cli_json_with(object, complete, rest);
}

static void print_database(struct output *out, const struct mia_installed *d)
{
    char count[48];
    snprintf(count, sizeof count, "%s record%s", cli_human_count(d->records).text,
             cli_plural(d->records));
    cli_output_text(out, "  ");
    cli_output_escaped(out, mia_bytes_of(d->name));
    size_t size = strlen(d->name);
    cli_output_format(out, "%*s", size < 34 ? (int)(34 - size) : 1, "");
    if (d->is_stray)
        cli_output_text(out, "empty, not MIA's: left out");
    else if (d->is_done)
        cli_output_format(out, "%-20s %-8s verified", count, cli_human_seconds(d->seconds).text);
    else
        cli_output_text(out, "not yet");
    cli_output_text(out, "\n");
}

static int fail_absent(struct cli *cli, const char *root)
{
    return cli_fail_text(cli, CLI_EXIT_REFUSED, MIA_NOTFOUND, "%s is no installation", root);
}

/* ---- running */

struct running {
    struct cli *cli;
    const struct cli_installation *asked;
    struct progress progress;
    struct cli_obstacles obstacles;
    json_t *list; /* NULL without --json */
};

static void tell(void *ctx, const struct mia_installed *installed)
{
    struct running *r = ctx;
    if (!installed->is_done)
        return;
    if (r->cli->json) {
        json_array_append_new(r->list, database_object(installed));
        return;
    }
    if (r->asked->quiet)
        return;
    cli_progress_clear(&r->progress);
    print_database(&r->cli->out, installed);
    cli_output_finish(&r->cli->out);
}

static json_t *report_object(const struct running *r, const struct mia_installation_report *report,
                             enum mia_phase phase)
{
    json_t *object = json_object();
    json_t *rest = json_pack(
        "{s:s, s:o, s:o, s:o, s:o, s:o, s:O}", "phase", mia_phase_text(phase), "databases",
        cli_json_count(report->databases), "done", cli_json_count(report->done), "already",
        cli_json_count(report->already), "strays", cli_json_count(report->strays), "records",
        cli_json_count(report->records), "now_done", r->list);
    bool complete = cli_json_add_bytes(object, "installation", mia_bytes_of(r->asked->opt.root));
    return cli_json_with(object, complete, rest);
}

static enum mia_phase phase_of(const char *root)
{
    mia_installation_status *status = NULL;
    enum mia_phase phase = MIA_PHASE_MIGRATING;
    if (mia_installation_status_read(root, &status, NULL) == MIA_OK)
        phase = mia_installation_phase(status);
    mia_installation_status_free(status);
    return phase;
}

static void print_summary(const struct running *r, const struct mia_installation_report *report,
                          enum mia_phase phase)
{
    struct output *out = &r->cli->out;
    cli_output_format(out, "%s of %s database%s verified, %s record%s: %s.\n",
                      cli_human_count(report->done).text, cli_human_count(report->databases).text,
                      cli_plural(report->databases), cli_human_count(report->records).text,
                      cli_plural(report->records), mia_phase_text(phase));
    print_next(r->cli, r->asked->opt.root, phase);
}

static int fail(struct running *r, const struct mia_installation_report *report,
                const struct mia_error *err)
{
    enum cli_exit exit = cli_exit_of_failure(report->failure, err->status);
    if (exit == CLI_EXIT_INTERRUPTED)
        cli_message(r->cli, "run the same command again to go on");
    cli_obstacles_message(r->cli, &r->obstacles, err);
    if (!r->cli->json)
        return (int)exit;
    cli_json_print(r->cli, json_pack("{s:o, s:o}", "error", cli_error_object(r->cli, exit, err),
                                     "obstacles", cli_obstacles_list(&r->obstacles)));
    return (int)exit;
}

int cli_installation_run(struct cli *cli, const struct cli_installation *asked,
                         cli_installation_fn *act)
{
    struct mia_error err = {0};
    struct running r = {.cli = cli, .asked = asked, .list = cli->json ? json_array() : NULL};
    struct mia_installation_options opt = asked->opt;
    struct mia_installation_report report = {.struct_size = sizeof report};
    int exit_code = CLI_EXIT_DONE;
    cli_progress_begin(&r.progress, cli, asked->progress, asked->quiet);
    r.progress.pause_file = opt.pause_file;
    opt.struct_size = sizeof opt;
    opt.database = tell;
    opt.database_ctx = &r;
    opt.progress = cli_progress_show;
    opt.progress_ctx = &r.progress;
    opt.obstacle = cli_obstacles_take;
    opt.obstacle_ctx = &r.obstacles;
    mia_status rc = act(&opt, &report, &err);
    cli_progress_end(&r.progress);
    enum mia_phase phase = phase_of(opt.root);
    if (rc == MIA_NOTFOUND)
        exit_code = fail_absent(cli, opt.root);
    else if (rc != MIA_OK)
        exit_code = fail(&r, &report, &err);
    else if (cli->json)
        exit_code = cli_json_print(cli, report_object(&r, &report, phase)) ? CLI_EXIT_DONE
                                                                           : CLI_EXIT_REFUSED;
    else if (!asked->quiet)
        print_summary(&r, &report, phase);
    json_decref(r.list);
    json_decref(r.obstacles.list);
    return exit_code;
}

/* ---- status */

static json_t *status_object(struct cli *cli, const char *root,
                             const mia_installation_status *status)
{
    enum mia_phase phase = mia_installation_phase(status);
    const char *spill = mia_installation_spill(status);
    char *next = next_command(cli, root, phase);
    json_t *object = json_object(), *list = json_array();
    bool complete =
        cli_json_add_bytes(object, "installation", mia_bytes_of(root)) &&
        cli_json_add_bytes(object, "base", mia_bytes_of(mia_installation_base(status))) &&
        (spill == NULL || cli_json_add_bytes(object, "spill_base", mia_bytes_of(spill))) &&
        cli_json_add_bytes(object, "in_use", mia_bytes_of(mia_installation_in_use(status)));
    for (size_t i = 0; i < mia_installation_count(status); i++) {
        struct mia_installed d = mia_installation_at(status, i);
        complete = json_array_append_new(list, database_object(&d)) == 0 && complete;
    }
    json_t *rest = json_pack("{s:s, s:I, s:s?, s:o}", "phase", mia_phase_text(phase), "verified_ms",
                             (json_int_t)mia_installation_verified_ms(status), "next", next,
                             "databases", list);
    free(next);
    return cli_json_with(object, complete, rest);
}

static void print_time(struct output *out, int64_t ms)
{
    char text[64];
    time_t seconds = (time_t)(ms / 1000);
    struct tm when;
    if (ms > 0 && gmtime_r(&seconds, &when) != NULL &&
        strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S UTC", &when) > 0)
        cli_field(out, "verified", "%s", text);
}

static void print_status(struct cli *cli, const char *root, const mia_installation_status *status)
{
    struct output *out = &cli->out;
    enum mia_phase phase = mia_installation_phase(status);
    cli_output_escaped(out, mia_bytes_of(root));
    cli_output_format(out, ": %s\n", mia_phase_text(phase));
    cli_field(out, "base", "%s", mia_installation_base(status));
    if (mia_installation_spill(status) != NULL)
        cli_field(out, "spill base", "%s", mia_installation_spill(status));
    cli_field(out, "in use", "%s", mia_installation_in_use(status));
    print_time(out, mia_installation_verified_ms(status));
    for (size_t i = 0; i < mia_installation_count(status); i++) {
        struct mia_installed d = mia_installation_at(status, i);
        print_database(out, &d);
    }
    print_next(cli, root, phase);
}

int cli_installation_show(struct cli *cli, const char *root)
{
    struct mia_error err = {0};
    mia_installation_status *status;
    int exit_code = CLI_EXIT_DONE;
    mia_status rc = mia_installation_status_read(root, &status, &err);
    if (rc == MIA_NOTFOUND)
        return fail_absent(cli, root);
    if (rc < 0)
        return cli_fail(cli, cli_exit_of_status(rc), &err);
    if (!cli->json)
        print_status(cli, root, status);
    else if (!cli_json_print(cli, status_object(cli, root, status)))
        exit_code = CLI_EXIT_REFUSED;
    mia_installation_status_free(status);
    return exit_code;
}

int cli_installation_act(struct cli *cli, const char *root, bool quiet, cli_installation_step *step)
{
    struct mia_error err = {0};
    struct mia_installation_options opt = {.struct_size = sizeof opt, .root = root};
    mia_status rc = step(&opt, &err);
    if (rc == MIA_NOTFOUND)
        return fail_absent(cli, root);
    if (rc < 0)
        return cli_fail(cli, cli_exit_of_status(rc), &err);
    return quiet ? CLI_EXIT_DONE : cli_installation_show(cli, root);
}
