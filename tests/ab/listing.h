/* ab/listing.h - a trace as text */
#ifndef MIA_TEST_AB_LISTING_H
#define MIA_TEST_AB_LISTING_H

#include "ab/trace_read.h"

/* A file of events, read as text: one line each. */
struct listing {
    char *text;
    size_t size, capacity;
    size_t events;
};

/* Reads all events; its answer is the reader's last. Free l->text. */
mia_status list(mia_slice file, struct listing *l, struct mia__trace_reader *r);

/* A file as it is, and as text. */
struct recording {
    uint8_t *bytes;
    mia_slice file; /* these bytes */
    struct listing listing;
    struct mia__trace_reader reader; /* at the end */
};
/* All events must be readable. */
struct recording recording_read(const char *folder, const char *name);
void recording_free(struct recording *rec);

#endif
