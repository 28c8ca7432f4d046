/* cli/differences.c - counts of differences by class */
#include "cli/differences.h"

#include "cli/human.h"
#include "cli/json.h"

static const char *const names[MIA_DIFF_CLASSES] = {
    [MIA_DIFF_MISSING] = "missing",
    [MIA_DIFF_EXTRA] = "extra",
    [MIA_DIFF_VALUE] = "value",
    [MIA_DIFF_ORDER] = "order",
    [MIA_DIFF_UNDECODABLE] = "undecodable",
};

const char *cli_difference_name(enum mia_difference_class difference)
{
    return names[difference];
}

uint64_t cli_differences_total(const uint64_t counts[MIA_DIFF_CLASSES])
{
    uint64_t total = 0;
    for (int c = 0; c < MIA_DIFF_CLASSES; c++)
        total += counts[c];
    return total;
}

json_t *cli_differences_object(const uint64_t counts[MIA_DIFF_CLASSES])
{
    json_t *object = json_pack("{s:o}", "total", cli_json_count(cli_differences_total(counts)));
    for (int c = 0; c < MIA_DIFF_CLASSES; c++)
        if (json_object_set_new(object, names[c], cli_json_count(counts[c])) != 0) {
            json_decref(object);
            return NULL;
        }
    return object;
}

void cli_differences_print(struct output *out, const uint64_t counts[MIA_DIFF_CLASSES])
{
    for (int c = 0; c < MIA_DIFF_CLASSES; c++)
        if (counts[c] > 0)
            cli_field(out, names[c], "%s (%s)", cli_human_count(counts[c]).text,
                      mia_difference_text((enum mia_difference_class)c));
}
