/* cli/text.h - UTF-8, hexadecimal arguments, and quoting for the shell */
#ifndef MIA_CLI_TEXT_H
#define MIA_CLI_TEXT_H

#include "mia/status.h"

/* Bytes of the character at `at`, 0 if there is no whole valid one within `left` bytes. */
size_t cli_utf8_step(const unsigned char *at, size_t left);
/* The same, and 0 for control characters too. */
size_t cli_utf8_printable(const unsigned char *at, size_t left);
bool cli_utf8_valid(mia_slice bytes);

/* Decodes hexadecimal digits in place: text afterwards holds *size bytes. False if text has an odd
 * number of digits or something else than digits. */
bool cli_hex_decode(char *text, size_t *size);

/* A word as a shell reads it back: bare where possible, else 'quoted', and $'\xHH' (bash, zsh, ksh)
 * where it holds control characters or is no UTF-8, so that the result always is printable text.
 * Appends to the NUL-terminated buffer *line, which grows; false when out of memory. */
bool cli_shell_append(char **line, const char *word);
/* The line of those words that are not NULL, for free(); NULL when out of memory. */
char *cli_shell_line(const char *const *words, size_t count);

#endif
