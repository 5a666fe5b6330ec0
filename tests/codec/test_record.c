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
#include "core/talk.h"
#include "core/told.h"
#include "core/world.h"
#include "same_cells.h"

enum { WORLDS = 150 };

/* What Redis would hold. */
typedef struct {
  pl_map records; /* rep -> pl_buf */
  pl_map outbox;  /* alert, audience, recipient and how often before -> told_alert, put once */
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
    char name[120];
    int n = snprintf(name, sizeof name, "%s:%s:%s:%u", a->id, pl_audience_name(a->audience), a->recipient,
                     a->nth);
    told_alert **entry = (told_alert **)(void *)pl_map_put(&st->outbox, (pl_str){name, (size_t)n});
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

/* Does the goal need the size of an event, and is there the history for it? Where a source has held the clock
 * for days, the cells have gone on from what was before that day; a milestone that is paused when its time
 * comes is not judged any more. */
static bool is_sized(const pl_subject *s, const pl_goal *g) {
  return s->reach[PL_DAY] <= s->today + 1 && !(g->stone && pl_seconds(s->core->clock) >= g->upto);
}

static bool same_text(const char *a, const char *b) { return a && b ? strcmp(a, b) == 0 : a == b; }

/* What was said, and what follows from it: also of what only memory keeps. */
static void compare_talks(const char *rep, const pl_goal *g, const pl_goal *h) {
  const pl_talk *t = g->talk, *u = h->talk;
  if (t->told.ms != u->told.ms || t->last.ms != u->last.ms || t->repeats != u->repeats ||
      t->answered.ms != u->answered.ms || !same_text(t->manager, u->manager) ||
      strcmp(t->reason, u->reason) != 0 || strcmp(t->plan, u->plan) != 0 || t->turn.ms != u->turn.ms ||
      t->repeat.ms != u->repeat.ms)
    fail_msg(
        "world %llu: %s/%s told %u times, turn at %lld, again at %lld, \"%s\" without a fault, %u times, "
        "%lld, %lld and \"%s\" with",
        (unsigned long long)w.seed, rep, g->name, t->repeats, (long long)t->turn.ms, (long long)t->repeat.ms,
        t->reason, u->repeats, (long long)u->turn.ms, (long long)u->repeat.ms, u->reason);
}

static void compare_reps(pl_core *plain, pl_core *hurt) {
  assert_int_equal(plain->reps.n, hurt->reps.n);
  for (pl_map_slot *slot = NULL; (slot = pl_map_next(&plain->reps, slot));) {
    const pl_subject *a = slot->value, *b = pl_core_find(hurt, pl_subject_id(a), false);
    assert_non_null(b);
    assert_true(a->newest.ms == b->newest.ms && a->offset == b->offset && a->today == b->today &&
                a->answers == b->answers);
    assert_memory_equal(a->reach, b->reach, sizeof a->reach);
    compare_bytes(&a->ids, &b->ids);
    compare_habits(a, b);
    for (int m = 0; m < METRICS; m++)
      for (uint16_t t = 0; t < a->nteams; t++)
        same_cells(&w, a->id, m, cell_for(a, m, a->teams[t]), cell_for(b, m, a->teams[t]));
    assert_int_equal(a->ngoals, b->ngoals);
    for (size_t i = 0; i < a->ngoals; i++) {
      const pl_goal *g = &a->goals[i], *h = &b->goals[i];
      if (g->open != h->open || g->index != h->index || g->step != h->step || g->seq != h->seq ||
          g->settled != h->settled || g->freed != h->freed || g->ended != h->ended ||
          g->anchor != h->anchor || g->before != h->before || strcmp(g->name, h->name) != 0 ||
          g->version != h->version || !same_text(g->heard, h->heard))
        fail_msg(
            "world %llu: %s/%s step %d seq %u settled %d without a fault, step %d seq %u settled %d with",
            (unsigned long long)w.seed, a->id, g->name, (int)g->step, g->seq, g->settled, (int)h->step,
            h->seq, h->settled);
      if (g->talk && !w.policy.nsources) compare_talks(a->id, g, h);
      if (is_sized(a, g) && (g->phi != h->phi || g->each != h->each))
        fail_msg("world %llu: %s/%s an event of %g x %g without a fault, %g x %g with",
                 (unsigned long long)w.seed, a->id, g->name, g->each, g->phi, h->each, h->phi);
    }
  }
  for (pl_map_slot *slot = NULL; (slot = pl_map_next(&plain->shares, slot));) {
    const pl_share *a = slot->value, *b = pl_map_find(&hurt->shares, (pl_str){slot->key, slot->key_len});
    assert_non_null(b);
    for (int m = 0; m < METRICS; m++) {
      pl_cell *x = pl_share_sum(a, (size_t)m), *y = pl_share_sum(b, (size_t)m);
      same_cells(&w, a->team, m, x, y);
      pl_cell_free(&x), pl_cell_free(&y);
    }
  }
}

static void compare_outboxes(const store *plain, const store *hurt) {
  for (pl_map_slot *slot = NULL; (slot = pl_map_next(&plain->outbox, slot));) {
    const told_alert *a = slot->value, *b = pl_map_find(&hurt->outbox, (pl_str){slot->key, slot->key_len});
    if (!b)
      fail_msg("world %llu: %s #%u of %s/%s was lost", (unsigned long long)w.seed,
               pl_alert_kind_name(a->kind), a->seq, a->entity, a->goal);
    assert_true(a->kind == b->kind && a->audience == b->audience && strcmp(a->recipient, b->recipient) == 0);
    if (w.policy.nsources) continue; /* a held clock goes on from a moment later */
    if (a->at.ms != b->at.ms || a->turn.ms != b->turn.ms || a->answered.ms != b->answered.ms ||
        strcmp(a->answer, b->answer) != 0 || strcmp(a->plan, b->plan) != 0)
      fail_msg(
          "world %llu: %s #%u of %s/%s at %lld without a fault with turn %lld and answer \"%s\", at %lld "
          "with %lld and \"%s\" with",
          (unsigned long long)w.seed, pl_alert_kind_name(a->kind), a->seq, a->entity, a->goal,
          (long long)a->at.ms, (long long)a->turn.ms, a->answer, (long long)b->at.ms, (long long)b->turn.ms,
          b->answer);
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

/* All of it follows from its number, so that PACELINE_SEED of a world and PACELINE_WORLDS=1 repeat it. */
static void make(uint64_t n, pl_random *r) {
  world_make(&w, n);
  if (n % 3 == 1) world_add_gauges(&w);
  if (n % 2) world_add_milestones(&w);
  if (n % 5 == 0) { /* what a held clock does to habits and versions has no model yet */
    world_add_sources(&w);
  } else {
    if (n % 3 == 0) world_add_habits(&w);
    if (n % 3) world_add_versions(&w);
    if (n % 4 == 1) say_words(r);
  }
  if (n % 4 < 2) world_add_retractions(&w);
  if (n % 2 == 0) world_add_funnel(&w);
  if (n % 7 < 5) world_add_talk(&w);
}

static void a_partition_that_crashes_ends_like_one_that_does_not(void **state) {
  (void)state;
  uint64_t seed = pl_random_seed(5000);
  size_t crashes = 0, alerts = 0, again = 0;
  uint64_t worlds = getenv("PACELINE_WORLDS") ? strtoull(getenv("PACELINE_WORLDS"), NULL, 10) : WORLDS;
  int64_t live = pl_mem_live(), bytes = pl_mem_bytes();
  for (uint64_t n = seed; n < seed + worlds; n++) {
    store plain = {.times = pl_times_at(PL_BEGINNING)}, hurt = {.times = pl_times_at(PL_BEGINNING)};
    pl_random r = pl_random_of(n * 7919);
    make(n, &r);
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

static void broken_records_are_refused_or_read_but_never_harm(void **state) {
  (void)state;
  pl_random r = pl_random_of(pl_random_seed(8000));
  int64_t live = pl_mem_live();
  for (int i = 0; i < 5; i++) {
    store st = {.times = pl_times_at(PL_BEGINNING)};
    world_make(&w, (uint64_t)i + 8000);
    world_add_talk(&w);
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

/* The clock would begin there, and overflow. */
static void instants_and_days_that_no_calendar_has_are_refused(void **state) {
  (void)state;
  pl_err err = {{0}};
  world_make(&w, 8100);
  for (int wrong = 0; wrong <= 6; wrong++) {
    pl_core *core = world_core(&w), *again = world_core(&w);
    pl_subject *s = pl_core_subject(core, pl_str_of(w.reps[0].id), false);
    s->newest = s->judged = w.start;
    if (wrong == 1) s->newest.ms = INT64_MIN + 1;
    if (wrong == 2) s->judged.ms = INT64_MAX;
    if (wrong == 3) s->habit.from.ms = INT64_MIN;
    if (wrong == 4) s->habit.day = INT32_MAX;
    if (wrong == 5) s->habit.since.ms = INT64_MIN / 2;
    if (wrong == 6) s->habit.since = PL_NEVER;
    pl_buf record;
    pl_buf_init(&record, 1 << 20);
    pl_record_encode(s, &record);
    pl_subject *read = pl_core_subject(again, pl_str_of(w.reps[0].id), false);
    assert_int_equal(pl_record_decode(read, pl_buf_str(&record), &err), wrong ? PL_REJECT : PL_OK);
    pl_buf_fini(&record);
    pl_core_free(&core), pl_core_free(&again);
  }
  world_free(&w);
}

/* Each such record held the partition: it was written, and could not be read. */
static void a_rep_who_was_in_three_hundred_teams_is_read_again(void **state) {
  (void)state;
  pl_err err = {{0}};
  world_make(&w, 8200);
  pl_core *core = world_core(&w), *again = world_core(&w);
  pl_subject *s = pl_core_subject(core, pl_str_of(w.reps[0].id), false);
  s->newest = s->judged = w.start;
  for (int i = 0; i < 300; i++) {
    char team[16];
    (void)snprintf(team, sizeof team, "team-%d", i);
    (void)pl_core_team_slot(core, s, pl_str_of(team));
  }
  pl_buf record;
  pl_buf_init(&record, 1 << 20);
  pl_record_encode(s, &record);
  pl_subject *read = pl_core_subject(again, pl_str_of(w.reps[0].id), false);
  assert_int_equal(pl_record_decode(read, pl_buf_str(&record), &err), PL_OK);
  for (uint16_t i = 0; i < s->nteams; i++)
    assert_string_equal(read->teams[pl_core_team_slot(again, read, pl_str_of(s->teams[i]))], s->teams[i]);
  pl_buf_fini(&record);
  pl_core_free(&core), pl_core_free(&again);
  world_free(&w);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_partition_that_crashes_ends_like_one_that_does_not),
      cmocka_unit_test(broken_records_are_refused_or_read_but_never_harm),
      cmocka_unit_test(instants_and_days_that_no_calendar_has_are_refused),
      cmocka_unit_test(a_rep_who_was_in_three_hundred_teams_is_read_again),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
