/* mia/mia.h - everything */
#ifndef MIA_MIA_H
#define MIA_MIA_H

#include "mia/ab.h"
#include "mia/archived.h"
#include "mia/catalog.h"
#include "mia/coordinator.h"
#include "mia/db.h"
#include "mia/engine.h"
#include "mia/index.h"
#include "mia/installation.h"
#include "mia/json.h"
#include "mia/migrate.h"
#include "mia/model.h"
#include "mia/obstacle.h"
#include "mia/plan.h"
#include "mia/records.h"
#include "mia/search.h"
#include "mia/shadow.h"
#include "mia/source.h"
#include "mia/status.h"
#include "mia/store.h"
#include "mia/text.h"
#include "mia/trace.h"
#include "mia/view.h"

#endif
