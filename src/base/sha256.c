/* base/sha256.c - SHA-256 of the OpenSSL library */
#include "base/sha256.h"

#include "base/bytes.h"
#include "base/error.h"
#include "base/memory.h"

#define OPENSSL_SUPPRESS_DEPRECATED /* its newer interface cannot give its state away */
#include <openssl/sha.h>

/* The same code as behind EVP, with the processor's instructions where it has them. */
struct mia__sha256 {
    SHA256_CTX state;
};

static mia_status failed(struct mia_error *err)
{
    return mia__fail(err, MIA_ERR_INTERNAL, "SHA-256 of the OpenSSL library failed");
}

mia_status mia__sha256_open(struct mia__sha256 **out, struct mia_error *err)
{
    *out = NULL;
    struct mia__sha256 *sha = mia__alloc_zero(sizeof *sha);
    if (sha == NULL)
        return mia__fail_nomem(err);
    if (SHA256_Init(&sha->state) != 1) {
        mia__sha256_close(sha);
        return failed(err);
    }
    *out = sha;
    return MIA_OK;
}

void mia__sha256_close(struct mia__sha256 *sha)
{
    mia__free(sha);
}

mia_status mia__sha256_begin(struct mia__sha256 *sha, struct mia_error *err)
{
    return SHA256_Init(&sha->state) == 1 ? MIA_OK : failed(err);
}

mia_status mia__sha256_add(struct mia__sha256 *sha, mia_slice bytes, struct mia_error *err)
{
    return SHA256_Update(&sha->state, bytes.data, bytes.size) == 1 ? MIA_OK : failed(err);
}

mia_status mia__sha256_end(struct mia__sha256 *sha, uint8_t out[MIA__SHA256_SIZE],
                           struct mia_error *err)
{
    return SHA256_Final(out, &sha->state) == 1 ? MIA_OK : failed(err);
}

mia_status mia__sha256_of(mia_slice bytes, uint8_t out[MIA__SHA256_SIZE], struct mia_error *err)
{
    struct mia__sha256 sha;
    mia_status rc = mia__sha256_begin(&sha, err);
    if (rc == MIA_OK)
        rc = mia__sha256_add(&sha, bytes, err);
    return rc == MIA_OK ? mia__sha256_end(&sha, out, err) : rc;
}

/* h[0..8) and the number of bits in two halves, u32le each; the bytes of the block that is not
 * full, and how many they are. */
enum {
    WORDS = 8,
    BLOCK = 64,
    AT_BITS = 4 * WORDS,
    AT_BLOCK = AT_BITS + 8,
    AT_FILL = AT_BLOCK + BLOCK
};

void mia__sha256_save(const struct mia__sha256 *sha, uint8_t out[MIA__SHA256_STATE])
{
    for (size_t i = 0; i < WORDS; i++)
        mia__store_u32le(out + 4 * i, sha->state.h[i]);
    mia__store_u32le(out + AT_BITS, sha->state.Nl);
    mia__store_u32le(out + AT_BITS + 4, sha->state.Nh);
    memset(out + AT_BLOCK, 0, BLOCK);
    memcpy(out + AT_BLOCK, sha->state.data, sha->state.num);
    mia__store_u32le(out + AT_FILL, sha->state.num);
}

mia_status mia__sha256_restore(struct mia__sha256 *sha, const uint8_t from[MIA__SHA256_STATE],
                               struct mia_error *err)
{
    uint32_t fill = mia__load_u32le(from + AT_FILL), bits = mia__load_u32le(from + AT_BITS);
    if (fill >= BLOCK || bits / 8 % BLOCK != fill || bits % 8 != 0)
        return mia__fail(err, MIA_ERR_CORRUPT, "a saved SHA-256 that never was");
    mia_status rc = mia__sha256_begin(sha, err);
    if (rc < 0)
        return rc;
    for (size_t i = 0; i < WORDS; i++)
        sha->state.h[i] = mia__load_u32le(from + 4 * i);
    sha->state.Nl = bits;
    sha->state.Nh = mia__load_u32le(from + AT_BITS + 4);
    memcpy(sha->state.data, from + AT_BLOCK, fill);
    sha->state.num = fill;
    return MIA_OK;
}

static const char hex_digits[] = "0123456789abcdef";

void mia__put_hex(char *to, const uint8_t *from, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        to[2 * i] = hex_digits[from[i] >> 4];
        to[2 * i + 1] = hex_digits[from[i] & 15];
    }
}

void mia__sha256_hex(const uint8_t digest[MIA__SHA256_SIZE], char out[MIA__SHA256_HEX])
{
    mia__put_hex(out, digest, MIA__SHA256_SIZE);
    out[MIA__SHA256_HEX - 1] = '\0';
}

mia_status mia__sha256_hex_of(mia_slice bytes, char out[MIA__SHA256_HEX], struct mia_error *err)
{
    uint8_t digest[MIA__SHA256_SIZE];
    mia_status rc = mia__sha256_of(bytes, digest, err);
    if (rc == MIA_OK)
        mia__sha256_hex(digest, out);
    return rc;
}
