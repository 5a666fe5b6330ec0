/* Rows of a table to events: the order of time, each rep's own noon, rows that are no event, and rows that
 * are refused as a whole. What was encoded is read back with the reader that the engine uses. */
#include "cli/rows.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
/* after what they need */
#include <cmocka.h>

#include "base/civil.h"
#include "base/mem.h"
#include "cli/cli.h"
#include "codec/event_decode.h"
#include "codec/wire.h"

static const char policy[] = "schemas: {folder: schemas, ids: {7: goals.avsc, 9: activity.avsc}}\n"
                             "zone: UTC\n"
                             "mapping:\n"
                             "  crm:\n"
                             "    - id: \"{id}/created\"\n"
                             "      rep: rep\n"
                             "      at: {path: opened, format: \"%Y-%m-%d\", time: \"12:00\"}\n"
                             "      type: {constant: deal_created}\n"
                             "      fields: {account: account}\n"
                             "    - id: \"{id}/closed\"\n"
                             "      rep: rep\n"
                             "      at: {path: closed, format: \"%Y-%m-%d\", time: \"12:00\"}\n"
                             "      type: {path: stage, values: {Won: deal_won, Lost: deal_lost}}\n"
                             "      fields: {amount: value, account: account}\n"
                             "metrics:\n"
                             "  won: {count: deal_won, windows: [month, quarter]}\n"
                             "  sum: {sum: amount, of: deal_won, decimals: 2, windows: [month]}\n"
                             "teams: {west: {zone: America/Los_Angeles}}\n"
                             "reps: {tom: {team: west}, ina: {zone: Asia/Tokyo}}\n";
#define HEADER "id,rep,stage,opened,closed,value,account\n"

static pl_config *config;
static pl_rows *rows;
static pl_buf table, rejects;
static int64_t live;

static void open_with(const char *text) {
  pl_buf errors;
  pl_err err = {""};
  pl_buf_init(&errors, 1 << 16);
  if (pl_config_parse(&config, "test.yaml", pl_str_of(text), NULL, &errors) != PL_OK)
    fail_msg("%.*s", (int)errors.n, errors.p);
  pl_buf_fini(&errors);
  if (pl_rows_new(&rows, config, "crm", PL_TABLE_CSV, pl_cli_zone, &err) != PL_OK) fail_msg("%s", err.text);
}

static int set_up(void **state) {
  (void)state;
  live = pl_mem_live();
  pl_buf_init(&table, 1 << 16), pl_buf_init(&rejects, 1 << 16);
  open_with(policy);
  return 0;
}

static int tear_down(void **state) {
  (void)state;
  pl_rows_free(&rows);
  pl_config_free(&config);
  pl_buf_fini(&table), pl_buf_fini(&rejects);
  return pl_mem_live() == live ? 0 : -1;
}

static pl_status read_text(const char *text, pl_err *err) {
  pl_buf_text(&table, text);
  return pl_rows_read(rows, table.p, table.n, 0, &rejects, err);
}

static void read_rows(const char *text) {
  pl_err err = {""};
  if (read_text(text, &err) != PL_OK) fail_msg("%s", err.text);
}

/* An instant of the first days of 2026, which is winter. */
static pl_wall on(int month, int day, int hour_utc) {
  return pl_wall_s(((int64_t)pl_civil_day(2026, month, day) * 24 + hour_utc) * 3600);
}

/* The nth event as "id rep type amount account", read with the default mapping as the engine would. */
static const char *told(size_t n) {
  static char text[512];
  pl_err err = {""};
  pl_buf avsc;
  pl_schema *schema;
  pl_mapping mapping;
  pl_event_reader *reader;
  pl_made made;
  size_t events;
  char block[8192];
  int32_t id;
  pl_str body;
  size_t count;
  const pl_row_event *event = &pl_rows_events(rows, &count)[n];
  assert_true(n < count);
  pl_buf_init(&avsc, 1 << 16);
  FILE *file = fopen("schemas/activity.avsc", "r");
  assert_non_null(file);
  pl_buf_put(&avsc, block, fread(block, 1, sizeof block, file));
  (void)fclose(file);
  assert_int_equal(pl_schema_new(&schema, pl_buf_str(&avsc), &err), PL_OK);
  pl_mapping_default(&mapping, &config->policy);
  assert_int_equal(pl_event_reader_new(&reader, PL_FORM_AVRO, schema, &mapping, 1, &config->policy, &err),
                   PL_OK);
  assert_int_equal(pl_wire_get(&(pl_wire){0}, pl_rows_value(rows, event), &id, &body, NULL), PL_APPLIED);
  assert_int_equal(id, 9);
  assert_int_equal(pl_events_decode(reader, body, NULL, &made, &events, &err), PL_APPLIED);
  assert_int_equal(events, 1);
  const pl_event e = made.event;
  assert_true(e.at.ms == event->at.ms && pl_str_eq(e.rep, event->rep));
  const pl_value *amount = NULL, *account = NULL;
  for (size_t i = 0; i < config->policy.nfields; i++) {
    if (strcmp(config->policy.fields[i], "amount") == 0) amount = &e.fields[i];
    if (strcmp(config->policy.fields[i], "account") == 0) account = &e.fields[i];
  }
  PL_ASSERT(amount && account);
  (void)snprintf(text, sizeof text, "%.*s %.*s %s %lld %.*s", (int)e.id.n, e.id.p, (int)e.rep.n, e.rep.p,
                 e.type < 0 ? "-" : config->policy.types[e.type], amount->kind ? (long long)amount->i : -1,
                 account->kind ? (int)account->s.n : 1, account->kind ? account->s.p : "-");
  pl_event_reader_free(&reader);
  pl_schema_free(&schema);
  pl_buf_fini(&avsc);
  return text;
}

static size_t count(void) {
  size_t n;
  (void)pl_rows_events(rows, &n);
  return n;
}

static void a_row_becomes_its_events_in_the_order_of_time(void **state) {
  (void)state;
  read_rows(HEADER "d1,ina,Won,2026-01-05,2026-02-01,12.50,Acme\n"
                   "d2,ina,Lost,2026-01-04,2026-01-20,0,\n"
                   "d3,ina,Engaging,2026-01-04,,,Acme\n");
  assert_int_equal(count(), 5);
  assert_string_equal(told(0), "d2/created ina deal_created -1 -");
  assert_string_equal(told(1),
                      "d3/created ina deal_created -1 Acme"); /* the same instant: the table's order */
  assert_string_equal(told(2), "d1/created ina deal_created -1 Acme");
  assert_string_equal(told(3), "d2/closed ina deal_lost 0 -");
  assert_string_equal(told(4), "d1/closed ina deal_won 125000 Acme");
}

static void a_date_is_noon_where_the_rep_is(void **state) {
  (void)state;
  read_rows(HEADER "d1,tom,-,2026-01-05,,,\nd2,ina,-,2026-01-05,,,\nd3,nobody,-,2026-01-05,,,\n");
  size_t n;
  const pl_row_event *e = pl_rows_events(rows, &n);
  assert_int_equal(n, 3);
  assert_int_equal(e[0].at.ms, on(1, 5, 3).ms);  /* Tokyo */
  assert_int_equal(e[1].at.ms, on(1, 5, 12).ms); /* whom the roster does not name: the default zone */
  assert_int_equal(e[2].at.ms, on(1, 5, 20).ms); /* Los Angeles, as the team has it */
}

static void stream_time_ends_when_the_longest_window_has_ended_for_the_last_rep(void **state) {
  (void)state;
  read_rows(HEADER "d1,ina,-,2026-02-05,,,\n");
  assert_int_equal(pl_rows_end(rows).ms, on(4, 1, 7).ms); /* the quarter, in Los Angeles, in summer time */
}

static void a_row_counts_wholly_or_not_at_all(void **state) {
  (void)state;
  read_rows(HEADER "d1,ina,Won,2026-01-05,,12,\n" /* won, but when? */
                   "d2,ina,Won,2026-01-05,2026-01-06,a lot,\n"
                   "d3,,-,2026-01-05,,,\n"
                   "d4,ina,-,,,,\n"
                   "d5,ina,-,2026-02-30,,,\n"
                   "d6,ina,-,2026-01-05,,\n" /* a field is missing */
                   "d7,ina,-,2026-01-05,,,\"x\ny\"\n"
                   "d7,ina,Won,2026-01-05,2026-01-06,1,\n"
                   "d8,ina,Won,2026-01-05,2026-01-06,1.23456,\n"
                   "d1,ina,Won,2026-01-05,2026-01-06,1,\n"); /* mended: its ids are still free */
  assert_int_equal(count(), 3);
  assert_string_equal(told(0), "d7/created ina deal_created -1 x\ny");
  assert_string_equal(told(1), "d1/created ina deal_created -1 -");
  static const char *const lines[] = {"line,reason,detail,id,rep,stage,opened,closed,value,account\n",
                                      "\n2,no_time,",
                                      "\n3,bad_value,",
                                      "\n4,no_rep,",
                                      "\n5,no_time,",
                                      "\n6,no_time,",
                                      "\n7,broken,",
                                      "\n10,duplicate,",
                                      "\n11,bad_value,"};
  pl_buf_char(&rejects, 0);
  for (size_t i = 0; i < PL_COUNT(lines); i++)
    if (!strstr(rejects.p, lines[i])) fail_msg("no <%s> in\n%s", lines[i], rejects.p);
  assert_null(strstr(rejects.p, "\n8,"));
}

static void a_table_that_lacks_a_column_is_refused_by_name(void **state) {
  (void)state;
  pl_err err = {""};
  assert_int_equal(read_text("id,rep,stage,opened,closed,account\nd1,ina,-,2026-01-05,,\n", &err), PL_REJECT);
  assert_string_equal(err.text, "mapping crm: no column is called 'value'; the first is 'id', of 6");
}

static void another_delimiter_is_found_in_the_first_line_or_given(void **state) {
  (void)state;
  pl_err err = {""};
  read_rows("\xEF\xBB\xBFid;rep;stage;opened;closed;value;account\r\nd1;ina;-;2026-01-05;;;\"a;b\"\n"
            "d2,ina,-,2026-01-05,,,\n");
  assert_string_equal(told(0), "d1/created ina deal_created -1 a;b");
  assert_int_equal(count(), 1);
  pl_buf report;
  pl_buf_init(&report, 1 << 16);
  pl_rows_report(rows, &report);
  pl_buf_char(&report, 0);
  assert_non_null(strstr(report.p, "  separated by            ;\n"));
  assert_non_null(strstr(report.p, "line 3: 1 fields, expected 7 as in the first line"));
  pl_buf_fini(&report);
  pl_buf_clear(&table), pl_buf_text(&table, "id,rep\nd1,ina\n");
  assert_int_equal(pl_rows_read(rows, table.p, table.n, '\t', &rejects, &err), PL_REJECT);
  assert_non_null(strstr(err.text, "; the first is 'id,rep', of 1"));
}

static void a_line_of_100_mb_costs_itself(void **state) {
  (void)state;
  const size_t most = (size_t)100 << 20;
  pl_buf_fini(&table), pl_buf_init(&table, most + 4096);
  pl_buf_text(&table, HEADER "d1,ina,-,2026-01-05,,,x\nd2,ina,-,2026-01-05,,,\"");
  memset(pl_buf_more(&table, most), 'x', most);
  pl_buf_text(&table, "\nd3,ina,-,2026-01-05,,,x\n");
  pl_err err = {""};
  assert_int_equal(pl_rows_read(rows, table.p, table.n, 0, &rejects, &err), PL_OK);
  assert_int_equal(count(), 2);
  pl_buf_char(&rejects, 0);
  assert_non_null(strstr(rejects.p, "\n3,broken,longer than 1 MiB\n"));
  assert_true(rejects.n < 4096);
}

static void an_object_a_line_becomes_what_a_row_does(void **state) {
  (void)state;
  pl_err err = {""};
  pl_rows_free(&rows);
  assert_int_equal(pl_rows_new(&rows, config, "crm", PL_TABLE_JSON, pl_cli_zone, &err), PL_OK);
  read_rows(
      "\xEF\xBB\xBF{\"id\":\"d1\",\"rep\":\"ina\",\"stage\":\"Won\",\"opened\":\"2026-01-05\",\"closed\":"
      "\"2026-02-01\",\"value\":12.50,\"account\":\"A\\u0063me\"}\r\n"
      "\n"
      "{\"id\": 2, \"rep\": \"ina\", \"stage\": \"Lost\", \"opened\": \"2026-01-04\", \"closed\": "
      "\"2026-01-20\"}\n"
      "{\"id\": 3, \"rep\": \"ina\", \"stage\": \"Open\", \"opened\": \"5.1.2026\"}\n"
      "{\"id\": 4, \"rep\": \n"
      "[1]\n"
      "{\"id\": \"d1\", \"rep\": \"ina\", \"stage\": \"Open\", \"opened\": \"2026-01-04\"}");
  assert_int_equal(count(), 4);
  assert_string_equal(told(0), "2/created ina deal_created -1 -");
  assert_string_equal(told(1), "d1/created ina deal_created -1 Acme");
  assert_string_equal(told(2), "2/closed ina deal_lost -1 -");
  assert_string_equal(told(3), "d1/closed ina deal_won 125000 Acme");
  pl_buf_char(&rejects, 0);
  static const char *const lines[] = {
      "{\"line\":4,\"reason\":\"no_time\",\"detail\":\"at: path `opened`",
      ",\"row\":{\"id\": 3, \"rep\"",
      "{\"line\":5,\"reason\":\"body\",",
      ",\"row\":\"{\\\"id\\\": 4, ",
      "{\"line\":6,\"reason\":\"body\",",
      "{\"line\":7,\"reason\":\"duplicate\",\"detail\":\"id: 'd1/created' is that of line 1 already\""};
  for (size_t i = 0; i < PL_COUNT(lines); i++)
    if (!strstr(rejects.p, lines[i])) fail_msg("no <%s> in\n%s", lines[i], rejects.p);
}

static void the_rejects_of_a_table_with_semicolons_are_read_by_the_same_command(void **state) {
  (void)state;
  pl_err err = {""};
  read_rows("id;rep;stage;opened;closed;value;account\n"
            "d1;ina;Won;2026-01-05;2026-02-01;1x5;\"a;b\"\n"
            "d2;ina;Won;2026-01-05;2026-02-01;1x5;a,b\n");
  assert_int_equal(count(), 0);
  pl_rows_free(&rows);
  assert_int_equal(pl_rows_new(&rows, config, "crm", PL_TABLE_CSV, pl_cli_zone, &err), PL_OK);
  pl_buf_clear(&table), pl_buf_str_put(&table, pl_buf_str(&rejects));
  for (char *p = table.p; (p = memchr(p, 'x', (size_t)(table.p + table.n - p)));) *p = '2'; /* mended */
  read_rows("");
  assert_int_equal(count(), 4);
  assert_string_equal(told(2), "d1/closed ina deal_won 1250000 a;b");
  assert_string_equal(told(3), "d2/closed ina deal_won 1250000 a,b");
}

static void a_rejected_line_whose_reading_ended_early_is_still_json_in_the_rejects(void **state) {
  (void)state;
  pl_err err = {""};
  pl_rows_free(&rows);
  assert_int_equal(pl_rows_new(&rows, config, "crm", PL_TABLE_JSON, pl_cli_zone, &err), PL_OK);
  read_rows("{\"id\":{\"x\":1},\"rep\":\"ina\"\n" /* bad_value before the end that is missing */
            "{\"id\":{\"x\":1},\"rep\":\"ina\"}\n");
  pl_buf_char(&rejects, 0);
  static const char *const lines[] = {"{\"line\":1,\"reason\":\"bad_value\",",
                                      ",\"row\":\"{\\\"id\\\":{\\\"x\\\":1},\\\"rep\\\":\\\"ina\\\"\"}\n",
                                      "{\"line\":2,\"reason\":\"bad_value\",",
                                      ",\"row\":{\"id\":{\"x\":1},\"rep\":\"ina\"}}\n"};
  for (size_t i = 0; i < PL_COUNT(lines); i++)
    if (!strstr(rejects.p, lines[i])) fail_msg("no <%s> in\n%s", lines[i], rejects.p);
}

static void what_is_no_object_a_line_is_refused_with_what_to_do(void **state) {
  (void)state;
  static const struct {
    const char *text, *says;
  } cases[] = {
      {"[{\"id\": 1}]", "it begins with '[', expected a JSON object a line; `jq -c '.[]'` makes them"},
      {" \n\n", "empty, expected a JSON object a line"},
      {"id,rep\n", "it begins with 'i'"},
      {"\xFF\xFE{", "the text is UTF-16"}};
  for (size_t i = 0; i < PL_COUNT(cases); i++) {
    pl_err err = {""};
    pl_rows_free(&rows);
    assert_int_equal(pl_rows_new(&rows, config, "crm", PL_TABLE_JSON, pl_cli_zone, &err), PL_OK);
    pl_buf_clear(&table);
    assert_int_equal(read_text(cases[i].text, &err), PL_REJECT);
    if (!strstr(err.text, cases[i].says)) fail_msg("<%s>", err.text);
  }
}

static void a_table_without_anything_is_refused(void **state) {
  (void)state;
  pl_err err = {""};
  assert_int_equal(read_text("\n\n", &err), PL_REJECT);
  assert_int_equal(count(), 0);
}

static void the_example_reads_a_pipeline_in_the_form_of_its_data(void **state) {
  (void)state;
  pl_err err = {""};
  pl_rows_free(&rows);
  pl_config_free(&config);
  config = pl_cli_config("examples/crm-sales-opportunities.yaml");
  assert_non_null(config);
  assert_int_equal(pl_rows_new(&rows, config, "pipeline", PL_TABLE_CSV, pl_cli_zone, &err), PL_OK);
  read_rows("opportunity_id,sales_agent,product,account,deal_stage,engage_date,close_date,close_value\r\n"
            "A1,Zane Levy,GTXPro,Acme,Won,2026-01-02,2026-01-05,4514\r\n"
            "A2,Zane Levy,MG Special,,Lost,2026-01-02,2026-01-03,0\r\n"
            "A3,Zane Levy,MG Special,,Engaging,2026-01-04,,\r\n"
            "A4,Zane Levy,MG Special,Acme,Prospecting,,,\r\n");
  assert_int_equal(count(), 5);
  assert_int_equal(pl_rows_events(rows, &(size_t){0})[0].at.ms, on(1, 2, 20).ms);
  pl_buf report;
  pl_buf_init(&report, 1 << 16);
  pl_rows_report(rows, &report);
  pl_buf_char(&report, 0);
  static const char *const lines[] = {
      "  rows                    4\n", "  deal_created            3 events\n",
      "  deal_won                1 events\n", "  deal_lost               1 events\n",
      "  no_time                 1 rows rejected\n    line 5: at: path `engage_date`"};
  for (size_t i = 0; i < PL_COUNT(lines); i++)
    if (!strstr(report.p, lines[i])) fail_msg("no <%s> in\n%s", lines[i], report.p);
  pl_buf_fini(&report);
}

static void what_the_schema_cannot_hold_is_a_wrong_configuration(void **state) {
  (void)state;
  static const struct {
    const char *from, *to, *says;
  } cases[] = {
      {"account: account}\n    -", "color: account}\n    -", "activity.avsc has no such field"},
      {"9: activity.avsc", "9: team.avsc", "none of those configured is paceline's own activity.avsc"},
      {"  crm:\n", "  other:\n", "none for an import is called crm"},
  };
  for (size_t i = 0; i < PL_COUNT(cases); i++) {
    char text[sizeof policy + 100];
    const char *at = strstr(policy, cases[i].from);
    pl_rows_free(&rows);
    pl_config_free(&config);
    assert_non_null(at);
    (void)snprintf(text, sizeof text, "%.*s%s%s", (int)(at - policy), policy, cases[i].to,
                   at + strlen(cases[i].from));
    pl_buf errors;
    pl_err err = {""};
    pl_buf_init(&errors, 1 << 16);
    if (pl_config_parse(&config, "test.yaml", pl_str_of(text), NULL, &errors) != PL_OK)
      fail_msg("%.*s", (int)errors.n, errors.p);
    pl_buf_fini(&errors);
    assert_int_equal(pl_rows_new(&rows, config, "crm", PL_TABLE_CSV, pl_cli_zone, &err), PL_REJECT);
    if (!strstr(err.text, cases[i].says)) fail_msg("<%s>", err.text);
  }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(a_row_becomes_its_events_in_the_order_of_time),
      TEST(a_date_is_noon_where_the_rep_is),
      TEST(stream_time_ends_when_the_longest_window_has_ended_for_the_last_rep),
      TEST(a_row_counts_wholly_or_not_at_all),
      TEST(a_table_that_lacks_a_column_is_refused_by_name),
      TEST(another_delimiter_is_found_in_the_first_line_or_given),
      TEST(a_line_of_100_mb_costs_itself),
      TEST(an_object_a_line_becomes_what_a_row_does),
      TEST(the_rejects_of_a_table_with_semicolons_are_read_by_the_same_command),
      TEST(a_rejected_line_whose_reading_ended_early_is_still_json_in_the_rejects),
      TEST(what_is_no_object_a_line_is_refused_with_what_to_do),
      TEST(a_table_without_anything_is_refused),
      TEST(the_example_reads_a_pipeline_in_the_form_of_its_data),
      TEST(what_the_schema_cannot_hold_is_a_wrong_configuration),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
