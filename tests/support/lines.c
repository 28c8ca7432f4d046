/* support/lines.c - see support/lines.h */
#include "support/lines.h"

#include "base/lines.h"
#include "support/check.h"
#include "support/folder.h"

#include <stdlib.h>

/* A file of lines as a test sees it. */
struct file {
    const char *folder, *name;
    char path[TEST_PATH];
    char *bytes;
    size_t size, lines; /* lines: the bytes before the checksum's line */
};

static struct file take(const char *folder, const char *name)
{
    struct file f = {.folder = folder, .name = name};
    test_path(f.path, folder, name);
    f.bytes = (char *)test_file_read(f.path, &f.size);
    const char *end = memmem(f.bytes, f.size, "\nsha256 ", 8);
    assert_non_null(end);
    f.lines = (size_t)(end - f.bytes) + 1;
    return f;
}

static void give_back(struct file *f)
{
    test_file_write(f->path, f->bytes, f->size);
    free(f->bytes);
}

static mia_status read_other(const struct file *f, struct mia__buf *lines, test_lines_fn read)
{
    OK(mia__lines_write(f->folder, f->name, lines, ERR));
    mia__buf_free(lines);
    test_error = (struct mia_error){0};
    mia_status rc = read(f->folder, ERR);
    assert_int_equal(test_error.status, rc);
    return rc;
}

void test_lines_cut(const char *folder, const char *name, bool whole_lines_may_miss,
                    test_lines_fn read)
{
    struct file f = take(folder, name);
    for (size_t at = 0; at + 1 < f.lines; at++) {
        struct mia__buf word = {0}, line = {0};
        if (f.bytes[at] != ' ' && f.bytes[at] != '\n')
            continue;
        OK(mia__buf_append(&word, f.bytes, at, ERR));
        assert_int_equal(read_other(&f, &word, read), MIA_ERR_VERSION);
        OK(mia__buf_append(&line, f.bytes, at, ERR));
        OK(mia__lines_put(&line, "\n", ERR));
        mia_status rc = read_other(&f, &line, read);
        if (rc != MIA_OK || !whole_lines_may_miss || f.bytes[at] != '\n')
            assert_int_equal(rc, MIA_ERR_VERSION);
    }
    give_back(&f);
}

void test_lines_alter(const char *folder, const char *name, const char *from, const char *to,
                      test_lines_fn read)
{
    struct file f = take(folder, name);
    struct mia__buf lines = {0};
    const char *at = memmem(f.bytes, f.lines, from, strlen(from));
    assert_non_null(at);
    const char *rest = at + strlen(from);
    OK(mia__buf_append(&lines, f.bytes, (size_t)(at - f.bytes), ERR));
    OK(mia__lines_put(&lines, to, ERR));
    OK(mia__buf_append(&lines, rest, (size_t)(f.bytes + f.lines - rest), ERR));
    assert_int_equal(read_other(&f, &lines, read), MIA_ERR_VERSION);
    give_back(&f);
}
