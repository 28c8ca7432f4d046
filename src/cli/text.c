/* cli/text.c - UTF-8, hexadecimal arguments, and quoting for the shell */
#include "cli/text.h"

#include <stdio.h>
#include <stdlib.h>

static uint32_t continuation(const unsigned char *at, size_t count, uint32_t lead)
{
    uint32_t c = lead;
    for (size_t i = 1; i < count; i++) {
        if ((at[i] & 0xc0) != 0x80)
            return UINT32_MAX;
        c = c << 6 | (at[i] & 0x3fu);
    }
    return c;
}

/* The character, and its length in *size; UINT32_MAX for what is none: overlong forms, surrogates
 * and numbers above U+10FFFF are no UTF-8 (RFC 3629). */
static uint32_t decode(const unsigned char *at, size_t left, size_t *size)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    *size = at[0] < 0x80 ? 1 : at[0] < 0xc2 ? 0 : at[0] < 0xe0 ? 2 : at[0] < 0xf0 ? 3 : 4;
    if (*size == 1)
        return at[0];
    if (*size == 0 || at[0] > 0xf4 || *size > left)
        return UINT32_MAX;
    uint32_t c = continuation(at, *size, at[0] & (0x7fu >> *size));
    bool valid = c >= least[*size] && c <= 0x10ffff && (c < 0xd800 || c > 0xdfff);
    return valid ? c : UINT32_MAX;
}

size_t cli_utf8_step(const unsigned char *at, size_t left)
{
    size_t size;
    return decode(at, left, &size) == UINT32_MAX ? 0 : size;
}

size_t cli_utf8_printable(const unsigned char *at, size_t left)
{
    size_t size;
    uint32_t c = decode(at, left, &size);
    bool control = c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x2028 || c == 0x2029;
    return control || c == UINT32_MAX ? 0 : size;
}

bool cli_utf8_valid(mia_slice bytes)
{
    const unsigned char *at = bytes.data;
    for (size_t left = bytes.size, step; left > 0; at += step, left -= step) {
        step = *at < 0x80 ? 1 : cli_utf8_step(at, left);
        if (step == 0)
            return false;
    }
    return true;
}

static int digit_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

bool cli_hex_decode(char *text, size_t *size)
{
    size_t digits = strlen(text);
    *size = digits / 2;
    if (digits % 2 != 0)
        return false;
    for (size_t i = 0; i < *size; i++) {
        int high = digit_value(text[2 * i]), low = digit_value(text[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        text[i] = (char)(high << 4 | low);
    }
    return true;
}

static bool is_bare(const char *word)
{
    static const char bare[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                               "0123456789_@%+=:,./-";
    return *word != '\0' && word[strspn(word, bare)] == '\0';
}

static bool is_printable(const char *word)
{
    const unsigned char *at = (const unsigned char *)word;
    size_t left = strlen(word);
    for (size_t step; left > 0; at += step, left -= step) {
        step = cli_utf8_printable(at, left);
        if (step == 0)
            return false;
    }
    return true;
}

/* Room for each byte as \xHH, or a quote as '\'', plus quotes, a space and the end. */
static char *grow(char **line, size_t word_size)
{
    size_t used = *line ? strlen(*line) : 0;
    char *longer = realloc(*line, used + 4 * word_size + 6);
    if (longer == NULL)
        return NULL;
    *line = longer;
    char *end = longer + used;
    if (used > 0)
        *end++ = ' ';
    return end;
}

bool cli_shell_append(char **line, const char *word)
{
    char *end = grow(line, strlen(word));
    if (end == NULL)
        return false;
    if (is_bare(word)) {
        strcpy(end, word);
        return true;
    }
    bool printable = is_printable(word);
    end += sprintf(end, printable ? "'" : "$'");
    for (const char *at = word; *at != '\0'; at++) {
        unsigned char c = (unsigned char)*at;
        if (printable && c == '\'')
            end += sprintf(end, "'\\''");
        else if (printable || (c >= 0x20 && c < 0x7f && c != '\'' && c != '\\'))
            *end++ = *at;
        else
            end += sprintf(end, "\\x%02x", c);
    }
    strcpy(end, "'");
    return true;
}

char *cli_shell_line(const char *const *words, size_t count)
{
    char *line = NULL;
    for (size_t i = 0; i < count; i++)
        if (words[i] != NULL && !cli_shell_append(&line, words[i])) {
            free(line);
            return NULL;
        }
    return line;
}
