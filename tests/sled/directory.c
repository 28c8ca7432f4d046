/* sled/directory.c - a small writer of sled's format, from its description */
#include "sled/directory.h"

#include "base/bytes.h"
#include "sled/log.h"

#include <libdeflate.h>
#include <stdio.h>
#include <stdlib.h>
#include <zstd.h>

static void put(struct mia__buf *buf, const void *data, size_t size)
{
    assert_int_equal(mia__buf_append(buf, data, size, NULL), MIA_OK);
}

static void put_u8(struct mia__buf *buf, unsigned n)
{
    uint8_t byte = (uint8_t)n;
    put(buf, &byte, 1);
}

void test_put_varint(struct mia__buf *buf, uint64_t n)
{
    if (n <= 240) {
        put_u8(buf, (unsigned)n);
    } else if (n <= 2287) {
        put_u8(buf, 241 + (unsigned)(n - 240) / 256);
        put_u8(buf, (n - 240) % 256);
    } else if (n <= 67823) {
        put_u8(buf, 249);
        put_u8(buf, (unsigned)(n - 2288) / 256);
        put_u8(buf, (n - 2288) % 256);
    } else {
        unsigned size = 3;
        while (size < 8 && n >> 8 * size != 0)
            size++;
        put_u8(buf, 247 + size);
        for (unsigned i = 0; i < size; i++)
            put_u8(buf, (n >> 8 * i) & 255);
    }
}

void test_put_bytes(struct mia__buf *buf, const char *text)
{
    test_put_varint(buf, strlen(text));
    put(buf, text, strlen(text));
}

void test_put_node(struct mia__buf *buf, const struct test_node *node)
{
    size_t count = 0;
    while (node->pairs[2 * count] != NULL)
        count++;
    test_put_varint(buf, node->next);
    test_put_varint(buf, node->merging_child);
    put_u8(buf, 0);
    put_u8(buf, node->prefix);
    test_put_bytes(buf, node->lo != NULL ? node->lo : "");
    test_put_bytes(buf, node->hi != NULL ? node->hi : "");
    put_u8(buf, node->is_index);
    test_put_varint(buf, count);
    for (size_t i = 0; i < count; i++)
        test_put_bytes(buf, node->pairs[2 * i]);
    for (size_t i = 0; i < count; i++)
        if (node->is_index)
            test_put_varint(buf, strtoull(node->pairs[2 * i + 1], NULL, 10));
        else
            test_put_bytes(buf, node->pairs[2 * i + 1]);
}

static uint32_t inverted(const uint8_t *first, size_t first_size, const uint8_t *second,
                         size_t second_size)
{
    return libdeflate_crc32(libdeflate_crc32(0, first, first_size), second, second_size) ^
           UINT32_MAX;
}

static void begin_segment(struct test_log *log, int64_t max_stable_lsn)
{
    uint8_t header[MIA__SLED_SEGMENT_HEADER];
    uint64_t lsn = log->segments++ * log->segment_size;
    mia__store_u64le(header + 4, lsn ^ INT64_MAX);
    mia__store_u64le(header + 12, (uint64_t)max_stable_lsn ^ INT64_MAX);
    mia__store_u32le(header, inverted(header + 4, 16, header, 0));
    put(&log->bytes, header, sizeof header);
}

int64_t test_log_lsn(const struct test_log *log)
{
    return log->segments == 0 ? MIA__SLED_SEGMENT_HEADER : (int64_t)log->bytes.size;
}

static void note_part(struct test_page *page, uint8_t kind, int64_t lsn)
{
    bool is_link = kind == MIA__SLED_LINK || kind == MIA__SLED_LINK_BLOB;
    page->is_free = kind == MIA__SLED_FREE;
    page->count = is_link ? page->count : 0;
    if (page->count < LENGTH(page->lsns))
        page->lsns[page->count++] = lsn;
}

void test_log_raw(struct test_log *log, uint8_t kind, uint64_t page, const void *body, size_t size)
{
    struct mia__buf header = {0};
    uint8_t crc[4];
    if (log->segments == 0)
        begin_segment(log, -1);
    if (page < LENGTH(log->pages) && kind >= MIA__SLED_FREE)
        note_part(&log->pages[page], kind, (int64_t)log->bytes.size);
    put_u8(&header, kind);
    test_put_varint(&header, size);
    test_put_varint(&header, log->segments - 1);
    test_put_varint(&header, page);
    mia__store_u32le(crc, inverted(body, size, header.data, header.size));
    put(&log->bytes, crc, sizeof crc);
    put(&log->bytes, header.data, header.size);
    put(&log->bytes, body, size);
    assert_true(log->bytes.size <= log->segments * log->segment_size);
    mia__buf_free(&header);
}

void test_log_segment(struct test_log *log, int64_t max_stable_lsn)
{
    size_t end = (size_t)(log->segments * log->segment_size), left = end - log->bytes.size;
    static const uint8_t zeros[1 << 16];
    assert_true(left <= sizeof zeros);
    if (left >= MIA__SLED_MESSAGE_HEADER)
        test_log_raw(log, MIA__SLED_CAP, UINT64_MAX, zeros, left - MIA__SLED_MESSAGE_HEADER);
    put(&log->bytes, zeros, end - log->bytes.size);
    begin_segment(log, max_stable_lsn);
}

static void pack(struct mia__buf *payload)
{
    struct mia__buf packed = {0};
    uint8_t frame[4096];
    size_t size = ZSTD_compress(frame, sizeof frame, payload->data, payload->size, 5);
    assert_false(ZSTD_isError(size));
    test_put_varint(&packed, size);
    put(&packed, frame, size);
    mia__buf_free(payload);
    *payload = packed;
}

void test_log_message(struct test_log *log, uint8_t kind, uint64_t page, struct mia__buf *payload)
{
    if (log->is_compressed)
        pack(payload);
    test_log_raw(log, kind, page, payload->data, payload->size);
    mia__buf_free(payload);
}

void test_log_node(struct test_log *log, uint64_t page, const struct test_node *node)
{
    struct mia__buf payload = {0};
    test_put_node(&payload, node);
    test_log_message(log, MIA__SLED_NODE, page, &payload);
}

void test_log_link(struct test_log *log, uint64_t page, const char *key, const char *value)
{
    struct mia__buf payload = {0};
    put_u8(&payload, value == NULL);
    test_put_bytes(&payload, key);
    if (value != NULL)
        test_put_bytes(&payload, value);
    test_log_message(log, MIA__SLED_LINK, page, &payload);
}

void test_log_free(struct test_log *log, uint64_t page)
{
    struct mia__buf payload = {0};
    test_log_message(log, MIA__SLED_FREE, page, &payload);
}

void test_log_trees(struct test_log *log, const char *const *trees)
{
    struct mia__buf payload = {0};
    for (; *trees != NULL; trees += 2) {
        test_put_bytes(&payload, trees[0]);
        test_put_varint(&payload, strtoull(trees[1], NULL, 10));
    }
    test_log_message(log, MIA__SLED_META, 0, &payload);
}

void test_log_meta(struct test_log *log, uint64_t root, uint64_t counter)
{
    struct mia__buf payload = {0};
    char number[24];
    test_put_varint(&payload, counter);
    test_log_message(log, MIA__SLED_COUNTER, 1, &payload);
    snprintf(number, sizeof number, "%llu", (unsigned long long)root);
    test_log_trees(log, (const char *const[]){"__sled__default", number, NULL});
}

void test_conf_write(const char *folder, uint32_t segment_size, bool is_compressed)
{
    char text[128], path[TEST_PATH];
    int size = snprintf(text, sizeof text, "segment_size: %u\nuse_compression: %s\nversion: 0.34\n",
                        segment_size, is_compressed ? "true" : "false");
    mia__store_u32le(text + size, libdeflate_crc32(0, text, (size_t)size));
    test_path(path, folder, "conf");
    test_file_write(path, text, (size_t)size + 4);
}

static void put_u64(struct mia__buf *buf, uint64_t n)
{
    uint8_t bytes[8];
    mia__store_u64le(bytes, n);
    put(buf, bytes, sizeof bytes);
}

static void put_page(struct mia__buf *buf, const struct test_page *page)
{
    put_u8(buf, page->is_free ? 0 : (unsigned)page->count);
    for (size_t i = 0; i < page->count; i++) {
        put_u64(buf, (uint64_t)page->lsns[i]);
        put_u8(buf, 0);
        test_put_varint(buf, (uint64_t)page->lsns[i]);
        if (!page->is_free)
            test_put_varint(buf, 1); /* its size, which nobody asks for */
    }
}

void test_snapshot_write(const struct test_log *log, const char *folder)
{
    struct mia__buf buf = {0};
    char name[40], path[TEST_PATH];
    uint8_t crc[4];
    put_u64(&buf, log->bytes.size + 1);
    test_put_varint(&buf, (log->segments - 1) * log->segment_size + 1);
    for (size_t i = 0; i < LENGTH(log->pages) && log->pages[i].count > 0; i++)
        put_page(&buf, &log->pages[i]);
    size_t size = buf.size;
    put_u64(&buf, size);
    mia__store_u32le(crc, libdeflate_crc32(0, buf.data, size));
    put(&buf, crc, sizeof crc);
    snprintf(name, sizeof name, "snap.%016llX", (unsigned long long)log->bytes.size);
    test_path(path, folder, name);
    test_file_write(path, buf.data, buf.size);
    mia__buf_free(&buf);
}

void test_log_write(struct test_log *log, const char *folder)
{
    char path[TEST_PATH];
    test_conf_write(folder, log->segment_size, log->is_compressed);
    test_path(path, folder, "db");
    test_file_write(path, log->bytes.data, log->bytes.size);
    mia__buf_free(&log->bytes);
}

static mia_status read_tree(struct mia__sled_database *db, size_t tree, char *out, size_t size)
{
    struct mia__sled_cursor *cur;
    struct mia_pair pairs[4];
    size_t n, used = 0;
    mia_status rc = mia__sled_tree_cursor(db, tree, &cur, ERR);
    while (rc == MIA_OK && (rc = mia__sled_cursor_next(cur, pairs, 4, &n, ERR)) == MIA_OK)
        for (size_t i = 0; i < n; i++)
            used += (size_t)snprintf(out + used, size - used, "%s%.*s=%.*s", used > 0 ? " " : "",
                                     (int)pairs[i].key.size, (const char *)pairs[i].key.data,
                                     (int)pairs[i].value.size, (const char *)pairs[i].value.data);
    mia__sled_cursor_close(cur);
    return rc == MIA_NOTFOUND ? MIA_OK : rc;
}

mia_status test_read(const char *folder, const struct mia__sled_options *options, char *out,
                     size_t size)
{
    struct mia__sled_database *db;
    out[0] = '\0';
    mia_status rc = mia__sled_database_open(folder, options, &db, ERR);
    if (rc < 0)
        return rc;
    size_t tree = mia__sled_tree_named(db, MIA_BYTES("__sled__default"));
    rc = tree < mia__sled_tree_count(db) ? read_tree(db, tree, out, size) : MIA_NOTFOUND;
    mia__sled_database_close(db);
    return rc;
}
