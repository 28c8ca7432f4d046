/* crash/explore.c - states chosen, counted, judged */
#include "crash/explore.h"

#include "crash/calls.h"
#include "crash/disk.h"
#include "support/check.h"

#include <errno.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { CHAINS = 1, KILLED = 1 }; /* all takes ten times as long */
#else
enum { CHAINS = 10 /* of 100 moments */, KILLED = 8 };
#endif

/* Hashes of the states so far: open addressing, 0 is free. */
struct seen {
    uint64_t *hashes;
    size_t count, room;
};

static bool see(struct seen *seen, uint64_t hash)
{
    if (seen->count * 2 >= seen->room) {
        struct seen larger = {.room = seen->room ? 2 * seen->room : 1024};
        larger.hashes = calloc(larger.room, sizeof *larger.hashes);
        assert_non_null(larger.hashes);
        for (size_t i = 0; i < seen->room; i++)
            if (seen->hashes[i] != 0)
                see(&larger, seen->hashes[i]);
        free(seen->hashes);
        *seen = larger;
    }
    hash += hash == 0;
    size_t at = (size_t)hash % seen->room;
    while (seen->hashes[at] != 0 && seen->hashes[at] != hash)
        at = (at + 1) % seen->room;
    bool is_new = seen->hashes[at] == 0;
    seen->hashes[at] = hash;
    seen->count += is_new;
    return is_new;
}

struct exploration {
    struct site *site;
    const struct deed *deed;
    struct test_random random;
    struct seen seen;
    struct explored *out;
};

static bool is_recording;

bool explore_is_recording(void)
{
    return is_recording;
}

/* ---- one state */

/* The telling ones first, then anything. */
static struct disk_choice choose(struct exploration *x, size_t i)
{
    static const struct disk_choice first[] = {
        {.bytes = DISK_NOTHING, .names = DISK_NOTHING, .unit = 4096},
        {.bytes = DISK_NOTHING, .names = DISK_ALL, .unit = 4096},
        {.bytes = DISK_ALL, .names = DISK_NOTHING, .unit = 4096},
        {.bytes = DISK_ALL, .names = DISK_ALL, .unit = 4096},
        {.is_process = true, .unit = 4096},
    };
    struct disk_choice choice = {.bytes = (enum disk_keeps)test_below(&x->random, DISK_WAYS),
                                 .names = (enum disk_keeps)test_below(&x->random, DISK_WAYS),
                                 .unit = test_below(&x->random, 2) ? 512 : 4096};
    if (i < LENGTH(first))
        choice = first[i];
    else if (i % 2 == 0)
        choice.names = DISK_ALL; /* else little of the bytes would be seen */
    choice.seed = test_random(&x->random);
    return choice;
}

static void complain(const struct exploration *x, const struct record *r, size_t moment,
                     const struct disk_choice *choice, const char *why)
{
    static const char *const keeps[] = {"nothing", "all", "beginning", "any", "all but one", "one"};
    static const char *const kinds[] = {"write", "size", "sync", "create", "remove", "rename"};
    print_error("%s: stopped behind call %zu of %zu, bytes: %s, names: %s, units of %u%s: %s\n",
                x->deed->name, moment - r->begin, r->count - r->begin, keeps[choice->bytes],
                keeps[choice->names], choice->unit, choice->is_process ? ", process" : "", why);
    if (x->site->error.status != MIA_OK)
        print_error("    %s\n", x->site->error.message);
    for (size_t i = moment > r->begin + 6 ? moment - 6 : r->begin; i < moment; i++) {
        const struct record_event *e = &r->events[i];
        print_error("    %zu: %s of %u %s %s at %" PRIu64 ", %" PRIu64 " bytes\n", i - r->begin,
                    kinds[e->kind], e->node, e->name.name ? e->name.name : "",
                    e->to.name ? e->to.name : "", e->at, e->size);
    }
}

/* True if it was a new one. */
static bool look(struct exploration *x, const struct record *r, const struct disk *disk,
                 size_t moment, const struct disk_choice *choice)
{
    x->site->error = (struct mia_error){0};
    if (!see(&x->seen, disk_write(disk, choice, NULL)))
        return false;
    disk_write(disk, choice, x->site->disk);
    x->out->states++;
    const char *why = x->deed->judge(x->site, &x->random);
    if (why == NULL)
        why = site_check_sources(x->site);
    if (why == NULL)
        return true;
    if (x->out->bad++ < 5)
        complain(x, r, moment, choice, why);
    return true;
}

/* ---- all of them */

static void explore_record(struct exploration *x, const struct record *r, uint64_t states,
                           bool is_chained);

/* The going on is itself recorded, and stopped. */
static void explore_again(struct exploration *x, const struct disk *disk)
{
    enum { STATES = 6 };
    struct record again;
    struct disk_choice choice = choose(x, SIZE_MAX);
    disk_write(disk, &choice, x->site->disk);
    record_begin(&again, x->site->disk);
    x->deed->judge(x->site, &x->random);
    record_end(&again);
    if (again.count > again.begin)
        explore_record(x, &again, STATES, true);
    record_free(&again);
}

static void explore_record(struct exploration *x, const struct record *r, uint64_t states,
                           bool is_chained)
{
    enum { MOST_TRIES = 8 };
    struct disk *disk = disk_open(r);
    size_t moment = r->begin, moments = r->count - r->begin + 1;
    uint64_t found = 0;
    do {
        uint64_t left = r->count - moment + 1, wanted = (states - found + left - 1) / left;
        bool is_turn = test_below(&x->random, left) < states - found; /* fewer than moments */
        for (size_t i = 0; is_turn && wanted > 0 && i < MOST_TRIES + 3 * wanted; i++) {
            struct disk_choice choice = choose(x, is_chained ? SIZE_MAX : i);
            if (!look(x, r, disk, moment, &choice))
                continue;
            found++;
            if (--wanted == 0 || found == states)
                break;
        }
        if (!is_chained && test_below(&x->random, 100) < CHAINS) {
            explore_again(x, disk);
            x->out->chained++;
        }
        moment++;
    } while (found < states && disk_step(disk));
    x->out->moments += moments;
    disk_close(disk);
}

/* ---- the process killed, the command run again, and then the machine stops: what the first had
 * not synced is not on disk, however long it is there */

static _Atomic uint64_t calls_left; /* the deed has threads */

static bool fail_from_then_on(enum calls_kind kind, size_t *size)
{
    (void)size;
    if (kind != CALLS_WRITE && kind != CALLS_CHANGE)
        return false;
    uint64_t left = atomic_load(&calls_left);
    while (left > 0 && !atomic_compare_exchange_weak(&calls_left, &left, left - 1))
        continue;
    errno = EIO;
    return left <= 1;
}

static void make_disk(struct site *s, const struct deed *deed)
{
    if (test_exists(s->disk))
        test_folder_remove(s->disk);
    assert_int_equal(mkdir(s->disk, 0755), 0);
    deed->prepare(s);
}

static void explore_killed(struct exploration *x, uint64_t calls, uint64_t states)
{
    struct record r;
    enum mia_failure failure;
    make_disk(x->site, x->deed);
    record_begin(&r, x->site->disk);
    atomic_store(&calls_left, 1 + test_below(&x->random, calls));
    calls_fault = fail_from_then_on;
    x->deed->run(x->site, &failure);
    calls_fault = NULL;
    size_t killed = r.count;
    x->deed->judge(x->site, &x->random);
    record_end(&r);
    r.begin = killed;
    explore_record(x, &r, states, true);
    record_free(&r);
}

void explore(struct site *s, const struct deed *deed, uint64_t states, uint64_t seed,
             struct explored *out)
{
    struct record r;
    struct exploration x = {.site = s, .deed = deed, .random = {seed}, .out = out};
    *out = (struct explored){0};
    make_disk(s, deed);
    record_begin(&r, s->disk);
    is_recording = true;
    enum mia_failure failure = MIA_FAILURE_NONE;
    site_must(s, deed->run(s, &failure));
    is_recording = false;
    record_end(&r);
    explore_record(&x, &r, states, false);
    for (int i = 0; i < KILLED; i++)
        explore_killed(&x, r.count - r.begin, states / (2 * KILLED));
    record_free(&r);
    free(x.seen.hashes);
}
