/*
 * cli/ab_page.c - a comparison as one HTML file that needs no other
 *
 * No scripts run in it, nothing is fetched (its own policy forbids both), and it reads without
 * style: the verdict first, then tables, pictures with descriptions, and how it was made.
 */
#include "cli/ab_report.h"

#include "cli/html.h"
#include "cli/human.h"

#include <time.h>

static void print_head(struct output *out, const struct mia_ab_report *r)
{
    cli_output_text(
        out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
             "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
             "'unsafe-inline'; img-src data:\">\n"
             "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
             "<meta name=\"color-scheme\" content=\"light dark\">\n"
             "<meta name=\"robots\" content=\"noindex\">\n"
             "<link rel=\"icon\" href=\"data:,\">\n<title>A/B test: ");
    cli_html_text(out, r->workload);
    cli_output_text(out, "</title>\n<style>\n");
    cli_output_text(out, cli_ab_css);
    cli_output_text(out, "</style>\n</head>\n<body>\n<main>\n");
}

static void print_verdict(struct output *out, const struct mia_ab_report *r)
{
    char verdict[AB_VERDICT_SIZE];
    bool is_wrong = mia_ab_mismatched(r) > 0;
    cli_output_format(out, "<header><h1 class=\"%s\" id=\"verdict\">",
                      is_wrong ? "wrong" : "right");
    cli_html_text(out, cli_ab_verdict(verdict, r));
    cli_output_text(out, "</h1>\n<p>A is <code>");
    cli_html_text(out, r->sides[MIA_AB_A].path);
    cli_output_text(out, "</code> (");
    cli_html_text(out, r->sides[MIA_AB_A].how);
    cli_output_text(out, "), B is <code>");
    cli_html_text(out, r->sides[MIA_AB_B].path);
    cli_output_text(out, "</code> (");
    cli_html_text(out, r->sides[MIA_AB_B].how);
    cli_output_format(out, "). %s operations on each, %s.</p></header>\n",
                      cli_human_count(r->operations).text,
                      r->writes ? "both worked on copies" : "neither was changed");
}

static void legend(struct output *out, bool with_band)
{
    cli_output_text(out, "<p class=\"legend\"><span class=\"key side-a\">A</span> "
                         "<span class=\"key side-b\">B</span> ");
    cli_output_text(out, with_band ? "<span class=\"key side-band\">A against itself: noise</span>"
                                   : "<span class=\"key side-c\">A again (control)</span>");
    cli_output_text(out, "</p>\n");
}

static void print_charts(struct output *out, const struct mia_ab_report *r)
{
    cli_output_text(out, "<section><h2>Distribution of latencies</h2>\n<figure>\n");
    legend(out, false);
    cli_ab_chart_latency(out, r);
    cli_output_text(out, "<figcaption>How many of the operations took at most so long. Further to "
                         "the left is faster.</figcaption></figure></section>\n"
                         "<section><h2>Throughput over time</h2>\n<figure>\n");
    legend(out, true);
    cli_ab_chart_rate(out, r);
    cli_output_text(out, "<figcaption>Operations a second, by the time that they took. What lies "
                         "inside of the band is noise.</figcaption></figure></section>\n");
}

static void print_method(struct output *out, const struct mia_ab_report *r)
{
    cli_output_text(out, "<details open><summary>How this was measured</summary>\n<ul>\n");
    cli_output_format(out,
                      "<li>%u rounds after a warm-up. In each round A, A again (the control) and B "
                      "do the same operations, one behind the other, in an order that changes from "
                      "round to round; each in a process of its own.</li>\n",
                      r->rounds);
    cli_output_format(
        out,
        "<li>B/A is the median over the rounds of B's figure by A's. The interval has "
        "the true median with %.1f %% confidence (order statistics; nothing is "
        "assumed about the distribution).</li>\n",
        r->confidence * 100);
    cli_output_text(out, "<li>Noise is by how much the control differed from A in its farthest "
                         "round. A difference is called real only if the whole interval lies "
                         "outside of it.</li>\n");
    cli_output_format(
        out,
        "<li>Every operation is a transaction of its own, and what it answers is read "
        "to its last byte, in the time measured; looking at the clock adds about "
        "%.0f ns.</li>\n",
        r->clock_ns);
    if (r->speed > 0)
        cli_output_text(out,
                        "<li>Operations begin when they did in the trace; one that has to wait "
                        "for the one before it takes as long as its user waited.</li>\n");
    if (r->trace_torn_at > 0)
        cli_output_format(out,
                          "<li>The recording was cut off by a crash: nothing behind byte %s of the "
                          "trace was used.</li>\n",
                          cli_human_count(r->trace_torn_at).text);
    if (r->writes)
        cli_output_format(out, "<li>Commits %s.</li>\n",
                          r->is_lazy ? "need not be on disk when they return (lazy)"
                                     : "are on disk when they return (durable)");
    cli_output_text(out, "<li>All figures are in this file as JSON, in the element with the id "
                         "<code>data</code>.</li>\n</ul></details>\n");
}

static void fact(struct output *out, const char *name, const char *text)
{
    cli_output_text(out, "<dt>");
    cli_html_text(out, name);
    cli_output_text(out, "</dt><dd>");
    cli_html_text(out, text);
    cli_output_text(out, "</dd>\n");
}

static void print_facts(struct output *out, const struct ab_result *result)
{
    char text[200];
    const struct mia_ab_report *r = result->report;
    time_t started = (time_t)(r->started_ms / 1000);
    struct tm when;
    gmtime_r(&started, &when);
    cli_output_text(out, "<dl>\n");
    strftime(text, sizeof text, "%Y-%m-%d %H:%M UTC", &when);
    fact(out, "started", text);
    snprintf(text, sizeof text, "%s, on %s of MIA", r->workload, r->level);
    fact(out, "workload", strcmp(r->level, "pairs") == 0 ? r->workload : text);
    snprintf(text, sizeof text, "%s drawn, skew %g, seed %llu", cli_human_count(r->keys).text,
             r->skew, (unsigned long long)r->seed);
    fact(out, "keys", text);
    snprintf(text, sizeof text, "%u", r->threads);
    fact(out, "threads", text);
    fact(out, "took", cli_human_seconds(r->seconds).text);
    snprintf(text, sizeof text, "%s, %u of them, %s of memory", r->machine.processor,
             r->machine.processors, cli_human_bytes(r->machine.memory).text);
    fact(out, "machine", text);
    snprintf(text, sizeof text, "%s; load %.2f when it began", r->machine.kernel, r->machine.load);
    fact(out, "system", text);
    fact(out, "build", r->machine.build);
    cli_output_text(out, "</dl>\n<p>To repeat it:</p>\n<pre><code id=\"command\">");
    cli_html_text(out, result->command);
    cli_output_text(out, "</code></pre>\n");
}

void cli_ab_page(struct output *out, const struct ab_result *result, const char *json)
{
    const struct mia_ab_report *r = result->report;
    print_head(out, r);
    print_verdict(out, r);
    cli_output_text(out, "<section><h2>Latency</h2>\n");
    cli_ab_page_latency(out, r);
    cli_output_text(out, "</section>\n");
    cli_ab_page_gate(out, result);
    print_charts(out, r);
    cli_output_text(out, "<section><h2>Answers</h2>\n");
    cli_ab_page_answers(out, result);
    cli_output_text(out, "</section>\n<section><h2>What it takes</h2>\n");
    cli_ab_page_sides(out, r);
    if (r->kind_count > 1)
        cli_ab_page_kinds(out, r);
    cli_output_text(out, "</section>\n<section><h2>How it was made</h2>\n");
    print_facts(out, result);
    print_method(out, r);
    cli_output_text(out, "</section>\n</main>\n<script type=\"application/json\" id=\"data\">");
    cli_html_json(out, json);
    cli_output_text(out, "</script>\n</body>\n</html>\n");
}
