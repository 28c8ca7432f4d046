/* coordinator/pointer.c - the file `current` */
#include "coordinator/pointer.h"
#include "base/error.h"
#include "base/file.h"
#include "base/lines.h"
#include "base/try.h"

static const char header[] = "mia-current 1\n";

enum { LONGEST = 16384 }; /* of the file: two paths, every byte written as three */

void mia__pointer_free(struct mia__pointer *pointer)
{
    mia__free(pointer->base);
    mia__free(pointer->spill);
    *pointer = (struct mia__pointer){0};
}

/* A fault for an empty one. */
static mia_status take_path(struct mia__lines *r, const char *root, char **path)
{
    char *text;
    mia_status rc = mia__lines_text(r, &text);
    if (rc < 0 || text == NULL || text[0] == '/') {
        *path = text;
        return rc;
    }
    r->has_failed = r->has_failed || text[0] == '\0';
    *path = mia__path_join(root, text);
    mia__free(text);
    return *path != NULL ? MIA_OK : mia__fail_nomem(r->err);
}

static mia_status parse(const char *root, mia_slice text, struct mia__pointer *pointer,
                        struct mia_error *err)
{
    mia_status rc;
    struct mia__lines r = mia__lines_of(text, err);
    r.has_failed = !mia__lines_name(&r, header);
    mia__lines_expect(&r, "base");
    TRY(take_path(&r, root, &pointer->base));
    if (mia__lines_name(&r, "spill "))
        TRY(take_path(&r, root, &pointer->spill));
    rc = mia__lines_are_done(&r) ? MIA_OK : MIA_NOTFOUND;
done:
    return rc;
}

mia_status mia__pointer_read(const char *root, struct mia__pointer *pointer, struct mia_error *err)
{
    mia_status rc = MIA_NOTFOUND;
    size_t size;
    char *text = mia__alloc(LONGEST), *path = mia__path_join(root, MIA__POINTER_FILE);
    *pointer = (struct mia__pointer){0};
    if (text == NULL || path == NULL) {
        rc = mia__fail_nomem(err);
        goto done;
    }
    if (!mia__file_exists(path))
        goto done;
    TRY(mia__file_read(path, 0, text, LONGEST, &size, err));
    rc = parse(root, (mia_slice){text, size}, pointer, err);
    if (rc == MIA_NOTFOUND)
        rc = mia__fail(err, MIA_ERR_CORRUPT, "%s does not say which databases are in use", path);
done:
    if (rc < 0)
        mia__pointer_free(pointer);
    mia__free(text);
    mia__free(path);
    return rc;
}

static mia_status print(struct mia__buf *text, const char *base, const char *spill,
                        struct mia_error *err)
{
    mia_status rc;
    TRY(mia__lines_put(text, header, err));
    TRY(mia__lines_put_text(text, "base", base, err));
    if (spill != NULL)
        TRY(mia__lines_put_text(text, "spill", spill, err));
    if (text->size > LONGEST)
        rc = mia__fail(err, MIA_ERR_TOO_LONG, "the paths of the installation are too long");
done:
    return rc;
}

mia_status mia__pointer_write(const char *root, const char *base, const char *spill,
                              struct mia_error *err)
{
    mia_status rc;
    struct mia__buf text = {0};
    char *path = mia__path_join(root, MIA__POINTER_FILE);
    if (path == NULL)
        return mia__fail_nomem(err);
    TRY(print(&text, base, spill, err));
    mia_slice whole = mia__buf_slice(&text);
    rc = mia__file_replace(path, &whole, 1, err);
done:
    mia__buf_free(&text);
    mia__free(path);
    return rc;
}
