/*
 * crash/site.h - small databases of every kind, and a disk on which something is done with them
 *
 * What is only read lies beside the disk: it must stay as it is.
 */
#ifndef MIA_TEST_CRASH_SITE_H
#define MIA_TEST_CRASH_SITE_H

#include "mia/mia.h"
#include "support/folder.h"

enum { SITE_DATABASES = 4 /* of both bases */, SITE_SOURCES = SITE_DATABASES + 2 };

struct site {
    char folder[TEST_PATH];
    char disk[TEST_PATH];                   /* what happens to it is recorded */
    char typed[TEST_PATH], raw[TEST_PATH];  /* sled: MIA's records with index trees; anything */
    char base[TEST_PATH], spill[TEST_PATH]; /* two bases with four of those between them */
    char other[TEST_PATH];                  /* as typed, with one record more */
    struct mia_error error;                 /* of the last call that failed */
    char fingerprints[SITE_SOURCES][65];
};

/* In memory where there is such a place: everything syncs all the time. */
void site_make(struct site *s);
void site_remove(struct site *s);
/* cmocka's set-up and tear-down of a case whose *state is one. */
int site_open(void **state);
int site_close(void **state);

/* For what must succeed: shows s->error, and fails the test, if it did not. */
void site_must(const struct site *s, mia_status rc);

/* A directory with all below it, times of files included. */
void site_copy(const char *from, const char *to);
/* NULL if nothing that is only read was changed. */
const char *site_check_sources(struct site *s);
/* Database i of the bases: its path and its name there. */
void site_database(const struct site *s, int i, char path[TEST_PATH], const char **name);

/* NULL if both have the same content; target is libmdbx's or sled's. */
const char *site_compare(struct site *s, const char *source, const char *target);

#endif
