/* The mapping at work: one event out of bodies by many schemas, and out of rows of text. */
#include <stdlib.h>

#include "codec/encode.h"
#include "event_rig.h"

static char *file(const char *name, size_t *n) {
  FILE *f = fopen(name, "rb");
  assert_non_null(f);
  char *text = calloc(1, 1 << 16);
  *n = fread(text, 1, (1 << 16) - 1, f);
  fclose(f);
  return text;
}

static void the_default_mapping_reads_what_activity_encode_writes(void **state) {
  (void)state;
  size_t n;
  char *record = file("schemas/activity.avsc", &n);
  rig r;
  pl_mapping mapping;
  pl_mapping_default(&mapping, &policy);
  open_rig(&r, record, &mapping);
  assert_string_equal(pl_event_reader_missing(r.reader), "");
  pl_activity a = {.id = PL_STR("e1"),
                   .rep = PL_STR("r1"),
                   .at = {DAY_2026_03_04},
                   .type = PL_STR("deal_won"),
                   .amount = {.kind = PL_DECIMAL, .scale = 2, .i = -123456},
                   .account = PL_STR("acme"),
                   .opened_at = {DAY_2026_03_04 - 86400000},
                   .complete_to = PL_NEVER};
  assert_true(pl_activity_encode(&r.body, &a));
  assert_int_equal(decode(&r), PL_APPLIED);
  assert_true(pl_str_is(r.event.id, "e1"));
  assert_true(pl_str_is(r.event.rep, "r1"));
  assert_true(r.event.at.ms == DAY_2026_03_04);
  assert_false(r.event.at_is_local);
  assert_int_equal(r.event.type, 1);
  assert_int_equal(r.event.fields[0].kind, PL_DECIMAL);
  assert_int_equal(r.event.fields[0].i, -12345600);
  assert_int_equal(r.event.fields[0].scale, 4);
  assert_true(pl_str_is(r.event.fields[1].s, "acme"));
  assert_int_equal(r.event.fields[2].kind, PL_INSTANT);
  assert_true(r.event.fields[2].i == DAY_2026_03_04 - 86400000);
  assert_false(r.event.fields[2].is_local);

  assert_false(r.event.more);
  pl_buf_clear(&r.body);
  a.retracts = PL_STR("e0"), a.more = true;
  assert_true(pl_activity_encode(&r.body, &a));
  assert_int_equal(decode(&r), PL_APPLIED);
  assert_true(r.event.more && pl_str_is(r.event.retracts, "e0"));
  a.retracts = (pl_str){"", 0}, a.more = false;

  pl_buf_clear(&r.body);
  const pl_goal_word word = {PL_STR("mine"), PL_STR("calls"), PL_STR("Two blocks before lunch."),
                             PL_STR("r1"),   PL_WEEK,         38.5};
  a.type = PL_STR("goal_proposed"), a.goal = &word;
  assert_true(pl_activity_encode(&r.body, &a));
  assert_int_equal(decode(&r), PL_APPLIED);
  assert_int_equal(r.event.type, PL_TYPE_GOAL_PROPOSED);
  const pl_goal_word *said = r.event.goal;
  assert_true(pl_str_eq(said->name, word.name) && pl_str_eq(said->metric, word.metric) &&
              pl_str_eq(said->plan, word.plan) && pl_str_eq(said->by, word.by));
  assert_true(said->period == PL_WEEK && said->target == 38.5);
  assert_null(r.event.answer);

  pl_buf_clear(&r.body);
  const pl_answer_word answer = {PL_STR("0f3a"), PL_STR("Sick.\r\nTwo\tdays\r"),
                                 PL_STR("Zw\xC3\xB6lf calls")};
  a.type = PL_STR("answer"), a.goal = NULL, a.answer = &answer;
  assert_true(pl_activity_encode(&r.body, &a));
  assert_int_equal(decode(&r), PL_APPLIED);
  assert_int_equal(r.event.type, PL_TYPE_ANSWER);
  assert_null(r.event.goal);
  assert_true(pl_str_is(r.event.answer->alert, "0f3a"));
  assert_true(pl_str_is(r.event.answer->reason, "Sick.\nTwo days\n"));
  assert_true(pl_str_eq(r.event.answer->plan, answer.plan));

  pl_buf_clear(&r.body);
  pl_heartbeat_encode(&r.body, PL_STR("crm-eu"), (pl_wall){DAY_2026_03_04 + 5}, (pl_wall){DAY_2026_03_04});
  assert_int_equal(decode(&r), PL_APPLIED);
  assert_int_equal(r.event.type, PL_TYPE_HEARTBEAT);
  assert_true(pl_str_is(r.event.source, "crm-eu"));
  assert_true(r.event.complete_to.ms == DAY_2026_03_04);
  close_rig(&r);
  free(record);
}

static void types_are_mapped_by_symbol_whatever_their_order(void **state) {
  (void)state;
  static const pl_type_value values[] = {{"CALL", 0}, {"WON", 1}, {"PING", PL_TYPE_HEARTBEAT}};
  static const char *const orders[] = {"'CALL','NOTE','WON'", "'WON','CALL','NOTE'"};
  enum { NONE = PL_TYPE_LAST - 1 }; /* not listed */
  static const int expected[2][3] = {{0, NONE, 1}, {1, 0, NONE}};
  for (size_t i = 0; i < 2; i++)
    for (int ordinal = 0; ordinal < 3; ordinal++) {
      char record[1024];
      rig r;
      pl_mapping mapping = flat();
      mapping.type_values = values, mapping.ntype_values = PL_COUNT(values);
      snprintf(
          record, sizeof record,
          "{'type':'record','name':'R','fields':[{'name':'id','type':'long'},{'name':'rep','type':'int'},{'"
          "name':'at','type':'long'},{'name':'kind','type':{'type':'enum','name':'K','symbols':[%s]}}]}",
          orders[i]);
      open_rig(&r, record, &mapping);
      pl_buf_zigzag(&r.body, INT64_MIN), pl_buf_zigzag(&r.body, 42), pl_buf_zigzag(&r.body, 7);
      pl_buf_zigzag(&r.body, ordinal);
      bool listed = expected[i][ordinal] != NONE;
      assert_int_equal(decode(&r), listed ? PL_APPLIED : PL_UNMAPPED);
      if (listed) {
        assert_int_equal(r.event.type, expected[i][ordinal]);
        assert_true(pl_str_is(r.event.id, "-9223372036854775808"));
        assert_true(pl_str_is(r.event.rep, "42"));
      }
      close_rig(&r);
    }
}

static void two_events_come_out_of_one_record_by_templates_and_constants(void **state) {
  (void)state;
  static const char record[] =
      "{'type':'record','name':'R','fields':[{'name':'deal','type':{'type':'record','"
      "name':'D','fields':[{'name':'id','type':'int'},{'name':'won','type':['null','"
      "double']}]}},{'name':'owner','type':'string'},{'name':'at','type':'long'}]}";
  pl_mapping mapping = {.id = "{deal.id}/closed",
                        .rep = {.paths = {"owner"}},
                        .at = {.paths = {"at"}},
                        .at_of_day = -1,
                        .type_constant = 1};
  mapping.fields[0].paths[0] = "deal.won", mapping.fields[1].paths[0] = "owner";
  rig r;
  open_rig(&r, record, &mapping);
  pl_buf_zigzag(&r.body, 17);
  pl_buf_zigzag(&r.body, 0);
  put(&r, "r1");
  pl_buf_zigzag(&r.body, 7);
  assert_int_equal(decode(&r), PL_APPLIED);
  assert_true(pl_str_is(r.event.id, "17/closed"));
  assert_int_equal(r.event.type, 1);
  assert_int_equal(r.event.fields[0].kind, PL_NONE);
  assert_true(pl_str_is(r.event.fields[1].s, "r1"));
  close_rig(&r);
}

static void uuids_are_ids_as_text(void **state) {
  (void)state;
  static const char record[] =
      "{'type':'record','name':'R','fields':[{'name':'id','type':{'type':'fixed','name':'U','size':16,'"
      "logicalType':'uuid'}},{'name':'rep','type':{'type':'string','logicalType':'uuid'}},{'name':'at','type'"
      ":'long'},{'name':'kind','type':'string'}]}";
  pl_mapping mapping = flat();
  for (int bad = 0; bad < 2; bad++) {
    rig r;
    open_rig(&r, record, &mapping);
    pl_buf_put(&r.body, "\x12\x34\x56\x78\x9A\xBC\xDE\xF0\x00\x01\x02\x03\x04\x05\x06\x07", 16);
    put(&r, bad ? "12345678-9abc-def0-0001-02030405060g" : "12345678-9abc-def0-0001-020304050607");
    pl_buf_zigzag(&r.body, 7);
    put(&r, "call");
    assert_int_equal(decode(&r), bad ? PL_BAD_ID : PL_APPLIED);
    assert_true(pl_str_is(r.event.id, "12345678-9abc-def0-0001-020304050607"));
    if (!bad) assert_true(pl_str_eq(r.event.id, r.event.rep));
    close_rig(&r);
  }
}

static void a_field_that_an_older_schema_lacks_is_absent_and_named(void **state) {
  (void)state;
  pl_mapping mapping = flat();
  mapping.fields[0].paths[0] = "amount", mapping.fields[1].paths[0] = "account";
  rig r;
  open_rig(&r, flat_record("'long'", ",{'name':'account','type':'string'}"), &mapping);
  assert_string_equal(pl_event_reader_missing(r.reader), "amount");
  put(&r, "e"), put(&r, "r"), pl_buf_zigzag(&r.body, 7), put(&r, "call"), put(&r, "acme");
  assert_int_equal(decode(&r), PL_APPLIED);
  assert_int_equal(r.event.fields[0].kind, PL_NONE);
  assert_true(pl_str_is(r.event.fields[1].s, "acme"));
  close_rig(&r);
}

typedef struct {
  const char *path, *text;
} cell;

static bool look_up(void *ctx, const char *path, pl_str *value) {
  for (const cell *c = ctx; c->path; c++)
    if (strcmp(c->path, path) == 0) {
      *value = pl_str_of(c->text);
      return true;
    }
  return false;
}

static void a_row_of_text_goes_through_the_same_mapping(void **state) {
  (void)state;
  static const pl_type_value values[] = {{"Won", 1}};
  pl_mapping mapping = {.id = "{opportunity_id}/closed",
                        .rep = {.paths = {"sales_agent"}},
                        .at = {.paths = {"close_date"}},
                        .at_format = "%Y-%m-%d",
                        .at_of_day = 43200,
                        .type = {.paths = {"deal_stage"}},
                        .type_values = values,
                        .ntype_values = 1};
  mapping.fields[0].paths[0] = "close_value", mapping.fields[1].paths[0] = "account";
  static const struct {
    const char *id, *rep, *day, *stage, *value, *account;
    pl_reason reason;
    int64_t amount;
    int scale;
  } cases[] = {
      {"1C1I7A6R", "Moses Frase", "2026-03-04", "Won", "1054", "Cancity", PL_APPLIED, 1054, 0},
      {"1C1I7A6R", "Moses Frase", "2026-03-04", "Won", "1054.25", "", PL_APPLIED, 105425, 2},
      {"1C1I7A6R", "Moses Frase", "2026-03-04", "Won", "", "", PL_APPLIED, 0, -1},
      {"1C1I7A6R", "Moses Frase", "", "Won", "0", "", PL_NO_TIME, 0, 0},
      {"1C1I7A6R", "Moses Frase", "2026-3-4x", "Won", "0", "", PL_NO_TIME, 0, 0},
      {"1C1I7A6R", "", "2026-03-04", "Won", "0", "", PL_NO_REP, 0, 0},
      {"", "Moses Frase", "2026-03-04", "Won", "0", "", PL_BAD_ID, 0, 0},
      {"1C1I7A6R", "Moses Frase", "2026-03-04", "", "0", "", PL_NO_TYPE, 0, 0},
      {"1C1I7A6R", "Moses Frase", "2026-03-04", "Won", "10 EUR", "", PL_BAD_VALUE, 0, 0},
  };
  rig r;
  open_rig(&r, NULL, &mapping);
  for (size_t i = 0; i < PL_COUNT(cases); i++) {
    cell row[] = {{"opportunity_id", cases[i].id},
                  {"sales_agent", cases[i].rep},
                  {"close_date", cases[i].day},
                  {"deal_stage", cases[i].stage},
                  {"close_value", cases[i].value},
                  {"account", cases[i].account},
                  {NULL, NULL}};
    pl_reason reason = pl_events_from_fields(r.reader, look_up, row, r.made, &r.n, &r.err);
    r.event = r.made[0].event;
    if (reason != cases[i].reason) fail_msg("case %zu: %s: %s", i, pl_reason_name(reason), r.err.text);
    if (reason != PL_APPLIED) continue;
    assert_true(pl_str_is(r.event.id, "1C1I7A6R/closed"));
    assert_true(r.event.at.ms == DAY_2026_03_04 + 43200000);
    assert_true(r.event.at_is_local);
    assert_int_equal(r.event.type, 1);
    assert_int_equal(r.event.fields[0].kind, cases[i].scale < 0 ? PL_NONE : PL_DECIMAL);
    if (cases[i].scale >= 0) {
      assert_int_equal(r.event.fields[0].i, cases[i].amount);
      assert_int_equal(r.event.fields[0].scale, cases[i].scale);
    }
    assert_int_equal(r.event.fields[1].kind, *cases[i].account ? PL_TEXT : PL_NONE);
  }
  close_rig(&r);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_default_mapping_reads_what_activity_encode_writes),
      cmocka_unit_test(types_are_mapped_by_symbol_whatever_their_order),
      cmocka_unit_test(two_events_come_out_of_one_record_by_templates_and_constants),
      cmocka_unit_test(uuids_are_ids_as_text),
      cmocka_unit_test(a_field_that_an_older_schema_lacks_is_absent_and_named),
      cmocka_unit_test(a_row_of_text_goes_through_the_same_mapping),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
