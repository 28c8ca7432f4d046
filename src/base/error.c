/* base/error.c - filling struct mia_error */
#include "base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

static const struct status_name {
    mia_status status;
    const char *name, *text;
} status_names[] = {
#define STATUS_NAME(code, number, text) {code, #code, text},
    MIA_STATUS_MAP(STATUS_NAME)
#undef STATUS_NAME
};

static const struct status_name *find_name(mia_status status)
{
    for (size_t i = 0; i < sizeof status_names / sizeof status_names[0]; i++)
        if (status_names[i].status == status)
            return &status_names[i];
    return NULL;
}

const char *mia_status_name(mia_status status)
{
    const struct status_name *name = find_name(status);
    return name ? name->name : "?";
}

const char *mia_status_text(mia_status status)
{
    const struct status_name *name = find_name(status);
    return name ? name->text : "unknown status";
}

const char *mia_version(void)
{
    return MIA_VERSION;
}

/* Drops an incomplete UTF-8 sequence that the cut left at the end of a full buffer. */
static void cut_at_character(char *text, size_t length)
{
    size_t start = length;
    while (start > 0 && length - start < 4 && ((unsigned char)text[start - 1] & 0xc0) == 0x80)
        start--;
    if (start == 0)
        return;
    unsigned char lead = (unsigned char)text[start - 1];
    size_t wanted = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1;
    if (wanted > length - start + 1)
        text[start - 1] = '\0';
}

static void describe(struct mia_error *err, mia_status status, const char *engine, int code,
                     const char *suffix, const char *format, va_list args)
{
    memset(err, 0, sizeof *err);
    err->status = status;
    err->code = code;
    snprintf(err->engine, sizeof err->engine, "%s", engine);
    int printed = vsnprintf(err->message, sizeof err->message, format, args);
    size_t used = printed < 0 ? 0 : (size_t)printed;
    if (used < sizeof err->message && suffix[0] != '\0') {
        int more = snprintf(err->message + used, sizeof err->message - used, ": %s", suffix);
        used += more < 0 ? 0 : (size_t)more;
    }
    if (used >= sizeof err->message)
        cut_at_character(err->message, sizeof err->message - 1);
}

mia_status mia__fail(struct mia_error *err, mia_status status, const char *format, ...)
{
    if (err == NULL)
        return status;
    va_list args;
    va_start(args, format);
    describe(err, status, "", 0, "", format, args);
    va_end(args);
    return status;
}

static mia_status status_of_errno(int errnum)
{
    switch (errnum) {
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
        return MIA_ERR_FULL;
    case ENOMEM:
        return MIA_ERR_NOMEM;
    case EROFS:
    case EACCES:
    case EPERM:
        return MIA_ERR_READONLY;
    case ENOENT:
    case ENOTDIR:
        return MIA_NOTFOUND;
    case EBUSY:
    case EWOULDBLOCK:
        return MIA_ERR_BUSY;
    default:
        return MIA_ERR_IO;
    }
}

mia_status mia__fail_errno(struct mia_error *err, int errnum, const char *format, ...)
{
    mia_status status = status_of_errno(errnum);
    if (status == MIA_NOTFOUND) /* an answer only where the caller asks for it */
        status = MIA_ERR_IO;
    if (err == NULL)
        return status;
    char reason[128];
    va_list args;
    va_start(args, format);
    describe(err, status, "", errnum, strerror_r(errnum, reason, sizeof reason), format, args);
    va_end(args);
    return status;
}

mia_status mia__fail_engine(struct mia_error *err, mia_status status, const char *engine, int code,
                            const char *format, ...)
{
    if (err == NULL)
        return status;
    va_list args;
    va_start(args, format);
    describe(err, status, engine, code, "", format, args);
    va_end(args);
    return status;
}

mia_status mia__fail_nomem(struct mia_error *err)
{
    return mia__fail(err, MIA_ERR_NOMEM, "out of memory");
}

char *mia__print_bytes(char *out, size_t size, mia_slice bytes)
{
    const unsigned char *at = bytes.data;
    bool printable = true;
    for (size_t i = 0; i < bytes.size && i < size; i++)
        printable = printable && at[i] >= 0x20 && at[i] < 0x7f && at[i] != '\'';
    size_t room = size - 1;
    if (printable) {
        bool whole = bytes.size + 2 <= room;
        int shown = (int)(whole ? bytes.size : room - 5);
        snprintf(out, size, whole ? "'%.*s'" : "'%.*s'...", shown, shown ? (const char *)at : "");
        return out;
    }
    bool whole = 2 + 2 * bytes.size <= room;
    size_t shown = whole ? bytes.size : (room - 5) / 2;
    size_t used = (size_t)snprintf(out, size, "0x");
    for (size_t i = 0; i < shown; i++)
        used += (size_t)snprintf(out + used, size - used, "%02x", at[i]);
    if (!whole)
        snprintf(out + used, size - used, "...");
    return out;
}
