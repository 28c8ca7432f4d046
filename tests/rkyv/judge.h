/* rkyv/judge.h - a verdict, and what must hold of what is accepted */
#ifndef MIA_TEST_RKYV_JUDGE_H
#define MIA_TEST_RKYV_JUDGE_H

#include "rkyv/transcode.h"

struct test_judge {
    struct mia__transcoder transcoder;
    struct mia__buf first, second, third;
    size_t accepted, refused;
};

/* An archive is refused with a message, or every function that reads archives reads it, and its way
 * to bincode and back ends where it began. */
void test_judge_archive(struct test_judge *j, enum mia__table table, mia_slice archive);
/* A value in bincode is refused with a message, or becomes an archive that is accepted, and comes
 * back as what makes the same archive again. */
void test_judge_bincode(struct test_judge *j, enum mia__table table, mia_slice value);
void test_judge_free(struct test_judge *j);

#endif
