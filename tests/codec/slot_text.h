/* What a plan found, as text: "id=ab " for each slot, "[1: splits[].owner=u1 ] " for an item of list 1. */
#ifndef PL_TESTS_CODEC_SLOT_TEXT_H
#define PL_TESTS_CODEC_SLOT_TEXT_H

#include <stdio.h>

#include "codec/plan.h"

typedef struct {
  char text[512];
  size_t n;
  const pl_want *wants;
  size_t nwants;
} slot_text;

static inline void slot_text_put(slot_text *t, const char *name, const pl_slot *slot) {
  const pl_value *v = &slot->value;
  size_t room = sizeof t->text - t->n;
  char *to = t->text + t->n;
  int n = !slot->node             ? snprintf(to, room, "%s=- ", name)
          : v->kind == PL_TEXT    ? snprintf(to, room, "%s=%.*s ", name, (int)v->s.n, v->s.p)
          : v->kind == PL_BOOL    ? snprintf(to, room, "%s=%s ", name, v->i ? "true" : "false")
          : v->kind == PL_REAL    ? snprintf(to, room, "%s=%.17g ", name, v->d)
          : v->kind == PL_DECIMAL ? snprintf(to, room, "%s=%llde-%d ", name, (long long)v->i, v->scale)
                                  : snprintf(to, room, "%s=%lld ", name, (long long)v->i);
  t->n += (size_t)n;
}

static inline pl_reason tell_item(void *ctx, int list, const pl_slot *slots, pl_err *why) {
  slot_text *t = ctx;
  (void)why;
  t->n += (size_t)snprintf(t->text + t->n, sizeof t->text - t->n, "[%d: ", list);
  for (size_t i = 0; i < t->nwants; i++)
    if (t->wants[i].list == list) slot_text_put(t, t->wants[i].path, &slots[i]);
  t->n += (size_t)snprintf(t->text + t->n, sizeof t->text - t->n, "] ");
  return PL_APPLIED;
}

#endif
