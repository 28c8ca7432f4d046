/* support/folder.c - folders and files of tests */
#include "support/folder.h"

#include "support/check.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

void test_folder_make(char folder[TEST_PATH])
{
    const char *parent = getenv("TMPDIR");
    int size = snprintf(folder, TEST_PATH, "%s/mia-test-XXXXXX",
                        parent != NULL && parent[0] != '\0' ? parent : "/tmp");
    assert_in_range(size, 1, TEST_PATH - 1);
    assert_non_null(mkdtemp(folder));
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *walk)
{
    (void)st, (void)type, (void)walk;
    return remove(path);
}

void test_folder_remove(const char *folder)
{
    assert_int_equal(nftw(folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS), 0);
}

int test_folder_open(void **state)
{
    char *folder = malloc(TEST_PATH);
    assert_non_null(folder);
    test_folder_make(folder);
    *state = folder;
    return 0;
}

int test_folder_close(void **state)
{
    test_folder_remove(*state);
    free(*state);
    return 0;
}

void test_path(char path[TEST_PATH], const char *folder, const char *name)
{
    assert_in_range(snprintf(path, TEST_PATH, "%s/%s", folder, name), 1, TEST_PATH - 1);
}

bool test_exists(const char *path)
{
    return access(path, F_OK) == 0;
}

uint8_t *test_file_read(const char *path, size_t *size)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0 && fstat(fd, &st) == 0);
    *size = (size_t)st.st_size;
    uint8_t *data = malloc(*size + 1);
    assert_non_null(data);
    assert_int_equal(read(fd, data, *size), *size);
    close(fd);
    return data;
}

void test_file_write(const char *path, const void *data, size_t size)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, data, size), size);
    close(fd);
}
