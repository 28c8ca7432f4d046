/* engine/sled/absent.c - in a build without the real sled */
#include "mia/engine.h"

const struct mia_engine_ops *mia_engine_sled(void)
{
    return NULL;
}
