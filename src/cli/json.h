/* cli/json.h - JSON output: bytes that are no text, and one document or one line at a time */
#ifndef MIA_CLI_JSON_H
#define MIA_CLI_JSON_H

#include "cli/command.h"
#include "mia/text.h"

#include <jansson.h>

/* Text of any bytes; what is not UTF-8 becomes U+FFFD. NULL: out of memory. */
json_t *cli_json_text(const char *text);
/* A number of at most 63 bits: counts and sizes. NULL: out of memory. */
json_t *cli_json_count(uint64_t count);
/* Bytes as member `name` where they are UTF-8, else as `name`_hex in hexadecimal digits. False: out
 * of memory. */
bool cli_json_add_bytes(json_t *object, const char *name, mia_slice bytes);
/* The object with the members of more as well; steals both. is_complete: that the object has all it
 * was to have so far. NULL, also for a NULL of either: out of memory. */
json_t *cli_json_with(json_t *object, bool is_complete, json_t *more);
/* Prints a document, indented, and a line end; steals root. A NULL root, the answer of jansson's
 * functions when memory runs out, is reported on stderr. False if it was NULL. */
bool cli_json_print(struct cli *cli, json_t *root);
/* The same as one line, for JSON Lines. */
bool cli_json_print_line(struct output *out, json_t *root);
/* The same with one more member, whose value is JSON text that is printed as it is. */
bool cli_json_print_line_with(struct output *out, json_t *root, const char *name, mia_str text);

#endif
