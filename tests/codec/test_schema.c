#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/mem.h"
#include "codec/avsc.h"
#include "codec/schema.h"
#include "json.h"

/* avro-c leaks what it had built of a schema that it refuses. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void) { return "leak:libavro\nleak:libjansson\n"; }

static void must_parse(void **state) {
  (void)state;
  static const char *const cases[] = {
      "'string'",
      "{'type':'long'}",
      "{'type':'record','name':'R','fields':[]}",
      "{'type':'record','name':'R','fields':[{'name':'a','type':'int'}]}",
      "{'type':'record','name':'R','fields':[{'name':'a','type':['null','int']}]}",
      "{'type':'record','name':'R','fields':[{'name':'a','type':{'type':'array','items':'int'}}]}",
      "{'type':'record','name':'R','fields':[{'name':'a','type':{'type':'map','values':['null','string']}}]}",
      ("{'type':'record','name':'R','fields':[{'name':'a','type':{'type':'enum','name':'E','symbols':['A','B'"
       "]"
       "}},{'name':'b','type':'E'}]}"),
      "{'type':'record','name':'R','fields':[{'name':'a','type':{'type':'fixed','name':'X','size':0}}]}",
      "{'type':'record','name':'R','fields':[{'name':'next','type':['null','R']}]}",
      "{'type':'record','name':'R','namespace':'a.b','fields':[{'name':'next','type':['null','a.b.R']}]}",
      "{'type':'record','name':'R','doc':'\\u00e9','x':{'y':[1]},'fields':[]}",
  };
  for (size_t i = 0; i < PL_COUNT(cases); i++) {
    pl_schema *schema;
    pl_err err = {0};
    if (pl_schema_new(&schema, json(cases[i]), &err) != PL_OK) fail_msg("%s: %s", cases[i], err.text);
    pl_schema_free(&schema);
  }
}

static void must_not_parse(void **state) {
  (void)state;
  static const char *const cases[][2] = {
      {"", "not JSON"},
      {"{", "line 1"},
      {"'strin'", "not an Avro schema"},
      {"{'type':'record','name':'R'}", "not an Avro schema"},
      {"{'type':'record','name':'R','fields':[{'name':'a'}]}", "not an Avro schema"},
      {"{'type':'record','name':'R','fields':[{'name':'a','type':'Unknown'}]}", "not an Avro schema"},
      {"{'type':'record','name':'R','fields':[{'name':'a','type':'int'},{'name':'a','type':'int'}]}",
       "two fields named a"},
      {"{'type':'enum','name':'E','symbols':['A','A']}", "two symbols named A"},
      {"{'type':'enum','name':'E','symbols':[]}", "not an Avro schema"},
      {"{'type':'fixed','name':'X','size':-1}", "size -1"},
      {"{'type':'fixed','name':'X','size':9000000000}", "size 9000000000"},
      {"['null',['null','int']]", "union directly inside a union"},
  };
  for (size_t i = 0; i < PL_COUNT(cases); i++) {
    pl_schema *schema;
    pl_err err = {0};
    if (pl_schema_new(&schema, json(cases[i][0]), &err) == PL_OK) fail_msg("%s parses", cases[i][0]);
    assert_null(schema);
    if (!strstr(err.text, cases[i][1])) fail_msg("%s: %s", cases[i][0], err.text);
  }
}

static void logical_types_stand_only_where_they_fit(void **state) {
  (void)state;
  static const struct {
    const char *text;
    pl_logical logical;
    int scale;
    int64_t most;
  } cases[] = {
      {"{'type':'int','logicalType':'date'}", PL_DATE, 0, 0},
      {"{'type':'long','logicalType':'date'}", PL_LOGICAL_NONE, 0, 0},
      {"{'type':'int','logicalType':'time-millis'}", PL_TIME_MILLIS, 0, 0},
      {"{'type':'long','logicalType':'time-micros'}", PL_TIME_MICROS, 0, 0},
      {"{'type':'long','logicalType':'timestamp-millis'}", PL_INSTANT_MILLIS, 0, 0},
      {"{'type':'long','logicalType':'timestamp-micros'}", PL_INSTANT_MICROS, 0, 0},
      {"{'type':'long','logicalType':'timestamp-nanos'}", PL_INSTANT_NANOS, 0, 0},
      {"{'type':'int','connect.name':'io.debezium.time.Date'}", PL_DATE, 0, 0},
      {"{'type':'long','connect.version':1,'connect.name':'io.debezium.time.Timestamp'}", PL_INSTANT_MILLIS,
       0, 0},
      {"{'type':'long','connect.name':'io.debezium.time.MicroTimestamp'}", PL_INSTANT_MICROS, 0, 0},
      {"{'type':'long','connect.name':'io.debezium.time.NanoTimestamp'}", PL_INSTANT_NANOS, 0, 0},
      {"{'type':'string','connect.name':'io.debezium.time.ZonedTimestamp'}", PL_LOGICAL_NONE, 0, 0},
      {"{'type':'int','connect.name':'io.debezium.time.Timestamp'}", PL_LOGICAL_NONE, 0, 0},
      {"{'type':'int','logicalType':'timestamp-millis'}", PL_LOGICAL_NONE, 0, 0},
      {"{'type':'long','logicalType':'local-timestamp-millis'}", PL_LOCAL_MILLIS, 0, 0},
      {"{'type':'long','logicalType':'local-timestamp-micros'}", PL_LOCAL_MICROS, 0, 0},
      {"{'type':'string','logicalType':'uuid'}", PL_UUID, 0, 0},
      {"{'type':'string','logicalType':'made-up'}", PL_LOGICAL_NONE, 0, 0},
      {"{'type':'fixed','name':'U','size':16,'logicalType':'uuid'}", PL_UUID, 0, 0},
      {"{'type':'fixed','name':'U','size':15,'logicalType':'uuid'}", PL_LOGICAL_NONE, 0, 0},
      {"{'type':'bytes','logicalType':'decimal','precision':4,'scale':2}", PL_DECIMAL_NUMBER, 2, 9999},
      {"{'type':'bytes','logicalType':'decimal','precision':3}", PL_DECIMAL_NUMBER, 0, 999},
      {"{'type':'bytes','logicalType':'decimal','precision':38}", PL_DECIMAL_NUMBER, 0, 999999999999999999},
      {"{'type':'bytes','logicalType':'decimal','precision':2,'scale':3}", PL_LOGICAL_NONE, 0, 0},
      {"{'type':'bytes','logicalType':'decimal'}", PL_LOGICAL_NONE, 0, 0},
      {"{'type':'string','logicalType':'decimal','precision':4}", PL_LOGICAL_NONE, 0, 0},
      {"{'type':'fixed','name':'D','size':8,'logicalType':'decimal','precision':18,'scale':4}",
       PL_DECIMAL_NUMBER, 4, 999999999999999999},
  };
  for (size_t i = 0; i < PL_COUNT(cases); i++) {
    pl_schema *schema;
    pl_err err = {0};
    if (pl_schema_new(&schema, json(cases[i].text), &err) != PL_OK) fail_msg("%s", err.text);
    const pl_node *node = pl_schema_root(schema);
    if (node->logical != cases[i].logical) fail_msg("%s is %d", cases[i].text, (int)node->logical);
    assert_int_equal(node->scale, cases[i].scale);
    assert_true(node->most == cases[i].most);
    pl_schema_free(&schema);
  }
}

static void a_recursive_schema_is_a_cycle(void **state) {
  (void)state;
  pl_schema *schema;
  pl_err err;
  assert_int_equal(pl_schema_new(&schema,
                                 json("{'type':'record','name':'R','fields':[{'name':'v','type':'int'},{'"
                                      "name':'next','type':['null','R']}]}"),
                                 &err),
                   PL_OK);
  const pl_node *root = pl_schema_root(schema);
  assert_ptr_equal(root->kids[1]->kids[1], root);
  assert_int_equal(pl_schema_nodes(schema), 4);
  pl_schema_free(&schema);
}

/* `n` records, each inside the one before. */
static char *nested(int n) {
  size_t room = (size_t)n * 80 + 32, at = 0;
  char *text = malloc(room);
  for (int i = 0; i < n; i++)
    at += (size_t)snprintf(text + at, room - at,
                           "{\"type\":\"record\",\"name\":\"R%d\",\"fields\":[{\"name\":\"a\",\"type\":", i);
  at += (size_t)snprintf(text + at, room - at, "\"int\"");
  for (int i = 0; i < n; i++) at += (size_t)snprintf(text + at, room - at, "}]}");
  return text;
}

static void depth_and_size_are_bounded(void **state) {
  (void)state;
  static const struct {
    int levels;
    const char *text;
  } cases[] = {{PL_DEPTH_MAX - 1, NULL},
               {PL_DEPTH_MAX, "deeper than 32"},
               {600, "deeper than 32"},
               {3000, "not JSON"}};
  pl_schema *schema;
  pl_err err;
  for (size_t i = 0; i < PL_COUNT(cases); i++) {
    char *text = nested(cases[i].levels);
    pl_status status = pl_schema_new(&schema, pl_str_of(text), &err);
    assert_int_equal(status, cases[i].text ? PL_REJECT : PL_OK);
    if (cases[i].text) assert_non_null(strstr(err.text, cases[i].text));
    pl_schema_free(&schema);
    free(text);
  }
  size_t room = PL_SCHEMA_BYTES + 1;
  char *big = malloc(room);
  memset(big, ' ', room);
  assert_int_equal(pl_schema_new(&schema, (pl_str){big, room}, &err), PL_REJECT);
  assert_non_null(strstr(err.text, "1048577 bytes"));

  size_t at = (size_t)snprintf(big, room, "{\"type\":\"record\",\"name\":\"R\",\"fields\":[");
  for (int i = 0; i < PL_NODES_MAX; i++)
    at += (size_t)snprintf(big + at, room - at, "%s{\"name\":\"f%d\",\"type\":\"int\"}", i ? "," : "", i);
  at += (size_t)snprintf(big + at, room - at, "]}");
  assert_int_equal(pl_schema_new(&schema, (pl_str){big, at}, &err), PL_REJECT);
  assert_non_null(strstr(err.text, "more than 4096 types"));
  free(big);
}

static void a_refused_schema_leaves_nothing_behind(void **state) {
  (void)state;
  pl_schema *schema;
  pl_err err;
  int64_t before = pl_mem_live();
  assert_int_equal(
      pl_schema_new(
          &schema,
          json("{'type':'record','name':'R','fields':[{'name':'a','type':'int'},{'name':'a','type':'int'}]}"),
          &err),
      PL_REJECT);
  assert_int_equal(pl_mem_live(), before);
}

static pl_schema *good(pl_str text) {
  pl_schema *schema;
  assert_int_equal(pl_schema_new(&schema, text, NULL), PL_OK);
  return schema;
}

static void a_schema_is_ours_to_the_last_type_and_whatever_its_docs_say(void **state) {
  (void)state;
  static const struct {
    const char *text;
    bool same;
  } cases[] = {
      {"{'type':'record','name':'R','doc':'x','fields':[{'name':'a','type':['null','int'],'doc':'y'}]}",
       true},
      {"{'type':'record','name':'R','fields':[{'name':'a','type':['int','null']}]}", false},
      {"{'type':'record','name':'R','fields':[{'name':'b','type':['null','int']}]}", false},
      {"{'type':'record','name':'R','fields':[{'name':'a','type':['null','long']}]}", false},
      {"{'type':'record','name':'R','fields':[{'name':'a','type':['null',{'type':'int','logicalType':'date'}]"
       "}]}",
       false},
      {"{'type':'record','name':'R','fields':[]}", false},
  };
  pl_schema *ours = good(json("{'type':'record','name':'R','fields':[{'name':'a','type':['null','int']}]}"));
  for (size_t i = 0; i < PL_COUNT(cases); i++) {
    pl_schema *other = good(json(cases[i].text));
    if (pl_node_same(pl_schema_root(other), pl_schema_root(ours)) != cases[i].same)
      fail_msg("%s", cases[i].text);
    pl_schema_free(&other);
  }
  pl_schema_free(&ours);
  ours = good(pl_str_of((const char *)pl_activity_avsc));
  assert_string_equal(pl_schema_root(ours)->names[0].p, "event_id");
  pl_schema_free(&ours);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(must_parse),
      cmocka_unit_test(must_not_parse),
      cmocka_unit_test(logical_types_stand_only_where_they_fit),
      cmocka_unit_test(a_recursive_schema_is_a_cycle),
      cmocka_unit_test(depth_and_size_are_bounded),
      cmocka_unit_test(a_refused_schema_leaves_nothing_behind),
      cmocka_unit_test(a_schema_is_ours_to_the_last_type_and_whatever_its_docs_say),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
