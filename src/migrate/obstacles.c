/* migrate/obstacles.c - telling and counting what stands in the way */
#include "migrate/obstacles.h"

#include <stdarg.h>
#include <stdio.h>

static const char *const names[MIA_OBSTACLE_CLASSES] = {
#define ROW(code, name) [code] = name,
    MIA_OBSTACLE_MAP(ROW)
#undef ROW
};

static const char *const weights[MIA_WEIGHTS] = {[MIA_WEIGHT_WARNING] = "warning",
                                                 [MIA_WEIGHT_DAMAGE] = "damage",
                                                 [MIA_WEIGHT_REFUSAL] = "refusal"};

const char *mia_obstacle_name(enum mia_obstacle_class c)
{
    return (unsigned)c < MIA_OBSTACLE_CLASSES ? names[c] : "?";
}

const char *mia_weight_name(enum mia_obstacle_weight weight)
{
    return (unsigned)weight < MIA_WEIGHTS ? weights[weight] : "?";
}

void mia__obstacle_error(struct mia__obstacles *o, enum mia_obstacle_class c,
                         enum mia_obstacle_weight weight, const struct mia_error *why)
{
    bool is_first = weight != MIA_WEIGHT_WARNING && o->counts[weight] == 0 &&
                    o->counts[MIA_WEIGHT_REFUSAL] == 0;
    if (is_first)
        o->first = *why;
    o->is_out_of_memory = o->is_out_of_memory || why->status == MIA_ERR_NOMEM;
    o->counts[weight]++;
    struct mia_obstacle told = {.obstacle = c,
                                .weight = weight,
                                .status = weight != MIA_WEIGHT_WARNING ? why->status : MIA_OK,
                                .message = why->message,
                                .database = o->database};
    if (o->fn != NULL)
        o->fn(o->ctx, &told);
}

void mia__obstacle(struct mia__obstacles *o, enum mia_obstacle_class c,
                   enum mia_obstacle_weight weight, mia_status status, const char *format, ...)
{
    struct mia_error why = {.status = status};
    va_list args;
    va_start(args, format);
    vsnprintf(why.message, sizeof why.message, format, args);
    va_end(args);
    mia__obstacle_error(o, c, weight, &why);
}

mia_status mia__obstacles_judge(const struct mia__obstacles *o, struct mia_error *err)
{
    if (o->counts[MIA_WEIGHT_REFUSAL] == 0)
        return MIA_OK;
    if (err != NULL)
        *err = o->first;
    return o->first.status;
}
