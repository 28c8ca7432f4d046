/* cli/json.c - JSON output: bytes that are no text, and one document or one line at a time */
#include "cli/json.h"

#include "cli/failure.h"
#include "cli/text.h"

#include <stdio.h>
#include <stdlib.h>

json_t *cli_json_text(const char *text)
{
    static const char replacement[] = "\xef\xbf\xbd";
    size_t left = strlen(text), used = 0;
    char *clean = malloc(left * (sizeof replacement - 1) + 1);
    if (clean == NULL)
        return NULL;
    while (left > 0) {
        size_t step = cli_utf8_step((const unsigned char *)text, left);
        size_t size = step > 0 ? step : sizeof replacement - 1;
        memcpy(clean + used, step > 0 ? text : replacement, size);
        used += size;
        text += step > 0 ? step : 1;
        left -= step > 0 ? step : 1;
    }
    json_t *string = json_stringn(clean, used);
    free(clean);
    return string;
}

json_t *cli_json_count(uint64_t count)
{
    return json_integer((json_int_t)count);
}

static json_t *hex_string(mia_slice bytes)
{
    static const char digits[] = "0123456789abcdef";
    const unsigned char *at = bytes.data;
    char *hex = malloc(2 * bytes.size + 1);
    if (hex == NULL)
        return NULL;
    for (size_t i = 0; i < bytes.size; i++) {
        hex[2 * i] = digits[at[i] >> 4];
        hex[2 * i + 1] = digits[at[i] & 15];
    }
    json_t *string = json_stringn_nocheck(hex, 2 * bytes.size);
    free(hex);
    return string;
}

bool cli_json_add_bytes(json_t *object, const char *name, mia_slice bytes)
{
    if (cli_utf8_valid(bytes)) {
        const char *text = bytes.size > 0 ? bytes.data : "";
        return json_object_set_new(object, name, json_stringn_nocheck(text, bytes.size)) == 0;
    }
    char hex_name[64];
    snprintf(hex_name, sizeof hex_name, "%s_hex", name);
    return json_object_set_new(object, hex_name, hex_string(bytes)) == 0;
}

json_t *cli_json_with(json_t *object, bool is_complete, json_t *more)
{
    bool is_whole = is_complete && json_object_update(object, more) == 0;
    json_decref(more);
    if (is_whole)
        return object;
    json_decref(object);
    return NULL;
}

static int write_piece(const char *text, size_t size, void *out)
{
    cli_output_write(out, text, size);
    return 0;
}

static bool print(struct output *out, json_t *root, size_t flags)
{
    bool printed = root != NULL && json_dump_callback(root, write_piece, out, flags) == 0;
    if (printed)
        cli_output_text(out, "\n");
    json_decref(root);
    return printed;
}

bool cli_json_print(struct cli *cli, json_t *root)
{
    bool printed = print(&cli->out, root, JSON_INDENT(2));
    if (!printed)
        cli_message(cli, "out of memory while printing JSON");
    return printed;
}

bool cli_json_print_line(struct output *out, json_t *root)
{
    return print(out, root, JSON_COMPACT);
}

bool cli_json_print_line_with(struct output *out, json_t *root, const char *name, mia_str text)
{
    if (root == NULL)
        return false;
    cli_output_text(out, "{");
    bool printed = json_dump_callback(root, write_piece, out, JSON_COMPACT | JSON_EMBED) == 0;
    cli_output_format(out, ",\"%s\":", name);
    cli_output_write(out, text.data, text.size);
    cli_output_text(out, "}\n");
    json_decref(root);
    return printed;
}
