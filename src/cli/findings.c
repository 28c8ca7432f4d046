/* cli/findings.c - what was odd about records */
#include "cli/findings.h"

#include "cli/failure.h"
#include "cli/human.h"
#include "cli/json.h"

#include <unistd.h>

enum { SHOWN_MAX = 20, LISTED_MAX = 1000 }; /* of each class; the counts are of all */

static const char *const names[MIA_FINDING_CLASSES] = {
    [MIA_FINDING_QUARANTINED] = "quarantined",
    [MIA_FINDING_TRAILING] = "trailing",
    [MIA_FINDING_KEY] = "key",
    [MIA_FINDING_RESPELLED] = "respelled",
};

static void print(const struct cli_findings *f, const struct mia_finding *finding, bool is_last)
{
    struct output line;
    cli_progress_clear(f->progress);
    cli_output_init(&line, STDERR_FILENO);
    cli_output_format(&line, "mia: %s: %s: tree '", f->cli->command->name,
                      mia_finding_text(finding->finding));
    cli_output_escaped(&line, finding->tree);
    cli_output_text(&line, "' key '");
    cli_output_escaped(&line, finding->key);
    cli_output_text(&line, finding->detail[0] != '\0' ? "': " : "'");
    cli_output_escaped(&line, mia_bytes_of(finding->detail));
    cli_output_text(&line, is_last ? "\nmia: more of these are counted, not shown\n" : "\n");
    cli_output_finish(&line);
}

static json_t *finding_object(const struct mia_finding *finding)
{
    json_t *object = json_pack("{s:s}", "class", names[finding->finding]);
    if (object != NULL && cli_json_add_bytes(object, "tree", finding->tree) &&
        cli_json_add_bytes(object, "key", finding->key) &&
        json_object_set_new(object, "detail", cli_json_text(finding->detail)) == 0)
        return object;
    json_decref(object);
    return NULL;
}

void cli_findings_take(void *ctx, const struct mia_finding *finding)
{
    struct cli_findings *f = ctx;
    uint64_t number = ++f->seen[finding->finding];
    /* Another spelling of the same values is nothing to look at one by one. */
    bool is_shown = finding->finding != MIA_FINDING_RESPELLED && number <= SHOWN_MAX;
    if (is_shown && !f->is_quiet)
        print(f, finding, number == SHOWN_MAX);
    if (f->list != NULL && number <= LISTED_MAX &&
        json_array_append_new(f->list, finding_object(finding)) != 0)
        f->is_out_of_memory = true;
}

json_t *cli_findings_object(const uint64_t counts[MIA_FINDING_CLASSES])
{
    json_t *object = json_object();
    for (int c = 0; c < MIA_FINDING_CLASSES; c++)
        if (json_object_set_new(object, names[c], cli_json_count(counts[c])) != 0) {
            json_decref(object);
            return NULL;
        }
    return object;
}

void cli_findings_print(struct output *out, const uint64_t counts[MIA_FINDING_CLASSES])
{
    for (int c = 0; c < MIA_FINDING_CLASSES; c++)
        if (counts[c] > 0)
            cli_field(out, names[c], "%s (%s)", cli_human_count(counts[c]).text,
                      mia_finding_text((enum mia_finding_class)c));
}
