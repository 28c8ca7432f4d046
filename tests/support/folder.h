/* support/folder.h - a folder of a test's own, and the files in it */
#ifndef MIA_TEST_FOLDER_H
#define MIA_TEST_FOLDER_H

#include "mia/status.h"

enum { TEST_PATH = 200 }; /* room for any path of a test */

/* Makes a folder in $TMPDIR or /tmp. */
void test_folder_make(char folder[TEST_PATH]);
void test_folder_remove(const char *folder);

/* cmocka's set-up and tear-down of a case whose *state is a folder of its own. */
int test_folder_open(void **state);
int test_folder_close(void **state);

/* path = folder + "/" + name */
void test_path(char path[TEST_PATH], const char *folder, const char *name);
bool test_exists(const char *path);
/* The whole file; free with free(). */
uint8_t *test_file_read(const char *path, size_t *size);
void test_file_write(const char *path, const void *data, size_t size);

#endif
