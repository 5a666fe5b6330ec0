/* An event costs no allocation: the linker sends every request for memory by here (--wrap), where it is
 * counted. */
#include <stdlib.h>

#include "base/mem.h"
#include "codec/json_plan.h"
#include "event_rig.h"

static int asked;

/* NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp): the linker's names */
void *__wrap_pl_alloc(size_t size);
void *__real_pl_alloc(size_t size);
void *__wrap_pl_resize(void *p, size_t old_size, size_t new_size);
void *__real_pl_resize(void *p, size_t old_size, size_t new_size);
void *__wrap_malloc(size_t size);
void *__real_malloc(size_t size);

void *__wrap_pl_alloc(size_t size) {
  asked++;
  return __real_pl_alloc(size);
}

void *__wrap_pl_resize(void *p, size_t old_size, size_t new_size) {
  asked++;
  return __real_pl_resize(p, old_size, new_size);
}

void *__wrap_malloc(size_t size) {
  asked++;
  return __real_malloc(size);
}
/* NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */

static void read_one(pl_form form, const char *record, const pl_mapping *mapping, pl_str body,
                     pl_reason reason, size_t n) {
  static pl_made made[PL_EVENTS_MAX];
  static pl_json_room texts;
  pl_schema *schema = NULL;
  pl_event_reader *reader;
  pl_err err = {0};
  size_t got;
  if (record) assert_int_equal(pl_schema_new(&schema, json(record), &err), PL_OK);
  if (pl_event_reader_new(&reader, form, schema, mapping, 1, &policy, &err) != PL_OK)
    fail_msg("%s", err.text);
  assert_true(asked > 0); /* the reader itself: it is counted */
  asked = 0;
  for (int i = 0; i < 3; i++)
    if (pl_events_decode(reader, body, &texts, made, &got, &err) != reason || got != n)
      fail_msg("%s", err.text);
  assert_int_equal(asked, 0);
  pl_event_reader_free(&reader);
  pl_schema_free(&schema);
}

static void an_event_costs_no_allocation(void **state) {
  (void)state;
  pl_mapping mapping = flat();
  mapping.fields[0] = (pl_origin){.paths = {"amount"}};
  mapping.fields[1] = (pl_origin){.paths = {"account.\"Name\""}};
  static const char record[] =
      "{'type':'record','name':'R','fields':[{'name':'id','type':'string'},{'name':'rep','type':'string'},"
      "{'name':'at','type':{'type':'long','logicalType':'timestamp-millis'}},{'name':'kind','type':'string'},"
      "{'name':'amount','type':['null','long']},{'name':'account','type':{'type':'map','values':'string'}}]}";
  pl_buf body;
  pl_buf_init(&body, 1024);
  pl_buf_put(&body, "\4e1\4r1", 6);
  pl_buf_zigzag(&body, DAY_2026_03_04);
  pl_buf_put(&body, "\10call\2\12\2\10Name\10acme\0", 19);
  read_one(PL_FORM_AVRO, record, &mapping, pl_buf_str(&body), PL_APPLIED, 1);
  read_one(PL_FORM_AVRO, record, &mapping, (pl_str){body.p, body.n - 3}, PL_BODY, 0);
  pl_buf_fini(&body);
}

static void nor_do_events_of_json_and_of_lists(void **state) {
  (void)state;
  pl_mapping mapping = flat();
  mapping.each = "splits[]", mapping.rep = (pl_origin){.paths = {"splits[].rep"}};
  mapping.fields[0] = (pl_origin){.paths = {"splits[].amount"}};
  pl_str text =
      json("{'id':'a\\u0062','at':1772582400000,'kind':'call','splits':[{'rep':'r\\t1','amount':1.50},"
           "{'rep':'r2','amount':2e0},{'amount':[]}]}");
  read_one(PL_FORM_JSON, NULL, &mapping, text, PL_BAD_VALUE, 0);
  text = json("{'id':'a\\u0062','at':1772582400000,'kind':'call','splits':[{'rep':'r\\u0031','amount':1.50},"
              "{'rep':'r2','amount':2.25}]}");
  read_one(PL_FORM_JSON, NULL, &mapping, text, PL_APPLIED, 2);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(an_event_costs_no_allocation),
      cmocka_unit_test(nor_do_events_of_json_and_of_lists),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
