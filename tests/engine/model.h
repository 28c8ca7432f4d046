/*
 * engine/model.h - what a database ought to hold: the truth of the model check
 *
 * Keys and values come from sorted dictionaries, so a tree is a table of booleans: is the pair of
 * the i-th key and the j-th value there? The order of pairs is the order of the table's cells, and
 * a cursor is a cell number. There is nothing in it to get wrong.
 */
#ifndef MIA_TEST_ENGINE_MODEL_H
#define MIA_TEST_ENGINE_MODEL_H

#include "mia/db.h"
#include "support/random.h"

enum {
    MODEL_KEYS = 200, /* at most */
    MODEL_VALUES = 12,
    MODEL_CELLS = MODEL_KEYS * MODEL_VALUES,
    MODEL_TREES = 3,
    MODEL_MULTI_TREE = 2, /* the others are plain */
    MODEL_NONE = -1
};

/* How keys look; each has hurt some storage engine. */
enum model_keys { KEYS_DENSE, KEYS_SHARED_PREFIXES, KEYS_LONG, KEYS_OF_MARKS, KEYS_KINDS };
const char *model_keys_name(enum model_keys kind);

struct dictionary {
    mia_slice keys[MODEL_KEYS]; /* ascending */
    size_t key_count;
    mia_slice plain_values[MODEL_VALUES], multi_values[MODEL_VALUES]; /* these ascending */
    uint8_t *bytes;                                                   /* of all of them */
};
void dictionary_make(struct dictionary *dict, enum model_keys kind, struct test_random *r);
void dictionary_free(struct dictionary *dict);
/* The index of the first key that is not below probe. */
size_t dictionary_find(const struct dictionary *dict, mia_slice probe);

struct model {
    bool trees[MODEL_TREES][MODEL_CELLS]; /* cell = key * MODEL_VALUES + value */
};

static inline int model_key(int cell)
{
    return cell / MODEL_VALUES;
}

/* The first or last cell that is there in [low, high); MODEL_NONE. */
int model_up(const struct model *model, size_t tree, int low, int high);
int model_down(const struct model *model, size_t tree, int low, int high);
uint64_t model_count(const struct model *model, size_t tree, int low, int high);
void model_put(struct model *model, size_t tree, int key, int value);
void model_clear(struct model *model, size_t tree, int low, int high);

/* Where a cursor is. */
struct walk {
    size_t tree;
    int low, high; /* the cells that it may see */
    enum walk_state {
        WALK_FRESH,
        WALK_ON,      /* the cell, which may be gone meanwhile */
        WALK_BEFORE,  /* in front of the first */
        WALK_AFTER,   /* behind the last */
        WALK_BATCHED, /* behind the cell: relative moves are not allowed */
        WALK_LOST     /* nobody says: the same */
    } state;
    int cell;
};

/* Where a move leads. target: of SEEK and SEEK_MULTI, the first cell that is not below what is
 * sought. */
int model_move(const struct model *model, struct walk *walk, enum mia_move move, int target);
/* The next pair of a batch. */
int model_batch_next(const struct model *model, struct walk *walk);

#endif
