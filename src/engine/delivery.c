#include "engine/delivery.h"

#include <stdio.h>

#include "base/log.h"
#include "base/mem.h"
#include "engine/addressee.h"
#include "engine/gate.h"
#include "engine/inside.h"

static const int64_t FIRST_RETRY_US = 1000000, LAST_RETRY_US = 300000000, LOOK_US = 1000000;
static const int64_t LOOK_EACH_US = 100; /* the more wait, the rarer each is looked at */
enum { DOUBLINGS = 9 };
static const uint64_t OURS = 1ULL << 63; /* tokens of this room */

/* --- what it is, and whom it goes to */

static const pl_list *receivers_of(const pl_config *c, pl_audience audience) {
  const pl_list *lists[] = {&c->receivers.rep, &c->receivers.manager, &c->receivers.team, &c->receivers.ops};
  return lists[audience];
}

void pl_delivery_id(const pl_delivery *d, char out[PL_DELIVERY_ID_MAX]) {
  size_t n = strcspn(d->name, ":");
  (void)snprintf(out, PL_DELIVERY_ID_MAX, "%.*s-%s", (int)n, d->name, pl_audience_name(d->audience));
}

static bool is_kind(const pl_post *post, const char *const *kinds, size_t n) {
  for (size_t i = 0; i < n; i++)
    if (strcmp(pl_post_text(post, "kind"), kinds[i]) == 0) return true;
  return false;
}

/* A digest's own, a team's. */
static const pl_zone *zone_of(const pl_engine *e, const pl_post *post) {
  const char *own = pl_post_text(post, "zone");
  bool of_team = strcmp(pl_post_text(post, "entity_kind"), "team") == 0;
  return *own ? pl_almanac_zone(e->almanac, pl_str_of(own))
              : pl_addressee_team_zone(e, pl_str_of(pl_post_text(post, of_team ? "entity" : "team_id")));
}

void pl_delivery_open(pl_delivery *d, const pl_post *post) {
  static const char *const concerns[] = {"behind", "slump", "silent"}, *const notices[] = {"feed_stale"},
                           *const digests[] = {"digest"};
  const pl_config *c = d->engine->config;
  d->stage = PL_OPEN, d->fate = PL_FATE_DONE, d->noted = true;
  for (int a = PL_TO_REP; a <= PL_TO_OPS; a++)
    if (strcmp(pl_post_text(post, "audience"), pl_audience_name((pl_audience)a)) == 0)
      d->audience = (pl_audience)a;
  d->concern = is_kind(post, concerns, PL_COUNT(concerns));
  d->notice = is_kind(post, notices, 1), d->digest = is_kind(post, digests, 1);
  d->takes_back = *pl_post_text(post, "about");
  d->leads = d->audience == PL_TO_REP && *pl_post_text(post, "turn");
  d->personal =
      d->audience != PL_TO_TEAM && (d->digest || strcmp(pl_post_text(post, "entity_kind"), "rep") == 0);
  d->grouped = d->audience == PL_TO_MANAGER && !d->digest;
  d->at_ms = pl_post_seconds(post, "at") * 1000, d->until_s = pl_post_seconds(post, "until");
  d->zone = zone_of(d->engine, post);
  const char *colon = strchr(d->name, ':');
  colon = colon ? strchr(colon + 1, ':') : NULL;
  d->recipient = colon ? colon + 1 : "";
  if (strcmp(pl_post_text(post, "why"), pl_gate_budget) == 0) {
    d->why = pl_gate_budget;
    d->free_at = pl_wall_s(pl_post_seconds(post, "held_until"));
  }
  if (*c->kafka.topics.alerts && !d->digest && !pl_post_has(post, "taken", "topic"))
    d->topic.state = PL_TOPIC_DUE;
  const pl_list *names = receivers_of(c, d->audience);
  if (!names->n) return;
  d->attempts = pl_alloc(names->n * sizeof *d->attempts), d->nattempts = names->n;
  for (size_t i = 0; i < names->n; i++) {
    bool taken = pl_post_has(post, "taken", names->items[i]);
    d->attempts[i] = (pl_attempt){.delivery = d, .state = taken ? PL_ATTEMPT_TAKEN : PL_ATTEMPT_WAITS};
    d->told |= taken;
  }
}

void pl_delivery_fini(pl_delivery *d) {
  for (size_t i = 0; i < d->nattempts; i++) pl_lane_leave(&d->attempts[i]);
  pl_release(d->attempts, d->nattempts * sizeof *d->attempts);
  pl_text_free(&d->pair), pl_text_free(&d->trouble);
  pl_release(d->name, d->name_len + 1);
  pl_buf_fini(&d->entry);
}

static const char *endpoint_name(const pl_delivery *d, size_t attempt) {
  return receivers_of(d->engine->config, d->audience)->items[attempt];
}

void pl_delivery_mute(pl_delivery *d) {
  for (size_t i = 0; i < d->nattempts; i++) pl_lane_leave(&d->attempts[i]);
  d->entered = true, d->fate = PL_FATE_DROPPED, d->next.us = 0;
  pl_outbox_stir(d);
  if (d->topic.state == PL_TOPIC_DUE) d->topic.state = PL_TOPIC_NOT;
}

bool pl_delivery_awaits_digest(const pl_delivery *d, pl_wall now) {
  bool in_topic = d->topic.state == PL_TOPIC_NOT || d->topic.state == PL_TOPIC_DONE;
  bool stream = d->engine->config->clock == PL_CLOCK_STREAM;
  return d->stage == PL_OPEN && !d->entered && in_topic && d->why == pl_gate_budget &&
         (stream || !pl_before(now, d->free_at));
}

/* Recognition is good for a week. */
bool pl_delivery_aged(const pl_delivery *d) {
  int64_t now = pl_seconds(pl_engine_wall(d->engine));
  return d->engine->config->clock == PL_CLOCK_WALL && !d->told && !pl_delivery_flies(d) &&
         now >= d->until_s + (d->concern ? 0 : PL_KEPT_S);
}

bool pl_delivery_flies(const pl_delivery *d) {
  bool flies = false;
  for (size_t i = 0; i < d->nattempts; i++) flies |= d->attempts[i].state == PL_ATTEMPT_FLIES;
  return flies;
}

/* --- endpoints */

static void trouble(pl_delivery *d, const char *endpoint, const char *why) {
  char text[320];
  (void)snprintf(text, sizeof text, "%s: %s", endpoint, why);
  pl_text_free(&d->trouble);
  d->trouble = pl_text_new(pl_str_of(text));
}

static void refuse(pl_delivery *d, size_t attempt, const char *why) {
  d->attempts[attempt].state = PL_ATTEMPT_REFUSED, d->fate = PL_FATE_PARKED;
  d->engine->stats.parked++;
  trouble(d, endpoint_name(d, attempt), why);
  pl_log(PL_LOG_ERROR, "outbox.parked", "%.*s: %s", (int)strcspn(d->name, ":"), d->name, d->trouble);
}

static void enter(pl_delivery *d) {
  const pl_config *c = d->engine->config;
  d->entered = true;
  for (size_t i = 0; i < d->nattempts; i++) {
    if (d->attempts[i].state != PL_ATTEMPT_WAITS) continue;
    const pl_endpoint *endpoint = pl_config_endpoint(c, endpoint_name(d, i));
    const char *why = "", *address = pl_addressee_address(d, endpoint, &why);
    if (address)
      pl_lane_enter(d->engine->lanes, &d->attempts[i],
                    (size_t)(endpoint - (const pl_endpoint *)c->endpoints.p), pl_str_of(address));
    else
      refuse(d, i, why);
  }
}

void pl_delivery_answered(pl_delivery *d, const pl_attempt *a, const char *why) {
  d->next = pl_engine_mono(d->engine);
  pl_outbox_stir(d);
  if (a->state == PL_ATTEMPT_REFUSED) {
    refuse(d, (size_t)(a - d->attempts), why);
    return;
  }
  d->told = true;
  d->engine->stats.delivered++;
}

void pl_delivery_fails(pl_delivery *d, const pl_attempt *a, const char *why) {
  d->engine->stats.failed_deliveries++;
  if (d->trouble) return;
  trouble(d, endpoint_name(d, (size_t)(a - d->attempts)), why);
  d->noted = false, d->next = pl_engine_mono(d->engine);
  pl_outbox_stir(d);
}

/* --- the topic */

/* CloudEvents 1.0, binary mode: attributes are headers, the value is the Avro body. False: the queue is full.
 */
static bool produce(pl_delivery *d, const pl_post *post) {
  pl_source *source = d->engine->ports.source;
  char type[64], id[PL_DELIVERY_ID_MAX];
  pl_delivery_id(d, id);
  (void)snprintf(type, sizeof type, "paceline.alert.%s", pl_post_text(post, "kind"));
  const pl_header headers[] = {
      {PL_STR("ce_specversion"), PL_STR("1.0")},
      {PL_STR("ce_id"), pl_str_of(id)},
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
  pl_delivery *d = pl_outbox_find(o, (uint32_t)(token & ~OURS));
  if (d) pl_delivery_produced(d, delivered, why);
  return true;
}

void pl_delivery_produced(pl_delivery *d, bool delivered, const char *why) {
  pl_mono now = pl_engine_mono(d->engine);
  d->next = now;
  pl_outbox_stir(d);
  if (delivered) {
    d->topic.state = PL_TOPIC_DONE;
    return;
  }
  int64_t wait = FIRST_RETRY_US << (d->topic.tries < DOUBLINGS ? d->topic.tries : DOUBLINGS);
  d->topic.state = PL_TOPIC_DUE, d->topic.tries++;
  d->topic.at.us = now.us + (wait < LAST_RETRY_US ? wait : LAST_RETRY_US);
  d->engine->stats.failed_deliveries++;
  pl_log(PL_LOG_WARN, "outbox.topic", "%s: %s; tried again", d->engine->config->kafka.topics.alerts, why);
}

static void ask_topic(pl_delivery *d, pl_mono now) {
  pl_post *post = NULL;
  if (pl_post_read(&post, pl_buf_str(&d->entry), NULL) != PL_OK) return;
  if (produce(d, post))
    d->topic.state = PL_TOPIC_ASKED;
  else
    d->topic.at.us = now.us + FIRST_RETRY_US;
  pl_post_free(&post);
}

/* --- */

/* Passes the gate, or is looked at again: a clock on the wall may jump, a silence may end. */
static void pass(pl_delivery *d, pl_mono now) {
  pl_wall wall = pl_engine_wall(d->engine);
  d->next.us = now.us + LOOK_US + (int64_t)pl_outbox_waiting(d->engine->outbox) * LOOK_EACH_US;
  pl_hold hold = pl_gate_ask(d->engine->gate, d, wall);
  if (hold.reason != d->why) d->noted = false;
  d->why = hold.reason, d->free_at = hold.until;
  if (!hold.reason) enter(d);
}

bool pl_delivery_tick(pl_delivery *d) {
  pl_mono now = pl_engine_mono(d->engine);
  d->next.us = INT64_MAX; /* an answer is awaited */
  if (d->topic.state == PL_TOPIC_DUE && d->topic.at.us <= now.us) ask_topic(d, now);
  if (!d->entered) pass(d, now);
  if (d->topic.state == PL_TOPIC_DUE && d->topic.at.us < d->next.us) d->next = d->topic.at;
  bool waits = !d->entered || d->topic.state == PL_TOPIC_DUE || d->topic.state == PL_TOPIC_ASKED;
  for (size_t i = 0; i < d->nattempts; i++) waits |= d->attempts[i].lane != NULL;
  return !waits;
}

void pl_delivery_write(const pl_delivery *d, const char *status, pl_buf *out) {
  char at[PL_ISO_MAX];
  pl_post *post = NULL;
  if (pl_post_read(&post, pl_buf_str(&d->entry), NULL) != PL_OK) return;
  pl_post_put(post, "status", status);
  pl_post_put(post, "why", d->why ? d->why : d->trouble ? d->trouble : "");
  pl_post_put(post, "held_until", d->why && d->free_at.ms != INT64_MAX ? pl_wall_iso(d->free_at, at) : "");
  if (d->topic.state == PL_TOPIC_DONE) pl_post_add(post, "taken", "topic");
  for (size_t i = 0; i < d->nattempts; i++)
    if (d->attempts[i].state == PL_ATTEMPT_TAKEN) pl_post_add(post, "taken", endpoint_name(d, i));
  pl_post_write(post, out);
  pl_post_free(&post);
}
