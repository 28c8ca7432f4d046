/* sled/conf.c - the parameters of a database */
#include "sled/conf.h"

#include "base/bytes.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/try.h"

#include <libdeflate.h>
#include <stdlib.h>

enum { CRC = 4, MOST = 512 };

static const struct mia__sled_place in_conf = {"conf", MIA__SLED_NOWHERE, MIA__SLED_NOWHERE};

/* The rest of the line `name: ...`; NULL: there is none. The text ends with a NUL. */
static const char *value_of(const char *text, const char *name)
{
    size_t size = strlen(name);
    for (const char *line = text; *line != '\0'; line += strcspn(line, "\n"), line += *line == '\n')
        if (strncmp(line, name, size) == 0 && strncmp(line + size, ": ", 2) == 0)
            return line + size + 2;
    return NULL;
}

static bool is_value(const char *at, const char *text)
{
    size_t size = strlen(text);
    return strncmp(at, text, size) == 0 && (at[size] == '\n' || at[size] == '\0');
}

static mia_status parse(const struct mia__sled_judge *judge, const char *text,
                        struct mia__sled_conf *out, struct mia_error *err)
{
    const char *size = value_of(text, "segment_size");
    const char *compression = value_of(text, "use_compression");
    const char *version = value_of(text, "version");
    if (version != NULL && !is_value(version, "0.34"))
        return mia__fail(err, MIA_ERR_VERSION,
                         "%s/conf: a database of sled %.*s; this library reads those of sled 0.34",
                         judge->directory, (int)strcspn(version, "\n"), version);
    unsigned long bytes = size != NULL ? strtoul(size, NULL, 10) : 0;
    bool is_size = bytes >= MIA__SLED_SEGMENT_MIN && bytes <= MIA__SLED_SEGMENT_MAX &&
                   (bytes & (bytes - 1)) == 0;
    bool is_compressed = compression != NULL && is_value(compression, "true");
    if (version == NULL || !is_size ||
        (!is_compressed && (compression == NULL || !is_value(compression, "false")))) {
        struct mia__sled_judge final = {judge->directory, NULL, NULL};
        return mia__sled_damaged(&final, in_conf, err,
                                 "it does not say segment_size (a power of two, 256 to 16777216), "
                                 "use_compression and version");
    }
    out->segment_size = (uint32_t)bytes;
    out->is_compressed = is_compressed;
    return MIA_OK;
}

mia_status mia__sled_conf_read(const struct mia__sled_judge *judge, struct mia__sled_conf *out,
                               struct mia_error *err)
{
    mia_status rc;
    char bytes[MOST + CRC], text[MOST + 1] = {0};
    size_t size;
    char *path = mia__path_join(judge->directory, "conf");
    if (path == NULL)
        return mia__fail_nomem(err);
    TRY(mia__file_read(path, 0, bytes, sizeof bytes, &size, err));
    size_t text_size = size > CRC ? size - CRC : 0;
    memcpy(text, bytes, text_size);
    if (mia__load_u32le(bytes + text_size) != libdeflate_crc32(0, bytes, text_size))
        TRY(mia__sled_damaged(judge, in_conf, err,
                              "its checksum is wrong, so the segment size cannot be relied on"));
    rc = parse(judge, text, out, err);
done:
    mia__free(path);
    return rc;
}
