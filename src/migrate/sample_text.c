/* migrate/sample_text.c - numbers, ids, words and metadata that follow from a seed */
#include "migrate/sample.h"

#include <inttypes.h>
#include <stdio.h>

#define LENGTH(a) (sizeof(a) / sizeof((a)[0]))

/* The finisher of SplitMix64: every bit of the answer depends on every bit of z. */
static uint64_t mix(uint64_t z)
{
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

struct mia__sample_random mia__sample_seed(uint64_t seed, uint64_t part, uint64_t number)
{
    struct mia__sample_random random = {mix(mix(mix(seed + 1) + part) + number)};
    return random;
}

uint64_t mia__sample_next(struct mia__sample_random *random)
{
    random->state += 0x9e3779b97f4a7c15u;
    return mix(random->state);
}

uint32_t mia__sample_between(struct mia__sample_random *random, uint32_t low, uint32_t high)
{
    return low + (uint32_t)(mia__sample_next(random) % ((uint64_t)high - low + 1));
}

char *mia__sample_id(char out[MIA__SAMPLE_ID], uint64_t seed, const char *prefix, uint64_t block,
                     uint32_t index)
{
    uint64_t kind = 0;
    for (const char *c = prefix; *c != '\0'; c++)
        kind = kind << 8 | (uint8_t)*c;
    struct mia__sample_random random = mia__sample_seed(seed, mix(kind) + index, block);
    uint64_t high = mia__sample_next(&random), low = mia__sample_next(&random);
    /* Version 4, variant 1: what uuid::Uuid::new_v4() prints. */
    snprintf(out, MIA__SAMPLE_ID, "%s%08x-%04x-4%03x-%04x-%012" PRIx64, prefix,
             (unsigned)(high >> 32), (unsigned)(high >> 16 & 0xffff), (unsigned)(high & 0xfff),
             (unsigned)(low >> 48 & 0x3fff) | 0x8000u, low & 0xffffffffffffu);
    return out;
}

static const char *const words[] = {
    "the",
    "a",
    "of",
    "and",
    "to",
    "we",
    "you",
    "it",
    "storage",
    "database",
    "message",
    "snapshot",
    "index",
    "transaction",
    "memory",
    "page",
    "vector",
    "entity",
    "graph",
    "summary",
    "please",
    "question",
    "answer",
    "because",
    "before",
    "after",
    "today",
    "tomorrow",
    "project",
    "meeting",
    "release",
    "schedule",
    "could",
    "should",
    "explain",
    "compare",
    "measure",
    "reliable",
    "faster",
    "smaller",
    "Gespr\u00e4ch",
    "sch\u00f6n",
    "\u00fcberpr\u00fcfen",
    "caf\u00e9",
    "na\u00efve",
    "ni\u00f1o",
    "\u00e9t\u00e9",
    "\u0437\u0430\u043f\u0438\u0441\u044c",
    "\u0434\u0430\u043d\u043d\u044b\u0435",
    "\u65e5\u672c\u8a9e",
    "\u30c7\u30fc\u30bf",
    "\u6570\u636e\u5e93",
    "\u0628\u064a\u0627\u0646\u0627\u062a",
    "\u05e9\u05dc\u05d5\u05dd",
    "\U0001f600",
    "\U0001f680",
    "`SELECT`",
    "\"quoted\"",
    "C:\\temp",
    "3.14",
};

mia_slice mia__sample_sentences(struct mia__sample_random *random, char text[MIA__SAMPLE_TEXT],
                                uint32_t word_count)
{
    size_t size = 0;
    uint32_t left_in_sentence = 0;
    for (uint32_t i = 0; i < word_count; i++) {
        const char *word = words[mia__sample_next(random) % LENGTH(words)];
        size_t word_size = strlen(word);
        if (word_size + 2 > MIA__SAMPLE_TEXT - size)
            break;
        if (i > 0)
            text[size++] = left_in_sentence > 0 ? ' ' : '\n';
        if (left_in_sentence == 0)
            left_in_sentence = mia__sample_between(random, 4, 18);
        memcpy(text + size, word, word_size);
        size += word_size;
        if (--left_in_sentence == 0)
            text[size++] = '.';
    }
    return (mia_slice){text, size};
}

mia_slice mia__sample_metadata(struct mia__sample_random *random, char *text, size_t size)
{
    /* Hundredths that end in 1..9: the shortest digits of the double are these two. */
    unsigned hundredths =
        10 * mia__sample_between(random, 0, 9) + mia__sample_between(random, 1, 9);
    unsigned number = mia__sample_between(random, 0, 100000);
    uint64_t big = mia__sample_next(random);
    int n = 0;
    switch (mia__sample_between(random, 0, 7)) {
    case 0:
        n = snprintf(text, size, "{\"confidence\":0.%02u}", hundredths);
        break;
    case 1:
        n = snprintf(
            text, size,
            "{\"edited\":%s,\"model\":\"local-7b\",\"tokens\":%u,\"weights\":[0.%02u,-1.5,1.0]}",
            number % 2 ? "true" : "false", number, hundredths);
        break;
    case 2:
        n = snprintf(
            text, size,
            "{\"source\":{\"app\":\"browser\",\"tab\":%u,\"title\":\"\u65e5\u672c \\\"%u\\\"\"},"
            "\"tags\":[\"work\",\"caf\u00e9\",null]}",
            number % 50, number);
        break;
    case 3: /* beyond the 53 bits of a double */
        n = snprintf(text, size, "{\"fingerprint\":%" PRIu64 ",\"offset\":-%u}",
                     big | 0x8000000000000000u, number + 1);
        break;
    case 4:
        n = snprintf(text, size, "null");
        break;
    default:
        n = snprintf(text, size, "{}");
        break;
    }
    return (mia_slice){text, (size_t)n};
}
