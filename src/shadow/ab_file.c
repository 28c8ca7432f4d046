/*
 * shadow/ab_file.c - what the comparison of reads has found, in a file for others to read
 *
 * mia-shadow-ab in the directory of the pair (base/lines.h):
 *   mia-shadow-ab 1
 *   running N           1: there was a thread that went on with it
 *   started_ms N        written_ms N
 *   primary ENGINE      candidate ENGINE
 *   percentiles N       0: a build without histograms
 *   get-counts N...     see count_members; and scan-counts
 *   get-primary N...    see latency_members and the mean, in ns; get-candidate, scan-primary, ...
 *   write_failures N    write_failure TEXT
 *   error TEXT          the last one of the candidate
 *   mismatches N        and so many lines: mismatch OPERATION CLASS TREE KEY_SIZE KEY
 */
#include "base/lines.h"
#include "base/options.h"
#include "base/percent.h"
#include "base/try.h"
#include "shadow/shadow.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>

#define AB_FILE "mia-shadow-ab"

enum { OF_CLASS = MIA_SHADOW_AB_IN_FILE / MIA_DIFF_CLASSES };

static const char header[] = AB_FILE " 1\n";
static const char *const operation_names[] = {"get", "scan"};
static const char *const class_names[] = {"missing", "extra", "value", "order", "undecodable"};
_Static_assert(sizeof class_names / sizeof class_names[0] == MIA_DIFF_CLASSES, "one is missing");

#define COUNT(member) offsetof(struct mia_shadow_ab_counts, member)
static const size_t count_members[] = {
    COUNT(sampled),
    COUNT(skipped),
    COUNT(compared),
    COUNT(settled),
    COUNT(ignored),
    COUNT(errors),
    COUNT(primary_ns),
    COUNT(candidate_ns),
    COUNT(mismatches[MIA_DIFF_MISSING]),
    COUNT(mismatches[MIA_DIFF_EXTRA]),
    COUNT(mismatches[MIA_DIFF_VALUE]),
    COUNT(mismatches[MIA_DIFF_ORDER]),
    COUNT(mismatches[MIA_DIFF_UNDECODABLE]),
};
#undef COUNT
#define TIME(member) offsetof(struct mia_ab_latency, member)
static const size_t latency_members[] = {TIME(count), TIME(min),  TIME(p50), TIME(p90),
                                         TIME(p99),   TIME(p999), TIME(max)};
#undef TIME
enum {
    COUNTS = sizeof count_members / sizeof count_members[0],
    TIMES = sizeof latency_members / sizeof latency_members[0]
};

/* ---- writing */

static mia_status put_numbers(struct mia__buf *to, const void *base, const size_t *members,
                              size_t count, struct mia_error *err)
{
    mia_status rc = MIA_OK;
    for (size_t i = 0; i < count; i++) {
        char word[24];
        uint64_t number;
        memcpy(&number, (const char *)base + members[i], sizeof number);
        snprintf(word, sizeof word, " %" PRIu64, number);
        TRY(mia__lines_put(to, word, err));
    }
done:
    return rc;
}

static mia_status put_latency(struct mia__buf *to, const char *name, const char *side,
                              const struct mia_ab_latency *latency, struct mia_error *err)
{
    mia_status rc;
    char text[40];
    snprintf(text, sizeof text, "%s-%s", name, side);
    TRY(mia__lines_put(to, text, err));
    TRY(put_numbers(to, latency, latency_members, TIMES, err));
    snprintf(text, sizeof text, " %.0f\n", latency->mean);
    rc = mia__lines_put(to, text, err);
done:
    return rc;
}

static mia_status put_operation(struct mia__buf *to, const struct mia_shadow_ab_report *report,
                                int i, struct mia_error *err)
{
    mia_status rc;
    const char *name = operation_names[i];
    TRY(mia__lines_put(to, name, err));
    TRY(mia__lines_put(to, "-counts", err));
    TRY(put_numbers(to, &report->operations[i], count_members, COUNTS, err));
    TRY(mia__lines_put(to, "\n", err));
    TRY(put_latency(to, name, "primary", &report->primary[i], err));
    rc = put_latency(to, name, "candidate", &report->candidate[i], err);
done:
    return rc;
}

static mia_status put_mismatch(struct mia__buf *to, const struct mia_shadow_ab_mismatch *m,
                               struct mia_error *err)
{
    mia_status rc;
    char text[80];
    size_t size = m->key_size < sizeof m->key ? m->key_size : sizeof m->key;
    struct mia__buf key = {(uint8_t *)(uintptr_t)m->key, size, size}; /* only looked at */
    snprintf(text, sizeof text, "mismatch %s %s ", operation_names[m->operation],
             class_names[m->difference]);
    TRY(mia__lines_put(to, text, err));
    TRY(mia__percent_put(to, m->tree, err));
    snprintf(text, sizeof text, " %zu", m->key_size);
    TRY(mia__lines_put(to, text, err));
    TRY(mia__lines_put_bytes(to, &key, err));
    rc = mia__lines_put(to, "\n", err);
done:
    return rc;
}

static mia_status print(struct mia__buf *to, const struct mia_shadow_ab_report *report,
                        const struct mia_shadow_ab_mismatch *mismatches, struct mia_error *err)
{
    mia_status rc;
    TRY(mia__lines_put(to, header, err));
    TRY(mia__lines_put_number(to, "running", report->is_running, err));
    TRY(mia__lines_put_number(to, "started_ms", (uint64_t)report->started_ms, err));
    TRY(mia__lines_put_number(to, "written_ms", (uint64_t)report->written_ms, err));
    TRY(mia__lines_put_line(to, "primary", report->primary_engine, err));
    TRY(mia__lines_put_line(to, "candidate", report->candidate_engine, err));
    TRY(mia__lines_put_number(to, "percentiles", report->has_percentiles, err));
    for (int i = 0; i < MIA_SHADOW_AB_OPERATIONS; i++)
        TRY(put_operation(to, report, i, err));
    TRY(mia__lines_put_number(to, "write_failures", report->write_failures, err));
    TRY(mia__lines_put_text(to, "write_failure", report->last_write_failure, err));
    TRY(mia__lines_put_text(to, "error", report->last_error, err));
    TRY(mia__lines_put_number(to, "mismatches", report->kept, err));
    for (size_t i = 0; i < report->kept; i++)
        TRY(put_mismatch(to, &mismatches[i], err));
done:
    return rc;
}

/* Copies the first of each class. With results held. */
static size_t choose(const struct mia__shadow_ab *ab, struct mia_shadow_ab_mismatch *to)
{
    size_t of_class[MIA_DIFF_CLASSES] = {0}, count = 0;
    for (size_t i = 0; i < ab->report.kept; i++)
        if (of_class[ab->kept[i].difference]++ < OF_CLASS)
            to[count++] = ab->kept[i];
    return count;
}

void mia__shadow_ab_write(struct mia__shadow *s)
{
    struct mia__shadow_ab *ab = &s->ab;
    struct mia_shadow_ab_report report;
    struct mia_shadow_ab_mismatch chosen[MIA_SHADOW_AB_IN_FILE];
    struct mia__buf text = {0};
    struct mia_error err = {0};
    if (ab->write_every_ms == 0)
        return;
    pthread_mutex_lock(&ab->results);
    mia__shadow_ab_snapshot(s, &report);
    report.kept = choose(ab, chosen);
    pthread_mutex_unlock(&ab->results);
    report.written_ms = mia__unix_ms();
    mia_status rc = print(&text, &report, chosen, &err);
    if (rc == MIA_OK)
        rc = mia__lines_write(s->path, AB_FILE, &text, &err);
    mia__buf_free(&text);
    pthread_mutex_lock(&ab->results);
    if (rc == MIA_OK) {
        ab->report.written_ms = report.written_ms;
    } else {
        ab->report.write_failures++;
        snprintf(ab->report.last_write_failure, sizeof ab->report.last_write_failure, "%.255s",
                 err.message);
    }
    pthread_mutex_unlock(&ab->results);
}

void mia__shadow_ab_write_sometimes(struct mia__shadow *s)
{
    struct mia__shadow_ab *ab = &s->ab;
    if (ab->write_every_ms == 0 || !mia__is_past(&ab->write_at))
        return;
    pthread_mutex_unlock(&ab->lock);
    mia__shadow_ab_write(s);
    pthread_mutex_lock(&ab->lock);
    ab->write_at = mia__after_ms(CLOCK_MONOTONIC, ab->write_every_ms);
}

/* ---- reading */

/* Where what is read goes. */
struct target {
    struct mia_shadow_ab_report report;
    struct mia_shadow_ab_mismatch *mismatches; /* NULL: they are only counted */
};

static uint64_t take_named(struct mia__lines *r, const char *name)
{
    mia__lines_expect(r, name);
    return mia__lines_number(r);
}

static void take_numbers(struct mia__lines *r, void *base, const size_t *members, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint64_t number = mia__lines_number(r);
        memcpy((char *)base + members[i], &number, sizeof number);
    }
}

static void take_operation(struct mia__lines *r, struct mia_shadow_ab_report *report, int i)
{
    struct mia_ab_latency *sides[] = {&report->primary[i], &report->candidate[i]};
    static const char *const names[] = {"-primary", "-candidate"};
    r->has_failed = r->has_failed || !mia__lines_name(r, operation_names[i]);
    mia__lines_expect(r, "-counts");
    take_numbers(r, &report->operations[i], count_members, COUNTS);
    for (int side = 0; side < 2; side++) {
        r->has_failed = r->has_failed || !mia__lines_name(r, operation_names[i]);
        mia__lines_expect(r, names[side]);
        take_numbers(r, sides[side], latency_members, TIMES);
        sides[side]->mean = (double)mia__lines_number(r);
    }
}

static mia_status take_text(struct mia__lines *r, char *to, size_t size)
{
    char *text = NULL;
    mia_status rc = mia__lines_text(r, &text);
    if (text != NULL)
        snprintf(to, size, "%s", text);
    mia__free(text);
    return rc;
}

static mia_status take_mismatch(struct mia__lines *r, struct mia_shadow_ab_mismatch *m)
{
    mia_status rc;
    struct mia__buf key = {0};
    *m = (struct mia_shadow_ab_mismatch){0};
    mia__lines_expect(r, "mismatch");
    m->operation = (enum mia_shadow_ab_operation)mia__lines_one_of(r, operation_names,
                                                                   MIA_SHADOW_AB_OPERATIONS);
    m->difference = (enum mia_difference_class)mia__lines_one_of(r, class_names, MIA_DIFF_CLASSES);
    TRY(take_text(r, m->tree, sizeof m->tree));
    m->key_size = (size_t)mia__lines_number(r);
    TRY(mia__lines_bytes(r, &key));
    r->has_failed =
        r->has_failed || key.size != (m->key_size < sizeof m->key ? m->key_size : sizeof m->key);
    if (!r->has_failed && key.size > 0)
        memcpy(m->key, key.data, key.size);
done:
    mia__buf_free(&key);
    return rc;
}

static mia_status take_lines(void *ctx, struct mia__lines *r)
{
    mia_status rc;
    struct target *to = ctx;
    struct mia_shadow_ab_report *report = &to->report;
    struct mia_shadow_ab_mismatch unused;
    r->has_failed = !mia__lines_name(r, header);
    report->is_running = take_named(r, "running") == 1;
    report->started_ms = (int64_t)take_named(r, "started_ms");
    report->written_ms = (int64_t)take_named(r, "written_ms");
    mia__lines_expect(r, "primary");
    mia__lines_short(r, report->primary_engine, sizeof report->primary_engine);
    mia__lines_expect(r, "candidate");
    mia__lines_short(r, report->candidate_engine, sizeof report->candidate_engine);
    report->has_percentiles = take_named(r, "percentiles") == 1;
    for (int i = 0; i < MIA_SHADOW_AB_OPERATIONS; i++)
        take_operation(r, report, i);
    report->write_failures = take_named(r, "write_failures");
    mia__lines_expect(r, "write_failure");
    TRY(take_text(r, report->last_write_failure, sizeof report->last_write_failure));
    mia__lines_expect(r, "error");
    TRY(take_text(r, report->last_error, sizeof report->last_error));
    report->kept = (size_t)take_named(r, "mismatches");
    r->has_failed = r->has_failed || report->kept > MIA_SHADOW_AB_IN_FILE;
    for (size_t i = 0; i < report->kept && !r->has_failed; i++)
        TRY(take_mismatch(r, to->mismatches != NULL ? &to->mismatches[i] : &unused));
done:
    return rc;
}

mia_status mia_shadow_ab_read(const char *path, struct mia_shadow_ab_report *report,
                              struct mia_shadow_ab_mismatch *mismatches, struct mia_error *err)
{
    mia_status rc;
    struct target to = {.report = {.struct_size = sizeof to.report}, .mismatches = mismatches};
    TRY(mia__report_check(report, "mia_shadow_ab_report", err));
    rc = mia__lines_read(path, AB_FILE, take_lines, &to, err);
    if (rc == MIA_OK)
        mia__report_write(report, &to.report, sizeof to.report);
done:
    return rc;
}
