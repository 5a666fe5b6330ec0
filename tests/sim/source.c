#include "source.h"

#include <stdio.h>
#include <string.h>

#include "base/map.h"
#include "process.h"
#include "world.h"

static const int64_t POLL = 60 * MS, HEARTBEAT = 500 * MS;

static bool reaches(const source *s) { return s->broker->up && !s->cut; }
static int64_t latency(source *s) {
  return timeline_draw(s->broker->t, 200, timeline_chance(s->broker->t, 0.05) ? 300 * MS : 5 * MS);
}

/* --- flows */

/* Activities stop at once; facts of what is not given back, with the next assignment. */
static void stop_flows(source *s) {
  for (size_t p = 0; p < PARTITIONS_MAX; p++) {
    s->flows[PL_TOPIC_ACTIVITIES][p] = (flow){0};
    s->recalls[p] = false;
  }
}

static void keep_flows(source *s) {
  for (size_t p = 0; p < PARTITIONS_MAX; p++) {
    if (s->owned[p]) continue;
    s->flows[PL_TOPIC_ROSTER][p] = s->flows[PL_TOPIC_GOALS][p] = (flow){0};
    s->wanted[p + 1] = false;
  }
}

static void follow(pl_source *of, int32_t p) {
  source *s = (source *)of;
  if (p >= 0 && (!s->owned[p] || s->closing)) return;
  if (p < 0)
    s->flows[PL_TOPIC_TEAMS][0] = (flow){.on = true, .until = -1};
  else
    s->flows[PL_TOPIC_ROSTER][p] = s->flows[PL_TOPIC_GOALS][p] = (flow){.on = true, .until = -1};
  s->wanted[p + 1] = true;
}

static void consume(pl_source *of, int32_t p, int64_t offset) {
  source *s = (source *)of;
  if (!s->owned[p] || s->closing) return;
  timeline_trace(s->broker->t, "source.consume", s->process->id, p, offset);
  s->flows[PL_TOPIC_ACTIVITIES][p] = (flow){.on = offset != PL_OFFSET_NONE, .next = offset};
}

static void rest(pl_source *of, pl_topic topic, int32_t p, int64_t offset) {
  flow *f = &((source *)of)->flows[topic][p];
  f->resting = f->on, f->on = false;
  f->next = offset;
}

static void resume(pl_source *of, pl_topic topic, int32_t p) {
  flow *f = &((source *)of)->flows[topic][p];
  f->on |= f->resting, f->resting = false;
}

/* False: the offset lies outside of the log. */
static bool enter(source *s, int32_t p) {
  flow *f = &s->flows[PL_TOPIC_ACTIVITIES][p];
  int64_t low = s->broker->logs[PL_TOPIC_ACTIVITIES][p].low,
          high = broker_end(s->broker, PL_TOPIC_ACTIVITIES, p);
  if (f->next == PL_OFFSET_EARLIEST) f->next = low;
  if (f->next == PL_OFFSET_LATEST) f->next = high;
  if (f->next >= low && f->next <= high) return true;
  f->on = false;
  timeline_trace(s->broker->t, "source.outside", p, f->next, low);
  s->to.on_outside(s->to.ctx, p, f->next, low, high);
  return false;
}

static size_t hand_over(source *s, pl_topic topic, int32_t p, size_t room) {
  flow *f = &s->flows[topic][p];
  const log_part *log = &s->broker->logs[topic][p];
  if (!f->on || (topic == PL_TOPIC_ACTIVITIES && !enter(s, p))) return 0;
  if (topic != PL_TOPIC_ACTIVITIES && f->until < 0) f->until = (int64_t)log->n;
  size_t n = 0;
  while (n < room && f->on && f->next < (int64_t)log->n) {
    const log_entry *e = &log->entries[f->next++];
    if (e->gap) continue;
    n++;
    pl_record record = {topic, p, f->next - 1, e->stamp, {e->key, e->nkey}, {e->value, e->nvalue}, e};
    s->to.on_record(s->to.ctx, &record);
  }
  if (topic != PL_TOPIC_ACTIVITIES && f->next >= f->until) f->followed = true;
  return n;
}

static void tell_followed(source *s) {
  for (int32_t p = -1; p < s->broker->partitions; p++) {
    bool done = p < 0 ? s->flows[PL_TOPIC_TEAMS][0].followed
                      : s->flows[PL_TOPIC_ROSTER][p].followed && s->flows[PL_TOPIC_GOALS][p].followed;
    if (!s->wanted[p + 1] || !done) continue;
    s->wanted[p + 1] = false;
    s->to.on_followed(s->to.ctx, p);
  }
}

static void claim_complete(source *s) {
  pl_wall sent = {timeline_wall(s->broker->t).ms - 1};
  for (int32_t p = 0; p < s->broker->partitions; p++) {
    const flow *f = &s->flows[PL_TOPIC_ACTIVITIES][p];
    if (f->on && f->next == broker_end(s->broker, PL_TOPIC_ACTIVITIES, p))
      s->to.on_complete(s->to.ctx, p, f->next, sent);
  }
}

/* A slice: some of everything that flows. */
static bool slice(source *s) {
  size_t n = 0, first = (size_t)timeline_draw(s->broker->t, 0, PL_TOPICS * PARTITIONS_MAX - 1);
  for (size_t i = 0; i < PL_TOPICS * PARTITIONS_MAX; i++) {
    size_t at = (first + i) % (PL_TOPICS * PARTITIONS_MAX);
    n += hand_over(s, (pl_topic)(at / PARTITIONS_MAX), (int32_t)(at % PARTITIONS_MAX), PL_SLICE_MAX - n);
  }
  return s->to.on_slice(s->to.ctx);
}

static void tell_state(source *s) {
  bool up = reaches(s);
  if (s->up == up) return;
  s->up = up;
  s->to.on_state(s->to.ctx, up, up ? "connected" : "no broker answers");
}

static void on_recall_answer(void *ctx, const int64_t arg[EVENT_ARGS]) {
  source *s = ctx;
  int32_t p = (int32_t)arg[0];
  if (!s->recalls[p] || arg[1] != s->assigned) return;
  s->recalls[p] = false;
  s->to.on_recalled(s->to.ctx, p, arg[2]);
  process_settle(s->process);
}

static void recall(pl_source *of, int32_t p) {
  source *s = (source *)of;
  s->recalls[p] = s->owned[p] && !s->closing;
}

static void ask_committed(source *s) {
  for (int32_t p = 0; p < s->broker->partitions; p++)
    if (s->recalls[p])
      process_put(s->process, latency(s), on_recall_answer, s,
                  (const int64_t[EVENT_ARGS]){p, s->assigned, s->broker->group.committed[p]});
}

static void join(source *s) {
  s->member = group_join(s->broker, s->process->id, s->member);
  s->heard = s->broker->t->now;
}

static void on_poll(void *ctx, const int64_t arg[EVENT_ARGS]) {
  source *s = ctx;
  (void)arg;
  int64_t again = timeline_draw(s->broker->t, POLL, 2 * POLL);
  process_hurry(s->process);
  tell_state(s);
  if (s->kept) {
    s->kept = !s->to.on_slice(s->to.ctx);
  } else if (reaches(s) && !s->closing) {
    if (!s->held) s->kept = !slice(s);
    if (!s->kept) tell_followed(s), claim_complete(s);
    ask_committed(s);
    if (!s->joined && !s->wanted[0]) s->joined = true, join(s);
  }
  if (s->kept) again = MS;
  process_put(s->process, again, on_poll, s, NULL);
  process_settle(s->process);
}

/* --- membership */

static void revoke(source *s, bool lost) {
  bool was = s->told;
  timeline_trace(s->broker->t, "source.revoke", s->process->id, s->member, lost);
  s->assigned++; /* a commit in flight proves nothing any more */
  s->told = false;
  memset(s->owned, 0, sizeof s->owned);
  stop_flows(s);
  if (was) s->to.on_revoke(s->to.ctx, lost);
}

/* What the coordinator says, and what its silence means. */
static void ask_coordinator(source *s) {
  if (!reaches(s)) {
    s->rejoins |= s->broker->t->now - s->heard >= s->broker->session;
    if (s->rejoins && s->told) revoke(s, true);
    return;
  }
  group_word word = group_heartbeat(s->broker, s->member);
  s->heard = s->broker->t->now;
  if (word == GROUP_UNKNOWN) s->member = 0;
  if (word == GROUP_GOOD && !s->rejoins) return;
  if (s->told) revoke(s, word == GROUP_UNKNOWN);
  s->rejoins = false;
  join(s);
}

static void on_heartbeat(void *ctx, const int64_t arg[EVENT_ARGS]) {
  source *s = ctx;
  (void)arg;
  if (s->joined && !s->closing) ask_coordinator(s);
  process_put(s->process, HEARTBEAT, on_heartbeat, s, NULL);
  process_settle(s->process);
}

static void on_assigned(void *ctx, const int64_t arg[EVENT_ARGS]) {
  source *s = ctx;
  int32_t mine[PARTITIONS_MAX];
  size_t n = 0;
  if ((uint32_t)arg[0] != s->member || !s->joined || s->closing) return;
  if (s->told) revoke(s, false);
  s->generation = arg[1], s->assigned++, s->told = true;
  for (int32_t p = (int32_t)arg[2]; p < arg[3]; p++) s->owned[p] = true, mine[n++] = p;
  keep_flows(s);
  timeline_trace(s->broker->t, "source.assigned", s->process->id, arg[2], arg[3]);
  s->to.on_assign(s->to.ctx, mine, n, s->broker->partitions);
  process_settle(s->process);
}

void source_assigned(source *s, uint32_t member, int64_t generation, int32_t from, int32_t to) {
  process_put(s->process, latency(s), on_assigned, s,
              (const int64_t[EVENT_ARGS]){member, generation, from, to});
}

/* --- commits: the answer counts only for the assignment under which it was asked for */

static void on_commit_answer(void *ctx, const int64_t arg[EVENT_ARGS]) {
  source *s = ctx;
  s->commits = 0;
  s->to.on_commit(s->to.ctx, arg[1] && s->told && arg[0] == s->assigned);
  process_settle(s->process);
}

static void on_commit_arrival(void *ctx, const int64_t arg[EVENT_ARGS]) {
  world *w = ctx;
  process *p = world_process(w, (uint32_t)arg[0]);
  if (!p || p->source.commits != arg[1]) return;
  source *s = &p->source;
  bool good = reaches(s);
  for (int32_t i = 0; i < s->broker->partitions && good; i++)
    if (s->offsets[i] >= 0) good = group_commit(s->broker, s->member, s->generation, i, s->offsets[i]);
  timeline_trace(&w->t, "source.commit", p->id, good, s->assigned);
  process_put(p, latency(s), on_commit_answer, &p->source, (const int64_t[EVENT_ARGS]){arg[2], good});
}

static bool commit(pl_source *of, const int32_t *partitions, const int64_t *offsets, size_t n) {
  source *s = (source *)of;
  bool any = false;
  if (s->commits || !s->told) return false;
  for (int32_t p = 0; p < PARTITIONS_MAX; p++) s->offsets[p] = -1;
  for (size_t i = 0; i < n; i++)
    if (s->owned[partitions[i]] && offsets[i] >= 0) s->offsets[partitions[i]] = offsets[i], any = true;
  if (!any) return false;
  s->commits = ++s->process->w->commits;
  if (process_speaks(s->process))
    timeline_put(s->broker->t, s->broker->t->now + latency(s), NULL, on_commit_arrival, s->process->w,
                 (const int64_t[EVENT_ARGS]){s->process->id, s->commits, s->assigned});
  return true;
}

/* --- the producer: a message may arrive and be said to have failed */

static void on_produce_answer(void *ctx, const int64_t arg[EVENT_ARGS]) {
  source *s = ctx;
  s->to.on_produced(s->to.ctx, (uint64_t)arg[0], arg[1], arg[1] ? "" : "timed out");
  process_settle(s->process);
}

static void on_produce_arrival(void *ctx, const int64_t arg[EVENT_ARGS]) {
  world *w = ctx;
  process *p = world_process(w, (uint32_t)arg[0]);
  bool arrives = w->broker.up && !(p && p->source.cut), answers = arrives;
  if (arrives && timeline_chance(&w->t, w->chances.produce)) {
    w->counts[FAULT_PRODUCE]++;
    arrives = timeline_chance(&w->t, 0.5), answers = false;
  }
  if (arrives) broker_produced(&w->broker, (uint64_t)arg[2]);
  if (p)
    process_put(p, answers ? latency(&p->source) : timeline_draw(&w->t, SECOND, 3 * SECOND),
                on_produce_answer, &p->source, (const int64_t[EVENT_ARGS]){arg[1], answers});
}

static pl_status produce(pl_source *of, const char *topic, int32_t partition, pl_str key, pl_str value,
                         const pl_header *headers, size_t nheaders, uint64_t token) {
  source *s = (source *)of;
  (void)topic, (void)partition, (void)key, (void)value;
  if (timeline_chance(s->broker->t, s->process->w->chances.queue_full)) return PL_AGAIN;
  char name[200];
  size_t n = 0;
  for (size_t i = 0; i < nheaders; i++)
    if (pl_str_is(headers[i].name, "ce_id") || pl_str_is(headers[i].name, "paceline.topic") ||
        pl_str_is(headers[i].name, "paceline.partition") || pl_str_is(headers[i].name, "paceline.offset"))
      n += (size_t)snprintf(name + n, sizeof name - n, "/%.*s", (int)headers[i].value.n, headers[i].value.p);
  if (process_speaks(s->process))
    timeline_put(
        s->broker->t, s->broker->t->now + latency(s), NULL, on_produce_arrival, s->process->w,
        (const int64_t[EVENT_ARGS]){s->process->id, (int64_t)token, (int64_t)pl_hash((pl_str){name, n}, 1)});
  return PL_OK;
}

/* --- life */

static pl_status start(pl_source *of, const pl_source_handler *handler, pl_err *err) {
  source *s = (source *)of;
  (void)err;
  s->to = *handler;
  follow(of, -1);
  process_put(s->process, latency(s), on_poll, s, NULL);
  process_put(s->process, HEARTBEAT, on_heartbeat, s, NULL);
  return PL_OK;
}

static int64_t low(pl_source *of, int32_t p) {
  return ((source *)of)->broker->logs[PL_TOPIC_ACTIVITIES][p].low;
}

static void hold(pl_source *of, bool held) { ((source *)of)->held = held; }

static int32_t home(pl_source *of, pl_str key, int32_t total) {
  (void)of;
  return broker_home(key, total);
}

static void on_closed(void *ctx, const int64_t arg[EVENT_ARGS]) {
  source *s = ctx;
  (void)arg;
  if (reaches(s)) group_leave(s->broker, s->member);
  revoke(s, false);
  s->to.on_closed(s->to.ctx);
  process_settle(s->process);
}

static void close_source(pl_source *of) {
  source *s = (source *)of;
  if (s->closing) return;
  s->closing = true;
  stop_flows(s);
  process_put(s->process, latency(s), on_closed, s, NULL);
}

static pl_str header(pl_source *of, const pl_record *record, const char *name) {
  (void)of, (void)record, (void)name;
  return (pl_str){NULL, 0};
}

static const pl_source_ops ops = {start, follow, consume, recall,  rest, resume,      header,
                                  low,   hold,   commit,  produce, home, close_source};

void source_init(source *s, process *p, broker *b) {
  *s = (source){.source.ops = &ops, .process = p, .broker = b};
}
