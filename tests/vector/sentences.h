/* vector/sentences.h - tests/fixtures/sentences: embeddings of real sentences, and queries */
#ifndef MIA_TEST_SENTENCES_H
#define MIA_TEST_SENTENCES_H

#include <stdbool.h>
#include <stddef.h>

enum { SENTENCES = 7000, SENTENCE_QUERIES = 200, SENTENCE_DIMENSION = 384 };

/* Row after row: whole numbers from -127 to 127, of which only the direction means something. */
struct sentences {
    float *base, *queries;
};

/* False: the file cannot be read, has another size, or there is no memory. Free both with free. */
bool sentences_read(struct sentences *sentences, const char *path);

#endif
