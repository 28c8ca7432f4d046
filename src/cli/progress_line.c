/* cli/progress_line.c - `copy  42%  12,345 of 29,000 records  1.2 of 2.9 GB  ... ETA 2:41` */
#include "cli/progress.h"

#include "cli/human.h"

#include <stdio.h>

enum { PARTS = 6, GAP = 2 };

struct part {
    const char *colour; /* SGR number, NULL for none */
    int rank;           /* the highest is left out first; 0 never */
    char text[80];
};

/* Share done, 0..1; negative: not known. Bytes tell more than records where both are known. */
static double share_of(const struct mia_progress *p)
{
    if (p->bytes_total > 0)
        return (double)p->bytes_done / (double)p->bytes_total;
    if (p->records_total > 0)
        return (double)p->records_done / (double)p->records_total;
    return -1;
}

static double share_at_start(const struct progress_state *s)
{
    struct mia_progress first = s->now;
    first.records_done = s->first_records;
    first.bytes_done = s->first_bytes;
    return share_of(&first);
}

static void print_rate(char *out, size_t size, const struct progress_state *s)
{
    enum { TOO_EARLY_MS = 200 };
    if (s->seconds * 1000 < TOO_EARLY_MS)
        return;
    if (s->now.records_done > s->first_records) {
        uint64_t records = s->now.records_done - s->first_records;
        snprintf(out, size, "%s", cli_human_rate(records, s->seconds).text);
    } else if (s->now.bytes_done > s->first_bytes) {
        double bytes = (double)(s->now.bytes_done - s->first_bytes);
        snprintf(out, size, "%s/s", cli_human_bytes((uint64_t)(bytes / s->seconds)).text);
    }
}

static void print_eta(char *out, size_t size, const struct progress_state *s)
{
    enum { TOO_EARLY_S = 1 };
    double share = share_of(&s->now), done = share - share_at_start(s);
    if (s->seconds < TOO_EARLY_S || share < 0 || done <= 0 || share >= 1)
        return;
    double left = s->seconds * (1 - share) / done;
    uint64_t seconds = (uint64_t)(left + 1);
    if (seconds < 3600)
        snprintf(out, size, "ETA %d:%02d", (int)(seconds / 60), (int)(seconds % 60));
    else if (seconds < 1000 * 3600)
        snprintf(out, size, "ETA %s", cli_human_seconds(left).text);
}

static void print_records(char *out, size_t size, const struct mia_progress *p)
{
    if (p->records_total > 0)
        snprintf(out, size, "%s of %s records", cli_human_count(p->records_done).text,
                 cli_human_count(p->records_total).text);
    else if (p->records_done > 0)
        snprintf(out, size, "%s records", cli_human_count(p->records_done).text);
}

static void print_bytes(char *out, size_t size, const struct mia_progress *p)
{
    if (p->bytes_total > 0)
        snprintf(out, size, "%s of %s", cli_human_bytes(p->bytes_done).text,
                 cli_human_bytes(p->bytes_total).text);
    else if (p->bytes_done > 0)
        snprintf(out, size, "%s", cli_human_bytes(p->bytes_done).text);
}

static void fill_parts(struct part parts[PARTS], const struct progress_state *s)
{
    enum { PHASE, PERCENT, RECORDS, BYTES, RATE, ETA };
    static const struct part empty[PARTS] = {
        [PHASE] = {"1", 0, ""},  [PERCENT] = {"32", 1, ""}, [RECORDS] = {NULL, 4, ""},
        [BYTES] = {NULL, 5, ""}, [RATE] = {NULL, 3, ""},    [ETA] = {NULL, 2, ""}};
    memcpy(parts, empty, sizeof empty);
    double share = share_of(&s->now);
    snprintf(parts[PHASE].text, sizeof parts[PHASE].text, "%.20s", s->now.phase);
    if (share >= 0)
        snprintf(parts[PERCENT].text, sizeof parts[PERCENT].text, "%3d%%",
                 share < 1 ? (int)(share * 100) : 100);
    print_records(parts[RECORDS].text, sizeof parts[RECORDS].text, &s->now);
    print_bytes(parts[BYTES].text, sizeof parts[BYTES].text, &s->now);
    print_rate(parts[RATE].text, sizeof parts[RATE].text, s);
    print_eta(parts[ETA].text, sizeof parts[ETA].text, s);
}

static size_t width_of(const struct part parts[PARTS])
{
    size_t width = 0;
    for (int i = 0; i < PARTS; i++)
        if (parts[i].text[0] != '\0')
            width += strlen(parts[i].text) + (i > 0 ? GAP : 0);
    return width;
}

void cli_progress_line(char *out, size_t size, const struct progress_state *state, size_t columns,
                       bool colour)
{
    struct part parts[PARTS];
    fill_parts(parts, state);
    for (int rank = PARTS - 1; rank > 0 && width_of(parts) > columns; rank--)
        for (int i = 0; i < PARTS; i++)
            if (parts[i].rank == rank)
                parts[i].text[0] = '\0';
    if (width_of(parts) > columns)
        parts[0].text[columns] = '\0';
    size_t used = 0;
    out[0] = '\0';
    for (int i = 0; i < PARTS && used < size; i++) {
        const struct part *p = &parts[i];
        const char *gap = i > 0 ? "  " : "";
        if (p->text[0] == '\0')
            continue;
        int more =
            colour && p->colour != NULL
                ? snprintf(out + used, size - used, "%s\033[%sm%s\033[0m", gap, p->colour, p->text)
                : snprintf(out + used, size - used, "%s%s", gap, p->text);
        used += (size_t)more;
    }
}
