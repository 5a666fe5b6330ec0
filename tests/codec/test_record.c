/* Records: a partition that crashes at random moments, in the middle of a flush too, and comes back from what
 * was written ends with the numbers and the alerts of one that never did. */
#include "codec/record.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>

#include "base/mem.h"
#include "core/told.h"
#include "core/world.h"

enum { WORLDS = 150 };

/* What Redis would hold. */
typedef struct {
  pl_map records; /* rep -> pl_buf */
  pl_map outbox;  /* alert id -> told_alert, put once */
  size_t again;   /* put again by a replay */
  int64_t next;   /* the mark: the offset to go on from */
  pl_times times; /* with it */
} store;

static world w;

static void store_fini(store *st) {
  for (pl_map_slot *s = NULL; (s = pl_map_next(&st->records, s));) {
    pl_buf *buf = s->value;
    pl_buf_fini(buf);
    PL_FREE(buf);
  }
  for (pl_map_slot *s = NULL; (s = pl_map_next(&st->outbox, s));) pl_release(s->value, sizeof(told_alert));
  pl_map_fini(&st->records), pl_map_fini(&st->outbox);
}

static void write_subject(store *st, pl_subject *s) {
  void **place = pl_map_put(&st->records, pl_subject_id(s));
  if (!*place) *place = PL_NEW(pl_buf), pl_buf_init(*place, 1 << 20);
  pl_buf_clear(*place);
  pl_record_encode(s, *place);
  static told one;
  for (const pl_alert *a = s->told; a; a = a->next) {
    told_clear(&one), told_put(&one, s, a);
    told_alert **entry = (told_alert **)(void *)pl_map_put(&st->outbox, pl_str_of(a->id));
    if (*entry) { /* the same alert: it is not told twice */
      assert_int_equal((*entry)->kind, a->kind);
      assert_string_equal((*entry)->entity, s->id);
      st->again++;
      continue;
    }
    *entry = PL_NEW(told_alert);
    **entry = one.alerts[0];
  }
}

/* `share` of the dirty subjects are written; only a whole flush moves the mark. */
static void flush(store *st, pl_core *core, pl_random *r, bool whole) {
  for (pl_subject *s = pl_core_take_subjects(core), *next; s; s = next) {
    next = s->next_dirty;
    if (!whole && pl_random_chance(r, 0.5)) continue;
    write_subject(st, s);
    pl_subject_written(s);
  }
  for (pl_share *share = pl_core_take_shares(core); share; share = share->next_dirty) share->dirty = false;
  if (whole) st->next = core->offset + 1, st->times = pl_core_times(core);
}

static pl_core *restore(store *st) {
  pl_err err;
  pl_core *core = world_core(&w);
  for (pl_map_slot *s = NULL; (s = pl_map_next(&st->records, s));) {
    pl_subject *subject = pl_core_subject(core, (pl_str){s->key, s->key_len}, false);
    assert_int_equal(pl_record_decode(subject, pl_buf_str(s->value), &err), PL_OK);
  }
  pl_core_begin(core, st->times);
  return core;
}

/* Those before a record are heard again with it. */
static void hear(pl_core *core, size_t record) {
  for (size_t i = 0; i < w.nbeats; i++)
    if (w.beats[i].before == record)
      (void)pl_core_heartbeat(core, world_source(&w.beats[i]), w.beats[i].complete_to, w.beats[i].stamp,
                              (int64_t)record - 1);
}

static void apply(pl_core *core, const world_record *rec, bool advance) {
  hear(core, (size_t)rec->offset);
  if (advance && rec->advance.ms != INT64_MIN) pl_core_advance(core, rec->advance, NULL);
  (void)pl_core_apply(core, &rec->event, rec->stamp, rec->offset);
}

static pl_core *live_without_fault(store *st) {
  pl_core *core = restore(st);
  pl_random r = pl_random_of(1);
  for (size_t i = 0; i < w.n; i++) {
    apply(core, &w.records[i], true);
    if (i % 50 == 0) flush(st, core, &r, true);
  }
  hear(core, w.n);
  pl_core_advance(core, w.end, NULL);
  flush(st, core, &r, true);
  return core;
}

static pl_core *live_with_crashes(store *st, pl_random *r, size_t *crashes) {
  pl_core *core = restore(st);
  size_t left = (size_t)pl_random_in(r, 1, 12);
  for (size_t i = 0;;) {
    size_t budget = pl_random_chance(r, 0.5) ? (size_t)pl_random_in(r, 0, 5) : SIZE_MAX;
    hear(core, i);
    bool all =
        i == w.n ? pl_core_advance(core, w.end, &budget) : pl_core_prepare(core, w.records[i].stamp, &budget);
    if (!all && pl_random_chance(r, 0.5)) flush(st, core, r, true); /* between two deadlines */
    if (left && pl_random_chance(r, i == w.n ? 0.5 : 20.0 / (double)w.n)) {
      left--, ++*crashes;
      if (pl_random_chance(r, 0.6)) flush(st, core, r, false);
      pl_core_free(&core);
      core = restore(st);
      i = (size_t)st->next;
      continue;
    }
    if (i == w.n && all) break;
    if (i == w.n) continue;
    apply(core, &w.records[i++], pl_random_chance(r, 0.7));
    if (pl_random_chance(r, 0.05)) flush(st, core, r, true);
  }
  flush(st, core, r, true);
  return core;
}

static void compare_bytes(const pl_dedupe *a, const pl_dedupe *b) {
  pl_buf left, right;
  pl_buf_init(&left, 1 << 16), pl_buf_init(&right, 1 << 16);
  pl_dedupe_encode(a, &left), pl_dedupe_encode(b, &right);
  assert_true(pl_str_eq(pl_buf_str(&left), pl_buf_str(&right)));
  pl_buf_fini(&left), pl_buf_fini(&right);
}

static void compare_cells(const char *who, int m, const pl_cell *a, const pl_cell *b) {
  for (int ring = 0; ring < PL_RINGS; ring++) {
    int32_t newest = a ? a->rings[ring].newest : INT32_MIN;
    if (b && b->rings[ring].newest > newest) newest = b->rings[ring].newest;
    for (int32_t i = newest; newest != INT32_MIN && i > newest - PL_DAYS_KEPT; i--) {
      int64_t x = a ? pl_cell_at(a, ring, i) : 0, y = b ? pl_cell_at(b, ring, i) : 0;
      if (x != y)
        fail_msg("world %llu: %s %s ring %d: %lld without a fault, %lld with", (unsigned long long)w.seed,
                 who, w.metrics[m].name, ring, (long long)x, (long long)y);
    }
  }
}

static const pl_cell *cell_for(const pl_subject *s, int m, const char *team) {
  for (const pl_cell *c = s->cells[m]; c; c = c->next)
    if (strcmp(s->teams[c->team], team) == 0) return c;
  return NULL;
}

static void compare_habits(const pl_subject *a, const pl_subject *b) {
  const pl_habit *h = &a->habit, *i = &b->habit;
  if (h->silent != i->silent || h->watched != i->watched || h->day != i->day || h->from.ms != i->from.ms ||
      h->silences != i->silences || h->streak != i->streak || h->nslumps != i->nslumps ||
      pl_habit_silent_at(a) != pl_habit_silent_at(b))
    fail_msg("world %llu: %s has %u silences and a streak of %u without a fault, %u and %u with",
             (unsigned long long)w.seed, a->id, h->silences, h->streak, i->silences, i->streak);
  for (size_t k = 0; k < h->nslumps; k++)
    assert_true(h->slumps[k].metric == i->slumps[k].metric && h->slumps[k].told == i->slumps[k].told &&
                h->slumps[k].open == i->slumps[k].open);
}

static void compare_reps(pl_core *plain, pl_core *hurt) {
  assert_int_equal(plain->reps.n, hurt->reps.n);
  for (pl_map_slot *slot = NULL; (slot = pl_map_next(&plain->reps, slot));) {
    const pl_subject *a = slot->value, *b = pl_core_find(hurt, pl_subject_id(a), false);
    assert_non_null(b);
    assert_true(a->newest.ms == b->newest.ms && a->offset == b->offset && a->today == b->today);
    assert_memory_equal(a->reach, b->reach, sizeof a->reach);
    compare_bytes(&a->ids, &b->ids);
    compare_habits(a, b);
    for (int m = 0; m < METRICS; m++)
      for (uint16_t t = 0; t < a->nteams; t++)
        compare_cells(a->id, m, cell_for(a, m, a->teams[t]), cell_for(b, m, a->teams[t]));
    assert_int_equal(a->ngoals, b->ngoals);
    for (size_t i = 0; i < a->ngoals; i++) {
      const pl_goal *g = &a->goals[i], *h = &b->goals[i];
      if (g->open != h->open || g->index != h->index || g->step != h->step || g->seq != h->seq ||
          g->settled != h->settled || g->freed != h->freed || g->ended != h->ended ||
          g->anchor != h->anchor || g->before != h->before || strcmp(g->name, h->name) != 0 ||
          g->version != h->version)
        fail_msg(
            "world %llu: %s/%s step %d seq %u settled %d without a fault, step %d seq %u settled %d with",
            (unsigned long long)w.seed, a->id, g->name, (int)g->step, g->seq, g->settled, (int)h->step,
            h->seq, h->settled);
      assert_true(g->phi == h->phi && g->each == h->each);
    }
  }
  for (pl_map_slot *slot = NULL; (slot = pl_map_next(&plain->shares, slot));) {
    const pl_share *a = slot->value, *b = pl_map_find(&hurt->shares, (pl_str){slot->key, slot->key_len});
    assert_non_null(b);
    for (int m = 0; m < METRICS; m++) compare_cells(a->team, m, a->cells[m], b->cells[m]);
  }
}

static void compare_outboxes(const store *plain, const store *hurt) {
  for (pl_map_slot *slot = NULL; (slot = pl_map_next(&plain->outbox, slot));) {
    const told_alert *a = slot->value, *b = pl_map_find(&hurt->outbox, (pl_str){slot->key, slot->key_len});
    if (!b)
      fail_msg("world %llu: %s #%u of %s/%s was lost", (unsigned long long)w.seed,
               pl_alert_kind_name(a->kind), a->seq, a->entity, a->goal);
    assert_true(a->kind == b->kind && a->audience == b->audience && strcmp(a->recipient, b->recipient) == 0);
  }
  for (pl_map_slot *slot = NULL; (slot = pl_map_next(&hurt->outbox, slot));) {
    const told_alert *b = slot->value;
    if (!pl_map_find(&plain->outbox, (pl_str){slot->key, slot->key_len}))
      fail_msg("world %llu: %s #%u of %s/%s was told for nothing", (unsigned long long)w.seed,
               pl_alert_kind_name(b->kind), b->seq, b->entity, b->goal);
  }
}

/* Some of the records become words on goals: of the record, and on new ones. */
static void say_words(pl_random *r) {
  static pl_goal_word words[RECORDS_MAX];
  static const char *const names[] = {"daily", "weekly", "money", "mine", "own"};
  for (size_t i = 0; i < w.n; i++) {
    if (!pl_random_chance(r, 0.06)) continue;
    pl_goal_word *word = &words[i];
    const char *name = names[pl_random_in(r, 0, PL_COUNT(names) - 1)];
    *word = (pl_goal_word){.name = pl_str_of(name), .period = -1, .target = NAN};
    w.records[i].event.type = PL_TYPE_GOAL_PROPOSED - (int)pl_random_in(r, 0, 3);
    if (w.records[i].event.type == PL_TYPE_GOAL_PROPOSED) word->target = (double)pl_random_in(r, 1, 60);
    if (name[0] == 'm' || name[0] == 'o') word->metric = PL_STR("calls"), word->period = PL_WEEK;
    if (pl_random_chance(r, 0.3)) word->by = PL_STR("boss");
    w.records[i].event.goal = word;
  }
}

static void a_partition_that_crashes_ends_like_one_that_does_not(void **state) {
  (void)state;
  uint64_t seed = pl_random_seed(5000);
  size_t crashes = 0, alerts = 0, again = 0;
  int worlds = getenv("PACELINE_WORLDS") ? atoi(getenv("PACELINE_WORLDS")) : WORLDS;
  int64_t live = pl_mem_live(), bytes = pl_mem_bytes();
  for (int i = 0; i < worlds; i++) {
    store plain = {.times = pl_times_at(PL_BEGINNING)}, hurt = {.times = pl_times_at(PL_BEGINNING)};
    pl_random r = pl_random_of(seed + (uint64_t)i * 7919);
    world_make(&w, seed + (uint64_t)i);
    if (i % 3 == 1) world_add_gauges(&w);
    if (i % 2) world_add_milestones(&w);
    if (i % 5 == 0) { /* what a held clock does to habits and versions has no model yet */
      world_add_sources(&w);
    } else {
      if (i % 3 == 0) world_add_habits(&w);
      if (i % 3) world_add_versions(&w);
      if (i % 4 == 1) say_words(&r);
    }
    if (i % 4 < 2) world_add_retractions(&w);
    if (i % 2 == 0) world_add_funnel(&w);
    pl_core *a = live_without_fault(&plain), *b = live_with_crashes(&hurt, &r, &crashes);
    compare_reps(a, b);
    compare_outboxes(&plain, &hurt);
    alerts += plain.outbox.n, again += hurt.again;
    assert_int_equal(plain.again, 0);
    pl_core_free(&a), pl_core_free(&b);
    store_fini(&plain), store_fini(&hurt);
    world_free(&w);
  }
  printf("%zu crashes, %zu alerts\n", crashes, alerts);
  assert_int_equal(again, 0); /* an alert is written with the state that caused it */
  assert_int_equal(pl_mem_live(), live);
  assert_int_equal(pl_mem_bytes(), bytes);
}

/* Whose team it is on its own day, from the facts alone. */
static int64_t members_of(const pl_core *core, const char *team) {
  int64_t n = 0;
  for (size_t i = 0; i < w.nreps; i++) {
    const pl_subject *s = pl_core_find(core, pl_str_of(w.reps[i].id), false);
    const char *now = "";
    for (size_t k = 0; s && k < w.reps[i].fact.nmemberships; k++)
      if (w.reps[i].memberships[k].from <= pl_subject_day(s, pl_core_clock(core)))
        now = w.reps[i].memberships[k].what.p;
    n += strcmp(now, team) == 0;
  }
  return n;
}

static void the_parts_of_two_partitions_are_the_team(void **state) {
  (void)state;
  uint64_t seed = pl_random_seed(7000);
  pl_err err;
  for (int i = 0; i < 60; i++) {
    world_make(&w, seed + (uint64_t)i);
    pl_core *whole = world_core(&w), *half[2] = {NULL, NULL},
            *home = pl_core_new(&w.policy, w.almanac, w.teams, 0);
    for (int p = 0; p < 2; p++) half[p] = pl_core_new(&w.policy, w.almanac, w.teams, p);
    for (size_t k = 0; k < w.nreps; k++) pl_core_put_rep(half[k % 2], &w.reps[k].fact);
    pl_core_begin(whole, pl_times_at(w.start)), pl_core_begin(half[0], pl_times_at(w.start)),
        pl_core_begin(half[1], pl_times_at(w.start));
    for (size_t k = 0; k < w.n; k++) {
      const world_record *rec = &w.records[k];
      apply(whole, rec, false);
      if (rec->rep[0] == 'r') apply(half[(rec->rep[1] - '1') % 2], rec, false);
    }
    pl_core *all[] = {whole, half[0], half[1]};
    for (size_t k = 0; k < PL_COUNT(all); k++) pl_core_advance(all[k], w.end, NULL);
    for (pl_map_slot *slot = NULL; (slot = pl_map_next(&whole->shares, slot));) {
      const pl_share *share = slot->value;
      pl_subject *team = pl_core_subject(home, pl_str_of(share->team), true);
      pl_part_reset(team), pl_part_reset(team);
      for (int p = 0; p < 2; p++) {
        const pl_share *part = pl_map_find(&half[p]->shares, pl_str_of(share->team));
        if (!part) continue;
        pl_buf buf;
        pl_buf_init(&buf, 1 << 20);
        pl_part_encode(part, &w.policy, &buf);
        assert_int_equal(pl_part_decode(team, pl_buf_str(&buf), &err), PL_OK);
        pl_buf_fini(&buf);
      }
      assert_int_equal(team->members, members_of(whole, share->team));
      for (int m = 0; m < METRICS; m++) {
        compare_cells(share->team, m, share->cells[m], team->cells[m]);
        if (w.metrics[m].hidden) continue; /* nobody asks for the history of a part */
        double weighted = 0, means = 0;
        for (size_t k = 0; k < share->n; k++) {
          pl_burst b = pl_subject_burst(share->members[k], m, share->members[k]->today);
          if (b.mean > 0) weighted += b.phi * b.mean, means += b.mean;
        }
        assert_true(team->means[m] - means < 1e-12 * (1 + means) &&
                    means - team->means[m] < 1e-12 * (1 + means));
        assert_true(team->weighted[m] - weighted < 1e-3 * (1 + weighted) &&
                    weighted - team->weighted[m] < 1e-3 * (1 + weighted));
      }
    }
    for (size_t k = 0; k < PL_COUNT(all); k++) pl_core_free(&all[k]);
    pl_core_free(&home);
    world_free(&w);
  }
}

/* A refund on a Sunday can outweigh all that working days have brought: then nobody knows an event's size. */
static void a_refund_on_a_sunday_leaves_the_teams_event_size_a_number(void **state) {
  (void)state;
  pl_err err;
  world_make(&w, 1);
  w.metrics[REVENUE].typical = 0;
  pl_core *core = pl_core_new(&w.policy, w.almanac, w.teams, 0);
  pl_since team = {PL_DAY_ALWAYS, PL_STR("north")};
  pl_core_put_rep(core, &(pl_rep_fact){.id = PL_STR("r1"), .memberships = &team, .nmemberships = 1});
  static const struct {
    const char *id, *amount;
    int64_t at_s; /* Friday, Sunday, Monday */
  } events[] = {{"a", "100.00", 1772791200}, {"b", "-900.00", 1772964000}, {"c", "1.00", 1773050400}};
  pl_core_begin(core, pl_times_at(pl_wall_s(events[0].at_s)));
  for (size_t i = 0; i < PL_COUNT(events); i++) {
    pl_event e = {
        .id = pl_str_of(events[i].id), .rep = PL_STR("r1"), .type = WON, .at = pl_wall_s(events[i].at_s)};
    e.fields[AMOUNT] = (pl_value){.kind = PL_TEXT, .s = pl_str_of(events[i].amount)};
    assert_int_equal(pl_core_apply(core, &e, e.at, (int64_t)i), PL_APPLIED);
  }
  pl_core_advance(core, pl_wall_s(events[2].at_s), NULL);
  pl_buf part;
  pl_buf_init(&part, 1 << 16);
  pl_part_encode(pl_map_find(&core->shares, PL_STR("north")), &w.policy, &part);
  pl_subject *north = pl_core_subject(core, PL_STR("north"), true);
  pl_part_reset(north);
  assert_int_equal(pl_part_decode(north, pl_buf_str(&part), &err), PL_OK);
  assert_true(isfinite(north->weighted[REVENUE]) != 0);
  assert_int_equal(pl_subject_at(north, REVENUE, PL_WEEK, pl_period_of(PL_WEEK, 20520)), -80000);
  pl_buf_fini(&part);
  pl_core_free(&core);
  world_free(&w);
}

/* As many calls a day, up to and with that day, from that one on; the day after has begun. */
static void work(pl_core *core, int32_t from, int32_t until, int calls) {
  for (int32_t day = from; day < until; day++) {
    pl_wall ten = pl_wall_s(day * INT64_C(86400) + 36000);
    for (int i = 0; i < calls; i++) {
      char id[24];
      (void)snprintf(id, sizeof id, "%d/%d", day, i);
      pl_event e = {.id = pl_str_of(id), .rep = PL_STR("r1"), .type = CALL, .at = ten};
      assert_int_equal(pl_core_apply(core, &e, ten, day * INT64_C(100) + i), PL_APPLIED);
    }
    pl_core_advance(core, pl_wall_s((day + 1) * INT64_C(86400)), NULL);
  }
}

static size_t slumps(pl_core *core) {
  static told heard;
  size_t n = 0;
  told_clear(&heard), told_take(&heard, core);
  for (size_t i = 0; i < heard.n; i++) n += heard.alerts[i].kind == PL_ALERT_SLUMP;
  return n;
}

static void a_slump_that_was_told_is_not_told_again_after_a_crash(void **state) {
  (void)state;
  enum { MONDAY = 20514 };
  pl_err err;
  world_make(&w, 1);
  pl_goal_fact goal = {.name = PL_STR("g"), .metric = PL_STR("calls"), .period = PL_WEEK, .target = 40};
  pl_since utc = {PL_DAY_ALWAYS, PL_STR("UTC")};
  pl_buf record;
  pl_buf_init(&record, 1 << 16);
  for (int32_t crash = MONDAY + 77; crash < MONDAY + 90; crash++) {
    size_t heard = 0;
    for (int run = 0; run < 2; run++) {
      pl_core *core = pl_core_new(&w.policy, w.almanac, w.teams, 0);
      pl_core_put_rep(core, &(pl_rep_fact){.id = PL_STR("r1"), .zones = &utc, .nzones = 1});
      pl_core_put_goals(core, &(pl_goals_fact){PL_STR("r1"), false, &goal, 1}, NULL);
      pl_subject *r1 = pl_core_find(core, PL_STR("r1"), false);
      if (run) assert_int_equal(pl_record_decode(r1, pl_buf_str(&record), &err), PL_OK);
      pl_core_begin(core, pl_times_at(pl_wall_s((run ? crash : MONDAY) * INT64_C(86400))));
      if (!run) work(core, MONDAY, MONDAY + 77, 10);
      work(core, run ? crash : MONDAY + 77, run ? MONDAY + 95 : crash, 2);
      heard += slumps(core);
      pl_buf_clear(&record);
      pl_record_encode(r1, &record);
      pl_core_free(&core);
    }
    assert_int_equal(heard, 1);
  }
  pl_buf_fini(&record);
  world_free(&w);
}

static void a_goal_that_changed_while_nobody_ran_is_told_under_a_new_id(void **state) {
  (void)state;
  pl_err err;
  world_make(&w, 1);
  pl_goal_fact goal = {.name = PL_STR("g"), .metric = PL_STR("calls"), .period = PL_WEEK, .target = 40};
  char ids[2][PL_ID_MAX];
  pl_buf record;
  pl_buf_init(&record, 1 << 16);
  for (int run = 0; run < 2; run++, goal.target = 90) {
    static told heard;
    pl_core *core = pl_core_new(&w.policy, w.almanac, w.teams, 0);
    pl_core_put_rep(core, &(pl_rep_fact){.id = PL_STR("r1")});
    pl_core_put_goals(core, &(pl_goals_fact){PL_STR("r1"), false, &goal, 1}, NULL);
    pl_subject *r1 = pl_core_find(core, PL_STR("r1"), false);
    if (run) assert_int_equal(pl_record_decode(r1, pl_buf_str(&record), &err), PL_OK);
    pl_core_begin(core, pl_times_at(pl_wall_s(run ? 1773302400 : 1773014400))); /* Monday, Thursday */
    pl_core_advance(core, pl_wall_s(run ? 1773410400 : 1773302400), NULL);
    pl_record_encode(r1, &record);
    told_clear(&heard), told_take(&heard, core);
    assert_int_equal(heard.n, 1 + run); /* who was told hears that it does not hold any more, first */
    if (run) {
      assert_int_equal(heard.alerts[0].kind, PL_ALERT_RECOVERED);
      assert_string_equal(heard.alerts[0].reason, "goal_changed");
      assert_string_equal(heard.alerts[0].about, ids[0]);
    }
    assert_int_equal(heard.alerts[run].kind, PL_ALERT_BEHIND);
    memcpy(ids[run], heard.alerts[run].id, sizeof heard.alerts[run].id);
    pl_core_free(&core);
  }
  assert_string_not_equal(ids[0], ids[1]);
  pl_buf_fini(&record);
  world_free(&w);
}

/* Starts with a record, or (NULL) without, lives until `upto`, and writes the record; what was told. */
static const told *live_once(pl_buf *record, bool first, const pl_goals_fact *fact, int64_t clock,
                             int64_t upto) {
  static told heard;
  pl_err err;
  pl_core *core = pl_core_new(&w.policy, w.almanac, w.teams, 0);
  pl_core_put_rep(core, &(pl_rep_fact){.id = PL_STR("r1")});
  assert_int_equal(pl_core_put_goals(core, fact, &err), 0);
  pl_subject *r1 = pl_core_find(core, PL_STR("r1"), false);
  if (!first) assert_int_equal(pl_record_decode(r1, pl_buf_str(record), &err), PL_OK);
  pl_core_begin(core, pl_times_at(pl_wall_s(clock)));
  pl_core_advance(core, pl_wall_s(upto), NULL);
  pl_buf_clear(record);
  pl_record_encode(r1, record);
  told_clear(&heard), told_take(&heard, core);
  pl_core_free(&core);
  return &heard;
}

static void a_goal_that_was_taken_back_while_nobody_ran_is_closed_once(void **state) {
  (void)state;
  const int64_t monday = 1773014400, thursday = 1773302400, friday = 1773388800;
  world_make(&w, 1);
  w.policy.alerts.silent_days = w.policy.alerts.silent_work_s = 0;
  pl_goal_fact goal = {.name = PL_STR("g"), .metric = PL_STR("calls"), .period = PL_WEEK, .target = 40};
  const pl_goals_fact with = {PL_STR("r1"), false, &goal, 1}, without = {PL_STR("r1"), false, NULL, 0};
  pl_buf record;
  pl_buf_init(&record, 1 << 16);
  const told *heard = live_once(&record, true, &with, monday, thursday);
  assert_int_equal(heard->n, 1);
  char behind[PL_ALERT_ID_MAX];
  memcpy(behind, heard->alerts[0].id, sizeof behind);
  heard = live_once(&record, false, &without, thursday, thursday + 60);
  assert_int_equal(heard->n, 1);
  assert_int_equal(heard->alerts[0].kind, PL_ALERT_RECOVERED);
  assert_string_equal(heard->alerts[0].reason, "goal_changed");
  assert_string_equal(heard->alerts[0].about, behind);
  assert_true(heard->alerts[0].figures.target == 40);
  assert_int_equal(live_once(&record, false, &without, thursday + 60, friday)->n, 0);
  pl_buf_fini(&record);
  world_free(&w);
}

static void a_version_that_began_while_nobody_ran_counts_from_its_midnight(void **state) {
  (void)state;
  const int64_t monday = 1773014400, wednesday = monday + 2 * 86400, friday = monday + 4 * 86400 + 43200;
  world_make(&w, 1);
  w.policy.alerts.silent_days = w.policy.alerts.silent_work_s = 0;
  const int32_t thursday = (int32_t)(monday / 86400) + 3;
  const pl_goal_fact goals[] = {
      {.name = PL_STR("g"), .metric = PL_STR("calls"), .period = PL_WEEK, .target = 40},
      {.name = PL_STR("g"), .metric = PL_STR("calls"), .period = PL_WEEK, .target = 60, .from = thursday}};
  const pl_goals_fact fact = {PL_STR("r1"), false, goals, 2};
  pl_buf record;
  pl_buf_init(&record, 1 << 16);
  told whole = *live_once(&record, true, &fact, monday, friday);
  (void)live_once(&record, true, &fact, monday, wednesday);
  assert_int_equal(whole.n, 3); /* behind, recovered, behind */
  const told *rest = live_once(&record, false, &fact, wednesday, friday);
  assert_int_equal(rest->n, 2);
  for (size_t i = 0; i < 2; i++) {
    assert_string_equal(rest->alerts[i].id, whole.alerts[1 + i].id);
    assert_true(rest->alerts[i].at.ms == whole.alerts[1 + i].at.ms);
  }
  assert_string_equal(rest->alerts[0].reason, "goal_changed");
  pl_buf_fini(&record);
  world_free(&w);
}

static void broken_records_are_refused_or_read_but_never_harm(void **state) {
  (void)state;
  pl_random r = pl_random_of(pl_random_seed(8000));
  int64_t live = pl_mem_live();
  for (int i = 0; i < 5; i++) {
    store st = {.times = pl_times_at(PL_BEGINNING)};
    world_make(&w, (uint64_t)i + 8000);
    pl_core *core = live_without_fault(&st);
    pl_core_free(&core);
    for (pl_map_slot *s = NULL; (s = pl_map_next(&st.records, s));) {
      const pl_buf *record = s->value;
      char *copy = pl_alloc(record->n);
      for (int k = 0; k < 600; k++) {
        size_t n = record->n;
        pl_err err = {{0}};
        memcpy(copy, record->p, n);
        if (k % 2) n = (size_t)pl_random_in(&r, 0, (int64_t)n - 1);
        for (int flips = k % 2 ? 0 : (int)pl_random_in(&r, 1, 4); flips > 0; flips--)
          copy[pl_random_in(&r, 0, (int64_t)n - 1)] = (char)pl_random_in(&r, 0, 255);
        core = world_core(&w);
        pl_subject *subject = pl_core_subject(core, (pl_str){s->key, s->key_len}, false);
        pl_status status = pl_record_decode(subject, (pl_str){copy, n}, &err);
        assert_true(status == PL_REJECT ? strlen(err.text) > 20 : status == PL_OK && k % 2 == 0);
        pl_core_free(&core);
      }
      pl_release(copy, record->n);
    }
    store_fini(&st);
    world_free(&w);
  }
  assert_int_equal(pl_mem_live(), live);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_partition_that_crashes_ends_like_one_that_does_not),
      cmocka_unit_test(the_parts_of_two_partitions_are_the_team),
      cmocka_unit_test(a_refund_on_a_sunday_leaves_the_teams_event_size_a_number),
      cmocka_unit_test(a_slump_that_was_told_is_not_told_again_after_a_crash),
      cmocka_unit_test(a_goal_that_changed_while_nobody_ran_is_told_under_a_new_id),
      cmocka_unit_test(a_goal_that_was_taken_back_while_nobody_ran_is_closed_once),
      cmocka_unit_test(a_version_that_began_while_nobody_ran_counts_from_its_midnight),
      cmocka_unit_test(broken_records_are_refused_or_read_but_never_harm),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
