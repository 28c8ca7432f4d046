/* bincode/format.h - numbers of bincode 2.0.1, configuration standard(), and of MIA's enums in it
 */
#ifndef MIA_BINCODE_FORMAT_H
#define MIA_BINCODE_FORMAT_H

#include "mia/text.h"

/* The first byte of a varint (src/varint/mod.rs): the number itself, or which width follows. */
enum {
    MIA__BINCODE_SINGLE_MAX = 250,
    MIA__BINCODE_MARKER_U16 = 251,
    MIA__BINCODE_MARKER_U32 = 252,
    MIA__BINCODE_MARKER_U64 = 253 /* 254: u128, which no type of MIA has; 255: reserved */
};

enum {
    MIA__BINCODE_FEEDBACK_TYPES = MIA_FEEDBACK_NEUTRAL + 1 /* variants of FeedbackType */
};

#endif
