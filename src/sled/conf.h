/*
 * sled/conf.h - the file `conf`: what a database was made with
 *
 * Source: sled 0.34.7, src/config.rs. Lines of `name: value` in any order, then the CRC-32 of the
 * text. sled opens a database only with the parameters that stand there.
 */
#ifndef MIA_SLED_CONF_H
#define MIA_SLED_CONF_H

#include "sled/damage.h"

enum { MIA__SLED_SEGMENT_MIN = 256, MIA__SLED_SEGMENT_MAX = 16 << 20 };

struct mia__sled_conf {
    uint32_t segment_size;
    bool is_compressed;
};

/* Reads `conf` of the judge's directory. MIA_ERR_VERSION: of another sled; MIA_ERR_CORRUPT: cut,
 * senseless, or not what its checksum says. */
mia_status mia__sled_conf_read(const struct mia__sled_judge *judge, struct mia__sled_conf *out,
                               struct mia_error *err);

#endif
