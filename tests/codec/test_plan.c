/* The plan where others fail: what bodies must not be believed about, and what paths may lead to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/mem.h"
#include "codec/plan.h"
#include "json.h"

#define BYTES(text)                                                                                          \
  { (text), sizeof(text) - 1 }

static void open_plan(const char *text, const pl_want *wants, size_t n, pl_schema **schema, pl_plan **plan) {
  pl_err err = {0};
  if (pl_schema_new(schema, json(text), &err) != PL_OK || pl_plan_new(plan, *schema, wants, n, &err) != PL_OK)
    fail_msg("%s: %s", text, err.text);
}

/* One field `a` wanted out of a body; both with and without wanting it, what is wrong must be refused. */
static void bodies_are_believed_only_as_far_as_they_are_true(void **state) {
  (void)state;
  static const struct {
    const char *a, *b; /* types of the record's fields; NULL: no b */
    pl_str body;
    pl_reason skipped, taken; /* when `a` is not wanted, when it is */
    const char *text;
  } cases[] = {
      {"'string'", NULL, BYTES("\006abc"), PL_APPLIED, PL_APPLIED, ""},
      {"'string'", NULL, BYTES(""), PL_BODY, PL_BODY, "length"},
      {"'string'", NULL, BYTES("\010abc"), PL_BODY, PL_BODY, "length"},
      {"'string'", NULL, BYTES("\005abc"), PL_BODY, PL_BODY, "length"},
      {"'string'", NULL, BYTES("\006abcd"), PL_BODY, PL_BODY, "ends before the body"},
      {"'string'", NULL, BYTES("\xFE\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01"), PL_BODY, PL_BODY, "length"},
      {"'string'", NULL, BYTES("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01"), PL_BODY, PL_BODY, "length"},
      {"'long'", NULL, BYTES("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01"), PL_APPLIED, PL_APPLIED, ""},
      {"'long'", NULL, BYTES("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x02"), PL_BODY, PL_BODY, "number"},
      {"'long'", NULL, BYTES("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01"), PL_BODY, PL_BODY, "number"},
      {"'long'", NULL, BYTES("\x80"), PL_BODY, PL_BODY, "number"},
      {"'int'", NULL, BYTES("\xFF\xFF\xFF\xFF\x0F"), PL_APPLIED, PL_APPLIED, ""},
      {"'int'", NULL, BYTES("\x80\x80\x80\x80\x10"), PL_BODY, PL_BODY, "too long for its type"},
      {"'boolean'", NULL, BYTES("\1"), PL_APPLIED, PL_APPLIED, ""},
      {"'boolean'", NULL, BYTES("\2"), PL_BODY, PL_BODY, "boolean"},
      {"'boolean'", NULL, BYTES(""), PL_BODY, PL_BODY, ""},
      {"'float'", NULL, BYTES("\0\0\0"), PL_BODY, PL_BODY, "ends within"},
      {"'double'", NULL, BYTES("\0\0\0\0\0\0\0"), PL_BODY, PL_BODY, "ends within"},
      {"'double'", NULL, BYTES("\0\0\0\0\0\0\xF8\x7F"), PL_APPLIED, PL_BAD_VALUE, "not finite"},
      {"'float'", NULL, BYTES("\0\0\x80\x7F"), PL_APPLIED, PL_BAD_VALUE, "not finite"},
      {"{'type':'enum','name':'E','symbols':['A','B']}", NULL, BYTES("\2"), PL_APPLIED, PL_APPLIED, ""},
      {"{'type':'enum','name':'E','symbols':['A','B']}", NULL, BYTES("\4"), PL_BODY, PL_BODY, "ordinal"},
      {"{'type':'enum','name':'E','symbols':['A','B']}", NULL, BYTES("\1"), PL_BODY, PL_BODY, "ordinal"},
      {"['null','long']", NULL, BYTES("\0"), PL_APPLIED, PL_APPLIED, ""},
      {"['null','long']", NULL, BYTES("\4\0"), PL_BODY, PL_BODY, "branch"},
      {"['null','long']", NULL, BYTES("\1\0"), PL_BODY, PL_BODY, "branch"},
      {"['long','null']", NULL, BYTES("\2"), PL_APPLIED, PL_APPLIED, ""},
      {"['null','long','string']", NULL, BYTES("\4\2x"), PL_APPLIED, PL_APPLIED, ""},
      {"['null','long','string']", NULL, BYTES("\6"), PL_BODY, PL_BODY, "branch"},
      {"{'type':'bytes','logicalType':'decimal','precision':18,'scale':2}", NULL, BYTES("\4\xFF\x38"),
       PL_APPLIED, PL_APPLIED, ""},
      {"{'type':'bytes','logicalType':'decimal','precision':18,'scale':2}", NULL, BYTES("\0"), PL_APPLIED,
       PL_BAD_VALUE, "decimal"},
      {"{'type':'bytes','logicalType':'decimal','precision':18,'scale':2}", NULL,
       BYTES("\x10\x0D\xE0\xB6\xB3\xA7\x63\xFF\xFF"), PL_APPLIED, PL_APPLIED, ""},
      {"{'type':'bytes','logicalType':'decimal','precision':18,'scale':2}", NULL,
       BYTES("\x10\x0D\xE0\xB6\xB3\xA7\x64\x00\x00"), PL_APPLIED, PL_BAD_VALUE, "18"},
      {"{'type':'bytes','logicalType':'decimal','precision':18,'scale':2}", NULL,
       BYTES("\x10\xF2\x1F\x49\x4C\x58\x9C\x00\x01"), PL_APPLIED, PL_APPLIED, ""},
      {"{'type':'bytes','logicalType':'decimal','precision':18,'scale':2}", NULL,
       BYTES("\x10\xF2\x1F\x49\x4C\x58\x9C\x00\x00"), PL_APPLIED, PL_BAD_VALUE, "18"},
      {"{'type':'bytes','logicalType':'decimal','precision':18,'scale':2}", NULL,
       BYTES("\x12\x01\0\0\0\0\0\0\0\0"), PL_APPLIED, PL_BAD_VALUE, "18"},
      {"{'type':'bytes','logicalType':'decimal','precision':18,'scale':2}", NULL,
       BYTES("\x12\x00\xFF\0\0\0\0\0\0\0"), PL_APPLIED, PL_BAD_VALUE, "18"},
      {"\'long\'", "{'type':'array','items':'int'}", BYTES("\2\4\2\2\0"), PL_APPLIED, PL_APPLIED, ""},
      /* blocks that say their size: right, too small, too big, beyond the end, negative, the least number */
      {"\'long\'", "{'type':'array','items':'int'}", BYTES("\2\3\4\2\2\0"), PL_APPLIED, PL_APPLIED, ""},
      {"\'long\'", "{'type':'array','items':'int'}", BYTES("\2\3\2\2\2\0"), PL_BODY, PL_BODY, "another size"},
      {"\'long\'", "{'type':'array','items':'int'}", BYTES("\2\3\6\2\2\0"), PL_BODY, PL_BODY, "another size"},
      {"\'long\'", "{'type':'array','items':'int'}", BYTES("\2\3\x20\2\2\0"), PL_BODY, PL_BODY,
       "another size"},
      {"\'long\'", "{'type':'array','items':'int'}", BYTES("\2\3\1\2\2\0"), PL_BODY, PL_BODY, "another size"},
      {"\'long\'", "{'type':'array','items':'int'}", BYTES("\2\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01\2\0"),
       PL_BODY, PL_BODY, ""},
      {"\'long\'", "{'type':'array','items':'int'}", BYTES("\2\4\2\2"), PL_BODY, PL_BODY, "number"},
      /* items of no size: a thousand are fine, millions are not */
      {"\'long\'", "{'type':'array','items':'null'}", BYTES("\2\x80\x10\0"), PL_APPLIED, PL_APPLIED, ""},
      {"\'long\'", "{'type':'array','items':'null'}", BYTES("\2\x80\x89\x7A\0"), PL_BODY, PL_BODY, "items"},
      {"\'long\'", "{'type':'array','items':{'type':'fixed','name':'X','size':0}}",
       BYTES("\2\xFE\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01\0"), PL_BODY, PL_BODY, "items"},
      {"\'long\'", "{'type':'map','values':'int'}", BYTES("\2\2\2k\2\0"), PL_APPLIED, PL_APPLIED, ""},
      {"\'long\'", "{'type':'map','values':'int'}", BYTES("\2\2\x20k\2\0"), PL_BODY, PL_BODY, "length"},
  };
  static const pl_want want = {"a", "a", true, 0};
  for (size_t i = 0; i < PL_COUNT(cases); i++)
    for (size_t wanted = 0; wanted < 2; wanted++) {
      pl_schema *schema;
      pl_plan *plan;
      pl_slot slot;
      pl_err why = {0};
      char record[512];
      (void)snprintf(record, sizeof record,
                     "{'type':'record','name':'R','fields':[{'name':'a','type':%s}%s%s%s]}", cases[i].a,
                     cases[i].b ? ",{'name':'b','type':" : "", cases[i].b ? cases[i].b : "",
                     cases[i].b ? "}" : "");
      open_plan(record, &want, wanted, &schema, &plan);
      char *copy = malloc(cases[i].body.n + 1); /* its own, so that reading beyond it is seen */
      memcpy(copy, cases[i].body.p, cases[i].body.n);
      copy = realloc(copy, cases[i].body.n ? cases[i].body.n : 1);
      pl_reason reason = pl_plan_run(plan, (pl_str){copy, cases[i].body.n}, &slot, NULL, NULL, &why);
      if (reason != (wanted ? cases[i].taken : cases[i].skipped) ||
          (reason != PL_APPLIED && !strstr(why.text, cases[i].text)))
        fail_msg("case %zu, wanted %zu, %s: %s: %s", i, wanted, record, pl_reason_name(reason), why.text);
      assert_int_equal(pl_plan_run(plan, (pl_str){copy, cases[i].body.n}, &slot, NULL, NULL, NULL), reason);
      free(copy);
      pl_plan_free(&plan);
      pl_schema_free(&schema);
    }
}

static void enums_are_read_by_the_writers_symbols(void **state) {
  (void)state;
  static const char *const writers[] = {
      "{'type':'record','name':'R','fields':[{'name':'stage','type':{'type':'enum','name':'E','symbols':['"
      "PROSPECT','QUALIFY','PROPOSAL']}}]}",
      "{'type':'record','name':'R','fields':[{'name':'stage','type':{'type':'enum','name':'E','symbols':['"
      "PROSPECT','PROPOSAL','QUALIFY']}}]}",
  };
  static const char *const read[] = {"QUALIFY", "PROPOSAL"};
  static const pl_want want = {"stage", "stage", true, 0};
  for (size_t i = 0; i < 2; i++) {
    pl_schema *schema;
    pl_plan *plan;
    pl_slot slot;
    open_plan(writers[i], &want, 1, &schema, &plan);
    assert_int_equal(pl_plan_run(plan, PL_STR("\2"), &slot, NULL, NULL, NULL), PL_APPLIED);
    assert_true(pl_str_is(slot.value.s, read[i]));
    pl_plan_free(&plan);
    pl_schema_free(&schema);
  }
}

static void nesting_is_bounded_in_bodies(void **state) {
  (void)state;
  static const char list[] = "{'type':'record','name':'R','fields':[{'name':'v','type':'long'},{'name':'next'"
                             ",'type':['null','R']}]}";
  static const pl_want want = {"next.next.v", "v", true, 0};
  for (int levels = 1; levels <= 100000; levels = levels < 40 ? levels + 1 : levels * 5) {
    pl_schema *schema;
    pl_plan *plan;
    pl_slot slot;
    pl_err why = {0};
    open_plan(list, &want, 1, &schema, &plan);
    size_t n = 0;
    char *body = malloc((size_t)levels * 2);
    for (int i = 0; i < levels; i++) body[n++] = (char)(2 * (i % 50)), body[n++] = i + 1 < levels ? 2 : 0;
    pl_reason reason = pl_plan_run(plan, (pl_str){body, n}, &slot, NULL, NULL, &why);
    /* three levels are the path's own, the others are calls */
    assert_int_equal(reason, levels <= 3 + PL_DEPTH_MAX ? PL_APPLIED : PL_BODY);
    if (reason != PL_APPLIED) assert_non_null(strstr(why.text, "too deep"));
    if (reason == PL_APPLIED && levels >= 3) assert_int_equal(slot.value.i, 2);
    if (reason == PL_APPLIED && levels < 3) assert_null(slot.node);
    free(body);
    pl_plan_free(&plan);
    pl_schema_free(&schema);
  }
}

/* Each record has two of the next: without bounds 2^24 steps over a body of no bytes. */
static void a_schema_that_doubles_at_each_level_costs_nothing(void **state) {
  (void)state;
  enum { LEVELS = 24 };
  char record[8192];
  size_t n = 0;
  for (int i = 0; i < LEVELS; i++)
    n += (size_t)snprintf(record + n, sizeof record - n,
                          "{'type':'record','name':'R%d','fields':[{'name':'a','type':", i);
  n += (size_t)snprintf(record + n, sizeof record - n, "'null'");
  for (int i = LEVELS; i-- > 0;) {
    n += (size_t)snprintf(record + n, sizeof record - n, "}");
    if (i + 1 < LEVELS)
      n += (size_t)snprintf(record + n, sizeof record - n, ",{'name':'b','type':'R%d'}", i + 1);
    n += (size_t)snprintf(record + n, sizeof record - n, "]}");
  }
  pl_schema *schema;
  pl_plan *plan;
  pl_err why = {0};
  open_plan(record, NULL, 0, &schema, &plan);
  assert_int_equal(pl_plan_run(plan, PL_STR(""), NULL, NULL, NULL, &why), PL_BODY);
  assert_non_null(strstr(why.text, "more items"));
  pl_plan_free(&plan);
  pl_schema_free(&schema);
}

static void a_text_beyond_the_limit_is_too_large_only_where_it_is_wanted(void **state) {
  (void)state;
  static const pl_want want = {"a", "a", true, 0};
  for (size_t n = PL_FIELD_MAX; n <= PL_FIELD_MAX + 1; n++) {
    pl_schema *schema;
    pl_plan *plan;
    pl_slot slot;
    pl_buf body;
    pl_buf_init(&body, 4096);
    pl_buf_zigzag(&body, (int64_t)n);
    memset(pl_buf_more(&body, n), 'x', n);
    for (size_t wanted = 0; wanted < 2; wanted++) {
      open_plan("{'type':'record','name':'R','fields':[{'name':'a','type':'string'}]}", &want, wanted,
                &schema, &plan);
      assert_int_equal(pl_plan_run(plan, pl_buf_str(&body), &slot, NULL, NULL, NULL),
                       wanted && n > PL_FIELD_MAX ? PL_TOO_LARGE : PL_APPLIED);
      pl_plan_free(&plan);
      pl_schema_free(&schema);
    }
    pl_buf_fini(&body);
  }
}

static void paths_that_lead_nowhere_are_refused_with_what_is_there(void **state) {
  (void)state;
  static const char record[] =
      "{'type':'record','name':'R','fields':[{'name':'id','type':'string'},{'name':'raw','type':'bytes'},{'"
      "name':'deal','type':['null',{'type':'record','name':'Deal','fields':[{'name':'amount','type':'long'}]}"
      "]},{'name':'tags','type':{'type':'array','items':'string'}}]}";
  static const struct {
    const char *path;
    bool required;
    const char *text; /* NULL: it is fine */
  } cases[] = {
      {"id", true, NULL},
      {"deal.amount", true, NULL},
      {"tags[]", true, NULL},
      {"idd", false, NULL},
      {"deal.price", false, NULL},
      {"idd", true, "record R has no such field; it has id, raw, deal, tags"},
      {"deal.price", true, "record Deal has no such field; it has amount"},
      {"raw", false, "raw is bytes, expected text"},
      {"deal", false, "deal is a record, expected text"},
      {"id.x", false, "id is string, and `x` cannot be looked up in it"},
      {"tags", false, "tags is an array"},
      {"id[]", false, "id is string"},
  };
  for (size_t i = 0; i < PL_COUNT(cases); i++) {
    pl_want want = {cases[i].path, "fields.x", cases[i].required, 0};
    pl_schema *schema;
    pl_plan *plan;
    pl_err err = {0};
    int64_t before = pl_mem_live();
    assert_int_equal(pl_schema_new(&schema, json(record), &err), PL_OK);
    assert_int_equal(pl_plan_new(&plan, schema, &want, 1, &err), PL_OK);
    pl_status status = pl_plan_check(plan, &want, 1, &err);
    if (status != (cases[i].text ? PL_REJECT : PL_OK)) fail_msg("%s: %s", cases[i].path, err.text);
    if (cases[i].text && !strstr(err.text, cases[i].text)) fail_msg("%s: %s", cases[i].path, err.text);
    pl_plan_free(&plan);
    pl_schema_free(&schema);
    assert_int_equal(pl_mem_live(), before);
  }
}

typedef struct {
  int64_t sum;
  int n, stop_after;
} tally;

static pl_reason add(void *ctx, int list, const pl_slot *slots, pl_err *why) {
  tally *t = ctx;
  (void)why;
  assert_int_equal(list, 3);
  t->sum += slots[0].node ? slots[0].value.i : 1000;
  return ++t->n == t->stop_after ? PL_TOO_LARGE : PL_APPLIED;
}

static void items_come_one_by_one_over_blocks_and_can_stop_the_run(void **state) {
  (void)state;
  static const pl_want want = {"a[].v", "a", true, 3};
  pl_schema *schema;
  pl_plan *plan;
  pl_slot slot;
  open_plan("{'type':'record','name':'R','fields':[{'name':'a','type':{'type':'array','items':{'type':'"
            "record','name':'I','fields':[{'name':'v','type':['null','long']}]}}}]}",
            &want, 1, &schema, &plan);
  /* two, then one in a block with its size, of which one is null */
  pl_str body = BYTES("\4\2\2\0\1\4\2\6\0");
  tally t = {0};
  assert_int_equal(pl_plan_run(plan, body, &slot, add, &t, NULL), PL_APPLIED);
  assert_int_equal(t.n, 3);
  assert_int_equal(t.sum, 1 + 1000 + 3);
  t = (tally){.stop_after = 2};
  assert_int_equal(pl_plan_run(plan, body, &slot, add, &t, NULL), PL_TOO_LARGE);
  assert_int_equal(t.n, 2);
  pl_plan_free(&plan);
  pl_schema_free(&schema);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(bodies_are_believed_only_as_far_as_they_are_true),
      cmocka_unit_test(enums_are_read_by_the_writers_symbols),
      cmocka_unit_test(nesting_is_bounded_in_bodies),
      cmocka_unit_test(a_schema_that_doubles_at_each_level_costs_nothing),
      cmocka_unit_test(a_text_beyond_the_limit_is_too_large_only_where_it_is_wanted),
      cmocka_unit_test(paths_that_lead_nowhere_are_refused_with_what_is_there),
      cmocka_unit_test(items_come_one_by_one_over_blocks_and_can_stop_the_run),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
