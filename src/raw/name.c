/* raw/name.c - sled's tree names as libmdbx's table names, and back */
#include "base/error.h"
#include "base/try.h"
#include "engine/meta.h"
#include "raw/raw.h"

#include <inttypes.h>
#include <stdio.h>

enum { LONGEST_LITERAL = 200, LONGEST_ESCAPED = 1000 };

static bool has_prefix(mia_slice name, const char *prefix)
{
    size_t size = strlen(prefix);
    return name.size >= size && memcmp(name.data, prefix, size) == 0;
}

static bool is_reserved(mia_slice name)
{
    return has_prefix(name, "mia_") || has_prefix(name, "idx_") || has_prefix(name, "vec_");
}

static bool is_literal(mia_slice name)
{
    const uint8_t *at = name.data;
    if (name.size == 0 || name.size > LONGEST_LITERAL || at[0] == '%' || is_reserved(name))
        return false;
    for (size_t i = 0; i < name.size; i++)
        if (at[i] < 0x21 || at[i] > 0x7e)
            return false;
    return true;
}

static bool is_safe(uint8_t c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '.' || c == '-';
}

mia_status mia__raw_escape(mia_slice name, struct mia__buf *stored, bool *is_numbered,
                           struct mia_error *err)
{
    static const char hex[] = "0123456789ABCDEF";
    mia_status rc;
    const uint8_t *at = name.data;
    *is_numbered = false;
    if (is_literal(name))
        return mia__buf_set(stored, name, err);
    stored->size = 0;
    TRY(mia__buf_append(stored, "%", 1, err));
    for (size_t i = 0; i < name.size && stored->size <= LONGEST_ESCAPED; i++) {
        char escaped[3] = {'%', hex[at[i] >> 4], hex[at[i] & 15]};
        TRY(is_safe(at[i]) ? mia__buf_append(stored, &at[i], 1, err)
                           : mia__buf_append(stored, escaped, sizeof escaped, err));
    }
    *is_numbered = stored->size > LONGEST_ESCAPED;
done:
    return rc;
}

static void number_key(char out[48], uint64_t number)
{
    snprintf(out, 48, "raw.tree.%" PRIu64, number);
}

/* Numbers are given from 1 on; how many there are is in raw.trees. */
static mia_status find_number(mia_txn *txn, const struct mia__raw *raw, mia_slice name,
                              uint64_t *number, uint64_t *count, struct mia_error *err)
{
    mia_status rc;
    *number = 0;
    TRY(mia__meta_get_u64(txn, raw->meta, "raw.trees", count, err));
    for (uint64_t i = 1; i <= *count && *number == 0; i++) {
        char key[48];
        mia_slice known;
        number_key(key, i);
        TRY(mia__meta_get(txn, raw->meta, key, &known, err));
        if (rc == MIA_OK && mia_slice_equal(known, name))
            *number = i;
    }
    rc = *number != 0 ? MIA_OK : MIA_NOTFOUND;
done:
    return rc;
}

static mia_status give_number(mia_txn *txn, const struct mia__raw *raw, mia_slice name, bool create,
                              uint64_t *number, struct mia_error *err)
{
    mia_status rc;
    uint64_t count;
    char key[48];
    TRY(find_number(txn, raw, name, number, &count, err));
    if (rc == MIA_OK || !create)
        goto done;
    *number = count + 1;
    number_key(key, *number);
    TRY(mia__meta_put(txn, raw->meta, key, name, err));
    TRY(mia__meta_put_u64(txn, raw->meta, "raw.trees", *number, err));
done:
    return rc;
}

mia_status mia__raw_tree(mia_txn *txn, const struct mia__raw *raw, mia_slice name, bool create,
                         mia_tree *tree, struct mia_error *err)
{
    mia_status rc;
    struct mia__buf stored = {0};
    bool is_numbered = false;
    if (raw->limit == 0) {
        rc = mia_tree_open(txn, name, create ? MIA_TREE_CREATE : 0, tree, err);
        goto done;
    }
    TRY(mia__raw_escape(name, &stored, &is_numbered, err));
    if (is_numbered) {
        uint64_t number;
        char text[32];
        TRY(give_number(txn, raw, name, create, &number, err));
        if (rc == MIA_NOTFOUND)
            goto done;
        snprintf(text, sizeof text, "%%#%" PRIu64, number);
        TRY(mia__buf_set(&stored, mia_bytes_of(text), err));
    }
    rc = mia_tree_open(txn, mia__buf_slice(&stored), create ? MIA_TREE_CREATE : 0, tree, err);
done:
    mia__buf_free(&stored);
    return rc;
}

static int hex_value(uint8_t c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static mia_status unescape(mia_slice stored, struct mia__buf *name, struct mia_error *err)
{
    mia_status rc;
    const uint8_t *at = stored.data;
    char shown[80];
    name->size = 0;
    TRY(mia__buf_reserve(name, stored.size, err));
    for (size_t i = 1; i < stored.size; i++) {
        if (at[i] != '%') {
            name->data[name->size++] = at[i];
            continue;
        }
        int high = i + 2 < stored.size ? hex_value(at[i + 1]) : -1;
        int low = i + 2 < stored.size ? hex_value(at[i + 2]) : -1;
        if (high < 0 || low < 0) {
            rc = mia__fail(err, MIA_ERR_CORRUPT, "table %s is no escaped tree name",
                           mia__print_bytes(shown, sizeof shown, stored));
            goto done;
        }
        name->data[name->size++] = (uint8_t)(high << 4 | low);
        i += 2;
    }
done:
    return rc;
}

static mia_status numbered_name(mia_txn *txn, const struct mia__raw *raw, mia_slice stored,
                                struct mia__buf *name, struct mia_error *err)
{
    char key[48], shown[80];
    mia_slice known = {0};
    mia_status rc = MIA_NOTFOUND;
    if (stored.size > 2 && stored.size < 24) {
        snprintf(key, sizeof key, "raw.tree.%.*s", (int)stored.size - 2,
                 (const char *)stored.data + 2);
        rc = mia__meta_get(txn, raw->meta, key, &known, err);
    }
    if (rc == MIA_NOTFOUND)
        return mia__fail(err, MIA_ERR_CORRUPT, "table %s: mia_meta does not know its name",
                         mia__print_bytes(shown, sizeof shown, stored));
    return rc < 0 ? rc : mia__buf_set(name, known, err);
}

mia_status mia__raw_name(mia_txn *txn, const struct mia__raw *raw, mia_slice stored,
                         struct mia__buf *name, struct mia_error *err)
{
    const uint8_t *at = stored.data;
    if (raw->limit == 0)
        return mia__buf_set(name, stored, err);
    if (is_reserved(stored))
        return MIA_NOTFOUND;
    if (stored.size == 0 || at[0] != '%')
        return mia__buf_set(name, stored, err);
    if (stored.size > 1 && at[1] == '#')
        return numbered_name(txn, raw, stored, name, err);
    return unescape(stored, name, err);
}
