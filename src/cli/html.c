/* cli/html.c - text into HTML */
#include "cli/html.h"

#include "cli/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static const char *entity_of(unsigned char c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return NULL;
    }
}

void cli_html_bytes(struct output *out, mia_slice bytes)
{
    const unsigned char *at = bytes.data;
    for (size_t left = bytes.size; left > 0;) {
        const char *entity = entity_of(*at);
        bool is_space = *at == '\n' || *at == '\t';
        size_t step = is_space ? 1 : cli_utf8_printable(at, left);
        if (entity != NULL)
            cli_output_text(out, entity);
        else if (step > 0)
            cli_output_write(out, at, step);
        else
            cli_output_text(out, "\xef\xbf\xbd");
        step = step > 0 ? step : 1;
        at += step;
        left -= step;
    }
}

void cli_html_text(struct output *out, const char *text)
{
    cli_html_bytes(out, mia_bytes_of(text));
}

void cli_html_format(struct output *out, const char *format, ...)
{
    char text[1024];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    cli_html_text(out, text);
}

void cli_html_json(struct output *out, const char *json)
{
    for (const char *at = json; *at != '\0';) {
        size_t plain = strcspn(at, "<>&");
        cli_output_write(out, at, plain);
        at += plain;
        if (*at != '\0')
            cli_output_format(out, "\\u%04x", (unsigned)*at++);
    }
}
