/* index/terms.c - properties of nodes, by the model's list */
#include "index/terms.h"

#include "model/schema.h"

struct source {
    enum mia__property_number property;
    size_t archived; /* where the text is in the archived record */
};

#define RECORD(rec, variant, kind, text) static const struct source rec##_sources[] = {
#define FIELD(rec, type, name, text)
#define PROPERTY(rec, name, field)                                                                 \
    {MIA__PROPERTY_##name, offsetof(struct mia__arch_##rec##_record, field)},
#define RECORD_END(rec)                                                                            \
    {                                                                                              \
        MIA__PROPERTY_NONE, 0                                                                      \
    }                                                                                              \
    }                                                                                              \
    ;                                                                                              \
    static_assert(sizeof rec##_sources / sizeof *rec##_sources <= MIA__TERMS_MOST,                 \
                  "node_type is one more");
#include "model/schema.def"

static const struct source *sources_of(int kind)
{
    switch (kind) {
#define RECORD(rec, variant, kind, text)                                                           \
    case kind:                                                                                     \
        return rec##_sources;
#define FIELD(rec, type, name, text)
#define RECORD_END(rec)
#include "model/schema.def"
    }
    return NULL;
}

size_t mia__terms_of(mia_view view, struct mia__term terms[MIA__TERMS_MOST])
{
    size_t count = 0;
    if (!mia__kind_is_node(view.kind))
        return 0;
    terms[count++] = (struct mia__term){MIA__PROPERTY_node_type,
                                        mia_str_of(mia__record_type(view.kind)->variant)};
    for (const struct source *s = sources_of(view.kind); s->property != MIA__PROPERTY_NONE; s++)
        terms[count++] =
            (struct mia__term){s->property, mia_archived_str(view.fields + s->archived)};
    return count;
}

bool mia__terms_have(const struct mia__term *terms, size_t count, const struct mia__term *term)
{
    for (size_t i = 0; i < count; i++)
        if (terms[i].property == term->property && terms[i].value.size == term->value.size &&
            memcmp(terms[i].value.data, term->value.data, term->value.size) == 0)
            return true;
    return false;
}

static const struct {
    const char *name;
    enum mia__property_number number;
} properties[] = {
#define ROW(name, number) {#name, MIA__PROPERTY_##name},
    MIA__PROPERTIES(ROW)
#undef ROW
};

enum mia__property_number mia__property_named(mia_str name)
{
    for (size_t i = 0; i < sizeof properties / sizeof *properties; i++)
        if (strlen(properties[i].name) == name.size &&
            memcmp(properties[i].name, name.data, name.size) == 0)
            return properties[i].number;
    return MIA__PROPERTY_NONE;
}

const char *mia__property_name(enum mia__property_number number)
{
    for (size_t i = 0; i < sizeof properties / sizeof *properties; i++)
        if (properties[i].number == number)
            return properties[i].name;
    return "?";
}
