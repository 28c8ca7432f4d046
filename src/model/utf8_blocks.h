/* model/utf8_blocks.h - UTF-8 sixteen bytes at a time, where the processor can look up as many */
#ifndef MIA_MODEL_UTF8_BLOCKS_H
#define MIA_MODEL_UTF8_BLOCKS_H

#include <stdint.h>

/* Where a character begins, with nothing but whole, well-formed ones before it: at, or behind most
 * of them. At must begin a character. */
const uint8_t *mia__utf8_skip_blocks(const uint8_t *at, const uint8_t *end);

#endif
