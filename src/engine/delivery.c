#include "engine/delivery.h"

#include <stdio.h>

#include "base/log.h"
#include "base/mem.h"

static const int64_t FIRST_RETRY_US = 1000000, LAST_RETRY_US = 300000000;
enum { DOUBLINGS = 9 };
static const uint64_t OURS = 1ULL << 63; /* tokens of this room */

void pl_delivery_open(pl_delivery *d, const char *audience) {
  const pl_config *c = d->engine->config;
  const pl_list *lists[] = {&c->receivers.rep, &c->receivers.manager, &c->receivers.team, &c->receivers.ops};
  d->stage = PL_OPEN;
  if (*c->kafka.topics.alerts) d->sinks[PL_SINK_KAFKA].state = PL_SINK_DUE;
  for (size_t a = 0; a < PL_COUNT(lists); a++)
    for (size_t i = 0; strcmp(audience, pl_audience_name((pl_audience)a)) == 0 && i < lists[a]->n; i++) {
      const pl_endpoint *endpoint = pl_config_endpoint(c, lists[a]->items[i]);
      if (endpoint) d->sinks[endpoint - (const pl_endpoint *)c->endpoints.p].state = PL_SINK_DUE;
    }
}

/* --- asking */

typedef struct {
  pl_engine *engine;
  uint32_t serial;
  size_t sink;
} question;

static void on_sent(void *ctx, pl_sent what, int status, int64_t retry_after_s, const char *why) {
  question q = *(question *)ctx;
  pl_release(ctx, sizeof q);
  (void)status;
  pl_outbox_answered(q.engine->outbox, q.serial, q.sink, what == PL_SENT_TAKEN,
                     what == PL_SENT_REFUSED || what == PL_SENT_GONE, retry_after_s * 1000000, why);
}

static void send_http(pl_delivery *d, size_t sink, const pl_post *post) {
  pl_sender *sender = d->engine->ports.sender;
  question *q = PL_NEW(question);
  *q = (question){d->engine, d->serial, sink};
  pl_buf body;
  pl_buf_init(&body, 1 << 20);
  const pl_parcel parcel = {.id = pl_str_of(pl_post_text(post, "id")), .posts = &post, .nposts = 1};
  pl_sink_encode(PL_SINK_WEBHOOK, &parcel, &body);
  sender->ops->send(sender, sink, (pl_str){0}, pl_str_of(pl_post_text(post, "id")), pl_buf_str(&body),
                    on_sent, q);
  pl_buf_fini(&body);
}

/* CloudEvents 1.0, binary mode: attributes are headers, the value is the Avro body. False: the queue is full.
 */
static bool send_kafka(pl_delivery *d, const pl_post *post) {
  pl_source *source = d->engine->ports.source;
  char type[64];
  (void)snprintf(type, sizeof type, "paceline.alert.%s", pl_post_text(post, "kind"));
  const pl_header headers[] = {
      {PL_STR("ce_specversion"), PL_STR("1.0")},
      {PL_STR("ce_id"), pl_str_of(pl_post_text(post, "id"))},
      {PL_STR("ce_source"), PL_STR("/paceline")},
      {PL_STR("ce_type"), pl_str_of(type)},
      {PL_STR("ce_subject"), pl_str_of(pl_post_text(post, "entity"))},
      {PL_STR("ce_time"), pl_str_of(pl_post_text(post, "at"))},
      {PL_STR("ce_dataschema"), PL_STR("alert.avsc")},
      {PL_STR("content-type"), PL_STR("application/avro")},
  };
  pl_buf body;
  pl_buf_init(&body, 1 << 20);
  pl_post_avro(post, &body);
  pl_status status = source->ops->produce(source, d->engine->config->kafka.topics.alerts, -1,
                                          pl_str_of(pl_post_text(post, "entity")), pl_buf_str(&body), headers,
                                          PL_COUNT(headers), OURS | d->serial);
  pl_buf_fini(&body);
  return status == PL_OK;
}

bool pl_outbox_produced(pl_outbox *o, uint64_t token, bool delivered, const char *why) {
  if (!(token & OURS)) return false;
  pl_outbox_answered(o, (uint32_t)(token & ~OURS), PL_SINK_KAFKA, delivered, false, 0, why);
  return true;
}

static void ask(pl_delivery *d, size_t sink, const pl_post *post, pl_mono now) {
  pl_attempt *a = &d->sinks[sink];
  if (sink == PL_SINK_KAFKA && !send_kafka(d, post)) {
    a->at.us = now.us + FIRST_RETRY_US;
    return;
  }
  a->state = PL_SINK_ASKED, d->tried = true;
  if (sink != PL_SINK_KAFKA) send_http(d, sink, post);
}

bool pl_delivery_tick(pl_delivery *d) {
  pl_mono now = pl_engine_mono(d->engine);
  pl_post *post = NULL;
  bool waits = false;
  d->next.us = INT64_MAX; /* an answer is awaited */
  for (size_t i = 0; i < PL_SINKS; i++) {
    pl_attempt *a = &d->sinks[i];
    if (a->state == PL_SINK_DUE && a->at.us <= now.us &&
        (post || pl_post_read(&post, pl_buf_str(&d->entry), NULL) == PL_OK))
      ask(d, i, post, now);
    if (a->state == PL_SINK_DUE && a->at.us < d->next.us) d->next = a->at;
    waits |= a->state == PL_SINK_DUE || a->state == PL_SINK_ASKED;
  }
  pl_post_free(&post);
  return !waits;
}

void pl_delivery_answer(pl_delivery *d, size_t sink, bool taken, bool refused, int64_t after_us,
                        const char *why) {
  pl_engine *e = d->engine;
  pl_attempt *a = &d->sinks[sink];
  pl_mono now = pl_engine_mono(e);
  d->next = now;
  if (taken) {
    a->state = PL_SINK_TAKEN;
    e->stats.delivered++;
  } else if (refused) {
    a->state = PL_SINK_REFUSED, d->fate = PL_FATE_PARKED;
    e->stats.parked++;
    pl_log(PL_LOG_ERROR, "outbox.parked", "%s: refused for good: %s", d->name, why);
  } else {
    int64_t wait = FIRST_RETRY_US << (a->tries < DOUBLINGS ? a->tries : DOUBLINGS);
    if (wait > LAST_RETRY_US) wait = LAST_RETRY_US;
    wait -= (int64_t)(d->serial * 2654435761U % 1000) * wait / 4000; /* not all at the same instant */
    a->state = PL_SINK_DUE, a->tries++;
    a->at.us = now.us + (after_us > wait ? after_us : wait);
    e->stats.failed_deliveries++;
    pl_log(PL_LOG_WARN, "outbox.retry", "%s: %s; tried again", d->name, why);
  }
}
