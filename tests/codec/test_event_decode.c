/* The mapping at work: one event out of bodies by many schemas, and out of rows of text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/mem.h"
#include "codec/encode.h"
#include "codec/event_decode.h"
#include "json.h"

#define DAY_2026_03_04 INT64_C(1772582400000)

static const char *const types[] = {"call", "deal_won"}, *const fields[] = {"amount", "account", "opened_at"};
static const pl_metric metrics[] = {
    {.name = "revenue", .kind = PL_SUM_OF, .types = 2, .field = 0, .decimals = 2},
    {.name = "time_to_close/sum", .kind = PL_SPAN_OF, .types = 2, .field = 2, .hidden = true}};
static const pl_policy policy = {
    .types = types, .ntypes = 2, .fields = fields, .nfields = 3, .metrics = metrics, .nmetrics = 2};

/* id, rep, at, kind; the record's fields have the same names */
static pl_mapping flat(void) {
  return (pl_mapping){.id = "id", .rep = "rep", .at = "at", .at_of_day = -1, .type_path = "kind"};
}

typedef struct {
  pl_schema *schema;
  pl_event_reader *reader;
  pl_event_room room;
  pl_event event;
  pl_err err;
  pl_buf body;
} rig;

static pl_status try_open(rig *r, const char *text, const pl_mapping *mapping) {
  *r = (rig){0};
  pl_buf_init(&r->body, 1 << 16);
  if (text && pl_schema_new(&r->schema, json(text), &r->err) != PL_OK) fail_msg("%s", r->err.text);
  return pl_event_reader_new(&r->reader, r->schema, mapping, &policy, &r->err);
}

static void open_rig(rig *r, const char *text, const pl_mapping *mapping) {
  if (try_open(r, text, mapping) != PL_OK) fail_msg("%s", r->err.text);
}

static void close_rig(rig *r) {
  pl_event_reader_free(&r->reader);
  pl_schema_free(&r->schema);
  pl_buf_fini(&r->body);
}

static void put(rig *r, const char *text) {
  pl_buf_zigzag(&r->body, (int64_t)strlen(text));
  pl_buf_text(&r->body, text);
}

static pl_reason decode(rig *r) {
  return pl_event_decode(r->reader, pl_buf_str(&r->body), &r->room, &r->event, &r->err);
}

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

  pl_buf_clear(&r.body);
  pl_heartbeat_encode(&r.body, PL_STR("crm-eu"), (pl_wall){DAY_2026_03_04 + 5}, (pl_wall){DAY_2026_03_04});
  assert_int_equal(decode(&r), PL_APPLIED);
  assert_int_equal(r.event.type, PL_TYPE_HEARTBEAT);
  assert_true(pl_str_is(r.event.source, "crm-eu"));
  assert_true(r.event.complete_to.ms == DAY_2026_03_04);
  close_rig(&r);
  free(record);
}

static void event_times_of_every_kind_come_out_as_milliseconds(void **state) {
  (void)state;
  static const struct {
    const char *type, *format;
    int32_t of_day;
    int64_t number; /* or */
    const char *text;
    pl_reason reason;
    int64_t ms;
    bool local;
  } cases[] = {
      {"'long'", NULL, -1, 1500, NULL, PL_APPLIED, 1500, false},
      {"{'type':'long','logicalType':'timestamp-millis'}", NULL, -1, -1, NULL, PL_APPLIED, -1, false},
      {"{'type':'long','logicalType':'timestamp-micros'}", NULL, -1, -1, NULL, PL_APPLIED, -1, false},
      {"{'type':'long','logicalType':'timestamp-micros'}", NULL, -1, 1999, NULL, PL_APPLIED, 1, false},
      {"{'type':'long','logicalType':'timestamp-nanos'}", NULL, -1, 1999999, NULL, PL_APPLIED, 1, false},
      {"{'type':'long','logicalType':'local-timestamp-millis'}", NULL, -1, 1500, NULL, PL_APPLIED, 1500,
       true},
      {"{'type':'long','logicalType':'local-timestamp-micros'}", NULL, -1, 1500, NULL, PL_APPLIED, 1, true},
      {"{'type':'int','logicalType':'date'}", NULL, 43200, 20516, NULL, PL_APPLIED, DAY_2026_03_04 + 43200000,
       true},
      {"{'type':'int','logicalType':'date'}", NULL, 0, -1, NULL, PL_APPLIED, -86400000, true},
      {"{'type':'int','logicalType':'date'}", NULL, 0, 2932897, NULL, PL_NO_TIME, 0, false},
      {"'long'", NULL, -1, INT64_MAX, NULL, PL_NO_TIME, 0, false},
      {"'long'", NULL, -1, INT64_MIN, NULL, PL_NO_TIME, 0, false},
      {"{'type':'long','logicalType':'timestamp-micros'}", NULL, -1, INT64_MAX, NULL, PL_NO_TIME, 0, false},
      {"'string'", NULL, -1, 0, "2026-03-04T01:00:00+01:00", PL_APPLIED, DAY_2026_03_04, false},
      {"'string'", NULL, -1, 0, "2026-03-04T01:00:00", PL_NO_TIME, 0, false},
      {"'string'", NULL, -1, 0, "", PL_NO_TIME, 0, false},
      {"'string'", "%d.%m.%Y", 43200, 0, "04.03.2026", PL_APPLIED, DAY_2026_03_04 + 43200000, true},
      {"'string'", "%d.%m.%Y %H:%M", -1, 0, "04.03.2026 00:01", PL_APPLIED, DAY_2026_03_04 + 60000, true},
      {"'string'", "%Y-%m-%dT%H:%M%z", -1, 0, "2026-03-04T01:00Z", PL_APPLIED, DAY_2026_03_04 + 3600000,
       false},
      {"'string'", "%d.%m.%Y", 43200, 0, "2026-03-04", PL_NO_TIME, 0, false},
  };
  for (size_t i = 0; i < PL_COUNT(cases); i++) {
    char record[1024];
    rig r;
    pl_mapping mapping = flat();
    mapping.at_format = cases[i].format, mapping.at_of_day = cases[i].of_day;
    snprintf(record, sizeof record,
             "{'type':'record','name':'R','fields':[{'name':'id','type':'string'},{'name':'rep','type':'"
             "string'},{'name':'at','type':%s},{'name':'kind','type':'string'}]}",
             cases[i].type);
    open_rig(&r, record, &mapping);
    put(&r, "e"), put(&r, "r");
    if (cases[i].text)
      put(&r, cases[i].text);
    else
      pl_buf_zigzag(&r.body, cases[i].number);
    put(&r, "call");
    pl_reason reason = decode(&r);
    if (reason != cases[i].reason) fail_msg("case %zu: %s: %s", i, pl_reason_name(reason), r.err.text);
    if (reason == PL_APPLIED) {
      if (r.event.at.ms != cases[i].ms) fail_msg("case %zu: %lld", i, (long long)r.event.at.ms);
      assert_int_equal(r.event.at_is_local, cases[i].local);
    } else {
      assert_non_null(strstr(r.err.text, "`at`"));
    }
    close_rig(&r);
  }
}

static void what_durations_measure_from_is_an_instant_or_a_day(void **state) {
  (void)state;
  static const struct {
    const char *type, *text; /* text NULL: the number */
    int64_t number;
    pl_reason reason;
    int64_t ms;
    bool local;
  } cases[] = {
      {"{'type':'long','logicalType':'timestamp-millis'}", NULL, 1500, PL_APPLIED, 1500, false},
      {"{'type':'long','logicalType':'timestamp-micros'}", NULL, 1999, PL_APPLIED, 1, false},
      {"{'type':'long','logicalType':'local-timestamp-millis'}", NULL, 1500, PL_APPLIED, 1500, true},
      {"{'type':'int','logicalType':'date'}", NULL, 2, PL_APPLIED, 172800000, true},
      {"'long'", NULL, 1500, PL_APPLIED, 1500, false},
      {"'string'", "1970-01-01T01:00:01+01:00", 0, PL_APPLIED, 1000, false},
      {"'string'", "1970-01-03", 0, PL_APPLIED, 172800000, true},
      {"'string'", "last week", 0, PL_BAD_VALUE, 0, false},
      {"'string'", "", 0, PL_BAD_VALUE, 0, false},
      {"{'type':'long','logicalType':'timestamp-millis'}", NULL, INT64_MAX, PL_BAD_VALUE, 0, false},
  };
  static const char around[] =
      "{'type':'record','name':'R','fields':[{'name':'id','type':'string'},{'name':'rep','type':'string'},"
      "{'name':'at','type':'long'},{'name':'kind','type':'string'},{'name':'since','type':%s}]}";
  char record[1024];
  pl_mapping mapping = flat();
  mapping.fields[2] = "since";
  rig r;
  for (size_t i = 0; i < PL_COUNT(cases); i++) {
    snprintf(record, sizeof record, around, cases[i].type);
    open_rig(&r, record, &mapping);
    put(&r, "e"), put(&r, "r"), pl_buf_zigzag(&r.body, 7), put(&r, "deal_won");
    if (cases[i].text)
      put(&r, cases[i].text);
    else
      pl_buf_zigzag(&r.body, cases[i].number);
    pl_reason reason = decode(&r);
    if (reason != cases[i].reason) fail_msg("case %zu: %s: %s", i, pl_reason_name(reason), r.err.text);
    const pl_value *v = &r.event.fields[2];
    if (reason == PL_APPLIED &&
        (v->kind != PL_INSTANT || v->i != cases[i].ms || v->is_local != cases[i].local))
      fail_msg("case %zu: %lld", i, (long long)v->i);
    if (reason != PL_APPLIED) assert_non_null(strstr(r.err.text, "opened_at: path `since`"));
    close_rig(&r);
  }
  snprintf(record, sizeof record, around, "'boolean'");
  assert_int_equal(try_open(&r, record, &mapping), PL_REJECT);
  assert_non_null(strstr(r.err.text, "opened_at: a boolean is no instant"));
  close_rig(&r);
}

static void hostile_and_missing_values_get_their_reason(void **state) {
  (void)state;
  static char long_id[300], long_text[1100];
  memset(long_id, 'x', sizeof long_id - 1);
  memset(long_text, 'x', sizeof long_text - 1);
  static const struct {
    const char *id, *rep, *kind, *amount, *account; /* NULL: null */
    pl_reason reason;
    const char *text;
  } cases[] = {
      {"e", "r", "call", NULL, NULL, PL_APPLIED, ""},
      {"e", "r", "unheard of", NULL, NULL, PL_APPLIED, ""},
      {"J\xC3\xBCrgen", "\xE4\xBD\x9C", "call", "12.50", "line\nbreak", PL_APPLIED, ""},
      {"", "r", "call", NULL, NULL, PL_BAD_ID, "`id`: empty"},
      {NULL, "r", "call", NULL, NULL, PL_BAD_ID, "`id`: null"},
      {long_id, "r", "call", NULL, NULL, PL_BAD_ID, "255"},
      {"a\nb", "r", "call", NULL, NULL, PL_BAD_ID, "control"},
      {"a\x7F", "r", "call", NULL, NULL, PL_BAD_ID, "control"},
      {"a\xC2\x85", "r", "call", NULL, NULL, PL_BAD_ID, "control"},
      {"a\xFF", "r", "call", NULL, NULL, PL_BAD_ID, "UTF-8"},
      {"e", "", "call", NULL, NULL, PL_NO_REP, "`rep`: empty"},
      {"e", NULL, "call", NULL, NULL, PL_NO_REP, "`rep`: null"},
      {"e", "r\x1B[31m", "call", NULL, NULL, PL_BAD_ID, "`rep`"},
      {"e", "r", "", NULL, NULL, PL_NO_TYPE, "`kind`: empty"},
      {"e", "r", NULL, NULL, NULL, PL_NO_TYPE, "`kind`: null"},
      {"e", "r", "\xC0\x80", NULL, NULL, PL_BODY, "UTF-8"},
      {"e", "r", "call", "twelve", NULL, PL_BAD_VALUE, "`amount`"},
      {"e", "r", "call", "", NULL, PL_BAD_VALUE, "`amount`"},
      {"e", "r", "call", "1e3", NULL, PL_BAD_VALUE, "`amount`"},
      {"e", "r", "call", "99999999999999999999", NULL, PL_BAD_VALUE, "`amount`"},
      {"e", "r", "call", NULL, "\xED\xA0\x80", PL_BODY, "`account`"},
      {"e", "r", "call", NULL, long_text, PL_TOO_LARGE, "1024"},
      {"e", long_text, "call", NULL, NULL, PL_TOO_LARGE, "1024"},
  };
  static const char maybe[] = "['null','string']";
  char record[1024];
  snprintf(
      record, sizeof record,
      "{'type':'record','name':'R','fields':[{'name':'at','type':'long'},{'name':'id','type':%s},{'name':'"
      "rep','type':%s},{'name':'kind','type':%s},{'name':'amount','type':%s},{'name':'account','type':%s}]}",
      maybe, maybe, maybe, maybe, maybe);
  pl_mapping mapping = flat();
  mapping.fields[0] = "amount", mapping.fields[1] = "account";
  for (size_t i = 0; i < PL_COUNT(cases); i++) {
    const char *texts[] = {cases[i].id, cases[i].rep, cases[i].kind, cases[i].amount, cases[i].account};
    rig r;
    open_rig(&r, record, &mapping);
    pl_buf_zigzag(&r.body, 7);
    for (size_t k = 0; k < PL_COUNT(texts); k++) {
      pl_buf_zigzag(&r.body, texts[k] != NULL);
      if (texts[k]) put(&r, texts[k]);
    }
    pl_reason reason = decode(&r);
    if (reason != cases[i].reason) fail_msg("case %zu: %s: %s", i, pl_reason_name(reason), r.err.text);
    if (reason != PL_APPLIED && !strstr(r.err.text, cases[i].text)) fail_msg("case %zu: %s", i, r.err.text);
    close_rig(&r);
  }
}

static void types_are_mapped_by_symbol_whatever_their_order(void **state) {
  (void)state;
  static const pl_type_value values[] = {{"CALL", 0}, {"WON", 1}, {"PING", PL_TYPE_HEARTBEAT}};
  static const char *const orders[] = {"'CALL','NOTE','WON'", "'WON','CALL','NOTE'"};
  static const int expected[2][3] = {{0, PL_TYPE_OTHER, 1}, {1, 0, PL_TYPE_OTHER}};
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
      assert_int_equal(decode(&r), PL_APPLIED);
      assert_int_equal(r.event.type, expected[i][ordinal]);
      assert_true(pl_str_is(r.event.id, "-9223372036854775808"));
      assert_true(pl_str_is(r.event.rep, "42"));
      close_rig(&r);
    }
}

static void two_events_come_out_of_one_record_by_templates_and_constants(void **state) {
  (void)state;
  static const char record[] =
      "{'type':'record','name':'R','fields':[{'name':'deal','type':{'type':'record','"
      "name':'D','fields':[{'name':'id','type':'int'},{'name':'won','type':['null','"
      "double']}]}},{'name':'owner','type':'string'},{'name':'at','type':'long'}]}";
  pl_mapping mapping = {
      .id = "{deal.id}/closed", .rep = "owner", .at = "at", .at_of_day = -1, .type_constant = 1};
  mapping.fields[0] = "deal.won", mapping.fields[1] = "owner";
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

static void a_mapping_that_cannot_work_is_refused_with_a_remedy(void **state) {
  (void)state;
  static const struct {
    const char *at, *format, *id;
    const char *text; /* NULL: it works */
  } cases[] = {
      {"'long'", NULL, "id", NULL},
      {"['null','long']", NULL, "id", NULL},
      {"'double'", NULL, "id", "a double is no instant"},
      {"'int'", NULL, "id", "a int is no instant"},
      {"{'type':'int','logicalType':'time-millis'}", NULL, "id", "no instant"},
      {"{'type':'int','logicalType':'date'}", NULL, "id", "`time: \"12:00\"`"},
      {"'string'", "%Y-%m-%d", "id", "`time: \"12:00\"`"},
      {"'string'", "%Y-%m-%e", "id", "%e is not known"},
      {"'long'", NULL, "event_id", "it has id, rep, at, kind"},
      {"'long'", NULL, "{id", "without its }"},
      {"'long'", NULL, "{}", "is not the path"},
      {"'long'", NULL, "{nothing}/x", "no such field"},
      {"'long'", NULL, NULL, "id: not mapped"},
      {"'double'", NULL, "at", "no instant"},
      {"'long'", NULL, "things[]", "is not the path"},
  };
  for (size_t i = 0; i < PL_COUNT(cases); i++) {
    char record[1024];
    rig r;
    pl_mapping mapping = flat();
    mapping.id = cases[i].id, mapping.at_format = cases[i].format;
    snprintf(record, sizeof record,
             "{'type':'record','name':'R','fields':[{'name':'id','type':'string'},{'name':'rep','type':'"
             "string'},{'name':'at','type':%s},{'name':'kind','type':'string'}]}",
             cases[i].at);
    int64_t before = pl_mem_live();
    pl_status status = try_open(&r, record, &mapping);
    if (status != (cases[i].text ? PL_REJECT : PL_OK)) fail_msg("case %zu: %s", i, r.err.text);
    if (cases[i].text && !strstr(r.err.text, cases[i].text)) fail_msg("case %zu: %s", i, r.err.text);
    close_rig(&r);
    assert_int_equal(pl_mem_live(), before);
  }
}

static void a_field_that_an_older_schema_lacks_is_absent_and_named(void **state) {
  (void)state;
  pl_mapping mapping = flat();
  mapping.fields[0] = "amount", mapping.fields[1] = "account";
  rig r;
  open_rig(
      &r,
      "{'type':'record','name':'R','fields':[{'name':'id','type':'string'},{'name':'rep','type':'string'},{'"
      "name':'at','type':'long'},{'name':'kind','type':'string'},{'name':'account','type':'string'}]}",
      &mapping);
  assert_string_equal(pl_event_reader_missing(r.reader), "amount");
  put(&r, "e"), put(&r, "r"), pl_buf_zigzag(&r.body, 7), put(&r, "call"), put(&r, "acme");
  assert_int_equal(decode(&r), PL_APPLIED);
  assert_int_equal(r.event.fields[0].kind, PL_NONE);
  assert_true(pl_str_is(r.event.fields[1].s, "acme"));
  close_rig(&r);
}

static void heartbeats_need_a_source_and_an_instant(void **state) {
  (void)state;
  static const struct {
    const char *source;
    int64_t complete_to;
    pl_reason reason;
  } cases[] = {{"crm", 5, PL_APPLIED}, {NULL, 5, PL_BAD_ID},           {"", 5, PL_BAD_ID},
               {"a\n", 5, PL_BAD_ID},  {"crm", INT64_MIN, PL_NO_TIME}, {"crm", INT64_MAX, PL_NO_TIME}};
  pl_mapping mapping = flat();
  mapping.source = "source", mapping.complete_to = "to";
  for (size_t i = 0; i < PL_COUNT(cases); i++) {
    rig r;
    open_rig(&r,
             "{'type':'record','name':'R','fields':[{'name':'id','type':'string'},{'name':'rep','type':'"
             "string'},{'name':'at','type':'long'},{'name':'kind','type':'string'},{'name':'source','type':['"
             "null','string']},{'name':'to','type':['null','long']}]}",
             &mapping);
    put(&r, ""), put(&r, ""), pl_buf_zigzag(&r.body, 7), put(&r, "heartbeat");
    pl_buf_zigzag(&r.body, cases[i].source != NULL);
    if (cases[i].source) put(&r, cases[i].source);
    pl_buf_zigzag(&r.body, cases[i].complete_to != INT64_MIN);
    if (cases[i].complete_to != INT64_MIN) pl_buf_zigzag(&r.body, cases[i].complete_to);
    pl_reason reason = decode(&r);
    if (reason != cases[i].reason) fail_msg("case %zu: %s: %s", i, pl_reason_name(reason), r.err.text);
    if (reason == PL_APPLIED) assert_int_equal(r.event.complete_to.ms, cases[i].complete_to);
    close_rig(&r);
  }
}

static void corrections_name_an_event_or_a_metric_and_an_amount(void **state) {
  (void)state;
  static const struct {
    const char *type, *retracts, *metric, *amount;
    pl_reason reason;
  } cases[] = {
      {"call", NULL, NULL, NULL, PL_APPLIED},
      {"call", "c1", NULL, NULL, PL_APPLIED},
      {"call", "c\n", NULL, NULL, PL_BAD_ID},
      {"adjustment", NULL, "calls", "-12.50", PL_APPLIED},
      {"adjustment", NULL, NULL, "1", PL_BAD_VALUE},
      {"adjustment", NULL, "calls", NULL, PL_BAD_VALUE},
      {"adjustment", NULL, "calls", "many", PL_BAD_VALUE},
      {"adjustment", NULL, "ca\xFFlls", "1", PL_BAD_VALUE},
  };
  pl_mapping mapping = flat();
  mapping.retracts = "undoes", mapping.metric = "metric", mapping.amount = "by";
  for (size_t i = 0; i < PL_COUNT(cases); i++) {
    const char *const more[] = {cases[i].retracts, cases[i].metric, cases[i].amount};
    rig r;
    open_rig(&r,
             "{'type':'record','name':'R','fields':[{'name':'id','type':'string'},{'name':'rep','type':'"
             "string'},{'name':'at','type':'long'},{'name':'kind','type':'string'},{'name':'undoes','type':['"
             "null','string']},{'name':'metric','type':['null','string']},{'name':'by','type':['null','"
             "string']}]}",
             &mapping);
    put(&r, "e"), put(&r, "r"), pl_buf_zigzag(&r.body, 7), put(&r, cases[i].type);
    for (size_t k = 0; k < PL_COUNT(more); k++) {
      pl_buf_zigzag(&r.body, more[k] != NULL);
      if (more[k]) put(&r, more[k]);
    }
    pl_reason reason = decode(&r);
    if (reason != cases[i].reason) fail_msg("case %zu: %s: %s", i, pl_reason_name(reason), r.err.text);
    if (reason == PL_APPLIED) {
      assert_true(pl_str_is(r.event.retracts, cases[i].retracts ? cases[i].retracts : ""));
      assert_int_equal(r.event.type == PL_TYPE_ADJUSTMENT, cases[i].metric != NULL);
    }
    if (reason == PL_APPLIED && cases[i].metric) {
      assert_true(pl_str_is(r.event.metric, "calls"));
      assert_true(r.event.amount.kind == PL_DECIMAL && r.event.amount.i == -1250 &&
                  r.event.amount.scale == 2);
    }
    close_rig(&r);
  }
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
                        .rep = "sales_agent",
                        .at = "close_date",
                        .at_format = "%Y-%m-%d",
                        .at_of_day = 43200,
                        .type_path = "deal_stage",
                        .type_values = values,
                        .ntype_values = 1};
  mapping.fields[0] = "close_value", mapping.fields[1] = "account";
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
    pl_reason reason = pl_event_from_fields(r.reader, look_up, row, &r.room, &r.event, &r.err);
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
      cmocka_unit_test(event_times_of_every_kind_come_out_as_milliseconds),
      cmocka_unit_test(what_durations_measure_from_is_an_instant_or_a_day),
      cmocka_unit_test(hostile_and_missing_values_get_their_reason),
      cmocka_unit_test(types_are_mapped_by_symbol_whatever_their_order),
      cmocka_unit_test(two_events_come_out_of_one_record_by_templates_and_constants),
      cmocka_unit_test(uuids_are_ids_as_text),
      cmocka_unit_test(a_mapping_that_cannot_work_is_refused_with_a_remedy),
      cmocka_unit_test(a_field_that_an_older_schema_lacks_is_absent_and_named),
      cmocka_unit_test(heartbeats_need_a_source_and_an_instant),
      cmocka_unit_test(corrections_name_an_event_or_a_metric_and_an_amount),
      cmocka_unit_test(a_row_of_text_goes_through_the_same_mapping),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
