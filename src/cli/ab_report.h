/*
 * cli/ab_report.h - a comparison as a sentence, as lines, as JSON, as a page
 */
#ifndef MIA_CLI_AB_REPORT_H
#define MIA_CLI_AB_REPORT_H

#include "cli/command.h"
#include "cli/json.h"
#include "mia/ab.h"

/* A limit for B's latency by A's. */
struct ab_limit {
    enum mia_ab_measure measure;
    double most;
};
enum ab_gate_answer {
    AB_GATE_KEPT,
    AB_GATE_NOISE,   /* over the limit, and not more than noise */
    AB_GATE_EXCEEDED /* over the limit, and real */
};
struct ab_gate {
    struct ab_limit limits[MIA_AB_MEASURES];
    size_t count;
};
/* Reads "p99=1.2,median=1.1". False: that is no list of limits; *wrong is the part that is none. */
bool cli_ab_gate_read(struct ab_gate *gate, const char *text, const char **wrong);
enum ab_gate_answer cli_ab_gate_ask(const struct ab_limit *limit, const struct mia_ab_report *r);
/* "kept", "over, but within noise", "exceeded"; static. */
const char *cli_ab_gate_text(enum ab_gate_answer answer);
bool cli_ab_gate_is_exceeded(const struct ab_gate *gate, const struct mia_ab_report *r);

/* All that a report is made from. */
struct ab_result {
    const struct mia_ab_report *report;
    const struct ab_gate *gate;
    const char *command; /* that makes it again */
    bool with_keys;      /* keys of mismatches may be shown */
};

enum { AB_VERDICT_SIZE = 640 };
/* What came out, in a sentence or two. Returns out. */
char *cli_ab_verdict(char out[AB_VERDICT_SIZE], const struct mia_ab_report *r);
/* "812 ns", "1.24 µs", "31.0 ms": three digits. */
struct human cli_ab_time(double ns);
/* A space, and the text in a column of ten characters, however many bytes they take. */
void cli_ab_column(struct output *out, const char *text);
/* {"count": 0, "min": 0, "median": 0, ...} in ns. NULL: out of memory. */
json_t *cli_ab_latency_object(const struct mia_ab_latency *latency);

void cli_ab_print(struct output *out, const struct ab_result *result);
json_t *cli_ab_object(const struct ab_result *result); /* NULL: out of memory */
/* json: cli_ab_object's, as text. */
void cli_ab_page(struct output *out, const struct ab_result *result, const char *json);

/* ab_tables.c, ab_chart.c: parts of the page. */
void cli_ab_page_latency(struct output *out, const struct mia_ab_report *r);
void cli_ab_page_sides(struct output *out, const struct mia_ab_report *r);
void cli_ab_page_answers(struct output *out, const struct ab_result *result);
void cli_ab_page_gate(struct output *out, const struct ab_result *result);
void cli_ab_page_kinds(struct output *out, const struct mia_ab_report *r);
void cli_ab_chart_latency(struct output *out, const struct mia_ab_report *r);
void cli_ab_chart_rate(struct output *out, const struct mia_ab_report *r);

/* ab.css, put in by the build. */
extern const char cli_ab_css[];

#endif
