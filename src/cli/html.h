/*
 * cli/html.h - text into HTML: whatever the bytes are, they stay text
 *
 * For the content of elements and for attributes in quotes. Markup itself is written with
 * cli_output_text; nothing that comes from outside may go that way.
 */
#ifndef MIA_CLI_HTML_H
#define MIA_CLI_HTML_H

#include "cli/output.h"

/* & < > " ' as entities; what is no UTF-8, and control characters but tab and line end, U+FFFD. */
void cli_html_bytes(struct output *out, mia_slice bytes);
void cli_html_text(struct output *out, const char *text);
/* printf, and all of it is text. */
void cli_html_format(struct output *out, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* JSON for a <script type="application/json">: nothing in it can end the element. */
void cli_html_json(struct output *out, const char *json);

#endif
