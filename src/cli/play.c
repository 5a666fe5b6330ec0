#include "cli/play.h"

#include <math.h>
#include <stdio.h>

#include "base/mem.h"
#include "codec/letter.h"
#include "codec/part.h"
#include "codec/record.h"
#include "codec/view.h"
#include "codec/when.h"
#include "core/deadline.h"

/* Of a flush: what was told. */
typedef struct {
  pl_alert_kind kind;
  pl_audience audience;
  const char *goal, *whose, *recipient, *body;
  pl_wall at;
} told;

/* Of a flush: a goal's period that has ended. */
typedef struct {
  const char *whose, *goal;
  bool is_team;
  pl_unit period;
  int32_t index;
  pl_figures figures;
} ended;

enum {
  ARENA_BYTES_MAX = 1 << 30,
  KEPT_MAX = 200000 /* alerts, ended periods */,
  BODY_MAX = 1 << 16,
  PART_MAX = 1 << 24
};

typedef struct {
  const pl_scenario *scenario;
  const char *path;
  pl_arena *arena;
  pl_teams *teams;
  pl_core *core;
  pl_buf part, *out;
  told *told;
  ended *ended;
  size_t ntold, nended, next_cue, next_change, failed;
  size_t from;               /* the first told since `alerts` were last compared */
  const pl_claim *explained; /* the last whose goal's figures were written out */
} play;

/* Grows at each power of two. */
static void *more(pl_arena *arena, void *items, size_t n, size_t size) {
  if (n & (n - 1)) return items;
  void *all = pl_arena_alloc(arena, (n ? 2 * n : 1) * size);
  if (n) memcpy(all, items, n * size);
  return all;
}

static const char *keep(play *p, const char *text) { return pl_arena_text(p->arena, text, strlen(text)); }

/* --- what a flush would take */

/* In the order of time, then of who: what happens at one instant to several people has no order of its own.
 */
static bool is_after(const told *a, const told *b) {
  int whose = strcmp(a->whose, b->whose), goal = strcmp(a->goal, b->goal);
  return a->at.ms != b->at.ms ? a->at.ms > b->at.ms : whose ? whose > 0 : goal > 0;
}

static void take_told(play *p, told t) {
  if (p->ntold == KEPT_MAX) return;
  p->told = more(p->arena, p->told, p->ntold, sizeof *p->told);
  size_t at = p->ntold++;
  for (; at > p->from && is_after(&p->told[at - 1], &t); at--) p->told[at] = p->told[at - 1];
  p->told[at] = t;
}

static void take_alert(play *p, const pl_subject *s, const pl_alert *a) {
  pl_buf body;
  pl_buf_init(&body, BODY_MAX);
  pl_letter_body(a, s, &body);
  take_told(p, (told){a->kind, a->audience, keep(p, *a->goal ? a->goal : a->metric), keep(p, s->id),
                      keep(p, a->recipient), pl_arena_text(p->arena, body.p, body.n), a->at});
  pl_buf_fini(&body);
}

static void take_subject(play *p, const pl_subject *s) {
  for (const pl_alert *a = s->told; a; a = a->next) take_alert(p, s, a);
  for (const pl_past *past = s->pasts; past; past = past->next)
    for (size_t i = 0; i < past->ngoals && p->nended < KEPT_MAX; i++) {
      p->ended = more(p->arena, p->ended, p->nended, sizeof *p->ended);
      p->ended[p->nended++] = (ended){keep(p, s->id), keep(p, past->goals[i].name), s->is_team, past->unit,
                                      past->index,    past->goals[i].figures};
    }
}

static void take_share(play *p, const pl_share *share) {
  pl_err err;
  pl_subject *team = pl_core_find(p->core, (pl_str){share->team, share->team_len}, true);
  if (!team) return;
  pl_buf_clear(&p->part);
  pl_part_encode(share, p->core->policy, &p->part);
  pl_part_reset(team);
  PL_ASSERT(pl_part_decode(team, pl_buf_str(&p->part), &err) == PL_OK);
  pl_core_team_changed(p->core, team);
  double averages[PL_METRICS_MAX * PL_WINDOWS];
  bool known = team->begun && pl_reading_averages(team, pl_core_now(p->core), averages);
  pl_core_put_team_average(p->core, pl_subject_id(team), known ? averages : NULL);
}

static void take(play *p) {
  for (pl_share *s = pl_core_take_shares(p->core), *next; s; s = next) {
    next = s->next_dirty, s->dirty = false;
    take_share(p, s);
  }
  for (pl_subject *s = pl_core_take_subjects(p->core), *next; s; s = next) {
    next = s->next_dirty;
    take_subject(p, s);
    pl_subject_written(s);
  }
}

/* --- time */

/* Everything up to `t` is known, as far as the sources have spoken: from deadline to deadline. */
static void advance(play *p, pl_wall t) {
  pl_wall known = pl_earlier(t, pl_later(pl_core_heard(p->core), p->core->clock));
  for (bool there = false; !there;) {
    pl_wall next = pl_core_next(p->core);
    there = !pl_before(next, known);
    if (there) next = known;
    (void)pl_core_advance(p->core, next, NULL);
    take(p);
    (void)pl_core_advance_teams(p->core, p->scenario->start, next, NULL);
    take(p);
  }
}

static void where(play *p, const pl_yaml *node) {
  p->failed++;
  pl_buf_text(p->out, p->path);
  pl_buf_printf(p->out, ":%d:%d: ", node->line, node->column);
}

/* What was not stale a moment ago, and is: the operators hear of it, once, as of the instant at which it was.
 */
static void look_at_feed(play *p, pl_wall now) {
  const pl_policy *policy = p->core->policy;
  pl_lateness late = pl_core_late(p->core, pl_wall_minus(now, policy->source_delay));
  bool begins = late.stale && !p->core->stale[0];
  pl_core_set_stale(p->core, false, late.stale), pl_core_set_stale(p->core, true, late.stale);
  take(p);
  if (!begins) return;
  pl_buf body;
  pl_buf_init(&body, BODY_MAX);
  const pl_notice notice = {.cause = late.source < 0 ? PL_LATE_PARTITION : PL_LATE_SOURCE,
                            .what = late.source < 0 ? "" : policy->sources[late.source],
                            .since = late.never ? PL_BEGINNING : late.since};
  pl_notice_body(&notice, &body);
  take_told(p, (told){PL_ALERT_FEED_STALE, PL_TO_OPS, "", notice.what, "",
                      pl_arena_text(p->arena, body.p, body.n),
                      pl_wall_plus(pl_wall_plus(late.since, policy->source_delay), policy->stale_after)});
  pl_buf_fini(&body);
}

static void apply(play *p, const pl_cue *cue) {
  pl_event event = *cue->event;
  event.id = cue->id, event.at = cue->at;
  advance(p, (pl_wall){pl_wall_minus(cue->stamp, p->core->policy->source_delay).ms - 1});
  look_at_feed(p, cue->stamp);
  if (event.type == PL_TYPE_HEARTBEAT) {
    (void)pl_core_heartbeat(p->core, event.source, cue->complete_to, cue->stamp, (int64_t)p->next_cue);
    return;
  }
  pl_reason reason = pl_core_apply(p->core, &event, cue->stamp, (int64_t)p->next_cue);
  take(p);
  if (reason == cue->outcome) return;
  where(p, cue->node);
  pl_buf_str_put(p->out, cue->node->text);
  pl_buf_printf(p->out, ": found it %s%s, expected it %s%s\n",
                reason == PL_APPLIED ? "" : "refused: ", pl_reason_name(reason),
                cue->outcome == PL_APPLIED ? "" : "refused: ", pl_reason_name(cue->outcome));
}

static void apply_to(play *p, pl_wall t) {
  const pl_scenario *s = p->scenario;
  for (; p->next_cue < s->ncues && !pl_before(t, s->cues[p->next_cue].stamp); p->next_cue++)
    apply(p, &s->cues[p->next_cue]);
  advance(p, t);
  look_at_feed(p, t);
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
    value = pl_scenario_local(f->zone, (pl_wall){when.ms}, local);
  } else {
    (void)pl_str_double(pl_str_of(value), &v);
  }
  pl_buf_printf(&f->all, "%s%s %s", f->all.n ? ", " : "", name, value);
  if (strcmp(name, f->name) != 0) return;
  f->there = true, f->value = v;
  (void)snprintf(f->text, sizeof f->text, "%s", value);
}

/* The figures as the view would show them now; false: there is no such period. */
static bool figures_of(play *p, const pl_claim *c, pl_figures *out) {
  pl_subject *s = pl_core_find(p->core, c->whose, c->is_team);
  for (size_t i = 0; s && i < s->ngoals; i++) {
    pl_goal *g = &s->goals[i];
    if (!pl_str_is(c->goal, g->name) || (c->named && (!g->open || g->index != c->index))) continue;
    pl_judge who = pl_subject_judge(s, g);
    pl_goal_arm(g, &who, c->at); /* judged_at is that of now, as at each refresh of the view */
    pl_deadline_arm(s);
    *out = pl_goal_figures(g, &who, c->at, true);
    if (p->core->stale[c->is_team]) pl_figures_hide(out);
    return true;
  }
  for (size_t i = p->nended; c->named && i-- > 0;) {
    const ended *e = &p->ended[i];
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

static void begin_failure(play *p, const pl_claim *c) {
  char when[PL_LOCAL_MAX];
  where(p, c->node);
  pl_buf_printf(p->out, "at %s, ", pl_scenario_local(p->scenario->zone, c->at, when));
}

static bool same_goal(const pl_claim *a, const pl_claim *b) {
  return a && a->at.ms == b->at.ms && a->is_team == b->is_team && a->named == b->named &&
         a->index == b->index && pl_str_eq(a->whose, b->whose) && pl_str_eq(a->goal, b->goal);
}

static void check_figure(play *p, const pl_claim *c) {
  found f = {.name = c->figure->name, .zone = p->scenario->zone};
  pl_figures figures;
  pl_buf_init(&f.all, 4096);
  bool there = figures_of(p, c, &figures);
  if (there) pl_figures_each(&figures, p->core->policy->metrics[c->metric].decimals, on_figure, &f);
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

static void check_counter(play *p, const pl_claim *c) {
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

static void check_habit(play *p, const pl_claim *c) {
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

static bool concerns(const pl_scenario *s, const told *t) {
  for (size_t i = 0; i < s->nabout; i++)
    if (pl_str_is(s->about[i], t->whose)) return true;
  return s->nabout == 0;
}

static bool is_like(const told *t, const pl_alert_words *w) {
  return t->kind == w->kind && (!w->goal.n || pl_str_is(w->goal, t->goal)) &&
         (!w->whose.n || pl_str_is(w->whose, t->whose)) &&
         (w->audience < 0 || (int)t->audience == w->audience) &&
         (!w->recipient.n || pl_str_is(w->recipient, t->recipient)) &&
         (!w->saying.n || memmem(t->body, strlen(t->body), w->saying.p, w->saying.n));
}

static void put_told(const play *p, const told *t, pl_buf *out) {
  char when[PL_LOCAL_MAX];
  pl_buf_printf(out, "%s %s %s %s to %s%s%s: ", pl_scenario_local(p->scenario->zone, t->at, when),
                pl_alert_kind_name(t->kind), t->goal, t->whose, pl_audience_name(t->audience),
                *t->recipient ? " " : "", t->recipient);
  pl_buf_text(out, t->body), pl_buf_char(out, '\n');
}

static void list_told(play *p) {
  bool any = false;
  for (size_t i = 0; i < p->ntold; i++) {
    const told *t = &p->told[i];
    if (!concerns(p->scenario, t)) continue;
    if (!any) pl_buf_text(p->out, "    told until then:\n");
    any = true;
    pl_buf_printf(p->out, "    %s ", i < p->from ? " " : "*");
    put_told(p, t, p->out);
  }
  if (!any) pl_buf_text(p->out, "    nothing was told until then\n");
}

static void fail_alerts(play *p, const pl_claim *c, const pl_yaml *wrong, const char *what) {
  begin_failure(p, c);
  pl_buf_str_put(p->out, c->node->key);
  if (wrong) pl_buf_printf(p->out, ": %s", wrong->text.p);
  pl_buf_printf(p->out, ": %s\n", what);
  list_told(p);
}

/* Exactly these, in this order. */
static void check_alerts(play *p, const pl_claim *c) {
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

static void check_none(play *p, const pl_claim *c) {
  const pl_yaml *word = c->node->first;
  for (size_t n = 0; n < c->n; n++, word = word->next)
    for (size_t i = p->from; i < p->ntold; i++)
      if (concerns(p->scenario, &p->told[i]) && is_like(&p->told[i], &c->alerts[n])) {
        fail_alerts(p, c, word, "told, expected not to be");
        return;
      }
}

/* --- the play */

/* A core that has the policy's facts, and has not begun. */
static pl_status put_facts(play *p, const pl_policy *policy, pl_almanac *almanac, pl_err *err) {
  p->teams = pl_teams_new();
  for (size_t i = 0; i < policy->nteams; i++) pl_teams_put(p->teams, &policy->teams[i]);
  p->core = pl_core_new(policy, almanac, p->teams, 0);
  for (size_t i = 0; i < policy->nreps; i++) pl_core_put_rep(p->core, &policy->reps[i]);
  for (size_t i = 0; i < policy->ngoals; i++)
    if (pl_core_put_goals(p->core, &policy->goals[i], err) > 0) return PL_REJECT;
  for (const pl_team *t = NULL; (t = pl_teams_next(p->teams, t));) pl_core_put_team(p->core, t);
  return PL_OK;
}

static pl_status open(play *p, pl_err *err) {
  const pl_scenario *s = p->scenario;
  if (put_facts(p, &s->config->policy, s->almanac, err) != PL_OK) return PL_REJECT;
  pl_core_begin(p->core, pl_times_at(s->start));
  (void)pl_core_advance(p->core, (pl_wall){s->start.ms - 1}, NULL); /* all begin, nothing else happens */
  (void)pl_core_advance_teams(p->core, s->start, s->start, NULL);
  take(p);
  return PL_OK;
}

/* What the former core would have recorded of these, into the new one. */
static pl_status hand_over(play *p, const pl_map *subjects, pl_err *err) {
  pl_status status = PL_OK;
  pl_buf record;
  pl_buf_init(&record, PART_MAX);
  for (pl_map_slot *slot = NULL; status == PL_OK && (slot = pl_map_next(subjects, slot));) {
    const pl_subject *s = slot->value;
    pl_buf_clear(&record);
    pl_record_encode(s, &record);
    status =
        pl_record_decode(pl_core_subject(p->core, pl_subject_id(s), s->is_team), pl_buf_str(&record), err);
  }
  pl_buf_fini(&record);
  return status;
}

/* As a daemon that reads its file again: a new core under the new policy, from what was recorded. */
static pl_status change(play *p, const pl_change *c, pl_err *err) {
  pl_core *core = p->core;
  pl_teams *teams = p->teams;
  pl_status status = put_facts(p, &c->config->policy, c->almanac, err);
  if (status == PL_OK) status = hand_over(p, &core->reps, err);
  if (status == PL_OK) status = hand_over(p, &core->teams, err);
  if (status == PL_OK) {
    pl_core_begin(p->core, pl_core_times(core));
    take(p);
    (void)pl_core_advance_teams(p->core, p->scenario->start, core->team_clock, NULL);
    take(p);
  }
  pl_core_free(&core);
  pl_teams_free(&teams);
  return status;
}

static pl_status go_to(play *p, pl_wall t, pl_err *err) {
  const pl_scenario *s = p->scenario;
  for (; p->next_change < s->nchanges && !pl_before(t, s->changes[p->next_change].at); p->next_change++) {
    apply_to(p, s->changes[p->next_change].at);
    if (change(p, &s->changes[p->next_change], err) != PL_OK) return PL_REJECT;
  }
  apply_to(p, t);
  return PL_OK;
}

pl_status pl_play(const pl_scenario *scenario, const char *path, size_t *failed, pl_buf *out, pl_buf *heard,
                  pl_err *err) {
  static void (*const check[])(play *, const pl_claim *) = {[PL_CLAIM_FIGURE] = check_figure,
                                                            [PL_CLAIM_COUNTER] = check_counter,
                                                            [PL_CLAIM_HABIT] = check_habit,
                                                            [PL_CLAIM_ALERTS] = check_alerts,
                                                            [PL_CLAIM_NONE] = check_none};
  play p = {.scenario = scenario, .path = path, .arena = pl_arena_new(ARENA_BYTES_MAX), .out = out};
  pl_buf_init(&p.part, PART_MAX);
  pl_status status = open(&p, err);
  pl_wall at = PL_BEGINNING;
  bool compared = false;
  for (size_t i = 0; status == PL_OK && i < scenario->nclaims; i++) {
    const pl_claim *c = &scenario->claims[i];
    if (c->at.ms != at.ms) {
      if (compared) p.from = p.ntold;
      at = c->at, compared = false;
      status = go_to(&p, at, err);
      if (status != PL_OK) break;
    }
    check[c->kind](&p, c);
    compared |= c->kind == PL_CLAIM_ALERTS;
  }
  if (status == PL_OK && (p.ntold == KEPT_MAX || p.nended == KEPT_MAX))
    status = pl_fail(err, PL_REJECT,
                     "more than %d alerts or ended periods, expected fewer; play a shorter time, or "
                     "fewer people",
                     KEPT_MAX);
  *failed = p.failed;
  for (size_t i = 0; heard && i < p.ntold; i++) put_told(&p, &p.told[i], heard);
  pl_core_free(&p.core);
  pl_teams_free(&p.teams);
  pl_buf_fini(&p.part);
  pl_arena_free(&p.arena);
  return status;
}
