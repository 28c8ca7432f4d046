/* cli/plan_base.c - mia plan --base: a line for each database, and the sum */
#include "cli/plan_base.h"

#include "cli/failure.h"
#include "cli/human.h"
#include "cli/json.h"
#include "cli/obstacles.h"
#include "cli/progress.h"

#include <stdio.h>

struct planning {
    struct cli *cli;
    const struct cli_plan_base *asked;
    struct progress progress;
    struct cli_obstacles obstacles;
    json_t *list; /* of databases */
};

static const char *verdict_of(enum mia_failure failure)
{
    return failure == MIA_FAILURE_NONE      ? "works"
           : failure == MIA_FAILURE_SOURCE  ? "damaged"
           : failure == MIA_FAILURE_REFUSED ? "refused"
                                            : "unknown";
}

static void take_database(void *ctx, const struct mia_installed *database,
                          const struct mia_plan_report *r)
{
    struct planning *p = ctx;
    json_t *object =
        json_pack("{s:s, s:b, s:o, s:o, s:o, s:f, s:f}", "verdict", verdict_of(r->failure), "typed",
                  r->typed, "records", cli_json_count(r->records), "source_bytes",
                  cli_json_count(r->source_bytes), "target_bytes", cli_json_count(r->target_bytes),
                  "least_seconds", r->least_seconds, "most_seconds", r->most_seconds);
    if (!cli_json_add_bytes(object, "name", mia_bytes_of(database->name)) ||
        !cli_json_add_bytes(object, "source", mia_bytes_of(database->source)) ||
        json_array_append_new(p->list, object) != 0)
        p->obstacles.is_out_of_memory = true;
}

static void print_database(struct output *out, const json_t *d, bool is_read)
{
    const char *name = json_string_value(json_object_get(d, "name"));
    uint64_t records = (uint64_t)json_integer_value(json_object_get(d, "records"));
    uint64_t source = (uint64_t)json_integer_value(json_object_get(d, "source_bytes"));
    uint64_t target = (uint64_t)json_integer_value(json_object_get(d, "target_bytes"));
    size_t size = name != NULL ? strlen(name) : 0;
    cli_output_text(out, "  ");
    cli_output_escaped(out, mia_bytes_of(name != NULL ? name : ""));
    cli_output_format(out, "%*s%-8s %8s", size < 34 ? (int)(34 - size) : 1, "",
                      json_string_value(json_object_get(d, "verdict")),
                      cli_human_bytes(source).text);
    if (is_read)
        cli_output_format(out, " -> %-8s %12s record%s", cli_human_bytes(target).text,
                          cli_human_count(records).text, cli_plural(records));
    cli_output_text(out, "\n");
}

static void print_heading(struct output *out, const struct planning *p,
                          const struct mia_installation_plan_report *r)
{
    uint64_t reasons = p->obstacles.counts[MIA_WEIGHT_REFUSAL];
    cli_output_format(out, "A migration of %s database%s", cli_human_count(r->databases).text,
                      cli_plural(r->databases));
    if (r->failure == MIA_FAILURE_NONE)
        cli_output_text(out, p->asked->is_quick ? " would not be refused; they were not read.\n"
                                                : " will work.\n");
    else if (r->failure == MIA_FAILURE_REFUSED)
        cli_output_format(out, " would be refused, for %s reason%s.\n",
                          cli_human_count(reasons).text, cli_plural(reasons));
    else
        cli_output_text(out, " would end where a source is damaged.\n");
}

static void print_summary(const struct planning *p, const struct mia_installation_plan_report *r)
{
    struct output *out = &p->cli->out;
    bool is_read = !p->asked->is_quick;
    print_heading(out, p, r);
    cli_obstacles_print(out, &p->obstacles);
    for (size_t i = 0; i < json_array_size(p->list); i++)
        print_database(out, json_array_get(p->list, i), is_read);
    if (r->already > 0)
        cli_field(out, "already", "%s, done by an earlier call", cli_human_count(r->already).text);
    if (r->strays > 0)
        cli_field(out, "left out", "%s, empty and not MIA's", cli_human_count(r->strays).text);
    cli_field(out, "source files", "%s", cli_human_bytes(r->source_bytes).text);
    if (is_read) {
        cli_field(out, "records", "%s", cli_human_count(r->records).text);
        cli_field(out, "target files", "about %s (an estimate)",
                  cli_human_bytes(r->target_bytes).text);
        cli_field(out, "time", "%s to %s", cli_human_seconds(r->least_seconds).text,
                  cli_human_seconds(r->most_seconds).text);
    }
    cli_field(out, "free", "%s", cli_human_bytes(r->free_bytes).text);
}

static json_t *plan_object(const struct planning *p, const struct mia_installation_plan_report *r)
{
    json_t *object = json_object();
    json_t *rest =
        json_pack("{s:s, s:b, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:f, s:f, s:o, s:O}", "verdict",
                  verdict_of(r->failure), "quick", p->asked->is_quick, "databases",
                  cli_json_count(r->databases), "already", cli_json_count(r->already), "strays",
                  cli_json_count(r->strays), "records", cli_json_count(r->records), "source_bytes",
                  cli_json_count(r->source_bytes), "target_bytes", cli_json_count(r->target_bytes),
                  "free_bytes", cli_json_count(r->free_bytes), "least_seconds", r->least_seconds,
                  "most_seconds", r->most_seconds, "obstacles", cli_obstacles_list(&p->obstacles),
                  "all_databases", p->list);
    bool complete = cli_json_add_bytes(object, "installation", mia_bytes_of(p->asked->opt.root));
    return cli_json_with(object, complete, rest);
}

static int conclude(const struct planning *p, const struct mia_installation_plan_report *r)
{
    int exit = r->failure == MIA_FAILURE_NONE ? CLI_EXIT_DONE
                                              : (int)cli_exit_of_failure(r->failure, MIA_OK);
    if (p->obstacles.is_out_of_memory)
        return cli_fail_text(p->cli, CLI_EXIT_REFUSED, MIA_ERR_NOMEM,
                             "out of memory: not everything could be listed");
    if (p->cli->json)
        return cli_json_print(p->cli, plan_object(p, r)) ? exit : CLI_EXIT_REFUSED;
    if (p->asked->quiet)
        cli_obstacles_print(&p->cli->out, &p->obstacles);
    else
        print_summary(p, r);
    return exit;
}

int cli_plan_base_run(struct cli *cli, const struct cli_plan_base *asked)
{
    struct mia_error err = {0};
    struct planning p = {.cli = cli, .asked = asked, .list = json_array()};
    struct mia_installation_options opt = asked->opt;
    struct mia_installation_plan_report report = {.struct_size = sizeof report};
    cli_progress_begin(&p.progress, cli, asked->progress, asked->quiet);
    opt.struct_size = sizeof opt;
    opt.obstacle = cli_obstacles_take;
    opt.obstacle_ctx = &p.obstacles;
    opt.progress = cli_progress_show;
    opt.progress_ctx = &p.progress;
    mia_status rc = mia_installation_plan(&opt, asked->is_quick, take_database, &p, &report, &err);
    cli_progress_end(&p.progress);
    int exit_code = rc < 0 ? cli_fail(cli, cli_exit_of_failure(report.failure, rc), &err)
                           : conclude(&p, &report);
    json_decref(p.list);
    json_decref(p.obstacles.list);
    return exit_code;
}
