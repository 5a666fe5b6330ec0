/* Told: what a core has told, copied out as a flush would take it. */
#ifndef TESTS_CORE_TOLD_H
#define TESTS_CORE_TOLD_H

#include <stdio.h>

#include "core/partition.h"

enum { TOLD_MAX = 8000 };

typedef struct {
  pl_alert_kind kind;
  pl_audience audience;
  char id[PL_ALERT_ID_MAX], about[PL_ALERT_ID_MAX], entity[40], goal[40], recipient[40];
  const char *reason;
  bool lower;
  pl_unit period;
  int32_t index;
  uint32_t seq;
  pl_wall since, at;
  pl_figures figures;
  pl_cause cause;
  uint32_t nth;
  pl_wall turn, answered;
  char answer[40], plan[40]; /* cut off there */
} told_alert;

typedef struct {
  told_alert alerts[TOLD_MAX];
  size_t n;
} told;

static inline void told_clear(told *t) { t->n = 0; }

static inline void told_put(told *t, const pl_subject *s, const pl_alert *a) {
  PL_ASSERT(t->n < TOLD_MAX);
  told_alert *c = &t->alerts[t->n++];
  *c = (told_alert){.kind = a->kind,
                    .audience = a->audience,
                    .reason = a->reason,
                    .lower = a->lower,
                    .period = a->period,
                    .index = a->index,
                    .seq = a->seq,
                    .since = a->since,
                    .at = a->at,
                    .figures = a->figures,
                    .cause = a->cause,
                    .nth = a->nth,
                    .turn = a->turn,
                    .answered = a->answered};
  (void)snprintf(c->id, sizeof c->id, "%s", a->id);
  (void)snprintf(c->about, sizeof c->about, "%s", a->about);
  (void)snprintf(c->entity, sizeof c->entity, "%s", s->id);
  (void)snprintf(c->goal, sizeof c->goal, "%s", a->goal);
  (void)snprintf(c->recipient, sizeof c->recipient, "%s", a->recipient);
  (void)snprintf(c->answer, sizeof c->answer, "%s", a->answer);
  (void)snprintf(c->plan, sizeof c->plan, "%s", a->plan);
}

/* Takes both lists, as a flush does. */
static inline void told_take(told *t, pl_core *core) {
  for (pl_subject *s = pl_core_take_subjects(core), *next; s; s = next) {
    next = s->next_dirty;
    for (const pl_alert *a = s->told; a; a = a->next) told_put(t, s, a);
    for (size_t i = 0; i < s->ngoals; i++) pl_goal_check(&s->goals[i]);
    pl_subject_written(s);
  }
  for (pl_share *share = pl_core_take_shares(core); share; share = share->next_dirty) share->dirty = false;
}

#endif
