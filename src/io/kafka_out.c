/* The producer: dead letters and alerts. A message librdkafka does not even take is told like one that failed
 * later, so that the engine has one path; only a full queue is told at once, because nothing was lost yet. */
#include "base/log.h"
#include "base/mem.h"
#include "io/kafka_inside.h"

enum { REFUSED_MAX = 100000, HEADERS_MAX = 64 };

void pl_out_on_event(void *ctx, rd_kafka_event_t *event) {
  pl_kafka *k = ctx;
  const rd_kafka_message_t *m;
  switch (rd_kafka_event_type(event)) {
  case RD_KAFKA_EVENT_DR:
    while ((m = rd_kafka_event_message_next(event)))
      k->to.on_produced(k->to.ctx, (uint64_t)(uintptr_t)m->_private, !m->err,
                        m->err ? rd_kafka_err2str(m->err) : "");
    break;
  case RD_KAFKA_EVENT_ERROR: pl_kafka_on_error_event(k, "kafka.out", k->out, event); break;
  case RD_KAFKA_EVENT_LOG: pl_kafka_on_log("kafka.out", event); break;
  default: break;
  }
}

static pl_status refuse(pl_kafka *k, uint64_t token, rd_kafka_resp_err_t err) {
  if (k->nrefused == REFUSED_MAX) return PL_AGAIN;
  if (k->nrefused == k->refused_room) {
    size_t room = k->refused_room ? 2 * k->refused_room : 16;
    k->refused = pl_resize(k->refused, k->refused_room * sizeof *k->refused, room * sizeof *k->refused);
    k->refused_room = room;
  }
  k->refused[k->nrefused].token = token, k->refused[k->nrefused++].err = err;
  pl_kafka_later(k);
  return PL_OK;
}

pl_status pl_out_produce(pl_kafka *k, const char *topic, int32_t partition, pl_str key, pl_str value,
                         const pl_header *headers, size_t nheaders, uint64_t token) {
  PL_ASSERT(nheaders <= HEADERS_MAX);
  rd_kafka_headers_t *list = rd_kafka_headers_new(nheaders);
  for (size_t i = 0; i < nheaders; i++)
    rd_kafka_header_add(list, headers[i].name.p, (ssize_t)headers[i].name.n, headers[i].value.p,
                        (ssize_t)headers[i].value.n);
  /* Key and value are copied; the headers become librdkafka's if it takes the message. */
  const rd_kafka_vu_t parts[] = {
      {.vtype = RD_KAFKA_VTYPE_TOPIC, .u.cstr = topic},
      {.vtype = RD_KAFKA_VTYPE_PARTITION, .u.i32 = partition < 0 ? RD_KAFKA_PARTITION_UA : partition},
      {.vtype = RD_KAFKA_VTYPE_KEY, .u.mem = {(void *)(uintptr_t)key.p, key.n}},
      {.vtype = RD_KAFKA_VTYPE_VALUE, .u.mem = {(void *)(uintptr_t)value.p, value.n}},
      {.vtype = RD_KAFKA_VTYPE_HEADERS, .u.headers = list},
      {.vtype = RD_KAFKA_VTYPE_MSGFLAGS, .u.i = RD_KAFKA_MSG_F_COPY},
      {.vtype = RD_KAFKA_VTYPE_OPAQUE, .u.ptr = (void *)(uintptr_t)token},
  };
  rd_kafka_error_t *error = rd_kafka_produceva(k->out, parts, PL_COUNT(parts));
  if (!error) return PL_OK;
  rd_kafka_resp_err_t err = rd_kafka_error_code(error);
  rd_kafka_error_destroy(error);
  rd_kafka_headers_destroy(list);
  return err == RD_KAFKA_RESP_ERR__QUEUE_FULL ? PL_AGAIN : refuse(k, token, err);
}

/* A callback may produce again: only what was there at the start is told, the rest moves up. */
void pl_out_settle(pl_kafka *k) {
  size_t n = k->nrefused;
  for (size_t i = 0; i < n; i++)
    k->to.on_produced(k->to.ctx, k->refused[i].token, false, rd_kafka_err2str(k->refused[i].err));
  for (size_t i = n; i < k->nrefused; i++) k->refused[i - n] = k->refused[i];
  k->nrefused -= n;
  if (k->nrefused) pl_kafka_later(k);
}
