/* Bytes changed, cut and replaced in a whole activity: each time an event whose ids are clean, or a reason.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "codec/encode.h"
#include "codec/event_decode.h"
#include "random.h"

static bool usable(pl_str id) { return id.n && id.n <= PL_ID_MAX && pl_str_clean(id); }

static void changed_bytes_always_give_an_event_or_a_reason(void **state) {
  (void)state;
  enum { TURNS = 100000 };
  static const char *const types[] = {"call", "deal_won"}, *const fields[] = {"amount", "account"};
  static const pl_policy policy = {.types = types, .ntypes = 2, .fields = fields, .nfields = 2};
  static char json[1 << 16];
  dice d = {20260304};
  pl_schema *schema;
  pl_event_reader *reader;
  pl_mapping mapping;
  pl_err err = {0};
  pl_buf body;
  size_t applied = 0;
  print_message("seed %llu\n", (unsigned long long)d.state);
  FILE *f = fopen("schemas/activity.avsc", "rb");
  assert_non_null(f);
  size_t n = fread(json, 1, sizeof json, f);
  fclose(f);
  pl_mapping_default(&mapping, &policy);
  if (pl_schema_new(&schema, (pl_str){json, n}, &err) != PL_OK ||
      pl_event_reader_new(&reader, PL_FORM_AVRO, schema, &mapping, 1, &policy, &err) != PL_OK)
    fail_msg("%s", err.text);
  pl_buf_init(&body, 1024);
  pl_activity a = {.id = PL_STR("0123456789abcdef"),
                   .rep = PL_STR("rep-17"),
                   .at = {1772582400000},
                   .type = PL_STR("deal_won"),
                   .amount = {.kind = PL_INT, .i = 1200},
                   .account = PL_STR("acme"),
                   .deal = PL_STR("d-1"),
                   .channel = PL_STR("phone"),
                   .opened_at = PL_NEVER,
                   .complete_to = PL_NEVER};
  assert_true(pl_activity_encode(&body, &a));
  for (int turn = 0; turn < TURNS; turn++) {
    size_t len = below(&d, 4) ? body.n : below(&d, (uint32_t)body.n + 1);
    char *copy = malloc(len ? len : 1); /* its own, so that reading beyond it is seen */
    memcpy(copy, body.p, len);
    for (uint32_t times = below(&d, 4); times && len; times--)
      copy[below(&d, (uint32_t)len)] = (char)roll(&d);
    pl_made made;
    size_t events;
    const pl_event *event = &made.event;
    err.text[0] = 0;
    pl_reason reason = pl_events_decode(reader, (pl_str){copy, len}, NULL, &made, &events, &err);
    if (reason == PL_APPLIED) {
      applied++;
      assert_true(events == 1 &&
                  (event->type == PL_TYPE_HEARTBEAT || (usable(event->id) && usable(event->rep))));
    } else {
      assert_true(reason == PL_BODY || reason == PL_TOO_LARGE || reason == PL_BAD_VALUE ||
                  reason == PL_BAD_ID || reason == PL_NO_REP || reason == PL_NO_TIME || reason == PL_NO_TYPE);
      assert_true(err.text[0]);
    }
    free(copy);
  }
  assert_true(applied > TURNS / 10 && applied < TURNS / 2);
  pl_buf_fini(&body);
  pl_event_reader_free(&reader);
  pl_schema_free(&schema);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(changed_bytes_always_give_an_event_or_a_reason)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
