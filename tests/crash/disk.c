/* crash/disk.c - states of a disk, made from a record: disk.h has the model */
#include "crash/disk.h"

#include "crash/content.h"
#include "support/check.h"
#include "support/folder.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Events by their numbers in the record. */
struct list {
    size_t *items;
    size_t count, room;
};

static void append(struct list *l, size_t item)
{
    if (l->count == l->room) {
        l->room = l->room ? 2 * l->room : 16;
        l->items = realloc(l->items, l->room * sizeof *l->items);
        assert_non_null(l->items);
    }
    l->items[l->count++] = item;
}

/* A file: what is surely on disk, and what came since. */
struct file {
    struct content synced;
    struct list pending;
    uint64_t
        hashes[2]; /* of synced, as a stop of the machine and of the process leave it; 0: unknown */
};

struct disk {
    const struct record *record;
    size_t at; /* events before have happened */
    struct file *files;
    struct list names;    /* changes of names, in order */
    bool *is_name_synced; /* by number of event */
};

static const struct record_event *event_at(const struct disk *disk, size_t number)
{
    return &disk->record->events[number];
}

/* ---- bytes */

static void sync_file(struct disk *disk, struct file *file)
{
    for (size_t i = 0; i < file->pending.count; i++)
        content_apply(&file->synced, event_at(disk, file->pending.items[i]));
    if (file->pending.count > 0)
        file->hashes[0] = file->hashes[1] = 0;
    file->pending.count = 0;
}

/* ---- names */

static bool is_same(struct record_name a, struct record_name b)
{
    return a.name != NULL && b.name != NULL && a.directory == b.directory &&
           strcmp(a.name, b.name) == 0;
}

static bool share_a_name(const struct record_event *a, const struct record_event *b)
{
    return is_same(a->name, b->name) || is_same(a->name, b->to) || is_same(a->to, b->name) ||
           is_same(a->to, b->to);
}

static bool is_in(const struct record_event *event, uint32_t directory)
{
    return event->name.directory == directory ||
           (event->to.name != NULL && event->to.directory == directory);
}

/* A change of a name is on disk only with those of the same name before it. */
static void sync_directory(struct disk *disk, uint32_t directory)
{
    bool *synced = disk->is_name_synced;
    for (size_t i = disk->names.count; i-- > 0;) {
        size_t number = disk->names.items[i];
        bool is_synced = is_in(event_at(disk, number), directory);
        for (size_t k = i + 1; !is_synced && k < disk->names.count; k++)
            is_synced = synced[disk->names.items[k]] &&
                        share_a_name(event_at(disk, number), event_at(disk, disk->names.items[k]));
        synced[number] = synced[number] || is_synced;
    }
}

/* ---- */

bool disk_step(struct disk *disk)
{
    if (disk->at == disk->record->count)
        return false;
    const struct record_event *event = event_at(disk, disk->at);
    struct file *file = &disk->files[event->node];
    switch (event->kind) {
    case RECORD_WRITE:
    case RECORD_SIZE:
        append(&file->pending, disk->at);
        break;
    case RECORD_SYNC:
        if (disk->record->nodes[event->node].is_directory)
            sync_directory(disk, event->node);
        else
            sync_file(disk, file);
        break;
    case RECORD_CREATE:
    case RECORD_REMOVE:
    case RECORD_RENAME:
        append(&disk->names, disk->at);
        break;
    }
    disk->at++;
    return true;
}

struct disk *disk_open(const struct record *r)
{
    struct disk *disk = calloc(1, sizeof *disk);
    assert_non_null(disk);
    disk->record = r;
    disk->files = calloc(r->node_count, sizeof *disk->files);
    disk->is_name_synced = calloc(r->count + 1, sizeof *disk->is_name_synced);
    assert_true(disk->files != NULL && disk->is_name_synced != NULL);
    while (disk->at < r->begin)
        disk_step(disk);
    return disk;
}

void disk_close(struct disk *disk)
{
    for (size_t i = 0; i < disk->record->node_count; i++) {
        free(disk->files[i].synced.bytes);
        free(disk->files[i].pending.items);
    }
    free(disk->files);
    free(disk->names.items);
    free(disk->is_name_synced);
    free(disk);
}

/* ---- a choice */

/* The same for the same choice, place and file: no state is kept between the questions. */
static size_t chance(const struct disk_choice *choice, uint64_t what, uint64_t where, size_t bound)
{
    struct test_random r = {choice->seed ^ (what * UINT64_C(0x9e3779b97f4a7c15)) ^
                            (where * UINT64_C(0xc2b2ae3d27d4eb4f))};
    test_random(&r);
    return test_below(&r, bound);
}

/* Whether change number i of count survives, by the choice's way; `where` tells units apart. */
static bool survives(const struct disk_choice *choice, enum disk_keeps keeps, uint64_t what,
                     uint64_t where, size_t i, size_t count)
{
    switch (keeps) {
    case DISK_ALL:
        return true;
    case DISK_BEGINNING: /* the last of them is torn: some of its units */
        i += chance(choice, what, 0, 2) == 1 && chance(choice, what, where + 1, 2) == 1;
        return i < chance(choice, what, UINT64_MAX, count + 1);
    case DISK_ANY:
        return i < chance(choice, what, where + 1, count + 1);
    case DISK_BUT_ONE:
        return i != chance(choice, what, UINT64_MAX, count);
    case DISK_ONE:
        return i == chance(choice, what, UINT64_MAX, count);
    case DISK_NOTHING:
    case DISK_WAYS:
        return false;
    }
    return false;
}

/* ---- a file as it may be */

/* Of a unit that a write by O_DSYNC covers, the last one there is: changes before it are there. */
static size_t first_loose(const struct disk *disk, const struct file *file, uint64_t from,
                          uint64_t to)
{
    for (size_t i = file->pending.count; i-- > 0;) {
        const struct record_event *event = event_at(disk, file->pending.items[i]);
        if (event->is_durable && event->at < to && event->at + event->size > from)
            return i + 1;
    }
    return 0;
}

static void apply_unit(struct content *c, const struct record_event *event, uint64_t from,
                       uint64_t to)
{
    uint64_t begin = event->at > from ? event->at : from;
    uint64_t end = event->at + event->size < to ? event->at + event->size : to;
    if (begin < end)
        memcpy(c->bytes + begin, event->bytes + (begin - event->at), end - begin);
}

/* The sizes that the file had: chosen apart from its bytes. */
static uint64_t choose_size(const struct disk *disk, const struct disk_choice *choice,
                            const struct file *file, uint32_t node, enum disk_keeps keeps)
{
    uint64_t size = file->synced.size, chosen = size;
    for (size_t i = 0; i < file->pending.count; i++) {
        const struct record_event *event = event_at(disk, file->pending.items[i]);
        bool is_cut = event->kind == RECORD_SIZE;
        uint64_t end = event->at + event->size;
        size = is_cut ? event->size : end > size ? end : size;
        if (event->is_durable || survives(choice, keeps, node, 0, i, file->pending.count))
            chosen = size;
    }
    return chosen;
}

static void apply_pending(const struct disk *disk, const struct disk_choice *choice,
                          const struct file *file, uint32_t node, struct content *c)
{
    enum disk_keeps keeps = choice->is_process ? DISK_ALL : choice->bytes;
    uint32_t unit = keeps == DISK_ALL ? UINT32_MAX : choice->unit;
    for (size_t i = 0; i < file->pending.count; i++) {
        const struct record_event *event = event_at(disk, file->pending.items[i]);
        if (event->kind == RECORD_SIZE) {
            content_resize(c, event->size); /* what is cut away does not come back */
            continue;
        }
        content_room(c, event->at + event->size);
        for (uint64_t from = event->at / unit * unit; from < event->at + event->size;
             from += unit) {
            size_t loose = first_loose(disk, file, from, from + unit);
            if (i < loose || survives(choice, keeps, node, from / unit + 1, i, file->pending.count))
                apply_unit(c, event, from, from + unit);
        }
    }
    content_resize(c, choose_size(disk, choice, file, node, keeps));
}

static struct content content_of(const struct disk *disk, const struct disk_choice *choice,
                                 uint32_t node)
{
    const struct file *file = &disk->files[node];
    struct content c = {.changed_ns = file->synced.changed_ns};
    content_room(&c, file->synced.room);
    if (c.room > 0)
        memcpy(c.bytes, file->synced.bytes, c.room);
    apply_pending(disk, choice, file, node, &c);
    if (file->pending.count > 0)
        c.changed_ns = event_at(disk, file->pending.items[file->pending.count - 1])->changed_ns;
    return c;
}

/* ---- mdbx.dat and mdbx.lck */

static bool become_lock(const struct record *r, const struct disk_choice *choice, uint32_t node,
                        struct content *c)
{
    enum { GONE, EMPTY, OLD, JUNK, WAYS };
    size_t way = chance(choice, node, 7, WAYS);
    content_resize(c, 0);
    if (way == OLD && r->lock_size > 0) {
        content_room(c, r->lock_size);
        content_resize(c, r->lock_size);
        memcpy(c->bytes, r->lock, r->lock_size);
    }
    if (way == JUNK) {
        struct test_random random = {choice->seed};
        content_room(c, 2 * CONTENT_BLOCK);
        content_resize(c, 2 * CONTENT_BLOCK);
        test_fill(&random, c->bytes, c->size);
    }
    return way != GONE;
}

/* ---- the tree */

struct building {
    const struct disk *disk;
    const struct disk_choice *choice;
    struct list entries; /* pairs of an event that made a name, and the node */
};

static struct record_name name_of(const struct record_event *event)
{
    return event->kind == RECORD_RENAME ? event->to : event->name;
}

static void drop_name(struct building *b, struct record_name name)
{
    struct list *l = &b->entries;
    for (size_t i = 0; i < l->count; i++)
        if (is_same(name_of(event_at(b->disk, l->items[i])), name))
            l->items[i--] = l->items[--l->count];
}

static bool names_node(const struct building *b, const struct record_event *change)
{
    for (size_t i = 0; i < b->entries.count; i++) {
        const struct record_event *event = event_at(b->disk, b->entries.items[i]);
        if (is_same(name_of(event), change->name) && event->node == change->node)
            return true;
    }
    return false;
}

/* A change that is lost takes later ones of the same names along. */
static void replay_names(struct building *b)
{
    const struct disk *disk = b->disk;
    struct list lost = {0};
    size_t loose = 0, count = 0;
    enum disk_keeps keeps = b->choice->is_process ? DISK_ALL : b->choice->names;
    for (size_t i = 0; i < disk->names.count; i++)
        count += !disk->is_name_synced[disk->names.items[i]];
    for (size_t i = 0; i < disk->names.count; i++) {
        size_t number = disk->names.items[i];
        const struct record_event *event = event_at(disk, number);
        bool is_there = disk->is_name_synced[number] ||
                        survives(b->choice, keeps, UINT32_MAX, number, loose, count);
        loose += !disk->is_name_synced[number];
        for (size_t k = 0; k < lost.count; k++)
            is_there = is_there && !share_a_name(event, event_at(disk, lost.items[k]));
        if (!is_there) {
            append(&lost, number);
            continue;
        }
        bool is_known = event->kind == RECORD_CREATE || names_node(b, event);
        drop_name(b, event->name);
        if (event->kind == RECORD_RENAME)
            drop_name(b, event->to);
        if (event->kind != RECORD_REMOVE && is_known)
            append(&b->entries, number);
    }
    free(lost.items);
}

/* The answer is a hash of what is in it. */
static uint64_t write_file(const struct building *b, uint32_t node, const char *name,
                           const char *path)
{
    struct file *file = &b->disk->files[node];
    uint64_t *known = &file->hashes[b->choice->is_process];
    if (path == NULL && file->pending.count == 0 && *known != 0)
        return *known;
    struct content c = content_of(b->disk, b->choice, node);
    bool is_there = path != NULL, is_lock = strcmp(name, "mdbx.lck") == 0;
    if (strcmp(name, "mdbx.dat") == 0 && !b->choice->is_process)
        content_boot_again(&c);
    if (is_lock && is_there)
        is_there = become_lock(b->disk->record, b->choice, node, &c);
    if (is_there) {
        struct timespec times[2] = {{.tv_nsec = UTIME_OMIT},
                                    {c.changed_ns / 1000000000, c.changed_ns % 1000000000}};
        int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
        assert_true(fd >= 0);
        content_write(&c, fd);
        assert_int_equal(futimens(fd, times), 0);
        close(fd);
    }
    uint64_t hash = is_lock ? 1 : content_hash(&c);
    free(c.bytes);
    if (file->pending.count == 0)
        *known = hash;
    return hash;
}

/* Its hash does not depend on the order of the names. */
static uint64_t write_directory(const struct building *b, uint32_t directory, const char *path)
{
    uint64_t sum = 1;
    for (size_t i = 0; i < b->entries.count; i++) {
        const struct record_event *event = event_at(b->disk, b->entries.items[i]);
        struct record_name name = name_of(event);
        uint64_t hash = 0;
        char below[PATH_MAX];
        if (name.directory != directory)
            continue;
        if (path != NULL)
            snprintf(below, sizeof below, "%s/%s", path, name.name);
        hash_bytes(&hash, name.name, strlen(name.name));
        if (!b->disk->record->nodes[event->node].is_directory) {
            hash_word(&hash, write_file(b, event->node, name.name, path != NULL ? below : NULL));
        } else {
            assert_true(path == NULL || mkdir(below, 0755) == 0);
            hash_word(&hash, write_directory(b, event->node, path != NULL ? below : NULL));
        }
        sum += hash;
    }
    return sum;
}

uint64_t disk_write(const struct disk *disk, const struct disk_choice *choice, const char *path)
{
    struct building b = {.disk = disk, .choice = choice};
    if (path != NULL && test_exists(path))
        test_folder_remove(path);
    assert_true(path == NULL || mkdir(path, 0755) == 0);
    replay_names(&b);
    uint64_t hash = write_directory(&b, 0, path);
    free(b.entries.items);
    return hash ^ choice->is_process;
}
