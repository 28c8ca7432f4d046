/*
 * plant.h - databases that differ in known places
 *
 * Two copies of one migrated database; each plant changes one of them behind the library's back and
 * writes down what a verification must say of it.
 */
#ifndef MIA_TEST_PLANT_H
#define MIA_TEST_PLANT_H

#include "lines.h"
#include "mia/mia.h"
#include "raw/raw.h"
#include "support/folder.h"
#include "support/random.h"

/* A sanitizer makes everything several times slower: fewer rounds of the same. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { ROUNDS_SHARE = 4 };
#else
enum { ROUNDS_SHARE = 1 };
#endif

struct key {
    size_t tree; /* number of its name */
    mia_slice key;
    bool is_used; /* a plant is there */
};

/* Two databases that are the same to begin with: [0] the source, [1] the target. */
struct field {
    char folder[TEST_PATH], origin[TEST_PATH], base[TEST_PATH], sides[2][TEST_PATH];
    bool is_typed;
    struct key *keys; /* of the base, by tree and key */
    size_t key_count;
    char **names; /* of its trees */
    size_t *name_sizes, name_count;
    struct test_random random;
    mia_db *db[2]; /* while plants are made */
    mia_txn *txn[2];
    struct mia__raw raw[2];
    mia_encoder *encoder;
    struct lines wanted;
};

/* A sample of MIA's (typed) or trees and keys of any kind (raw), migrated: origin is the sled
 * directory, base what came of it. */
void field_make(struct field *f, bool is_typed, uint64_t records, uint64_t seed);
void field_free(struct field *f);
/* The same as the set-up and tear-down of a test, with the field as its state. */
int field_setup(void **state, bool is_typed, uint64_t records, uint64_t seed);
int field_teardown(void **state);
/* Both sides are copies of the base again; wanted is empty. */
void field_reset(struct field *f);
void field_copy(const char *from, const char *to); /* of a libmdbx database that nobody has open */

/* Plants between them. */
void field_open(struct field *f);
void field_close(struct field *f);

enum plant {
    PLANT_DELETE,
    PLANT_SWAP,       /* the values of two keys */
    PLANT_SAME_TWICE, /* the same new value under two keys */
    PLANT_EXTRA_PAIR, /* two new keys with one value */
    PLANT_NEW_TREE,
    PLANT_LAST_UNTYPED,
    /* records */
    PLANT_OTHER = PLANT_LAST_UNTYPED, /* another record under the same id */
    PLANT_QUARANTINED,                /* bytes that are no record, in the place of one */
    PLANT_LAST_SOUND,
    PLANT_DAMAGED = PLANT_LAST_SOUND, /* an archive that does not validate */
    PLANT_TWICE,                      /* in its table and in its quarantine */
    PLANT_DAMAGED_BOTH,
    PLANTS
};
/* Makes one at a random key that has none, or at a first or last one. */
void field_plant(struct field *f, enum plant plant, enum mia_side side);

/* verify or repair, with `found` as what it told; the answer must be MIA_OK. */
void field_verify(struct field *f, struct mia_verify_report *report, struct lines *found);
void field_repair(struct field *f, struct mia_verify_report *report, struct lines *found);
/* Both sides are the same by every measure there is, and the target is sound. */
void field_check(struct field *f);

#endif
