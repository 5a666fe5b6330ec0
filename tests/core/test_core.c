/* The core beside the naive model, in made-up worlds: the same answer to every record, the same numbers at
 * random instants, the same alerts to the second. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/mem.h"
#include "core/naive.h"
#include "core/told.h"

enum { WORLDS = 300, ENOUGH = 100 /* so that everything happens */ };

static world w;
static naive model;
static told heard;

static void compare_windows(const pl_core *core, pl_random *r) {
  pl_wall now = pl_core_now(core);
  assert_true(now.ms == naive_now(&model));
  for (size_t i = 0; i < model.n; i++) {
    const naive_rep *rep = &model.reps[i];
    const pl_subject *s = pl_core_find(core, pl_str_of(rep->id), false);
    assert_non_null(s);
    for (int m = 0; m < METRICS; m++)
      for (int win = 0; win < PL_WINDOWS; win++) {
        bool prev = pl_window_kinds[win].calendar && pl_random_chance(r, 0.5);
        if (!(w.metrics[m].windows >> win & 1)) continue;
        int64_t is = pl_subject_window(s, m, (pl_window)win, prev, now);
        int64_t expected = naive_window(&model, rep, m, (pl_window)win, prev);
        if (is != expected)
          fail_msg("world %llu: %s %s:%s%s is %lld, not %lld", (unsigned long long)w.seed, rep->id,
                   w.metrics[m].name, pl_window_kinds[win].name, prev ? ":prev" : "", (long long)is,
                   (long long)expected);
      }
  }
}

static void compare_shares(const pl_core *core) {
  for (pl_map_slot *slot = NULL; (slot = pl_map_next(&core->shares, slot));) {
    const pl_share *share = slot->value;
    for (int m = 0; m < METRICS; m++) {
      pl_cell *sum = pl_share_sum(share, (size_t)m);
      for (int u = 0; u < PL_UNITS; u++) {
        if (u < PL_DAY && !sum) continue;
        int64_t now = naive_now(&model);
        int32_t last = u == PL_5MIN ? (int32_t)(now / 300000)
                       : u == PL_HOUR
                           ? (int32_t)(now / 3600000)
                           : pl_fiscal_period(&w.policy.fiscal, (pl_unit)u, (int32_t)(now / 86400000));
        for (int32_t i = last - (u == PL_DAY ? 5 : 2); i <= last + 1; i++) {
          int64_t is = sum ? pl_cell_at(sum, u, i) : 0;
          int64_t expected = naive_at(&model, NULL, share->team, m, (pl_unit)u, i);
          if (is != expected)
            fail_msg("world %llu: team %s %s %s %d is %lld, not %lld", (unsigned long long)w.seed,
                     share->team, w.metrics[m].name, pl_unit_name((pl_unit)u), i, (long long)is,
                     (long long)expected);
        }
      }
      pl_cell_free(&sum);
    }
  }
}

/* When the manager is to hear, and what the rep has answered by then. */
static void compare_talk(const told_alert *a, const naive_alert *e) {
  bool same_turn = a->turn.ms == e->turn_ms || (e->turn_ms == INT64_MAX && a->turn.ms >= e->upto_ms);
  if (same_turn &&
      (e->audience == PL_TO_REP || (a->answered.ms == e->answered_ms && strcmp(a->answer, e->answer) == 0 &&
                                    strcmp(a->plan, e->plan) == 0)))
    return;
  fail_msg(
      "world %llu: %s/%s at %lld: expected the turn at %lld, \"%s\" and \"%s\" answered at %lld; heard %lld, "
      "\"%s\" and \"%s\" at %lld",
      (unsigned long long)w.seed, e->rep, e->goal, (long long)e->at_ms, (long long)e->turn_ms,
      e->answer ? e->answer : "", e->plan ? e->plan : "", (long long)e->answered_ms, (long long)a->turn.ms,
      a->answer, a->plan, (long long)a->answered.ms);
}

/* In each goal's own order: between goals there is none. */
static void compare_alerts(void) {
  bool taken[TOLD_MAX] = {0};
  for (size_t i = 0; i < model.nalerts; i++) {
    const naive_alert *e = &model.alerts[i];
    size_t k = 0;
    while (k < heard.n && (taken[k] || strcmp(heard.alerts[k].entity, e->rep) != 0 ||
                           strcmp(heard.alerts[k].goal, e->goal) != 0))
      k++;
    const told_alert *a = k < heard.n ? &heard.alerts[k] : NULL;
    if (!a || a->kind != e->kind || a->period != e->period || a->index != e->index || a->seq != e->seq ||
        a->since.ms != e->since_ms || a->at.ms != e->at_ms || strcmp(a->reason, e->reason) != 0 ||
        a->audience != e->audience || strcmp(a->recipient, e->recipient) != 0 || a->nth != e->nth)
      fail_msg(
          "world %llu: %s/%s expected %s #%u since %lld at %lld to %s %s, heard %s #%u since %lld at %lld "
          "to %s %s",
          (unsigned long long)w.seed, e->rep, e->goal, pl_alert_kind_name(e->kind), e->seq,
          (long long)e->since_ms, (long long)e->at_ms, pl_audience_name(e->audience), e->recipient,
          a ? pl_alert_kind_name(a->kind) : "nothing", a ? a->seq : 0, a ? (long long)a->since.ms : 0,
          a ? (long long)a->at.ms : 0, a ? pl_audience_name(a->audience) : "", a ? a->recipient : "");
    if (a && e->kind == PL_ALERT_BEHIND) compare_talk(a, e);
    taken[k] = true;
  }
  for (size_t k = 0; k < heard.n; k++)
    if (!taken[k])
      fail_msg("world %llu: nobody expected %s of %s/%s at %lld", (unsigned long long)w.seed,
               pl_alert_kind_name(heard.alerts[k].kind), heard.alerts[k].entity, heard.alerts[k].goal,
               (long long)heard.alerts[k].at.ms);
}

static void hear(pl_core *core, size_t record, size_t *next) {
  for (const world_beat *beat; (beat = world_beat_before(&w, record, next));) {
    bool declared =
        pl_core_heartbeat(core, world_source(beat), beat->complete_to, beat->stamp, (int64_t)record - 1);
    assert_int_equal(declared, beat->source >= 0);
    naive_hear(&model, beat);
  }
}

/* Of concerns: how many were told to whom, were answered by then, were told again. */
typedef struct {
  size_t to[PL_TO_OPS + 1], answered, again;
} talks;

static void live_through(uint64_t seed, size_t kinds[2][PL_ALERT_KINDS], int64_t reasons[PL_REASONS],
                         talks *said) {
  pl_random r = pl_random_of(seed ^ 0xABCDEF);
  world_make(&w, seed);
  if (seed % 3 == 1) world_add_gauges(&w);
  if (seed % 2) world_add_milestones(&w);
  if (seed % 8 < 2) { /* what a held clock does to habits and versions has no model yet */
    world_add_sources(&w);
  } else {
    if (seed % 3 == 0) world_add_habits(&w);
    if (seed % 3) world_add_versions(&w);
  }
  if (seed % 4 < 2) world_add_retractions(&w);
  if (seed % 5 < 3) world_add_talk(&w);
  size_t beats = 0;
  naive_init(&model, &w);
  told_clear(&heard);
  pl_core *core = world_core(&w);
  pl_core_begin(core, pl_times_at(PL_BEGINNING));
  for (size_t i = 0; i < w.n; i++) {
    const world_record *rec = &w.records[i];
    hear(core, i, &beats);
    if (rec->advance.ms != INT64_MIN) {
      pl_core_advance(core, rec->advance, NULL);
      naive_advance(&model, rec->advance.ms);
    }
    for (size_t budget = 1; pl_random_chance(&r, 0.9) && !pl_core_prepare(core, rec->stamp, &budget);
         budget = (size_t)pl_random_in(&r, 1, 3))
      if (pl_random_chance(&r, 0.2)) told_take(&heard, core); /* a few deadlines at a time */
    pl_reason is = pl_core_apply(core, &rec->event, rec->stamp, rec->offset),
              expected = naive_apply(&model, rec);
    if (is != expected)
      fail_msg("world %llu: record %zu is %s, not %s", (unsigned long long)seed, i, pl_reason_name(is),
               pl_reason_name(expected));
    if (pl_random_chance(&r, 0.05)) told_take(&heard, core);
    if (pl_random_chance(&r, 0.01)) { /* facts that say what they said change nothing */
      const world_rep *rep = &w.reps[pl_random_in(&r, 0, (int64_t)w.nreps - 1)];
      pl_core_put_rep(core, &rep->fact);
      pl_core_put_goals(core, &rep->goals_fact, NULL);
    }
    if (pl_random_chance(&r, 0.02)) compare_windows(core, &r), compare_shares(core);
  }
  hear(core, w.n, &beats);
  pl_core_advance(core, w.end, NULL);
  naive_advance(&model, w.end.ms);
  told_take(&heard, core);
  compare_windows(core, &r), compare_shares(core);
  compare_alerts();
  const pl_core_stats *stats = pl_core_stats_of(core);
  if (!w.policy.nsources) /* where a clock is held, some are pending and healed between two looks */
    assert_int_equal(stats->cancelled, model.cancelled);
  for (size_t i = 0; i < PL_REASONS; i++) reasons[i] += stats->reasons[i];
  for (size_t i = 0; i < heard.n; i++) {
    const told_alert *a = &heard.alerts[i];
    kinds[a->lower][a->kind]++;
    if (a->kind != PL_ALERT_BEHIND) continue;
    said->to[a->audience]++, said->again += a->nth > 0, said->answered += a->answered.ms != INT64_MAX;
  }
  pl_core_free(&core);
  naive_fini(&model);
  world_free(&w);
}

static void the_core_does_what_the_design_says_in_made_up_worlds(void **state) {
  (void)state;
  size_t kinds[2][PL_ALERT_KINDS] = {{0}}; /* of goals where more is better, where less is */
  int64_t reasons[PL_REASONS] = {0};
  talks said = {.again = 0};
  uint64_t seed = pl_random_seed(1000);
  int64_t live = pl_mem_live(), bytes = pl_mem_bytes();
  int worlds = getenv("PACELINE_WORLDS") ? atoi(getenv("PACELINE_WORLDS")) : WORLDS;
  for (int i = 0; i < worlds; i++) live_through(seed + (uint64_t)i, kinds, reasons, &said);
  assert_int_equal(pl_mem_live(), live);
  assert_int_equal(pl_mem_bytes(), bytes);
  printf("alerts:");
  for (int k = 0; k < PL_ALERT_KINDS; k++)
    printf(" %s %zu + %zu", pl_alert_kind_name((pl_alert_kind)k), kinds[0][k], kinds[1][k]);
  printf("\nconcerns: %zu to reps, %zu again; %zu to managers, %zu to operators, %zu of them answered",
         said.to[PL_TO_REP], said.again, said.to[PL_TO_MANAGER], said.to[PL_TO_OPS], said.answered);
  printf("\nrecords:");
  for (int k = 0; k < PL_REASONS; k++)
    printf(" %s %lld", pl_reason_name((pl_reason)k), (long long)reasons[k]);
  printf("\n");
  if (worlds < ENOUGH) return;
  for (int k = 0; k <= PL_ALERT_MILESTONE_MISSED; k++) assert_true(kinds[0][k] > 5 && kinds[1][k] > 5);
  assert_true(kinds[0][PL_ALERT_SILENT] > 5 && kinds[0][PL_ALERT_STREAK] > 5 &&
              kinds[0][PL_ALERT_CORRECTED] > 5); /* slumps: test_habit */
  assert_true(said.to[PL_TO_MANAGER] > 50 && said.to[PL_TO_OPS] > 50 && said.answered > 3 && said.again > 50);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_core_does_what_the_design_says_in_made_up_worlds),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
