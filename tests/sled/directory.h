/* sled/directory.h - sled directories made by hand, message by message */
#ifndef MIA_TEST_SLED_DIRECTORY_H
#define MIA_TEST_SLED_DIRECTORY_H

#include "support/check.h"
#include "support/folder.h"

#include "base/memory.h"
#include "sled/database.h"

/* The messages that make up a page. */
struct test_page {
    bool is_free;
    size_t count;
    int64_t lsns[16];
};

struct test_log {
    struct mia__buf bytes; /* of `db`: slot n is segment n, so LSNs are offsets */
    uint32_t segment_size;
    bool is_compressed;
    uint64_t segments;          /* begun */
    struct test_page pages[16]; /* the first ones, for a snapshot */
};

/* Pieces of payloads. */
void test_put_varint(struct mia__buf *buf, uint64_t n);
void test_put_bytes(struct mia__buf *buf, const char *text);
/* A leaf or index; pairs: key, value, key, value ... NULL; of an index the values are decimal. */
struct test_node {
    uint64_t next, merging_child;
    bool is_index;
    uint8_t prefix;
    const char *lo, *hi;
    const char *pairs[32];
};
void test_put_node(struct mia__buf *buf, const struct test_node *node);

/* The LSN at which the next message begins. */
int64_t test_log_lsn(const struct test_log *log);
/* Closes the segment with a Cap and begins the next; the first is begun by the first message. */
void test_log_segment(struct test_log *log, int64_t max_stable_lsn);
/* Appends a message; kind as in enum mia__sled_kind, never of a blob. The payload is emptied. */
void test_log_message(struct test_log *log, uint8_t kind, uint64_t page, struct mia__buf *payload);
/* The same without compression, as it is. */
void test_log_raw(struct test_log *log, uint8_t kind, uint64_t page, const void *body, size_t size);
void test_log_node(struct test_log *log, uint64_t page, const struct test_node *node);
/* A Set; value NULL: a Del. */
void test_log_link(struct test_log *log, uint64_t page, const char *key, const char *value);
void test_log_free(struct test_log *log, uint64_t page);
/* Meta with these trees: name, root, name, root ... NULL; the roots are decimal. */
void test_log_trees(struct test_log *log, const char *const *trees);
/* Meta with the default tree at this root, and the counter. */
void test_log_meta(struct test_log *log, uint64_t root, uint64_t counter);

/* Writes conf and db into the folder. The log is freed. */
void test_log_write(struct test_log *log, const char *folder);
void test_conf_write(const char *folder, uint32_t segment_size, bool is_compressed);
/* A snapshot of the log as it is by now, without compression. */
void test_snapshot_write(const struct test_log *log, const char *folder);

/* All pairs of the default tree as "key=value key=value"; what the reader answers, else. */
mia_status test_read(const char *folder, const struct mia__sled_options *options, char *out,
                     size_t size);

#endif
