/* cli/ab_json.c - a comparison as JSON: docs/ab.md has the members */
#include "cli/ab_report.h"

static bool add(json_t *object, const char *name, json_t *value)
{
    return json_object_set_new(object, name, value) == 0;
}

json_t *cli_ab_latency_object(const struct mia_ab_latency *l)
{
    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:f}", "count", cli_json_count(l->count),
                     "min", cli_json_count(l->min), "median", cli_json_count(l->p50), "p90",
                     cli_json_count(l->p90), "p99", cli_json_count(l->p99), "p999",
                     cli_json_count(l->p999), "max", cli_json_count(l->max), "mean", l->mean);
}

static json_t *curve_array(const struct mia_ab_side *side)
{
    json_t *array = json_array();
    for (size_t i = 0; i < side->curve_count; i++)
        json_array_append_new(
            array, json_pack("[o, f]", cli_json_count(side->curve[i].ns), side->curve[i].share));
    return array;
}

static json_t *slices_array(const struct mia_ab_side *side)
{
    json_t *array = json_array();
    for (size_t i = 0; i < side->slice_count; i++)
        json_array_append_new(
            array, json_pack("{s:f, s:f, s:i}", "seconds", side->slices[i].seconds, "rate",
                             side->slices[i].rate, "round", (int)side->slices[i].round));
    return array;
}

static json_t *side_object(const struct mia_ab_side *side)
{
    json_t *object = json_pack(
        "{s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:f, s:f}", "engine", side->engine, "how",
        side->how, "size_before", cli_json_count(side->size_before), "size_after",
        cli_json_count(side->size_after), "bytes_read", cli_json_count(side->bytes_read),
        "bytes_written", cli_json_count(side->bytes_written), "memory_own",
        cli_json_count(side->memory_own), "memory_mapped", cli_json_count(side->memory_mapped),
        "open_seconds", side->open_seconds, "rate", side->rate);
    if (object != NULL && cli_json_add_bytes(object, "path", mia_bytes_of(side->path)) &&
        add(object, "latency_ns", cli_ab_latency_object(&side->latency)) &&
        add(object, "distribution", curve_array(side)) && add(object, "rates", slices_array(side)))
        return object;
    json_decref(object);
    return NULL;
}

static const char *const side_names[MIA_AB_SIDES] = {"a", "control", "b"};

static json_t *sides_object(const struct mia_ab_report *r)
{
    json_t *object = json_object();
    for (int who = 0; who < MIA_AB_SIDES; who++)
        if (!add(object, side_names[who], side_object(&r->sides[who]))) {
            json_decref(object);
            return NULL;
        }
    return object;
}

/* Without a point, which many programs take for a path. */
static const char *const measure_names[MIA_AB_MEASURES] = {[MIA_AB_MEDIAN] = "median",
                                                           [MIA_AB_P99] = "p99",
                                                           [MIA_AB_P999] = "p999",
                                                           [MIA_AB_MEAN] = "mean"};

static json_t *changes_object(const struct mia_ab_report *r)
{
    json_t *object = json_object();
    for (int m = 0; m < MIA_AB_MEASURES; m++) {
        const struct mia_ab_change *c = &r->changes[m];
        add(object, measure_names[m],
            json_pack("{s:f, s:f, s:f, s:f, s:b}", "ratio", c->ratio, "low", c->low, "high",
                      c->high, "noise", c->noise, "real", c->is_real));
    }
    return object;
}

static json_t *kinds_array(const struct mia_ab_report *r)
{
    json_t *array = json_array();
    for (size_t i = 0; i < r->kind_count; i++) {
        json_t *kind = json_pack("{s:s}", "kind", r->kinds[i].name);
        for (int who = 0; who < MIA_AB_SIDES; who++)
            add(kind, side_names[who], cli_ab_latency_object(&r->kinds[i].sides[who]));
        json_array_append_new(array, kind);
    }
    return array;
}

static json_t *mismatches_object(const struct mia_ab_report *r)
{
    json_t *object = json_object();
    for (int c = 0; c < MIA_AB_MISMATCHES; c++)
        add(object, mia_ab_mismatch_name((enum mia_ab_mismatch_class)c),
            cli_json_count(r->mismatches[c]));
    return object;
}

static json_t *first_array(const struct ab_result *result)
{
    json_t *array = json_array();
    for (size_t i = 0; i < result->report->first_count; i++) {
        const struct mia_ab_mismatch *m = &result->report->first[i];
        json_t *one =
            json_pack("{s:s, s:o, s:s, s:s, s:s}", "class", mia_ab_mismatch_name(m->mismatch),
                      "operation", cli_json_count(m->operation), "kind", m->kind, "a",
                      mia_status_name(m->a), "b", mia_status_name(m->b));
        if (result->with_keys && one != NULL) {
            cli_json_add_bytes(one, "tree", m->tree);
            cli_json_add_bytes(one, "key", m->key);
        }
        json_array_append_new(array, one);
    }
    return array;
}

static json_t *gate_array(const struct ab_result *result)
{
    json_t *array = json_array();
    for (size_t i = 0; i < result->gate->count; i++) {
        const struct ab_limit *limit = &result->gate->limits[i];
        enum ab_gate_answer answer = cli_ab_gate_ask(limit, result->report);
        json_array_append_new(
            array,
            json_pack("{s:s, s:f, s:f, s:s, s:b}", "measure", mia_ab_measure_name(limit->measure),
                      "limit", limit->most, "ratio", result->report->changes[limit->measure].ratio,
                      "answer", cli_ab_gate_text(answer), "exceeded", answer == AB_GATE_EXCEEDED));
    }
    return array;
}

static json_t *run_object(const struct ab_result *result)
{
    char verdict[AB_VERDICT_SIZE];
    const struct mia_ab_report *r = result->report;
    return json_pack("{s:o, s:b, s:s, s:s, s:o, s:o, s:i, s:i, s:o, s:f, s:f, s:b, s:b, s:f, s:f, "
                     "s:f, s:I}",
                     "verdict", cli_json_text(cli_ab_verdict(verdict, r)), "identical",
                     mia_ab_mismatched(r) == 0, "workload", r->workload, "level", r->level,
                     "operations", cli_json_count(r->operations), "keys", cli_json_count(r->keys),
                     "rounds", (int)r->rounds, "threads", (int)r->threads, "seed",
                     cli_json_count(r->seed), "skew", r->skew, "speed", r->speed, "lazy",
                     r->is_lazy, "writes", r->writes, "confidence", r->confidence, "clock_ns",
                     r->clock_ns, "seconds", r->seconds, "started_ms", (json_int_t)r->started_ms);
}

static json_t *machine_object(const struct mia_ab_report *r)
{
    return json_pack("{s:o, s:i, s:o, s:o, s:o, s:f}", "processor",
                     cli_json_text(r->machine.processor), "processors", (int)r->machine.processors,
                     "memory", cli_json_count(r->machine.memory), "kernel",
                     cli_json_text(r->machine.kernel), "build", cli_json_text(r->machine.build),
                     "load", r->machine.load);
}

json_t *cli_ab_object(const struct ab_result *result)
{
    const struct mia_ab_report *r = result->report;
    json_t *object = run_object(result);
    if (object != NULL && add(object, "command", cli_json_text(result->command)) &&
        add(object, "changes", changes_object(r)) &&
        add(object, "compared", cli_json_count(r->compared)) &&
        add(object, "trace_torn_at", cli_json_count(r->trace_torn_at)) &&
        add(object, "mismatches", mismatches_object(r)) &&
        add(object, "unsteady", cli_json_count(r->unsteady)) &&
        add(object, "first_mismatches", first_array(result)) &&
        add(object, "searches",
            json_pack("{s:o, s:o, s:o, s:o}", "count", cli_json_count(r->searches), "hits_a",
                      cli_json_count(r->hits_a), "hits_common", cli_json_count(r->hits_common),
                      "hits_control", cli_json_count(r->hits_control))) &&
        add(object, "gate", gate_array(result)) && add(object, "machine", machine_object(r)) &&
        add(object, "kinds", kinds_array(r)) && add(object, "sides", sides_object(r)))
        return object;
    json_decref(object);
    return NULL;
}
