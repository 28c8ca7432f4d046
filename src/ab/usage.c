/* ab/usage.c - /proc, and uname */
#include "ab/usage.h"

#include "ab/clock.h"
#include "base/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/utsname.h>
#include <unistd.h>

enum { PAGE = 16384 };

/* The text of a file of /proc, cut at PAGE; empty if there is none. */
static void read_text(const char *path, char text[PAGE])
{
    size_t got = 0;
    if (mia__file_read(path, 0, text, PAGE - 1, &got, NULL) < 0)
        got = 0;
    text[got] = '\0';
}

/* The number behind a name at the begin of a line. */
static uint64_t number_of(const char *text, const char *name)
{
    for (const char *line = text; line != NULL; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (strncmp(line, name, strlen(name)) == 0)
            return strtoull(line + strlen(name), NULL, 10);
    }
    return 0;
}

void mia__ab_usage(struct mia__ab_usage *usage)
{
    char text[PAGE];
    read_text("/proc/self/io", text);
    usage->bytes_read = number_of(text, "read_bytes: ");
    usage->bytes_written = number_of(text, "write_bytes: ");
    read_text("/proc/self/status", text);
    usage->memory_own = number_of(text, "RssAnon:") * 1024;
    usage->memory_mapped = number_of(text, "RssFile:") * 1024;
}

double mia__ab_clock_cost(void)
{
    enum { LOOKS = 20000 };
    uint64_t begin = mia__ab_now(), last = begin;
    for (int i = 0; i < LOOKS; i++)
        last = mia__ab_now();
    return (double)(last - begin) / LOOKS;
}

static void copy_line(char *to, size_t size, const char *text, const char *name)
{
    const char *at = strstr(text, name);
    at = at != NULL ? strchr(at, ':') : NULL;
    if (at != NULL)
        snprintf(to, size, "%.*s", (int)strcspn(at + 2, "\n"), at + 2);
}

void mia__ab_machine(struct mia_ab_report *report)
{
    char text[PAGE];
    struct utsname names;
    snprintf(report->machine.processor, sizeof report->machine.processor, "unknown processor");
    read_text("/proc/cpuinfo", text);
    copy_line(report->machine.processor, sizeof report->machine.processor, text, "model name");
    read_text("/proc/meminfo", text);
    report->machine.memory = number_of(text, "MemTotal:") * 1024;
    read_text("/proc/loadavg", text);
    report->machine.load = strtod(text, NULL);
    report->machine.processors = (uint32_t)sysconf(_SC_NPROCESSORS_ONLN);
    if (uname(&names) == 0)
        snprintf(report->machine.kernel, sizeof report->machine.kernel, "%.20s %.50s %.20s",
                 names.sysname, names.release, names.machine);
    snprintf(report->machine.build, sizeof report->machine.build, "libmia %s, %s%s", mia_version(),
#ifdef __OPTIMIZE__
             "optimised",
#else
             "not optimised",
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
             ", with a sanitizer: figures mean nothing"
#else
             ""
#endif
    );
}
