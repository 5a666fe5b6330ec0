#include "io/kafka_past.h"

#include "base/clock.h"
#include "base/mem.h"
#include "io/kafka_ask.h"
#include "io/kafka_conf.h"

enum { ANSWER_MS = 10000, STEP_MS = 100, BATCH = 256 };
static const int64_t PATIENCE_US = 30000000;

typedef struct {
  const char *topic;
  bool *ended;  /* by partition */
  int32_t left; /* of those that are read */
  pl_past_record_fn *fn;
  void *ctx;
  pl_mono heard;
} reading;

static void end(reading *r, int32_t partition) {
  if (!r->ended[partition]) r->left--;
  r->ended[partition] = true;
}

static void take(reading *r, const rd_kafka_message_t *m) {
  if (m->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) end(r, m->partition);
  if (m->err) return;
  r->heard = pl_clock_mono();
  const pl_past_record record = {
      m->partition,         m->offset, {rd_kafka_message_timestamp(m, NULL)}, {m->key, m->key_len},
      {m->payload, m->len}, m};
  r->fn(r->ctx, &record);
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

static pl_status start(rd_kafka_t *rk, reading *r, int32_t partition, int32_t partitions, pl_err *err) {
  rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(partitions);
  for (int32_t p = partition < 0 ? 0 : partition; p < (partition < 0 ? partitions : partition + 1);
       p++, r->left++)
    rd_kafka_topic_partition_list_add(list, r->topic, p)->offset = RD_KAFKA_OFFSET_BEGINNING;
  rd_kafka_resp_err_t code = rd_kafka_assign(rk, list);
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
    if (pl_clock_mono().us - r->heard.us > PATIENCE_US)
      status = pl_fail(err, PL_AGAIN, "kafka: topic %s: nothing comes", r->topic);
  }
  rd_kafka_queue_destroy(queue);
  return status;
}

pl_status pl_kafka_past(const pl_kafka_config *config, const char *topic, int32_t partition,
                        int32_t *partitions, pl_past_record_fn *fn, void *ctx, pl_err *err) {
  rd_kafka_t *rk = pl_handle_new(PL_HANDLE_DATA, config, NULL, err);
  if (!rk) return PL_REJECT;
  reading r = {.topic = topic, .fn = fn, .ctx = ctx};
  pl_status status = count(rk, config->brokers, topic, partitions, err);
  if (status == PL_OK) r.ended = pl_alloc((size_t)*partitions * sizeof *r.ended);
  if (status == PL_OK) status = start(rk, &r, partition, *partitions, err);
  if (status == PL_OK) status = read_all(rk, &r, err);
  (void)rd_kafka_assign(rk, NULL);
  rd_kafka_destroy(rk);
  pl_release(r.ended, r.ended ? (size_t)*partitions * sizeof *r.ended : 0);
  return status;
}

pl_str pl_past_header(const pl_past_record *record, const char *name) {
  rd_kafka_headers_t *headers = NULL;
  const void *value = NULL;
  size_t n = 0;
  if (rd_kafka_message_headers(record->message, &headers)) return (pl_str){0};
  if (rd_kafka_header_get_last(headers, name, &value, &n)) return (pl_str){0};
  return (pl_str){value, n};
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
