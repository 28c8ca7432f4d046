/* base/sha256.c - SHA-256 of the OpenSSL library */
#include "base/sha256.h"

#include "base/error.h"
#include "base/memory.h"

#include <openssl/evp.h>

struct mia__sha256 {
    EVP_MD *kind;
    EVP_MD_CTX *state;
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
    sha->kind = EVP_MD_fetch(NULL, "SHA256", NULL);
    sha->state = EVP_MD_CTX_new();
    if (sha->kind == NULL || sha->state == NULL ||
        EVP_DigestInit_ex(sha->state, sha->kind, NULL) != 1) {
        mia__sha256_close(sha);
        return failed(err);
    }
    *out = sha;
    return MIA_OK;
}

void mia__sha256_close(struct mia__sha256 *sha)
{
    if (sha == NULL)
        return;
    EVP_MD_CTX_free(sha->state);
    EVP_MD_free(sha->kind);
    mia__free(sha);
}

mia_status mia__sha256_begin(struct mia__sha256 *sha, struct mia_error *err)
{
    return EVP_DigestInit_ex(sha->state, NULL, NULL) == 1 ? MIA_OK : failed(err);
}

mia_status mia__sha256_add(struct mia__sha256 *sha, mia_slice bytes, struct mia_error *err)
{
    return EVP_DigestUpdate(sha->state, bytes.data, bytes.size) == 1 ? MIA_OK : failed(err);
}

mia_status mia__sha256_end(struct mia__sha256 *sha, uint8_t out[MIA__SHA256_SIZE],
                           struct mia_error *err)
{
    return EVP_DigestFinal_ex(sha->state, out, NULL) == 1 ? MIA_OK : failed(err);
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
