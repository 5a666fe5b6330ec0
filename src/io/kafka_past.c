#include "io/kafka_past.h"

#include <stdio.h>

#include "base/clock.h"
#include "base/mem.h"
#include "io/kafka_ask.h"
#include "io/kafka_conf.h"

enum { ANSWER_MS = 10000, STEP_MS = 100, BATCH = 256 };
static const int64_t PATIENCE_US = 30000000, TRANSACTION_US = 90000000; /* none is open for longer */

/* Of a partition. */
typedef struct {
  bool ended;
  int64_t taken; /* records */
  int64_t high;  /* where its log ended, if that is to be reached */
} progress;

typedef struct {
  const char *topic;
  const pl_past_range *range;
  progress *parts;
  int32_t left; /* of those that are read */
  pl_past_record_fn *fn;
  void *ctx;
  pl_mono heard;
  bool barred;   /* may not be read */
  char why[256]; /* the newest error; "": none */
} reading;

static void end(reading *r, int32_t partition) {
  if (!r->parts[partition].ended) r->left--;
  r->parts[partition].ended = true;
}

static void take(reading *r, const rd_kafka_message_t *m) {
  if (m->err && m->err != RD_KAFKA_RESP_ERR__PARTITION_EOF) { /* of a partition, or of all that is */
    r->barred |= m->err == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED;
    (void)snprintf(r->why, sizeof r->why, "%s", rd_kafka_message_errstr(m));
    return;
  }
  progress *p = &r->parts[m->partition];
  if (m->err && m->offset >= p->high) end(r, m->partition);
  if (m->err || p->ended) return;
  r->heard = pl_clock_mono();
  const pl_past_record record = {
      m->partition,         m->offset, {rd_kafka_message_timestamp(m, NULL)}, {m->key, m->key_len},
      {m->payload, m->len}, m};
  r->fn(r->ctx, &record);
  if (++p->taken == r->range->most) end(r, m->partition);
}

static pl_status count(rd_kafka_t *rk, const char *brokers, const char *topic, int32_t *partitions,
                       pl_err *err) {
  const struct rd_kafka_metadata *m;
  pl_status status = pl_kafka_ask(rk, brokers, ANSWER_MS, &m, err);
  *partitions = m ? pl_kafka_ask_partitions(m, topic) : 0;
  if (m) rd_kafka_metadata_destroy(m);
  if (status != PL_OK) return status;
  return *partitions ? PL_OK
                     : pl_fail(err, PL_REJECT, "kafka: topic %s is not there, or may not be seen", topic);
}

static pl_status start(rd_kafka_t *rk, reading *r, int32_t partitions, pl_err *err) {
  const int32_t only = r->range->partition, first = only < 0 ? 0 : only,
                last = only < 0 ? partitions : only + 1;
  const int64_t from = r->range->from;
  rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(partitions);
  rd_kafka_resp_err_t code = RD_KAFKA_RESP_ERR_NO_ERROR;
  for (int32_t p = first; p < last && !code; p++, r->left++) {
    int64_t low = 0, high = 0, at = RD_KAFKA_OFFSET_BEGINNING;
    if (from || r->range->settled)
      code = rd_kafka_query_watermark_offsets(rk, r->topic, p, &low, &high, ANSWER_MS);
    if (from) at = from > 0 ? from : high + from;
    if (from && at < low) at = low;
    if (from && at > high) at = high;
    if (r->range->settled) r->parts[p].high = high;
    rd_kafka_topic_partition_list_add(list, r->topic, p)->offset = at;
  }
  if (!code) code = rd_kafka_assign(rk, list);
  rd_kafka_topic_partition_list_destroy(list);
  return code ? pl_fail(err, PL_AGAIN, "kafka: topic %s: %s", r->topic, rd_kafka_err2str(code)) : PL_OK;
}

static pl_status read_all(rd_kafka_t *rk, reading *r, pl_err *err) {
  rd_kafka_queue_t *queue = rd_kafka_queue_get_consumer(rk);
  pl_status status = PL_OK;
  r->heard = pl_clock_mono();
  while (r->left > 0 && status == PL_OK) {
    rd_kafka_message_t *batch[BATCH];
    ssize_t n = rd_kafka_consume_batch_queue(queue, STEP_MS, batch, BATCH);
    for (ssize_t i = 0; i < n; i++) {
      take(r, batch[i]);
      rd_kafka_message_destroy(batch[i]);
    }
    if (pl_clock_mono().us - r->heard.us > (r->range->settled ? TRANSACTION_US : PATIENCE_US))
      status = pl_fail(err, PL_AGAIN, "kafka: topic %s: nothing comes%s%s", r->topic,
                       *r->why ? "; last heard: " : "", r->why);
    if (r->barred && r->left > 0)
      status = pl_fail(err, PL_REJECT, "kafka: topic %s: %s; allow Read on it", r->topic, r->why);
  }
  rd_kafka_queue_destroy(queue);
  return status;
}

pl_status pl_kafka_range(const pl_kafka_config *config, const char *topic, const pl_past_range *range,
                         int32_t *partitions, pl_past_record_fn *fn, void *ctx, pl_err *err) {
  rd_kafka_t *rk = pl_handle_new(PL_HANDLE_DATA, config, NULL, err);
  if (!rk) return PL_REJECT;
  reading r = {.topic = topic, .range = range, .fn = fn, .ctx = ctx};
  pl_status status = count(rk, config->brokers, topic, partitions, err);
  if (status == PL_OK) r.parts = pl_alloc((size_t)*partitions * sizeof *r.parts);
  if (status == PL_OK && range->partition >= *partitions)
    status = pl_fail(err, PL_REJECT, "kafka: topic %s has %d partitions, expected one of them, from 0 on",
                     topic, (int)*partitions);
  if (status == PL_OK) status = start(rk, &r, *partitions, err);
  if (status == PL_OK) status = read_all(rk, &r, err);
  (void)rd_kafka_assign(rk, NULL);
  rd_kafka_destroy(rk);
  pl_release(r.parts, r.parts ? (size_t)*partitions * sizeof *r.parts : 0);
  return status;
}

pl_status pl_kafka_past(const pl_kafka_config *config, const char *topic, int32_t partition,
                        int32_t *partitions, pl_past_record_fn *fn, void *ctx, pl_err *err) {
  return pl_kafka_range(config, topic, &(pl_past_range){.partition = partition}, partitions, fn, ctx, err);
}

pl_str pl_past_header(const pl_past_record *record, const char *name) {
  rd_kafka_headers_t *headers = NULL;
  const void *value = NULL;
  size_t n = 0;
  if (rd_kafka_message_headers(record->message, &headers)) return (pl_str){0};
  if (rd_kafka_header_get_last(headers, name, &value, &n)) return (pl_str){0};
  return (pl_str){value, n};
}

bool pl_past_header_at(const pl_past_record *record, size_t i, pl_header *out) {
  rd_kafka_headers_t *headers = NULL;
  const char *name;
  const void *value = NULL;
  size_t n = 0;
  if (rd_kafka_message_headers(record->message, &headers) ||
      rd_kafka_header_get_all(headers, i, &name, &value, &n))
    return false;
  *out = (pl_header){pl_str_of(name), {value, n}};
  return true;
}

pl_status pl_kafka_starts(const pl_kafka_config *config, const char *topic, int32_t partitions,
                          int64_t *starts, pl_err *err) {
  rd_kafka_t *rk = pl_handle_new(PL_HANDLE_DATA, config, NULL, err);
  if (!rk) return PL_REJECT;
  rd_kafka_resp_err_t code = RD_KAFKA_RESP_ERR_NO_ERROR;
  for (int32_t p = 0; p < partitions && !code; p++) {
    int64_t end;
    code = rd_kafka_query_watermark_offsets(rk, topic, p, &starts[p], &end, ANSWER_MS);
  }
  rd_kafka_destroy(rk);
  return code ? pl_fail(err, PL_AGAIN, "kafka: topic %s: %s", topic, rd_kafka_err2str(code)) : PL_OK;
}
