/* goals.c - one line of JSON a result */
#include "goals.h"

#include "rounds.h"

#include <jansson.h>
#include <stdlib.h>

static const char *const relations[] = {
    [GOAL_NONE] = "none", [GOAL_AT_MOST] = "at most", [GOAL_AT_LEAST] = "at least"};

void goal_note(const struct goal *g)
{
    const char *path = getenv("BENCH_GOALS");
    if (path == NULL || path[0] == '\0')
        return;
    FILE *file = fopen(path, "a");
    json_t *line =
        json_pack("{s:s, s:s, s:s, s:s, s:f, s:f, s:f, s:s?, s:s?}", "area", g->area, "what",
                  g->what, "peer", g->peer, "is", relations[g->is], "limit", g->limit, "best",
                  g->best, "median", g->median, "unit", g->unit, "why", g->why);
    if (file == NULL || line == NULL || json_dumpf(line, file, JSON_COMPACT) != 0 ||
        fputc('\n', file) == EOF || fclose(file) != 0)
        die("%s: cannot be written", path);
    json_decref(line);
}
