/* catalog/scope.c - periods of time that end now */
#include "mia/catalog.h"

#define DAY INT64_C(86400000) /* milliseconds */

/* ms is not negative. */
static int64_t before(int64_t now_ms, int64_t ms)
{
    return now_ms < INT64_MIN + ms ? INT64_MIN : now_ms - ms;
}

static void set(int64_t *start_ms, int64_t *end_ms, int64_t start, int64_t end)
{
    *start_ms = start;
    *end_ms = end;
}

void mia_time_range(struct mia_time_scope scope, int64_t now_ms, int64_t *start_ms, int64_t *end_ms)
{
    switch (scope.scope) {
    case MIA_SCOPE_CURRENT_CHAT:
        set(start_ms, end_ms, 0, INT64_MAX);
        return;
    case MIA_SCOPE_TODAY:
        set(start_ms, end_ms, before(now_ms, DAY), now_ms);
        return;
    case MIA_SCOPE_THIS_WEEK:
        set(start_ms, end_ms, before(now_ms, 7 * DAY), now_ms);
        return;
    case MIA_SCOPE_THIS_MONTH:
        set(start_ms, end_ms, before(now_ms, 30 * DAY), now_ms);
        return;
    case MIA_SCOPE_THIS_QUARTER:
        set(start_ms, end_ms, before(now_ms, 90 * DAY), now_ms);
        return;
    case MIA_SCOPE_THIS_YEAR:
        set(start_ms, end_ms, before(now_ms, 365 * DAY), now_ms);
        return;
    case MIA_SCOPE_LAST_YEAR:
        set(start_ms, end_ms, before(now_ms, 730 * DAY), before(now_ms, 365 * DAY));
        return;
    case MIA_SCOPE_CUSTOM:
        set(start_ms, end_ms, scope.start_ms, scope.end_ms);
        return;
    }
    set(start_ms, end_ms, INT64_MAX, INT64_MIN); /* no scope: no time */
}

bool mia_time_contains(struct mia_time_scope scope, int64_t time_ms, int64_t now_ms)
{
    int64_t start, end;
    mia_time_range(scope, now_ms, &start, &end);
    return time_ms >= start && time_ms <= end;
}
