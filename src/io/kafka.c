#include "io/kafka.h"

#include <event2/event.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "io/kafka_conf.h"
#include "io/kafka_inside.h"
#include "io/turn.h"

enum {
  TICK_MS = 100,                /* claims of completeness; polls an idle group queue too */
  SILENT_US = 10 * 1000 * 1000, /* no answer for so long: down */
  FIRST_US = 3 * 1000 * 1000,   /* the same before the first answer */
  REFUSED_US = 30 * 1000 * 1000,
  CLOSE_US = 3 * 1000 * 1000, /* a hung broker holds LeaveGroup for 5 s, a commit for a minute */
  ABSENT = 4,                 /* statistics in a row */
};

static const struct timeval at_once;
static const char *const options[PL_TOPICS] = {"activities", "roster", "goals", "teams"};

/* --- words of the other files */

void pl_kafka_later(pl_kafka *k) {
  if (!evtimer_pending(k->later, NULL)) evtimer_add(k->later, &at_once);
}

void pl_kafka_on_log(const char *what, rd_kafka_event_t *event) {
  const char *facility, *text;
  int level; /* syslog's */
  if (rd_kafka_event_log(event, &facility, &text, &level) != 0) return;
  /* A property meant for one kind of handle is set on all; a failed connection comes as an error event too.
   */
  bool known = strcmp(facility, "CONFWARN") == 0 || strcmp(facility, "FAIL") == 0;
  pl_log(level >= 7 || known ? PL_LOG_DEBUG
         : level >= 5        ? PL_LOG_INFO
         : level == 4        ? PL_LOG_WARN
                             : PL_LOG_ERROR,
         what, "%s %s", facility, text);
}

void pl_kafka_on_fatal(pl_kafka *k, const char *text) {
  if (k->fatal) return;
  k->fatal = true;
  pl_log(PL_LOG_ERROR, "kafka.fatal", "%s", text);
  k->to.on_fatal(k->to.ctx, text);
}

/* Does nobody answer, for longer than a connection takes? */
static bool is_cut(const pl_kafka *k) {
  int64_t now = pl_clock_mono().us, heard = pl_fresh_heard(k->fresh).us;
  return k->down_at.us > heard || now - (heard ? heard : k->began.us) > (heard ? SILENT_US : FIRST_US);
}

void pl_kafka_on_error(pl_kafka *k, const char *what, rd_kafka_t *rk, rd_kafka_resp_err_t err,
                       const char *why) {
  char text[512];
  bool cut = pl_trouble_is(err), down = err == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN;
  bool fresh = cut && pl_trouble_note(&k->trouble, err, why);
  /* While nobody answers, the state says why, once; librdkafka tries on for ever. */
  bool alone = is_cut(k) || !pl_fresh_heard(k->fresh).us;
  pl_log(down || (cut && (!fresh || alone)) ? PL_LOG_DEBUG : PL_LOG_WARN, what, "%s: %s",
         rd_kafka_err2name(err), why);
  if (rd_kafka_fatal_error(rk, text, sizeof text)) { /* its event may carry the cause as its code */
    pl_kafka_on_fatal(k, text);
    return;
  }
  if (down && rk != k->out) k->down_at = pl_clock_mono();
  if (down || cut || err == RD_KAFKA_RESP_ERR__MAX_POLL_EXCEEDED) return; /* a REVOKE follows the last one */
  k->refused_at = pl_clock_mono();
  (void)snprintf(k->refused_why, sizeof k->refused_why, "%s", why);
}

void pl_kafka_on_error_event(pl_kafka *k, const char *what, rd_kafka_t *rk, rd_kafka_event_t *event) {
  pl_kafka_on_error(k, what, rk, rd_kafka_event_error(event), rd_kafka_event_error_string(event));
}

/* --- connection state: told when it or its cause changes */

static void tell(pl_kafka *k, int cause, const char *text) {
  if (k->cause == cause) return;
  k->cause = cause;
  if (cause == PL_CAUSE_NONE) k->trouble = (pl_trouble){PL_TROUBLE_SILENT, ""};
  k->to.on_state(k->to.ctx, cause == PL_CAUSE_NONE, text);
}

static void tell_cut(pl_kafka *k) {
  pl_buf text;
  pl_buf_init(&text, 1024);
  pl_trouble_say(&k->trouble, k->brokers, &text);
  pl_buf_text(&text, "; trying on");
  pl_buf_char(&text, 0);
  tell(k, PL_CAUSE_CUT + (int)k->trouble.kind, text.p);
  pl_buf_fini(&text);
}

static void judge(pl_kafka *k) {
  char text[640];
  if (is_cut(k)) {
    tell_cut(k);
    return;
  }
  if (!pl_fresh_heard(k->fresh).us) return;
  const pl_flows *all = k->topics;
  for (pl_topic t = 0; t < PL_TOPICS; t++) {
    if (!all[t].name) continue;
    if (all[t].total == 0 && k->absent < ABSENT) return; /* not known yet */
    if (all[t].total == 0) {
      (void)snprintf(
          text, sizeof text,
          "topic %s (kafka.topics.%s) is not there, or may not be seen by this user; create it, for "
          "example: kafka-topics.sh --create --topic %s --partitions %d%s; trying on",
          all[t].name, options[t], all[t].name,
          t == PL_TOPIC_TEAMS ? 1
          : all[0].total > 0  ? (int)all[0].total
                              : 8,
          t == PL_TOPIC_ACTIVITIES ? "" : " --config cleanup.policy=compact");
      tell(k, PL_CAUSE_ABSENT + (int)t, text);
      return;
    }
    if (t < PL_TOPIC_TEAMS && all[t].total != all[0].total) {
      (void)snprintf(
          text, sizeof text,
          "topic %s has %d partitions, %s has %d; they are keyed alike and must have as many: create "
          "%s anew with %d",
          all[t].name, (int)all[t].total, all[0].name, (int)all[0].total, all[t].name, (int)all[0].total);
      tell(k, PL_CAUSE_COUNT + (int)t, text);
      return;
    }
  }
  if (k->refused_at.us && pl_clock_mono().us - k->refused_at.us < REFUSED_US) {
    (void)snprintf(text, sizeof text, "Kafka at %s: %s", k->brokers, k->refused_why);
    tell(k, PL_CAUSE_REFUSED, text);
    return;
  }
  (void)snprintf(text, sizeof text, "connected to Kafka at %s", k->brokers);
  tell(k, PL_CAUSE_NONE, text);
}

/* --- the loop */

static void check_closed(pl_kafka *k) {
  if (!k->closing || k->closed) return;
  if (!k->left) k->left = rd_kafka_consumer_closed(k->group) != 0;
  bool late = pl_clock_mono().us >= k->close_by.us;
  if (!late && !(k->left && rd_kafka_outq_len(k->out) == 0)) return;
  if (!k->left) pl_log(PL_LOG_WARN, "kafka.group", "left without a goodbye: no answer from the coordinator");
  k->closed = true;
  event_del(k->tick);
  event_del(k->later);
  k->to.on_closed(k->to.ctx);
}

static void on_turn(void *ctx) {
  pl_kafka *k = ctx;
  k->turned = pl_clock_mono();
  if (!k->closing) pl_nudge(k);
  check_closed(k);
}

static void on_tick(evutil_socket_t fd, short what, void *ctx) {
  pl_turn_enter("kafka");
  (void)fd, (void)what;
  pl_kafka *k = ctx;
  pl_feed_turn(k->feed);
  if (k->closing) return;
  pl_data_complete(k);
  pl_group_settle(k);
  judge(k);
  if (!k->closing && !k->joined && pl_data_ready(k)) pl_group_join(k);
}

static void on_later(evutil_socket_t fd, short what, void *ctx) {
  pl_turn_enter("kafka");
  (void)fd, (void)what;
  pl_kafka *k = ctx;
  pl_data_settle(k);
  pl_group_settle(k);
  pl_out_settle(k);
}

/* --- the port */

static pl_status start(pl_source *source, const pl_source_handler *handler, pl_err *err) {
  pl_kafka *k = (pl_kafka *)source;
  (void)err;
  PL_ASSERT(!k->started);
  k->started = true;
  k->to = *handler;
  k->began = k->turned = pl_clock_mono();
  k->group_queue = rd_kafka_queue_get_consumer(k->group);
  pl_feed_add(k->feed, k->group_queue, pl_group_on_event);
  pl_feed_add(k->feed, rd_kafka_queue_get_main(k->data), pl_data_on_main_event);
  pl_feed_add(k->feed, rd_kafka_queue_get_main(k->out), pl_out_on_event);
  pl_feed_add_records(k->feed, rd_kafka_queue_get_consumer(k->data), pl_data_on_batch);
  pl_data_open(k);
  pl_data_follow(k, -1);
  static const struct timeval every = {0, TICK_MS * 1000};
  event_add(k->tick, &every);
  return PL_OK;
}

static void follow(pl_source *source, int32_t partition) {
  pl_kafka *k = (pl_kafka *)source;
  if (pl_group_owns(k, partition) && !k->closing) pl_data_follow(k, partition);
}

static void consume(pl_source *source, int32_t partition, int64_t offset) {
  pl_kafka *k = (pl_kafka *)source;
  PL_ASSERT(offset >= PL_OFFSET_LATEST);
  if (pl_group_owns(k, partition) && !k->closing) pl_data_consume(k, partition, offset);
}

static void rest(pl_source *source, pl_topic topic, int32_t partition, int64_t offset) {
  pl_data_rest((pl_kafka *)source, topic, partition, offset);
}

static void resume(pl_source *source, pl_topic topic, int32_t partition) {
  pl_data_resume((pl_kafka *)source, topic, partition);
}

static void recall(pl_source *source, int32_t partition) { pl_group_recall((pl_kafka *)source, partition); }

static pl_str header(pl_source *source, const pl_record *record, const char *name) {
  (void)source;
  rd_kafka_headers_t *headers;
  const void *value;
  size_t size;
  if (rd_kafka_message_headers(record->origin, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR ||
      rd_kafka_header_get_last(headers, name, &value, &size) != RD_KAFKA_RESP_ERR_NO_ERROR)
    return (pl_str){NULL, 0};
  return (pl_str){value ? value : "", size};
}

static int64_t low(pl_source *source, int32_t partition) {
  pl_kafka *k = (pl_kafka *)source;
  int64_t first = -1, end = -1;
  (void)rd_kafka_get_watermark_offsets(k->data, k->topics[PL_TOPIC_ACTIVITIES].name, partition, &first, &end);
  return first < 0 ? PL_OFFSET_NONE : first;
}

static void hold(pl_source *source, bool held) { pl_feed_hold(((pl_kafka *)source)->feed, held); }

static bool commit(pl_source *source, const int32_t *partitions, const int64_t *offsets, size_t n) {
  return pl_group_commit((pl_kafka *)source, partitions, offsets, n);
}

static pl_status produce(pl_source *source, const char *topic, int32_t partition, pl_str key, pl_str value,
                         const pl_header *headers, size_t nheaders, uint64_t token) {
  return pl_out_produce((pl_kafka *)source, topic, partition, key, value, headers, nheaders, token);
}

/* librdkafka's own hashes; both ignore everything but the key and the count. */
int32_t pl_kafka_home(pl_str key, int32_t partitions, bool crc32) {
  PL_ASSERT(partitions > 0);
  return crc32 ? rd_kafka_msg_partitioner_consistent(NULL, key.p, key.n, partitions, NULL, NULL)
               : rd_kafka_msg_partitioner_murmur2(NULL, key.p, key.n, partitions, NULL, NULL);
}

static int32_t home(pl_source *source, pl_str key, int32_t total) {
  return pl_kafka_home(key, total, ((pl_kafka *)source)->crc32);
}

static void close_source(pl_source *source) {
  pl_kafka *k = (pl_kafka *)source;
  if (k->closing) return;
  PL_ASSERT(k->started);
  k->closing = true;
  k->close_by = (pl_mono){pl_clock_mono().us + CLOSE_US};
  pl_data_keep(k);
  pl_group_close(k);
}

static const pl_source_ops ops = {start, follow, consume, recall,  rest, resume,      header,
                                  low,   hold,   commit,  produce, home, close_source};

/* --- making and ending */

static pl_status check(const pl_kafka_config *c, pl_err *err) {
  static const char *const legal = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
  if (!c->brokers || !*c->brokers)
    return pl_fail(err, PL_REJECT,
                   "kafka.brokers: nothing is given; expected host:port, such as localhost:9092");
  if (!c->group || !*c->group)
    return pl_fail(err, PL_REJECT, "kafka.group: nothing is given; expected the consumer group's name");
  if (c->partitioner && strcmp(c->partitioner, "murmur2") != 0 && strcmp(c->partitioner, "crc32") != 0)
    return pl_fail(
        err, PL_REJECT,
        "kafka.partitioner: found %s; expected murmur2 (as Java's clients) or crc32 (as librdkafka's)",
        c->partitioner);
  for (pl_topic t = 0; t < PL_TOPICS; t++) {
    const char *name = c->topics[t] ? c->topics[t] : "";
    if (t == PL_TOPIC_ACTIVITIES && !*name)
      return pl_fail(err, PL_REJECT, "kafka.topics.activities: nothing is given; expected a topic's name");
    if (strlen(name) > 249 || name[strspn(name, legal)] != '\0')
      return pl_fail(
          err, PL_REJECT,
          "kafka.topics.%s: found %.260s; expected at most 249 letters, digits, dots, underscores and "
          "dashes",
          options[t], name);
    for (pl_topic u = 0; *name && u < t; u++)
      if (c->topics[u] && strcmp(name, c->topics[u]) == 0)
        return pl_fail(err, PL_REJECT, "kafka.topics.%s: %s is kafka.topics.%s already; each needs its own",
                       options[t], name, options[u]);
  }
  return PL_OK;
}

/* As it was taken in the end: a property may have replaced it. */
static int64_t session_us(rd_kafka_t *rk) {
  char text[32];
  size_t size = sizeof text;
  int64_t ms = 0;
  (void)rd_kafka_conf_get(rd_kafka_conf(rk), "session.timeout.ms", text, &size);
  bool ok = pl_str_int(pl_str_of(text), &ms);
  PL_ASSERT(ok);
  return ms * 1000;
}

pl_source *pl_kafka_new(struct event_base *base, const pl_kafka_config *config, pl_err *err) {
  if (check(config, err) != PL_OK) return NULL;
  pl_kafka *k = PL_NEW(pl_kafka);
  pl_source *source = &k->source;
  source->ops = &ops;
  k->fresh = pl_fresh_new();
  k->brokers = pl_text_new(pl_str_of(config->brokers));
  k->group_name = pl_text_new(pl_str_of(config->group));
  k->crc32 = config->partitioner && strcmp(config->partitioner, "crc32") == 0;
  for (pl_topic t = 0; t < PL_TOPICS; t++)
    if (config->topics[t] && *config->topics[t])
      k->topics[t].name = pl_text_new(pl_str_of(config->topics[t]));
  k->tick = event_new(base, -1, EV_PERSIST, on_tick, k);
  k->later = evtimer_new(base, on_later, k);
  PL_ASSERT(k->tick && k->later);
  if (!(k->feed = pl_feed_new(base, on_turn, k))) {
    (void)pl_fail(err, PL_FATAL,
                  "kafka: no pipe for its wake-ups: too many open files; raise the limit (ulimit -n)");
    goto fail;
  }
  if (!(k->out = pl_handle_new(PL_HANDLE_OUT, config, k->fresh, err))) goto fail;
  if (!(k->group = pl_handle_new(PL_HANDLE_GROUP, config, k->fresh, err))) goto fail;
  if (!(k->data = pl_handle_new(PL_HANDLE_DATA, config, k->fresh, err))) goto fail;
  rd_kafka_poll_set_consumer(k->group);
  k->session_us = session_us(k->group);
  return source;
fail:
  pl_kafka_free(&source);
  return NULL;
}

void pl_kafka_free(pl_source **source) {
  pl_kafka *k = (pl_kafka *)*source;
  if (!k) return;
  *source = NULL;
  if (k->feed) pl_feed_free(&k->feed);
  event_free(k->tick);
  event_free(k->later);
  for (pl_topic t = 0; t < PL_TOPICS; t++) {
    if (k->topics[t].handle) rd_kafka_topic_destroy(k->topics[t].handle);
    pl_release(k->topics[t].flows, k->topics[t].room * sizeof *k->topics[t].flows);
    pl_text_free(&k->topics[t].name);
  }
  /* No handle but the group's has anything to say goodbye for. */
  if (k->out) rd_kafka_destroy_flags(k->out, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
  if (k->data) rd_kafka_destroy_flags(k->data, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
  bool stuck = k->joined && !k->left;
  if (k->group && !stuck) rd_kafka_destroy_flags(k->group, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
  if (!stuck) pl_fresh_free(&k->fresh);
  pl_text_free(&k->brokers);
  pl_release(k->wanted, k->wanted_room * sizeof *k->wanted);
  pl_release(k->owned, k->nowned * sizeof *k->owned);
  pl_release(k->recalls, k->nowned * sizeof *k->recalls);
  pl_text_free(&k->group_name);
  pl_release(k->refused, k->refused_room * sizeof *k->refused);
  PL_FREE(k);
}
