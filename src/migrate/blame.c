/* migrate/blame.c - see migrate/blame.h */
#include "migrate/blame.h"

mia_status mia__blame(enum mia_failure *known, enum mia_failure failure, mia_status status)
{
    if (status >= 0 || *known != MIA_FAILURE_NONE)
        return status;
    if (status == MIA_ERR_CANCELLED)
        failure = MIA_FAILURE_INTERRUPTED;
    else if (status == MIA_ERR_INTERNAL)
        failure = MIA_FAILURE_DEFECT;
    else if (status == MIA_ERR_NOMEM && failure == MIA_FAILURE_SOURCE)
        failure = MIA_FAILURE_TARGET; /* no damage: what is done can be gone on with */
    *known = failure;
    return status;
}
