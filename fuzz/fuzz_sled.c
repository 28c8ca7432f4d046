/*
 * fuzz_sled.c - the reader of sled directories on any bytes
 *
 * Input: byte 0 chooses the segment size (bits 0-2), compression (bit 3) and whether there is a
 * snapshot, whose table is then used (bit 4); a u16, little-endian, is the size of the snapshot's
 * content, which follows. The rest is the file `db`. Checksums of messages and of the snapshot are
 * made right first, or hardly any input would come further than to them.
 */
#include "base/bytes.h"
#include "base/memory.h"
#include "sled/database.h"
#include "sled/log.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

enum { TRAILER = 12, HEADER = 3 };

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
    static const char *const names[] = {"db", "conf", "snap.0000000000000014"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        unlink(path_of(names[i]).text);
    rmdir(folder);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc, (void)argv;
    snprintf(folder, sizeof folder, "%s/mia-fuzz-XXXXXX",
             access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    if (mkdtemp(folder) == NULL)
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
    mia__store_u32le(text + size, (uint32_t)crc32_z(0, (const Bytef *)text, (size_t)size));
    write_file("conf", text, (size_t)size + 4);
}

static void write_snapshot(const uint8_t *content, size_t size)
{
    uint8_t *bytes = malloc(size + TRAILER);
    if (bytes == NULL)
        abort();
    memcpy(bytes, content, size);
    if (size >= 8)
        mia__store_u64le(bytes, 20 + 1); /* the LSN of the name */
    mia__store_u64le(bytes + size, size);
    mia__store_u32le(bytes + size + 8, (uint32_t)crc32_z(0, bytes, size));
    write_file("snap.0000000000000014", bytes, size + TRAILER);
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
    mia__store_u32le(header, (uint32_t)crc32_z(0, header + 4, 16) ^ UINT32_MAX);
    while (at <= segment_size - MIA__SLED_MESSAGE_HEADER && offset + at + 4 <= size) {
        struct mia__sled_message m;
        mia__sled_log_begin(&log, &map, segment_size);
        mia__sled_message_again(&log, offset, at, &m);
        uint64_t end = offset + at + m.header_size + (uint64_t)m.body_size;
        if (end > size || end > offset + segment_size)
            break;
        uint8_t *begin = bytes + offset + at;
        uLong crc = crc32_z(0, begin + m.header_size, m.body_size);
        crc = crc32_z(crc, begin + 4, m.header_size - 4);
        mia__store_u32le(begin, (uint32_t)crc ^ UINT32_MAX);
        at += mia__sled_message_size(&m);
    }
}

static void write_log(const uint8_t *data, size_t size, uint32_t segment_size)
{
    uint8_t *bytes = malloc(size + 1);
    if (bytes == NULL)
        abort();
    memcpy(bytes, data, size);
    for (uint64_t offset = 0; offset + MIA__SLED_SEGMENT_HEADER <= size; offset += segment_size)
        mend_slot(bytes, size, offset, segment_size);
    write_file("db", bytes, size);
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
    if (mia__sled_database_open(folder, options, &db, NULL) < 0)
        return;
    for (size_t i = 0; i < mia__sled_tree_count(db) && i < 8; i++) {
        struct mia__sled_cursor *cur;
        struct mia_pair pairs[8];
        size_t n;
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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < HEADER)
        return 0;
    uint32_t segment_size = UINT32_C(256) << (data[0] & 7);
    bool is_compressed = (data[0] & 8) != 0, has_snapshot = (data[0] & 16) != 0;
    size_t snapshot = mia__load_u16le(data + 1);
    snapshot = snapshot < size - HEADER ? snapshot : size - HEADER;
    write_conf(segment_size, is_compressed);
    unlink(path_of("snap.0000000000000014").text);
    if (has_snapshot)
        write_snapshot(data + HEADER, snapshot);
    write_log(data + HEADER + snapshot, size - HEADER - snapshot, segment_size);
    struct mia__sled_options strict = {.accept_torn = true, .threads = 1};
    struct mia__sled_options lenient = {
        .accept_torn = true, .threads = 1, .from_snapshot = has_snapshot, .damage = go_on};
    read_all(&strict);
    read_all(&lenient);
    return 0;
}
