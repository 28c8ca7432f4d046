/* cli/ab_tables.c - the tables of the page */
#include "cli/ab_report.h"

#include "cli/html.h"
#include "cli/human.h"

/* A table scrolls inside of its frame, never the page; the frame can be reached by keyboard. */
static void begin_table(struct output *out, const char *caption)
{
    cli_output_text(out, "<div class=\"frame\" tabindex=\"0\" role=\"region\" aria-label=\"");
    cli_html_text(out, caption);
    cli_output_text(out, "\"><table><caption>");
    cli_html_text(out, caption);
    cli_output_text(out, "</caption>\n");
}

static void end_table(struct output *out)
{
    cli_output_text(out, "</tbody></table></div>\n");
}

/* Headings stand on the right, as numbers do; those that begin with '~' on the left, over words. */
static void head(struct output *out, const char *const *names, size_t count)
{
    cli_output_text(out, "<thead><tr>");
    for (size_t i = 0; i < count; i++) {
        bool is_words = names[i][0] == '~';
        cli_output_format(out, "<th scope=\"col\"%s>", is_words ? " class=\"words\"" : "");
        cli_html_text(out, names[i] + is_words);
        cli_output_text(out, "</th>");
    }
    cli_output_text(out, "</tr></thead><tbody>\n");
}

static void row_head(struct output *out, const char *name)
{
    cli_output_text(out, "<tr><th scope=\"row\">");
    cli_html_text(out, name);
    cli_output_text(out, "</th>");
}

static void cell(struct output *out, const char *text)
{
    cli_output_text(out, "<td>");
    cli_html_text(out, text);
    cli_output_text(out, "</td>");
}

static void words(struct output *out, const char *text)
{
    cli_output_text(out, "<td class=\"words\">");
    cli_html_text(out, text);
    cli_output_text(out, "</td>");
}

static void end_row(struct output *out)
{
    cli_output_text(out, "</tr>\n");
}

/* ---- latencies */

static void change_cells(struct output *out, const struct mia_ab_change *c)
{
    if (c == NULL) {
        cli_output_text(out, "<td></td><td></td><td></td><td></td>");
        return;
    }
    cli_output_format(out,
                      "<td>%.2f</td><td>%.2f to %.2f</td><td>%.2f</td><td class=\"words\">%s</td>",
                      c->ratio, c->low, c->high, c->noise,
                      !c->is_real      ? "no difference beyond noise"
                      : c->ratio < 1.0 ? "B is faster"
                                       : "B is slower");
}

static void latency_row(struct output *out, const char *name, const struct mia_ab_change *change,
                        double a, double control, double b)
{
    row_head(out, name);
    cell(out, cli_ab_time(a).text);
    cell(out, cli_ab_time(control).text);
    cell(out, cli_ab_time(b).text);
    change_cells(out, change);
    end_row(out);
}

void cli_ab_page_latency(struct output *out, const struct mia_ab_report *r)
{
    static const char *const names[] = {"",    "A",        "A again",        "B",
                                        "B/A", "interval", "noise (factor)", "~what it means"};
    const struct mia_ab_latency *a = &r->sides[MIA_AB_A].latency,
                                *c = &r->sides[MIA_AB_CONTROL].latency,
                                *b = &r->sides[MIA_AB_B].latency;
    begin_table(out, "Latency of an operation");
    head(out, names, sizeof names / sizeof names[0]);
    latency_row(out, "median", &r->changes[MIA_AB_MEDIAN], (double)a->p50, (double)c->p50,
                (double)b->p50);
    latency_row(out, "p90", NULL, (double)a->p90, (double)c->p90, (double)b->p90);
    latency_row(out, "p99", &r->changes[MIA_AB_P99], (double)a->p99, (double)c->p99,
                (double)b->p99);
    latency_row(out, "p99.9", &r->changes[MIA_AB_P999], (double)a->p999, (double)c->p999,
                (double)b->p999);
    latency_row(out, "longest", NULL, (double)a->max, (double)c->max, (double)b->max);
    latency_row(out, "mean", &r->changes[MIA_AB_MEAN], a->mean, c->mean, b->mean);
    end_table(out);
}

void cli_ab_page_kinds(struct output *out, const struct mia_ab_report *r)
{
    static const char *const names[] = {"",      "operations", "A median", "B median",
                                        "A p99", "B p99",      "A p99.9",  "B p99.9"};
    begin_table(out, "Latency by kind of operation");
    head(out, names, sizeof names / sizeof names[0]);
    for (size_t i = 0; i < r->kind_count; i++) {
        const struct mia_ab_latency *a = &r->kinds[i].sides[MIA_AB_A],
                                    *b = &r->kinds[i].sides[MIA_AB_B];
        row_head(out, r->kinds[i].name);
        cell(out, cli_human_count(a->count).text);
        cell(out, cli_ab_time((double)a->p50).text);
        cell(out, cli_ab_time((double)b->p50).text);
        cell(out, cli_ab_time((double)a->p99).text);
        cell(out, cli_ab_time((double)b->p99).text);
        cell(out, cli_ab_time((double)a->p999).text);
        cell(out, cli_ab_time((double)b->p999).text);
        end_row(out);
    }
    end_table(out);
}

/* ---- the sides */

static void bytes_row(struct output *out, const char *name, const struct mia_ab_report *r,
                      size_t offset)
{
    row_head(out, name);
    for (int who = 0; who < MIA_AB_SIDES; who++) {
        uint64_t bytes;
        memcpy(&bytes, (const char *)&r->sides[who] + offset, sizeof bytes);
        cell(out, cli_human_bytes(bytes).text);
    }
    end_row(out);
}

void cli_ab_page_sides(struct output *out, const struct mia_ab_report *r)
{
    static const char *const names[] = {"", "A", "A again", "B"};
    begin_table(out, "The sides");
    head(out, names, sizeof names / sizeof names[0]);
    row_head(out, "database");
    for (int who = 0; who < MIA_AB_SIDES; who++)
        words(out, r->sides[who].path);
    end_row(out);
    row_head(out, "read as");
    for (int who = 0; who < MIA_AB_SIDES; who++)
        words(out, r->sides[who].how);
    end_row(out);
    row_head(out, "operations a second");
    for (int who = 0; who < MIA_AB_SIDES; who++)
        cell(out, cli_human_count((uint64_t)r->sides[who].rate).text);
    end_row(out);
    row_head(out, "opened in");
    for (int who = 0; who < MIA_AB_SIDES; who++)
        cell(out, cli_human_seconds(r->sides[who].open_seconds).text);
    end_row(out);
    bytes_row(out, "on disk before", r, offsetof(struct mia_ab_side, size_before));
    bytes_row(out, "on disk after", r, offsetof(struct mia_ab_side, size_after));
    bytes_row(out, "read from disk", r, offsetof(struct mia_ab_side, bytes_read));
    bytes_row(out, "written to disk", r, offsetof(struct mia_ab_side, bytes_written));
    bytes_row(out, "memory of its own", r, offsetof(struct mia_ab_side, memory_own));
    bytes_row(out, "mapped file pages", r, offsetof(struct mia_ab_side, memory_mapped));
    end_table(out);
}

/* ---- answers */

static void first_mismatches(struct output *out, const struct ab_result *result)
{
    static const char *const names[] = {"operation", "kind", "what differs", "A",
                                        "B",         "tree", "key"};
    const struct mia_ab_report *r = result->report;
    cli_output_text(out, "<details><summary>The first of them</summary>\n");
    begin_table(out, "The first answers that differ");
    head(out, names, result->with_keys ? 7 : 5);
    for (size_t i = 0; i < r->first_count; i++) {
        const struct mia_ab_mismatch *m = &r->first[i];
        row_head(out, cli_human_count(m->operation).text);
        words(out, m->kind);
        words(out, mia_ab_mismatch_text(m->mismatch));
        words(out, mia_status_name(m->a));
        words(out, mia_status_name(m->b));
        if (result->with_keys) {
            cli_output_text(out, "<td class=\"words\">");
            cli_html_bytes(out, m->tree);
            cli_output_text(out, "</td><td class=\"words\">");
            cli_html_bytes(out, m->key);
            cli_output_text(out, "</td>");
        }
        end_row(out);
    }
    end_table(out);
    if (!result->with_keys)
        cli_output_text(out, "<p>Run with <code>--keys</code> to have the keys listed.</p>\n");
    cli_output_text(out, "</details>\n");
}

static void table_of_classes(struct output *out, const struct mia_ab_report *r)
{
    static const char *const names[] = {"what differs", "answers"};
    begin_table(out, "Answers that differ");
    head(out, names, 2);
    for (int c = 0; c < MIA_AB_MISMATCHES; c++) {
        row_head(out, mia_ab_mismatch_text((enum mia_ab_mismatch_class)c));
        cell(out, cli_human_count(r->mismatches[c]).text);
        end_row(out);
    }
    end_table(out);
}

void cli_ab_page_answers(struct output *out, const struct ab_result *result)
{
    const struct mia_ab_report *r = result->report;
    uint64_t compared = r->compared - r->searches;
    if (r->compared == 0)
        cli_output_text(out, "<p>Answers were not compared: the trace writes, and several threads "
                             "repeat it in no order. With one thread they are.</p>\n");
    if (compared > 0 && mia_ab_mismatched(r) == 0)
        cli_output_format(out,
                          "<p>%s answers were compared by value, one by one: all are equal.</p>\n",
                          cli_human_count(compared).text);
    if (mia_ab_mismatched(r) > 0) {
        table_of_classes(out, r);
        first_mismatches(out, result);
    }
    if (r->hits_a > 0)
        cli_output_format(
            out,
            "<p>Searches for near vectors may miss some of the nearest. Of %s hits of A in %s "
            "searches, B has %.2f %%, and A in its second process %.2f %%.</p>\n",
            cli_human_count(r->hits_a).text, cli_human_count(r->searches).text,
            100.0 * (double)r->hits_common / (double)r->hits_a,
            100.0 * (double)r->hits_control / (double)r->hits_a);
    if (r->unsteady > 0)
        cli_output_format(
            out, "<p>A differs from itself in %s answers: something else writes to it.</p>\n",
            cli_human_count(r->unsteady).text);
}

void cli_ab_page_gate(struct output *out, const struct ab_result *result)
{
    static const char *const names[] = {"latency", "limit of B/A", "B/A", "~answer"};
    const struct mia_ab_report *r = result->report;
    if (result->gate->count == 0)
        return;
    cli_output_text(out, "<section><h2>Gate</h2>\n");
    begin_table(out, "Limits that were asked for");
    head(out, names, 4);
    for (size_t i = 0; i < result->gate->count; i++) {
        const struct ab_limit *limit = &result->gate->limits[i];
        row_head(out, mia_ab_measure_name(limit->measure));
        cli_output_format(out, "<td>%g</td><td>%.2f</td>", limit->most,
                          r->changes[limit->measure].ratio);
        words(out, cli_ab_gate_text(cli_ab_gate_ask(limit, r)));
        end_row(out);
    }
    end_table(out);
    cli_output_text(out, "</section>\n");
}
