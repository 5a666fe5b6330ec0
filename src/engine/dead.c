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

struct pl_dead {
  pl_dead *next;
  int32_t partition;
  int64_t offset;
  pl_wall stamp; /* the record's */
  uint32_t serial;
  bool sent; /* handed to the source, not answered yet */
  pl_buf key, value;
  bool null_key, null_value;
  int32_t schema_id; /* -1: unknown */
  pl_topic topic;
  pl_reason reason;
  pl_subject *subject; /* whose event it was, if that is known; it waits to be written */
  char why[256];
};

/* Empty is not NULL: the letter has what the record had. */
static pl_str bytes_of(const pl_buf *buf, bool is_null) {
  return is_null ? (pl_str){NULL, 0} : (pl_str){buf->n ? buf->p : "", buf->n};
}

/* Who will hear of it: the partition whose mark waits (0: none), and which of its letters. */
static uint64_t token_of(const pl_dead *d) {
  uint64_t owner = d->topic == PL_TOPIC_ACTIVITIES ? (uint64_t)d->partition + 1 : 0;
  return owner << 32 | d->serial;
}

void pl_dead_headers(pl_dead_facts *f, pl_header out[PL_DEAD_HEADERS]) {
  const long long numbers[] = {f->partition, f->offset, f->stamp.ms, f->schema_id};
  for (size_t i = 0; i < PL_COUNT(numbers); i++)
    (void)snprintf(f->room[i], sizeof f->room[i], "%lld", numbers[i]);
  const pl_header headers[PL_DEAD_HEADERS] = {
      {PL_STR("paceline.reason"), pl_str_of(pl_reason_name(f->reason))},
      {PL_STR("paceline.why"), pl_str_of(f->why)},
      {PL_STR("paceline.topic"), pl_str_of(f->topic)},
      {PL_STR("paceline.partition"), pl_str_of(f->room[0])},
      {PL_STR("paceline.offset"), pl_str_of(f->room[1])},
      {PL_STR("paceline.stamp"), pl_str_of(f->room[2])},
      {PL_STR("paceline.stage"), f->reason >= PL_WIRE ? PL_STR("decode") : PL_STR("apply")},
      {PL_STR("paceline.schema_id"), pl_str_of(f->room[3])},
  };
  memcpy(out, headers, sizeof headers);
}

static bool hand_over(pl_engine *e, pl_dead *d) {
  pl_header headers[PL_DEAD_HEADERS];
  pl_dead_facts facts = {.topic = pl_engine_topic(e, d->topic),
                         .partition = d->partition,
                         .offset = d->offset,
                         .stamp = d->stamp,
                         .reason = d->reason,
                         .schema_id = d->schema_id,
                         .why = d->why};
  pl_dead_headers(&facts, headers);
  pl_status status = e->ports.source->ops->produce(
      e->ports.source, e->config->kafka.topics.dead_letters, -1, bytes_of(&d->key, d->null_key),
      bytes_of(&d->value, d->null_value), headers, PL_COUNT(headers), token_of(d));
  return d->sent = status == PL_OK;
}

void pl_dead_tick(pl_engine *e, pl_letters *letters) {
  if (!letters->unsent || pl_engine_mono(e).us < e->letters_retry.us) return;
  pl_dead *d = letters->unsent;
  while (d && (d->sent || hand_over(e, d))) d = d->next; /* the queue is full: the next tick goes on */
  letters->unsent = d;
}

/* Newer serializers leave the value without an id, and name its schema in a header. */
static const char *framing(const pl_engine *e, const pl_record *record, pl_reason reason) {
  bool maybe = reason == PL_WIRE || reason == PL_SCHEMA || reason == PL_BODY;
  if (!maybe || !e->ports.source->ops->header(e->ports.source, record, "__value_schema_id").p) return "";
  return "its header __value_schema_id names its schema, Confluent's newer framing: set the producer's "
         "serializer to schema ids in the value; ";
}

void pl_dead_put(pl_engine *e, pl_tenure *tenure, const pl_record *record, pl_reason reason,
                 int32_t schema_id, pl_subject *subject, const char *why) {
  if (!*e->config->kafka.topics.dead_letters) {
    e->stats.dead_acked++; /* switched off on purpose: counted under its reason, and that is all */
    return;
  }
  pl_letters *letters = tenure ? &tenure->letters : &e->letters;
  pl_dead *d = PL_NEW(pl_dead);
  d->partition = record->partition, d->offset = record->offset, d->topic = record->topic;
  d->stamp = record->stamp;
  d->reason = reason, d->schema_id = schema_id, d->serial = ++e->letter_serials;
  d->null_key = !record->key.p, d->null_value = !record->value.p;
  if ((d->subject = subject)) subject->letters++;
  const char *newer = framing(e, record, reason);
  (void)snprintf(d->why, sizeof d->why, "%s%.*s", newer, (int)(sizeof d->why - 1 - strlen(newer)), why);
  pl_buf_init(&d->key, SIZE_MAX / 2),
      pl_buf_init(&d->value, SIZE_MAX / 2); /* bounded by the broker's own limit */
  if (record->key.p) pl_buf_str_put(&d->key, record->key);
  if (record->value.p) pl_buf_str_put(&d->value, record->value);
  if (letters->last)
    letters->last->next = d;
  else
    letters->first = d;
  letters->last = d;
  if (!letters->unsent) letters->unsent = d;
  e->nletters++, e->letter_bytes += d->key.n + d->value.n;
  pl_dead_tick(e, letters);
  pl_engine_press(e);
}

static void drop(pl_engine *e, pl_letters *letters, pl_dead *before) {
  pl_dead *d = before ? before->next : letters->first;
  *(before ? &before->next : &letters->first) = d->next;
  if (letters->last == d) letters->last = before;
  if (letters->unsent == d) letters->unsent = d->next;
  if (d->subject) d->subject->letters--;
  e->nletters--, e->letter_bytes -= d->key.n + d->value.n;
  pl_buf_fini(&d->key), pl_buf_fini(&d->value);
  PL_FREE(d);
}

/* Answers come in the order of the letters, mostly: theirs is among the first. */
void pl_dead_produced(pl_engine *e, uint64_t token, bool delivered, const char *why) {
  pl_tenure *t = token >> 32 ? pl_engine_tenure(e, (int32_t)(token >> 32) - 1) : NULL;
  pl_letters *letters = t ? &t->letters : token >> 32 ? NULL : &e->letters;
  pl_dead *before = NULL, *d = letters ? letters->first : NULL;
  for (; d && d->serial != (uint32_t)token; d = d->next) before = d;
  if (!d) return; /* its tenure has ended meanwhile */
  if (delivered) {
    e->letters_why[0] = 0;
    e->stats.dead_acked++;
    drop(e, letters, before);
  } else {
    d->sent = false;
    letters->unsent = letters->first; /* it is found on the way */
    e->letters_retry.us = pl_engine_mono(e).us + RETRY_US;
    (void)snprintf(e->letters_why, sizeof e->letters_why, "%s", why);
    pl_log(PL_LOG_WARN, "dead.produce", "topic %s: %s; tried again", e->config->kafka.topics.dead_letters,
           why);
  }
  pl_engine_press(e);
}

int64_t pl_dead_gate(const pl_tenure *t) { return t->letters.first ? t->letters.first->offset : t->next; }

void pl_dead_forget(pl_engine *e, pl_letters *letters) {
  while (letters->first) drop(e, letters, NULL);
}
