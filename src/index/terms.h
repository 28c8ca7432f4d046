/*
 * index/terms.h - by what a node is found
 *
 * Every node by node_type, MIA's name of its kind, and by the properties that model/schema.def
 * lists for it. A property's number is stored in index keys and never used for another.
 */
#ifndef MIA_INDEX_TERMS_H
#define MIA_INDEX_TERMS_H

#include "mia/view.h"

#define MIA__PROPERTIES(MAP)                                                                       \
    MAP(node_type, 1)                                                                              \
    MAP(topic, 2)                                                                                  \
    MAP(chat_id, 3)                                                                                \
    MAP(sender, 4)                                                                                 \
    MAP(entity_type, 5)                                                                            \
    MAP(label, 6)                                                                                  \
    MAP(message_id, 7)                                                                             \
    MAP(mime_type, 8)                                                                              \
    MAP(url, 9)                                                                                    \
    MAP(model_name, 10)                                                                            \
    MAP(action_type, 11)                                                                           \
    MAP(conversation_context, 12)

enum mia__property_number {
    MIA__PROPERTY_NONE = 0,
#define MIA__PROPERTY_NUMBER(name, number) MIA__PROPERTY_##name = number,
    MIA__PROPERTIES(MIA__PROPERTY_NUMBER)
#undef MIA__PROPERTY_NUMBER
};

/* MIA__PROPERTY_NONE: no node is found by it. */
enum mia__property_number mia__property_named(mia_str name);
const char *mia__property_name(enum mia__property_number number);

struct mia__term {
    enum mia__property_number property;
    mia_str value; /* borrowed from the view */
};
enum { MIA__TERMS_MOST = 4 };

/* The terms of a node, none for other records. Returns how many. */
size_t mia__terms_of(mia_view view, struct mia__term terms[MIA__TERMS_MOST]);
bool mia__terms_have(const struct mia__term *terms, size_t count, const struct mia__term *term);

#endif
