#include "cli/play_inside.h"

#include "base/mem.h"
#include "codec/letter.h"
#include "codec/part.h"
#include "codec/record.h"
#include "codec/view.h"
#include "core/deadline.h"
#include "engine/facts.h"

enum {
  ARENA_BYTES_MAX = 1 << 30,
  KEPT_MAX = 200000 /* alerts, ended periods */,
  BODY_MAX = 1 << 16,
  PART_MAX = 1 << 24
};

/* Grows at each power of two. */
static void *more(pl_arena *arena, void *items, size_t n, size_t size) {
  if (n & (n - 1)) return items;
  void *all = pl_arena_alloc(arena, (n ? 2 * n : 1) * size);
  if (n) memcpy(all, items, n * size);
  return all;
}

static const char *keep(pl_playing *p, const char *text) {
  return pl_arena_text(p->arena, text, strlen(text));
}

/* --- what a flush would take */

/* In the order of time, then of who: what happens at one instant to several people has no order of its own.
 */
static bool is_after(const pl_play_told *a, const pl_play_told *b) {
  int whose = strcmp(a->whose, b->whose), goal = strcmp(a->goal, b->goal);
  return a->at.ms != b->at.ms ? a->at.ms > b->at.ms : whose ? whose > 0 : goal > 0;
}

static void take_told(pl_playing *p, pl_play_told t) {
  if (p->ntold == KEPT_MAX) return;
  p->told = more(p->arena, p->told, p->ntold, sizeof *p->told);
  size_t at = p->ntold++;
  for (; at > p->from && is_after(&p->told[at - 1], &t); at--) p->told[at] = p->told[at - 1];
  p->told[at] = t;
}

static void take_alert(pl_playing *p, const pl_subject *s, const pl_alert *a) {
  pl_buf body;
  pl_buf_init(&body, BODY_MAX);
  pl_letter_body(a, s, &body);
  take_told(p, (pl_play_told){a->kind, a->audience, keep(p, a->id), keep(p, *a->goal ? a->goal : a->metric),
                              keep(p, s->id), keep(p, a->recipient), pl_arena_text(p->arena, body.p, body.n),
                              a->at});
  pl_buf_fini(&body);
}

static void take_subject(pl_playing *p, const pl_subject *s) {
  for (const pl_alert *a = s->told; a; a = a->next) take_alert(p, s, a);
  for (const pl_past *past = s->pasts; past; past = past->next)
    for (size_t i = 0; i < past->ngoals && p->nended < KEPT_MAX; i++) {
      p->ended = more(p->arena, p->ended, p->nended, sizeof *p->ended);
      p->ended[p->nended++] =
          (pl_play_ended){keep(p, s->id), keep(p, past->goals[i].name), s->is_team, past->unit,
                          past->index,    past->goals[i].figures};
    }
}

static void take_share(pl_playing *p, pl_share *share) {
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

static void take(pl_playing *p) {
  for (pl_share *s = pl_core_take_shares(p->core), *next; s; s = next) {
    next = s->next_dirty;
    pl_share_written(s);
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
static void advance(pl_playing *p, pl_wall t) {
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

/* What was not stale a moment ago, and is: the operators hear of it, once, as of the instant at which it was.
 */
static void look_at_feed(pl_playing *p, pl_wall now) {
  const pl_policy *policy = p->core->policy;
  pl_lateness late = pl_core_late(p->core, pl_wall_minus(now, policy->source_delay));
  bool begins = late.stale && !p->core->stale[0];
  (void)pl_core_set_stale(p->core, false, late.stale, NULL),
      (void)pl_core_set_stale(p->core, true, late.stale, NULL);
  take(p);
  if (!begins) return;
  pl_buf body;
  pl_buf_init(&body, BODY_MAX);
  const pl_notice notice = {.cause = late.source < 0 ? PL_LATE_PARTITION : PL_LATE_SOURCE,
                            .what = late.source < 0 ? "" : policy->sources[late.source],
                            .since = late.never ? PL_BEGINNING : late.since};
  pl_notice_body(&notice, &body);
  take_told(
      p, (pl_play_told){PL_ALERT_FEED_STALE, PL_TO_OPS, "", "", notice.what, "",
                        pl_arena_text(p->arena, body.p, body.n),
                        pl_wall_plus(pl_wall_plus(late.since, policy->source_delay), policy->stale_after)});
  pl_buf_fini(&body);
}

/* The id of the concern that the rep was told last; "": none, of that goal if it is named. */
static pl_str answered(const pl_playing *p, pl_str rep, pl_str goal) {
  for (size_t i = p->ntold; i-- > 0;) {
    const pl_play_told *t = &p->told[i];
    bool concern = t->kind == PL_ALERT_BEHIND || t->kind == PL_ALERT_SLUMP || t->kind == PL_ALERT_SILENT;
    if (concern && t->audience == PL_TO_REP && pl_str_is(rep, t->recipient) &&
        (!goal.n || pl_str_is(goal, t->goal)))
      return pl_str_of(t->id);
  }
  return PL_STR("");
}

static void apply(pl_playing *p, const pl_cue *cue) {
  pl_event event = *cue->event;
  pl_answer_word answer;
  event.id = cue->id, event.at = cue->at;
  advance(p, (pl_wall){pl_wall_minus(cue->stamp, p->core->policy->source_delay).ms - 1});
  look_at_feed(p, cue->stamp);
  if (event.type == PL_TYPE_HEARTBEAT) {
    (void)pl_core_heartbeat(p->core, event.source, cue->complete_to, cue->stamp, (int64_t)p->next_cue);
    return;
  }
  if (event.answer) {
    answer = *event.answer, answer.alert = answered(p, event.rep, answer.alert);
    event.answer = &answer;
  }
  pl_reason reason = pl_core_apply(p->core, &event, cue->stamp, (int64_t)p->next_cue);
  take(p);
  if (reason == cue->outcome) return;
  pl_play_where(p, cue->node);
  pl_buf_str_put(p->out, cue->node->text);
  pl_buf_printf(p->out, ": found it %s%s, expected it %s%s\n",
                reason == PL_APPLIED ? "" : "refused: ", pl_reason_name(reason),
                cue->outcome == PL_APPLIED ? "" : "refused: ", pl_reason_name(cue->outcome));
}

static void apply_to(pl_playing *p, pl_wall t) {
  const pl_scenario *s = p->scenario;
  for (; p->next_cue < s->ncues && !pl_before(t, s->cues[p->next_cue].stamp); p->next_cue++)
    apply(p, &s->cues[p->next_cue]);
  advance(p, t);
  look_at_feed(p, t);
}

/* --- the play */

/* A core that has the policy's facts, and has not begun. */
static pl_status put_facts(pl_playing *p, const pl_policy *policy, pl_almanac *almanac, pl_err *err) {
  p->teams = pl_facts_teams(policy);
  p->core = pl_core_new(policy, almanac, p->teams, 0);
  return pl_facts_configured(p->core, policy, p->teams, NULL, NULL, err) ? PL_REJECT : PL_OK;
}

static pl_status open(pl_playing *p, pl_err *err) {
  const pl_scenario *s = p->scenario;
  if (put_facts(p, &s->config->policy, s->almanac, err) != PL_OK) return PL_REJECT;
  pl_core_begin(p->core, pl_times_at(s->start));
  (void)pl_core_advance(p->core, (pl_wall){s->start.ms - 1}, NULL); /* all begin, nothing else happens */
  (void)pl_core_advance_teams(p->core, s->start, s->start, NULL);
  take(p);
  return PL_OK;
}

/* What the former core would have recorded of these, into the new one. */
static pl_status hand_over(pl_playing *p, const pl_map *subjects, pl_err *err) {
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
static pl_status change(pl_playing *p, const pl_change *c, pl_err *err) {
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

static pl_status go_to(pl_playing *p, pl_wall t, pl_err *err) {
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
  pl_playing p = {.scenario = scenario, .path = path, .arena = pl_arena_new(ARENA_BYTES_MAX), .out = out};
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
    pl_play_check(&p, c);
    compared |= c->kind == PL_CLAIM_ALERTS;
  }
  if (status == PL_OK && (p.ntold == KEPT_MAX || p.nended == KEPT_MAX))
    status = pl_fail(err, PL_REJECT,
                     "more than %d alerts or ended periods, expected fewer; play a shorter time, or "
                     "fewer people",
                     KEPT_MAX);
  *failed = p.failed;
  for (size_t i = 0; heard && i < p.ntold; i++) pl_play_put(&p, &p.told[i], heard);
  pl_core_free(&p.core);
  pl_teams_free(&p.teams);
  pl_buf_fini(&p.part);
  pl_arena_free(&p.arena);
  return status;
}
