/*
 * base/error.h - how a failure is described: once, by the function that finds it
 *
 * Each returns the status it was given, so that `return mia__fail(...)` is one line. err may be
 * NULL. The text names the thing, the place and the remedy; it is cut at a UTF-8 boundary.
 */
#ifndef MIA_BASE_ERROR_H
#define MIA_BASE_ERROR_H

#include "mia/status.h"

#define MIA__PRINTF(text, first) __attribute__((format(printf, text, first)))

mia_status mia__fail(struct mia_error *err, mia_status status, const char *format, ...)
    MIA__PRINTF(3, 4);
/* For a failed system call: status by errno (FULL, NOMEM, READONLY, NOTFOUND, IO), ": strerror"
 * behind the text. */
mia_status mia__fail_errno(struct mia_error *err, int errnum, const char *format, ...)
    MIA__PRINTF(3, 4);
/* For an engine's own error; code is the engine's number. */
mia_status mia__fail_engine(struct mia_error *err, mia_status status, const char *engine, int code,
                            const char *format, ...) MIA__PRINTF(5, 6);
mia_status mia__fail_nomem(struct mia_error *err);

/* Bytes for a message: 'text' if printable ASCII, 0x... otherwise, "..." where cut. At most
 * size - 1 characters and a NUL; size >= 8. Returns out. */
char *mia__print_bytes(char *out, size_t size, mia_slice bytes);

#endif
