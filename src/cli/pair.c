/* cli/pair.c - names, keys and values: from arguments, and to the output of dump and get */
#include "cli/pair.h"

#include "cli/json.h"
#include "cli/text.h"

#include <stdio.h>

bool cli_pair_argument(char *text, bool is_hex, mia_slice *bytes)
{
    *bytes = mia_bytes_of(text);
    return !is_hex || cli_hex_decode(text, &bytes->size);
}

static bool print_object(struct output *out, mia_slice tree, const struct mia_pair *pair)
{
    json_t *object = json_object();
    if (object != NULL && cli_json_add_bytes(object, "tree", tree) &&
        cli_json_add_bytes(object, "key", pair->key) &&
        cli_json_add_bytes(object, "value", pair->value))
        return cli_json_print_line(out, object);
    json_decref(object);
    return false;
}

mia_status cli_pair_print(struct cli *cli, mia_slice tree, const struct mia_pair *pair,
                          struct mia_error *err)
{
    struct output *out = &cli->out;
    if (!cli->json) {
        cli_output_escaped(out, tree);
        cli_output_text(out, "\t");
        cli_output_escaped(out, pair->key);
        cli_output_text(out, "\t");
        cli_output_escaped(out, pair->value);
        cli_output_text(out, "\n");
        return MIA_OK;
    }
    if (print_object(out, tree, pair))
        return MIA_OK;
    err->status = MIA_ERR_NOMEM;
    snprintf(err->message, sizeof err->message, "out of memory while printing a value of %zu bytes",
             pair->value.size);
    return MIA_ERR_NOMEM;
}
