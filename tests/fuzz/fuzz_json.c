/* JSON beside jansson's reading of it: what one takes the other takes, but for what each says it does not,
 * and the values are the same. Through a mapping, it is events or a reason. */
#include <jansson.h>
#include <stdlib.h>

#include "codec/json_plan.h"
#include "events.h"
#include "fuzz.h"

enum { A, B_C, D_1, E_EACH, E_X, F, F_G };
static const pl_want wants[] = {{.path = "a"},
                                {.path = "b.c"},
                                {.path = "d[1]"},
                                {.path = "e[]", .list = 1},
                                {.path = "e[].x", .list = 1},
                                {.path = "f"},
                                {.path = "f.\"g.h\""}};

static void same(const json_t *json, const pl_slot *slot) {
  const pl_value *v = &slot->value;
  if (!slot->node) {
    PL_ASSERT(!json || json_is_null(json) || json_is_object(json) || json_is_array(json));
  } else if (v->kind == PL_TEXT) {
    PL_ASSERT(json_is_string(json) && json_string_length(json) == v->s.n && v->s.n <= PL_FIELD_MAX);
    PL_ASSERT(v->s.n == 0 || memcmp(json_string_value(json), v->s.p, v->s.n) == 0);
  } else if (v->kind == PL_BOOL) {
    PL_ASSERT(json_is_boolean(json) && json_is_true(json) == v->i);
  } else if (v->kind == PL_INT) {
    PL_ASSERT(json_is_integer(json) && json_integer_value(json) == v->i);
  } else {
    double d = v->kind == PL_REAL ? v->d : (double)v->i / pow(10, v->scale);
    PL_ASSERT(json_is_real(json) && fabs(json_real_value(json) - d) <= 1e-15 * fabs(d));
  }
}

static pl_reason on_item(void *ctx, int list, const pl_slot *slots, pl_err *why) {
  const json_t *item = json_array_get(json_object_get(*(json_t **)ctx, "e"), 0);
  (void)list, (void)why;
  PL_ASSERT(item);
  same(item, &slots[E_EACH]);
  same(json_object_get(item, "x"), &slots[E_X]);
  return PL_TOO_LARGE; /* one is enough */
}

static void read_events(pl_str text) {
  static pl_event_reader *reader; /* as long as the process */
  static pl_json_room room;
  static pl_made made[PL_EVENTS_MAX];
  pl_err err;
  size_t n;
  if (!reader)
    fuzz_need(pl_event_reader_new(&reader, PL_FORM_JSON, NULL, events_mappings, EVENTS_MAPPINGS,
                                  &events_policy, &err),
              &err);
  if (pl_events_decode(reader, text, &room, made, &n, &err) != PL_APPLIED) n = 0;
  for (size_t i = 0; i < n; i++) events_check(&made[i].event);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static pl_json_plan *plan; /* as long as the process */
  static pl_json_room room;
  pl_slot slots[PL_COUNT(wants)];
  pl_err err = {""};
  if (!plan) fuzz_need(pl_json_plan_new(&plan, wants, PL_COUNT(wants), &err), &err);
  char *text = malloc(size + 1);
  PL_ASSERT(text);
  if (size) memcpy(text, data, size);
  text = realloc(text, size ? size : 1);
  PL_ASSERT(text);

  json_error_t at;
  json_t *json = json_loadb(text, size, JSON_ALLOW_NUL | JSON_REJECT_DUPLICATES, &at);
  pl_reason reason = pl_json_plan_run(plan, (pl_str){text, size}, &room, slots, NULL, NULL, &err);
  if (reason == PL_APPLIED && json) {
    same(json_object_get(json, "a"), &slots[A]);
    same(json_object_get(json_object_get(json, "b"), "c"), &slots[B_C]);
    same(json_array_get(json_object_get(json, "d"), 1), &slots[D_1]);
    same(json_object_get(json, "f"), &slots[F]);
    same(json_object_get(json_object_get(json, "f"), "g.h"), &slots[F_G]);
    (void)pl_json_plan_run(plan, (pl_str){text, size}, &room, slots, on_item, &json, &err);
  } else if (reason == PL_APPLIED) {
    /* jansson reads what nobody wants, too: its numbers must fit, its surrogates have their halves */
    static const char *const its_own[] = {"integer", "real number", "surrogate",
                                          "Unicode", "duplicate",   "NUL"};
    bool known = false;
    for (size_t i = 0; i < PL_COUNT(its_own); i++) known |= strstr(at.text, its_own[i]) != NULL;
    if (!known) pl_assert_failed(at.text, __FILE__, __LINE__);
  } else {
    PL_ASSERT(*err.text);
    /* jansson leaves out NUL bytes behind numbers and words */
    static const char *const ours[] = {"nested", "expected an object", "found byte 0x00"};
    bool known = !json || reason != PL_BODY;
    for (size_t i = 0; i < PL_COUNT(ours); i++) known |= strstr(err.text, ours[i]) != NULL;
    if (!known) pl_assert_failed(err.text, __FILE__, __LINE__);
  }
  json_decref(json);
  read_events((pl_str){text, size});
  free(text);
  return 0;
}
