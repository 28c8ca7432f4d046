/* catalog/quarter.c - the quarter of a time, by integers alone: no time zone, no C library's year
 */
#include "mia/catalog.h"

#include <stdio.h>

#define SECONDS_A_DAY INT64_C(86400)
#define FIRST_SECOND INT64_C(-377705116800) /* -9999-01-01 00:00:00 UTC */
#define LAST_SECOND INT64_C(253402300799)   /*  9999-12-31 23:59:59 UTC */

/* Year and quarter (1 to 4) of a day since 1970-01-01 in the Gregorian calendar. Years are counted
 * from March, so that the leap day is the last: 400 of them have 146097 days, and month m from
 * March begins at day (153 m + 2) / 5. */
static void split_day(int day, int *year, int *quarter)
{
    enum { ERA_DAYS = 146097, MARCH_OF_0 = 719468, ERAS_BEFORE_0 = 26 };
    int since = day + MARCH_OF_0 + ERAS_BEFORE_0 * ERA_DAYS; /* not negative from -10400 on */
    int era = since / ERA_DAYS, of_era = since % ERA_DAYS;
    int year_of_era = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int from_march = (5 * of_year + 2) / 153;
    int month = from_march < 10 ? from_march + 3 : from_march - 9;
    *year = (era - ERAS_BEFORE_0) * 400 + year_of_era + (month <= 2);
    *quarter = (month + 2) / 3;
}

size_t mia_quarter(int64_t time_ms, char out[MIA_QUARTER_SIZE])
{
    int64_t second = time_ms / 1000; /* toward zero, as MIA */
    int year = 1970, quarter = 1;
    if (second >= FIRST_SECOND && second <= LAST_SECOND) {
        int64_t day = second / SECONDS_A_DAY - (second % SECONDS_A_DAY < 0);
        split_day((int)day, &year, &quarter);
    }
    return (size_t)snprintf(out, MIA_QUARTER_SIZE, "%d-Q%d", year, quarter);
}

bool mia_quarter_is_valid(const char *name)
{
    if (name == NULL)
        return false;
    name += *name == '-';
    size_t digits = strspn(name, "0123456789");
    if (digits < 1 || digits > 4)
        return false;
    name += digits;
    return name[0] == '-' && name[1] == 'Q' && name[2] >= '1' && name[2] <= '4' && name[3] == '\0';
}
