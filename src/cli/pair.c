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

/* {"tree", "key"}; NULL: out of memory. */
static json_t *name_object(mia_slice tree, mia_slice key)
{
    json_t *object = json_object();
    if (object != NULL && cli_json_add_bytes(object, "tree", tree) &&
        cli_json_add_bytes(object, "key", key))
        return object;
    json_decref(object);
    return NULL;
}

/* {"tree", "key", "value"}, and "problem" where a record should be. */
static bool print_value(struct output *out, mia_slice tree, const struct mia_pair *pair,
                        const char *problem)
{
    json_t *object = name_object(tree, pair->key);
    if (object != NULL && cli_json_add_bytes(object, "value", pair->value) &&
        (problem == NULL || json_object_set_new(object, "problem", cli_json_text(problem)) == 0))
        return cli_json_print_line(out, object);
    json_decref(object);
    return false;
}

static void print_text(struct output *out, mia_slice tree, const struct mia_pair *pair)
{
    cli_output_escaped(out, tree);
    cli_output_text(out, "\t");
    cli_output_escaped(out, pair->key);
    cli_output_text(out, "\t");
    cli_output_escaped(out, pair->value);
    cli_output_text(out, "\n");
}

mia_status cli_pair_print(struct cli *cli, mia_source_cursor *cursor, mia_slice tree,
                          const struct mia_pair *pair, struct mia_error *err)
{
    struct mia_error why = {0};
    mia_str record;
    bool printed;
    if (!cli->json) {
        print_text(&cli->out, tree, pair);
        return MIA_OK;
    }
    mia_status rc = mia_source_cursor_json(cursor, pair->value, &record, &why);
    if (rc == MIA_OK)
        printed =
            cli_json_print_line_with(&cli->out, name_object(tree, pair->key), "record", record);
    else
        printed = rc != MIA_ERR_NOMEM &&
                  print_value(&cli->out, tree, pair, rc == MIA_NOTFOUND ? NULL : why.message);
    if (printed)
        return MIA_OK;
    err->status = MIA_ERR_NOMEM;
    snprintf(err->message, sizeof err->message, "out of memory while printing a value of %zu bytes",
             pair->value.size);
    return MIA_ERR_NOMEM;
}
