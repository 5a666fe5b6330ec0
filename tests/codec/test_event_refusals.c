/* A mapping that cannot work is refused as it is read, with a remedy; a value that cannot be counted gets the
 * reason under which its event is dead-lettered. */
#include "base/mem.h"
#include "event_rig.h"

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
      {"'long'", NULL, "things[]", "is in many items"},
      {"'long'", NULL, "things[", "expected [] or an index"},
  };
  for (size_t i = 0; i < PL_COUNT(cases); i++) {
    rig r;
    pl_mapping mapping = flat();
    mapping.id = cases[i].id, mapping.at_format = cases[i].format;
    int64_t before = pl_mem_live();
    pl_status status = try_open(&r, flat_record(cases[i].at, ""), &mapping);
    if (status != (cases[i].text ? PL_REJECT : PL_OK)) fail_msg("case %zu: %s", i, r.err.text);
    if (cases[i].text && !strstr(r.err.text, cases[i].text)) fail_msg("case %zu: %s", i, r.err.text);
    close_rig(&r);
    assert_int_equal(pl_mem_live(), before);
  }
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
  mapping.fields[0].paths[0] = "amount", mapping.fields[1].paths[0] = "account";
  for (size_t i = 0; i < PL_COUNT(cases); i++) {
    const char *texts[] = {cases[i].id, cases[i].rep, cases[i].kind, cases[i].amount, cases[i].account};
    rig r;
    open_rig(&r, record, &mapping);
    pl_buf_zigzag(&r.body, 7);
    for (size_t k = 0; k < PL_COUNT(texts); k++) put_maybe(&r, texts[k]);
    if (!decodes(&r, i, cases[i].reason) && !strstr(r.err.text, cases[i].text))
      fail_msg("case %zu: %s", i, r.err.text);
    close_rig(&r);
  }
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
             flat_record("'long'",
                         ",{'name':'source','type':['null','string']},{'name':'to','type':['null','long']}"),
             &mapping);
    put(&r, ""), put(&r, ""), pl_buf_zigzag(&r.body, 7), put(&r, "heartbeat");
    put_maybe(&r, cases[i].source);
    pl_buf_zigzag(&r.body, cases[i].complete_to != INT64_MIN);
    if (cases[i].complete_to != INT64_MIN) pl_buf_zigzag(&r.body, cases[i].complete_to);
    if (decodes(&r, i, cases[i].reason)) assert_int_equal(r.event.complete_to.ms, cases[i].complete_to);
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
    rig r;
    open_rig(&r,
             flat_record("'long'",
                         ",{'name':'undoes','type':['null','string']},{'name':'metric','type':['null',"
                         "'string']},{'name':'by','type':['null','string']}"),
             &mapping);
    put(&r, "e"), put(&r, "r"), pl_buf_zigzag(&r.body, 7), put(&r, cases[i].type);
    put_maybe(&r, cases[i].retracts), put_maybe(&r, cases[i].metric), put_maybe(&r, cases[i].amount);
    bool applied = decodes(&r, i, cases[i].reason);
    if (applied) {
      assert_true(pl_str_is(r.event.retracts, cases[i].retracts ? cases[i].retracts : ""));
      assert_int_equal(r.event.type == PL_TYPE_ADJUSTMENT, cases[i].metric != NULL);
    }
    if (applied && cases[i].metric) {
      assert_true(pl_str_is(r.event.metric, "calls"));
      assert_true(r.event.amount.kind == PL_DECIMAL && r.event.amount.i == -1250 &&
                  r.event.amount.scale == 2);
    }
    close_rig(&r);
  }
}

static void answers_name_an_alert_and_are_prose(void **state) {
  (void)state;
  static char whole[PL_FIELD_MAX + 1], long_text[PL_FIELD_MAX + 2];
  memset(whole, 'x', sizeof whole - 1), memset(long_text, 'x', sizeof long_text - 1);
  static const struct {
    const char *alert, *reason, *plan;
    pl_reason outcome;
  } cases[] = {
      {"a1", NULL, NULL, PL_APPLIED},          {"a1", "One.\nTwo.", whole, PL_APPLIED},
      {NULL, "Sick", NULL, PL_BAD_ID},         {"", "Sick", NULL, PL_BAD_ID},
      {"a\n1", "Sick", NULL, PL_BAD_ID},       {"a1", long_text, NULL, PL_TOO_LARGE},
      {"a1", "\x1B[31m", NULL, PL_BAD_VALUE},  {"a1", NULL, "one\xC2\x85two", PL_BAD_VALUE},
      {"a1", NULL, "one\n\xFF", PL_BAD_VALUE}, {"a1", NULL, "\xC3\n\xB6", PL_BAD_VALUE},
  };
  pl_mapping mapping = flat();
  mapping.answer = "said";
  for (size_t i = 0; i < PL_COUNT(cases); i++) {
    rig r;
    open_rig(&r,
             flat_record("'long'",
                         ",{'name':'said','type':{'type':'record','name':'S','fields':[{'name':'alert','type'"
                         ":['null','string']},{'name':'reason','type':['null','string']},{'name':'plan',"
                         "'type':['null','string']}]}}"),
             &mapping);
    put(&r, "e"), put(&r, "r"), pl_buf_zigzag(&r.body, 7), put(&r, "answer");
    put_maybe(&r, cases[i].alert), put_maybe(&r, cases[i].reason), put_maybe(&r, cases[i].plan);
    if (decodes(&r, i, cases[i].outcome)) {
      assert_true(pl_str_is(r.event.answer->reason, cases[i].reason ? cases[i].reason : ""));
      assert_true(pl_str_is(r.event.answer->plan, cases[i].plan ? cases[i].plan : ""));
    }
    close_rig(&r);
  }
}

/* A schema that has no answers: `answer` is a type like any other. */
static void without_a_mapping_an_answer_is_another_type(void **state) {
  (void)state;
  rig r;
  pl_mapping mapping = flat();
  open_rig(&r, flat_record("'long'", ""), &mapping);
  put(&r, "e"), put(&r, "r"), pl_buf_zigzag(&r.body, 7), put(&r, "answer");
  assert_int_equal(decode(&r), PL_APPLIED);
  assert_int_equal(r.event.type, PL_TYPE_OTHER);
  close_rig(&r);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_mapping_that_cannot_work_is_refused_with_a_remedy),
      cmocka_unit_test(hostile_and_missing_values_get_their_reason),
      cmocka_unit_test(heartbeats_need_a_source_and_an_instant),
      cmocka_unit_test(corrections_name_an_event_or_a_metric_and_an_amount),
      cmocka_unit_test(answers_name_an_alert_and_are_prose),
      cmocka_unit_test(without_a_mapping_an_answer_is_another_type),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
