/* base/try.h - the only control-flow macro: `mia_status rc`, label `done`. MIA_NOTFOUND passes. */
#ifndef MIA_BASE_TRY_H
#define MIA_BASE_TRY_H

#define TRY(call)                                                                                  \
    do {                                                                                           \
        if ((rc = (call)) < 0)                                                                     \
            goto done;                                                                             \
    } while (0)

#endif
