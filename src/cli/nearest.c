/* cli/nearest.c - optimal string alignment: inserted, lost, changed and swapped letters count 1 */
#include "cli/nearest.h"

#include <string.h>

enum { LONGEST = 32 }; /* longer words are no typing errors of ours */

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

static size_t distance_between(const char *a, const char *b)
{
    size_t m = strlen(a), n = strlen(b);
    size_t rows[LONGEST + 1][LONGEST + 1];
    if (m > LONGEST || n > LONGEST)
        return LONGEST;
    for (size_t i = 0; i <= m; i++)
        rows[i][0] = i;
    for (size_t j = 0; j <= n; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= m; i++)
        for (size_t j = 1; j <= n; j++) {
            size_t change = rows[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
            rows[i][j] = smaller(change, smaller(rows[i - 1][j], rows[i][j - 1]) + 1);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                rows[i][j] = smaller(rows[i][j], rows[i - 2][j - 2] + 1);
        }
    return rows[m][n];
}

struct nearest cli_nearest_to(const char *wanted)
{
    /* A third of the letters may be wrong, and one of a short word. */
    struct nearest nearest = {wanted, NULL, strlen(wanted) / 3 + 2};
    return nearest;
}

void cli_nearest_try(struct nearest *nearest, const char *word)
{
    size_t distance = distance_between(nearest->wanted, word);
    if (distance < nearest->distance) {
        nearest->best = word;
        nearest->distance = distance;
    }
}
