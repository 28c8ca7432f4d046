/* cli/ab_print.c - a comparison as lines for a terminal */
#include "cli/ab_report.h"

#include "cli/human.h"

/* "µ" is two bytes. */
void cli_ab_column(struct output *out, const char *text)
{
    size_t characters = 0;
    for (const char *at = text; *at != '\0'; at++)
        characters += (*at & 0xc0) != 0x80;
    cli_output_format(out, " %*s%s", characters < 10 ? (int)(10 - characters) : 0, "", text);
}

static void print_latency(struct output *out, const char *label, const struct mia_ab_change *change,
                          double a, double control, double b)
{
    cli_output_format(out, "  %-10s", label);
    cli_ab_column(out, cli_ab_time(a).text);
    cli_ab_column(out, cli_ab_time(control).text);
    cli_ab_column(out, cli_ab_time(b).text);
    if (change != NULL)
        cli_output_format(out, "   %.2f (%.2f to %.2f; noise %.2f)%s", change->ratio, change->low,
                          change->high, change->noise, change->is_real ? " real" : "");
    cli_output_text(out, "\n");
}

static void print_latencies(struct output *out, const struct mia_ab_report *r)
{
    const struct mia_ab_latency *a = &r->sides[MIA_AB_A].latency,
                                *c = &r->sides[MIA_AB_CONTROL].latency,
                                *b = &r->sides[MIA_AB_B].latency;
    cli_output_format(out, "\n  %-10s %10s %10s %10s   %s\n", "latency", "A", "A again", "B",
                      "B/A (interval; noise)");
    print_latency(out, "median", &r->changes[MIA_AB_MEDIAN], (double)a->p50, (double)c->p50,
                  (double)b->p50);
    print_latency(out, "p90", NULL, (double)a->p90, (double)c->p90, (double)b->p90);
    print_latency(out, "p99", &r->changes[MIA_AB_P99], (double)a->p99, (double)c->p99,
                  (double)b->p99);
    print_latency(out, "p99.9", &r->changes[MIA_AB_P999], (double)a->p999, (double)c->p999,
                  (double)b->p999);
    print_latency(out, "longest", NULL, (double)a->max, (double)c->max, (double)b->max);
    print_latency(out, "mean", &r->changes[MIA_AB_MEAN], a->mean, c->mean, b->mean);
}

static void print_side(struct output *out, const char *name, const struct mia_ab_side *side)
{
    cli_output_format(out, "\n  %s  ", name);
    cli_output_escaped(out, mia_bytes_of(side->path));
    cli_output_format(out, " (%s)\n", side->how);
    cli_output_format(out, "     %s operations/s; on disk %s",
                      cli_human_count((uint64_t)side->rate).text,
                      cli_human_bytes(side->size_after).text);
    cli_output_format(out, "; memory %s own, %s of files\n", cli_human_bytes(side->memory_own).text,
                      cli_human_bytes(side->memory_mapped).text);
    cli_output_format(
        out, "     read %s, wrote %s; opened in %s\n", cli_human_bytes(side->bytes_read).text,
        cli_human_bytes(side->bytes_written).text, cli_human_seconds(side->open_seconds).text);
}

static void print_mismatches(struct output *out, const struct ab_result *result)
{
    const struct mia_ab_report *r = result->report;
    for (int c = 0; c < MIA_AB_MISMATCHES; c++)
        if (r->mismatches[c] > 0)
            cli_output_format(out, "  %s: %s\n",
                              mia_ab_mismatch_text((enum mia_ab_mismatch_class)c),
                              cli_human_count(r->mismatches[c]).text);
    for (size_t i = 0; i < r->first_count; i++) {
        const struct mia_ab_mismatch *m = &r->first[i];
        cli_output_format(out, "    operation %s, %s", cli_human_count(m->operation).text, m->kind);
        if (result->with_keys) {
            cli_output_text(out, ", tree '");
            cli_output_escaped(out, m->tree);
            cli_output_text(out, "' key '");
            cli_output_escaped(out, m->key);
            cli_output_text(out, "'");
        }
        cli_output_format(out, ": A %s, B %s\n", mia_status_name(m->a), mia_status_name(m->b));
    }
}

void cli_ab_print(struct output *out, const struct ab_result *result)
{
    char verdict[AB_VERDICT_SIZE];
    const struct mia_ab_report *r = result->report;
    cli_output_format(out, "%s\n", cli_ab_verdict(verdict, r));
    print_mismatches(out, result);
    print_latencies(out, r);
    print_side(out, "A", &r->sides[MIA_AB_A]);
    print_side(out, "B", &r->sides[MIA_AB_B]);
    cli_output_format(out, "\n  %s operations a side in %u rounds, %u thread%s, %s\n",
                      cli_human_count(r->operations).text, r->rounds, r->threads,
                      cli_plural(r->threads), cli_human_seconds(r->seconds).text);
    for (size_t i = 0; i < result->gate->count; i++) {
        const struct ab_limit *limit = &result->gate->limits[i];
        cli_output_format(out, "  gate: %s %.2f, limit %g: %s\n",
                          mia_ab_measure_name(limit->measure), r->changes[limit->measure].ratio,
                          limit->most, cli_ab_gate_text(cli_ab_gate_ask(limit, r)));
    }
}
