/*
 * fuzz_trace.c - the reader of traces on any bytes
 *
 * Input: byte 0: flags of the header (bits 0-2); bit 7: the rest is the file as it is. Otherwise
 * the rest is payloads: a u16, little-endian, the number of events; a u16, the size; and the bytes.
 * Checksums and numbers of blocks are made right, or hardly any input would come further.
 * What must hold: refused with a reason, or every event lies inside of the file, and reading it
 * again gives the same.
 */
#include "ab/trace_read.h"
#include "base/memory.h"

#include <assert.h>
#include <libdeflate.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct mia__buf file_of(const uint8_t *data, size_t size)
{
    struct mia__buf file = {0};
    uint8_t header[MIA__TRACE_HEADER] = MIA__TRACE_MAGIC;
    mia__store_u32le(header + 8, MIA__TRACE_VERSION);
    mia__store_u32le(header + 12, data[0] & 7);
    mia__store_u32le(header + MIA__TRACE_CRC_AT, libdeflate_crc32(0, header, MIA__TRACE_CRC_AT));
    mia__buf_append(&file, header, sizeof header, NULL);
    data++;
    size--;
    for (uint32_t number = 0; size >= 4; number++) {
        size_t payload = mia__load_u16le(data + 2);
        payload = payload < size - 4 ? payload : size - 4;
        uint8_t block[MIA__TRACE_BLOCK_HEADER];
        mia__store_u32le(block, (uint32_t)payload);
        mia__store_u32le(block + 4, mia__load_u16le(data));
        mia__store_u32le(block + 8, number);
        uint32_t crc = libdeflate_crc32(0, block, 12);
        mia__store_u32le(block + 12, libdeflate_crc32(crc, data + 4, payload));
        mia__buf_append(&file, block, sizeof block, NULL);
        mia__buf_append(&file, data + 4, payload, NULL);
        data += 4 + payload;
        size -= 4 + payload;
    }
    return file;
}

static void check_inside(mia_slice file, mia_slice part)
{
    const uint8_t *begin = file.data, *at = part.data;
    assert(part.size == 0 || (at >= begin && part.size <= file.size - (size_t)(at - begin)));
}

/* Returns how many events there are; *sum is of all that they say. */
static uint64_t read_all(mia_slice file, uint64_t *sum)
{
    struct mia__trace_reader r;
    struct mia__trace_event e;
    struct mia_error err = {0};
    uint64_t count = 0;
    *sum = 0;
    mia_status rc = mia__trace_read_begin(&r, file, "input", &err);
    while (rc == MIA_OK && (rc = mia__trace_read_next(&r, &e, &err)) == MIA_OK) {
        assert(e.kind < MIA__TRACE_KINDS && e.thread < MIA__TRACE_THREADS_MOST);
        check_inside(file, e.key);
        check_inside(file, e.name);
        check_inside(file, e.value);
        *sum = *sum * 31 + e.at_ns + e.key.size + e.name.size + e.value_size + e.extra + e.txn;
        count++;
    }
    assert(rc != MIA_OK && (rc == MIA_NOTFOUND || err.message[0] != '\0'));
    assert(rc < 0 || r.torn_at <= file.size);
    return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint64_t first, second;
    struct mia__buf file = {0};
    if (size == 0)
        return 0;
    if (data[0] & 0x80)
        mia__buf_append(&file, data + 1, size - 1, NULL);
    else
        file = file_of(data, size);
    /* exactly as long as it says: ASan sees a byte read behind it */
    uint8_t *exact = malloc(file.size + 1);
    if (exact == NULL)
        abort();
    if (file.size > 0)
        memcpy(exact, file.data, file.size);
    exact = realloc(exact, file.size + (file.size == 0));
    mia_slice bytes = {exact, file.size};
    uint64_t count = read_all(bytes, &first);
    assert(read_all(bytes, &second) == count && first == second);
    free(exact);
    mia__buf_free(&file);
    return 0;
}
