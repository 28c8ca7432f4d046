/* example.h - what every example ends with when something fails: the message, and exit code 1 */
#ifndef MIA_EXAMPLE_H
#define MIA_EXAMPLE_H

#include "mia/mia.h"

#include <stdio.h>
#include <stdlib.h>

static inline void check(mia_status rc, const struct mia_error *err)
{
    if (rc == MIA_OK)
        return;
    fprintf(stderr, "%s\n", rc < 0 ? err->message : "not found");
    exit(EXIT_FAILURE);
}

static inline void print(const char *label, mia_str text)
{
    printf("%s: %.*s\n", label, (int)text.size, text.data);
}

/* The directory that the program was given. */
static inline const char *directory(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: %s DIRECTORY\n", argv[0]);
        exit(EXIT_FAILURE);
    }
    return argv[1];
}

#endif
