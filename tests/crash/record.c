/* crash/record.c - changes of files noted */
#include "crash/record.h"

#include "crash/calls.h"
#include "support/check.h"
#include "support/folder.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NO_NODE = UINT32_MAX };

/* A name as it is now. */
struct entry {
    struct record_name name;
    uint32_t node;
};

static struct {
    struct record *record;
    char path[TEST_PATH];
    struct entry *entries;
    size_t count, room;
} live;

/* room for one more */
static void *grow(void *items, size_t count, size_t *room, size_t size)
{
    if (count < *room)
        return items;
    *room = *room ? 2 * *room : 64;
    items = realloc(items, *room * size);
    assert_non_null(items);
    return items;
}

static struct record_event *add_event(enum record_kind kind, uint32_t node)
{
    struct record *r = live.record;
    r->events = grow(r->events, r->count, &r->room, sizeof *r->events);
    struct record_event *event = &r->events[r->count++];
    *event = (struct record_event){.kind = kind, .node = node};
    return event;
}

static uint32_t add_node(bool is_directory, uint64_t inode)
{
    struct record *r = live.record;
    r->nodes = grow(r->nodes, r->node_count, &r->node_room, sizeof *r->nodes);
    r->nodes[r->node_count] = (struct record_node){is_directory, inode};
    return (uint32_t)r->node_count++;
}

/* ---- names */

static char *copy_text(const char *text, size_t size)
{
    char *copy = strndup(text, size);
    assert_non_null(copy);
    return copy;
}

static struct entry *find_entry(uint32_t directory, const char *name, size_t size)
{
    for (size_t i = 0; i < live.count; i++)
        if (live.entries[i].name.directory == directory &&
            strlen(live.entries[i].name.name) == size &&
            memcmp(live.entries[i].name.name, name, size) == 0)
            return &live.entries[i];
    return NULL;
}

/* The directory that a path leads to, and the last name; false: it is not of this record. */
static bool take_path(const char *path, struct record_name *out)
{
    size_t size = strlen(live.path);
    if (strncmp(path, live.path, size) != 0 || path[size] != '/')
        return false;
    const char *at = path + size + 1;
    uint32_t directory = 0;
    for (const char *slash; (slash = strchr(at, '/')) != NULL; at = slash + 1) {
        const struct entry *entry = find_entry(directory, at, (size_t)(slash - at));
        assert_non_null(entry);
        directory = entry->node;
    }
    *out = (struct record_name){directory, copy_text(at, strlen(at))};
    return true;
}

static void add_entry(struct record_name name, uint32_t node)
{
    live.entries = grow(live.entries, live.count, &live.room, sizeof *live.entries);
    name.name = copy_text(name.name, strlen(name.name));
    live.entries[live.count++] = (struct entry){name, node};
}

static uint32_t remove_entry(struct record_name name)
{
    struct entry *entry = find_entry(name.directory, name.name, strlen(name.name));
    if (entry == NULL)
        return NO_NODE;
    uint32_t node = entry->node;
    free(entry->name.name);
    *entry = live.entries[--live.count];
    return node;
}

/* The last one that had this inode: numbers are used again. */
static uint32_t node_of(int fd, int64_t *changed_ns)
{
    struct stat st;
    const struct record *r = live.record;
    assert_int_equal(fstat(fd, &st), 0);
    *changed_ns = (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec;
    for (size_t i = r->node_count; i-- > 0;)
        if (r->nodes[i].inode == st.st_ino)
            return (uint32_t)i;
    return NO_NODE;
}

/* ---- what the calls did */

static void note_write(int fd, const void *bytes, size_t size, uint64_t at)
{
    int64_t changed;
    uint32_t node = node_of(fd, &changed);
    if (node == NO_NODE)
        return;
    struct record_event *event = add_event(RECORD_WRITE, node);
    event->bytes = malloc(size);
    assert_non_null(event->bytes);
    memcpy(event->bytes, bytes, size);
    event->at = at;
    event->size = size;
    event->is_durable = (fcntl(fd, F_GETFL) & O_DSYNC) != 0;
    event->changed_ns = changed;
}

static void note_size(int fd, uint64_t size)
{
    int64_t changed;
    uint32_t node = node_of(fd, &changed);
    if (node == NO_NODE)
        return;
    struct record_event *event = add_event(RECORD_SIZE, node);
    event->size = size;
    event->changed_ns = changed;
}

static void keep_lock(int fd)
{
    char link[32], path[PATH_MAX];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t size = readlink(link, path, sizeof path - sizeof "mdbx.lck");
    char *slash = size > 0 ? memrchr(path, '/', (size_t)size) : NULL;
    if (slash == NULL)
        return;
    memcpy(slash + 1, "mdbx.lck", sizeof "mdbx.lck");
    if (!test_exists(path))
        return;
    free(live.record->lock);
    live.record->lock = test_file_read(path, &live.record->lock_size);
}

static void note_sync(int fd)
{
    int64_t changed;
    uint32_t node = node_of(fd, &changed);
    if (node == NO_NODE)
        return;
    add_event(RECORD_SYNC, node);
    if (!live.record->nodes[node].is_directory)
        keep_lock(fd);
}

static void note_new(struct record_name name, bool is_directory, uint64_t inode)
{
    uint32_t node = add_node(is_directory, inode);
    add_entry(name, node);
    add_event(RECORD_CREATE, node)->name = name;
}

static void note_file(int fd, const char *path)
{
    struct stat st;
    struct record_name name;
    assert_int_equal(fstat(fd, &st), 0);
    if (take_path(path, &name))
        note_new(name, false, st.st_ino);
}

static void note_directory(const char *path)
{
    struct stat st;
    struct record_name name;
    assert_int_equal(stat(path, &st), 0);
    if (take_path(path, &name))
        note_new(name, true, st.st_ino);
}

static void note_removal(const char *path)
{
    struct record_name name;
    if (!take_path(path, &name))
        return;
    uint32_t node = remove_entry(name);
    assert_int_not_equal(node, NO_NODE);
    add_event(RECORD_REMOVE, node)->name = name;
}

static void note_rename(const char *from, const char *to)
{
    struct record_name before, after;
    if (!take_path(from, &before))
        return;
    assert_true(take_path(to, &after));
    uint32_t node = remove_entry(before);
    assert_int_not_equal(node, NO_NODE);
    remove_entry(after);
    add_entry(after, node);
    struct record_event *event = add_event(RECORD_RENAME, node);
    event->name = before;
    event->to = after;
}

static const struct calls_watch watch = {note_write,     note_size,    note_sync,  note_file,
                                         note_directory, note_removal, note_rename};

/* ---- the beginning and the end */

static void note_present_file(const char *path, int fd, const struct stat *st)
{
    size_t size;
    uint8_t *bytes = test_file_read(path, &size);
    int64_t changed;
    struct record_event *event = add_event(RECORD_WRITE, node_of(fd, &changed));
    *event = (struct record_event){.kind = RECORD_WRITE,
                                   .node = event->node,
                                   .size = size,
                                   .bytes = bytes,
                                   .changed_ns = changed};
    assert_int_equal(st->st_size, size);
    add_event(RECORD_SYNC, event->node);
}

static void note_present(const char *path, uint32_t directory)
{
    DIR *dir = opendir(path);
    assert_non_null(dir);
    for (const struct dirent *d; (d = readdir(dir)) != NULL;) {
        char below[PATH_MAX];
        struct stat st;
        if (strcmp(d->d_name, ".") == 0 || strcmp(d->d_name, "..") == 0)
            continue;
        snprintf(below, sizeof below, "%s/%s", path, d->d_name);
        int fd = open(below, O_RDONLY | O_CLOEXEC);
        assert_true(fd >= 0 && fstat(fd, &st) == 0);
        note_new((struct record_name){directory, copy_text(d->d_name, strlen(d->d_name))},
                 S_ISDIR(st.st_mode), st.st_ino);
        uint32_t node = (uint32_t)live.record->node_count - 1;
        if (S_ISDIR(st.st_mode))
            note_present(below, node);
        else
            note_present_file(below, fd, &st);
        close(fd);
    }
    closedir(dir);
    add_event(RECORD_SYNC, directory);
}

void record_begin(struct record *r, const char *path)
{
    struct stat st;
    *r = (struct record){0};
    assert_null(live.record);
    live.record = r;
    snprintf(live.path, sizeof live.path, "%s", path);
    assert_int_equal(stat(path, &st), 0);
    add_node(true, st.st_ino);
    note_present(path, 0);
    r->begin = r->count;
    calls_watch = &watch;
}

void record_end(struct record *r)
{
    assert_ptr_equal(live.record, r);
    calls_watch = NULL;
    for (size_t i = 0; i < live.count; i++)
        free(live.entries[i].name.name);
    free(live.entries);
    live.entries = NULL;
    live.count = live.room = 0;
    live.record = NULL;
}

void record_free(struct record *r)
{
    for (size_t i = 0; i < r->count; i++) {
        free(r->events[i].bytes);
        free(r->events[i].name.name);
        free(r->events[i].to.name);
    }
    free(r->events);
    free(r->nodes);
    free(r->lock);
    *r = (struct record){0};
}
