/* Core: what judging costs, without Kafka and Redis: `core [REPS]`, default 1000000.
 *
 * - event: one event of a rep with 8 goals, none behind, beside the same rep without goals: the difference is
 *   the re-judging;
 * - deadlines: so many armed, and re-armed at random instants;
 * - midnight: so many reps in eight zones live through a change of day, judged and closed a step of 32
 *   deadlines at a time, in turns of 10 ms as the engine takes them: the longest turn, and all of it;
 * - everybody: what is done for all of them at once, in such turns: beginning, views that say `unknown`, the
 *   search for somebody who was at work, and 10,000 teams that begin.
 *
 * Says medians and the worst, as lines of text. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "core/partition.h"

/* STEP, LOOKS: as the engine's, between two looks at the clock. */
enum { HOT = 1000, ROUNDS = 400, HOME = 10000, STEP = 32, LOOKS = 256, TURN_US = 10000 };
static const int64_t MONDAY = 1772409600; /* 2026-03-02, midnight in UTC */

static const char *const types[] = {"call", "demo", "won", "mail"};
static pl_metric metrics[] = {
    {.name = "calls", .types = 1, .field = -1, .num = -1, .den = -1},
    {.name = "demos", .types = 2, .field = -1, .num = -1, .den = -1},
};
static pl_calendar_def calendars[1] = {{.name = "default"}};
static pl_policy policy = {
    .types = types,
    .ntypes = 4,
    .metrics = metrics,
    .nmetrics = PL_COUNT(metrics),
    .calendars = calendars,
    .ncalendars = 1,
    .default_zone = "UTC",
    .alerts = {0.2, 0.4, 3600},
    .future_tolerance = {600000},
    .dedupe_ids = 128,
    .unknown_reps_max = 0,
};

static bool load_zone(void *ctx, const char *name, pl_buf *out) {
  char path[256], block[4096];
  (void)ctx;
  (void)snprintf(path, sizeof path, "/usr/share/zoneinfo/%s", name);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return false;
  for (ssize_t n; (n = read(fd, block, sizeof block)) > 0;) pl_buf_put(out, block, (size_t)n);
  (void)close(fd);
  return !out->full;
}

static pl_almanac *almanac;
static pl_teams *teams;

static void set_up(void) {
  pl_err err;
  for (size_t m = 0; m < PL_COUNT(metrics); m++)
    metrics[m].windows =
        1U << PL_W_DAY | 1U << PL_W_WEEK | 1U << PL_W_MONTH | 1U << PL_W_QUARTER | 1U << PL_W_YEAR;
  for (size_t m = 0; m < PL_COUNT(metrics); m++) metrics[m].hash = pl_policy_metric_hash(&policy, m);
  for (int d = 0; d < 5; d++) calendars[0].week[d] = (pl_workday){{{9 * 3600, 17 * 3600}}, 1};
  if (pl_almanac_new(&almanac, &policy, load_zone, NULL, &err) != PL_OK) {
    (void)fprintf(stderr, "core: %s\n", err.text);
    exit(69);
  }
  teams = pl_teams_new();
}

static void put_rep(pl_core *core, size_t i, const char *zone, size_t ngoals) {
  static const char *const names[] = {"a", "b", "c", "d", "e", "f", "g", "h"};
  static const pl_unit periods[] = {PL_DAY, PL_WEEK, PL_MONTH, PL_QUARTER};
  char id[24];
  int n = snprintf(id, sizeof id, "rep-%zu", i);
  pl_since since = {PL_DAY_ALWAYS, pl_str_of(zone)};
  pl_goal_fact goals[8];
  pl_core_put_rep(core, &(pl_rep_fact){.id = {id, (size_t)n}, .zones = &since, .nzones = 1});
  for (size_t g = 0; g < ngoals; g++)
    goals[g] = (pl_goal_fact){.name = pl_str_of(names[g]),
                              .metric = pl_str_of(metrics[g / 4].name),
                              .period = periods[g % 4],
                              .target = 1e6 * (double)(g + 1)};
  if (ngoals) (void)pl_core_put_goals(core, &(pl_goals_fact){{id, (size_t)n}, false, goals, ngoals}, NULL);
}

static int64_t offsets;

static void call(pl_core *core, size_t i, int64_t at_s) {
  char id[24], rep[24];
  int n = snprintf(id, sizeof id, "e%lld", (long long)offsets), m = snprintf(rep, sizeof rep, "rep-%zu", i);
  pl_event event = {.id = {id, (size_t)n}, .rep = {rep, (size_t)m}, .at = pl_wall_s(at_s), .type = 0};
  PL_ASSERT(pl_core_apply(core, &event, pl_wall_s(at_s), offsets++) == PL_APPLIED);
}

static int ascending(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* --- an event of a rep with goals */

static double median_event_ns(size_t ngoals) {
  static double ns[ROUNDS];
  pl_core *core = pl_core_new(&policy, almanac, teams, 0);
  for (size_t i = 0; i < HOT; i++) put_rep(core, i, "UTC", ngoals);
  pl_core_begin(core, pl_times_at(pl_wall_s(MONDAY)));
  (void)pl_core_advance(core, pl_wall_s(MONDAY), NULL);
  for (int round = 0; round < ROUNDS; round++) {
    int64_t began = pl_clock_mono().us;
    for (size_t i = 0; i < HOT; i++) call(core, i, MONDAY + 60 + round);
    ns[round] = (double)(pl_clock_mono().us - began) * 1000 / HOT;
  }
  pl_core_free(&core);
  qsort(ns, ROUNDS, sizeof ns[0], ascending);
  return ns[ROUNDS / 2];
}

/* --- deadlines alone */

static uint64_t next(uint64_t *state) {
  uint64_t z = (*state += 0x9E3779B97F4A7C15ULL);
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
  return z ^ (z >> 31);
}

static void deadlines(size_t n) {
  pl_heap heap;
  pl_heap_init(&heap);
  pl_heap_node *nodes = calloc(n, sizeof *nodes);
  PL_ASSERT(nodes);
  uint64_t state = 1;
  int64_t began = pl_clock_mono().us;
  for (size_t i = 0; i < n; i++) pl_heap_arm(&heap, &nodes[i], (pl_wall){(int64_t)(next(&state) >> 20)});
  int64_t armed = pl_clock_mono().us, blocks = pl_mem_live();
  for (size_t i = 0; i < n; i++)
    pl_heap_arm(&heap, &nodes[next(&state) % n], (pl_wall){(int64_t)(next(&state) >> 20)});
  int64_t again = pl_clock_mono().us;
  printf("deadlines: %zu armed at %.0f ns, re-armed at %.0f ns, %lld allocations while re-arming\n", n,
         (double)(armed - began) * 1000 / (double)n, (double)(again - armed) * 1000 / (double)n,
         (long long)(pl_mem_live() - blocks));
  pl_heap_fini(&heap);
  free(nodes);
}

/* --- a change of day */

static void write_out(pl_core *core) {
  for (pl_subject *s = pl_core_take_subjects(core), *after; s; s = after) {
    after = s->next_dirty;
    pl_subject_written(s);
  }
}

/* A turn ends by the clock, as the engine's do; how long it was is told less the waiting for a processor. */
typedef struct {
  int64_t began, ran, longest, total; /* microseconds; ran: of our own at `began` */
  size_t turns;
} stopwatch;

static int64_t own_us(void) {
  struct timespec t;
  PL_ASSERT(clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t) == 0);
  return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static void start(stopwatch *w) { w->began = pl_clock_mono().us, w->ran = own_us(); }

/* One step was done: true, if more fit into this turn. */
static bool goes_on(stopwatch *w, bool done) {
  if (!done && pl_clock_mono().us - w->began < TURN_US) return true;
  int64_t took = own_us() - w->ran;
  if (took > w->longest) w->longest = took;
  w->total += took, w->turns++;
  return false;
}

static pl_core *company(size_t n) {
  static const char *const zones[] = {"UTC",          "Europe/Berlin",   "America/New_York",
                                      "Asia/Tokyo",   "Europe/Lisbon",   "America/Chicago",
                                      "Asia/Kolkata", "Australia/Sydney"};
  pl_core *core = pl_core_new(&policy, almanac, teams, 0);
  for (size_t i = 0; i < n; i++) put_rep(core, i, zones[i % PL_COUNT(zones)], 2);
  pl_core_begin(core, pl_times_at(pl_wall_s(MONDAY)));
  return core;
}

static void midnight(size_t n) {
  pl_core *core = company(n);
  (void)pl_core_advance(core, pl_wall_s(MONDAY), NULL);
  for (size_t i = 0; i < n; i++) call(core, i, MONDAY + 1);
  write_out(core);
  stopwatch w = {0};
  int64_t fired = pl_core_stats_of(core)->fired;
  for (bool all = false; !all; write_out(core)) { /* as a flush would, apart from the turn */
    size_t budget;
    start(&w);
    do budget = STEP, all = pl_core_advance(core, pl_wall_s(MONDAY + 86400 + 43200), &budget);
    while (goes_on(&w, all));
  }
  fired = pl_core_stats_of(core)->fired - fired;
  printf("midnight: %zu reps, %lld deadlines in %zu turns, %.2f us each; the longest turn %.1f ms\n", n,
         (long long)fired, w.turns, (double)w.total / (double)fired, (double)w.longest / 1000);
  pl_core_free(&core);
}

/* --- everybody at once */

typedef struct {
  pl_core *core;
  size_t cursor;
} walk;

static bool begin_reps(walk *at, size_t *budget) {
  return pl_core_advance(at->core, pl_wall_s(MONDAY), budget);
}

static bool begin_teams(walk *at, size_t *budget) {
  return pl_core_advance_teams(at->core, pl_wall_s(MONDAY), pl_wall_s(MONDAY), budget);
}

static bool be_late(walk *at, size_t *budget) { return pl_core_set_stale(at->core, false, true, budget); }

/* Of an hour in which nobody works anywhere. */
static bool search(walk *at, size_t *budget) {
  const pl_wall sunday = pl_wall_s(MONDAY - 86400);
  return pl_core_worked(at->core, sunday, pl_wall_plus(sunday, (pl_dur){3600000}), (pl_dur){1800000},
                        &at->cursor, budget) ||
         !at->cursor;
}

static void take(walk *at, const char *what, size_t n, bool (*step)(walk *at, size_t *budget), size_t most) {
  stopwatch w = {0};
  for (bool all = false; !all;) {
    size_t budget;
    start(&w);
    do budget = most, all = step(at, &budget);
    while (goes_on(&w, all));
  }
  write_out(at->core);
  printf("%s: %zu in %zu turns, %.1f ms; the longest turn %.1f ms\n", what, n, w.turns,
         (double)w.total / 1000, (double)w.longest / 1000);
}

static void put_team(pl_core *core, size_t i) {
  static char none[] = "", utc[] = "UTC";
  char id[24];
  (void)snprintf(id, sizeof id, "team-%zu", i);
  const pl_goal_fact goals[] = {
      {.name = PL_STR("a"), .metric = PL_STR("calls"), .period = PL_DAY, .target = 5},
      {.name = PL_STR("b"), .metric = PL_STR("calls"), .period = PL_WEEK, .target = 25}};
  pl_core_put_team(core, &(pl_team){id, id, none, none, utc, none, none});
  (void)pl_core_put_goals(core, &(pl_goals_fact){pl_str_of(id), true, goals, PL_COUNT(goals)}, NULL);
}

static void everybody(size_t n) {
  walk at = {company(n), 0};
  for (size_t i = 0; i < HOME; i++) put_team(at.core, i);
  take(&at, "reps begin", n, begin_reps, STEP);
  take(&at, "reps are late", n, be_late, LOOKS);
  take(&at, "who was at work", n, search, LOOKS);
  take(&at, "teams begin", HOME, begin_teams, STEP);
  pl_core_free(&at.core);
}

int main(int argc, char **argv) {
  size_t n = argc > 1 ? (size_t)atoll(argv[1]) : 1000000;
  set_up();
  double without = median_event_ns(0), with = median_event_ns(8);
  printf("event: %.0f ns without goals, %.0f ns with 8, none behind: re-judging %.0f ns\n", without, with,
         with - without);
  deadlines(n);
  midnight(n);
  everybody(n);
  pl_teams_free(&teams);
  pl_almanac_free(&almanac);
  return 0;
}
