/* The mapping language at work: conditions, several ways to a value, several events of a record, and what of
 * it a writer's schema cannot serve. Rows and lists: test_event_rows.c. */
#include <stdlib.h>

#include "codec/json_plan.h"
#include "event_rig.h"

/* --- conditions */

static const char deal_record[] =
    "{'type':'record','name':'R','fields':[{'name':'id','type':'string'},{'name':'rep','type':['null','"
    "string']},"
    "{'name':'at','type':'long'},{'name':'stage','type':{'type':'enum','name':'S','symbols':['OPEN','WON']}},"
    "{'name':'was','type':['null','S']},{'name':'changed','type':{'type':'array','items':'string'}},{'name':"
    "'house','type':'string'},{'name':'product','type':'string'}]}";

static void put_deal(rig *r, const char *rep, int stage, int was, const char *changed) {
  put(r, "e");
  put_maybe(r, rep);
  pl_buf_zigzag(&r->body, 7), pl_buf_zigzag(&r->body, stage);
  pl_buf_zigzag(&r->body, was >= 0);
  if (was >= 0) pl_buf_zigzag(&r->body, was);
  if (changed) pl_buf_zigzag(&r->body, 2), put(r, "Amount"), put(r, changed);
  pl_buf_zigzag(&r->body, 0);
  put(r, "house"), put(r, "gtx");
}

static void an_event_is_made_where_all_conditions_hold(void **state) {
  (void)state;
  static const char *const won[] = {"LOST", "WON"}, *const stage[] = {"Stage"}, *const ada[] = {"ada"};
  static const struct {
    pl_condition when;
    bool made[6];
  } cases[] = {
      {{"stage", PL_TEST_IS, won, 2, NULL}, {false, true, true, true, false, true}},
      {{"stage", PL_TEST_IS_NOT, won, 2, NULL}, {true, false, false, false, true, false}},
      {{"was", PL_TEST_IS_NOT, won, 2, NULL}, {true, true, true, false, false, true}},
      {{"was", PL_TEST_DIFFERS, NULL, 0, "stage"}, {true, true, true, false, true, true}},
      {{"was", PL_TEST_PRESENT, NULL, 0, NULL}, {false, false, true, true, true, true}},
      {{"was", PL_TEST_ABSENT, NULL, 0, NULL}, {true, true, false, false, false, false}},
      {{"changed[]", PL_TEST_IS, stage, 1, NULL}, {false, true, false, false, false, true}},
      {{"changed[]", PL_TEST_IS_NOT, stage, 1, NULL}, {true, false, true, true, true, false}},
      {{"changed[]", PL_TEST_PRESENT, NULL, 0, NULL}, {true, true, false, false, true, true}},
      {{"changed[]", PL_TEST_ABSENT, NULL, 0, NULL}, {false, false, true, true, false, false}},
      {{"rep", PL_TEST_IS, ada, 1, NULL}, {true, true, true, true, true, true}},
      {{"nowhere", PL_TEST_IS, ada, 1, NULL}, {false, false, false, false, false, false}},
      {{"nowhere", PL_TEST_ABSENT, NULL, 0, NULL}, {true, true, true, true, true, true}},
  };
  for (size_t i = 0; i < PL_COUNT(cases); i++) {
    rig r;
    pl_mapping m = flat();
    m.type = (pl_origin){.paths = {NULL}}, m.when = &cases[i].when, m.nwhen = 1;
    open_set(&r, deal_record, &m, 1);
    for (size_t k = 0; k < 6; k++) {
      static const int stages[] = {0, 1, 1, 1, 0, 1}, earlier[] = {-1, -1, 0, 1, 1, 0};
      static const char *const changes[] = {"Name", "Stage", NULL, NULL, "Name", "Stage"};
      put_deal(&r, "ada", stages[k], earlier[k], changes[k]);
      const char *expected = cases[i].made[k] ? "call e ada" : "";
      if (strcmp(made(&r), expected) != 0)
        fail_msg("condition %zu, record %zu: expected '%s'", i, k, expected);
    }
    close_rig(&r);
  }
}

static void a_value_comes_from_the_first_path_that_has_one_and_gets_our_name(void **state) {
  (void)state;
  static const pl_rename reps[] = {{"ada", "r1"}, {"house", "r9"}}, products[] = {{"gtx", "GTX Pro"}};
  pl_mapping m = flat();
  m.type = (pl_origin){.paths = {NULL}};
  m.rep = (pl_origin){.paths = {"gone", "rep", "house"}, .values = reps, .nvalues = 2};
  m.fields[1] = (pl_origin){.paths = {"product"}, .values = products, .nvalues = 1};
  m.currency = (pl_origin){.paths = {"gone"}, .constant = "EUR"};
  rig r;
  open_set(&r, deal_record, &m, 1);
  assert_string_equal(pl_event_reader_missing(r.reader), "");
  static const char *const given[] = {"ada", "bob", NULL}, *const expected[] = {"call e r1", "call e bob",
                                                                                "call e r9"};
  for (size_t i = 0; i < 3; i++) {
    put_deal(&r, given[i], 0, -1, NULL);
    assert_string_equal(made(&r), expected[i]);
    assert_true(pl_str_is(r.made[0].event.fields[1].s, "GTX Pro"));
    assert_true(pl_str_is(r.made[0].event.currency, "EUR"));
  }
  close_rig(&r);
}

static void one_record_is_several_events_and_counts_wholly_or_not_at_all(void **state) {
  (void)state;
  static const char *const won[] = {"WON"};
  static const pl_condition is_won = {"stage", PL_TEST_IS, won, 1, NULL};
  pl_mapping set[2] = {flat(), flat()};
  set[0].type = set[1].type = (pl_origin){.paths = {NULL}};
  set[1].type_constant = 1, set[1].id = "{id}/won", set[1].when = &is_won, set[1].nwhen = 1;
  set[1].rep = (pl_origin){.paths = {"house"}}, set[1].at = (pl_origin){.paths = {"at"}};
  set[1].fields[0] = (pl_origin){.paths = {"product"}}; /* no number */
  rig r;
  open_set(&r, deal_record, set, 2);
  put_deal(&r, "ada", 0, -1, NULL);
  assert_string_equal(made(&r), "call e ada");
  put_deal(&r, "ada", 1, -1, NULL);
  assert_string_equal(made(&r), "bad_value");
  assert_int_equal(r.n, 0);
  assert_non_null(strstr(r.err.text, "`product`"));
  close_rig(&r);
  set[1].fields[0] = (pl_origin){.paths = {NULL}};
  open_set(&r, deal_record, set, 2);
  put_deal(&r, "ada", 1, -1, NULL);
  assert_string_equal(made(&r), "call e ada, deal_won e/won house");
  assert_int_equal(r.made[1].mapping, 1);
  put_deal(&r, "house", 1, -1, NULL);
  assert_string_equal(made(&r), "call e house, deal_won e/won house");
  close_rig(&r);
}

static void a_writer_that_lacks_what_one_mapping_needs_serves_the_others(void **state) {
  (void)state;
  pl_mapping set[2] = {flat(), flat()};
  set[1].id = "{id}/{version}";
  set[1].fields[0] = (pl_origin){.paths = {"amount"}};
  rig r;
  open_set(&r, flat_record("'long'", ""), set, 2);
  assert_string_equal(pl_event_reader_missing(r.reader), "version (without it mapping 2 makes no event)");
  put(&r, "e"), put(&r, "r"), pl_buf_zigzag(&r.body, 7), put(&r, "call");
  assert_string_equal(made(&r), "call e r");
  close_rig(&r);
}

static void a_json_object_goes_through_the_same_mapping(void **state) {
  (void)state;
  static const char *const won[] = {"won"}, *const owners[] = {"owner"};
  static const pl_condition when[] = {{"deal.stage", PL_TEST_IS, won, 1, NULL},
                                      {"splits[].role", PL_TEST_IS, owners, 1, NULL}};
  static const pl_mapping set[] = {{.when = when,
                                    .nwhen = 2,
                                    .each = "splits[]",
                                    .id = "{deal.id}/{at}",
                                    .rep = {.paths = {"splits[].owner"}},
                                    .at = {.paths = {"at"}},
                                    .at_of_day = -1,
                                    .type_constant = 1,
                                    .fields = {{.paths = {"deal.amount"}}},
                                    .share = "splits[].percent",
                                    .share_of = 100}};
  static const struct {
    const char *text, *made;
  } cases[] = {
      {"{'at':1772582400000,'deal':{'id':17,'stage':'won','amount':10.01,'more':[{},[null]]},'splits':[{'"
       "owner':"
       "'ada','role':'owner','percent':50},{'role':'help','owner':'eve','percent':25},{'role':'owner','"
       "percent':25,"
       "'owner':'b\\u00f6b'}]}",
       "deal_won 17/1772582400000/ada ada 501, deal_won 17/1772582400000/b\xC3\xB6"
       "b b\xC3\xB6"
       "b 250"},
      {"{'at':1,'deal':{'id':'x','stage':'open','amount':10.01},'splits':[{'owner':'ada','role':'owner'}]}",
       ""},
      {"{'at':1.5,'deal':{'id':'x','stage':'won','amount':1},'splits':[{'owner':'ada','role':'owner'}]}",
       "bad_id"},
      {"{'at':1,'deal':{'id':1.5,'stage':'won','amount':1},'splits':[{'owner':'ada','role':'owner'}]}",
       "bad_id"},
      {"{'at':1,'deal':{'id':'x','stage':'won','amount':'ten'},'splits':[{'owner':'ada','role':'owner'}]}",
       "bad_value"},
      {"{'at':1,'deal':{'id':'x','stage':'won','amount':1},'splits':[{'owner':'ada','role':'owner'}]}}",
       "body"},
      {"[]", "body"},
      {"", "body"},
  };
  rig r = {0};
  pl_json_room *texts = calloc(1, sizeof *texts);
  assert_int_equal(pl_event_reader_new(&r.reader, PL_FORM_JSON, NULL, set, PL_COUNT(set), &policy, &r.err),
                   PL_OK);
  for (size_t i = 0; i < PL_COUNT(cases); i++) {
    const char *found = told(&r, json(cases[i].text), texts);
    if (strcmp(found, cases[i].made) != 0)
      fail_msg("case %zu: '%s' (%s), expected '%s'", i, found, r.err.text, cases[i].made);
  }
  free(texts);
  pl_event_reader_free(&r.reader);
}

static void what_an_adjustment_said_is_not_said_of_the_next_event(void **state) {
  (void)state;
  pl_mapping m = flat();
  m.metric = "metric", m.amount = "amount", m.source = "metric", m.complete_to = "amount";
  rig r;
  open_set(
      &r,
      flat_record("'long'", ",{'name':'metric','type':['null','string']},{'name':'amount','type':'long'}"),
      &m, 1);
  static const char *const kinds[] = {"adjustment", "heartbeat", "call"};
  for (size_t i = 0; i < 3; i++) {
    put(&r, "e"), put(&r, "r"), pl_buf_zigzag(&r.body, 7), put(&r, kinds[i]), put_maybe(&r, "calls");
    pl_buf_zigzag(&r.body, 5);
    assert_int_equal(decode(&r), PL_APPLIED);
    pl_buf_clear(&r.body);
    assert_int_equal(r.event.metric.n, i == 0 ? 5 : 0);
    assert_int_equal(r.event.source.n, i == 1 ? 5 : 0);
    assert_int_equal(r.event.amount.kind, i == 0 ? PL_INT : PL_NONE);
  }
  close_rig(&r);
}

static void what_is_counted_apart_is_a_word_also_where_it_is_a_number(void **state) {
  (void)state;
  static const char *const types_of[] = {"'long'", "'string'", "'boolean'"};
  static const char *const words[] = {"-17", "acme", "true"};
  for (size_t i = 0; i < 3; i++) {
    char more[128];
    pl_mapping m = flat();
    m.fields[1] = (pl_origin){.paths = {"account"}};
    (void)snprintf(more, sizeof more, ",{'name':'account','type':%s}", types_of[i]);
    rig r;
    open_set(&r, flat_record("'long'", more), &m, 1);
    put(&r, "e"), put(&r, "r"), pl_buf_zigzag(&r.body, 7), put(&r, "call");
    if (i == 0) pl_buf_zigzag(&r.body, -17);
    if (i == 1) put(&r, "acme");
    if (i == 2) pl_buf_char(&r.body, 1);
    assert_int_equal(decode(&r), PL_APPLIED);
    assert_int_equal(r.event.fields[1].kind, PL_TEXT);
    assert_true(pl_str_is(r.event.fields[1].s, words[i]));
    close_rig(&r);
  }
}

static void plain_numbers_are_instants_in_the_unit_that_is_said(void **state) {
  (void)state;
  static const struct {
    pl_epoch_unit unit;
    int64_t given, ms;
  } cases[] = {{PL_EPOCH_MS, DAY_2026_03_04, DAY_2026_03_04},
               {PL_EPOCH_S, DAY_2026_03_04 / 1000, DAY_2026_03_04},
               {PL_EPOCH_US, DAY_2026_03_04 * 1000 + 999, DAY_2026_03_04},
               {PL_EPOCH_NS, DAY_2026_03_04 * 1000000 + 999999, DAY_2026_03_04},
               {PL_EPOCH_S, INT64_MAX, 0}};
  for (size_t i = 0; i < PL_COUNT(cases); i++) {
    rig r;
    pl_mapping m = flat();
    m.at_unit = cases[i].unit;
    m.fields[2] = (pl_origin){.paths = {"opened"}};
    open_set(&r, flat_record("'long'", ",{'name':'opened','type':'long'}"), &m, 1);
    put(&r, "e"), put(&r, "r"), pl_buf_zigzag(&r.body, cases[i].given), put(&r, "call");
    pl_buf_zigzag(&r.body, cases[i].given);
    assert_string_equal(made(&r), cases[i].ms ? "call e r" : "no_time");
    if (cases[i].ms) assert_true(r.made[0].event.at.ms == cases[i].ms);
    if (cases[i].ms) assert_true(r.made[0].event.fields[2].i == cases[i].ms); /* the same clock */
    close_rig(&r);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(an_event_is_made_where_all_conditions_hold),
      cmocka_unit_test(a_value_comes_from_the_first_path_that_has_one_and_gets_our_name),
      cmocka_unit_test(one_record_is_several_events_and_counts_wholly_or_not_at_all),
      cmocka_unit_test(a_writer_that_lacks_what_one_mapping_needs_serves_the_others),
      cmocka_unit_test(a_json_object_goes_through_the_same_mapping),
      cmocka_unit_test(what_an_adjustment_said_is_not_said_of_the_next_event),
      cmocka_unit_test(what_is_counted_apart_is_a_word_also_where_it_is_a_number),
      cmocka_unit_test(plain_numbers_are_instants_in_the_unit_that_is_said),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
