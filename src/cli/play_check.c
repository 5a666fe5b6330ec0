#include "cli/play_inside.h"

#include <math.h>
#include <stdio.h>

#include "codec/view.h"
#include "codec/when.h"

void pl_play_where(pl_playing *p, const pl_yaml *node) {
  p->failed++;
  pl_buf_text(p->out, p->path);
  pl_buf_printf(p->out, ":%d:%d: ", node->line, node->column);
}

/* --- figures */

typedef struct {
  const char *name;
  const pl_zone *zone;
  bool there;
  double value;            /* of texts NAN, of instants their second */
  char text[PL_LOCAL_MAX]; /* as a person there reads it */
  pl_buf all;              /* all of them, for the report */
} found;

static void on_figure(void *ctx, const char *name, const char *value) {
  found *f = ctx;
  pl_when when;
  char local[PL_LOCAL_MAX];
  double v = NAN;
  if (!value) return;
  if (pl_when_iso(pl_str_of(value), &when)) {
    v = (double)pl_seconds((pl_wall){when.ms});
    value = pl_zone_text(f->zone, (pl_wall){when.ms}, true, local);
  } else {
    (void)pl_str_double(pl_str_of(value), &v);
  }
  pl_buf_printf(&f->all, "%s%s %s", f->all.n ? ", " : "", name, value);
  if (strcmp(name, f->name) != 0) return;
  f->there = true, f->value = v;
  (void)snprintf(f->text, sizeof f->text, "%s", value);
}

/* The figures as the view would show them now; false: there is no such period. */
static bool figures_of(pl_playing *p, const pl_claim *c, pl_figures *out) {
  pl_subject *s = pl_core_find(p->core, c->whose, c->is_team);
  for (size_t i = 0; s && i < s->ngoals; i++) {
    const pl_goal *g = &s->goals[i];
    if (!pl_str_is(c->goal, g->name) || (c->named && (!g->open || g->index != c->index))) continue;
    pl_judge who = pl_subject_judge(s, g);
    pl_goal then = *g; /* a look at what may lie beyond the core's clock arms nothing in it */
    pl_goal_arm(&then, &who, c->at);
    *out = pl_goal_figures(&then, &who, c->at, true);
    if (p->core->stale[c->is_team]) pl_figures_hide(out);
    return true;
  }
  for (size_t i = p->nended; c->named && i-- > 0;) {
    const pl_play_ended *e = &p->ended[i];
    if (e->is_team != c->is_team || e->index != c->index || !pl_str_is(c->goal, e->goal) ||
        !pl_str_is(c->whose, e->whose))
      continue;
    *out = e->figures;
    return true;
  }
  return false;
}

static bool holds(const pl_claim *c, const found *f) {
  switch (c->want.kind) {
  case PL_WANT_TEXT: return f->there && pl_str_is(c->node->text, f->text);
  case PL_WANT_EQUAL: return f->there && fabs(f->value - c->want.number) <= c->want.within;
  case PL_WANT_BELOW: return f->there && f->value < c->want.number;
  case PL_WANT_ABOVE: return f->there && f->value > c->want.number;
  case PL_WANT_ABSENT: return !f->there;
  }
  return false;
}

static void begin_failure(pl_playing *p, const pl_claim *c) {
  char when[PL_LOCAL_MAX];
  pl_play_where(p, c->node);
  pl_buf_printf(p->out, "at %s, ", pl_zone_text(p->scenario->zone, c->at, true, when));
}

static bool same_goal(const pl_claim *a, const pl_claim *b) {
  return a && a->at.ms == b->at.ms && a->is_team == b->is_team && a->named == b->named &&
         a->index == b->index && pl_str_eq(a->whose, b->whose) && pl_str_eq(a->goal, b->goal);
}

static void check_figure(pl_playing *p, const pl_claim *c) {
  found f = {.name = c->figure->name, .zone = p->scenario->zone};
  pl_figures figures;
  pl_buf_init(&f.all, 4096);
  bool there = figures_of(p, c, &figures);
  if (there) pl_figures_each(&figures, &p->core->policy->metrics[c->metric], on_figure, &f);
  if (!holds(c, &f)) {
    char period[PL_PERIOD_TEXT_MAX];
    begin_failure(p, c);
    pl_buf_str_put(p->out, c->whose), pl_buf_char(p->out, ' ');
    pl_buf_str_put(p->out, c->goal);
    if (c->named) pl_buf_printf(p->out, " %s", pl_period_text(c->period, c->index, period));
    pl_buf_printf(p->out, " %s: found %s, expected %s\n", c->figure->name,
                  !there    ? "no such period"
                  : f.there ? f.text
                            : "none",
                  c->node->text.p);
    if (there && !same_goal(p->explained, c)) pl_buf_printf(p->out, "    %.*s\n", (int)f.all.n, f.all.p);
    p->explained = c;
  }
  pl_buf_fini(&f.all);
}

static void check_counter(pl_playing *p, const pl_claim *c) {
  const pl_subject *s = pl_core_find(p->core, c->whose, c->is_team);
  found f = {.value = s ? pl_reading_of(s, (size_t)c->metric, c->window, c->reading, c->at) : NAN,
             .text = "none"};
  f.there = isfinite(f.value);
  if (holds(c, &f)) return;
  if (f.there)
    (void)snprintf(f.text, sizeof f.text, "%.*f",
                   pl_reading_decimals(&p->core->policy->metrics[c->metric], c->reading), f.value);
  begin_failure(p, c);
  pl_buf_str_put(p->out, c->whose), pl_buf_char(p->out, ' ');
  pl_buf_str_put(p->out, c->node->key);
  pl_buf_printf(p->out, ": found %s, expected %s\n", f.text, c->node->text.p);
}

static void check_habit(pl_playing *p, const pl_claim *c) {
  const pl_subject *s = pl_core_find(p->core, c->whose, false);
  found f = {.name = c->figure->name, .zone = p->scenario->zone};
  char text[PL_ISO_MAX];
  pl_buf_init(&f.all, 4096);
  if (!s) {
    on_figure(&f, f.name, NULL); /* not there yet */
  } else if (c->figure->kind == PL_FIGURE_INSTANT) {
    int64_t at = s->habit.silent ? pl_seconds(s->habit.since) : pl_habit_silent_at(s);
    on_figure(&f, f.name, at == INT64_MAX ? NULL : pl_wall_iso(pl_wall_s(at), text));
  } else {
    (void)snprintf(text, sizeof text, "%u", (unsigned)s->habit.streak);
    on_figure(&f, f.name, text);
  }
  pl_buf_fini(&f.all);
  if (holds(c, &f)) return;
  begin_failure(p, c);
  pl_buf_str_put(p->out, c->whose);
  pl_buf_printf(p->out, " %s: found %s, expected %s\n", f.name, f.there ? f.text : "none", c->node->text.p);
}

/* --- alerts */

static bool concerns(const pl_scenario *s, const pl_play_told *t) {
  for (size_t i = 0; i < s->nabout; i++)
    if (pl_str_is(s->about[i], t->whose)) return true;
  return s->nabout == 0;
}

static bool is_like(const pl_play_told *t, const pl_alert_words *w) {
  return t->kind == w->kind && (!w->goal.n || pl_str_is(w->goal, t->goal)) &&
         (!w->whose.n || pl_str_is(w->whose, t->whose)) &&
         (w->audience < 0 || (int)t->audience == w->audience) &&
         (!w->recipient.n || pl_str_is(w->recipient, t->recipient)) &&
         (!w->saying.n || memmem(t->body, strlen(t->body), w->saying.p, w->saying.n));
}

void pl_play_put(const pl_playing *p, const pl_play_told *t, pl_buf *out) {
  char when[PL_LOCAL_MAX];
  pl_buf_printf(out, "%s %s %s %s to %s%s%s: ", pl_zone_text(p->scenario->zone, t->at, true, when),
                pl_alert_kind_name(t->kind), t->goal, t->whose, pl_audience_name(t->audience),
                *t->recipient ? " " : "", t->recipient);
  pl_buf_text(out, t->body), pl_buf_char(out, '\n');
}

static void list_told(pl_playing *p) {
  bool any = false;
  for (size_t i = 0; i < p->ntold; i++) {
    const pl_play_told *t = &p->told[i];
    if (!concerns(p->scenario, t)) continue;
    if (!any) pl_buf_text(p->out, "    told until then:\n");
    any = true;
    pl_buf_printf(p->out, "    %s ", i < p->from ? " " : "*");
    pl_play_put(p, t, p->out);
  }
  if (!any) pl_buf_text(p->out, "    nothing was told until then\n");
}

static void fail_alerts(pl_playing *p, const pl_claim *c, const pl_yaml *wrong, const char *what) {
  begin_failure(p, c);
  pl_buf_str_put(p->out, c->node->key);
  if (wrong) pl_buf_printf(p->out, ": %s", wrong->text.p);
  pl_buf_printf(p->out, ": %s\n", what);
  list_told(p);
}

/* Exactly these, in this order. */
static void check_alerts(pl_playing *p, const pl_claim *c) {
  const pl_yaml *next = c->node->first;
  size_t n = 0;
  for (size_t i = p->from; i < p->ntold; i++) {
    if (!concerns(p->scenario, &p->told[i])) continue;
    if (n == c->n || !is_like(&p->told[i], &c->alerts[n])) {
      fail_alerts(p, c, next, next ? "expected next, something else was told" : "told more than expected");
      return;
    }
    n++, next = next->next;
  }
  if (next) fail_alerts(p, c, next, "expected, but not told");
}

static void check_none(pl_playing *p, const pl_claim *c) {
  const pl_yaml *word = c->node->first;
  for (size_t n = 0; n < c->n; n++, word = word->next)
    for (size_t i = p->from; i < p->ntold; i++)
      if (concerns(p->scenario, &p->told[i]) && is_like(&p->told[i], &c->alerts[n])) {
        fail_alerts(p, c, word, "told, expected not to be");
        return;
      }
}

void pl_play_check(pl_playing *p, const pl_claim *c) {
  static void (*const check[])(pl_playing *, const pl_claim *) = {[PL_CLAIM_FIGURE] = check_figure,
                                                                  [PL_CLAIM_COUNTER] = check_counter,
                                                                  [PL_CLAIM_HABIT] = check_habit,
                                                                  [PL_CLAIM_ALERTS] = check_alerts,
                                                                  [PL_CLAIM_NONE] = check_none};
  check[c->kind](p, c);
}
