/*
 * mia/catalog.h - which databases MIA has, which tiers they have, where they lie, and MIA's times
 *
 * MIA keeps a database for each kind of knowledge, and splits some by temperature into tiers. Each
 * database of each tier is a directory below one base:
 *
 *     base/conversations/active            base/knowledge/stable      base/tool-results
 *     base/conversations/archive/2024-Q1   base/summaries/daily       base/meta
 *
 * Everything here but mia_default_base is a pure function: any thread, no memory, no files. A
 * number that is no enumerator is answered like a thing that is unknown, never with undefined
 * behaviour.
 */
#ifndef MIA_CATALOG_H
#define MIA_CATALOG_H

#include "mia/text.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---------------------------------------------------------------- databases and tiers */

/* MAP(code, number, name, temperature): every tier; the name is that of its directory. */
#define MIA_TIER_MAP(MAP)                                                                          \
    MAP(MIA_TIER_NONE, 0, "", none)                                                                \
    MAP(MIA_TIER_ACTIVE, 1, "active", hot)      /* by design 0 to 30 days old */                   \
    MAP(MIA_TIER_RECENT, 2, "recent", warm)     /* 30 to 90 days */                                \
    MAP(MIA_TIER_ARCHIVE, 3, "archive", cold)   /* older; one database a quarter */                \
    MAP(MIA_TIER_STABLE, 4, "stable", hot)      /* mentioned ten times or more */                  \
    MAP(MIA_TIER_INFERRED, 5, "inferred", cold) /* concluded, not said */                          \
    MAP(MIA_TIER_SESSION, 6, "session", hot)                                                       \
    MAP(MIA_TIER_DAILY, 7, "daily", warm)                                                          \
    MAP(MIA_TIER_WEEKLY, 8, "weekly", cold)                                                        \
    MAP(MIA_TIER_MONTHLY, 9, "monthly", cold)

enum mia_tier {
#define MIA_TIER_ENUM(code, number, name, temperature) code = number,
    MIA_TIER_MAP(MIA_TIER_ENUM)
#undef MIA_TIER_ENUM
};

/* MAP(code, number, name, class, tier...): every database; the name is that of its directory, the
 * tiers are in MIA's order. MIA_TIER_NONE alone: a single directory, without tiers. */
#define MIA_DATABASE_MAP(MAP)                                                                      \
    MAP(MIA_DATABASE_CONVERSATIONS, 0, "conversations", source, MIA_TIER_ACTIVE, MIA_TIER_RECENT,  \
        MIA_TIER_ARCHIVE)                                                                          \
    MAP(MIA_DATABASE_KNOWLEDGE, 1, "knowledge", derived, MIA_TIER_ACTIVE, MIA_TIER_STABLE,         \
        MIA_TIER_INFERRED)                                                                         \
    MAP(MIA_DATABASE_EMBEDDINGS, 2, "embeddings", derived, MIA_TIER_ACTIVE, MIA_TIER_RECENT,       \
        MIA_TIER_ARCHIVE)                                                                          \
    MAP(MIA_DATABASE_TOOL_RESULTS, 3, "tool-results", external, MIA_TIER_NONE)                     \
    MAP(MIA_DATABASE_EXPERIENCE, 4, "experience", source, MIA_TIER_NONE)                           \
    MAP(MIA_DATABASE_SUMMARIES, 5, "summaries", derived, MIA_TIER_SESSION, MIA_TIER_DAILY,         \
        MIA_TIER_WEEKLY, MIA_TIER_MONTHLY)                                                         \
    MAP(MIA_DATABASE_META, 6, "meta", index, MIA_TIER_NONE)                                        \
    MAP(MIA_DATABASE_MODEL_CACHE, 7, "model-cache", none, MIA_TIER_NONE)

enum mia_database {
#define MIA_DATABASE_ENUM(code, number, name, kind, ...) code = number,
    MIA_DATABASE_MAP(MIA_DATABASE_ENUM)
#undef MIA_DATABASE_ENUM
};

#define MIA_DATABASE_TIERS_MOST 4 /* tiers of one database */

/* "tool-results"; "?" for a number that is no database. Static string. */
MIA_API const char *mia_database_name(enum mia_database database);
/* "active"; "" for MIA_TIER_NONE; "?" for a number that is no tier. Static string. */
MIA_API const char *mia_tier_name(enum mia_tier tier);
/* The database, or tier, of exactly this name. False, and zero in the out-parameter: there is none.
 * The empty name is that of MIA_TIER_NONE. */
MIA_API bool mia_database_find(mia_str name, enum mia_database *database);
MIA_API bool mia_tier_find(mia_str name, enum mia_tier *tier);

/* What would be lost with it: a source is said once and cannot be made again; what is derived can
 * be computed from the sources; what is external can be asked for again; an index leads to the
 * others. The cache of models is none of the four. */
MIA_API bool mia_database_is_source(enum mia_database database);
MIA_API bool mia_database_is_derived(enum mia_database database);
MIA_API bool mia_database_is_external(enum mia_database database);
MIA_API bool mia_database_is_index(enum mia_database database);

/* Writes the tiers in MIA's order and returns how many there are; 0: a database without tiers. The
 * rest of out becomes MIA_TIER_NONE. */
MIA_API size_t mia_database_tiers(enum mia_database database,
                                  enum mia_tier out[MIA_DATABASE_TIERS_MOST]);
/* Whether it is one of them. MIA_TIER_NONE never is. */
MIA_API bool mia_database_has_tier(enum mia_database database, enum mia_tier tier);

/* How often a tier is used; MIA_TIER_NONE is none of the three. */
MIA_API bool mia_tier_is_hot(enum mia_tier tier);
MIA_API bool mia_tier_is_warm(enum mia_tier tier);
MIA_API bool mia_tier_is_cold(enum mia_tier tier);

/* ---------------------------------------------------------------- directories */

#define MIA_QUARTER_SIZE 16 /* room for a quarter's name and its NUL */
/* mia_database_path never needs more bytes than strlen(base) + this. */
#define MIA_DATABASE_PATH_MORE 64

/* One database of an installation. quarter: of an archive's, else NULL. */
struct mia_place {
    enum mia_database database;
    enum mia_tier tier;
    const char *quarter;
};

/* The quarter of a time (Unix milliseconds) in UTC: "2024-Q1", NUL-terminated, the year without
 * leading zeros, 1 BC is 0. As MIA does it: milliseconds are cut off toward zero, and a time
 * outside the years -9999 to 9999 is in "1970-Q1". Returns the length. */
MIA_API size_t mia_quarter(int64_t time_ms, char out[MIA_QUARTER_SIZE]);
/* Whether a directory of this name is an archive's: -?[0-9]{1,4}-Q[1-4]. NULL: false. */
MIA_API bool mia_quarter_is_valid(const char *name);

/* Where MIA's databases lie when nobody says otherwise, by the environment:
 *     $TABAGENT_TEST_DIR/db                                if that is set, even if it is empty: db
 *     %APPDATA%\TabAgent\db                                on Windows
 *     $HOME/Library/Application Support/TabAgent/db        on macOS
 *     $XDG_DATA_HOME/TabAgent/db, $HOME/.local/share/TabAgent/db    elsewhere
 *     ./TabAgent/db                                        when these are unset or empty
 * Returns the length without the NUL; if it is not below size, out becomes "" (a path that was cut
 * would be another directory's) and the call wants length + 1 bytes. out may be NULL with size 0.
 * Not while another thread changes the environment. */
MIA_API size_t mia_default_base(char *out, size_t size);

/* The directory of a database, NUL-terminated: base/name, base/name/tier, and with a quarter
 * base/name/archive/quarter; on Windows with backslashes. base need not exist, and must not lie in
 * out.
 *
 * tier: MIA_TIER_NONE stands for the database's own directory. A database without tiers ignores
 * tier and quarter, as MIA does.
 *
 * quarter: one database of an archive, as mia_quarter spells it. NULL: the directory of the tier
 * itself, for an archive the one that holds the quarters.
 *
 * MIA_ERR_INVALID: base is NULL or empty; the database has no such tier (MIA silently takes the
 * database's own directory then); quarter is no quarter, or the tier is no archive.
 * MIA_ERR_TOO_LONG: size is too small. After a failure out is "". */
MIA_API mia_status mia_database_path(const char *base, enum mia_database database,
                                     enum mia_tier tier, const char *quarter, char *out,
                                     size_t size, struct mia_error *err);

/* ---------------------------------------------------------------- periods of time */

/* Rolling windows that end now, not calendar periods. */
enum mia_scope {
    MIA_SCOPE_CURRENT_CHAT = 0, /* every time from 1970 on: the chat is told by its id */
    MIA_SCOPE_TODAY = 1,        /* the last 24 hours */
    MIA_SCOPE_THIS_WEEK = 2,    /* 7 days */
    MIA_SCOPE_THIS_MONTH = 3,   /* 30 days */
    MIA_SCOPE_THIS_QUARTER = 4, /* 90 days */
    MIA_SCOPE_THIS_YEAR = 5,    /* 365 days */
    MIA_SCOPE_LAST_YEAR = 6,    /* from 730 to 365 days ago */
    MIA_SCOPE_CUSTOM = 7        /* start_ms to end_ms */
};

/* Zero: the current chat. */
struct mia_time_scope {
    enum mia_scope scope;
    int64_t start_ms, end_ms; /* of MIA_SCOPE_CUSTOM, Unix milliseconds; ignored elsewhere */
};

/* The first and the last millisecond of the period, both in it. Differences saturate: near
 * INT64_MIN a period begins at INT64_MIN. *start_ms > *end_ms: no time is in it (a custom period
 * that was given so, or a number that is no scope). */
MIA_API void mia_time_range(struct mia_time_scope scope, int64_t now_ms, int64_t *start_ms,
                            int64_t *end_ms);
/* Whether a time lies in the period, its two ends included. */
MIA_API bool mia_time_contains(struct mia_time_scope scope, int64_t time_ms, int64_t now_ms);

#ifdef __cplusplus
}
#endif
#endif
