/* cli/human.c - numbers as people read them */
#include "cli/human.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

struct human cli_human_count(uint64_t count)
{
    struct human h;
    char digits[24];
    int size = snprintf(digits, sizeof digits, "%" PRIu64, count);
    char *to = h.text;
    for (int i = 0; i < size; i++) {
        if (i > 0 && (size - i) % 3 == 0)
            *to++ = ',';
        *to++ = digits[i];
    }
    *to = '\0';
    return h;
}

struct human cli_human_bytes(uint64_t bytes)
{
    static const char *const units[] = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};
    struct human h;
    double value = (double)bytes;
    size_t unit = 0;
    /* 999.5 would be printed as 1000 */
    for (; value >= 999.5 && unit + 1 < sizeof units / sizeof units[0]; unit++)
        value /= 1000;
    snprintf(h.text, sizeof h.text, "%.*f %s", unit > 0 && value < 9.95 ? 1 : 0, value,
             units[unit]);
    return h;
}

struct human cli_human_seconds(double seconds)
{
    struct human h;
    uint64_t whole = (uint64_t)(seconds + 0.5);
    if (seconds < 9.995)
        snprintf(h.text, sizeof h.text, "%.2f s", seconds);
    else if (whole < 60)
        snprintf(h.text, sizeof h.text, "%" PRIu64 " s", whole);
    else if (whole < 3600)
        snprintf(h.text, sizeof h.text, "%" PRIu64 ":%02" PRIu64, whole / 60, whole % 60);
    else
        snprintf(h.text, sizeof h.text, "%" PRIu64 ":%02" PRIu64 ":%02" PRIu64, whole / 3600,
                 whole / 60 % 60, whole % 60);
    return h;
}

struct human cli_human_rate(uint64_t records, double seconds)
{
    struct human h = {""};
    if (seconds < 0.001)
        return h;
    struct human rate = cli_human_count((uint64_t)((double)records / seconds));
    snprintf(h.text, sizeof h.text, "%.20s records/s", rate.text);
    return h;
}

const char *cli_plural(uint64_t count)
{
    return count == 1 ? "" : "s";
}

void cli_field(struct output *out, const char *label, const char *format, ...)
{
    char value[256];
    va_list args;
    va_start(args, format);
    vsnprintf(value, sizeof value, format, args);
    va_end(args);
    cli_output_format(out, "  %-14s %s\n", label, value);
}
