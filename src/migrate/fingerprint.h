/* migrate/fingerprint.h - did a database's files change? */
#ifndef MIA_MIGRATE_FINGERPRINT_H
#define MIA_MIGRATE_FINGERPRINT_H

#include "migrate/digest.h"

/* SHA-256 over names, sizes and times of all data files in a database directory, as text. */
mia_status mia__fingerprint(const char *path, char out[MIA__SHA256_HEX], struct mia_error *err);

#endif
