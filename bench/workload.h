/*
 * workload.h - a store of messages in chats of 100, an edge from each to one of 50 entities
 *
 * Message i has an id that sorts at random, the chat i / 100 and the time 1000 * i: so a chat is a
 * range of time, and an entity has edges everywhere.
 */
#ifndef BENCH_WORKLOAD_H
#define BENCH_WORKLOAD_H

#include "mia/mia.h"

enum { CHAT_MESSAGES = 100, ENTITIES = 50, BATCH_RECORDS = 10000 };

/* The texts of one message and its edge; what point into it are the records. */
struct texts {
    char id[40], chat[24], edge[48], entity[24], body[512];
};
struct mia_record message_number(uint64_t i, struct texts *texts);
struct mia_record edge_number(uint64_t i, struct texts *texts);

/* Ends the program unless rc is MIA_OK. */
void check(mia_status rc, const struct mia_error *err);

mia_store *store_open(const struct mia_engine_ops *engine, const char *path,
                      enum mia_durability durability, bool trust_values);
void store_close(mia_store *store);
/* Messages first to end - 1 with their edges, in transactions of BATCH_RECORDS records. */
void store_fill(mia_store *store, uint64_t first, uint64_t end);

uint64_t mix(uint64_t n); /* a number that looks random */
uint64_t parse_number(const char *text, uint64_t most);

#endif
