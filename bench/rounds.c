/* rounds.c - interleaved measuring */
#include "rounds.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

static int compare(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

static double sort_to_median(double *numbers, unsigned count)
{
    qsort(numbers, count, sizeof *numbers, compare);
    return (numbers[(count - 1) / 2] + numbers[count / 2]) / 2;
}

static double run_once(struct contender *c)
{
    if (c->before != NULL)
        c->before(c->ctx);
    return c->run(c->ctx);
}

void rounds_run(struct contender *contenders, size_t count, unsigned rounds)
{
    if (rounds < 1 || rounds > ROUNDS_MAX)
        die("rounds: 1 to %d", ROUNDS_MAX);
    for (size_t i = 0; i < count; i++)
        run_once(&contenders[i]);
    for (unsigned round = 0; round < rounds; round++)
        for (size_t i = 0; i < count; i++) {
            struct contender *c = &contenders[round % 2 ? count - 1 - i : i];
            c->seconds[round] = run_once(c);
        }
    for (size_t i = 0; i < count; i++) {
        struct contender *c = &contenders[i];
        double sorted[ROUNDS_MAX];
        memcpy(sorted, c->seconds, rounds * sizeof *sorted);
        c->median = sort_to_median(sorted, rounds);
        c->min = sorted[0];
        c->ratio = rounds_ratio(c, &contenders[0], rounds);
    }
}

double rounds_ratio(const struct contender *a, const struct contender *b, unsigned rounds)
{
    double ratios[ROUNDS_MAX];
    for (unsigned round = 0; round < rounds; round++)
        ratios[round] = a->seconds[round] / b->seconds[round];
    return sort_to_median(ratios, rounds);
}

double now_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* The value of the first line of a file of "name<space>: value" lines. */
static void read_field(const char *path, const char *name, char *out, size_t size)
{
    char line[256];
    FILE *file = fopen(path, "r");
    snprintf(out, size, "unknown");
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        char *colon = strchr(line, ':');
        if (colon == NULL || strncmp(line, name, strlen(name)) != 0)
            continue;
        colon[strcspn(colon, "\n")] = '\0';
        snprintf(out, size, "%s", colon + 1 + strspn(colon + 1, " "));
        break;
    }
    if (file != NULL)
        fclose(file);
}

/* The type of the file system that path is on: of the longest mount point that begins it. */
static void read_file_system(const char *path, char *out, size_t size)
{
    char line[1024], mount[512], type[64];
    size_t longest = 0;
    char *real = realpath(path, NULL);
    FILE *file = fopen("/proc/mounts", "r");
    snprintf(out, size, "unknown file system");
    while (real != NULL && file != NULL && fgets(line, sizeof line, file) != NULL) {
        if (sscanf(line, "%*s %511s %63s", mount, type) != 2)
            continue;
        size_t length = strlen(mount);
        if (length >= longest && strncmp(real, mount, length) == 0 &&
            (real[length] == '/' || real[length] == '\0' || length == 1)) {
            longest = length;
            snprintf(out, size, "%s", type);
        }
    }
    if (file != NULL)
        fclose(file);
    free(real);
}

void machine_print(const char *path)
{
    char processor[128], file_system[64];
    struct utsname system;
    struct sysinfo memory;
    if (uname(&system) != 0 || sysinfo(&memory) != 0)
        die("cannot describe this machine: %s", strerror(errno));
    read_field("/proc/cpuinfo", "model name", processor, sizeof processor);
    read_file_system(path, file_system, sizeof file_system);
    printf("machine: %s, %ld cores, %.0f GiB, %s %s, %s\n", processor,
           sysconf(_SC_NPROCESSORS_ONLN),
           (double)memory.totalram * memory.mem_unit / (1024.0 * 1024 * 1024), system.sysname,
           system.release, file_system);
}

void die(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fprintf(stderr, "%s: ", program_invocation_short_name);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    exit(EXIT_FAILURE);
}
