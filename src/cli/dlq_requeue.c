/* Sending back: the record that was refused is written once more, and beside it, in the same transaction, the
 * marker that says so (letterbox.h). Whoever sends back fences whoever did before, and then reads which
 * markers there are: so whatever is killed, and whoever runs at the same time, no letter goes back twice.
 *
 * Only records of the stream of events, and of topics that `rekey` reads, go back: a table's newest record is
 * read at each start anyway, and an older one would take its place. */
#include <stdio.h>

#include "base/mem.h"
#include "cli/cli.h"
#include "cli/dlq_inside.h"
#include "io/kafka_look.h"
#include "io/kafka_writer.h"

enum { TRANSACTION = 500 /* letters */, HEADERS_MAX = 32 };

typedef struct {
  const pl_dlq_options *o;
  const pl_config *config;
  pl_writer *writer;    /* NULL: dry */
  pl_topic_look *looks; /* at the topics that records may go back to, of as many mappings */
  pl_status status;     /* of the first that could not be written */
  pl_err *err;
  int64_t open; /* letters in the open transaction */
  int64_t sent, before, others;
  char other[256]; /* a topic of those that do not go back */
} sending;

/* --- where to */

static pl_status find_topics(sending *s, const pl_kafka_config *kafka, pl_err *err) {
  const size_t n = s->config->nmappings;
  s->looks = pl_alloc(n * sizeof *s->looks);
  for (size_t i = 0; i < n; i++) s->looks[i].topic = s->config->mappings[i].name;
  return pl_kafka_look(kafka, s->looks, n, err);
}

static const char *target_of(const sending *s, pl_str topic) {
  for (size_t i = 0; i < s->config->nmappings; i++)
    if (s->looks[i].partitions && pl_str_is(topic, s->looks[i].topic)) return s->looks[i].topic;
  return NULL;
}

/* --- one letter */

static pl_status mark(const sending *s, const pl_letter *l) {
  pl_header headers[HEADERS_MAX] = {{PL_STR(PL_LETTER_REQUEUED), pl_str_of(l->place)}};
  size_t n = 1;
  for (pl_header h; n < HEADERS_MAX && pl_past_header_at(l->record, n - 1, &h); n++) headers[n] = h;
  const pl_outgoing marker = {.partition = l->record->partition,
                              .key = l->record->key,
                              .stamp = l->record->stamp,
                              .headers = headers,
                              .nheaders = n};
  return pl_writer_send(s->writer, &marker, s->err);
}

static pl_status put(sending *s, const pl_letter *l, const char *topic) {
  pl_status status = s->open ? PL_OK : pl_writer_begin(s->writer, s->err);
  const pl_outgoing again = {.topic = topic,
                             .partition = l->record->key.p ? -1 : (int32_t)l->partition,
                             .key = l->record->key,
                             .value = l->record->value,
                             .stamp = l->stamp};
  if (status == PL_OK) status = pl_writer_send(s->writer, &again, s->err);
  if (status == PL_OK) status = mark(s, l);
  if (status == PL_OK) s->open++;
  return status;
}

static pl_status commit(sending *s) {
  if (!s->open) return PL_OK;
  pl_status status = pl_writer_commit(s->writer, s->err);
  if (status == PL_OK) s->sent += s->open, s->open = 0;
  return status;
}

static void send(void *ctx, const pl_letter *l) {
  sending *s = ctx;
  const char *topic = target_of(s, l->topic);
  if (s->status != PL_OK) return;
  if (l->requeued && !s->o->again) {
    s->before++;
  } else if (!topic) {
    s->others++;
    (void)snprintf(s->other, sizeof s->other, "%.*s", (int)(l->topic.n < 249 ? l->topic.n : 249), l->topic.p);
  } else if (!s->writer) {
    s->sent++;
  } else {
    s->status = put(s, l, topic);
    if (s->status == PL_OK && s->open == TRANSACTION) s->status = commit(s);
  }
}

/* --- all */

static void say(const sending *s) {
  (void)printf("%lld letters %s\n", (long long)s->sent, s->o->dry ? "would be sent back" : "sent back");
  if (s->before)
    (void)printf("%lld were sent back before; --again does it once more\n", (long long)s->before);
  if (s->others)
    (void)printf("%lld stay, such as those of '%s': expected %s, or another topic that is there and that "
                 "`mapping` names; tables are read again at each start\n",
                 (long long)s->others, s->other, s->config->kafka.topics.activities);
}

pl_status pl_dlq_requeue(const pl_dlq_options *o, const pl_config *config, pl_err *err) {
  char name[300];
  const char *letters = config->kafka.topics.dead_letters;
  pl_letterbox *box = NULL;
  pl_kafka_config kafka;
  sending s = {.o = o, .config = config, .err = err};
  (void)snprintf(name, sizeof name, "paceline-requeue-%s", letters);
  pl_status status = pl_cli_kafka(&kafka, config, err);
  if (status == PL_OK) status = find_topics(&s, &kafka, err);
  if (status == PL_OK && !o->dry) status = pl_writer_new(&s.writer, &kafka, letters, name, err);
  if (status == PL_OK) status = pl_letterbox_open(&box, config, true, err);
  if (status == PL_OK) status = pl_letterbox_each(box, &o->filter, send, &s, err);
  if (status == PL_OK) status = s.status;
  if (status == PL_OK) status = commit(&s);
  pl_letterbox_close(&box);
  pl_writer_free(&s.writer);
  pl_release(s.looks, s.looks ? config->nmappings * sizeof *s.looks : 0);
  if (status == PL_OK && o->filter.nplaces > s.sent + s.before + s.others)
    status =
        pl_fail(err, PL_REJECT, "%lld of the letters that were named are not there; `list` shows examples",
                (long long)(o->filter.nplaces - s.sent - s.before - s.others));
  if (status == PL_OK || s.sent) say(&s);
  return status;
}
