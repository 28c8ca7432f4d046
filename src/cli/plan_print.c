/* cli/plan_print.c - what a plan says, as text and as JSON */
#include "cli/plan_print.h"

#include "cli/differences.h"
#include "cli/failure.h"
#include "cli/findings.h"
#include "cli/human.h"
#include "cli/json.h"
#include "cli/losses.h"
#include "cli/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum { TREES_SHOWN = 20 };

void cli_plan_take_tree(void *ctx, const struct mia_plan_tree *t)
{
    struct cli_planned *p = ctx;
    json_t *object = json_pack(
        "{s:b, s:b, s:o, s:o, s:o, s:o, s:o}", "left_out", t->is_left_out, "damaged", t->is_damaged,
        "records", cli_json_count(t->records), "key_bytes", cli_json_count(t->key_bytes),
        "value_bytes", cli_json_count(t->value_bytes), "undecodable",
        cli_json_count(t->undecodable), "target_bytes", cli_json_count(t->target_bytes));
    if (!cli_json_add_bytes(object, "name", t->name) ||
        json_array_append_new(p->trees, object) != 0)
        p->obstacles.is_out_of_memory = true;
}

/* The migration that was planned, for a shell. NULL: out of memory. */
static char *command_of(const struct cli *cli, const struct cli_planned *p)
{
    const char *source = cli->arguments[0], *target = cli->arguments[1];
    bool is_raw = p->raw || (p->report.is_read && !p->report.typed);
    const char *const words[] = {cli->program,
                                 "migrate",
                                 is_raw ? "--raw" : NULL,
                                 p->salvage ? "--salvage" : NULL,
                                 p->resume ? "--resume" : NULL,
                                 p->force ? "--force" : NULL,
                                 p->no_index ? "--no-index" : NULL,
                                 p->torn ? "--accept-torn-log" : NULL,
                                 source[0] == '-' || target[0] == '-' ? "--" : NULL,
                                 source,
                                 target};
    return cli_shell_line(words, sizeof words / sizeof words[0]);
}

/* ---- text */

static void print_heading(struct cli *cli, const struct cli_planned *p)
{
    struct output *out = &cli->out;
    uint64_t reasons = p->obstacles.counts[MIA_WEIGHT_REFUSAL];
    cli_output_text(out, "A migration of ");
    cli_output_escaped(out, mia_bytes_of(cli->arguments[0]));
    if (cli->argument_count > 1) {
        cli_output_text(out, " to ");
        cli_output_escaped(out, mia_bytes_of(cli->arguments[1]));
    }
    if (p->report.failure == MIA_FAILURE_NONE)
        cli_output_text(out, p->is_quick ? " would not be refused; the source was not read.\n"
                                         : " will work.\n");
    else if (p->report.failure == MIA_FAILURE_REFUSED)
        cli_output_format(out, " would be refused, for %s reason%s.\n",
                          cli_human_count(reasons).text, cli_plural(reasons));
    else
        cli_output_text(out, p->salvage ? " will save what is left of it.\n"
                                        : " would end where the source is damaged.\n");
}

static void print_tree(struct output *out, const json_t *tree)
{
    const char *name = json_string_value(json_object_get(tree, "name"));
    uint64_t records = (uint64_t)json_integer_value(json_object_get(tree, "records"));
    uint64_t bytes = (uint64_t)json_integer_value(json_object_get(tree, "key_bytes")) +
                     (uint64_t)json_integer_value(json_object_get(tree, "value_bytes"));
    uint64_t stored = (uint64_t)json_integer_value(json_object_get(tree, "target_bytes"));
    if (name == NULL)
        name = json_string_value(json_object_get(tree, "name_hex"));
    cli_output_text(out, "    ");
    cli_output_escaped(out, mia_bytes_of(name != NULL ? name : ""));
    size_t size = 0;
    for (const char *at = name != NULL ? name : ""; *at != '\0'; at++)
        size += ((unsigned char)*at & 0xc0) != 0x80; /* characters, not bytes */
    cli_output_format(out, "%*s %12s record%-1s %8s", size < 24 ? (int)(24 - size) : 1, "",
                      cli_human_count(records).text, cli_plural(records),
                      cli_human_bytes(bytes).text);
    if (json_is_true(json_object_get(tree, "damaged")))
        cli_output_text(out, "  damaged");
    else if (json_is_true(json_object_get(tree, "left_out")))
        cli_output_text(out, "  left out, made anew");
    else
        cli_output_format(out, "  -> %s", cli_human_bytes(stored).text);
    cli_output_text(out, "\n");
}

static void print_trees(struct output *out, const struct cli_planned *p)
{
    size_t count = json_array_size(p->trees);
    const struct mia_plan_report *r = &p->report;
    cli_field(out, "trees", "%s; %s", cli_human_count(r->trees).text,
              r->typed ? "records as archives" : "byte for byte");
    if (r->left_out_trees > 0)
        cli_field(out, "left out", "%s of MIA's index trees: made anew from the records",
                  cli_human_count(r->left_out_trees).text);
    for (size_t i = 0; i < count && i < TREES_SHOWN; i++)
        print_tree(out, json_array_get(p->trees, i));
    if (count > TREES_SHOWN)
        cli_output_format(out, "    ... and %s more: see --json\n",
                          cli_human_count(count - TREES_SHOWN).text);
}

static void print_sizes(struct output *out, const struct mia_plan_report *r)
{
    uint64_t least = 0, most = 16;
    char text[240] = "";
    size_t used = 0;
    for (int i = 0; i < MIA_PLAN_VALUE_SIZES; i++, least = most, most *= 4) {
        if (r->value_sizes[i] == 0 || used >= sizeof text)
            continue;
        const char *gap = used > 0 ? ", " : "";
        used +=
            (size_t)snprintf(text + used, sizeof text - used, "%s%s from %s", gap,
                             cli_human_count(r->value_sizes[i]).text, cli_human_bytes(least).text);
    }
    if (used > 0)
        cli_field(out, "value sizes", "%s", text);
    cli_field(out, "page size", "%" PRIu32 ": %s", r->page_size, r->page_size_why);
    if (r->long_keys > 0)
        cli_field(out, "long keys", "%s, to be folded", cli_human_count(r->long_keys).text);
}

static void print_read(struct output *out, const struct cli_planned *p)
{
    const struct mia_plan_report *r = &p->report;
    print_trees(out, p);
    cli_field(out, "records", "%s", cli_human_count(r->records).text);
    cli_field(out, "keys", "%s", cli_human_bytes(r->key_bytes).text);
    cli_field(out, "values", "%s", cli_human_bytes(r->value_bytes).text);
    print_sizes(out, r);
    if (r->findings[MIA_FINDING_QUARANTINED] > 0)
        cli_field(out, "undecodable", "%s record%s",
                  cli_human_count(r->findings[MIA_FINDING_QUARANTINED]).text,
                  cli_plural(r->findings[MIA_FINDING_QUARANTINED]));
    for (int c = MIA_FINDING_TRAILING; c <= MIA_FINDING_KEY; c++)
        if (r->findings[c] > 0)
            cli_field(out, c == MIA_FINDING_KEY ? "key" : "trailing", "%s (%s)",
                      cli_human_count(r->findings[c]).text,
                      mia_finding_text((enum mia_finding_class)c));
    if (r->index_entries > 0)
        cli_field(out, "indexes", "%s entries, about %s", cli_human_count(r->index_entries).text,
                  cli_human_bytes(r->index_bytes).text);
    cli_field(out, "target file", "about %s (an estimate)", cli_human_bytes(r->target_bytes).text);
    cli_field(out, "time", "%s to %s; reading and converting took %s here",
              cli_human_seconds(r->least_seconds).text, cli_human_seconds(r->most_seconds).text,
              cli_human_seconds(r->read_seconds).text);
}

void cli_plan_print(struct cli *cli, const struct cli_planned *p)
{
    struct output *out = &cli->out;
    const struct mia_plan_report *r = &p->report;
    print_heading(cli, p);
    cli_obstacles_print(out, &p->obstacles);
    if (r->source_bytes > 0)
        cli_field(out, "source", "%s, %s of files", r->kind, cli_human_bytes(r->source_bytes).text);
    if (r->is_read)
        print_read(out, p);
    cli_losses_print(out, r->losses);
    if (r->is_salvageable)
        cli_field(out, "salvage", "would save %s record%s, and list what is lost",
                  cli_human_count(r->salvaged_records).text, cli_plural(r->salvaged_records));
    if (r->free_bytes > 0)
        cli_field(out, "free", "%s", cli_human_bytes(r->free_bytes).text);
    if (r->has_partial)
        cli_field(out, "earlier run", "%s",
                  r->is_resumable ? "of this source: --resume goes on with it"
                                  : "nothing that --resume could go on with: --force starts over");
    char *command =
        r->failure == MIA_FAILURE_NONE && cli->argument_count > 1 ? command_of(cli, p) : NULL;
    if (command != NULL) {
        cli_output_text(out, "  next           ");
        cli_output_escaped(out, mia_bytes_of(command));
        cli_output_text(out, "\n");
    }
    free(command);
}

/* ---- JSON */

static json_t *sizes_object(const struct mia_plan_report *r)
{
    json_t *list = json_array();
    uint64_t least = 0, most = 16;
    for (int i = 0; i < MIA_PLAN_VALUE_SIZES; i++, least = most, most *= 4)
        json_array_append_new(list, json_pack("{s:o, s:o}", "from_bytes", cli_json_count(least),
                                              "values", cli_json_count(r->value_sizes[i])));
    return list;
}

static json_t *long_keys_object(const struct mia_plan_report *r)
{
    json_t *object = json_object();
    for (int i = 0; i < MIA_PLAN_PAGE_SIZES; i++) {
        char name[16];
        snprintf(name, sizeof name, "%d", 4096 << i);
        json_object_set_new(object, name, cli_json_count(r->long_keys_by_page[i]));
    }
    return object;
}

static json_t *verdict(const struct cli_planned *p)
{
    static const char *const words[] = {[MIA_FAILURE_NONE] = "works",
                                        [MIA_FAILURE_SOURCE] = "damaged",
                                        [MIA_FAILURE_REFUSED] = "refused"};
    const char *word = p->report.failure <= MIA_FAILURE_REFUSED ? words[p->report.failure] : NULL;
    return json_string(word != NULL ? word : "unknown");
}

static json_t *estimates(const struct mia_plan_report *r)
{
    return json_pack("{s:o, s:o, s:o, s:o, s:f, s:f, s:f, s:o, s:s, s:o, s:o, s:o, s:o}",
                     "target_bytes", cli_json_count(r->target_bytes), "index_bytes",
                     cli_json_count(r->index_bytes), "index_entries",
                     cli_json_count(r->index_entries), "free_bytes", cli_json_count(r->free_bytes),
                     "read_seconds", r->read_seconds, "least_seconds", r->least_seconds,
                     "most_seconds", r->most_seconds, "page_size", cli_json_count(r->page_size),
                     "page_size_why", r->page_size_why, "value_sizes", sizes_object(r),
                     "largest_value", cli_json_count(r->largest_value), "long_keys",
                     cli_json_count(r->long_keys), "long_keys_by_page_size", long_keys_object(r));
}

json_t *cli_plan_object(const struct cli *cli, const struct cli_planned *p)
{
    const struct mia_plan_report *r = &p->report;
    json_t *object = json_object();
    bool complete = cli_json_add_bytes(object, "source", mia_bytes_of(cli->arguments[0])) &&
                    (cli->argument_count < 2 ||
                     cli_json_add_bytes(object, "target", mia_bytes_of(cli->arguments[1])));
    json_t *counts = json_pack(
        "{s:o, s:b, s:b, s:b, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:b, s:b, s:b, s:o}",
        "verdict", verdict(p), "quick", p->is_quick, "read", r->is_read, "typed", r->typed, "kind",
        r->kind, "format", r->format, "source_bytes", cli_json_count(r->source_bytes), "trees",
        cli_json_count(r->trees), "records", cli_json_count(r->records), "key_bytes",
        cli_json_count(r->key_bytes), "value_bytes", cli_json_count(r->value_bytes),
        "left_out_trees", cli_json_count(r->left_out_trees), "left_out_records",
        cli_json_count(r->left_out_records), "partial", r->has_partial, "resumable",
        r->is_resumable, "salvageable", r->is_salvageable, "salvaged_records",
        cli_json_count(r->salvaged_records));
    json_t *lists = json_pack("{s:o, s:O, s:o, s:O, s:o, s:O}", "obstacles",
                              cli_obstacles_list(&p->obstacles), "all_trees", p->trees, "findings",
                              cli_findings_object(r->findings), "first_findings", p->findings,
                              "losses", cli_losses_object(r->losses), "all_losses", p->losses);
    object = cli_json_with(object, complete, counts);
    object = cli_json_with(object, true, estimates(r));
    return cli_json_with(object, true, lists);
}
