/*
 * migrate/sample_block.c - one conversation as MIA stores it
 *
 * Field order and variant numbers are those of MIA's models; every property that MIA indexes is
 * posted beside its record.
 */
#include "migrate/sample.h"

#include <inttypes.h>
#include <stdio.h>

#define LENGTH(a) (sizeof(a) / sizeof((a)[0]))

enum node_variant {
    NODE_CHAT = 0,
    NODE_MESSAGE = 1,
    NODE_SUMMARY = 2,
    NODE_ATTACHMENT = 3,
    NODE_ENTITY = 4,
    NODE_SCRAPED_PAGE = 6
};

enum {
    PART_BLOCK = 1, /* sequences of random numbers */
    PART_EMBEDDING = 2,
    DIMENSIONS = 384,
    MESSAGES_PER_SUMMARY = 10,
    SUMMARIES = MIA__SAMPLE_MESSAGES / MESSAGES_PER_SUMMARY
};

static const int64_t first_time_ms = 1735689600000; /* 2025-01-01 */
static const int64_t block_period_ms = 97000;

static const char *const topics[] = {"Rust",    "Storage", "Machine learning",   "Travel",
                                     "Cooking", "Music",   "Gardening",          "Physics",
                                     "Health",  "Finance", "\u65e5\u672c\u8a9e", "Gespr\u00e4che"};
static const char *const senders[] = {"user", "assistant", "system"};
static const char *const entity_types[] = {"Person",  "Organization", "Place",
                                           "Project", "Technology",   "Event"};
static const char *const mime_types[] = {"image/png", "application/pdf", "text/plain"};

/* A conversation in the making. */
struct block {
    struct mia__sample *s;
    uint64_t number;
    struct mia__sample_random random;
    int64_t begin_ms;
    uint32_t messages, summaries, edges, embeddings, attachments;
    char chat_id[MIA__SAMPLE_ID];
};

/* An id that lives until the end of the enclosing block. */
#define ID(block, prefix, index)                                                                   \
    mia__sample_id((char[MIA__SAMPLE_ID]){0}, (block)->s->seed, prefix, (block)->number, index)

static const char *pick(struct block *b, const char *const *list, size_t length)
{
    return list[mia__sample_next(&b->random) % length];
}

static struct mia__sample_pair begin_node(struct block *b, const char *id,
                                          enum node_variant variant, const char *type)
{
    mia__sample_share(b->s, "node_type", type, id);
    struct mia__sample_pair pair = mia__sample_begin(b->s, MIA__SAMPLE_NODES, id);
    mia__bincode_write_u64(&pair.value, variant);
    mia__bincode_write_str(&pair.value, mia_bytes_of(id));
    return pair;
}

static void write_text(struct mia__sample_pair *pair, const char *text)
{
    mia__bincode_write_str(&pair->value, mia_bytes_of(text));
}

static void write_sentences(struct block *b, struct mia__sample_pair *pair, uint32_t words)
{
    mia__bincode_write_str(&pair->value, mia__sample_sentences(&b->random, b->s->text, words));
}

/* The ids with this prefix from index first on, as a sequence of strings. */
static void write_ids(struct block *b, struct mia__sample_pair *pair, const char *prefix,
                      uint32_t first, uint32_t count)
{
    mia__bincode_write_u64(&pair->value, count);
    for (uint32_t i = first; i < first + count; i++)
        write_text(pair, ID(b, prefix, i));
}

/* An optional string; "" is none. */
static void write_optional(struct mia__sample_pair *pair, const char *text)
{
    mia__bincode_write_option(&pair->value, text[0] != '\0');
    if (text[0] != '\0')
        write_text(pair, text);
}

/* Metadata is the last field of every record that has it. */
static void end_with_metadata(struct block *b, struct mia__sample_pair *pair)
{
    char json[256];
    mia__bincode_write_str(&pair->value, mia__sample_metadata(&b->random, json, sizeof json));
    mia__sample_end(b->s, pair);
}

static void add_embedding(struct mia__sample *s, const char *id, struct mia__sample_random *random)
{
    /* Uniform in +-sqrt(3 / 384): vectors of about unit length. */
    const float scale = 0.08838835f / 2147483648.0f;
    struct mia__sample_pair pair = mia__sample_begin(s, MIA__SAMPLE_EMBEDDINGS, id);
    write_text(&pair, id);
    mia__bincode_write_u64(&pair.value, DIMENSIONS);
    for (int i = 0; i < DIMENSIONS; i++) {
        int32_t n = (int32_t)(mia__sample_next(random) >> 32);
        mia__bincode_write_f32(&pair.value, (float)n * scale);
    }
    write_text(&pair, "all-MiniLM-L6-v2");
    mia__sample_end(s, &pair);
}

/* One record in `one_in` gets an embedding: its id in out, else "". */
static const char *maybe_embed(struct block *b, char out[MIA__SAMPLE_ID], uint32_t one_in)
{
    if (mia__sample_between(&b->random, 1, one_in) > 1) {
        out[0] = '\0';
        return out;
    }
    mia__sample_id(out, b->s->seed, "emb_", b->number, b->embeddings++);
    add_embedding(b->s, out, &b->random);
    return out;
}

static void add_edge(struct block *b, const char *from, const char *to, const char *type,
                     int64_t time_ms)
{
    char id[MIA__SAMPLE_ID];
    mia__sample_id(id, b->s->seed, "edge_", b->number, b->edges++);
    struct mia__sample_pair pair = mia__sample_begin(b->s, MIA__SAMPLE_EDGES, id);
    write_text(&pair, id);
    write_text(&pair, from);
    write_text(&pair, to);
    write_text(&pair, type);
    mia__bincode_write_i64(&pair.value, time_ms);
    end_with_metadata(b, &pair);
    mia__sample_post(b->s, MIA__SAMPLE_OUTGOING, NULL, from, id);
    mia__sample_post(b->s, MIA__SAMPLE_INCOMING, NULL, to, id);
}

static void add_entity(struct block *b, uint32_t index)
{
    char label[64], embedding[MIA__SAMPLE_ID];
    const char *type = pick(b, entity_types, LENGTH(entity_types));
    const char *id = ID(b, "ent_", index);
    snprintf(label, sizeof label, "%s %" PRIu64 "-%" PRIu32, pick(b, topics, LENGTH(topics)),
             b->number, index);
    maybe_embed(b, embedding, 2);
    struct mia__sample_pair pair = begin_node(b, id, NODE_ENTITY, "Entity");
    write_text(&pair, label);
    write_text(&pair, type);
    write_optional(&pair, embedding);
    end_with_metadata(b, &pair);
    mia__sample_share(b->s, "entity_type", type, id);
    mia__sample_post(b->s, MIA__SAMPLE_STRUCTURAL, "label", label, id);
}

static void add_attachment(struct block *b, const char *message_id, int64_t time_ms)
{
    char path[96];
    uint32_t index = b->attachments++;
    const char *id = ID(b, "att_", index);
    const char *mime_type = pick(b, mime_types, LENGTH(mime_types));
    struct mia__sample_pair pair = begin_node(b, id, NODE_ATTACHMENT, "Attachment");
    write_text(&pair, message_id);
    write_text(&pair, mime_type);
    mia__bincode_write_i64(&pair.value, time_ms);
    write_text(&pair, "Anhang \u00fc.bin");
    mia__bincode_write_u64(&pair.value, mia__sample_next(&b->random) >> 30);
    snprintf(path, sizeof path, "/attachments/%s", id);
    write_text(&pair, path);
    bool has_text = mia__sample_between(&b->random, 0, 1) == 1;
    mia__bincode_write_option(&pair.value, has_text);
    if (has_text)
        write_sentences(b, &pair, mia__sample_between(&b->random, 20, 200));
    mia__bincode_write_u64(&pair.value, 2);
    write_text(&pair, "table");
    write_text(&pair, "\u732b");
    write_optional(&pair, "");
    end_with_metadata(b, &pair);
    mia__sample_share(b->s, "mime_type", mime_type, id);
    mia__sample_post(b->s, MIA__SAMPLE_STRUCTURAL, "message_id", message_id, id);
}

/* Most messages are a line or two, a few are pages. */
static uint32_t message_words(struct block *b)
{
    uint32_t kind = mia__sample_between(&b->random, 0, 99);
    if (kind < 5)
        return mia__sample_between(&b->random, 0, 2);
    if (kind < 80)
        return mia__sample_between(&b->random, 3, 40);
    if (kind < 98)
        return mia__sample_between(&b->random, 40, 250);
    return mia__sample_between(&b->random, 250, 1500);
}

static void add_mentions(struct block *b, const char *message_id, int64_t time_ms)
{
    /* Neighbours in the list of entities, so that no message names one twice. */
    uint32_t first = mia__sample_between(&b->random, 0, MIA__SAMPLE_ENTITIES - 1);
    uint32_t count = mia__sample_between(&b->random, 0, MIA__SAMPLE_MENTIONS);
    for (uint32_t i = 0; i < count; i++)
        add_edge(b, message_id, ID(b, "ent_", (first + i) % MIA__SAMPLE_ENTITIES), "MENTIONS",
                 time_ms);
}

static void add_message(struct block *b, uint32_t index, int64_t time_ms)
{
    char embedding[MIA__SAMPLE_ID];
    const char *id = ID(b, "msg_", index);
    const char *sender = index == 0 ? senders[2] : senders[index % 2];
    bool has_attachment = mia__sample_between(&b->random, 0, 15) == 0;
    uint32_t attachment = b->attachments;
    if (has_attachment)
        add_attachment(b, id, time_ms);
    maybe_embed(b, embedding, 3);
    struct mia__sample_pair pair = begin_node(b, id, NODE_MESSAGE, "Message");
    write_text(&pair, b->chat_id);
    write_text(&pair, sender);
    mia__bincode_write_i64(&pair.value, time_ms);
    write_sentences(b, &pair, message_words(b));
    write_ids(b, &pair, "att_", attachment, has_attachment);
    write_optional(&pair, embedding);
    end_with_metadata(b, &pair);
    mia__sample_share(b->s, "sender", sender, id);
    mia__sample_post(b->s, MIA__SAMPLE_STRUCTURAL, "chat_id", b->chat_id, id);
    add_edge(b, b->chat_id, id, "CONTAINS", time_ms);
    add_mentions(b, id, time_ms);
}

static void add_summary(struct block *b, uint32_t index, int64_t time_ms)
{
    char embedding[MIA__SAMPLE_ID];
    const char *id = ID(b, "sum_", index);
    maybe_embed(b, embedding, 1);
    struct mia__sample_pair pair = begin_node(b, id, NODE_SUMMARY, "Summary");
    write_text(&pair, b->chat_id);
    mia__bincode_write_i64(&pair.value, time_ms);
    write_sentences(b, &pair, mia__sample_between(&b->random, 30, 300));
    write_ids(b, &pair, "msg_", index * MESSAGES_PER_SUMMARY, MESSAGES_PER_SUMMARY);
    write_optional(&pair, embedding);
    end_with_metadata(b, &pair);
    mia__sample_post(b->s, MIA__SAMPLE_STRUCTURAL, "chat_id", b->chat_id, id);
}

static void add_page(struct block *b)
{
    char url[64], path[96], hash[20];
    const char *id = ID(b, "page_", 0);
    snprintf(hash, sizeof hash, "%016" PRIx64, mia__sample_next(&b->random));
    snprintf(url, sizeof url, "https://example.org/%s", hash);
    snprintf(path, sizeof path, "/pages/%s.html", id);
    struct mia__sample_pair pair = begin_node(b, id, NODE_SCRAPED_PAGE, "ScrapedPage");
    write_text(&pair, url);
    mia__bincode_write_i64(&pair.value, b->begin_ms);
    write_text(&pair, hash);
    write_optional(&pair, mia__sample_between(&b->random, 0, 3) == 0 ? "" : "A page");
    write_sentences(b, &pair, mia__sample_between(&b->random, 100, 2000));
    write_optional(&pair, "");
    write_text(&pair, path);
    end_with_metadata(b, &pair);
    mia__sample_post(b->s, MIA__SAMPLE_STRUCTURAL, "url", url, id);
}

static void add_chat(struct block *b, int64_t end_ms)
{
    char embedding[MIA__SAMPLE_ID];
    const char *topic = pick(b, topics, LENGTH(topics));
    maybe_embed(b, embedding, 2);
    struct mia__sample_pair pair = begin_node(b, b->chat_id, NODE_CHAT, "Chat");
    write_sentences(b, &pair, mia__sample_between(&b->random, 2, 6));
    write_text(&pair, topic);
    mia__bincode_write_i64(&pair.value, b->begin_ms);
    mia__bincode_write_i64(&pair.value, end_ms);
    write_ids(b, &pair, "msg_", 0, b->messages);
    write_ids(b, &pair, "sum_", 0, b->summaries);
    write_optional(&pair, embedding);
    end_with_metadata(b, &pair);
    mia__sample_share(b->s, "topic", topic, b->chat_id);
}

static void add_conversation(struct mia__sample *s, uint64_t number)
{
    struct block b = {.s = s, .number = number};
    b.random = mia__sample_seed(s->seed, PART_BLOCK, number);
    b.begin_ms = first_time_ms + (int64_t)number * block_period_ms;
    b.messages = mia__sample_between(&b.random, 4, MIA__SAMPLE_MESSAGES);
    b.summaries = b.messages / MESSAGES_PER_SUMMARY;
    mia__sample_id(b.chat_id, s->seed, "chat_", number, 0);
    for (uint32_t i = 0; i < MIA__SAMPLE_ENTITIES; i++)
        add_entity(&b, i);
    int64_t time_ms = b.begin_ms;
    for (uint32_t i = 0; i < b.messages; i++) {
        time_ms += mia__sample_between(&b.random, 1000, 300000);
        add_message(&b, i, time_ms);
    }
    for (uint32_t i = 0; i < b.summaries; i++)
        add_summary(&b, i, time_ms);
    if (mia__sample_between(&b.random, 0, 1) == 1)
        add_page(&b);
    add_chat(&b, time_ms);
    mia__sample_write_postings(s);
}

bool mia__sample_add_block(struct mia__sample *s, uint64_t number, uint64_t max_records)
{
    struct {
        size_t size;
        uint64_t count;
    } pairs[MIA__SAMPLE_TREES], sets[MIA__SAMPLE_SETS];
    uint64_t records = s->records;
    size_t set_count = s->set_count;
    for (size_t i = 0; i < MIA__SAMPLE_TREES; i++) {
        pairs[i].size = s->pairs[i].bytes.size;
        pairs[i].count = s->pairs[i].count;
    }
    for (size_t i = 0; i < MIA__SAMPLE_SETS; i++) {
        sets[i].size = s->sets[i].members.size;
        sets[i].count = s->sets[i].count;
    }
    add_conversation(s, number);
    if (s->records <= max_records)
        return true;
    s->records = records;
    s->set_count = set_count;
    for (size_t i = 0; i < MIA__SAMPLE_TREES; i++) {
        s->pairs[i].bytes.size = pairs[i].size;
        s->pairs[i].count = pairs[i].count;
    }
    for (size_t i = 0; i < MIA__SAMPLE_SETS; i++) {
        s->sets[i].members.size = sets[i].size;
        s->sets[i].count = sets[i].count;
    }
    return false;
}

void mia__sample_add_embedding(struct mia__sample *s, uint64_t number)
{
    char id[MIA__SAMPLE_ID];
    struct mia__sample_random random = mia__sample_seed(s->seed, PART_EMBEDDING, number);
    mia__sample_id(id, s->seed, "embedding_", number, 0);
    add_embedding(s, id, &random);
}
