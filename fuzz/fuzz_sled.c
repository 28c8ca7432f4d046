/*
 * fuzz_sled.c - the reader of sled directories on any bytes
 *
 * Input: byte 0 chooses the segment size (bits 0-2), compression (bit 3), whether there is a
 * snapshot, whose table is then used (bit 4), whether there is a blob (bit 5), and that checksums
 * stay as they are (bit 6): else those of messages, snapshot and blob are made right, or hardly any
 * input would come further than to them. A u16, little-endian, is the size of the snapshot's
 * content, which follows; then the same of the blob, if there is one. The rest is the file `db`.
 */
#include "base/bytes.h"
#include "base/memory.h"
#include "sled/database.h"
#include "sled/log.h"

#include <assert.h>
#include <fcntl.h>
#include <libdeflate.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

enum { TRAILER = 12, HEADER = 3, SIZE = 2, CRC = 4 };

static const char snapshot_name[] = "snap.0000000000000014", blob_name[] = "blobs/87";
static char folder[64];

/* The fuzzer's own paths may be relative, so the working directory stays. */
struct path {
    char text[128];
};

static struct path path_of(const char *name)
{
    struct path path;
    snprintf(path.text, sizeof path.text, "%s/%s", folder, name);
    return path;
}

static void remove_folder(void)
{
    static const char *const names[] = {"db", "conf", snapshot_name, blob_name, "blobs", ""};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        remove(path_of(names[i]).text);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc, (void)argv;
    snprintf(folder, sizeof folder, "%s/mia-fuzz-XXXXXX",
             access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    if (mkdtemp(folder) == NULL || mkdir(path_of("blobs").text, 0700) != 0)
        abort();
    atexit(remove_folder);
    return 0;
}

static void write_file(const char *name, const void *data, size_t size)
{
    int fd = open(path_of(name).text, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0 || write(fd, data, size) != (ssize_t)size)
        abort();
    close(fd);
}

static void write_conf(uint32_t segment_size, bool is_compressed)
{
    char text[128];
    int size = snprintf(text, sizeof text, "segment_size: %u\nuse_compression: %s\nversion: 0.34\n",
                        segment_size, is_compressed ? "true" : "false");
    mia__store_u32le(text + size, libdeflate_crc32(0, text, (size_t)size));
    write_file("conf", text, (size_t)size + 4);
}

static uint8_t *copy_of(mia_slice content, size_t more)
{
    uint8_t *bytes = malloc(content.size + more);
    if (bytes == NULL)
        abort();
    if (content.size > 0)
        memcpy(bytes, content.data, content.size);
    return bytes;
}

static void write_snapshot(mia_slice content, bool mend)
{
    uint8_t *bytes = copy_of(content, TRAILER);
    size_t size = content.size;
    if (mend && size >= 8)
        mia__store_u64le(bytes, 20 + 1); /* the LSN of the name */
    mia__store_u64le(bytes + size, size);
    mia__store_u32le(bytes + size + 8, libdeflate_crc32(0, bytes, size));
    write_file(snapshot_name, bytes, mend ? size + TRAILER : size);
    free(bytes);
}

static void write_blob(mia_slice content, bool mend)
{
    uint8_t *bytes = copy_of(content, CRC);
    if (mend && content.size >= CRC)
        mia__store_u32le(bytes, libdeflate_crc32(0, bytes + CRC, content.size - CRC));
    write_file(blob_name, bytes, content.size);
    free(bytes);
}

/* Gives each message of a slot the checksum that it should have. */
static void mend_slot(uint8_t *bytes, size_t size, uint64_t offset, uint32_t segment_size)
{
    struct mia__map map = {bytes, size};
    struct mia__sled_log log;
    uint32_t at = MIA__SLED_SEGMENT_HEADER;
    uint8_t *header = bytes + offset;
    mia__store_u64le(header + 4, offset ^ INT64_MAX);
    mia__store_u32le(header, libdeflate_crc32(0, header + 4, 16) ^ UINT32_MAX);
    while (at <= segment_size - MIA__SLED_MESSAGE_HEADER && offset + at + 4 <= size) {
        struct mia__sled_message m;
        mia__sled_log_begin(&log, &map, segment_size);
        mia__sled_message_again(&log, offset, at, &m);
        uint64_t end = offset + at + m.header_size + (uint64_t)m.body_size;
        if (end > size || end > offset + segment_size)
            break;
        uint8_t *begin = bytes + offset + at;
        uint32_t crc = libdeflate_crc32(0, begin + m.header_size, m.body_size);
        crc = libdeflate_crc32(crc, begin + 4, m.header_size - 4);
        mia__store_u32le(begin, crc ^ UINT32_MAX);
        at += mia__sled_message_size(&m);
    }
}

/* The parser by itself, at every place where a message might begin. */
static void parse_log(const uint8_t *bytes, size_t size, uint32_t segment_size)
{
    struct mia__map map = {bytes, size};
    struct mia__sled_log log;
    struct mia__sled_header header;
    struct mia__sled_message m;
    mia__sled_log_begin(&log, &map, segment_size);
    for (uint64_t slot = 0; slot < mia__sled_slots(&log); slot++) {
        uint64_t offset = slot * segment_size;
        mia__sled_header_read(&log, offset, &header);
        for (uint32_t at = 0; at <= segment_size - MIA__SLED_MESSAGE_HEADER; at++) {
            if (mia__sled_message_read(&log, offset, slot, at, &m) == MIA__SLED_READ)
                assert(at + mia__sled_message_size(&m) <= segment_size);
        }
    }
}

static void write_log(mia_slice content, uint32_t segment_size, bool mend)
{
    uint8_t *bytes = copy_of(content, 1);
    size_t size = content.size;
    for (uint64_t offset = 0; mend && offset + MIA__SLED_SEGMENT_HEADER <= size;
         offset += segment_size)
        mend_slot(bytes, size, offset, segment_size);
    write_file("db", bytes, size);
    bytes = realloc(bytes, size > 0 ? size : 1); /* of its size, for the sanitizer */
    if (bytes == NULL)
        abort();
    parse_log(bytes, size, segment_size);
    free(bytes);
}

/* The listener of damage: goes on, as salvage would. */
static bool go_on(void *ctx, const struct mia__sled_damage *damage)
{
    (void)ctx;
    return damage->reason != NULL;
}

static void read_all(const struct mia__sled_options *options)
{
    struct mia__sled_database *db;
    struct mia__sled_info info;
    if (mia__sled_database_open(folder, options, &db, NULL) < 0)
        return;
    mia__sled_database_info(db, &info);
    assert(info.segment_size >= MIA__SLED_SEGMENT_HEADER);
    for (size_t i = 0; i < mia__sled_tree_count(db) && i < 8; i++) {
        struct mia__sled_cursor *cur;
        struct mia_pair pairs[8];
        size_t n;
        assert(mia__sled_tree_named(db, mia__sled_tree_name(db, i)) == i);
        if (mia__sled_tree_cursor(db, i, &cur, NULL) < 0)
            break;
        while (mia__sled_cursor_next(cur, pairs, 8, &n, NULL) == MIA_OK)
            ;
        mia__sled_cursor_seek(cur, MIA_BYTES("m"), NULL);
        while (mia__sled_cursor_prev(cur, pairs, NULL) == MIA_OK)
            ;
        mia__sled_cursor_close(cur);
    }
    mia__sled_database_close(db);
}

/* The next bytes, as many as the size in front of them says. */
static mia_slice take_sized(mia_slice *in)
{
    if (in->size < SIZE)
        return (mia_slice){0};
    size_t left = in->size - SIZE, size = mia__load_u16le(in->data);
    const uint8_t *begin = (const uint8_t *)in->data + SIZE;
    mia_slice taken = {begin, size < left ? size : left};
    *in = (mia_slice){begin + taken.size, left - taken.size};
    return taken;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < HEADER)
        return 0;
    uint32_t segment_size = UINT32_C(256) << (data[0] & 7);
    bool is_compressed = (data[0] & 8) != 0, has_snapshot = (data[0] & 16) != 0;
    bool has_blob = (data[0] & 32) != 0, mend = (data[0] & 64) == 0;
    mia_slice in = {data + 1, size - 1};
    mia_slice snapshot = take_sized(&in);
    remove(path_of(snapshot_name).text);
    remove(path_of(blob_name).text);
    write_conf(segment_size, is_compressed);
    if (has_snapshot)
        write_snapshot(snapshot, mend);
    if (has_blob)
        write_blob(take_sized(&in), mend);
    write_log(in, segment_size, mend);
    struct mia__sled_options strict = {.threads = 1};
    struct mia__sled_options torn = {.accept_torn = true, .threads = 1};
    struct mia__sled_options lenient = {
        .accept_torn = true, .threads = 1, .from_snapshot = has_snapshot, .damage = go_on};
    read_all(&strict);
    read_all(&torn);
    read_all(&lenient);
    return 0;
}
