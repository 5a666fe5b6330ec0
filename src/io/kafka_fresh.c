#include "io/kafka_fresh.h"

#include <stdatomic.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/status.h"

enum { BROKERS = 256, API_FETCH = 1, API_SASL = 17, API_VERSIONS = 18, API_LOGIN = 36 };

/* Written by the broker's own thread, read by the loop. */
typedef struct {
  _Atomic int32_t id; /* broker id + 1; 0: free */
  _Atomic int64_t last_ms, prev_ms;
} seen;

struct pl_fresh {
  _Atomic int64_t heard_us; /* monotonic */
  seen brokers[BROKERS];    /* a broker beyond these is never complete, which is the safe side */
};

static seen *find(pl_fresh *fresh, int32_t broker) {
  for (size_t i = 0; i < BROKERS; i++) {
    int32_t id = atomic_load(&fresh->brokers[i].id);
    if (id == 0 && atomic_compare_exchange_strong(&fresh->brokers[i].id, &id, broker + 1))
      return &fresh->brokers[i];
    if (id == broker + 1) return &fresh->brokers[i];
  }
  return NULL;
}

static rd_kafka_resp_err_t on_response(rd_kafka_t *rk, int fd, const char *name, int32_t broker, int16_t api,
                                       int16_t version, int32_t correlation, size_t size, int64_t rtt_us,
                                       rd_kafka_resp_err_t err, void *ctx) {
  (void)rk, (void)fd, (void)name, (void)version, (void)correlation, (void)size;
  pl_fresh *fresh = ctx;
  bool greeting =
      api == API_VERSIONS || api == API_SASL || api == API_LOGIN; /* whom it lets in answers more */
  if (err || greeting) return RD_KAFKA_RESP_ERR_NO_ERROR;
  atomic_store(&fresh->heard_us, pl_clock_mono().us);
  if (api != API_FETCH || broker < 0 || broker == INT32_MAX || rtt_us < 0) return RD_KAFKA_RESP_ERR_NO_ERROR;
  seen *s = find(fresh, broker);
  if (!s) return RD_KAFKA_RESP_ERR_NO_ERROR;
  /* Rounded down, and one more, so that a record stamped in the same millisecond is not claimed. */
  int64_t sent_ms = pl_clock_wall().ms - (rtt_us + 999) / 1000 - 1;
  atomic_store(&s->prev_ms, atomic_load(&s->last_ms));
  atomic_store(&s->last_ms, sent_ms);
  return RD_KAFKA_RESP_ERR_NO_ERROR;
}

static rd_kafka_resp_err_t on_new(rd_kafka_t *rk, const rd_kafka_conf_t *conf, void *ctx, char *text,
                                  size_t size) {
  (void)conf, (void)text, (void)size;
  return rd_kafka_interceptor_add_on_response_received(rk, "paceline", on_response, ctx);
}

pl_fresh *pl_fresh_new(void) { return PL_NEW(pl_fresh); }

void pl_fresh_free(pl_fresh **fresh) {
  if (*fresh) PL_FREE(*fresh);
}

void pl_fresh_watch(pl_fresh *fresh, rd_kafka_conf_t *conf) {
  rd_kafka_resp_err_t err = rd_kafka_conf_interceptor_add_on_new(conf, "paceline", on_new, fresh);
  PL_ASSERT(err == RD_KAFKA_RESP_ERR_NO_ERROR);
}

pl_wall pl_fresh_sent(const pl_fresh *fresh, int32_t broker) {
  if (broker < 0 || broker == INT32_MAX) return PL_BEGINNING;
  for (size_t i = 0; i < BROKERS; i++) {
    int32_t id = atomic_load(&fresh->brokers[i].id);
    if (id == 0) break;
    if (id != broker + 1) continue;
    int64_t ms = atomic_load(&fresh->brokers[i].prev_ms);
    return ms ? (pl_wall){ms} : PL_BEGINNING;
  }
  return PL_BEGINNING;
}

pl_mono pl_fresh_heard(const pl_fresh *fresh) { return (pl_mono){atomic_load(&fresh->heard_us)}; }
