/* cli/human.h - numbers as people read them: 103,412   1.2 GB   2:41 */
#ifndef MIA_CLI_HUMAN_H
#define MIA_CLI_HUMAN_H

#include "cli/output.h"

/* A number printed into itself, so that several fit into one call. */
struct human {
    char text[32];
};

struct human cli_human_count(uint64_t count);
/* Powers of 1000, as disks are sold and `df -H` prints: "999 B", "1.2 kB", "12 MB". */
struct human cli_human_bytes(uint64_t bytes);
/* "0.31 s", "12 s", "2:41", "1:02:03". */
struct human cli_human_seconds(double seconds);
/* "103,412 records/s"; "" when it took too short a time to tell. */
struct human cli_human_rate(uint64_t records, double seconds);

/* "1 tree", "2 trees". */
const char *cli_plural(uint64_t count);

/* One line of a summary: indented label, aligned value. */
void cli_field(struct output *out, const char *label, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
