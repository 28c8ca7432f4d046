/* engine/model.c - dictionaries, tables of booleans, cell numbers */
#include "engine/model.h"

#include <stdio.h>
#include <stdlib.h>

enum { LONGEST_KEY = 900, LONGEST_MULTI = 700, LONGEST_PLAIN = 9000 };

const char *model_keys_name(enum model_keys kind)
{
    static const char *const names[] = {"dense", "shared prefixes", "long", "marks"};
    return names[kind];
}

static size_t make_key(enum model_keys kind, size_t i, struct test_random *r, uint8_t *to)
{
    static const uint8_t marks[] = {0x00, 0x01, 0xff};
    size_t size = 0;
    switch (kind) {
    case KEYS_DENSE:
        to[0] = (uint8_t)(i / 20);
        to[1] = (uint8_t)(i % 20);
        return 2;
    case KEYS_SHARED_PREFIXES:
        return (size_t)sprintf((char *)to, "user/%03zu/item/%zu", test_below(r, 12),
                               test_below(r, 40));
    case KEYS_LONG:
        size = 250 + test_below(r, LONGEST_KEY - 250);
        memset(to, 'x', size);
        test_fill(r, to + size - 8, 8);
        return size;
    case KEYS_OF_MARKS:
    case KEYS_KINDS:
    default:
        size = test_below(r, 6);
        for (i = 0; i < size; i++)
            to[i] = marks[test_below(r, sizeof marks)];
        return size;
    }
}

static int by_bytes(const void *a, const void *b)
{
    return mia_slice_compare(*(const mia_slice *)a, *(const mia_slice *)b);
}

void dictionary_make(struct dictionary *dict, enum model_keys kind, struct test_random *r)
{
    uint8_t *at = dict->bytes =
        malloc(MODEL_KEYS * LONGEST_KEY + MODEL_VALUES * (LONGEST_MULTI + LONGEST_PLAIN));
    if (at == NULL)
        abort();
    for (size_t i = 0; i < MODEL_KEYS; i++) {
        dict->keys[i] = (mia_slice){at, make_key(kind, i, r, at)};
        at += dict->keys[i].size;
    }
    qsort(dict->keys, MODEL_KEYS, sizeof dict->keys[0], by_bytes);
    dict->key_count = 0;
    for (size_t i = 0; i < MODEL_KEYS; i++)
        if (i == 0 || !mia_slice_equal(dict->keys[i], dict->keys[dict->key_count - 1]))
            dict->keys[dict->key_count++] = dict->keys[i];
    for (size_t i = 0; i < MODEL_VALUES; i++) { /* the first byte keeps the order */
        size_t size = i == 0 ? 0 : 1 + test_below(r, i % 3 == 0 ? LONGEST_MULTI : 20);
        test_fill(r, at, size);
        at[0] = (uint8_t)(i * 21);
        dict->multi_values[i] = (mia_slice){at, size};
        at += size;
        size = test_below(r, i % 3 == 0 ? LONGEST_PLAIN : 100);
        test_fill(r, at, size);
        dict->plain_values[i] = (mia_slice){at, size};
        at += size;
    }
}

void dictionary_free(struct dictionary *dict)
{
    free(dict->bytes);
}

size_t dictionary_find(const struct dictionary *dict, mia_slice probe)
{
    size_t i = 0;
    while (i < dict->key_count && mia_slice_compare(dict->keys[i], probe) < 0)
        i++;
    return i;
}

int model_up(const struct model *model, size_t tree, int low, int high)
{
    for (int cell = low; cell < high; cell++)
        if (model->trees[tree][cell])
            return cell;
    return MODEL_NONE;
}

int model_down(const struct model *model, size_t tree, int low, int high)
{
    for (int cell = high; cell > low; cell--)
        if (model->trees[tree][cell - 1])
            return cell - 1;
    return MODEL_NONE;
}

uint64_t model_count(const struct model *model, size_t tree, int low, int high)
{
    uint64_t count = 0;
    for (int cell = low; cell < high; cell++)
        count += model->trees[tree][cell];
    return count;
}

void model_clear(struct model *model, size_t tree, int low, int high)
{
    for (int cell = low; cell < high; cell++)
        model->trees[tree][cell] = false;
}

void model_put(struct model *model, size_t tree, int key, int value)
{
    int first = key * MODEL_VALUES;
    if (tree != MODEL_MULTI_TREE)
        model_clear(model, tree, first, first + MODEL_VALUES);
    model->trees[tree][first + value] = true;
}

static int inside(int cell, int low, int high)
{
    return cell < low ? low : cell > high ? high : cell;
}

/* The cells of the walk's key, as far as the cursor may see. */
static int key_begin(const struct walk *walk)
{
    return inside(model_key(walk->cell) * MODEL_VALUES, walk->low, walk->high);
}

static int key_end(const struct walk *walk)
{
    return inside((model_key(walk->cell) + 1) * MODEL_VALUES, walk->low, walk->high);
}

static int move_within_key(const struct model *model, const struct walk *walk, enum mia_move move)
{
    if (walk->state != WALK_ON)
        return MODEL_NONE;
    if (move == MIA_MOVE_NEXT_SAME)
        return model_up(model, walk->tree, walk->cell + 1, key_end(walk));
    return model_down(model, walk->tree, key_begin(walk),
                      move == MIA_MOVE_PREV_SAME ? walk->cell : key_end(walk));
}

/* Up by one pair, or (by_key, and always in plain trees) by one key. */
static int move_up(const struct model *model, const struct walk *walk, bool by_key)
{
    if (walk->state == WALK_AFTER)
        return MODEL_NONE;
    if (walk->state != WALK_ON)
        return model_up(model, walk->tree, walk->low, walk->high);
    by_key = by_key || walk->tree != MODEL_MULTI_TREE;
    return model_up(model, walk->tree, by_key ? key_end(walk) : walk->cell + 1, walk->high);
}

static int move_down(const struct model *model, const struct walk *walk)
{
    if (walk->state == WALK_BEFORE)
        return MODEL_NONE;
    if (walk->state != WALK_ON)
        return model_down(model, walk->tree, walk->low, walk->high);
    bool by_key = walk->tree != MODEL_MULTI_TREE;
    return model_down(model, walk->tree, walk->low, by_key ? key_begin(walk) : walk->cell);
}

static int find(const struct model *model, const struct walk *walk, enum mia_move move, int target)
{
    int low = walk->low, high = walk->high;
    switch (move) {
    case MIA_MOVE_FIRST:
        return model_up(model, walk->tree, low, high);
    case MIA_MOVE_LAST:
        return model_down(model, walk->tree, low, high);
    case MIA_MOVE_SEEK:
        return model_up(model, walk->tree, inside(target, low, high), high);
    case MIA_MOVE_SEEK_MULTI:
        if (target < low || target >= high)
            return MODEL_NONE;
        return model_up(model, walk->tree, target, (model_key(target) + 1) * MODEL_VALUES);
    case MIA_MOVE_NEXT:
    case MIA_MOVE_NEXT_KEY:
        return move_up(model, walk, move == MIA_MOVE_NEXT_KEY);
    case MIA_MOVE_PREV:
        return move_down(model, walk);
    case MIA_MOVE_NEXT_SAME:
    case MIA_MOVE_PREV_SAME:
    case MIA_MOVE_LAST_SAME:
    default:
        return move_within_key(model, walk, move);
    }
}

int model_move(const struct model *model, struct walk *walk, enum mia_move move, int target)
{
    int cell = find(model, walk, move, target);
    if (cell != MODEL_NONE) {
        walk->cell = cell;
        walk->state = WALK_ON;
    } else if (move == MIA_MOVE_SEEK_MULTI) {
        walk->state = WALK_LOST;
    } else if (move == MIA_MOVE_LAST || move == MIA_MOVE_PREV) {
        walk->state = WALK_BEFORE;
    } else if (move < MIA_MOVE_NEXT_SAME || move == MIA_MOVE_NEXT_KEY) {
        walk->state = WALK_AFTER;
    }
    return cell;
}

int model_batch_next(const struct model *model, struct walk *walk)
{
    int from = walk->low;
    if (walk->state == WALK_ON)
        from = key_begin(walk);
    else if (walk->state == WALK_BATCHED)
        from = key_end(walk);
    int cell =
        walk->state == WALK_AFTER ? MODEL_NONE : model_up(model, walk->tree, from, walk->high);
    walk->state = WALK_BATCHED;
    walk->cell = cell != MODEL_NONE ? cell : MODEL_CELLS;
    return cell;
}
