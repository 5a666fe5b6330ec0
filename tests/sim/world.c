#include "world.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "oracle.h"
#include "symptom.h"

static const int64_t TROUBLE = 40 * SECOND, SETTLE = 100 * SECOND, LOOK = SECOND, SESSION = 6 * SECOND;
enum { MEMORY_MAX = 64 << 20 };
static const double ANSWERS = 0.15;

process *world_process(world *w, uint32_t id) {
  for (size_t i = 0; i < PROCESSES_MAX; i++)
    if (w->processes[i] && w->processes[i]->id == id) return w->processes[i];
  return NULL;
}

/* --- processes come and go */

void world_died(world *w, process *p) {
  p->mute = true;
  w->dying = p;
}

static void bury(world *w) {
  for (size_t i = 0; i < PROCESSES_MAX; i++)
    if (w->processes[i] == w->dying) process_kill(&w->processes[i]);
  w->dying = NULL;
}

static void on_staffing(void *ctx, const int64_t arg[EVENT_ARGS]) {
  world *w = ctx;
  (void)arg;
  int n = 0;
  for (size_t i = 0; i < PROCESSES_MAX; i++) n += w->processes[i] && !w->processes[i]->leaves;
  for (size_t i = 0; i < PROCESSES_MAX && n < w->wanted; i++)
    if (!w->processes[i]) w->processes[i] = process_start(w, ++w->ids), n++;
  if (n > w->wanted && !w->quiet)
    for (size_t i = 0; i < PROCESSES_MAX; i++)
      if (w->processes[i] && !w->processes[i]->leaves) {
        process_drain(w->processes[i]);
        break;
      }
  timeline_put(&w->t, w->t.now + timeline_draw(&w->t, 100 * MS, 2 * SECOND), NULL, on_staffing, w, NULL);
}

/* --- what comes from outside */

/* Whoever hears that they are behind may answer; an answer may come when it is over. False: nobody has. */
static bool answer(world *w) {
  const data_object *stream = data_find(&w->server.data, PL_STR("pl:alerts"));
  if (!stream || !stream->n) return false;
  const data_entry *e = &stream->entries[timeline_draw(&w->t, 0, (int64_t)stream->n - 1)];
  if (!pl_str_is(data_word(e, "kind"), "behind") || !pl_str_is(data_word(e, "audience"), "rep")) return false;
  company_answer(&w->company, data_word(e, "entity"), data_word(e, "id"));
  return true;
}

static void on_work(void *ctx, const int64_t arg[EVENT_ARGS]) {
  world *w = ctx;
  if (w->quiet) return;
  if (!timeline_chance(&w->t, ANSWERS) || !answer(w)) company_work(&w->company);
  timeline_put(&w->t, w->t.now + timeline_draw(&w->t, 0, 2 * arg[0]), NULL, on_work, w, arg);
}

static void on_group(void *ctx, const int64_t arg[EVENT_ARGS]) {
  world *w = ctx;
  group_tick(&w->broker);
  timeline_put(&w->t, w->t.now + 100 * MS, NULL, on_group, w, arg);
}

static void on_generation(void *ctx, uint32_t id, uint32_t member, int64_t generation, int32_t from,
                          int32_t to) {
  process *p = world_process(ctx, id);
  if (p) source_assigned(&p->source, member, generation, from, to);
}

static void on_publish(void *ctx, pl_str channel, pl_str message) {
  world *w = ctx;
  if (!w->server.runs || channel.n < 9 || memcmp(channel.p, "pl:wake:", 8) != 0) return;
  for (size_t i = 0; i < PROCESSES_MAX; i++)
    if (w->processes[i] && !timeline_chance(&w->t, w->chances.message))
      link_message(&w->processes[i]->link, channel.p[8] - '0', message);
}

/* --- a seed */

static pl_config *configs[2][POLICIES][2]; /* two a clock and policy, for all seeds */

void world_load(void) {
  for (int p = 0; p < POLICIES; p++)
    for (size_t i = 0; i < 2; i++)
      configs[0][p][i] = company_config(PL_CLOCK_WALL, p),
      configs[1][p][i] = company_config(PL_CLOCK_STREAM, p);
}

void world_unload(void) {
  for (int p = 0; p < POLICIES; p++)
    for (size_t i = 0; i < 2; i++) pl_config_free(&configs[0][p][i]), pl_config_free(&configs[1][p][i]);
}

static void run_until(world *w, int64_t until) {
  while (timeline_step(&w->t, until)) {
    if (w->dying) bury(w);
    if (pl_mem_bytes() > w->most_bytes) w->most_bytes = pl_mem_bytes();
  }
}

static void open_world(world *w, uint64_t seed, const symptom *s, bool loud) {
  /* Mondays at seven, and a Friday's afternoon. */
  static const int64_t starts[] = {1772434800000, 1772802000000}, speeds[] = {300, 900, 1800, 3600};
  timeline_init(&w->t, seed, (pl_wall){0}, 0, loud);
  w->t.wall.at.ms = starts[timeline_draw(&w->t, 0, 1)];
  w->t.wall.speed = speeds[timeline_draw(&w->t, 0, PL_COUNT(speeds) - 1)];
  int32_t partitions = (int32_t)timeline_draw(&w->t, 2, PARTITIONS_MAX);
  int64_t which = timeline_draw(&w->t, 0, 1), policy = timeline_draw(&w->t, 0, POLICIES - 1);
  w->configs[0] = configs[which][policy][0], w->configs[1] = configs[which][policy][1];
  broker_init(&w->broker, &w->t, partitions, SESSION);
  w->broker.group.assign = on_generation, w->broker.group.ctx = w;
  server_init(&w->server, &w->t, partitions);
  w->server.data.publish = on_publish, w->server.data.ctx = w;
  company_open(&w->company, &w->t, &w->broker, w->configs[0]);
  w->wanted = s && s->alone ? 1 : (int)timeline_draw(&w->t, 1, 3);
  on_staffing(w, NULL);
  on_group(w, NULL);
  on_work(w, (const int64_t[EVENT_ARGS]){timeline_draw(&w->t, 150 * MS, SECOND)});
}

static void close_world(world *w) {
  for (size_t i = 0; i < PROCESSES_MAX; i++)
    if (w->processes[i]) process_kill(&w->processes[i]);
  broker_fini(&w->broker);
  server_fini(&w->server);
  timeline_fini(&w->t);
}

/* The operator's remedy for what Redis has forgotten and the log still holds whole: all processes end, the
 * group's offsets are deleted, and it is counted anew. False: there is nothing to mend. */
static bool mend(world *w) {
  bool mends = false;
  for (int32_t p = 0; p < w->broker.partitions; p++) {
    const log_part *log = &w->broker.logs[PL_TOPIC_ACTIVITIES][p];
    if (!oracle_is_forgotten(w, p) || log->low || log->cut) continue;
    w->broker.group.committed[p] = PL_OFFSET_NONE, mends = true;
  }
  for (size_t i = 0; i < PROCESSES_MAX && mends; i++)
    if (w->processes[i]) process_kill(&w->processes[i]);
  return mends;
}

void world_run(uint64_t seed, const symptom *s, bool loud, world_result *result) {
  static world w;
  int64_t live = pl_mem_live(), bytes = pl_mem_bytes();
  w = (world){0};
  open_world(&w, seed, s, loud);
  fault_begin(&w, s);
  run_until(&w, TROUBLE);
  fault_end(&w);
  timeline_freeze(&w.t);
  company_close(&w.company);
  oracle o;
  oracle_open(&o, &w);
  const char *wrong = "";
  bool mended = false;
  int64_t end = w.t.now + SETTLE;
  do {
    run_until(&w, w.t.now + LOOK);
    wrong = oracle_look(&o, &w);
    if (!*wrong && mend(&w)) wrong = "it is counted anew", end += SETTLE, mended = true;
  } while (*wrong && w.t.now < end && !*w.t.failure);
  if (*wrong) timeline_fail(&w.t, "not settled after %lld s: %s", (long long)(SETTLE / SECOND), wrong);
  if (s && s->whole && (mended || oracle_holds(&w))) timeline_fail(&w.t, "a partition is held");
  if (w.most_bytes - bytes > MEMORY_MAX)
    timeline_fail(&w.t, "memory grew to %lld bytes", (long long)(w.most_bytes - bytes));
  *result = (world_result){.seed = seed,
                           .hash = w.t.hash,
                           .events = (int64_t)w.company.n,
                           .alerts = (int64_t)o.n,
                           .across = (int64_t)o.across,
                           .answers = (int64_t)o.answers,
                           .seconds = w.t.now / SECOND,
                           .mended = mended};
  memcpy(result->counts, w.counts, sizeof w.counts);
  close_world(&w);
  if (pl_mem_live() != live || pl_mem_bytes() != bytes)
    timeline_fail(&w.t, "%lld allocations and %lld bytes are left", (long long)(pl_mem_live() - live),
                  (long long)(pl_mem_bytes() - bytes));
  memcpy(result->failure, w.t.failure, sizeof w.t.failure);
}
