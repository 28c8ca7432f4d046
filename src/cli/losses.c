/* cli/losses.c - what is lost of a damaged database */
#include "cli/losses.h"

#include "cli/failure.h"
#include "cli/human.h"
#include "cli/json.h"

#include <inttypes.h>
#include <unistd.h>

enum { SHOWN_MAX = 20 }; /* of each class; the counts are of all */

static bool has_range(const struct mia_loss *loss)
{
    return loss->loss == MIA_LOSS_KEYS || loss->loss == MIA_LOSS_OLDER;
}

static void print_range(struct output *line, const struct mia_loss *loss)
{
    cli_output_text(line, ": tree '");
    cli_output_escaped(line, loss->tree);
    cli_output_text(line, loss->from.size > 0 ? "' from '" : "' from its first key");
    cli_output_escaped(line, loss->from);
    cli_output_text(line, loss->from.size > 0 ? "'" : "");
    cli_output_text(line, loss->is_to_end ? " to its last" : " to before '");
    cli_output_escaped(line, loss->to);
    cli_output_text(line, loss->is_to_end ? "" : "'");
}

static void print(const struct cli_losses *l, const struct mia_loss *loss, bool is_last)
{
    struct output line;
    cli_progress_clear(l->progress);
    cli_output_init(&line, STDERR_FILENO);
    cli_output_format(&line, "mia: %s: %s", l->cli->command->name, mia_loss_text(loss->loss));
    if (has_range(loss))
        print_range(&line, loss);
    if (loss->loss == MIA_LOSS_NAME && loss->tree.size > 0) {
        cli_output_text(&line, ": now '");
        cli_output_escaped(&line, loss->tree);
        cli_output_text(&line, "'");
    }
    if (loss->file[0] != '\0')
        cli_output_format(&line, ": %s", loss->file);
    if (loss->bytes > 0)
        cli_output_format(&line, ", %" PRIu64 " at byte %" PRIu64, loss->bytes, loss->offset);
    if (loss->detail[0] != '\0')
        cli_output_format(&line, ": %s", loss->detail);
    cli_output_text(&line, is_last ? "\nmia: more of these are counted, not shown\n" : "\n");
    cli_output_finish(&line);
}

static json_t *loss_object(const struct mia_loss *loss)
{
    json_t *object =
        json_pack("{s:s, s:s}", "class", mia_loss_name(loss->loss), "detail", loss->detail);
    bool is_complete = object != NULL;
    if (is_complete && (has_range(loss) || loss->tree.size > 0))
        is_complete = cli_json_add_bytes(object, "tree", loss->tree);
    if (is_complete && has_range(loss))
        is_complete = cli_json_add_bytes(object, "from", loss->from) &&
                      (loss->is_to_end || cli_json_add_bytes(object, "to", loss->to));
    if (is_complete && loss->file[0] != '\0')
        is_complete = json_object_set_new(object, "file", cli_json_text(loss->file)) == 0;
    if (is_complete && loss->bytes > 0)
        is_complete = json_object_set_new(object, "offset", cli_json_count(loss->offset)) == 0 &&
                      json_object_set_new(object, "bytes", cli_json_count(loss->bytes)) == 0;
    if (is_complete)
        return object;
    json_decref(object);
    return NULL;
}

void cli_losses_take(void *ctx, const struct mia_loss *loss)
{
    struct cli_losses *l = ctx;
    uint64_t number = ++l->seen[loss->loss];
    if (number <= SHOWN_MAX && !l->is_quiet)
        print(l, loss, number == SHOWN_MAX);
    if (l->list != NULL && json_array_append_new(l->list, loss_object(loss)) != 0)
        l->is_out_of_memory = true;
}

json_t *cli_losses_object(const uint64_t counts[MIA_LOSS_CLASSES])
{
    json_t *object = json_object();
    for (int c = 0; c < MIA_LOSS_CLASSES; c++)
        if (json_object_set_new(object, mia_loss_name((enum mia_loss_class)c),
                                cli_json_count(counts[c])) != 0) {
            json_decref(object);
            return NULL;
        }
    return object;
}

void cli_losses_print(struct output *out, const uint64_t counts[MIA_LOSS_CLASSES])
{
    for (int c = 0; c < MIA_LOSS_CLASSES; c++)
        if (counts[c] > 0)
            cli_field(out, "damage", "%s: %s", cli_human_count(counts[c]).text,
                      mia_loss_text((enum mia_loss_class)c));
}
