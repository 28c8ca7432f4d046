/* engine/sled/detect.c - is this directory sled's? */
#include "engine/sled/internal.h"

#include "base/file.h"
#include "base/memory.h"

/* True if `conf` has the lines that sled 0.29 and later writes, in any order; whether this sled can
 * open it is for open to say. */
static bool is_conf(const char *path)
{
    char text[256];
    size_t size;
    if (mia__file_read(path, 0, text, sizeof text - 1, &size, NULL) != MIA_OK)
        return false;
    text[size] = '\0';
    return strstr(text, "segment_size: ") != NULL && strstr(text, "use_compression: ") != NULL &&
           strstr(text, "version: ") != NULL;
}

bool mia__sled_detect(const char *path)
{
    char *log = mia__path_join(path, "db"), *conf = mia__path_join(path, "conf");
    bool is_sled = log != NULL && conf != NULL && mia__file_kind(log) == MIA__FILE_REGULAR &&
                   mia__file_kind(conf) == MIA__FILE_REGULAR && is_conf(conf);
    mia__free(log);
    mia__free(conf);
    return is_sled;
}
