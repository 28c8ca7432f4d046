/*
 * tools/schema_print.c - prints what the model's one list says in other words: `schema_print header`
 * is include/mia/records.h. Includes nothing of ours but the lists; its output is committed, and a
 * test checks that it is current.
 */
#include <stdio.h>
#include <string.h>

struct type {
    const char *name, *c;
};

static const struct type types[] = {
#define TYPE(name, owned, archived, text) {#name, #owned},
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

enum { FEEDBACK_KIND = 200 }; /* the record that is part of another one */

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
        if (records[i].kind == FEEDBACK_KIND)
            continue;
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

int main(int argc, char **argv)
{
    if (argc != 2 || strcmp(argv[1], "header") != 0) {
        fputs("usage: schema_print header\n", stderr);
        return 2;
    }
    print_header();
    return 0;
}
