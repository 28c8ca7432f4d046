/* cli/obstacles.c - a list of what stands in the way */
#include "cli/obstacles.h"

#include "cli/failure.h"
#include "cli/json.h"

static const char *const words[MIA_WEIGHTS] = {[MIA_WEIGHT_WARNING] = "warning",
                                               [MIA_WEIGHT_DAMAGE] = "damaged",
                                               [MIA_WEIGHT_REFUSAL] = "refused"};

void cli_obstacles_take(void *ctx, const struct mia_obstacle *obstacle)
{
    struct cli_obstacles *o = ctx;
    json_t *object =
        json_pack("{s:s, s:s, s:s, s:o}", "obstacle", mia_obstacle_name(obstacle->obstacle),
                  "weight", mia_weight_name(obstacle->weight), "status",
                  mia_status_name(obstacle->status), "message", cli_json_text(obstacle->message));
    o->counts[obstacle->weight]++;
    if (o->list == NULL)
        o->list = json_array();
    if (obstacle->database != NULL &&
        !cli_json_add_bytes(object, "database", mia_bytes_of(obstacle->database)))
        o->is_out_of_memory = true;
    if (json_array_append_new(o->list, object) != 0)
        o->is_out_of_memory = true;
}

static const char *member(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text != NULL ? text : "";
}

static bool has_weight(const json_t *object, enum mia_obstacle_weight weight)
{
    return strcmp(member(object, "weight"), mia_weight_name(weight)) == 0;
}

void cli_obstacles_print(struct output *out, const struct cli_obstacles *o)
{
    for (int weight = MIA_WEIGHTS - 1; weight >= 0; weight--)
        for (size_t i = 0; i < json_array_size(o->list); i++) {
            const json_t *object = json_array_get(o->list, i);
            if (!has_weight(object, (enum mia_obstacle_weight)weight))
                continue;
            cli_output_format(out, "%s: ", words[weight]);
            cli_output_escaped(out, mia_bytes_of(member(object, "message")));
            cli_output_text(out, "\n");
        }
}

void cli_obstacles_message(const struct cli *cli, const struct cli_obstacles *o,
                           const struct mia_error *err)
{
    if (o->counts[MIA_WEIGHT_REFUSAL] < 2) {
        cli_message(cli, "%s", err->message);
        return;
    }
    for (size_t i = 0; i < json_array_size(o->list); i++)
        if (has_weight(json_array_get(o->list, i), MIA_WEIGHT_REFUSAL))
            cli_message(cli, "%s", member(json_array_get(o->list, i), "message"));
}

json_t *cli_obstacles_list(const struct cli_obstacles *o)
{
    return o->list != NULL ? json_incref(o->list) : json_array();
}
