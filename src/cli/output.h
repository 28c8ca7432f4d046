/*
 * cli/output.h - a buffered file descriptor that remembers its first failure
 *
 * Writing after a failure does nothing; output_finish says whether all bytes arrived. stdio would
 * do the same but forget the reason, and the reason decides: a full disk is an error, a reader that
 * has seen enough (`mia dump DB | head`) is not.
 */
#ifndef MIA_CLI_OUTPUT_H
#define MIA_CLI_OUTPUT_H

#include "mia/status.h"

struct output {
    int fd;
    int failed; /* errno of the first failed write, 0 if none */
    size_t used;
    char bytes[1 << 16];
};

void cli_output_init(struct output *out, int fd);
void cli_output_write(struct output *out, const void *data, size_t size);
void cli_output_text(struct output *out, const char *text);
void cli_output_format(struct output *out, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Two lower-case digits for each byte. */
void cli_output_hex(struct output *out, mia_slice bytes);
/* One line whatever the bytes are, and reversible: UTF-8 stands as it is; backslash is \\, tab \t,
 * line end \n, and any other control character or byte outside UTF-8 is \xHH. */
void cli_output_escaped(struct output *out, mia_slice bytes);
/* Writes what is buffered. False if this or an earlier write failed. */
bool cli_output_finish(struct output *out);

#endif
