/* base/lines_file.c - files of lines whose last one is their checksum: see base/lines.h */
#include "base/error.h"
#include "base/file.h"
#include "base/lines.h"
#include "base/try.h"

#include <stdio.h>

mia_status mia__lines_write(const char *directory, const char *name, struct mia__buf *text,
                            struct mia_error *err)
{
    mia_status rc;
    char hex[MIA__SHA256_HEX];
    char *file = mia__path_join(directory, name);
    if (file == NULL)
        return mia__fail_nomem(err);
    TRY(mia__sha256_hex_of(mia__buf_slice(text), hex, err));
    TRY(mia__lines_put_line(text, "sha256", hex, err));
    mia_slice whole = mia__buf_slice(text);
    rc = mia__file_replace(file, &whole, 1, err);
done:
    mia__free(file);
    return rc;
}

static mia_status parse(const char *file, mia_slice text, mia__lines_fn fn, void *ctx,
                        struct mia_error *err)
{
    enum { LAST_LINE = sizeof "sha256 " - 1 + MIA__SHA256_HEX };
    mia_status rc;
    char hex[MIA__SHA256_HEX], line[LAST_LINE + 1] = "";
    struct mia__lines r = mia__lines_of(text, err);
    if (text.size > LAST_LINE) {
        r.end -= LAST_LINE;
        TRY(mia__sha256_hex_of((mia_slice){text.data, text.size - LAST_LINE}, hex, err));
        snprintf(line, sizeof line, "sha256 %s\n", hex);
    }
    if (line[0] == '\0' || memcmp(r.end, line, LAST_LINE) != 0) {
        rc = mia__fail(err, MIA_ERR_CORRUPT,
                       "%s: the checksum is wrong: the file is damaged, or was edited", file);
        goto done;
    }
    TRY(fn(ctx, &r));
    if (!mia__lines_are_done(&r))
        rc = mia__fail(err, MIA_ERR_VERSION,
                       "%s: has lines that this libmia %s does not know: update it", file,
                       mia_version());
done:
    return rc;
}

static mia_status read_file(const char *file, struct mia__buf *text, struct mia_error *err)
{
    enum { LARGEST = 64 << 20 };
    mia_status rc;
    struct mia__file_stat st;
    TRY(mia__file_stat(file, &st, err));
    if (st.size > LARGEST) {
        rc = mia__fail(err, MIA_ERR_CORRUPT, "%s: the file is damaged: it is too large", file);
        goto done;
    }
    TRY(mia__buf_reserve(text, (size_t)st.size + 1, err));
    rc = mia__file_read(file, 0, text->data, (size_t)st.size, &text->size, err);
done:
    return rc;
}

mia_status mia__lines_read(const char *directory, const char *name, mia__lines_fn fn, void *ctx,
                           struct mia_error *err)
{
    mia_status rc = MIA_NOTFOUND;
    struct mia__buf text = {0};
    char *file = mia__path_join(directory, name);
    if (file == NULL)
        return mia__fail_nomem(err);
    if (!mia__file_exists(file))
        goto done;
    TRY(read_file(file, &text, err));
    rc = parse(file, mia__buf_slice(&text), fn, ctx, err);
done:
    mia__buf_free(&text);
    mia__free(file);
    return rc;
}
