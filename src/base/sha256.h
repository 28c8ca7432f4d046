/* base/sha256.h - SHA-256, and bytes as hexadecimal text */
#ifndef MIA_BASE_SHA256_H
#define MIA_BASE_SHA256_H

#include "mia/status.h"

enum { MIA__SHA256_SIZE = 32, MIA__SHA256_HEX = 65 /* with its NUL */, MIA__SHA256_STATE = 108 };

/* One SHA-256 machine, reused. One thread. */
struct mia__sha256;
mia_status mia__sha256_open(struct mia__sha256 **sha, struct mia_error *err);
void mia__sha256_close(struct mia__sha256 *sha); /* NULL is fine */
mia_status mia__sha256_begin(struct mia__sha256 *sha, struct mia_error *err);
mia_status mia__sha256_add(struct mia__sha256 *sha, mia_slice bytes, struct mia_error *err);
mia_status mia__sha256_end(struct mia__sha256 *sha, uint8_t out[MIA__SHA256_SIZE],
                           struct mia_error *err);
/* The sum so far, between begin and end, to go on with in another process: alike on every machine.
 * MIA_ERR_CORRUPT: no sum ever was like that. */
void mia__sha256_save(const struct mia__sha256 *sha, uint8_t out[MIA__SHA256_STATE]);
mia_status mia__sha256_restore(struct mia__sha256 *sha, const uint8_t from[MIA__SHA256_STATE],
                               struct mia_error *err);
/* All of it at once. */
mia_status mia__sha256_of(mia_slice bytes, uint8_t out[MIA__SHA256_SIZE], struct mia_error *err);
mia_status mia__sha256_hex_of(mia_slice bytes, char out[MIA__SHA256_HEX], struct mia_error *err);
void mia__sha256_hex(const uint8_t digest[MIA__SHA256_SIZE], char out[MIA__SHA256_HEX]);

/* Two lower-case digits for each byte, no NUL. */
void mia__put_hex(char *to, const uint8_t *from, size_t size);

#endif
