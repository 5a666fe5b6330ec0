#include "broker.h"

#include <string.h>

#include "base/mem.h"

void broker_init(broker *b, timeline *t, int32_t partitions, int64_t session) {
  *b = (broker){.t = t, .partitions = partitions, .session = session, .up = true};
  for (size_t p = 0; p < PARTITIONS_MAX; p++) b->group.committed[p] = PL_OFFSET_NONE;
}

void broker_fini(broker *b) {
  for (size_t topic = 0; topic < PL_TOPICS; topic++)
    for (size_t p = 0; p < PARTITIONS_MAX; p++) {
      log_part *log = &b->logs[topic][p];
      for (size_t i = 0; i < log->n + log->cut; i++) {
        pl_release(log->entries[i].key, log->entries[i].nkey + 1);
        pl_release(log->entries[i].value, log->entries[i].nvalue + 1);
      }
      pl_release(log->entries, log->room * sizeof *log->entries);
    }
  pl_release(b->produced.names, b->produced.room * sizeof *b->produced.names);
}

/* --- logs */

static char *copy(pl_str s) {
  char *p = pl_alloc(s.n + 1);
  if (s.n) memcpy(p, s.p, s.n);
  return p;
}

static log_entry *append(broker *b, pl_topic topic, int32_t partition) {
  log_part *log = &b->logs[topic][partition];
  if (log->n == log->room) {
    size_t room = log->room ? 2 * log->room : 16;
    log->entries = pl_resize(log->entries, log->room * sizeof *log->entries, room * sizeof *log->entries);
    log->room = room;
  }
  return &log->entries[log->n++];
}

void broker_put(broker *b, pl_topic topic, int32_t partition, pl_str key, pl_str value, pl_wall stamp) {
  *append(b, topic, partition) =
      (log_entry){.key = copy(key), .value = copy(value), .nkey = key.n, .nvalue = value.n, .stamp = stamp};
}

void broker_put_gap(broker *b, int32_t partition) {
  *append(b, PL_TOPIC_ACTIVITIES, partition) =
      (log_entry){.key = copy(PL_STR("")), .value = copy(PL_STR("")), .gap = true};
}

/* Whoever has been given such a record still has it. */
void broker_cut(broker *b, int32_t partition, size_t records) {
  log_part *log = &b->logs[PL_TOPIC_ACTIVITIES][partition];
  if (records > log->n) records = log->n;
  log->n -= records, log->cut += records;
  if (log->low > (int64_t)log->n) log->low = (int64_t)log->n;
}

int64_t broker_end(const broker *b, pl_topic topic, int32_t partition) {
  return (int64_t)b->logs[topic][partition].n;
}

int32_t broker_home(pl_str key, int32_t total) {
  uint32_t sum = 0;
  for (size_t i = 0; i < key.n; i++) sum += (unsigned char)key.p[i];
  return (int32_t)(sum % (uint32_t)total);
}

void broker_produced(broker *b, uint64_t name) {
  if (b->produced.n == b->produced.room) {
    size_t room = b->produced.room ? 2 * b->produced.room : 64;
    b->produced.names = pl_resize(b->produced.names, b->produced.room * sizeof *b->produced.names,
                                  room * sizeof *b->produced.names);
    b->produced.room = room;
  }
  b->produced.names[b->produced.n++] = name;
}

bool broker_has(const broker *b, uint64_t name) {
  for (size_t i = 0; i < b->produced.n; i++)
    if (b->produced.names[i] == name) return true;
  return false;
}

/* --- group */

static broker_member *find(broker *b, uint32_t id) {
  for (size_t i = 0; i < b->group.n; i++)
    if (id && b->group.members[i].id == id) return &b->group.members[i];
  return NULL;
}

static void rebalance(broker *b) {
  if (!b->group.joining)
    for (size_t i = 0; i < b->group.n; i++) b->group.members[i].joined = false;
  b->group.joining = true;
  timeline_trace(b->t, "group.rebalance", (int64_t)b->group.n, b->group.generation, 0);
}

static void throw_out(broker *b, size_t i) {
  timeline_trace(b->t, "group.gone", b->group.members[i].process, b->group.members[i].id, 0);
  memmove(&b->group.members[i], &b->group.members[i + 1], (b->group.n - i - 1) * sizeof *b->group.members);
  b->group.n--;
  rebalance(b);
}

uint32_t group_join(broker *b, uint32_t whose, uint32_t member) {
  broker_member *m = find(b, member);
  if (!m) {
    PL_ASSERT(b->group.n < MEMBERS_MAX);
    m = &b->group.members[b->group.n++];
    *m = (broker_member){.id = ++b->group.ids, .process = whose};
  }
  if (!b->group.joining) rebalance(b);
  m->heard = b->t->now, m->joined = true;
  return m->id;
}

group_word group_heartbeat(broker *b, uint32_t member) {
  broker_member *m = find(b, member);
  if (!m) return GROUP_UNKNOWN;
  m->heard = b->t->now;
  return b->group.joining ? GROUP_REBALANCES : GROUP_GOOD;
}

void group_leave(broker *b, uint32_t member) {
  broker_member *m = find(b, member);
  if (m) throw_out(b, (size_t)(m - b->group.members));
}

bool group_commit(broker *b, uint32_t member, int64_t generation, int32_t partition, int64_t offset) {
  const broker_member *m = find(b, member);
  if (!m || generation != b->group.generation) return false;
  b->group.committed[partition] = offset; /* whoever owns it */
  return true;
}

static void begin_generation(broker *b) {
  size_t n = b->group.n;
  int32_t each = b->partitions / (int32_t)n, more = b->partitions % (int32_t)n, from = 0;
  b->group.joining = false;
  b->group.generation++;
  timeline_trace(b->t, "group.generation", b->group.generation, (int64_t)n, 0);
  for (int32_t i = 0; i < (int32_t)n; i++) {
    int32_t to = from + each + (i < more);
    const broker_member *m = &b->group.members[i];
    b->group.assign(b->group.ctx, m->process, m->id, b->group.generation, from, to);
    from = to;
  }
}

void group_tick(broker *b) {
  if (!b->up) return;
  for (size_t i = 0; i < b->group.n;)
    if (b->t->now - b->group.members[i].heard >= b->session)
      throw_out(b, i);
    else
      i++;
  bool all = b->group.joining && b->group.n > 0;
  for (size_t i = 0; i < b->group.n; i++) all &= b->group.members[i].joined;
  if (all) begin_generation(b);
}

void group_restarted(broker *b) {
  for (size_t i = 0; i < b->group.n; i++) b->group.members[i].heard = b->t->now;
}
