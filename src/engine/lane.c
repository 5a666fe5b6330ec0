#include "engine/lane.h"

#include <stdio.h>

#include "base/log.h"
#include "base/map.h"
#include "base/mem.h"
#include "engine/delivery.h"
#include "engine/gate.h"
#include "engine/inside.h"
#include "engine/parcel.h"
#include "engine/station.h"

static const int64_t FIRST_WAIT_US = 1000000, LAST_WAIT_US = 60000000;
static const int64_t GIVE_UP_US = 75LL * 3600 * 1000000;
static const int64_t RETRY_AFTER_MAX_S = 6 * 3600; /* whatever an endpoint asks for */
enum { DOUBLINGS = 9, MESSAGE_MAX = 1000 /* entries that one message speaks for */ };

struct pl_lane {
  pl_lanes *lanes;
  pl_lane *next_lane;
  size_t endpoint;
  char *address, *key;
  pl_attempt *first, *last;
  size_t waiting;
  size_t nflying;          /* in the message that is on its way... */
  uint32_t *flying, roomy; /* ...the serials of their deliveries; room for so many */
  pl_mono next;            /* sends no sooner... */
  pl_mono asked;           /* ...not even when its endpoint is back: its rate, and what it was asked for */
  int tries;
};

struct pl_lanes {
  pl_engine *engine;
  pl_lane *first, **end; /* all, owned, in the order of asking */
  pl_map by_key;         /* endpoint and address -> pl_lane */
  pl_station stations[PL_ENDPOINTS_MAX];
  uint32_t generation; /* of the configuration: answers of an earlier one are dropped */
  pl_mono next;        /* nothing happens before */
};

pl_lanes *pl_lanes_new(pl_engine *engine) {
  pl_lanes *lanes = PL_NEW(pl_lanes);
  lanes->engine = engine, lanes->end = &lanes->first;
  return lanes;
}

static void free_lane(pl_lane **place) {
  pl_lane *lane = *place;
  *place = lane->next_lane;
  if (lane->lanes->end == &lane->next_lane) lane->lanes->end = place;
  pl_map_drop(&lane->lanes->by_key, pl_str_of(lane->key));
  pl_text_free(&lane->address), pl_text_free(&lane->key);
  pl_release(lane->flying, lane->roomy * sizeof *lane->flying);
  PL_FREE(lane);
}

void pl_lanes_reset(pl_lanes *lanes) {
  while (lanes->first) {
    while (lanes->first->first) pl_lane_leave(lanes->first->first);
    free_lane(&lanes->first);
  }
  memset(lanes->stations, 0, sizeof lanes->stations);
  lanes->generation++;
}

void pl_lanes_free(pl_lanes **lanes) {
  if (!*lanes) return;
  pl_lanes_reset(*lanes);
  pl_map_fini(&(*lanes)->by_key);
  PL_FREE(*lanes);
}

/* --- the queue */

/* Machines take what is of different people side by side. */
static pl_lane *lane_of(pl_lanes *lanes, size_t endpoint, pl_str address, const char *recipient) {
  char key[PL_ID_MAX + 32];
  int n = address.n ? snprintf(key, sizeof key, "%zu %.*s", endpoint, (int)address.n, address.p)
                    : snprintf(key, sizeof key, "%zu to %s", endpoint, recipient);
  void **place = pl_map_put(&lanes->by_key, (pl_str){key, (size_t)n});
  if (*place) return *place;
  pl_lane *lane = *place = PL_NEW(pl_lane);
  lane->lanes = lanes, lane->endpoint = endpoint;
  *lanes->end = lane, lanes->end = &lane->next_lane;
  lane->address = pl_text_new(address), lane->key = pl_text_new((pl_str){key, (size_t)n});
  return lane;
}

static const pl_endpoint *endpoint_of(const pl_lane *lane) {
  return (const pl_endpoint *)lane->lanes->engine->config->endpoints.p + lane->endpoint;
}

static const pl_sink_type *type_of(const pl_lane *lane) {
  return pl_sink_type_of((pl_sink_kind)endpoint_of(lane)->type);
}

void pl_lane_enter(pl_lanes *lanes, pl_attempt *a, size_t endpoint, pl_str address) {
  const pl_endpoint *to = (const pl_endpoint *)lanes->engine->config->endpoints.p + endpoint;
  bool people = pl_sink_type_of((pl_sink_kind)to->type)->for_people;
  pl_lane *lane = a->lane = lane_of(lanes, endpoint, address, people ? "" : a->delivery->recipient);
  const pl_engine *e = lanes->engine;
  pl_attempt *before = lane->last;
  while (before && before->delivery->at_ms > a->delivery->at_ms) before = before->before;
  a->entered = pl_engine_mono(e);
  a->state = PL_ATTEMPT_WAITS, a->before = before, a->after = before ? before->after : lane->first;
  *(a->before ? &a->before->after : &lane->first) = a;
  *(a->after ? &a->after->before : &lane->last) = a;
  pl_mono now = pl_engine_mono(e);
  if (lane->waiting++ == 0 && people && a->delivery->grouped) {
    int64_t together = now.us + e->config->alerts.group_wait.ms * 1000;
    if (lane->next.us < together) lane->next.us = together;
  }
  lanes->next.us = 0;
}

void pl_lane_leave(pl_attempt *a) {
  pl_lane *lane = a->lane;
  if (!lane) return;
  *(a->before ? &a->before->after : &lane->first) = a->after;
  *(a->after ? &a->after->before : &lane->last) = a->before;
  if (a->state == PL_ATTEMPT_WAITS) lane->waiting--;
  a->lane = NULL, a->before = a->after = NULL;
}

/* --- answers */

static pl_mono later(pl_mono a, pl_mono b) { return a.us > b.us ? a : b; }

typedef struct {
  pl_lanes *lanes;
  uint32_t generation;
  char *key;
} question;

static void end(pl_attempt *a, pl_attempt_state state, const char *why) {
  pl_lane *lane = a->lane;
  PL_ASSERT(lane); /* it waits, or flies */
  lane->lanes->stations[lane->endpoint].parked += state == PL_ATTEMPT_REFUSED;
  pl_lane_leave(a);
  a->state = state;
  pl_delivery_answered(a->delivery, a, why);
}

static int64_t wait_after(const pl_lane *lane) {
  int64_t wait = FIRST_WAIT_US << (lane->tries < DOUBLINGS ? lane->tries : DOUBLINGS);
  if (wait > LAST_WAIT_US) wait = LAST_WAIT_US;
  return wait - (int64_t)(pl_hash_text(pl_str_of(lane->key), (uint64_t)lane->tries) % 1000) * wait /
                    4000; /* not all at the same instant */
}

/* One message costs its reader's attention once, however much it says and wherever it came. */
static void taken(pl_lane *lane, pl_attempt *a, bool first) {
  pl_engine *e = lane->lanes->engine;
  pl_wall now = pl_engine_wall(e);
  if (first && !a->delivery->told) pl_gate_told(e->gate, a->delivery, now);
  pl_station_latency(&lane->lanes->stations[lane->endpoint], (now.ms - a->delivery->at_ms) * 1000);
  end(a, PL_ATTEMPT_TAKEN, "");
}

/* NULL: it has left, or its delivery is gone. */
static pl_attempt *attempt_of(const pl_lane *lane, uint32_t serial) {
  const pl_delivery *d = pl_outbox_find(lane->lanes->engine->outbox, serial);
  for (size_t i = 0; d && i < d->nattempts; i++)
    if (d->attempts[i].lane == lane) return &d->attempts[i];
  return NULL;
}

/* What it means for each that was in the message. */
static void settle(pl_lane *lane, pl_sent what, const char *why) {
  pl_engine *e = lane->lanes->engine;
  pl_mono now = pl_engine_mono(e);
  size_t n = lane->nflying;
  lane->nflying = 0;
  for (size_t i = 0; i < n; i++) {
    pl_attempt *a = attempt_of(lane, lane->flying[i]);
    if (!a) continue;
    if (!a->failed.us) a->failed = now;
    if (what == PL_SENT_TAKEN)
      taken(lane, a, i == 0);
    else if (what != PL_SENT_AGAIN || now.us - a->failed.us > GIVE_UP_US)
      end(a, PL_ATTEMPT_REFUSED, why);
    else
      a->state = PL_ATTEMPT_WAITS, lane->waiting++, pl_delivery_fails(a->delivery, a, why);
  }
}

static void on_sent(void *ctx, pl_sent what, int status, int64_t retry_after_s, const char *why) {
  question q = *(question *)ctx;
  pl_release(ctx, sizeof q);
  pl_lanes *lanes = q.lanes;
  pl_lane *lane = pl_map_find(&lanes->by_key, pl_str_of(q.key));
  pl_text_free(&q.key);
  if (!lane || q.generation != lanes->generation) return;
  pl_mono now = pl_engine_mono(lanes->engine);
  pl_station *station = &lanes->stations[lane->endpoint];
  const char *name = endpoint_of(lane)->item.name;
  bool failed = pl_station_fails(station);
  if (pl_station_answer(station, what, status, now, why))
    pl_log(PL_LOG_ERROR, "endpoint", "%s: %s; %s", name, why,
           station->gone ? "nothing more is sent to it until the configuration is loaded again"
                         : "it is asked by one message at a time until it takes one");
  else if (what != PL_SENT_TAKEN)
    pl_log(PL_LOG_WARN, "endpoint", "%s: %s%s", name, why, what == PL_SENT_AGAIN ? "; tried again" : "");
  int64_t most = retry_after_s < RETRY_AFTER_MAX_S ? retry_after_s : RETRY_AFTER_MAX_S;
  int64_t asked = what == PL_SENT_AGAIN ? most * 1000000 : 0, rate = type_of(lane)->interval_us;
  lane->asked.us = now.us + (asked > rate ? asked : rate);
  lane->next.us = what == PL_SENT_AGAIN ? now.us + wait_after(lane) : 0;
  lane->next = later(lane->next, lane->asked);
  lane->tries = what == PL_SENT_AGAIN ? lane->tries + 1 : 0;
  settle(lane, what, why);
  for (pl_lane *other = failed && what == PL_SENT_TAKEN ? lanes->first : NULL; other;
       other = other->next_lane)
    if (other->endpoint == lane->endpoint && other->tries)
      other->next = later(now, other->asked); /* it is back */
  lanes->next.us = 0;
  pl_engine_wake(lanes->engine);
}

/* --- sending */

/* The first that wait, as many as one message may speak for: who leads others hears of them in other words
 * than of themselves. */
static void take(pl_lane *lane) {
  const pl_sink_type *type = type_of(lane);
  const pl_delivery *first = NULL;
  size_t most = type->for_people ? MESSAGE_MAX : type->group_max;
  if (most > lane->waiting) most = lane->waiting;
  if (lane->roomy < most) {
    lane->flying = pl_resize(lane->flying, lane->roomy * sizeof *lane->flying, most * sizeof *lane->flying);
    lane->roomy = (uint32_t)most;
  }
  for (pl_attempt *a = lane->first, *after; a && lane->nflying < most; a = after) {
    after = a->after;
    if (pl_delivery_aged(a->delivery)) {
      pl_delivery_mute(a->delivery);
      continue;
    }
    if (!first) first = a->delivery;
    if (a->delivery->audience != first->audience) break;
    a->state = PL_ATTEMPT_FLIES, lane->waiting--;
    lane->flying[lane->nflying++] = a->delivery->serial;
  }
}

static void send(pl_lane *lane) {
  pl_engine *e = lane->lanes->engine;
  pl_sender *sender = e->ports.sender;
  pl_buf body;
  pl_err err;
  char id[PL_DELIVERY_ID_MAX];
  take(lane);
  if (!lane->nflying) return;
  pl_buf_init(&body, PL_PARCEL_MAX);
  pl_str address = pl_str_of(lane->address);
  if (pl_parcel_make(e, endpoint_of(lane), address, lane->first, lane->nflying, id, &body, &err) == PL_OK) {
    question *q = PL_NEW(question);
    *q = (question){lane->lanes, lane->lanes->generation, pl_text_new(pl_str_of(lane->key))};
    lane->lanes->stations[lane->endpoint].flying++;
    sender->ops->send(sender, lane->endpoint, address, pl_str_of(id), pl_buf_str(&body), on_sent, q);
  } else {
    settle(lane, PL_SENT_REFUSED, err.text);
  }
  pl_buf_fini(&body);
}

static bool may_send(const pl_lane *lane, pl_mono now, pl_mono *next) {
  const pl_station *station = &lane->lanes->stations[lane->endpoint];
  if (!lane->waiting || lane->nflying) return false;
  pl_mono when = pl_station_next(station, lane->next);
  if (when.us > now.us && when.us < next->us) *next = when;
  return when.us <= now.us;
}

pl_mono pl_lanes_tick(pl_lanes *lanes) {
  pl_engine *e = lanes->engine;
  pl_mono now = pl_engine_mono(e), next = {INT64_MAX};
  if (now.us < lanes->next.us) return lanes->next;
  for (pl_lane **place = &lanes->first, *lane; (lane = *place);) {
    const pl_station *station = &lanes->stations[lane->endpoint];
    while (station->gone && lane->first && !lane->nflying) end(lane->first, PL_ATTEMPT_REFUSED, station->why);
    if (may_send(lane, now, &next)) {
      if (!pl_engine_in_time(e)) return lanes->next = e->turn_ends;
      send(lane);
    }
    if (!lane->first && !lane->nflying && lane->next.us <= now.us)
      free_lane(place);
    else
      place = &lane->next_lane;
  }
  return lanes->next = next;
}

/* --- how it goes */

void pl_lanes_metrics(const pl_lanes *lanes, pl_buf *out) {
  const pl_engine *e = lanes->engine;
  pl_station_line lines[PL_ENDPOINTS_MAX];
  size_t n = e->config->endpoints.n;
  int64_t now = pl_engine_wall(e).ms;
  for (size_t i = 0; i < n; i++)
    lines[i] = (pl_station_line){((const pl_endpoint *)e->config->endpoints.p)[i].item.name,
                                 &lanes->stations[i], 0, 0};
  for (const pl_lane *lane = lanes->first; lane; lane = lane->next_lane) {
    pl_station_line *line = &lines[lane->endpoint];
    line->waiting += lane->waiting + lane->nflying;
    double age_s = lane->first ? (double)(now - lane->first->delivery->at_ms) / 1000 : 0;
    if (age_s > line->oldest_s) line->oldest_s = age_s;
  }
  pl_stations_metrics(lines, n, out);
}

void pl_lanes_warn(const pl_lanes *lanes, pl_buf *out) {
  const pl_endpoint *endpoints = lanes->engine->config->endpoints.p;
  for (size_t i = 0; i < lanes->engine->config->endpoints.n; i++) {
    const pl_station *s = &lanes->stations[i];
    if (s->gone)
      pl_buf_printf(
          out, "warning: endpoint %s: %s; nothing is sent to it until the configuration is loaded again\n",
          endpoints[i].item.name, s->why);
    else if (pl_station_fails(s))
      pl_buf_printf(out, "warning: endpoint %s takes nothing: %s; what waits for it is kept\n",
                    endpoints[i].item.name, s->why);
  }
}
