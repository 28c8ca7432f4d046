/* support/lines.h - files of lines (base/lines.h) with something else in them, and a checksum that
 * is right all the same */
#ifndef MIA_TEST_LINES_H
#define MIA_TEST_LINES_H

#include "mia/status.h"

/* Cuts the file's lines behind every word; once as if that ended the line, once in the middle of
 * it. read must answer MIA_ERR_VERSION, but where whole_lines_may_miss: MIA_OK to some that are cut
 * at the end of a line. The file is there again at the end. */
typedef mia_status (*test_lines_fn)(const char *folder, struct mia_error *err);
void test_lines_cut(const char *folder, const char *name, bool whole_lines_may_miss,
                    test_lines_fn read);
/* Replaces the first `from` in the file; read must answer MIA_ERR_VERSION. The same. */
void test_lines_alter(const char *folder, const char *name, const char *from, const char *to,
                      test_lines_fn read);

#endif
