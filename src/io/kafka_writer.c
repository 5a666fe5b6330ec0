/* Delivery reports come as events on the handle's main queue, and in that mode librdkafka's own flush does
 * not serve them: commit waits for every report itself, and only then asks for the transaction's end. */
#include "io/kafka_writer.h"

#include <stdio.h>

#include "base/clock.h"
#include "base/mem.h"
#include "io/kafka_ask.h"
#include "io/kafka_conf.h"
#include "io/kafka_writer_inside.h"

enum { CONNECT_MS = 30000, COMMIT_MS = 60000, STEP_MS = 100 };

struct pl_writer {
  rd_kafka_t *rk;
  rd_kafka_queue_t *queue;
  char topic[256];
  int32_t partitions;
  bool open;                /* a transaction is */
  bool spoiled;             /* nothing but an abort is left for it */
  int64_t put, delivered;   /* in this transaction */
  rd_kafka_resp_err_t lost; /* a record failed for good */
  char why[256];            /* the newest error of the connection */
};

static void take(pl_writer *w, rd_kafka_event_t *event) {
  const rd_kafka_message_t *m;
  const char *text, *facility;
  int level;
  switch (rd_kafka_event_type(event)) {
  case RD_KAFKA_EVENT_DR:
    while ((m = rd_kafka_event_message_next(event))) {
      w->delivered++;
      if (m->err) w->lost = m->err;
    }
    break;
  case RD_KAFKA_EVENT_ERROR:
    (void)snprintf(w->why, sizeof w->why, "%s", rd_kafka_event_error_string(event));
    break;
  case RD_KAFKA_EVENT_LOG:
    if (rd_kafka_event_log(event, &facility, &text, &level) == 0 && level <= 3)
      (void)snprintf(w->why, sizeof w->why, "%s", text);
    break;
  default: break;
  }
}

static void serve(pl_writer *w, int wait_ms) {
  for (rd_kafka_event_t *event; (event = rd_kafka_queue_poll(w->queue, wait_ms)); wait_ms = 0) {
    take(w, event);
    rd_kafka_event_destroy(event);
  }
}

rd_kafka_t *pl_writer_handle(pl_writer *w) { return w->rk; }

pl_status pl_writer_failed(pl_writer *w, rd_kafka_error_t *error, const char *doing, pl_err *err) {
  w->spoiled = rd_kafka_error_txn_requires_abort(error);
  bool again = w->spoiled || rd_kafka_error_code(error) == RD_KAFKA_RESP_ERR__TIMED_OUT ||
               rd_kafka_error_is_retriable(error);
  serve(w, 0);
  pl_status status = pl_fail(err, again ? PL_AGAIN : PL_FATAL, "kafka: topic %s: %s: %s%s%s", w->topic, doing,
                             rd_kafka_error_string(error), *w->why ? "; last heard: " : "", w->why);
  rd_kafka_error_destroy(error);
  return status;
}

static int64_t left_ms(pl_mono until) { return (until.us - pl_clock_mono().us) / 1000; }

static pl_status count_partitions(pl_writer *w, const char *brokers, pl_err *err) {
  const struct rd_kafka_metadata *m;
  pl_status status = pl_kafka_ask(w->rk, brokers, CONNECT_MS, &m, err);
  w->partitions = m ? pl_kafka_ask_partitions(m, w->topic) : 0;
  if (m) rd_kafka_metadata_destroy(m);
  if (status != PL_OK || w->partitions) return status;
  return pl_fail(
      err, PL_FATAL,
      "kafka: topic %s: the broker has no such topic, or this user may not see it; make it first, with "
      "as many partitions as the roster's and the goals' have",
      w->topic);
}

static pl_status open_handle(pl_writer *w, const pl_kafka_config *config, const char *name, pl_err *err) {
  size_t n = config->nproperties;
  pl_kafka_property *properties = pl_alloc((n + 1) * sizeof *properties);
  for (size_t i = 0; i < n; i++) properties[i] = config->properties[i];
  properties[n] = (pl_kafka_property){"transactional.id", name, false};
  pl_kafka_config with = *config;
  with.properties = properties, with.nproperties = n + 1;
  w->rk = pl_handle_new(PL_HANDLE_OUT, &with, NULL, err);
  pl_release(properties, (n + 1) * sizeof *properties);
  if (!w->rk) return PL_REJECT;
  w->queue = rd_kafka_queue_get_main(w->rk);
  return PL_OK;
}

pl_status pl_writer_new(pl_writer **out, const pl_kafka_config *config, const char *topic, const char *name,
                        pl_err *err) {
  pl_writer *w = *out = PL_NEW(pl_writer);
  (void)snprintf(w->topic, sizeof w->topic, "%s", topic);
  pl_status status = open_handle(w, config, name, err);
  if (status == PL_OK) status = count_partitions(w, config->brokers, err);
  if (status == PL_OK) {
    rd_kafka_error_t *error = rd_kafka_init_transactions(w->rk, CONNECT_MS);
    if (error) status = pl_writer_failed(w, error, "transactions", err);
  }
  if (status != PL_OK) pl_writer_free(out);
  return status;
}

static rd_kafka_error_t *give_up(pl_writer *w, int wait_ms) {
  pl_mono until = {pl_clock_mono().us + wait_ms * 1000};
  (void)rd_kafka_purge(w->rk, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
  while (w->delivered < w->put && left_ms(until) > 0) serve(w, STEP_MS);
  return rd_kafka_abort_transaction(w->rk, wait_ms);
}

void pl_writer_free(pl_writer **writer) {
  pl_writer *w = *writer;
  if (!w) return;
  if (w->open) {
    rd_kafka_error_t *error = give_up(w, 5000);
    if (error) rd_kafka_error_destroy(error);
  }
  if (w->queue) rd_kafka_queue_destroy(w->queue);
  if (w->rk) rd_kafka_destroy(w->rk);
  PL_FREE(*writer);
}

int32_t pl_writer_partitions(const pl_writer *writer) { return writer->partitions; }

pl_status pl_writer_begin(pl_writer *w, pl_err *err) {
  PL_ASSERT(!w->open);
  w->put = w->delivered = 0;
  rd_kafka_error_t *error = rd_kafka_begin_transaction(w->rk);
  if (error) return pl_writer_failed(w, error, "begin", err);
  w->open = true;
  return PL_OK;
}

static pl_status check_lost(pl_writer *w, pl_err *err) {
  if (!w->lost) return PL_OK;
  return pl_fail(err, PL_FATAL, "kafka: topic %s: a record was refused: %s", w->topic,
                 rd_kafka_err2str(w->lost));
}

static rd_kafka_headers_t *headers_of(const pl_outgoing *r) {
  rd_kafka_headers_t *list = rd_kafka_headers_new(r->nheaders);
  for (size_t i = 0; i < r->nheaders; i++)
    rd_kafka_header_add(list, r->headers[i].name.p, (ssize_t)r->headers[i].name.n, r->headers[i].value.p,
                        (ssize_t)r->headers[i].value.n);
  return list;
}

pl_status pl_writer_send(pl_writer *w, const pl_outgoing *r, pl_err *err) {
  PL_ASSERT(w->open);
  rd_kafka_headers_t *headers = r->nheaders ? headers_of(r) : NULL; /* librdkafka's, once it takes them */
  const rd_kafka_vu_t parts[] = {
      {.vtype = RD_KAFKA_VTYPE_TOPIC, .u.cstr = r->topic ? r->topic : w->topic},
      {.vtype = RD_KAFKA_VTYPE_PARTITION, .u.i32 = r->partition < 0 ? RD_KAFKA_PARTITION_UA : r->partition},
      {.vtype = RD_KAFKA_VTYPE_KEY, .u.mem = {(void *)(uintptr_t)r->key.p, r->key.n}},
      {.vtype = RD_KAFKA_VTYPE_VALUE, .u.mem = {(void *)(uintptr_t)r->value.p, r->value.n}},
      {.vtype = RD_KAFKA_VTYPE_TIMESTAMP, .u.i64 = r->stamp.ms},
      {.vtype = RD_KAFKA_VTYPE_MSGFLAGS, .u.i = RD_KAFKA_MSG_F_COPY},
      {.vtype = RD_KAFKA_VTYPE_HEADERS, .u.headers = headers},
  };
  for (pl_mono until = {pl_clock_mono().us + COMMIT_MS * 1000};;) {
    rd_kafka_error_t *error =
        rd_kafka_produceva(w->rk, parts, headers ? PL_COUNT(parts) : PL_COUNT(parts) - 1);
    serve(w, 0);
    if (!error) break;
    if (rd_kafka_error_code(error) != RD_KAFKA_RESP_ERR__QUEUE_FULL || left_ms(until) <= 0) {
      if (headers) rd_kafka_headers_destroy(headers);
      return pl_writer_failed(w, error, "write", err);
    }
    rd_kafka_error_destroy(error);
    serve(w, STEP_MS);
  }
  w->put++;
  return check_lost(w, err);
}

pl_status pl_writer_put(pl_writer *w, int32_t partition, pl_str key, pl_str value, pl_wall stamp,
                        pl_err *err) {
  const pl_outgoing r = {
      .partition = partition, .key = {key.n ? key.p : NULL, key.n}, .value = value, .stamp = stamp};
  return pl_writer_send(w, &r, err);
}

pl_status pl_writer_commit(pl_writer *w, pl_err *err) {
  PL_ASSERT(w->open);
  pl_mono until = {pl_clock_mono().us + COMMIT_MS * 1000};
  while (w->delivered < w->put && !w->lost) {
    if (left_ms(until) <= 0)
      return pl_fail(err, PL_AGAIN, "kafka: topic %s: the broker has not acknowledged %lld records%s%s",
                     w->topic, (long long)(w->put - w->delivered), *w->why ? "; last heard: " : "", w->why);
    serve(w, STEP_MS);
  }
  pl_status status = check_lost(w, err);
  if (status != PL_OK) return status;
  for (rd_kafka_error_t *error; (error = rd_kafka_commit_transaction(w->rk, COMMIT_MS));) {
    if (!rd_kafka_error_is_retriable(error) || left_ms(until) <= 0)
      return pl_writer_failed(w, error, "commit", err);
    rd_kafka_error_destroy(error);
  }
  w->open = false;
  return PL_OK;
}

pl_status pl_writer_abort(pl_writer *w, pl_err *err) {
  PL_ASSERT(w->open);
  rd_kafka_error_t *error = give_up(w, COMMIT_MS);
  if (error) return pl_writer_failed(w, error, "abort", err);
  w->open = w->spoiled = false, w->lost = RD_KAFKA_RESP_ERR_NO_ERROR;
  return PL_OK;
}

bool pl_writer_is_open(const pl_writer *w) { return w->open; }
bool pl_writer_can_abort(const pl_writer *w) { return w->open && w->spoiled; }
