#include "fault.h"

#include "symptom.h"
#include "world.h"

const char *const fault_texts[FAULTS] = {
#define TEXT(name, text) text,
    FAULTS_LIST(TEXT)
#undef TEXT
};

static int64_t draw(world *w, int64_t first, int64_t last) { return timeline_draw(&w->t, first, last); }

static process *some(world *w) {
  size_t first = (size_t)draw(w, 0, PROCESSES_MAX - 1);
  for (size_t i = 0; i < PROCESSES_MAX; i++)
    if (w->processes[(first + i) % PROCESSES_MAX]) return w->processes[(first + i) % PROCESSES_MAX];
  return NULL;
}

/* --- what is over after a while */

static void on_reachable(void *ctx, const int64_t arg[EVENT_ARGS]) {
  process *p = world_process(ctx, (uint32_t)arg[0]);
  if (p) p->source.cut = false;
}

static void broker_returns(void *ctx, const int64_t arg[EVENT_ARGS]) {
  world *w = ctx;
  (void)arg;
  if (!w->broker.up) group_restarted(&w->broker);
  w->broker.up = true;
}

static void server_returns(void *ctx, const int64_t arg[EVENT_ARGS]) {
  (void)arg;
  ((world *)ctx)->server.up = true;
}

static void on_late_claim(void *ctx, const int64_t arg[EVENT_ARGS]) {
  world *w = ctx;
  server_claim_late(&w->server, (int32_t)arg[0]);
}

static void after(world *w, int64_t us, event_fn *fn, int64_t arg) {
  timeline_put(&w->t, w->t.now + us, NULL, fn, w, (const int64_t[EVENT_ARGS]){arg});
}

/* --- one of a kind */

static void stop(process *p, int64_t us) { p->life.stopped_until = p->t->now + us; }

static void crash(world *w, int64_t tail) {
  w->server.up = false;
  for (size_t i = 0; i < PROCESSES_MAX; i++)
    if (w->processes[i]) link_break(&w->processes[i]->link, ARRIVE_NONE, draw(w, 0, 200 * MS));
  server_crash(&w->server, tail);
  after(w, draw(w, 50 * MS, 3 * SECOND), server_returns, 0);
}

static void trim(world *w, int32_t p) {
  log_part *log = &w->broker.logs[PL_TOPIC_ACTIVITIES][p];
  if (log->low < w->broker.group.committed[p]) log->low = w->broker.group.committed[p];
}

/* Of one partition; more than was committed, or the end, only once in a world. */
static void lose_records(world *w, fault f) {
  int32_t p = (int32_t)draw(w, 0, w->broker.partitions - 1);
  log_part *log = &w->broker.logs[PL_TOPIC_ACTIVITIES][p];
  int64_t committed = w->broker.group.committed[p];
  if (committed < 0 || log->cut || (f != FAULT_LOG_TRIM && w->counts[f] > 1)) return;
  if (f == FAULT_LOG_CUT)
    broker_cut(&w->broker, p, (size_t)draw(w, 1, timeline_chance(&w->t, 0.3) ? 1000 : 3));
  else if (f == FAULT_LOG_LOST)
    log->low = (int64_t)log->n;
  else
    trim(w, p);
}

static void happen(world *w, fault f, process *p) {
  static const char *const moods[] = {"LOADING Redis is loading the dataset in memory",
                                      "READONLY You can't write against a read only replica.",
                                      "OOM command not allowed when used memory > 'maxmemory'.",
                                      "MISCONF Redis is configured to save RDB snapshots",
                                      "NOPERM this user has no permissions to run the 'eval' command",
                                      "BUSY Redis is busy running a script",
                                      "NOREPLICAS Not enough good replicas to write."};
  server *s = &w->server;
  switch (f) {
  case FAULT_KILL: world_died(w, p); break;
  case FAULT_KILL_AT_CALL: p->calls_left = draw(w, 0, 40); break;
  case FAULT_STOP: stop(p, draw(w, 50 * MS, 3 * SECOND)); break;
  case FAULT_ZOMBIE: stop(p, w->broker.session + draw(w, 0, 6 * SECOND)); break;
  case FAULT_DRAIN: process_drain(p); break;
  case FAULT_JOIN: w->wanted = (int)draw(w, 1, PROCESSES_MAX); break;
  case FAULT_KAFKA_CUT:
    p->source.cut = true;
    after(w, draw(w, 100 * MS, 9 * SECOND), on_reachable, p->id);
    break;
  case FAULT_KAFKA_AWAY:
    w->broker.up = false;
    after(w, draw(w, 100 * MS, 8 * SECOND), broker_returns, 0);
    break;
  case FAULT_FACT_AGAIN: company_repeat_fact(&w->company); break;
  case FAULT_REGISTRY_AWAY: w->registry_until = w->t.now + draw(w, 100 * MS, 9 * SECOND); break;
  case FAULT_RELOAD: process_reload(p); break;
  case FAULT_LOG_TRIM:
  case FAULT_LOG_LOST:
  case FAULT_LOG_CUT: lose_records(w, f); break;
  case FAULT_REDIS_CUT: link_break(&p->link, ARRIVE_SOME, draw(w, 0, 300 * MS)); break;
  case FAULT_REDIS_DEAF: link_break(&p->link, ARRIVE_ALL, draw(w, 100 * MS, 3 * SECOND)); break;
  case FAULT_REDIS_LATE: link_break(&p->link, ARRIVE_LATE, draw(w, 0, 500 * MS)); break;
  case FAULT_REDIS_RESTART: crash(w, 0); break;
  case FAULT_REDIS_TAIL: crash(w, draw(w, MS, 4 * SECOND)); break;
  case FAULT_REDIS_TAIL_LOG_TRIM:
    crash(w, draw(w, MS, 4 * SECOND));
    for (int32_t i = 0; i < w->broker.partitions; i++) trim(w, i);
    break;
  case FAULT_REDIS_FLUSH: server_flush_all(s); break;
  case FAULT_REDIS_FLUSH_AT_CLAIM: s->flush_at_claim = true; break;
  case FAULT_REDIS_CLAIM: after(w, 0, on_late_claim, draw(w, 0, w->broker.partitions - 1)); break;
  case FAULT_REDIS_SCRIPTS: s->scripted = false; break;
  case FAULT_REDIS_MOOD:
    s->mood = moods[draw(w, 0, PL_COUNT(moods) - 1)];
    s->moody_until = w->t.now + draw(w, 10 * MS, 3 * SECOND);
    break;
  case FAULT_REDIS_HANG: s->stands_until = w->t.now + draw(w, 100 * MS, 5 * SECOND); break;
  case FAULT_REDIS_SLOW: s->slow_until = w->t.now + draw(w, SECOND, 5 * SECOND); break;
  case FAULT_PRODUCE:
  case FAULT_HOOK:
  case FAULT_GONE:
  case FAULTS: break;
  }
}

static void on_fault(void *ctx, const int64_t arg[EVENT_ARGS]);

/* Some time later: half of `every` to one and a half. */
static void again(world *w, fault f, int64_t every) {
  timeline_put(&w->t, w->t.now + draw(w, every / 2, 3 * every / 2), NULL, on_fault, w,
               (const int64_t[EVENT_ARGS]){f, every});
}

static void on_fault(void *ctx, const int64_t arg[EVENT_ARGS]) {
  world *w = ctx;
  fault f = (fault)arg[0];
  process *p = w->quiet ? NULL : some(w);
  if (w->quiet) return;
  again(w, f, arg[1]);
  if (!p) return;
  timeline_trace(&w->t, fault_texts[f], p->id, 0, 0);
  w->counts[f]++;
  happen(w, f, p);
}

static void begin_symptom(world *w, const symptom *s) {
  w->chances.hook = s->hook;
  for (size_t i = 0; i < SYMPTOM_FAULTS && s->faults[i].every; i++)
    again(w, s->faults[i].fault, s->faults[i].every);
}

void fault_begin(world *w, const symptom *s) {
  bool data_goes = timeline_chance(&w->t, 0.3);
  if (s) {
    begin_symptom(w, s);
    return;
  }
  for (fault f = 0; f < FAULTS; f++) {
    bool loses = f == FAULT_REDIS_TAIL || f == FAULT_REDIS_TAIL_LOG_TRIM || f == FAULT_REDIS_FLUSH ||
                 f == FAULT_REDIS_FLUSH_AT_CLAIM,
         trims = f == FAULT_LOG_TRIM || f == FAULT_LOG_LOST || f == FAULT_LOG_CUT;
    double chance = loses ? 0.5 * data_goes : trims ? 0.15 * !data_goes : 0.25;
    if (f != FAULT_PRODUCE && f != FAULT_HOOK && f != FAULT_GONE && timeline_chance(&w->t, chance))
      again(w, f, draw(w, loses ? 6 * SECOND : 2 * SECOND, 20 * SECOND));
  }
  if (timeline_chance(&w->t, 0.3)) w->chances.produce = 0.2;
  if (timeline_chance(&w->t, 0.3)) w->chances.queue_full = 0.2;
  if (timeline_chance(&w->t, 0.3)) w->chances.slow = 0.1;
  if (timeline_chance(&w->t, 0.3)) w->chances.message = 0.3;
  if (timeline_chance(&w->t, 0.3)) w->chances.hook = timeline_chance(&w->t, 0.3) ? 0.8 : 0.3;
  if (timeline_chance(&w->t, 0.1)) w->chances.gone = 0.02;
}

void fault_end(world *w) {
  const int64_t none[EVENT_ARGS] = {0};
  w->quiet = true;
  w->chances = (fault_chances){0};
  w->registry_until = 0;
  w->server.up = true, w->server.flush_at_claim = false,
  w->server.moody_until = w->server.stands_until = w->server.slow_until = 0;
  broker_returns(w, none);
  /* What is on the wire still arrives. */
  for (int32_t p = 0; p < w->broker.partitions && w->counts[FAULT_REDIS_CLAIM]; p++)
    after(w, draw(w, 0, 15 * SECOND), on_late_claim, p);
  for (size_t i = 0; i < PROCESSES_MAX; i++)
    if (w->processes[i]) w->processes[i]->source.cut = false, w->processes[i]->calls_left = INT64_MAX;
}
