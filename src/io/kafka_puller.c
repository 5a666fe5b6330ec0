#include "io/kafka_puller.h"

#include <stdio.h>

#include "base/clock.h"
#include "base/mem.h"
#include "io/kafka_ask.h"
#include "io/kafka_conf.h"
#include "io/kafka_writer_inside.h"

enum { ANSWER_MS = 10000, COMMIT_MS = 60000, CLOSE_MS = 10000 };
/* Longer than a transaction may stay open: until then, the place that another member has left is not known.
 */
static const int64_t PATIENCE_US = 90000000;

typedef struct {
  int32_t partition;
  int64_t base; /* committed: what is given up comes again from here */
  int64_t next; /* behind what was read */
  int64_t end;  /* of the log, when the partition came */
} share;

struct pl_puller {
  rd_kafka_t *rk;
  rd_kafka_queue_t *queue;
  pl_writer *writer;
  char topic[256];
  share *shares;
  int n;
  bool assigned; /* once at least */
};

static share *share_of(pl_puller *p, int32_t partition) {
  for (int i = 0; i < p->n; i++)
    if (p->shares[i].partition == partition) return &p->shares[i];
  return NULL;
}

static void forget(pl_puller *p) {
  pl_release(p->shares, (size_t)p->n * sizeof *p->shares);
  p->shares = NULL, p->n = 0;
}

/* --- the group */

/* Which places are committed; those that another member has under way are waited for. */
static pl_status recall(pl_puller *p, rd_kafka_topic_partition_list_t *list, pl_err *err) {
  pl_mono until = {pl_clock_mono().us + PATIENCE_US};
  for (;;) {
    rd_kafka_resp_err_t code = rd_kafka_committed(p->rk, list, ANSWER_MS);
    for (int i = 0; i < list->cnt && !code; i++) code = list->elems[i].err;
    if (!code) return PL_OK;
    if (pl_clock_mono().us > until.us)
      return pl_fail(err, PL_AGAIN, "kafka: topic %s: the group's place: %s", p->topic,
                     rd_kafka_err2str(code));
  }
}

static pl_status take_share(pl_puller *p, share *s, rd_kafka_topic_partition_t *one, pl_err *err) {
  int64_t low;
  rd_kafka_resp_err_t code =
      rd_kafka_query_watermark_offsets(p->rk, p->topic, one->partition, &low, &s->end, ANSWER_MS);
  if (code) return pl_fail(err, PL_AGAIN, "kafka: topic %s: %s", p->topic, rd_kafka_err2str(code));
  bool first = one->offset < 0;
  s->partition = one->partition, s->base = s->next = first ? low : one->offset;
  one->offset = s->base;
  if (s->base >= low && s->base <= s->end) return PL_OK;
  return pl_fail(
      err, PL_FATAL,
      "kafka: topic %s, partition %d: the group's place %lld lies outside the log, which holds %lld to "
      "%lld: records are gone that were never read; set the group's offset to where it is to go on",
      p->topic, (int)s->partition, (long long)s->base, (long long)low, (long long)s->end);
}

static pl_status assign(pl_puller *p, const rd_kafka_topic_partition_list_t *given, pl_err *err) {
  rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_copy(given);
  pl_status status = list->cnt ? recall(p, list, err) : PL_OK;
  forget(p);
  if (status == PL_OK) p->shares = pl_alloc((size_t)list->cnt * sizeof *p->shares), p->n = list->cnt;
  for (int i = 0; i < list->cnt && status == PL_OK; i++)
    status = take_share(p, &p->shares[i], &list->elems[i], err);
  rd_kafka_resp_err_t code = rd_kafka_assign(p->rk, status == PL_OK ? list : NULL);
  rd_kafka_topic_partition_list_destroy(list);
  p->assigned = true;
  if (status == PL_OK && code)
    status = pl_fail(err, PL_FATAL, "kafka: topic %s: assign: %s", p->topic, rd_kafka_err2str(code));
  return status;
}

static pl_status give_up(pl_puller *p, pl_err *err) {
  return pl_writer_is_open(p->writer) ? pl_writer_abort(p->writer, err) : PL_OK;
}

static pl_status rebalance(pl_puller *p, rd_kafka_event_t *event, pl_err *err) {
  if (rd_kafka_event_error(event) == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS)
    return assign(p, rd_kafka_event_topic_partition_list(event), err);
  pl_status status = give_up(p, err);
  forget(p);
  (void)rd_kafka_assign(p->rk, NULL);
  return status;
}

/* --- records */

static void take(pl_puller *p, const rd_kafka_message_t *m, pl_past_record_fn *fn, void *ctx) {
  share *s = share_of(p, m->partition);
  if (!s) return;
  if (m->err || m->offset < s->next) return;
  const pl_past_record record = {
      m->partition,         m->offset, {rd_kafka_message_timestamp(m, NULL)}, {m->key, m->key_len},
      {m->payload, m->len}, m};
  s->next = m->offset + 1;
  fn(ctx, &record);
}

/* The end lies behind what only marks a transaction, and behind records of one that was aborted. */
static void pass_over(pl_puller *p, rd_kafka_event_t *event) {
  rd_kafka_topic_partition_t *end = rd_kafka_event_topic_partition(event);
  share *s = end ? share_of(p, end->partition) : NULL;
  if (s && end->offset > s->next) s->next = end->offset;
  if (end) rd_kafka_topic_partition_destroy(end);
}

static pl_status hear(pl_puller *p, rd_kafka_event_t *event, pl_err *err) {
  char text[512];
  rd_kafka_resp_err_t code = rd_kafka_event_error(event);
  if (code == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
    pass_over(p, event);
    return PL_OK;
  }
  if (rd_kafka_fatal_error(p->rk, text, sizeof text))
    return pl_fail(err, PL_FATAL, "kafka: topic %s: %s", p->topic, text);
  if (code == RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET || code == RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE)
    return pl_fail(err, PL_FATAL, "kafka: topic %s: %s: records are gone that were never read", p->topic,
                   rd_kafka_event_error_string(event));
  return PL_OK;
}

pl_status pl_puller_poll(pl_puller *p, int wait_ms, int most, pl_past_record_fn *fn, void *ctx, pl_err *err) {
  pl_status status = PL_OK;
  for (int n = 0; n < most && status == PL_OK; wait_ms = 0) {
    rd_kafka_event_t *event = rd_kafka_queue_poll(p->queue, wait_ms);
    const rd_kafka_message_t *m;
    if (!event) break;
    switch (rd_kafka_event_type(event)) {
    case RD_KAFKA_EVENT_FETCH:
      while ((m = rd_kafka_event_message_next(event))) take(p, m, fn, ctx), n++;
      break;
    case RD_KAFKA_EVENT_REBALANCE: status = rebalance(p, event, err); break;
    case RD_KAFKA_EVENT_ERROR: status = hear(p, event, err); break;
    default: break;
    }
    rd_kafka_event_destroy(event);
  }
  return status;
}

/* --- places */

static rd_kafka_topic_partition_list_t *places(const pl_puller *p, bool reached) {
  rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(p->n);
  for (int i = 0; i < p->n; i++)
    if (!reached || p->shares[i].next > p->shares[i].base)
      rd_kafka_topic_partition_list_add(list, p->topic, p->shares[i].partition)->offset =
          reached ? p->shares[i].next : p->shares[i].base;
  return list;
}

pl_status pl_puller_rewind(pl_puller *p, pl_err *err) {
  pl_status status = give_up(p, err);
  if (status != PL_OK) return status;
  rd_kafka_topic_partition_list_t *list = places(p, false);
  for (int i = 0; i < p->n; i++) p->shares[i].next = p->shares[i].base;
  rd_kafka_resp_err_t code = p->n ? rd_kafka_assign(p->rk, list) : RD_KAFKA_RESP_ERR_NO_ERROR;
  rd_kafka_topic_partition_list_destroy(list);
  return code ? pl_fail(err, PL_FATAL, "kafka: topic %s: assign: %s", p->topic, rd_kafka_err2str(code))
              : PL_OK;
}

static pl_status send_places(pl_puller *p, pl_err *err) {
  rd_kafka_topic_partition_list_t *list = places(p, true);
  rd_kafka_consumer_group_metadata_t *member = rd_kafka_consumer_group_metadata(p->rk);
  rd_kafka_error_t *error =
      list->cnt ? rd_kafka_send_offsets_to_transaction(pl_writer_handle(p->writer), list, member, COMMIT_MS)
                : NULL;
  rd_kafka_consumer_group_metadata_destroy(member);
  rd_kafka_topic_partition_list_destroy(list);
  return error ? pl_writer_failed(p->writer, error, "the group's place", err) : PL_OK;
}

pl_status pl_puller_commit(pl_puller *p, bool *kept, pl_err *err) {
  pl_status status = send_places(p, err);
  if (status == PL_OK) status = pl_writer_commit(p->writer, err);
  *kept = status == PL_OK;
  if (*kept)
    for (int i = 0; i < p->n; i++) p->shares[i].base = p->shares[i].next;
  else if (pl_writer_can_abort(p->writer))
    status = pl_puller_rewind(p, err);
  return status;
}

bool pl_puller_at_end(const pl_puller *p) {
  for (int i = 0; i < p->n; i++)
    if (p->shares[i].next < p->shares[i].end) return false;
  return p->assigned;
}

/* --- life */

static pl_status look_for_topic(const pl_puller *p, const char *brokers, pl_err *err) {
  const struct rd_kafka_metadata *m;
  pl_status status = pl_kafka_ask(p->rk, brokers, ANSWER_MS, &m, err);
  bool there = m && pl_kafka_ask_partitions(m, p->topic) > 0;
  if (m) rd_kafka_metadata_destroy(m);
  if (status != PL_OK || there) return status;
  return pl_fail(err, PL_REJECT, "kafka: topic %s is not there, or may not be seen", p->topic);
}

pl_status pl_puller_new(pl_puller **out, const pl_kafka_config *config, const char *topic, const char *group,
                        pl_writer *writer, pl_err *err) {
  pl_puller *p = *out = PL_NEW(pl_puller);
  pl_kafka_config own = *config;
  own.group = group, p->writer = writer;
  (void)snprintf(p->topic, sizeof p->topic, "%s", topic);
  p->rk = pl_handle_new(PL_HANDLE_GROUP, &own, NULL, err);
  pl_status status = p->rk ? look_for_topic(p, config->brokers, err) : PL_REJECT;
  if (status == PL_OK) {
    (void)rd_kafka_poll_set_consumer(p->rk);
    p->queue = rd_kafka_queue_get_consumer(p->rk);
    rd_kafka_topic_partition_list_t *topics = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(topics, topic, RD_KAFKA_PARTITION_UA);
    rd_kafka_resp_err_t code = rd_kafka_subscribe(p->rk, topics);
    rd_kafka_topic_partition_list_destroy(topics);
    if (code) status = pl_fail(err, PL_FATAL, "kafka: topic %s: %s", topic, rd_kafka_err2str(code));
  }
  if (status != PL_OK) pl_puller_free(out);
  return status;
}

/* The last REVOKE has to be answered, or it never closes. */
static void leave(pl_puller *p) {
  rd_kafka_error_t *error = rd_kafka_consumer_close_queue(p->rk, p->queue);
  pl_mono until = {pl_clock_mono().us + CLOSE_MS * 1000};
  if (error) rd_kafka_error_destroy(error);
  while (!rd_kafka_consumer_closed(p->rk) && pl_clock_mono().us < until.us) {
    rd_kafka_event_t *event = rd_kafka_queue_poll(p->queue, 100);
    if (event && rd_kafka_event_type(event) == RD_KAFKA_EVENT_REBALANCE) (void)rd_kafka_assign(p->rk, NULL);
    if (event) rd_kafka_event_destroy(event);
  }
}

void pl_puller_free(pl_puller **puller) {
  pl_puller *p = *puller;
  if (!p) return;
  if (p->queue) leave(p), rd_kafka_queue_destroy(p->queue);
  if (p->rk) rd_kafka_destroy(p->rk);
  forget(p);
  PL_FREE(*puller);
}
