/* cli/ab_chart.c - the two pictures of the page, as SVG that needs nothing else */
#include "cli/ab_report.h"

#include "cli/html.h"
#include "cli/human.h"

#include <math.h>
#include <stdio.h>

enum { WIDTH = 720, HEIGHT = 340, LEFT = 76, RIGHT = 12, TOP = 20, BOTTOM = 58 };

/* From values to places; x may be logarithmic. */
struct axes {
    double x_low, x_high, y_low, y_high;
    bool is_log;
};

static double x_of(const struct axes *a, double x)
{
    double at = a->is_log ? (log(x) - log(a->x_low)) / (log(a->x_high) - log(a->x_low))
                          : (x - a->x_low) / (a->x_high - a->x_low);
    return LEFT + fmin(fmax(at, 0), 1) * (WIDTH - LEFT - RIGHT);
}

static double y_of(const struct axes *a, double y)
{
    double at = (y - a->y_low) / (a->y_high - a->y_low);
    return HEIGHT - BOTTOM - fmin(fmax(at, 0), 1) * (HEIGHT - BOTTOM - TOP);
}

static void begin(struct output *out, const char *id, const char *title, const char *description)
{
    cli_output_format(out,
                      "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-labelledby=\"%s-title "
                      "%s-desc\" id=\"%s\">\n<title id=\"%s-title\">",
                      WIDTH, HEIGHT, id, id, id, id);
    cli_html_text(out, title);
    cli_output_format(out, "</title>\n<desc id=\"%s-desc\">", id);
    cli_html_text(out, description);
    cli_output_text(out, "</desc>\n");
}

static void x_tick(struct output *out, const struct axes *a, double x, const char *label)
{
    double at = x_of(a, x);
    bool is_last = at > WIDTH - RIGHT - 28; /* half of a label, in the type of a phone */
    cli_output_format(out,
                      "<line class=\"grid\" x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" y2=\"%d\"/>"
                      "<text class=\"tick along\" x=\"%.1f\" y=\"%d\" text-anchor=\"%s\">",
                      at, TOP, at, HEIGHT - BOTTOM, is_last ? WIDTH - 2.0 : at,
                      HEIGHT - BOTTOM + 24, is_last ? "end" : "middle");
    cli_html_text(out, label);
    cli_output_text(out, "</text>\n");
}

static void y_tick(struct output *out, const struct axes *a, double y, const char *label)
{
    double at = y_of(a, y);
    cli_output_format(out,
                      "<line class=\"grid\" x1=\"%d\" y1=\"%.1f\" x2=\"%d\" y2=\"%.1f\"/>"
                      "<text class=\"tick up\" x=\"%d\" y=\"%.1f\" text-anchor=\"end\">",
                      LEFT, at, WIDTH - RIGHT, at, LEFT - 6, at + 5);
    cli_html_text(out, label);
    cli_output_text(out, "</text>\n");
}

static void x_name(struct output *out, const char *name)
{
    cli_output_format(out, "<text class=\"axis\" x=\"%d\" y=\"%d\" text-anchor=\"middle\">",
                      (LEFT + WIDTH - RIGHT) / 2, HEIGHT - 6);
    cli_html_text(out, name);
    cli_output_text(out, "</text>\n");
}

static const char *const side_classes[MIA_AB_SIDES] = {"side-a", "side-c", "side-b"};

/* ---- the distribution of latencies */

static void draw_curve(struct output *out, const struct axes *a, const struct mia_ab_side *side,
                       const char *class)
{
    cli_output_format(out, "<path class=\"curve %s\" d=\"", class);
    for (size_t i = 0; i < side->curve_count; i++) {
        const struct mia_ab_point *p = &side->curve[i];
        cli_output_format(out, "%c%.1f %.1f", i == 0 ? 'M' : 'L', x_of(a, (double)p->ns),
                          y_of(a, p->share));
        if ((double)p->ns > a->x_high)
            break;
    }
    cli_output_text(out, "\"/>\n");
}

/* "1 µs", not "1.00 µs". */
static struct human tick_time(double ns)
{
    static const char *const units[] = {"ns", "µs", "ms", "s"};
    struct human h;
    size_t unit = 0;
    for (; ns > 999 && unit < 3; unit++)
        ns /= 1000;
    snprintf(h.text, sizeof h.text, "%.0f %s", ns, units[unit]);
    return h;
}

static void time_ticks(struct output *out, const struct axes *a)
{
    bool is_narrow = a->x_high / a->x_low < 60;
    for (double decade = 1; decade <= a->x_high; decade *= 10) {
        static const double steps[] = {1, 2, 5};
        for (size_t i = 0; i < (is_narrow ? 3 : 1); i++) {
            double ns = decade * steps[i];
            if (ns >= a->x_low && ns <= a->x_high)
                x_tick(out, a, ns, tick_time(ns).text);
        }
    }
}

void cli_ab_chart_latency(struct output *out, const struct mia_ab_report *r)
{
    struct axes a = {.x_low = 1e18, .y_high = 1, .is_log = true};
    for (int who = 0; who < MIA_AB_SIDES; who++) {
        const struct mia_ab_latency *l = &r->sides[who].latency;
        a.x_low = fmin(a.x_low, (double)l->min * 0.9);
        a.x_high = fmax(a.x_high, (double)l->p999 * 1.3);
    }
    if (a.x_high < a.x_low * 2)
        a.x_high = a.x_low * 2;
    begin(out, "chart-latency", "Distribution of latencies",
          "For each side the share of operations that took no longer than the time on the "
          "horizontal, logarithmic axis. A curve further to the left is faster.");
    for (int quarter = 0; quarter <= 4; quarter++) {
        char label[8];
        snprintf(label, sizeof label, "%d %%", quarter * 25);
        y_tick(out, &a, quarter / 4.0, label);
    }
    time_ticks(out, &a);
    x_name(out, "latency of an operation, up to p99.9");
    draw_curve(out, &a, &r->sides[MIA_AB_CONTROL], side_classes[MIA_AB_CONTROL]);
    draw_curve(out, &a, &r->sides[MIA_AB_A], side_classes[MIA_AB_A]);
    draw_curve(out, &a, &r->sides[MIA_AB_B], side_classes[MIA_AB_B]);
    cli_output_text(out, "</svg>\n");
}

/* ---- the rate over time */

/* 1, 2 or 5 by a power of ten: about `parts` steps up to most. */
static double nice_step(double most, int parts)
{
    double raw = most / parts, power = pow(10, floor(log10(raw)));
    double factor = raw / power;
    return power * (factor > 5 ? 10 : factor > 2 ? 5 : factor > 1 ? 2 : 1);
}

/* The middle of a round of one side. */
static struct mia_ab_slice round_of(const struct mia_ab_side *side, uint32_t round)
{
    struct mia_ab_slice sum = {.round = round};
    double count = 0;
    for (size_t i = 0; i < side->slice_count; i++) {
        if (side->slices[i].round != round)
            continue;
        sum.seconds += side->slices[i].seconds;
        sum.rate += 1 / side->slices[i].rate;
        count++;
    }
    if (count > 0) {
        sum.seconds /= count;
        sum.rate = count / sum.rate;
    }
    return sum;
}

/* A dot for each slice, a line from round to round. */
static void rate_line(struct output *out, const struct axes *a, const struct mia_ab_side *side,
                      uint32_t rounds, const char *class)
{
    bool is_first = true;
    cli_output_format(out, "<path class=\"curve %s\" d=\"", class);
    for (uint32_t i = 0; i < rounds; i++) {
        struct mia_ab_slice s = round_of(side, i);
        if (s.rate <= 0)
            continue;
        cli_output_format(out, "%c%.1f %.1f", is_first ? 'M' : 'L', x_of(a, s.seconds),
                          y_of(a, s.rate));
        is_first = false;
    }
    cli_output_text(out, "\"/>\n");
    for (size_t i = 0; i < side->slice_count; i++)
        cli_output_format(out, "<circle class=\"dot %s\" cx=\"%.1f\" cy=\"%.1f\" r=\"2.5\"/>",
                          class, x_of(a, side->slices[i].seconds), y_of(a, side->slices[i].rate));
    cli_output_text(out, "\n");
}

/* "500", "20k", "1.5M": short enough for a phone. */
static struct human rate_label(double rate)
{
    struct human h;
    if (rate < 999.5)
        snprintf(h.text, sizeof h.text, "%g", rate);
    else if (rate < 999500)
        snprintf(h.text, sizeof h.text, "%gk", rate / 1e3);
    else
        snprintf(h.text, sizeof h.text, "%gM", rate / 1e6);
    return h;
}

/* What A and the control did in a round: the least and the greatest rate, and when. */
struct band {
    double low, high, seconds;
    int count;
};

static struct band band_of(const struct mia_ab_report *r, uint32_t round)
{
    struct band b = {.low = 1e18};
    for (int who = MIA_AB_A; who <= MIA_AB_CONTROL; who++)
        for (size_t i = 0; i < r->sides[who].slice_count; i++) {
            const struct mia_ab_slice *s = &r->sides[who].slices[i];
            if (s->round != round)
                continue;
            b.low = fmin(b.low, s->rate);
            b.high = fmax(b.high, s->rate);
            b.seconds += s->seconds;
            b.count++;
        }
    if (b.count > 0)
        b.seconds /= b.count;
    return b;
}

static void draw_band(struct output *out, const struct axes *a, const struct mia_ab_report *r)
{
    bool is_first = true;
    cli_output_text(out, "<path class=\"band\" d=\"");
    for (uint32_t i = 0; i < 2 * r->rounds; i++) { /* along the top, and back along the bottom */
        bool is_top = i < r->rounds;
        struct band b = band_of(r, is_top ? i : 2 * r->rounds - 1 - i);
        if (b.count == 0)
            continue;
        cli_output_format(out, "%c%.1f %.1f", is_first ? 'M' : 'L', x_of(a, b.seconds),
                          y_of(a, is_top ? b.high : b.low));
        is_first = false;
    }
    cli_output_text(out, "Z\"/>\n");
}

void cli_ab_chart_rate(struct output *out, const struct mia_ab_report *r)
{
    struct axes a = {0};
    char label[24];
    for (int who = 0; who < MIA_AB_SIDES; who++)
        for (size_t i = 0; i < r->sides[who].slice_count; i++) {
            a.x_high = fmax(a.x_high, r->sides[who].slices[i].seconds);
            a.y_high = fmax(a.y_high, r->sides[who].slices[i].rate);
        }
    a.x_high = fmax(a.x_high, 1e-6);
    double x_step = nice_step(a.x_high, 6), y_step = nice_step(a.y_high, 5);
    a.y_high = ceil(a.y_high / y_step) * y_step;
    begin(out, "chart-rate", "Operations a second over the time of the run",
          "One line for A and one for B; higher is faster. The band is what A reached against "
          "itself, in two processes: what lies inside of it is noise.");
    for (double y = 0; y <= a.y_high * 1.001; y += y_step)
        y_tick(out, &a, y, rate_label(y).text);
    for (double x = 0; x <= a.x_high * 1.001; x += x_step) {
        snprintf(label, sizeof label, "%g s", x);
        x_tick(out, &a, x, label);
    }
    x_name(out, "time since the first round");
    draw_band(out, &a, r);
    rate_line(out, &a, &r->sides[MIA_AB_A], r->rounds, side_classes[MIA_AB_A]);
    rate_line(out, &a, &r->sides[MIA_AB_B], r->rounds, side_classes[MIA_AB_B]);
    cli_output_text(out, "</svg>\n");
}
