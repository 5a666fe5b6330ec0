/* Dead letters: records that could not be counted, on their way to the dead-letter topic with their original
 * bytes.
 *
 * The mark of their partition waits for the acknowledgement, so a crash in between repeats the letter and
 * loses none. The state of the rep whose event it was waits too: a replay skips what a state has seen.
 * Bounded: beyond PL_DEAD_MAX letters or PL_DEAD_BYTES under way the source is held. */
#include <stdio.h>

#include "base/log.h"
#include "base/mem.h"
#include "engine/inside.h"

static const int64_t RETRY_US = 1000000; /* after the broker refused one */

static void drop(pl_engine *e, pl_dead **place) {
  pl_dead *d = *place;
  e->dead_bytes -= d->key.n + d->value.n;
  *place = d->next;
  if (!d->next) e->dead_end = place;
  if (d->subject) d->subject->letters--;
  pl_buf_fini(&d->key), pl_buf_fini(&d->value);
  pl_release(d, sizeof *d);
  e->ndead--;
}

void pl_dead_put(pl_engine *e, const pl_record *record, pl_reason reason, int32_t schema_id,
                 pl_subject *subject, const char *why) {
  if (!*e->config->kafka.topics.dead_letters) {
    e->stats.dead_acked++; /* switched off on purpose: counted under its reason, and that is all */
    return;
  }
  pl_dead *d = PL_NEW(pl_dead);
  d->partition = record->partition, d->offset = record->offset, d->topic = record->topic;
  d->reason = reason, d->schema_id = schema_id;
  d->null_key = !record->key.p, d->null_value = !record->value.p;
  if ((d->subject = subject)) subject->letters++;
  (void)snprintf(d->why, sizeof d->why, "%.*s", (int)sizeof d->why - 1, why);
  pl_buf_init(&d->key, SIZE_MAX / 2),
      pl_buf_init(&d->value, SIZE_MAX / 2); /* bounded by the broker's own limit */
  if (record->key.p) pl_buf_str_put(&d->key, record->key);
  if (record->value.p) pl_buf_str_put(&d->value, record->value);
  *e->dead_end = d, e->dead_end = &d->next;
  e->ndead++, e->dead_bytes += d->key.n + d->value.n;
  pl_dead_tick(e);
  pl_engine_press(e);
}

static const char *topic_name(const pl_engine *e, pl_topic topic) {
  const char *const names[PL_TOPICS] = {e->config->kafka.topics.activities, e->config->kafka.topics.roster,
                                        e->config->kafka.topics.goals, e->config->kafka.topics.teams};
  return names[topic];
}

/* Empty is not NULL: the letter has what the record had. */
static pl_str bytes_of(const pl_buf *buf, bool is_null) {
  return is_null ? (pl_str){NULL, 0} : (pl_str){buf->n ? buf->p : "", buf->n};
}

static bool hand_over(pl_engine *e, pl_dead *d) {
  char partition[16], offset[24], schema[16];
  (void)snprintf(partition, sizeof partition, "%d", (int)d->partition);
  (void)snprintf(offset, sizeof offset, "%lld", (long long)d->offset);
  (void)snprintf(schema, sizeof schema, "%d", (int)d->schema_id);
  const pl_header headers[] = {
      {PL_STR("paceline.reason"), pl_str_of(pl_reason_name(d->reason))},
      {PL_STR("paceline.why"), pl_str_of(d->why)},
      {PL_STR("paceline.topic"), pl_str_of(topic_name(e, d->topic))},
      {PL_STR("paceline.partition"), pl_str_of(partition)},
      {PL_STR("paceline.offset"), pl_str_of(offset)},
      {PL_STR("paceline.stage"), d->reason >= PL_WIRE ? PL_STR("decode") : PL_STR("apply")},
      {PL_STR("paceline.schema_id"), pl_str_of(schema)},
  };
  uint64_t token = ++e->tokens;
  pl_status status = e->ports.source->ops->produce(
      e->ports.source, e->config->kafka.topics.dead_letters, -1, bytes_of(&d->key, d->null_key),
      bytes_of(&d->value, d->null_value), headers, PL_COUNT(headers), token);
  if (status == PL_OK) d->token = token;
  return status == PL_OK;
}

void pl_dead_tick(pl_engine *e) {
  if (pl_engine_mono(e).us < e->dead_retry.us) return;
  for (pl_dead *d = e->dead; d; d = d->next)
    if (!d->token && !hand_over(e, d)) return; /* the queue is full: the next tick tries again */
}

bool pl_dead_produced(pl_engine *e, uint64_t token, bool delivered, const char *why) {
  for (pl_dead **place = &e->dead; *place; place = &(*place)->next) {
    if ((*place)->token != token) continue;
    if (delivered) {
      e->dead_why[0] = 0;
      e->stats.dead_acked++;
      drop(e, place);
    } else {
      (*place)->token = 0;
      e->dead_retry.us = pl_engine_mono(e).us + RETRY_US;
      (void)snprintf(e->dead_why, sizeof e->dead_why, "%s", why);
      pl_log(PL_LOG_WARN, "dead.produce", "topic %s: %s; tried again", e->config->kafka.topics.dead_letters,
             why);
    }
    pl_engine_press(e);
    return true;
  }
  return false;
}

int64_t pl_dead_gate(const pl_engine *e, int32_t partition, int64_t next) {
  for (const pl_dead *d = e->dead; d; d = d->next)
    if (d->topic == PL_TOPIC_ACTIVITIES && d->partition == partition && d->offset < next) next = d->offset;
  return next;
}

void pl_dead_forget(pl_engine *e, int32_t partition) {
  for (pl_dead **place = &e->dead; *place;) {
    bool of_it =
        (*place)->partition == partition && (*place)->topic != PL_TOPIC_TEAMS; /* nobody reads those again */
    if (partition < 0 || of_it)
      drop(e, place);
    else
      place = &(*place)->next;
  }
}
