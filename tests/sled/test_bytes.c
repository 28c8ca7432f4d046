/* test_bytes.c - directories made by hand: what the reader sees in them */
#include "sled/directory.h"
#include "sled/example.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TEXT = 4096 };

static void write_file(const char *folder, const char *name, const void *data, size_t size)
{
    char path[TEST_PATH];
    test_path(path, folder, name);
    test_file_write(path, data, size);
}

static void expect(const char *folder, const char *content)
{
    char text[TEXT];
    OK(test_read(folder, NULL, text, sizeof text));
    assert_string_equal(text, content);
}

static void expect_error(const char *folder, const struct mia__sled_options *options,
                         mia_status status, const char *part)
{
    char text[TEXT];
    ANSWERS(test_read(folder, options, text, sizeof text), status);
    if (strstr(ERR->message, part) == NULL)
        fail_msg("no '%s' in: %s", part, ERR->message);
}

static void the_worked_example(void **state)
{
    struct mia__sled_database *db;
    struct mia__sled_info info;
    test_conf_write(*state, 524288, false);
    write_file(*state, "db", example_db, sizeof example_db);
    expect(*state, "hello=world");
    OK(mia__sled_database_open(*state, NULL, &db, ERR));
    mia__sled_database_info(db, &info);
    assert_int_equal(mia__sled_tree_count(db), 1);
    assert_text(mia__sled_tree_name(db, 0), "__sled__default");
    assert_int_equal(info.pages, 4);
    assert_int_equal(info.links, 1);
    assert_int_equal(info.counter, 0);
    mia__sled_database_close(db);
}

/* The same after sled had opened it once more: a snapshot, and zeros to the segment's end. */
static void the_worked_example_opened_again(void **state)
{
    uint8_t *bytes = calloc(1, 524287);
    memcpy(bytes, example_db, sizeof example_db);
    test_conf_write(*state, 524288, false);
    write_file(*state, "db", bytes, 524287);
    write_file(*state, example_snapshot_name, example_snapshot, sizeof example_snapshot);
    expect(*state, "hello=world");
    char text[TEXT];
    struct mia__sled_options table = {.from_snapshot = true};
    OK(test_read(*state, &table, text, sizeof text));
    assert_string_equal(text, "hello=world");
    free(bytes);
}

static void the_writer_of_these_tests_writes_as_sled(void **state)
{
    (void)state;
    struct test_log log = {.segment_size = 524288};
    struct mia__buf number = {0};
    test_log_raw(&log, MIA__SLED_META, 0, "", 0);
    test_put_varint(&number, 0);
    test_log_message(&log, MIA__SLED_COUNTER, 1, &number);
    test_log_node(&log, 2, &(struct test_node){0});
    test_log_node(&log, 3, &(struct test_node){.is_index = true, .pairs = {"", "2"}});
    test_put_bytes(&number, "__sled__default");
    test_put_varint(&number, 3);
    test_log_message(&log, MIA__SLED_META, 0, &number);
    test_log_link(&log, 2, "hello", "world");
    assert_bytes(mia__buf_slice(&log.bytes), ((mia_slice){example_db, sizeof example_db}));
    mia__buf_free(&log.bytes);
}

static void a_link_in_a_blob(void **state)
{
    struct test_log log = {.segment_size = 256};
    char path[TEST_PATH];
    test_log_meta(&log, 3, 7);
    test_log_node(&log, 2, &(struct test_node){0});
    test_log_node(&log, 3, &(struct test_node){.is_index = true, .pairs = {"", "2"}});
    test_log_raw(&log, MIA__SLED_LINK_BLOB, 2,
                 example_blob_message + sizeof example_blob_message - 8, 8);
    assert_memory_equal(log.bytes.data + log.bytes.size - sizeof example_blob_message,
                        example_blob_message, sizeof example_blob_message);
    test_log_write(&log, *state);
    test_path(path, *state, "blobs");
    expect_error(*state, NULL, MIA_ERR_CORRUPT, "blob");
    assert_int_equal(mkdir(path, 0755), 0);
    write_file(*state, "blobs/87", example_blob, sizeof example_blob);
    expect(*state, "hello=world");
}

static void compressed_pages(void **state)
{
    struct test_log log = {.segment_size = 4096, .is_compressed = true};
    test_log_meta(&log, 3, 5);
    test_log_node(&log, 2, &(struct test_node){.pairs = {"a", "1", "b", "2"}});
    test_log_node(&log, 3, &(struct test_node){.is_index = true, .pairs = {"", "2"}});
    test_log_link(&log, 2, "b", "two");
    test_log_link(&log, 2, "a", NULL);
    test_log_write(&log, *state);
    expect(*state, "b=two");
}

/* Three leaves, the keys of the middle one without their prefix. */
static void put_tree(struct test_log *log)
{
    test_log_meta(log, 5, 0);
    test_log_node(log, 2,
                  &(struct test_node){.next = 3, .hi = "key5", .pairs = {"a", "1", "b", "2"}});
    test_log_node(
        log, 3,
        &(struct test_node){
            .next = 4, .prefix = 3, .lo = "key5", .hi = "key9", .pairs = {"5", "x", "7", "y"}});
    test_log_node(log, 4, &(struct test_node){.lo = "key9", .pairs = {"z", "26"}});
    test_log_node(
        log, 5,
        &(struct test_node){.is_index = true, .pairs = {"", "2", "key5", "3", "key9", "4"}});
    test_log_link(log, 3, "6", "between");
}

static void prefixes_and_links(void **state)
{
    struct test_log log = {.segment_size = 4096};
    put_tree(&log);
    test_log_write(&log, *state);
    expect(*state, "a=1 b=2 key5=x key6=between key7=y z=26");
}

static void seek_and_both_ways(void **state)
{
    struct test_log log = {.segment_size = 4096};
    struct mia__sled_database *db;
    struct mia__sled_cursor *cur;
    struct mia_pair pair;
    size_t n;
    put_tree(&log);
    test_log_write(&log, *state);
    OK(mia__sled_database_open(*state, NULL, &db, ERR));
    OK(mia__sled_tree_cursor(db, 0, &cur, ERR));
    static const char *const backwards[] = {"z", "key7", "key6", "key5", "b", "a"};
    for (size_t i = 0; i < LENGTH(backwards); i++) {
        OK(mia__sled_cursor_prev(cur, &pair, ERR));
        assert_text(pair.key, backwards[i]);
    }
    ANSWERS(mia__sled_cursor_prev(cur, &pair, ERR), MIA_NOTFOUND);
    static const struct {
        const char *seek, *found, *before;
    } rows[] = {
        {"", "a", NULL},       {"a", "a", NULL},          {"b0", "key5", "b"},
        {"key5", "key5", "b"}, {"key50", "key6", "key5"}, {"key8", "z", "key7"},
        {"key9", "z", "key7"}, {"zz", NULL, "z"},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        OK(mia__sled_cursor_seek(cur, mia_bytes_of(rows[i].seek), ERR));
        ANSWERS(mia__sled_cursor_next(cur, &pair, 1, &n, ERR),
                rows[i].found != NULL ? MIA_OK : MIA_NOTFOUND);
        if (rows[i].found != NULL) {
            assert_text(pair.key, rows[i].found);
            OK(mia__sled_cursor_prev(cur, &pair, ERR)); /* back over it */
            assert_text(pair.key, rows[i].found);
        }
        ANSWERS(mia__sled_cursor_prev(cur, &pair, ERR),
                rows[i].before != NULL ? MIA_OK : MIA_NOTFOUND);
        if (rows[i].before != NULL)
            assert_text(pair.key, rows[i].before);
    }
    mia__sled_cursor_close(cur);
    mia__sled_database_close(db);
}

/* A merge is intention, absorption by the left sibling, confirmation: cut off after each of them
 * the tree is the same; and a seek finds what came after the absorption. */
static void merges_cut_short(void **state)
{
    for (int steps = 0; steps <= 4; steps++) {
        struct test_log log = {.segment_size = 4096};
        struct mia__buf link = {0};
        const char *last = steps < 3 ? "26" : "new";
        put_tree(&log);
        test_put_varint(&link, 2);
        test_put_varint(&link, 4);
        if (steps >= 1)
            test_log_message(&log, MIA__SLED_LINK, 5, &link);
        if (steps >= 2)
            test_log_node(&log, 3,
                          &(struct test_node){
                              .lo = "key5",
                              .pairs = {"key5", "x", "key6", "between", "key7", "y", "z", "26"}});
        if (steps >= 3)
            test_log_link(&log, 3, "z", "new");
        link.size = 0;
        test_put_varint(&link, 3);
        if (steps >= 4)
            test_log_message(&log, MIA__SLED_LINK, 5, &link);
        mia__buf_free(&link);
        test_log_write(&log, *state);
        char wanted[TEXT];
        snprintf(wanted, sizeof wanted, "a=1 b=2 key5=x key6=between key7=y z=%s", last);
        expect(*state, wanted);

        struct mia__sled_database *db;
        struct mia__sled_cursor *cur;
        struct mia_pair pair;
        size_t n;
        OK(mia__sled_database_open(*state, NULL, &db, ERR));
        OK(mia__sled_tree_cursor(db, 0, &cur, ERR));
        OK(mia__sled_cursor_seek(cur, mia_bytes_of("z"), ERR));
        OK(mia__sled_cursor_next(cur, &pair, 1, &n, ERR));
        assert_text(pair.value, last);
        mia__sled_cursor_close(cur);
        mia__sled_database_close(db);
    }
}

/* A batch counts from its last message on; what follows an unfinished one is gone with it. */
static void batches_are_whole_or_not_there(void **state)
{
    for (int messages = 0; messages <= 2; messages++) {
        struct test_log log = {.segment_size = 256};
        test_log_meta(&log, 3, 0);
        test_log_node(&log, 2, &(struct test_node){0});
        test_log_node(&log, 3, &(struct test_node){.is_index = true, .pairs = {"", "2"}});
        test_log_link(&log, 2, "a", "1");
        uint8_t last[8] = {0};
        /* 24 bytes of the manifest, then two links of 13 bytes */
        last[0] = (uint8_t)(test_log_lsn(&log) + 24 + 2 * 13 - 1);
        test_log_raw(&log, MIA__SLED_MANIFEST, UINT64_MAX - 666, last, sizeof last);
        if (messages >= 1)
            test_log_link(&log, 2, "b", "2");
        if (messages >= 2)
            test_log_link(&log, 2, "c", "3");
        if (messages >= 2)
            assert_int_equal(last[0], test_log_lsn(&log) - 1);
        test_log_write(&log, *state);
        expect(*state, messages == 2 ? "a=1 b=2 c=3" : "a=1");
    }
}

static void put_segments(struct test_log *log)
{
    test_log_meta(log, 3, 0);
    test_log_node(log, 2, &(struct test_node){0});
    test_log_node(log, 3, &(struct test_node){.is_index = true, .pairs = {"", "2"}});
    test_log_link(log, 2, "a", "1");
    test_log_segment(log, 20);
    test_log_link(log, 2, "b", "2");
    test_log_segment(log, 20);
    test_log_link(log, 2, "c", "3");
}

static void slots_in_any_order(void **state)
{
    struct test_log log = {.segment_size = 256};
    uint8_t swapped[256];
    put_segments(&log);
    memcpy(swapped, log.bytes.data, 256);
    memmove(log.bytes.data, log.bytes.data + 256, 256);
    memcpy(log.bytes.data + 256, swapped, 256);
    test_log_write(&log, *state);
    expect(*state, "a=1 b=2 c=3");
}

static void a_torn_log(void **state)
{
    struct mia__sled_options accept = {.accept_torn = true};
    char text[TEXT];
    struct test_log log = {.segment_size = 256};
    put_segments(&log);
    memset(log.bytes.data + 256, 0, 256);
    test_log_write(&log, *state);
    expect_error(*state, NULL, MIA_ERR_CORRUPT, "1 intact messages behind it");
    OK(test_read(*state, &accept, text, sizeof text));
    assert_string_equal(text, "a=1");

    struct test_log cut = {.segment_size = 256};
    put_segments(&cut);
    cut.bytes.size -= 1; /* of the last message: nothing intact is behind it */
    test_log_write(&cut, *state);
    expect(*state, "a=1 b=2");
}

static void damage_below_the_stable_part(void **state)
{
    struct test_log log = {.segment_size = 256};
    test_log_meta(&log, 3, 0);
    test_log_node(&log, 2, &(struct test_node){0});
    test_log_node(&log, 3, &(struct test_node){.is_index = true, .pairs = {"", "2"}});
    size_t link = (size_t)test_log_lsn(&log);
    test_log_link(&log, 2, "a", "1");
    test_log_segment(&log, 20);
    test_log_link(&log, 2, "b", "2");
    test_log_segment(&log, 300); /* so the first segment is stable */
    test_log_link(&log, 2, "c", "3");
    log.bytes.data[link + 10] ^= 1;
    test_log_write(&log, *state);
    char place[40];
    snprintf(place, sizeof place, "db is damaged at byte %zu", link);
    expect_error(*state, NULL, MIA_ERR_CORRUPT, place);
}

static void what_no_tree_may_hold(void **state)
{
    static const struct test_node leaves[] = {
        {.pairs = {"b", "", "a", ""}},              /* order */
        {.pairs = {"a", "", "a", ""}},              /* twice */
        {.lo = "b", .pairs = {"c", ""}},            /* not the leftmost */
        {.hi = "b", .pairs = {"a", ""}},            /* a bound, no sibling */
        {.next = 2, .hi = "b", .pairs = {"a", ""}}, /* a circle */
        {.next = 9, .hi = "b", .pairs = {"a", ""}}, /* no such page */
        {.next = 3, .hi = "b", .pairs = {"a", ""}}, /* an index for a sibling */
        {.prefix = 1, .pairs = {"a", ""}},          /* a prefix of nothing */
    };
    for (size_t i = 0; i < LENGTH(leaves); i++) {
        struct test_log log = {.segment_size = 4096};
        test_log_meta(&log, 3, 0);
        test_log_node(&log, 2, &leaves[i]);
        test_log_node(&log, 3, &(struct test_node){.is_index = true, .pairs = {"", "2"}});
        test_log_write(&log, *state);
        expect_error(*state, NULL, MIA_ERR_CORRUPT, "page ");
    }
    struct test_log circle = {.segment_size = 4096};
    test_log_meta(&circle, 3, 0);
    test_log_node(&circle, 2, &(struct test_node){0});
    test_log_node(&circle, 3, &(struct test_node){.is_index = true, .pairs = {"", "3"}});
    test_log_write(&circle, *state);
    expect_error(*state, NULL, MIA_ERR_CORRUPT, "page 3");
}

static void a_gap_in_the_page_numbers(void **state)
{
    struct test_log log = {.segment_size = 4096};
    test_log_meta(&log, 3, 0);
    test_log_node(&log, 3, &(struct test_node){.is_index = true, .pairs = {"", "2"}});
    test_log_write(&log, *state);
    expect_error(*state, NULL, MIA_ERR_CORRUPT, "page 2");
}

static void nothing_at_all(void **state)
{
    test_conf_write(*state, 4096, false);
    write_file(*state, "db", "", 0);
    expect(*state, "");
}

static void a_sled_that_has_it_open(void **state)
{
    char path[TEST_PATH];
    test_conf_write(*state, 524288, false);
    write_file(*state, "db", example_db, sizeof example_db);
    test_path(path, *state, "db");
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    assert_int_equal(flock(fd, LOCK_EX), 0);
    expect_error(*state, NULL, MIA_ERR_BUSY, "open in another process");
    close(fd);
    expect(*state, "hello=world");
}

static void a_file_that_is_cut_while_open(void **state)
{
    char path[TEST_PATH];
    struct mia__sled_database *db;
    struct mia__sled_cursor *cur;
    struct mia_pair pair;
    size_t n;
    test_conf_write(*state, 524288, false);
    write_file(*state, "db", example_db, sizeof example_db);
    test_path(path, *state, "db");
    OK(mia__sled_database_open(*state, NULL, &db, ERR));
    OK(mia__sled_tree_cursor(db, 0, &cur, ERR));
    assert_int_equal(truncate(path, 0), 0);
    ANSWERS(mia__sled_cursor_next(cur, &pair, 1, &n, ERR), MIA_ERR_IO);
    mia__sled_cursor_close(cur);
    mia__sled_database_close(db);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, test_folder_open, test_folder_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(the_worked_example),
        IN_FOLDER(the_worked_example_opened_again),
        cmocka_unit_test(the_writer_of_these_tests_writes_as_sled),
        IN_FOLDER(a_link_in_a_blob),
        IN_FOLDER(compressed_pages),
        IN_FOLDER(prefixes_and_links),
        IN_FOLDER(seek_and_both_ways),
        IN_FOLDER(merges_cut_short),
        IN_FOLDER(batches_are_whole_or_not_there),
        IN_FOLDER(slots_in_any_order),
        IN_FOLDER(a_torn_log),
        IN_FOLDER(damage_below_the_stable_part),
        IN_FOLDER(what_no_tree_may_hold),
        IN_FOLDER(a_gap_in_the_page_numbers),
        IN_FOLDER(nothing_at_all),
        IN_FOLDER(a_sled_that_has_it_open),
        IN_FOLDER(a_file_that_is_cut_while_open),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
