/* Sending: the events of a table into the activities, a few thousand in a transaction, each with the place
 * that was reached; the last also with a heartbeat for each partition at the end of the last period, which
 * lets stream time pass the ends of all goals.
 *
 * Where sources are declared, nobody is judged before they have spoken: then the import says on the way, to
 * each partition, that what lies before an event has been written, so that all is judged at the instants at
 * which it would have been without sources. It speaks for the source of its own name, or, if that is none of
 * them, for all: it is the whole past then. On a wall clock its last word is the newest event: what came
 * after it is for the live feeds to say. */
#include <stdio.h>

#include "base/clock.h"
#include "base/mem.h"
#include "cli/bar.h"
#include "cli/cli.h"
#include "cli/import_inside.h"
#include "cli/progress.h"

enum { TRANSACTION = 5000 /* events */, KEY_MAX = 1024 };

typedef struct {
  const pl_rows *rows;
  const pl_config *config;
  const pl_import_options *options;
  pl_writer *writer;
  pl_list speaks; /* the sources it speaks for */
  pl_wall *said;  /* by partition: up to where; NULL: only at the end */
  int32_t partitions;
  pl_str key; /* of its progress */
  pl_progress progress;
} output;

static pl_status open_writer(pl_writer **out, const pl_kafka_config *kafka, const pl_config *c,
                             const char *source, pl_err *err) {
  char name[256];
  (void)snprintf(name, sizeof name, "paceline-import-%s-%s", c->kafka.topics.activities, source);
  return pl_writer_new(out, kafka, c->kafka.topics.activities, name, err);
}

/* --- where it goes on */

/* Of what goes out, in its order: the same events, or another mapping's. */
static void name_events(const pl_rows *rows, char out[PL_FINGERPRINT_MAX]) {
  size_t n;
  const pl_row_event *events = pl_rows_events(rows, &n);
  pl_fingerprint *all = pl_fingerprint_new();
  for (size_t i = 0; i < n; i++) pl_fingerprint_add(all, pl_rows_value(rows, &events[i]));
  pl_fingerprint_end(&all, out);
}

/* REJECT: this file was finished, or another mapping began it. */
static pl_status go_on(output *o, const pl_kafka_config *kafka, pl_import_sent *sent, pl_err *err) {
  const char *topic = o->config->kafka.topics.progress, *file = o->options->table.path;
  pl_progress before;
  char at[PL_ISO_MAX];
  bool found;
  pl_status status = pl_progress_find(kafka, topic, o->key, &before, &found, err);
  if (status != PL_OK || !found || o->options->again) return status;
  sent->refused = true;
  (void)pl_wall_iso(before.at, at);
  if (before.finished)
    return pl_fail(err, PL_REJECT,
                   "%s was imported at %s (as %s, %lld events); --again writes it once more, which counts "
                   "again whatever the reps' memory of ids (`dedupe_ids`) does not hold any more",
                   file, at, before.file, (long long)before.of);
  if (strcmp(before.made, o->progress.made) != 0)
    return pl_fail(
        err, PL_REJECT,
        "%s was begun at %s with another mapping, schema or roster (%lld of %lld events are there): "
        "finish it with the configuration of then, or take back what is there by retractions and "
        "begin with --again",
        file, at, (long long)before.events, (long long)before.of);
  sent->refused = false;
  o->progress.events = sent->events = sent->before = before.events;
  return PL_OK;
}

/* --- what it says */

static void choose_sources(output *o) {
  const pl_list *sources = &o->config->sources;
  bool declared = false;
  o->speaks = (pl_list){&o->options->table.source, 1};
  for (size_t i = 0; i < sources->n; i++)
    declared |= strcmp(sources->items[i], o->options->table.source) == 0;
  if (!sources->n) return;
  if (!declared) o->speaks = *sources;
  o->said = pl_alloc((size_t)o->partitions * sizeof *o->said);
  for (int32_t p = 0; p < o->partitions; p++) o->said[p] = PL_BEGINNING;
}

static pl_status beat(const output *o, int32_t partition, pl_wall at, pl_wall complete_to, pl_err *err) {
  pl_status status = PL_OK;
  pl_buf value;
  pl_buf_init(&value, 1024);
  for (size_t i = 0; i < o->speaks.n && status == PL_OK; i++) {
    pl_buf_clear(&value);
    pl_maker_heartbeat(pl_rows_maker(o->rows), o->speaks.items[i], at, complete_to, &value);
    status = pl_writer_put(o->writer, partition, (pl_str){0}, pl_buf_str(&value), at, err);
  }
  pl_buf_fini(&value);
  return status;
}

/* What is judged when this event comes lies `source_delay` before it. */
static pl_status put(output *o, const pl_row_event *event, pl_err *err) {
  int32_t p = pl_kafka_home(event->rep, o->partitions, o->config->kafka.partitioner == PL_PARTITIONER_CRC32);
  if (o->said && pl_before(o->said[p], pl_wall_minus(event->at, o->config->source_delay))) {
    pl_status status = beat(o, p, event->at, event->at, err);
    if (status != PL_OK) return status;
    o->said[p] = event->at;
  }
  return pl_writer_put(o->writer, p, event->rep, pl_rows_value(o->rows, event), event->at, err);
}

static pl_status end(const output *o, pl_wall newest, pl_err *err) {
  pl_wall end = pl_rows_end(o->rows), at = pl_wall_plus(end, o->config->source_delay);
  bool live = o->said && o->config->clock == PL_CLOCK_WALL;
  pl_status status = PL_OK;
  for (int32_t p = 0; p < o->partitions && status == PL_OK; p++)
    status = beat(o, p, at, live ? newest : end, err);
  return status;
}

/* --- all of it */

static pl_status write_some(output *o, const pl_row_event *events, pl_err *err) {
  pl_progress *p = &o->progress;
  int64_t from = p->events;
  p->events = p->of - from > TRANSACTION ? from + TRANSACTION : p->of;
  p->finished = p->events == p->of, p->at = pl_clock_wall();
  pl_status status = pl_writer_begin(o->writer, err);
  for (int64_t i = from; i < p->events && status == PL_OK; i++) status = put(o, &events[i], err);
  if (p->finished && status == PL_OK) status = end(o, events[p->of - 1].at, err);
  if (status == PL_OK) status = pl_progress_put(o->writer, o->config->kafka.topics.progress, o->key, p, err);
  return status == PL_OK ? pl_writer_commit(o->writer, err) : status;
}

static pl_status write_all(output *o, pl_import_sent *sent, pl_err *err) {
  size_t n;
  const pl_row_event *events = pl_rows_events(o->rows, &n);
  pl_status status = PL_OK;
  pl_bar bar;
  if (sent->before && !o->options->table.quiet)
    (void)fprintf(stderr, "%lld events are there already: going on\n", (long long)sent->before);
  pl_bar_init(&bar, "events", sent->before, (int64_t)n, !o->options->table.quiet);
  while (status == PL_OK && !o->progress.finished) {
    status = write_some(o, events, err);
    if (status == PL_OK) pl_bar_show(&bar, sent->events = o->progress.events);
  }
  pl_bar_end(&bar);
  return status;
}

pl_status pl_import_send(const pl_table *t, const pl_import_options *options, pl_import_sent *sent,
                         pl_err *err) {
  pl_kafka_config kafka;
  pl_buf key;
  size_t n;
  (void)pl_rows_events(t->rows, &n);
  output o = {.rows = t->rows, .config = t->config, .options = options, .progress = {.of = (int64_t)n}};
  *sent = (pl_import_sent){.of = (int64_t)n};
  pl_buf_init(&key, KEY_MAX);
  pl_progress_key(&key, t->config->kafka.topics.activities, options->table.source, t->fingerprint);
  o.key = pl_buf_str(&key);
  (void)snprintf(o.progress.file, sizeof o.progress.file, "%.255s", options->table.path);
  name_events(t->rows, o.progress.made);
  pl_status status = pl_cli_kafka(&kafka, t->config, err);
  if (status == PL_OK) status = open_writer(&o.writer, &kafka, t->config, options->table.source, err);
  if (status == PL_OK) status = go_on(&o, &kafka, sent, err);
  if (status == PL_OK) {
    sent->partitions = o.partitions = pl_writer_partitions(o.writer);
    choose_sources(&o);
    status = write_all(&o, sent, err);
  }
  pl_release(o.said, o.said ? (size_t)o.partitions * sizeof *o.said : 0);
  pl_writer_free(&o.writer);
  pl_buf_fini(&key);
  return status;
}
