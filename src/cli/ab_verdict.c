/* cli/ab_verdict.c - what came out, in a sentence or two */
#include "cli/ab_report.h"

#include "cli/human.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct human cli_ab_time(double ns)
{
    static const char *const units[] = {"ns", "µs", "ms", "s"};
    struct human h;
    size_t unit = 0;
    for (; ns >= 999.5 && unit < 3; unit++)
        ns /= 1000;
    int digits = ns >= 99.95 || unit == 0 ? 0 : ns >= 9.995 ? 1 : 2;
    snprintf(h.text, sizeof h.text, "%.*f %s", digits, ns, units[unit]);
    return h;
}

static void say(char out[AB_VERDICT_SIZE], const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static void say(char out[AB_VERDICT_SIZE], const char *format, ...)
{
    size_t used = strlen(out);
    va_list args;
    va_start(args, format);
    vsnprintf(out + used, AB_VERDICT_SIZE - used, format, args);
    va_end(args);
}

/* "3.1", "1.08", "120": what a ratio is known to. */
static struct human times(double ratio)
{
    struct human h;
    snprintf(h.text, sizeof h.text, "%.*f", ratio < 1.995 ? 2 : ratio < 99.5 ? 1 : 0, ratio);
    return h;
}

static void say_answers(char out[AB_VERDICT_SIZE], const struct mia_ab_report *r)
{
    uint64_t wrong = mia_ab_mismatched(r), compared = r->compared - r->searches;
    if (wrong > 0)
        say(out, "B's answers differ from A's: %s of %s. ", cli_human_count(wrong).text,
            cli_human_count(compared).text);
    if (r->unsteady > 0)
        say(out, "A differs from itself in %s answers: something else writes to it. ",
            cli_human_count(r->unsteady).text);
}

/* "B is 3.1 times as fast as A at the median (96 % CI 2.9 to 3.3)" */
static void say_median(char out[AB_VERDICT_SIZE], const struct mia_ab_report *r)
{
    const struct mia_ab_change *c = &r->changes[MIA_AB_MEDIAN];
    double percent = r->confidence * 100;
    if (c->is_real && c->ratio < 1)
        say(out, "B is %s times as fast as A at the median (%.0f %% CI %s to %s)",
            times(1 / c->ratio).text, percent, times(1 / c->high).text, times(1 / c->low).text);
    else if (c->is_real)
        say(out, "B takes %s times as long as A at the median (%.0f %% CI %s to %s)",
            times(c->ratio).text, percent, times(c->low).text, times(c->high).text);
    else
        say(out,
            "No difference at the median that is more than noise: B takes %s times as long as A "
            "(%.0f %% CI %s to %s), and A differs from itself by a factor of up to %s",
            times(c->ratio).text, percent, times(c->low).text, times(c->high).text,
            times(c->noise).text);
}

static void say_tail(char out[AB_VERDICT_SIZE], const struct mia_ab_report *r)
{
    const struct mia_ab_change *c = &r->changes[MIA_AB_P99];
    if (!c->is_real)
        say(out, "; at p99 no difference beyond noise");
    else if (c->ratio < 1)
        say(out, "; %s times as fast at p99", times(1 / c->ratio).text);
    else
        say(out, "; %s times as long at p99", times(c->ratio).text);
}

char *cli_ab_verdict(char out[AB_VERDICT_SIZE], const struct mia_ab_report *r)
{
    uint64_t compared = r->compared - r->searches;
    out[0] = '\0';
    say_answers(out, r);
    say_median(out, r);
    say_tail(out, r);
    if (r->compared == 0)
        say(out,
            "; answers were not compared, because threads that write at once do it in no order");
    if (compared > 0 && mia_ab_mismatched(r) == 0)
        say(out, "; all %s answers are equal", cli_human_count(compared).text);
    if (r->hits_a > 0)
        say(out, "; B finds %.2f %% of what A finds in %s searches",
            100.0 * (double)r->hits_common / (double)r->hits_a, cli_human_count(r->searches).text);
    say(out, ".");
    return out;
}
