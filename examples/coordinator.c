/* coordinator.c - all of MIA's databases as one: a chat over three tiers, and what it is about */
#include "example.h"

static const int64_t now = 1705320000000; /* 2024-01-15 */
static const int64_t day = 86400000;

static void put(mia_coordinator *c, struct mia_record record)
{
    struct mia_error err;
    check(mia_coordinator_put(c, &record, &err), &err);
}

static struct mia_record message(const char *id, int64_t days_ago, const char *text)
{
    return (struct mia_record){MIA_KIND_MESSAGE,
                               {.message = {.id = mia_str_of(id),
                                            .chat_id = MIA_STR("chat_1"),
                                            .sender = MIA_STR("user"),
                                            .timestamp = now - days_ago * day,
                                            .text_content = mia_str_of(text)}}};
}

/* Edges belong to the database of the graph that they describe. */
static void connect(mia_coordinator *c, const char *from, const char *to)
{
    struct mia_error err;
    mia_store *store;
    struct mia_place active = {MIA_DATABASE_CONVERSATIONS, MIA_TIER_ACTIVE, NULL};
    struct mia_record edge = {MIA_KIND_EDGE,
                              {.edge = {.id = MIA_STR("edge_1"),
                                        .from_node = mia_str_of(from),
                                        .to_node = mia_str_of(to),
                                        .edge_type = MIA_STR("MENTIONS")}}};
    check(mia_coordinator_store(c, &active, true, &store, &err), &err);
    check(mia_store_put(store, &edge, &err), &err);
    mia_coordinator_release(c, store);
}

static void print_list(const char *label, mia_list *list)
{
    struct mia_error err;
    mia_view view;
    mia_status rc;
    printf("%s:", label);
    while ((rc = mia_list_next(list, &view, &err)) == MIA_OK) {
        mia_str id = mia_view_id(view);
        printf(" %.*s", (int)id.size, id.data);
    }
    printf("\n");
    mia_list_close(list);
    check(rc == MIA_NOTFOUND ? MIA_OK : rc, &err);
}

static void read(mia_coordinator *c)
{
    struct mia_error err;
    mia_snapshot *s;
    mia_list *list;
    mia_view view;
    struct mia_list_options last_two = {
        .struct_size = sizeof last_two, .unscoped = true, .newest_first = true, .limit = 2};
    struct mia_list_options this_quarter = {.struct_size = sizeof this_quarter,
                                            .scope = {.scope = MIA_SCOPE_THIS_QUARTER},
                                            .now_ms = now};
    check(mia_snapshot_begin(c, &s, &err), &err);
    check(mia_find(s, MIA_KIND_MESSAGE, MIA_STR("msg_1"), NULL, &view, &err), &err);
    print("msg_1", mia_message_text_content(view));
    check(mia_list_messages(s, MIA_STR("chat_1"), NULL, &list, &err), &err);
    print_list("all", list);
    check(mia_list_messages(s, MIA_STR("chat_1"), &last_two, &list, &err), &err);
    print_list("the last two", list);
    check(mia_list_messages(s, MIA_STR("chat_1"), &this_quarter, &list, &err), &err);
    print_list("this quarter", list);
    check(mia_list_entities_of_chat(s, MIA_STR("chat_1"), &list, &err), &err);
    print_list("about", list);
    mia_snapshot_end(s);
}

int main(int argc, char **argv)
{
    struct mia_error err;
    mia_coordinator *c;
    struct mia_age_report report = {.struct_size = sizeof report};
    check(mia_coordinator_open(directory(argc, argv), NULL, &c, &err), &err);
    put(c, (struct mia_record){MIA_KIND_ENTITY,
                               {.entity = {.id = MIA_STR("ada"), .label = MIA_STR("Ada")}}});
    put(c, message("msg_1", 100, "Who wrote the first program?"));
    put(c, message("msg_2", 40, "And when?"));
    put(c, message("msg_3", 0, "Tell me more."));
    connect(c, "msg_1", "ada");

    /* Messages of 30 days go to recent, those of 90 days to the archive of their quarter. */
    check(mia_age_conversations(c, now, NULL, NULL, &report, &err), &err);
    printf("moved: %d to recent, %d on to an archive\n", (int)report.to_recent,
           (int)report.to_archive);
    read(c);
    check(mia_coordinator_close(c, &err), &err);
    return EXIT_SUCCESS;
}
