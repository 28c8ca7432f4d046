/* catalog/base.c - where MIA's databases lie when nobody says otherwise */
#include "catalog/base.h"
#include "mia/catalog.h"

#include <stdlib.h>

/* The first rule of the platform whose variable is set wins. */
static const struct rule {
    unsigned platforms;
    const char *variable;
    bool may_be_empty; /* MIA lets every variable be; XDG says that an empty one is unset */
    const char *below;
} rules[] = {
    {MIA__PLATFORM_UNIX | MIA__PLATFORM_MACOS | MIA__PLATFORM_WINDOWS, "TABAGENT_TEST_DIR", true,
     "db"},
    {MIA__PLATFORM_WINDOWS, "APPDATA", false, "TabAgent\\db"},
    {MIA__PLATFORM_MACOS, "HOME", false, "Library/Application Support/TabAgent/db"},
    {MIA__PLATFORM_UNIX, "XDG_DATA_HOME", false, "TabAgent/db"},
    {MIA__PLATFORM_UNIX, "HOME", false, ".local/share/TabAgent/db"},
};

const char *mia__separator(enum mia__platform platform, const char *directory)
{
    size_t size = strlen(directory);
    bool is_windows = platform == MIA__PLATFORM_WINDOWS;
    if (size == 0 || directory[size - 1] == '/' || (is_windows && directory[size - 1] == '\\'))
        return "";
    return is_windows ? "\\" : "/";
}

/* The three texts in a row, or nothing if they do not fit; their length. */
static size_t join(char *out, size_t size, const char *directory, const char *separator,
                   const char *below)
{
    size_t first = strlen(directory), second = strlen(separator), third = strlen(below);
    size_t length = first + second + third;
    if (length < size) {
        memcpy(out, directory, first);
        memcpy(out + first, separator, second);
        memcpy(out + first + second, below, third + 1);
    } else if (size > 0) {
        out[0] = '\0';
    }
    return length;
}

size_t mia__default_base(enum mia__platform platform, char *(*get)(const char *name), char *out,
                         size_t size)
{
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
        const struct rule *rule = &rules[i];
        const char *value = rule->platforms & platform ? get(rule->variable) : NULL;
        if (value != NULL && (rule->may_be_empty || value[0] != '\0'))
            return join(out, size, value, mia__separator(platform, value), rule->below);
    }
    const char *below = platform == MIA__PLATFORM_WINDOWS ? "TabAgent\\db" : "TabAgent/db";
    return join(out, size, ".", mia__separator(platform, "."), below);
}

size_t mia_default_base(char *out, size_t size)
{
    return mia__default_base(MIA__PLATFORM, getenv, out, size);
}
