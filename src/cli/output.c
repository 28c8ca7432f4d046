/* cli/output.c - buffering, escaping, and the first failure */
#include "cli/output.h"

#include "cli/text.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

void cli_output_init(struct output *out, int fd)
{
    out->fd = fd;
    out->failed = 0;
    out->used = 0;
}

static void write_through(struct output *out, const char *at, size_t left)
{
    while (left > 0 && out->failed == 0) {
        ssize_t n = write(out->fd, at, left);
        if (n < 0 && errno != EINTR)
            out->failed = errno;
        if (n > 0) {
            at += n;
            left -= (size_t)n;
        }
    }
}

static void empty_buffer(struct output *out)
{
    write_through(out, out->bytes, out->used);
    out->used = 0;
}

void cli_output_write(struct output *out, const void *data, size_t size)
{
    if (size > sizeof out->bytes - out->used)
        empty_buffer(out);
    if (size > sizeof out->bytes) {
        write_through(out, data, size);
        return;
    }
    if (size > 0)
        memcpy(out->bytes + out->used, data, size);
    out->used += size;
}

void cli_output_text(struct output *out, const char *text)
{
    cli_output_write(out, text, strlen(text));
}

void cli_output_format(struct output *out, const char *format, ...)
{
    char *text = NULL;
    va_list args;
    va_start(args, format);
    int size = vasprintf(&text, format, args);
    va_end(args);
    if (size < 0) {
        if (out->failed == 0)
            out->failed = ENOMEM;
        return;
    }
    cli_output_write(out, text, (size_t)size);
    free(text);
}

void cli_output_hex(struct output *out, mia_slice bytes)
{
    static const char digits[] = "0123456789abcdef";
    const unsigned char *at = bytes.data;
    for (size_t i = 0; i < bytes.size; i++) {
        char pair[2] = {digits[at[i] >> 4], digits[at[i] & 15]};
        cli_output_write(out, pair, sizeof pair);
    }
}

static void write_special(struct output *out, unsigned char byte)
{
    switch (byte) {
    case '\\':
        cli_output_text(out, "\\\\");
        break;
    case '\t':
        cli_output_text(out, "\\t");
        break;
    case '\n':
        cli_output_text(out, "\\n");
        break;
    default:
        cli_output_text(out, "\\x");
        cli_output_hex(out, (mia_slice){&byte, 1});
    }
}

void cli_output_escaped(struct output *out, mia_slice bytes)
{
    const unsigned char *at = bytes.data, *run = at;
    size_t left = bytes.size;
    while (left > 0) {
        bool is_plain = *at >= 0x20 && *at < 0x7f; /* most bytes: no need to look further */
        size_t step = is_plain ? 1 : cli_utf8_printable(at, left);
        if (step > 0 && *at != '\\') {
            at += step;
            left -= step;
            continue;
        }
        cli_output_write(out, run, (size_t)(at - run));
        write_special(out, *at);
        left--;
        run = ++at;
    }
    if (at != run)
        cli_output_write(out, run, (size_t)(at - run));
}

bool cli_output_finish(struct output *out)
{
    empty_buffer(out);
    return out->failed == 0;
}
