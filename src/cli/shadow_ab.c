/* cli/shadow_ab.c - see cli/shadow_ab.h */
#include "cli/shadow_ab.h"

#include "cli/ab_report.h"
#include "cli/differences.h"
#include "cli/failure.h"
#include "cli/human.h"
#include "mia/mia.h"

#include <time.h>

struct found {
    struct mia_shadow_ab_report report;
    struct mia_shadow_ab_mismatch mismatches[MIA_SHADOW_AB_IN_FILE];
    uint64_t of_class[MIA_DIFF_CLASSES]; /* of all operations */
};

/* Both sides of one operation, by one measure. */
struct measure {
    const char *name, *label; /* of JSON, of lines */
    double primary, candidate;
};
enum { MEASURES = 6 };

static const char *const operation_names[MIA_SHADOW_AB_OPERATIONS] = {"get", "scan"};

/* The mean first: it is there without histograms too. Returns how many there are. */
static int measures_of(const struct found *f, int operation, struct measure to[MEASURES])
{
    const struct mia_ab_latency *p = &f->report.primary[operation],
                                *c = &f->report.candidate[operation];
    const struct mia_shadow_ab_counts *counts = &f->report.operations[operation];
    double compared = counts->compared > 0 ? (double)counts->compared : 1;
    to[0] = (struct measure){"mean", "mean", (double)counts->primary_ns / compared,
                             (double)counts->candidate_ns / compared};
    if (!f->report.has_percentiles)
        return 1;
    to[1] = (struct measure){"median", "median", (double)p->p50, (double)c->p50};
    to[2] = (struct measure){"p90", "p90", (double)p->p90, (double)c->p90};
    to[3] = (struct measure){"p99", "p99", (double)p->p99, (double)c->p99};
    to[4] = (struct measure){"p999", "p99.9", (double)p->p999, (double)c->p999};
    to[5] = (struct measure){"max", "longest", (double)p->max, (double)c->max};
    return MEASURES;
}

/* ---- JSON */

static bool add(json_t *object, const char *name, json_t *value)
{
    return json_object_set_new(object, name, value) == 0;
}

static json_t *ratio_object(const struct found *f, int operation)
{
    struct measure measures[MEASURES];
    json_t *object = json_object();
    int count = measures_of(f, operation, measures);
    for (int i = 0; i < count; i++) {
        const struct measure *m = &measures[i];
        if (!add(object, m->name,
                 m->primary > 0 ? json_real(m->candidate / m->primary) : json_null())) {
            json_decref(object);
            return NULL;
        }
    }
    return object;
}

static json_t *operation_object(const struct found *f, int operation)
{
    const struct mia_shadow_ab_counts *c = &f->report.operations[operation];
    json_t *object =
        json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "sampled", cli_json_count(c->sampled),
                  "skipped", cli_json_count(c->skipped), "compared", cli_json_count(c->compared),
                  "settled", cli_json_count(c->settled), "ignored", cli_json_count(c->ignored),
                  "errors", cli_json_count(c->errors), "mismatches",
                  cli_differences_object(c->mismatches), "ratio", ratio_object(f, operation));
    bool complete = object != NULL;
    if (complete && f->report.has_percentiles)
        complete = add(object, "latency_ns",
                       json_pack("{s:o, s:o}", "primary",
                                 cli_ab_latency_object(&f->report.primary[operation]), "candidate",
                                 cli_ab_latency_object(&f->report.candidate[operation])));
    if (complete)
        return object;
    json_decref(object);
    return NULL;
}

static mia_slice key_of(const struct mia_shadow_ab_mismatch *m)
{
    return (mia_slice){m->key, m->key_size < sizeof m->key ? m->key_size : sizeof m->key};
}

static json_t *mismatches_array(const struct found *f)
{
    json_t *array = json_array();
    for (size_t i = 0; i < f->report.kept; i++) {
        const struct mia_shadow_ab_mismatch *m = &f->mismatches[i];
        json_t *object =
            json_pack("{s:s, s:s, s:o}", "operation", operation_names[m->operation], "class",
                      cli_difference_name(m->difference), "key_size", cli_json_count(m->key_size));
        if (object == NULL || !cli_json_add_bytes(object, "tree", mia_bytes_of(m->tree)) ||
            !cli_json_add_bytes(object, "key", key_of(m)) ||
            json_array_append(array, object) != 0) {
            json_decref(object);
            json_decref(array);
            return NULL;
        }
        json_decref(object);
    }
    return array;
}

static json_t *found_object(const struct found *f, const char *path)
{
    const struct mia_shadow_ab_report *r = &f->report;
    json_t *object = json_pack(
        "{s:b, s:o, s:o, s:b, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o}", "running", r->is_running,
        "started_ms", cli_json_count((uint64_t)r->started_ms), "written_ms",
        cli_json_count((uint64_t)r->written_ms), "percentiles", r->has_percentiles, "primary",
        r->primary_engine, "candidate", r->candidate_engine, "mismatches",
        cli_differences_object(f->of_class), "first_mismatches", mismatches_array(f), "last_error",
        cli_json_text(r->last_error), "write_failures", cli_json_count(r->write_failures),
        "last_write_failure", cli_json_text(r->last_write_failure), "operations",
        json_pack("{s:o, s:o}", operation_names[MIA_SHADOW_AB_GET],
                  operation_object(f, MIA_SHADOW_AB_GET), operation_names[MIA_SHADOW_AB_SCAN],
                  operation_object(f, MIA_SHADOW_AB_SCAN)));
    if (object != NULL && cli_json_add_bytes(object, "path", mia_bytes_of(path)))
        return object;
    json_decref(object);
    return NULL;
}

/* ---- lines */

static void print_operation(struct output *out, const struct found *f, int operation)
{
    struct measure measures[MEASURES];
    const struct mia_shadow_ab_counts *c = &f->report.operations[operation];
    int count = measures_of(f, operation, measures);
    cli_output_format(out, "\n  %-10s %10s %10s   %s\n", operation_names[operation], "primary",
                      "candidate", "candidate/primary");
    for (int i = 0; i < count && c->compared > 0; i++) {
        const struct measure *m = &measures[i];
        cli_output_format(out, "  %-10s", m->label);
        cli_ab_column(out, cli_ab_time(m->primary).text);
        cli_ab_column(out, cli_ab_time(m->candidate).text);
        if (m->primary > 0)
            cli_output_format(out, "   %.2f", m->candidate / m->primary);
        cli_output_text(out, "\n");
    }
    cli_field(out, "compared", "%s", cli_human_count(c->compared).text);
    cli_field(out, "skipped", "%s", cli_human_count(c->skipped).text);
    if (c->settled > 0)
        cli_field(out, "settled", "%s: changes on their way", cli_human_count(c->settled).text);
    if (c->ignored > 0)
        cli_field(out, "ignored", "%s", cli_human_count(c->ignored).text);
    if (c->errors > 0)
        cli_field(out, "errors", "%s of the candidate", cli_human_count(c->errors).text);
    cli_differences_print(out, c->mismatches);
}

static void print_mismatch(struct output *out, const struct mia_shadow_ab_mismatch *m)
{
    cli_output_format(out, "  %-11s %-4s  ", cli_difference_name(m->difference),
                      operation_names[m->operation]);
    cli_output_escaped(out, mia_bytes_of(m->tree));
    cli_output_text(out, "  ");
    cli_output_escaped(out, key_of(m));
    if (m->key_size > sizeof m->key)
        cli_output_format(out, "... (%zu bytes)", m->key_size);
    cli_output_text(out, "\n");
}

static void print_found(struct output *out, const struct found *f)
{
    const struct mia_shadow_ab_report *r = &f->report;
    double age = (double)time(NULL) - (double)r->written_ms / 1000;
    cli_field(out, "state", "%s, written %s ago", r->is_running ? "running" : "ended",
              cli_human_seconds(age > 0 ? age : 0).text);
    cli_field(out, "primary", "%s", r->primary_engine);
    cli_field(out, "candidate", "%s", r->candidate_engine);
    if (!r->has_percentiles)
        cli_field(out, "percentiles", "none: that program's libmia has no histograms");
    if (r->last_error[0] != '\0')
        cli_field(out, "error", "%s", r->last_error);
    if (r->write_failures > 0)
        cli_field(out, "not written", "%s times: %s", cli_human_count(r->write_failures).text,
                  r->last_write_failure);
    for (int i = 0; i < MIA_SHADOW_AB_OPERATIONS; i++)
        print_operation(out, f, i);
    if (r->kept > 0)
        cli_output_text(out, "\n  the first mismatches of each class:\n");
    for (size_t i = 0; i < r->kept; i++)
        print_mismatch(out, &f->mismatches[i]);
}

int cli_shadow_ab(struct cli *cli, const char *path, bool is_quiet)
{
    static struct found found;
    struct mia_error err = {0};
    found.report.struct_size = sizeof found.report;
    mia_status rc = mia_shadow_ab_read(path, &found.report, found.mismatches, &err);
    if (rc == MIA_NOTFOUND)
        return cli_fail_text(cli, CLI_EXIT_REFUSED, rc,
                             "%s: no reads were compared: a program does that which has called "
                             "mia_shadow_ab_start",
                             path);
    if (rc != MIA_OK)
        return cli_fail(cli, cli_exit_of_status(rc), &err);
    for (int i = 0; i < MIA_SHADOW_AB_OPERATIONS; i++)
        for (int c = 0; c < MIA_DIFF_CLASSES; c++)
            found.of_class[c] += found.report.operations[i].mismatches[c];
    if (cli->json && !cli_json_print(cli, found_object(&found, path)))
        return CLI_EXIT_REFUSED;
    if (!cli->json && !is_quiet)
        print_found(&cli->out, &found);
    return cli_differences_total(found.of_class) == 0 ? CLI_EXIT_DONE : CLI_EXIT_DIFFERENT;
}
