/* model/utf8.h - where text stops being UTF-8; schema.h has the plain question */
#ifndef MIA_MODEL_UTF8_H
#define MIA_MODEL_UTF8_H

#include <stddef.h>

/* How many bytes at the front are whole, well-formed characters; size if all of text is. */
size_t mia__utf8_prefix(const void *text, size_t size);

#endif
