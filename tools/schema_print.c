/*
 * tools/schema_print.c - prints what the model's one list says in other words: `schema_print records`
 * is include/mia/records.h, `schema_print view` include/mia/view.h, `schema_print view_inline`
 * include/mia/view_inline.h. Includes nothing of ours but the lists; its output is committed, and a
 * test checks that it is current.
 */
#include <stdio.h>
#include <string.h>

struct type {
    const char *name, *c;
    int archived; /* bytes */
};

static const struct type types[] = {
#define TYPE(name, owned, archived, text) {#name, #owned, archived},
#include "model/types.def"
};

struct field {
    const char *record, *type, *name, *text;
};

static const struct field fields[] = {
#define RECORD(rec, variant, kind, text)
#define FIELD(rec, type, name, text) {#rec, #type, #name, text},
#define RECORD_END(rec)
#include "model/schema.def"
};

struct record {
    const char *name, *variant, *text;
    int kind;
};

static const struct record records[] = {
#define RECORD(rec, variant, kind, text) {#rec, #variant, text, kind},
#define FIELD(rec, type, name, text)
#define RECORD_END(rec)
#include "model/schema.def"
};

#define LENGTH(a) (sizeof(a) / sizeof((a)[0]))

enum {
    EDGE_KIND = 100,
    EMBEDDING_KIND = 101,
    FEEDBACK_KIND = 200 /* the record that is part of another one */
};

static const char *c_type(const char *name)
{
    for (size_t i = 0; i < LENGTH(types); i++)
        if (strcmp(types[i].name, name) == 0)
            return types[i].c;
    return "?";
}

static void print_upper(const char *name)
{
    for (; *name != '\0'; name++)
        putchar(*name >= 'a' && *name <= 'z' ? *name - 'a' + 'A' : *name);
}

static void print_kinds(void)
{
    puts("/* The numbers are stored: the tags of MIA's enum Node in bincode and rkyv. */");
    puts("enum mia_kind {");
    for (size_t i = 0; i < LENGTH(records); i++) {
        printf("    MIA_KIND_");
        print_upper(records[i].name);
        printf(" = %d, /* %s */\n", records[i].kind, records[i].text);
    }
    puts("};\n");
}

static void print_field(const struct field *f)
{
    char declaration[128];
    const char *c = c_type(f->type);
    const char *space = c[strlen(c) - 1] == '*' ? "" : " ";
    snprintf(declaration, sizeof declaration, "%s%s%s;", c, space, f->name);
    printf("    %-38s /* %s%s */\n", declaration, f->text,
           strncmp(f->type, "opt_", 4) == 0                                        ? ", or nothing"
           : strcmp(f->type, "metadata") == 0 || strcmp(f->type, "json") == 0 ? ": JSON text"
                                                                                   : "");
}

static void print_record(const struct record *r)
{
    printf("/* %s */\nstruct mia_%s {\n", r->text, r->name);
    for (size_t i = 0; i < LENGTH(fields); i++)
        if (strcmp(fields[i].record, r->name) == 0)
            print_field(&fields[i]);
    puts("};\n");
}

static void print_union(void)
{
    puts("/* Any record: what every write takes. */\nstruct mia_record {\n    enum mia_kind kind;\n"
         "    union {");
    for (size_t i = 0; i < LENGTH(records); i++)
        if (records[i].kind != FEEDBACK_KIND)
            printf("        struct mia_%s %s;\n", records[i].name, records[i].name);
    puts("    } u;\n};\n");
}

static void print_header(void)
{
    puts("/*\n * mia/records.h - MIA's records as plain structs\n *\n"
         " * Printed from src/model/schema.def by tools/schema_print.c: change that list, not this file.\n"
         " * Fill structs with designated initialisers; the library encodes at once and keeps nothing.\n"
         " * Times are Unix milliseconds. Optional text: data == NULL.\n */\n"
         "#ifndef MIA_RECORDS_H\n#define MIA_RECORDS_H\n\n#include \"mia/text.h\"\n\n"
         "#ifdef __cplusplus\nextern \"C\" {\n#endif\n\n/* clang-format off */");
    print_kinds();
    print_record(&records[LENGTH(records) - 1]);
    for (size_t i = 0; i + 1 < LENGTH(records); i++)
        print_record(&records[i]);
    print_union();
    puts("/* clang-format on */\n\n#ifdef __cplusplus\n}\n#endif\n#endif");
}

/* What an accessor gives, and the function of mia/archived.h or mia/json.h that makes it. */
static const struct {
    const char *type, *c, *read, *none;
} accessors[] = {
    {"str", "mia_str", "mia_archived_str", "{NULL, 0}"},
    {"opt_str", "mia_str", "mia_archived_opt_str", "{NULL, 0}"},
    {"strs", "mia_texts", "mia_archived_strs", "{NULL, 0}"},
    {"i64", "int64_t", "mia_archived_i64", "0"},
    {"u64", "uint64_t", "mia_archived_u64", "0"},
    {"opt_i64", "mia_opt_i64", "mia_archived_opt_i64", "{0, false}"},
    {"floats", "mia_floats", "mia_archived_floats", "{NULL, 0}"},
    {"metadata", "mia_json", "mia_archived_metadata", "{NULL, MIA_JSON_NULL, false}"},
    {"json", "mia_json", "mia_archived_json", "{NULL, MIA_JSON_NULL, false}"},
    {"feedback_type", "enum mia_feedback_type", "mia_archived_feedback_type", "MIA_FEEDBACK_CORRECTION"},
    {"opt_feedback", "mia_view", "mia_archived_opt_feedback", "{NULL, MIA_KIND_FEEDBACK}"},
};

static int archived_size(const char *type)
{
    for (size_t i = 0; i < LENGTH(types); i++)
        if (strcmp(types[i].name, type) == 0)
            return types[i].archived;
    return 0;
}

static size_t accessor_of(const char *type)
{
    size_t i = 0;
    while (i < LENGTH(accessors) && strcmp(accessors[i].type, type) != 0)
        i++;
    return i;
}

static void print_declaration(const struct field *f, int offset)
{
    char declaration[128];
    size_t i = accessor_of(f->type);
    (void)offset;
    if (i == LENGTH(accessors))
        return; /* does not compile, then */
    snprintf(declaration, sizeof declaration, "static inline %s mia_%s_%s(mia_view v);",
             accessors[i].c, f->record, f->name);
    printf("%-66s /* %s */\n", declaration, f->text);
}

static void print_accessor(const struct field *f, int offset)
{
    size_t i = accessor_of(f->type);
    if (i == LENGTH(accessors))
        return;
    printf("static inline %s mia_%s_%s(mia_view v)\n{\n    %s none = %s;\n", accessors[i].c,
           f->record, f->name, accessors[i].c, accessors[i].none);
    printf("    return mia_view_is(v, MIA_KIND_");
    print_upper(f->record);
    printf(") ? %s(v.fields + %d) : none;\n}\n", accessors[i].read, offset);
}

static int record_size(const struct record *r)
{
    int size = 0;
    for (size_t k = 0; k < LENGTH(fields); k++)
        if (strcmp(fields[k].record, r->name) == 0)
            size += archived_size(fields[k].type);
    return size;
}

/* The three roots: a node is as large as its largest variant, behind the tag. */
static void print_trust(void)
{
    int node = 0, edge = 0, embedding = 0;
    for (size_t i = 0; i < LENGTH(records); i++) {
        int size = record_size(&records[i]);
        if (records[i].kind < EDGE_KIND && size > node)
            node = size;
        if (records[i].kind == EDGE_KIND)
            edge = size;
        if (records[i].kind == EMBEDDING_KIND)
            embedding = size;
    }
    puts("static inline mia_view mia_view_trust(enum mia_table table, mia_slice archive)\n{\n"
         "    const uint8_t *end = (const uint8_t *)archive.data + archive.size;");
    printf("    mia_view v = {end - %d, MIA_KIND_EMBEDDING};\n"
           "    if (table == MIA_TABLE_EDGES) {\n        v.fields = end - %d;\n"
           "        v.kind = MIA_KIND_EDGE;\n    } else if (table == MIA_TABLE_NODES) {\n"
           "        v.fields = end - %d;\n        v.kind = (enum mia_kind)v.fields[-1];\n    }\n"
           "    return v;\n}\n\n",
           embedding, edge, node);
}

/* Every field of every record, with its offset in the archived one. */
static void print_fields(void (*print)(const struct field *f, int offset))
{
    for (size_t i = 0; i < LENGTH(records); i++) {
        int offset = 0;
        printf("/* ---- %s */\n\n", records[i].text);
        for (size_t k = 0; k < LENGTH(fields); k++)
            if (strcmp(fields[k].record, records[i].name) == 0) {
                print(&fields[k], offset);
                offset += archived_size(fields[k].type);
            }
        puts("");
    }
}

static void print_view(void)
{
    puts("/*\n * mia/view.h - MIA's records in archives, read where they lie\n *\n"
         " * Printed from src/model/schema.def by tools/schema_print.c: change that list, not this file.\n"
         " * A view is two words, passed by value, and borrows an archive that mia_view_open of mia/model.h\n"
         " * has validated. Accessors take constant time and no memory and cannot fail; of a record of\n"
         " * another kind they give zero or nothing. Optional text: data NULL. Any thread.\n"
         " * Their bodies are in mia/view_inline.h, for compilers alone.\n */\n"
         "#ifndef MIA_VIEW_H\n#define MIA_VIEW_H\n\n#include \"mia/archived.h\"\n"
         "#include \"mia/json.h\"\n#include \"mia/records.h\"\n\n"
         "#ifdef __cplusplus\nextern \"C\" {\n#endif\n\n/* clang-format off */\n"
         "typedef struct mia_view {\n"
         "    const uint8_t *fields; /* of the archived record; NULL: none */\n"
         "    enum mia_kind kind;\n} mia_view;\n\n"
         "/* Whether there is a record, of this kind. */\n"
         "static inline bool mia_view_is(mia_view v, enum mia_kind kind);\n\n"
         "/* The three tables of a MIA database; they say what type a value has. */\n"
         "enum mia_table { MIA_TABLE_NODES = 0, MIA_TABLE_EDGES = 1, MIA_TABLE_EMBEDDINGS = 2 };\n\n"
         "/* The record of an archive that this library wrote or has validated: any other may lead\n"
         " * anywhere. See mia_view_open of mia/model.h. */\n"
         "static inline mia_view mia_view_trust(enum mia_table table, mia_slice archive);\n");
    print_fields(print_declaration);
    puts("/* clang-format on */\n\n#ifdef __cplusplus\n}\n#endif\n\n"
         "#include \"mia/view_inline.h\"\n#endif");
}

static void print_view_inline(void)
{
    puts("/*\n * mia/view_inline.h - the bodies of what mia/view.h declares; included by it\n *\n"
         " * Printed from src/model/schema.def by tools/schema_print.c: change that list, not this file.\n"
         " */\n"
         "#ifndef MIA_VIEW_INLINE_H\n#define MIA_VIEW_INLINE_H\n\n#include \"mia/view.h\"\n\n"
         "#ifdef __cplusplus\nextern \"C\" {\n#endif\n\n/* clang-format off */\n"
         "static inline bool mia_view_is(mia_view v, enum mia_kind kind)\n{\n"
         "    return v.kind == kind && v.fields != NULL;\n}\n\n"
         "static inline enum mia_feedback_type mia_archived_feedback_type(const void *at)\n{\n"
         "    return (enum mia_feedback_type)*(const uint8_t *)at;\n}\n\n"
         "static inline mia_view mia_archived_opt_feedback(const void *at)\n{\n"
         "    mia_view v = {NULL, MIA_KIND_FEEDBACK};\n"
         "    if (*(const uint8_t *)at)\n        v.fields = (const uint8_t *)at + 1;\n"
         "    return v;\n}\n");
    print_trust();
    print_fields(print_accessor);
    puts("/* clang-format on */\n\n#ifdef __cplusplus\n}\n#endif\n#endif");
}

static const struct {
    const char *name;
    void (*print)(void);
} prints[] = {
    {"records", print_header},
    {"view", print_view},
    {"view_inline", print_view_inline},
};

int main(int argc, char **argv)
{
    for (size_t i = 0; argc == 2 && i < LENGTH(prints); i++)
        if (strcmp(argv[1], prints[i].name) == 0) {
            prints[i].print();
            return 0;
        }
    fputs("usage: schema_print records|view|view_inline\n", stderr);
    return 2;
}
