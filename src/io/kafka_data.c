/* Flows: what is fetched, from where, up to which offset and which time.
 *
 * Each partition has its own next offset and is added to the data handle and removed from it alone; what
 * starts and stops in one turn is done in two calls at its end. Where the log is entered is always our
 * decision: when the broker refuses an offset (auto.offset.reset=error), the partition is read from its start
 * just long enough to learn the log's bounds, and the engine is told (on_outside). Tables (roster, goals,
 * teams) are read from their start; they are followed once the high watermark seen at their first end is
 * reached, which also waits for transactions that were open then. */
#include <jansson.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "io/kafka_inside.h"

static pl_topic topic_of(const pl_kafka *k, const pl_flows *flows) { return (pl_topic)(flows - k->topics); }

pl_flow *pl_data_flow(pl_kafka *k, pl_topic topic, int32_t partition) {
  pl_flows *flows = &k->topics[topic];
  return partition >= 0 && (size_t)partition < flows->room ? &flows->flows[partition] : NULL;
}

static pl_flow *place(pl_kafka *k, pl_topic topic, int32_t partition) {
  pl_flows *flows = &k->topics[topic];
  PL_ASSERT(partition >= 0 && partition < PL_PARTITIONS_MAX);
  if ((size_t)partition >= flows->room) {
    size_t room = ((size_t)partition + 16) / 16 * 16;
    flows->flows = pl_resize(flows->flows, flows->room * sizeof *flows->flows, room * sizeof *flows->flows);
    for (size_t i = flows->room; i < room; i++) flows->flows[i].broker = -1;
    flows->room = room;
  }
  return &flows->flows[partition];
}

static void start(pl_kafka *k, pl_flow *f, int64_t next) {
  f->next = next, f->until = PL_OFFSET_NONE, f->probing = f->followed = f->resting = false;
  f->complete_to = PL_BEGINNING, f->want = PL_FLOW_START;
  pl_kafka_later(k);
}

void pl_data_open(pl_kafka *k) {
  for (pl_topic t = 0; t < PL_TOPICS; t++) {
    if (!k->topics[t].name) continue;
    rd_kafka_topic_conf_t *conf = rd_kafka_default_topic_conf_dup(k->data);
    rd_kafka_topic_conf_set_opaque(conf, &k->topics[t]);
    k->topics[t].handle = rd_kafka_topic_new(k->data, k->topics[t].name, conf);
    PL_ASSERT(k->topics[t].handle);
  }
}

static void want_followed(pl_kafka *k, int32_t partition) {
  size_t i = (size_t)(partition + 1);
  if (i >= k->wanted_room) {
    size_t room = (i + 16) / 16 * 16;
    k->wanted = pl_resize(k->wanted, k->wanted_room * sizeof *k->wanted, room * sizeof *k->wanted);
    k->wanted_room = room;
  }
  k->wanted[i] = true;
  pl_kafka_later(k);
}

void pl_data_follow(pl_kafka *k, int32_t partition) {
  static const pl_topic keyed[] = {PL_TOPIC_ROSTER, PL_TOPIC_GOALS}, whole[] = {PL_TOPIC_TEAMS};
  const pl_topic *tables = partition < 0 ? whole : keyed;
  for (size_t i = 0; i < (partition < 0 ? PL_COUNT(whole) : PL_COUNT(keyed)); i++)
    if (k->topics[tables[i]].name)
      start(k, place(k, tables[i], partition < 0 ? 0 : partition), PL_OFFSET_EARLIEST);
  want_followed(k, partition);
}

void pl_data_consume(pl_kafka *k, int32_t partition, int64_t offset) {
  pl_flow *f = place(k, PL_TOPIC_ACTIVITIES, partition);
  start(k, f, offset);
  if (offset == PL_OFFSET_NONE) f->want = PL_FLOW_STOP;
}

static void stop(pl_kafka *k, pl_topic topic, int32_t partition) {
  pl_flow *f = pl_data_flow(k, topic, partition);
  if (f) f->want = PL_FLOW_STOP, f->followed = f->resting = false;
  pl_kafka_later(k);
}

/* What was handed over from there on was not taken. */
void pl_data_rest(pl_kafka *k, pl_topic topic, int32_t partition, int64_t offset) {
  pl_flow *f = pl_data_flow(k, topic, partition);
  if (!f || !f->on) return;
  f->next = offset, f->resting = true, f->want = PL_FLOW_STOP;
  if (f->until < 0 || offset < f->until) f->followed = false;
  pl_kafka_later(k);
}

void pl_data_resume(pl_kafka *k, pl_topic topic, int32_t partition) {
  pl_flow *f = pl_data_flow(k, topic, partition);
  if (!f || !f->resting) return;
  f->resting = false, f->want = PL_FLOW_START;
  pl_kafka_later(k);
}

void pl_data_pause(pl_kafka *k) {
  for (size_t p = 0; p < k->topics[PL_TOPIC_ACTIVITIES].room; p++) stop(k, PL_TOPIC_ACTIVITIES, (int32_t)p);
}

void pl_data_keep(pl_kafka *k) {
  static const pl_topic keyed[] = {PL_TOPIC_ACTIVITIES, PL_TOPIC_ROSTER, PL_TOPIC_GOALS};
  for (size_t i = 0; i < PL_COUNT(keyed); i++)
    for (size_t p = 0; p < k->topics[keyed[i]].room; p++)
      if (k->closing || !pl_group_owns(k, (int32_t)p)) stop(k, keyed[i], (int32_t)p);
  for (size_t i = 1; i < k->wanted_room; i++) k->wanted[i] &= !k->closing && pl_group_owns(k, (int32_t)i - 1);
}

static int64_t entry(const pl_flow *f) {
  if (f->probing || f->next == PL_OFFSET_EARLIEST) return RD_KAFKA_OFFSET_BEGINNING;
  return f->next == PL_OFFSET_LATEST ? RD_KAFKA_OFFSET_END : f->next;
}

static void carry_out(pl_kafka *k, rd_kafka_error_t *error) {
  if (!error) return;
  pl_kafka_on_fatal(k, rd_kafka_error_string(error));
  rd_kafka_error_destroy(error);
}

/* Records of a stopped run that are still queued are outdated from the moment unassign returns. */
static void assign(pl_kafka *k) {
  rd_kafka_topic_partition_list_t *stop = rd_kafka_topic_partition_list_new(16);
  rd_kafka_topic_partition_list_t *go = rd_kafka_topic_partition_list_new(16);
  for (pl_topic t = 0; t < PL_TOPICS; t++)
    for (size_t p = 0; p < k->topics[t].room; p++) {
      pl_flow *f = &k->topics[t].flows[p];
      if (f->want == PL_FLOW_STAY) continue;
      if (f->on) rd_kafka_topic_partition_list_add(stop, k->topics[t].name, (int32_t)p);
      if ((f->on = f->want == PL_FLOW_START))
        rd_kafka_topic_partition_list_add(go, k->topics[t].name, (int32_t)p)->offset = entry(f);
      f->want = PL_FLOW_STAY, f->fetched = false;
    }
  if (stop->cnt > 0) carry_out(k, rd_kafka_incremental_unassign(k->data, stop));
  if (go->cnt > 0) carry_out(k, rd_kafka_incremental_assign(k->data, go));
  rd_kafka_topic_partition_list_destroy(stop);
  rd_kafka_topic_partition_list_destroy(go);
}

static bool is_read(pl_kafka *k, pl_topic topic, int32_t partition) {
  const pl_flow *f = pl_data_flow(k, topic, partition);
  return !k->topics[topic].name || (f && f->followed);
}

void pl_data_settle(pl_kafka *k) {
  assign(k);
  for (size_t i = 0; i < k->wanted_room; i++) {
    int32_t p = (int32_t)i - 1;
    bool done = p < 0 ? is_read(k, PL_TOPIC_TEAMS, 0)
                      : is_read(k, PL_TOPIC_ROSTER, p) && is_read(k, PL_TOPIC_GOALS, p);
    if (!k->wanted[i] || !done) continue;
    k->wanted[i] = false;
    k->to.on_followed(k->to.ctx, p);
  }
}

bool pl_data_ready(pl_kafka *k) {
  if (k->topics[PL_TOPIC_TEAMS].name && (!is_read(k, PL_TOPIC_TEAMS, 0) || k->wanted[0])) return false;
  int32_t total = k->topics[PL_TOPIC_ACTIVITIES].total;
  for (pl_topic t = 0; t < PL_TOPIC_TEAMS; t++)
    if (k->topics[t].name && k->topics[t].total != total) return false;
  return total > 0;
}

/* A record of the log's start, or its end: enough to know the bounds. */
static void on_probed(pl_kafka *k, pl_flow *f, int32_t partition, int64_t first) {
  int64_t low = -1, high = -1, asked = f->asked;
  (void)rd_kafka_get_watermark_offsets(k->data, k->topics[PL_TOPIC_ACTIVITIES].name, partition, &low, &high);
  if (low < 0) low = first;
  if (high < low) high = low;
  f->probing = false;
  pl_kafka_later(k);
  if (asked >= low && asked <= high) {
    f->next = asked, f->want = PL_FLOW_START; /* it was only passing, such as a leader that lagged */
    return;
  }
  f->want = PL_FLOW_STOP;
  k->to.on_outside(k->to.ctx, partition, asked, low, high);
}

static void on_refused(pl_kafka *k, pl_flows *flows, pl_flow *f, int32_t partition) {
  pl_log(PL_LOG_INFO, "kafka.offset", "%s [%d]: offset %lld is outside of the log", flows->name,
         (int)partition, (long long)f->next);
  if (flows == &k->topics[PL_TOPIC_ACTIVITIES] && f->next >= 0)
    f->probing = true, f->asked = f->next;
  else if (flows != &k->topics[PL_TOPIC_ACTIVITIES])
    f->next = PL_OFFSET_EARLIEST; /* a table is read again: each of its records stands for itself */
  f->want = PL_FLOW_START;
  pl_kafka_later(k);
}

static void reach(pl_kafka *k, pl_flow *f) {
  if (f->followed || f->until < 0 || f->next < f->until) return;
  f->followed = true;
  pl_kafka_later(k);
}

static void on_record(pl_kafka *k, const rd_kafka_message_t *m) {
  pl_flows *flows = rd_kafka_topic_opaque(m->rkt);
  pl_flow *f = pl_data_flow(k, topic_of(k, flows), m->partition);
  if (!f || !f->on || f->want != PL_FLOW_STAY) return;
  f->fetched = true;
  if (f->probing) {
    on_probed(k, f, m->partition, m->offset);
    return;
  }
  if (m->offset < f->next) return;
  f->next = m->offset + 1;
  reach(k, f);
  rd_kafka_timestamp_type_t type;
  pl_record record = {.topic = topic_of(k, flows),
                      .partition = m->partition,
                      .offset = m->offset,
                      .stamp = {rd_kafka_message_timestamp(m, &type)},
                      .key = {m->key, m->key_len},
                      .value = {m->payload, m->len},
                      .origin = m};
  k->to.on_record(k->to.ctx, &record);
}

static void on_end(pl_kafka *k, pl_flows *flows, pl_flow *f, int32_t partition, int64_t offset) {
  f->fetched = true;
  if (f->probing) {
    on_probed(k, f, partition, offset);
    return;
  }
  if (f->next < offset)
    f->next = offset; /* aborted and control records count, and LATEST has its number now */
  if (f->until < 0) {
    int64_t low = -1, high = -1;
    (void)rd_kafka_get_watermark_offsets(k->data, flows->name, partition, &low, &high);
    f->until = high > offset ? high : offset;
  }
  reach(k, f);
}

/* The broker has the record but we cannot read it: going on would skip it. */
static bool is_unreadable(rd_kafka_resp_err_t err) {
  return err == RD_KAFKA_RESP_ERR__BAD_MSG || err == RD_KAFKA_RESP_ERR__BAD_COMPRESSION ||
         err == RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED || err == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE;
}

/* An end, or an error: `m` names its partition, where it has one. */
static void on_error(pl_kafka *k, const rd_kafka_message_t *m) {
  pl_flows *flows = m->rkt ? rd_kafka_topic_opaque(m->rkt) : NULL;
  pl_flow *f = flows ? pl_data_flow(k, topic_of(k, flows), m->partition) : NULL;
  bool live = f && f->on && f->want == PL_FLOW_STAY;
  if (m->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
    if (live) on_end(k, flows, f, m->partition, m->offset);
    return;
  }
  if (m->err == RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET) {
    if (live && !f->probing) on_refused(k, flows, f, m->partition);
    return;
  }
  pl_kafka_on_error(k, "kafka.data", k->data, m->err, rd_kafka_message_errstr(m));
  if (!live || !is_unreadable(m->err)) return;
  char text[512];
  (void)snprintf(
      text, sizeof text,
      "%s [%d]: the record at offset %lld or soon after cannot be read: %s; paceline does not step "
      "over it: see whether a consumer of another kind can, or move the mark past it",
      flows->name, (int)m->partition, (long long)f->next, rd_kafka_message_errstr(m));
  f->want = PL_FLOW_STOP;
  pl_kafka_later(k);
  pl_kafka_on_fatal(k, text);
}

bool pl_data_on_batch(void *ctx, rd_kafka_message_t *const *messages, size_t n) {
  pl_kafka *k = ctx;
  for (size_t i = 0; i < n; i++)
    if (messages[i]->err)
      on_error(k, messages[i]);
    else
      on_record(k, messages[i]);
  return k->to.on_slice(k->to.ctx);
}

/* Statistics are the way to partition counts and leaders that never blocks. */
static void on_stats(pl_kafka *k, const char *text) {
  json_error_t bad;
  json_t *root = json_loads(text, 0, &bad);
  bool absent = false;
  for (pl_topic t = 0; t < PL_TOPICS; t++) {
    pl_flows *flows = &k->topics[t];
    if (!flows->name) continue;
    const char *id;
    json_t *one;
    int32_t total = 0;
    json_t *topic = json_object_get(json_object_get(root, "topics"), flows->name);
    json_object_foreach(json_object_get(topic, "partitions"), id, one) {
      int64_t p;
      if (!pl_str_int(pl_str_of(id), &p) || p < 0 || json_is_true(json_object_get(one, "unknown"))) continue;
      total++;
      pl_flow *f = p < PL_PARTITIONS_MAX ? pl_data_flow(k, t, (int32_t)p) : NULL;
      if (f) f->broker = (int32_t)json_integer_value(json_object_get(one, "broker"));
    }
    flows->total = total;
    absent |= total == 0;
  }
  k->absent = absent && pl_fresh_heard(k->fresh).us ? k->absent + 1 : 0;
  json_decref(root);
  pl_group_count(k);
}

void pl_data_on_main_event(void *ctx, rd_kafka_event_t *event) {
  pl_kafka *k = ctx;
  switch (rd_kafka_event_type(event)) {
  case RD_KAFKA_EVENT_STATS: on_stats(k, rd_kafka_event_stats(event)); break;
  case RD_KAFKA_EVENT_ERROR: pl_kafka_on_error_event(k, "kafka.data", k->data, event); break;
  case RD_KAFKA_EVENT_LOG: pl_kafka_on_log("kafka.data", event); break;
  default: break;
  }
}

void pl_data_complete(pl_kafka *k) {
  const char *name = k->topics[PL_TOPIC_ACTIVITIES].name;
  for (int32_t p = 0; (size_t)p < k->topics[PL_TOPIC_ACTIVITIES].room; p++) {
    pl_flow *f = &k->topics[PL_TOPIC_ACTIVITIES].flows[p];
    if (!f->on || f->want != PL_FLOW_STAY || f->probing || !f->fetched) continue;
    pl_wall sent = pl_fresh_sent(k->fresh, f->broker); /* before the watermark, never after */
    int64_t low, high = -1;
    (void)rd_kafka_get_watermark_offsets(k->data, name, p, &low, &high);
    if (high != f->next || !pl_before(f->complete_to, sent)) continue;
    f->complete_to = sent;
    k->to.on_complete(k->to.ctx, p, f->next, sent);
  }
}
