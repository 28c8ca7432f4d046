/* ab/listing.c - a trace as text */
#include "ab/listing.h"

#include "support/check.h"
#include "support/folder.h"

#include <stdio.h>
#include <stdlib.h>

static void say(struct listing *l, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void say(struct listing *l, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    if (l->capacity - l->size < 4096) {
        l->capacity = 2 * l->capacity + 8192;
        l->text = realloc(l->text, l->capacity);
        assert_non_null(l->text);
    }
    l->size += (size_t)vsnprintf(l->text + l->size, 4096, format, args);
    va_end(args);
}

static const char *const kinds[] = {
#define KIND(code, number, text) [number] = #code,
    MIA__TRACE_EVENT_MAP(KIND)
#undef KIND
};

static void say_bytes(struct listing *l, const char *name, mia_slice bytes)
{
    say(l, " %s=", name);
    for (size_t i = 0; i < bytes.size && i < 200; i++)
        say(l, "%02x", ((const uint8_t *)bytes.data)[i]);
    if (bytes.size >= 200)
        say(l, "...%zu", bytes.size);
}

mia_status list(mia_slice file, struct listing *l, struct mia__trace_reader *r)
{
    struct mia__trace_event e;
    mia_status rc = mia__trace_read_begin(r, file, "test", ERR);
    while (rc == MIA_OK && (rc = mia__trace_read_next(r, &e, ERR)) == MIA_OK) {
        l->events++;
        say(l, "%s thread %u txn %llu tree %u extra %llu size %llu", kinds[e.kind] + 11, e.thread,
            (unsigned long long)e.txn, e.tree, (unsigned long long)e.extra,
            (unsigned long long)e.value_size);
        say_bytes(l, "key", e.key);
        say_bytes(l, "name", e.name);
        say_bytes(l, "value", e.value);
        say(l, "\n");
    }
    return rc;
}

struct recording recording_read(const char *folder, const char *name)
{
    struct recording rec = {0};
    char path[TEST_PATH];
    test_path(path, folder, name);
    rec.bytes = test_file_read(path, &rec.file.size);
    rec.file.data = rec.bytes;
    ANSWERS(list(rec.file, &rec.listing, &rec.reader), MIA_NOTFOUND);
    return rec;
}

void recording_free(struct recording *rec)
{
    free(rec->listing.text);
    free(rec->bytes);
}
