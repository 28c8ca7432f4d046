/* cli/ab_gate.c - limits that end a run of CI with an error */
#include "cli/ab_report.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static bool find_measure(const char *name, size_t size, enum mia_ab_measure *measure)
{
    for (int m = 0; m < MIA_AB_MEASURES; m++) {
        const char *one = mia_ab_measure_name((enum mia_ab_measure)m);
        if (strlen(one) == size && memcmp(one, name, size) == 0) {
            *measure = (enum mia_ab_measure)m;
            return true;
        }
    }
    return false;
}

/* One "p99=1.2" of size bytes. */
static bool read_limit(struct ab_limit *limit, const char *text, size_t size)
{
    char *end;
    const char *equals = memchr(text, '=', size);
    if (equals == NULL || !find_measure(text, (size_t)(equals - text), &limit->measure) ||
        equals[1] < '0' || equals[1] > '9') /* strtod takes signs, spaces and "inf" */
        return false;
    limit->most = strtod(equals + 1, &end);
    return end == text + size && isfinite(limit->most) && limit->most > 0;
}

bool cli_ab_gate_read(struct ab_gate *gate, const char *text, const char **wrong)
{
    gate->count = 0;
    for (const char *at = text;; at++) {
        size_t size = strcspn(at, ",");
        *wrong = at;
        if (gate->count == MIA_AB_MEASURES || !read_limit(&gate->limits[gate->count], at, size))
            return false;
        gate->count++;
        at += size;
        if (*at == '\0')
            return true;
    }
}

enum ab_gate_answer cli_ab_gate_ask(const struct ab_limit *limit, const struct mia_ab_report *r)
{
    const struct mia_ab_change *change = &r->changes[limit->measure];
    if (change->ratio <= limit->most)
        return AB_GATE_KEPT;
    return change->is_real ? AB_GATE_EXCEEDED : AB_GATE_NOISE;
}

const char *cli_ab_gate_text(enum ab_gate_answer answer)
{
    switch (answer) {
    case AB_GATE_KEPT:
        return "kept";
    case AB_GATE_NOISE:
        return "over, but within noise";
    case AB_GATE_EXCEEDED:
        return "exceeded";
    default:
        return "?";
    }
}

bool cli_ab_gate_is_exceeded(const struct ab_gate *gate, const struct mia_ab_report *r)
{
    for (size_t i = 0; i < gate->count; i++)
        if (cli_ab_gate_ask(&gate->limits[i], r) == AB_GATE_EXCEEDED)
            return true;
    return false;
}
