/*
 * ab/trace_read.h - the events of a trace, out of bytes that anybody may have written
 */
#ifndef MIA_AB_TRACE_READ_H
#define MIA_AB_TRACE_READ_H

#include "ab/trace_format.h"
#include "base/parse.h"

struct mia__trace_reader {
    mia_slice file;
    const char *path; /* for messages */
    uint32_t flags;
    uint8_t salt[MIA__TRACE_SALT];
    uint64_t next_block; /* offset */
    uint32_t blocks;     /* that were opened */
    uint32_t left;       /* events of the present one */
    struct mia__parse payload;
    uint64_t at_ns; /* of the last event */
    uint32_t trees;
    bool is_complete; /* the end was met */
    uint64_t torn_at; /* behind the last event, if it is not: from here on nothing is used */
};

/* Looks at the header. bytes: the file, borrowed. MIA_ERR_INVALID: no trace; MIA_ERR_VERSION: of a
 * later version; MIA_ERR_CORRUPT. */
mia_status mia__trace_read_begin(struct mia__trace_reader *r, mia_slice bytes, const char *path,
                                 struct mia_error *err);
/* MIA_NOTFOUND at the end, whether the file has one or is torn. MIA_ERR_CORRUPT: a block that is
 * whole by its checksum has something in it that no writer writes. */
mia_status mia__trace_read_next(struct mia__trace_reader *r, struct mia__trace_event *event,
                                struct mia_error *err);

#endif
