#include "kafka_member.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/clock.h"

static const char *const names[] = {"activities", "roster", "goals", "teams"};

static void on_assign(void *ctx, const int32_t *partitions, size_t n, int32_t total) {
  member *m = ctx;
  m->assigns++, m->nowned = n, m->total = total;
  for (size_t i = 0; i < n; i++) {
    int32_t p = m->owned[i] = partitions[i];
    m->crew->wrong += m->crew->owner[p] != NULL;
    m->crew->owner[p] = m;
    if (!m->by_hand) m->source->ops->consume(m->source, p, m->crew->mark[p]);
  }
}

static void on_revoke(void *ctx, bool lost) {
  member *m = ctx;
  m->revokes++, m->lost += lost;
  for (size_t i = 0; i < m->nowned; i++) m->crew->owner[m->owned[i]] = NULL;
  m->nowned = 0;
}

static void on_record(void *ctx, const pl_record *record) {
  member *m = ctx;
  int32_t p = record->partition;
  m->crew->wrong += m->held;
  if (m->unknown && record->value.p && pl_str_is(record->value, m->unknown)) {
    m->rests++;
    m->source->ops->rest(m->source, record->topic, p, record->offset);
    return;
  }
  if (record->topic != PL_TOPIC_ACTIVITIES) {
    size_t n = strlen(m->tale);
    m->tables++;
    (void)snprintf(m->tale + n, sizeof m->tale - n, "%s%d %.*s=%.*s;", names[record->topic], (int)p,
                   (int)record->key.n, record->key.p, record->value.p ? (int)record->value.n : 1,
                   record->value.p ? record->value.p : "-");
    return;
  }
  int64_t *mark = &m->crew->mark[p];
  m->crew->wrong += m->crew->owner[p] != m || (*mark >= 0 && record->offset != *mark);
  *mark = record->offset + 1;
  m->records++, m->crew->records++;
  m->premature += m->complete[p].to.ms && record->stamp.ms <= m->complete[p].to.ms;
}

static bool on_slice(void *ctx) {
  ((member *)ctx)->slices++;
  return true;
}

static void on_followed(void *ctx, int32_t partition) {
  member *m = ctx;
  m->followed[partition + 1]++;
  size_t n = strlen(m->tale);
  (void)snprintf(m->tale + n, sizeof m->tale - n, "followed %d;", (int)partition);
}

static void on_complete(void *ctx, int32_t partition, int64_t next, pl_wall complete_to) {
  member *m = ctx;
  m->crew->wrong += m->crew->mark[partition] >= 0 && next < m->crew->mark[partition];
  m->crew->wrong += complete_to.ms <= m->complete[partition].to.ms;
  m->crew->wrong += complete_to.ms > pl_clock_wall().ms;
  m->completes++, m->complete[partition].next = next, m->complete[partition].to = complete_to;
}

static void on_outside(void *ctx, int32_t partition, int64_t asked, int64_t low, int64_t high) {
  member *m = ctx;
  m->outsides++, m->outside[0] = partition, m->outside[1] = asked, m->outside[2] = low, m->outside[3] = high;
}

static void on_recalled(void *ctx, int32_t partition, int64_t committed) {
  member *m = ctx;
  m->recalls++, m->recalled[partition] = committed;
}

static void on_commit(void *ctx, bool accepted) {
  member *m = ctx;
  m->commits++, m->accepted += accepted;
}

static void on_produced(void *ctx, uint64_t token, bool delivered, const char *why) {
  member *m = ctx;
  m->delivered += delivered, m->failed += !delivered, m->token = token;
  if (!delivered) (void)snprintf(m->why, sizeof m->why, "%s", why);
}

static void on_state(void *ctx, bool up, const char *text) {
  member *m = ctx;
  m->states++, m->up = up;
  (void)snprintf(m->state, sizeof m->state, "%s", text);
}

static void on_fatal(void *ctx, const char *text) {
  ((member *)ctx)->fatals++;
  print_error("fatal: %s\n", text);
}

static void on_closed(void *ctx) { ((member *)ctx)->closed = true; }

void member_start(member *m, member_crew *crew, const pl_kafka_config *config) {
  pl_err err;
  bool by_hand = m->by_hand;
  *m = (member){.crew = crew, .by_hand = by_hand};
  m->source = pl_kafka_new(crew->base, config, &err);
  if (!m->source) print_error("%s\n", err.text);
  PL_ASSERT(m->source);
  const pl_source_handler handler = {
      .on_assign = on_assign,
      .on_revoke = on_revoke,
      .on_record = on_record,
      .on_slice = on_slice,
      .on_followed = on_followed,
      .on_complete = on_complete,
      .on_outside = on_outside,
      .on_recalled = on_recalled,
      .on_commit = on_commit,
      .on_produced = on_produced,
      .on_state = on_state,
      .on_fatal = on_fatal,
      .on_closed = on_closed,
      .ctx = m,
  };
  assert_int_equal(m->source->ops->start(m->source, &handler, &err), PL_OK);
}

static bool is_closed(void *ctx) { return ((member *)ctx)->closed; }

void member_close(member *m) {
  m->source->ops->close(m->source);
  assert_false(m->closed);
  AWAIT(m->crew, is_closed, m);
  pl_kafka_free(&m->source);
  assert_null(m->source);
  assert_int_equal(m->fatals, 0);
}

static void on_guard(evutil_socket_t fd, short what, void *ctx) {
  (void)fd, (void)what;
  *(bool *)ctx = true;
}

void member_await(member_crew *crew, bool (*done)(void *ctx), void *ctx, const char *what) {
  static const struct timeval patience = {20, 0};
  bool late = false;
  struct event *guard = evtimer_new(crew->base, on_guard, &late);
  evtimer_add(guard, &patience);
  while (!done(ctx) && !late) event_base_loop(crew->base, EVLOOP_ONCE);
  event_free(guard);
  if (late) fail_msg("waited in vain for: %s", what);
}
