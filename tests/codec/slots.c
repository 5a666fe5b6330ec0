/* What plans find, told to a program that knows it from elsewhere (test_schemas.py).
 *
 * In: frames of a letter, a length of four bytes, little endian, and so many bytes. A: an Avro schema; J:
 * JSON instead; P: a path, behind a byte with the number of its list; G: a plan of these; B: a body. Out: one
 * line for each G and B: "ok", or an error; what became of the body, the slots, and the items of lists. */
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "codec/json_plan.h"

static struct {
  pl_schema *schema; /* NULL: JSON */
  pl_plan *plan;
  pl_json_plan *json;
  pl_want wants[PL_SLOTS_MAX];
  size_t n;
} now;

static void forget(void) {
  pl_plan_free(&now.plan);
  pl_json_plan_free(&now.json);
  pl_schema_free(&now.schema);
  for (size_t i = 0; i < now.n; i++) pl_text_free(&(char *){(char *)(uintptr_t)now.wants[i].path});
  now.n = 0;
}

static void put(const pl_slot *slot) {
  const pl_value *v = &slot->value;
  if (!slot->node) {
    printf(" -");
  } else if (v->kind == PL_TEXT) {
    printf(" t%d:", (int)slot->node->logical);
    for (size_t i = 0; i < v->s.n; i++) printf("%02x", (unsigned char)v->s.p[i]);
  } else if (v->kind == PL_REAL) {
    printf(" r:%a", v->d);
  } else if (v->kind == PL_DECIMAL) {
    printf(" d:%lld:%d", (long long)v->i, v->scale);
  } else {
    printf(" %c%d:%lld", v->kind == PL_BOOL ? 'b' : 'i', (int)slot->node->logical, (long long)v->i);
  }
}

static pl_reason on_item(void *ctx, int list, const pl_slot *slots, pl_err *why) {
  (void)ctx, (void)why;
  printf(" [%d", list);
  for (size_t i = 0; i < now.n; i++)
    if (now.wants[i].list == list) put(&slots[i]);
  printf(" ]");
  return PL_APPLIED;
}

static void go(void) {
  pl_err err = {0};
  pl_status status = now.schema ? pl_plan_new(&now.plan, now.schema, now.wants, now.n, &err)
                                : pl_json_plan_new(&now.json, now.wants, now.n, &err);
  printf("%s\n", status == PL_OK ? "ok" : err.text);
}

static void run(pl_str body) {
  static pl_json_room room;
  pl_slot slots[PL_SLOTS_MAX];
  pl_err err = {0};
  int64_t live = pl_mem_live();
  printf("=");
  pl_reason reason = now.plan ? pl_plan_run(now.plan, body, slots, on_item, NULL, &err)
                              : pl_json_plan_run(now.json, body, &room, slots, on_item, NULL, &err);
  PL_ASSERT(pl_mem_live() == live);
  for (size_t i = 0; i < now.n && reason == PL_APPLIED; i++)
    if (now.wants[i].list == 0) put(&slots[i]);
  printf(" %s%s%s\n", pl_reason_name(reason), reason == PL_APPLIED ? "" : ": ", err.text);
}

int main(void) {
  unsigned char head[5];
  pl_err err = {0};
  while (fread(head, 1, sizeof head, stdin) == sizeof head) {
    size_t n = head[1] | (size_t)head[2] << 8 | (size_t)head[3] << 16 | (size_t)head[4] << 24;
    char *bytes = malloc(n ? n : 1); /* its own, so that reading beyond it is seen */
    if (!bytes || fread(bytes, 1, n, stdin) != n) return 1;
    switch (head[0]) {
    case 'A':
    case 'J':
      forget();
      if (head[0] == 'A' && pl_schema_new(&now.schema, (pl_str){bytes, n}, &err) != PL_OK)
        (void)fprintf(stderr, "%s\n", err.text);
      break;
    case 'P':
      PL_ASSERT(n > 1 && now.n < PL_SLOTS_MAX);
      now.wants[now.n++] =
          (pl_want){.path = pl_text_new((pl_str){bytes + 1, n - 1}), .what = "test", .list = bytes[0]};
      break;
    case 'G': go(); break;
    default: run((pl_str){bytes, n});
    }
    free(bytes);
    if (head[0] == 'G' || head[0] == 'B') (void)fflush(stdout);
  }
  forget();
  return 0;
}
