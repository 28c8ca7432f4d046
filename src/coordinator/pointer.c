/* coordinator/pointer.c - the file `current` */
#include "coordinator/pointer.h"
#include "base/error.h"
#include "base/file.h"
#include "base/percent.h"
#include "base/try.h"

static const char header[] = "mia-current 1\n";

enum { LONGEST = 16384 }; /* of the file: two paths, every byte written as three */

void mia__pointer_free(struct mia__pointer *pointer)
{
    mia__free(pointer->base);
    mia__free(pointer->spill);
    *pointer = (struct mia__pointer){0};
}

/* The rest of the line that begins with name and a blank, behind *at; data NULL: it does not. */
static mia_slice take_line(mia_slice text, size_t *at, const char *name)
{
    const char *line = (const char *)text.data + *at;
    size_t left = text.size - *at, size = strlen(name);
    const char *end = left > 0 ? memchr(line, '\n', left) : NULL;
    mia_slice none = {0};
    if (end == NULL || (size_t)(end - line) <= size || memcmp(line, name, size) != 0)
        return none;
    *at += (size_t)(end - line) + 1;
    return (mia_slice){line + size, (size_t)(end - line) - size};
}

static mia_status take_path(const char *root, mia_slice word, char **path, struct mia_error *err)
{
    char *text;
    mia_status rc = mia__percent_take(word, &text, err);
    if (rc < 0 || text == NULL || text[0] == '/') {
        *path = text;
        return rc;
    }
    *path = mia__path_join(root, text);
    mia__free(text);
    return *path != NULL ? MIA_OK : mia__fail_nomem(err);
}

static mia_status parse(const char *root, mia_slice text, struct mia__pointer *pointer,
                        struct mia_error *err)
{
    mia_status rc = MIA_OK;
    size_t at = sizeof header - 1;
    if (text.size < at || memcmp(text.data, header, at) != 0)
        return MIA_NOTFOUND;
    mia_slice base = take_line(text, &at, "base "), spill = take_line(text, &at, "spill ");
    if (base.data == NULL || at != text.size)
        return MIA_NOTFOUND;
    TRY(take_path(root, base, &pointer->base, err));
    if (spill.data != NULL)
        TRY(take_path(root, spill, &pointer->spill, err));
    if (pointer->base == NULL || (spill.data != NULL && pointer->spill == NULL))
        rc = MIA_NOTFOUND;
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
    TRY(mia__buf_append(text, header, sizeof header - 1, err));
    TRY(mia__buf_append(text, "base ", 5, err));
    TRY(mia__percent_put(text, base, err));
    if (spill != NULL) {
        TRY(mia__buf_append(text, "\nspill ", 7, err));
        TRY(mia__percent_put(text, spill, err));
    }
    TRY(mia__buf_append(text, "\n", 1, err));
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
