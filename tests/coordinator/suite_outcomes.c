/* suite_outcomes.c - what came of actions, and what was learned */
#include "coordinator/suite.h"

#include <math.h>
#include <pthread.h>

static struct mia_feedback feedback_of(const char *comment, int64_t timestamp)
{
    return (struct mia_feedback){.user_comment = mia_str_of(comment), .timestamp = timestamp};
}

static void experience(void **state)
{
    struct coordinator_bench *b = *state;
    mia_list *list;
    struct mia_feedback good = feedback_of("good", 7), better = feedback_of("better", 8);
    coordinator_put(b, outcome_of("o2", "open", 20));
    coordinator_put(b, outcome_of("o1", "open", 10));
    coordinator_put(b, outcome_of("o3", "close", 5));
    OK(mia_outcome_feedback(b->c, MIA_STR("o1"), &good, ERR));
    OK(mia_outcome_feedback(b->c, MIA_STR("o1"), &better, ERR));
    ANSWERS(mia_outcome_feedback(b->c, MIA_STR("nobody"), &good, ERR), MIA_NOTFOUND);
    mia_snapshot *s = snapshot(b);
    mia_view outcome = found(s, MIA_KIND_ACTION_OUTCOME, "o1");
    assert_str(mia_feedback_user_comment(mia_action_outcome_user_feedback(outcome)), "better");
    assert_str(mia_action_outcome_conversation_context(outcome), "here"); /* the rest stays */
    OK(mia_list_outcomes(s, MIA_STR("open"), NULL, &list, ERR));
    assert_list(list, "o1 o2");
    OK(mia_list_outcomes(s, MIA_STR("open"),
                         &(struct mia_list_options){.struct_size = sizeof(struct mia_list_options),
                                                    .unscoped = true,
                                                    .newest_first = true,
                                                    .limit = 1},
                         &list, ERR));
    assert_list(list, "o2");
    OK(mia_list_outcomes(s, MIA_STR("none"), NULL, &list, ERR));
    assert_list(list, "");
    mia_snapshot_end(s);
}

/* The answer was always empty. */
static void outcomes_of_a_type(void **state)
{
    struct coordinator_bench *b = *state;
    mia_list *list;
    coordinator_put(b, outcome_of("o1", "open", 10));
    coordinator_put(b, outcome_of("o2", "close", 20));
    mia_snapshot *s = snapshot(b);
    OK(mia_list_outcomes(s, MIA_STR("open"), NULL, &list, ERR));
    assert_list(list, "o1");
    mia_snapshot_end(s);
}

static void feedback_for_another_kind(void **state)
{
    struct coordinator_bench *b = *state;
    struct mia_feedback good = feedback_of("good", 7);
    struct mia_place place = {MIA_DATABASE_EXPERIENCE, MIA_TIER_NONE, NULL};
    put_at(b, place, entity_of("n1", "Ada"));
    ANSWERS(mia_outcome_feedback(b->c, MIA_STR("n1"), &good, ERR), MIA_NOTFOUND);
}

static void assert_json(mia_view view, const char *expected)
{
    char *json;
    size_t size;
    OK(mia_view_json(view, &json, &size, ERR));
    assert_string_equal(json, expected);
    mia_free(json);
}

static void patterns(void **state)
{
    struct coordinator_bench *b = *state;
    OK(mia_record_success(b->c, MIA_STR("p\"1"), MIA_STR("open"), 0.9f, ERR));
    OK(mia_record_success(b->c, MIA_STR("p2"), MIA_STR("open"), NAN, ERR));
    mia_snapshot *s = snapshot(b);
    assert_json(found(s, MIA_KIND_ACTION_OUTCOME, "pattern_p\"1"),
                "{\"ActionOutcome\":{\"id\":\"pattern_p\\\"1\",\"action_type\":\"success_pattern_"
                "open\",\"action_args\":{\"confidence\":0.8999999761581421},\"result\":{\"pattern_"
                "id\":\"p\\\"1\",\"type\":\"success\"},\"user_feedback\":null,\"timestamp\":"
                "1705320000000,\"conversation_context\":\"pattern_learning\"}}");
    assert_json(found(s, MIA_KIND_ACTION_OUTCOME, "pattern_p2"),
                "{\"ActionOutcome\":{\"id\":\"pattern_p2\",\"action_type\":\"success_pattern_open"
                "\",\"action_args\":{\"confidence\":null},\"result\":{\"pattern_id\":\"p2\","
                "\"type\":\"success\"},\"user_feedback\":null,\"timestamp\":1705320000000,"
                "\"conversation_context\":\"pattern_learning\"}}");
    mia_snapshot_end(s);
    /* the ids are MIA's: an error replaces the success of that name */
    OK(mia_record_error(b->c, MIA_STR("p2"), MIA_STR("open"), 4000000000u, ERR));
    s = snapshot(b);
    assert_json(found(s, MIA_KIND_ACTION_OUTCOME, "pattern_p2"),
                "{\"ActionOutcome\":{\"id\":\"pattern_p2\",\"action_type\":\"error_pattern_open\","
                "\"action_args\":{\"error_count\":4000000000},\"result\":{\"pattern_id\":\"p2\","
                "\"type\":\"error\"},\"user_feedback\":null,\"timestamp\":1705320000000,"
                "\"conversation_context\":\"pattern_learning\"}}");
    mia_snapshot_end(s);
}

/* ---- two writers of one outcome: MIA lost one of them */

static void *give_feedback(void *arg)
{
    struct coordinator_bench *b = arg;
    struct mia_feedback good = feedback_of("good", 1);
    for (int i = 0; i < 50; i++)
        OK(mia_outcome_feedback(b->c, MIA_STR("o1"), &good, ERR));
    return NULL;
}

static void feedback_loses_nothing(void **state)
{
    struct coordinator_bench *b = *state;
    pthread_t thread;
    coordinator_put(b, outcome_of("o1", "open", 0));
    assert_int_equal(pthread_create(&thread, NULL, give_feedback, b), 0);
    for (int i = 1; i <= 50; i++)
        coordinator_put(b, outcome_of("o1", "open", i));
    pthread_join(thread, NULL);
    mia_snapshot *s = snapshot(b);
    assert_int_equal(mia_action_outcome_timestamp(found(s, MIA_KIND_ACTION_OUTCOME, "o1")), 50);
    mia_snapshot_end(s);
}

struct engine_cases cases_of_outcomes(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(experience),      DEFECT(d08, outcomes_of_a_type),     CASE(feedback_for_another_kind),
        DEFECT(d13, patterns), DEFECT(d10, feedback_loses_nothing),
    };
    return CASES(cases);
}
