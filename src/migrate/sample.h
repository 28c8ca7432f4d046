/*
 * migrate/sample.h - the content of a sample database, made block by block
 *
 * A block is one conversation: a chat, its messages, summaries, attachments and entities, a page it
 * cites, the edges between them and the embeddings of some. What refers to what stays within a
 * block, so that memory does not grow with the database. The one exception is MIA's own: a set of
 * its structural index, such as all messages, is one value, about 41 bytes a member.
 *
 * Everything follows from the seed. All functions but mia__sample_init and _free do nothing after a
 * failure, which sticks in `status`.
 */
#ifndef MIA_MIGRATE_SAMPLE_H
#define MIA_MIGRATE_SAMPLE_H

#include "bincode/write.h"

enum mia__sample_tree {
    MIA__SAMPLE_NODES,
    MIA__SAMPLE_EDGES,
    MIA__SAMPLE_EMBEDDINGS,
    MIA__SAMPLE_STRUCTURAL,
    MIA__SAMPLE_OUTGOING,
    MIA__SAMPLE_INCOMING,
    MIA__SAMPLE_TREES
};

enum {
    MIA__SAMPLE_ID = 48,      /* bytes of an id with its NUL, at most */
    MIA__SAMPLE_KEY = 128,    /* of a key of the index trees */
    MIA__SAMPLE_TEXT = 16384, /* of a text */
    MIA__SAMPLE_MESSAGES = 40,
    MIA__SAMPLE_MENTIONS = 3, /* entities that one message names */
    MIA__SAMPLE_ENTITIES = 8,
    MIA__SAMPLE_SETS = 48,
    /* Two for every edge, up to two for a message or what hangs on it, one for each entity, page.
     */
    MIA__SAMPLE_POSTINGS =
        MIA__SAMPLE_MESSAGES * (2 * (1 + MIA__SAMPLE_MENTIONS) + 3) + MIA__SAMPLE_ENTITIES + 1
};

/* Finished pairs, not yet in the database: { u32 key size, u32 value size, key, value }*. */
struct mia__sample_pairs {
    struct mia__buf bytes;
    uint64_t count;
};

/* A set of MIA's structural index that goes on through the whole database. */
struct mia__sample_set {
    char key[MIA__SAMPLE_KEY];
    uint64_t count;
    struct mia__buf members; /* bincode strings */
};

/* A member of a set that ends with its block. */
struct mia__sample_posting {
    enum mia__sample_tree tree;
    size_t order; /* of arrival: makes sorting exact */
    char key[MIA__SAMPLE_KEY];
    char member[MIA__SAMPLE_ID];
};

struct mia__sample {
    uint64_t seed;
    struct mia_error *err;
    mia_status status;
    uint64_t records; /* pairs made so far, the sets to come included */
    struct mia__sample_pairs pairs[MIA__SAMPLE_TREES];
    struct mia__sample_set sets[MIA__SAMPLE_SETS];
    size_t set_count;
    struct mia__sample_posting postings[MIA__SAMPLE_POSTINGS];
    size_t posting_count;
    char text[MIA__SAMPLE_TEXT];
};

/* The tree's name in a MIA database. */
const char *mia__sample_tree_name(enum mia__sample_tree tree);

/* s is uninitialised memory; free it with mia__sample_free, also after a failure. */
void mia__sample_init(struct mia__sample *s, uint64_t seed, struct mia_error *err);
void mia__sample_free(struct mia__sample *s);

/* Adds the conversation of this number, if with it there are no more than max_records records in
 * all. False: there would be, and nothing was added. */
bool mia__sample_add_block(struct mia__sample *s, uint64_t number, uint64_t max_records);
/* Adds the embedding of a record of another database, the number-th of these. */
void mia__sample_add_embedding(struct mia__sample *s, uint64_t number);
/* Turns the sets that go through the whole database into pairs: once, behind the last block. */
void mia__sample_add_sets(struct mia__sample *s);

/* ---- sample_index.c: pairs and sets ---- */

/* A pair under construction in a tree's buffer. */
struct mia__sample_pair {
    struct mia__sample_pairs *to;
    size_t header; /* where in it the pair begins */
    struct mia__bincode_writer value;
};
struct mia__sample_pair mia__sample_begin(struct mia__sample *s, enum mia__sample_tree tree,
                                          const char *key);
void mia__sample_end(struct mia__sample *s, struct mia__sample_pair *pair);

/* Puts id into the set prop:{property}:{value}, which other blocks share. */
void mia__sample_share(struct mia__sample *s, const char *property, const char *value,
                       const char *id);
/* Puts id into a set that ends with the block. property NULL: the key is in:{value}. */
void mia__sample_post(struct mia__sample *s, enum mia__sample_tree tree, const char *property,
                      const char *value, const char *id);
/* Turns the postings of the block into pairs. */
void mia__sample_write_postings(struct mia__sample *s);

/* ---- sample_text.c: ids, numbers, words ---- */

struct mia__sample_random {
    uint64_t state;
};
/* A sequence of its own for each (seed, part, number). */
struct mia__sample_random mia__sample_seed(uint64_t seed, uint64_t part, uint64_t number);
uint64_t mia__sample_next(struct mia__sample_random *random);
/* low..high, both included. */
uint32_t mia__sample_between(struct mia__sample_random *random, uint32_t low, uint32_t high);
/* Writes prefix and a UUID that follows from seed, prefix, block and index; returns out. */
char *mia__sample_id(char out[MIA__SAMPLE_ID], uint64_t seed, const char *prefix, uint64_t block,
                     uint32_t index);
/* Sentences of about this many words, several scripts, cut at the end of a word; the slice is in
 * text. */
mia_slice mia__sample_sentences(struct mia__sample_random *random, char text[MIA__SAMPLE_TEXT],
                                uint32_t words);
/* JSON as MIA stored it: compact, keys in byte order; also {} and nested values. */
mia_slice mia__sample_metadata(struct mia__sample_random *random, char *text, size_t size);

#endif
