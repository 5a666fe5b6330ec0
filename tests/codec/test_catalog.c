/* What a schema registry says, as Confluent's documentation, and as registries and proxies say it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/mem.h"
#include "codec/base64url.h"
#include "codec/catalog.h"
#include "codec/schema.h"
#include "codec/schema_join.h"
#include "json.h"

static void only_a_registrys_own_words_are_a_no(void **state) {
  (void)state;
  static const struct {
    int status;
    const char *body, *error;
    pl_status is;
    const char *says;
  } cases[] = {
      {200, "{}", "", PL_OK, ""},
      {404, "{'error_code':40403,'message':'Schema 7 not found'}", "", PL_REJECT,
       "Schema 7 not found (error 40403)"},
      {404, "{'error_code':40401,'message':'Subject not found.'}", "", PL_REJECT, "Subject not found"},
      {409, "{'error_code':409,'message':'incompatible'}", "", PL_REJECT, "incompatible"},
      {422, "{'error_code':42201,'message':'Invalid schema'}", "", PL_REJECT, "Invalid schema"},
      {404, "<html>404</html>", "", PL_AGAIN, "check the path in schemas.registry.urls"},
      {404, "", "", PL_AGAIN, "check the path"},
      {404, "{'message':'RESTEASY003210: Could not find resource'}", "", PL_AGAIN, "check the path"},
      {404, "{'error_code':404,'message':'HTTP 404 Not Found'}", "", PL_AGAIN, "check the path"},
      {404, "{'error_code':'40403'}", "", PL_AGAIN, "check the path"},
      {401, "", "", PL_AGAIN, "user and password_file"},
      {403, "{'error_code':40301,'message':'denied'}", "", PL_AGAIN, "(403 denied)"},
      {429, "", "", PL_AGAIN, "429"},
      {500, "{'error_code':50001,'message':'Error in the backend data store'}", "", PL_AGAIN,
       "answers 500: Error in the"},
      {502, "Bad gateway", "", PL_AGAIN, "answers 502"},
      {302, "", "", PL_AGAIN, "answers 302"},
      {0, "", "connection refused", PL_AGAIN, "connection refused"},
      {200, "{}", "the reply is longer than 5 bytes", PL_AGAIN, "longer"},
      {404, "{'error_code':40403}", "the reply is longer than 5 bytes", PL_AGAIN, "longer"},
  };
  for (size_t i = 0; i < PL_COUNT(cases); i++) {
    pl_err why = {""};
    pl_status is = pl_catalog_judge(cases[i].status, json(cases[i].body), cases[i].error, &why);
    if (is != cases[i].is || !strstr(why.text, cases[i].says))
      fail_msg("%d %s: %d %s", cases[i].status, cases[i].body, (int)is, why.text);
  }
}

static void what_it_says_of_a_schema_is_read(void **state) {
  (void)state;
  static const struct {
    const char *body;
    pl_status is;
    int32_t id;
    const char *text; /* or what is said of it */
    size_t references;
  } cases[] = {
      {"{'schema':'[1]'}", PL_OK, -1, "[1]", 0},
      {"{'schema':'x','schemaType':'AVRO','id':7,'version':2,'subject':'s'}", PL_OK, 7, "x", 0},
      {"{'id':7}", PL_OK, 7, "", 0},
      {"{'schema':'x','references':[{'name':'a.B','subject':'b-value','version':3}]}", PL_OK, -1, "x", 1},
      {"{'schema':'x','schemaType':'PROTOBUF'}", PL_REJECT, -1, "PROTOBUF", 0},
      {"{}", PL_AGAIN, -1, "neither", 0},
      {"[]", PL_AGAIN, -1, "neither", 0},
      {"<html>", PL_AGAIN, -1, "not JSON", 0},
      {"{'schema':'x'", PL_AGAIN, -1, "not JSON", 0},
      {"{'schema':1}", PL_AGAIN, -1, "neither", 0},
      {"{'schema':'x','references':[{'name':'a.B','subject':'b-value'}]}", PL_AGAIN, -1, "reference", 0},
      {"{'schema':'x','references':[{'name':'a.B','version':1}]}", PL_AGAIN, -1, "reference", 0},
  };
  for (size_t i = 0; i < PL_COUNT(cases); i++) {
    pl_catalog_entry *e = PL_NEW(pl_catalog_entry);
    pl_err why = {""};
    pl_catalog_entry_init(e);
    pl_status is = pl_catalog_read(e, json(cases[i].body), &why);
    bool good = is == cases[i].is && e->id == cases[i].id;
    if (is == PL_OK)
      good = good && pl_str_is(pl_buf_str(&e->text), cases[i].text) && e->nreferences == cases[i].references;
    else
      good = good && strstr(why.text, cases[i].text);
    if (!good) fail_msg("%s: %d %d %s", cases[i].body, (int)is, (int)e->id, why.text);
    if (e->nreferences) assert_string_equal(e->references[0].subject, "b-value");
    pl_catalog_entry_fini(e);
    PL_FREE(e);
  }
}

static void subjects_are_escaped_in_paths_and_schemas_in_bodies(void **state) {
  (void)state;
  pl_buf out;
  pl_buf_init(&out, 4096);
  pl_catalog_put_id(&out, 7), pl_buf_char(&out, ' ');
  pl_catalog_put_version(&out, PL_STR("crm.deals-value"), -1), pl_buf_char(&out, ' ');
  pl_catalog_put_version(&out, PL_STR("a/b?c d"), 3), pl_buf_char(&out, ' ');
  pl_catalog_put_subject(&out, PL_STR("x"), false), pl_buf_char(&out, ' ');
  pl_catalog_put_schema(&out, PL_STR("\"int\""));
  assert_true(pl_str_is(pl_buf_str(&out), "/schemas/ids/7 /subjects/crm.deals-value/versions/latest "
                                          "/subjects/a%2Fb%3Fc%20d/versions/3 /subjects/x "
                                          "{\"schemaType\":\"AVRO\",\"schema\":\"\\\"int\\\"\"}"));
  pl_buf_fini(&out);
}

static void basic_credentials_are_base64_with_padding(void **state) {
  (void)state;
  static const char *const cases[][2] = {
      {"", ""},        {"f", "Zg=="},        {"fo", "Zm8="},
      {"foo", "Zm9v"}, {"\xfb\xff", "+/8="}, {"Aladdin:open sesame", "QWxhZGRpbjpvcGVuIHNlc2FtZQ=="}};
  for (size_t i = 0; i < PL_COUNT(cases); i++) {
    pl_buf out;
    pl_buf_init(&out, 64);
    pl_base64_put(&out, pl_str_of(cases[i][0]));
    if (!pl_str_is(pl_buf_str(&out), cases[i][1])) fail_msg("%s", cases[i][1]);
    pl_buf_fini(&out);
  }
}

/* --- joining */

static const char money[] = "{'type':'record','name':'Money','namespace':'com.acme','fields':["
                            "{'name':'amount','type':'long'},{'name':'unit','type':'Unit'}]}",
                  unit[] = "{'type':'enum','name':'com.acme.Unit','symbols':['EUR','USD']}",
                  both[] = "{'type':'record','name':'Pair','namespace':'com.acme','fields':["
                           "{'name':'unit','type':{'type':'enum','name':'Unit','symbols':['EUR','USD']}},"
                           "{'name':'self','type':['null','Pair']}]}";

/* Joined, it is the schema that `expected` is; NULL: it cannot be read. */
static void joins_to(const char *schema, const char *const *others, size_t n, const char *expected) {
  pl_str texts[8];
  char rooms[8][1024];
  pl_buf out;
  pl_err err = {""};
  pl_schema *is = NULL, *wanted = NULL;
  for (size_t i = 0; i < n; i++) {
    pl_str text = json(others[i]);
    memcpy(rooms[i], text.p, text.n);
    texts[i] = (pl_str){rooms[i], text.n};
  }
  pl_buf_init(&out, PL_SCHEMA_BYTES);
  assert_int_equal(pl_schema_join(json(schema), texts, n, &out, &err), PL_OK);
  pl_status status = pl_schema_new(&is, pl_buf_str(&out), &err);
  if ((status == PL_OK) != (expected != NULL)) fail_msg("%.*s: %s", (int)out.n, out.p, err.text);
  if (expected) {
    assert_int_equal(pl_schema_new(&wanted, json(expected), &err), PL_OK);
    if (!pl_node_same(pl_schema_root(is), pl_schema_root(wanted))) fail_msg("%.*s", (int)out.n, out.p);
  }
  pl_schema_free(&is), pl_schema_free(&wanted);
  pl_buf_fini(&out);
}

static void a_schema_is_joined_with_what_it_refers_to(void **state) {
  (void)state;
  static const char inlined[] =
      "{'type':'record','name':'Deal','fields':[{'name':'a','type':{'type':'record','name':'M','fields':["
      "{'name':'amount','type':'long'},{'name':'unit','type':{'type':'enum','name':'U','symbols':['EUR','USD'"
      "]}}"
      "]}},{'name':'b','type':['null','M']},{'name':'c','type':{'type':'array','items':'U'}},"
      "{'name':'d','type':{'type':'map','values':'U'}}]}";
  joins_to(
      "{'type':'record','name':'Deal','namespace':'com.other','fields':[{'name':'a','type':'com.acme.Money'},"
      "{'name':'b','type':['null','com.acme.Money']},"
      "{'name':'c','type':{'type':'array','items':'com.acme.Unit'}},"
      "{'name':'d','type':{'type':'map','values':'com.acme.Unit'}}]}",
      (const char *const[]){money, unit}, 2, inlined);
  joins_to("{'type':'record','name':'Deal','namespace':'com.acme','fields':[{'name':'a','type':'Money'},"
           "{'name':'b','type':['null','Money']},{'name':'c','type':{'type':'array','items':'Unit'}},"
           "{'name':'d','type':{'type':'map','values':'Unit'}}]}",
           (const char *const[]){unit, money}, 2, inlined);
}

static void a_type_that_two_of_them_bring_is_there_once(void **state) {
  (void)state;
  joins_to(
      "{'type':'record','name':'R','fields':[{'name':'u','type':'com.acme.Unit'},"
      "{'name':'m','type':'com.acme.Money'}]}",
      (const char *const[]){money, unit, unit}, 3,
      "{'type':'record','name':'R','fields':[{'name':'u','type':{'type':'enum','name':'U','symbols':['EUR',"
      "'USD']}},{'name':'m','type':{'type':'record','name':'M','fields':[{'name':'amount','type':'long'},"
      "{'name':'unit','type':'U'}]}}]}");
  pl_str others[] = {json(both)};
  char room[1024];
  memcpy(room, others[0].p, others[0].n), others[0].p = room;
  pl_buf out;
  pl_schema *schema = NULL;
  pl_err err = {""};
  pl_buf_init(&out, PL_SCHEMA_BYTES);
  assert_int_equal(pl_schema_join(json("['com.acme.Unit','com.acme.Pair']"), others, 1, &out, &err), PL_OK);
  if (pl_schema_new(&schema, pl_buf_str(&out), &err) != PL_OK)
    fail_msg("%.*s %s", (int)out.n, out.p, err.text);
  assert_ptr_equal(pl_schema_root(schema)->kids[1]->kids[0], pl_schema_root(schema)->kids[0]);
  assert_ptr_equal(pl_schema_root(schema)->kids[1]->kids[1]->kids[1], pl_schema_root(schema)->kids[1]);
  pl_schema_free(&schema);
  pl_buf_fini(&out);
}

static void a_reference_may_be_all_of_a_schema(void **state) {
  (void)state;
  joins_to("'com.acme.Unit'", (const char *const[]){unit}, 1, unit);
  joins_to("'com.acme.Missing'", (const char *const[]){unit}, 1, NULL);
}

static void what_cannot_be_joined_is_refused(void **state) {
  (void)state;
  pl_buf out;
  pl_err err = {""};
  char deep[512] = "", *p = deep;
  for (int i = 0; i < PL_DEPTH_MAX + 2; i++) p += sprintf(p, "[");
  for (int i = 0; i < PL_DEPTH_MAX + 2; i++) p += sprintf(p, "]");
  pl_buf_init(&out, 16);
  pl_str good = PL_STR("\"int\""), bad = PL_STR("{");
  assert_int_equal(pl_schema_join(bad, &good, 1, &out, &err), PL_REJECT);
  assert_int_equal(pl_schema_join(good, &bad, 1, &out, &err), PL_REJECT);
  assert_int_equal(pl_schema_join(pl_str_of(deep), &good, 1, &out, &err), PL_REJECT);
  assert_non_null(strstr(err.text, "nested deeper"));
  assert_int_equal(pl_schema_join(PL_STR("[\"int\",\"long\",\"string\"]"), &good, 1, &out, &err), PL_REJECT);
  assert_non_null(strstr(err.text, "more than 16 bytes"));
  pl_buf_fini(&out);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(only_a_registrys_own_words_are_a_no),
      cmocka_unit_test(what_it_says_of_a_schema_is_read),
      cmocka_unit_test(subjects_are_escaped_in_paths_and_schemas_in_bodies),
      cmocka_unit_test(basic_credentials_are_base64_with_padding),
      cmocka_unit_test(a_schema_is_joined_with_what_it_refers_to),
      cmocka_unit_test(a_type_that_two_of_them_bring_is_there_once),
      cmocka_unit_test(a_reference_may_be_all_of_a_schema),
      cmocka_unit_test(what_cannot_be_joined_is_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
