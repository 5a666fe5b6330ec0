#include "cli/progress.h"

#include <jansson.h>
#include <stdio.h>

#include "codec/when.h"
#include "io/kafka_make.h"
#include "io/kafka_past.h"

enum { VALUE_MAX = 4096 };

void pl_progress_key(pl_buf *out, const char *activities, const char *source, const char *fingerprint) {
  pl_buf_printf(out, "import/%s/%s/%s", activities, source, fingerprint);
}

/* --- found */

typedef struct {
  pl_str key;
  pl_progress *out;
  bool found, bad;
} search;

static bool text(const json_t *object, const char *name, char *out, size_t room) {
  const char *s = json_string_value(json_object_get(object, name));
  return s && snprintf(out, room, "%s", s) < (int)room;
}

static bool read(pl_str value, pl_progress *out) {
  char at[PL_ISO_MAX];
  pl_when when;
  json_t *o = json_loadb(value.p, value.n, 0, NULL);
  *out = (pl_progress){.events = json_integer_value(json_object_get(o, "events")),
                       .of = json_integer_value(json_object_get(o, "of")),
                       .finished = json_is_true(json_object_get(o, "finished"))};
  bool good = text(o, "at", at, sizeof at) && text(o, "file", out->file, sizeof out->file) &&
              text(o, "made", out->made, sizeof out->made) && pl_when_iso(pl_str_of(at), &when) &&
              out->events >= 0 && out->events <= out->of;
  if (good) out->at.ms = when.ms;
  json_decref(o);
  return good;
}

static void look(void *ctx, const pl_past_record *r) {
  search *s = ctx;
  if (!pl_str_eq(r->key, s->key)) return;
  s->found = r->value.p != NULL;
  s->bad = s->found && !read(r->value, s->out);
}

pl_status pl_progress_find(const pl_kafka_config *kafka, const char *topic, pl_str key, pl_progress *out,
                           bool *found, pl_err *err) {
  int32_t partitions;
  search s = {key, out, false, false};
  pl_status status = pl_kafka_make_compacted(kafka, topic, err);
  if (status == PL_OK)
    status = pl_kafka_range(kafka, topic, &(pl_past_range){.settled = true}, &partitions, look, &s, err);
  *found = s.found;
  if (status == PL_OK && s.bad)
    status = pl_fail(err, PL_REJECT,
                     "kafka: topic %s: what is said of %.*s is not paceline's; name another topic "
                     "in kafka.topics.progress",
                     topic, (int)key.n, key.p);
  return status;
}

/* --- written */

pl_status pl_progress_put(pl_writer *writer, const char *topic, pl_str key, const pl_progress *p,
                          pl_err *err) {
  char at[PL_ISO_MAX];
  pl_buf value;
  pl_buf_init(&value, VALUE_MAX);
  pl_buf_printf(&value,
                "{\"events\":%lld,\"of\":%lld,\"finished\":%s,\"at\":\"%s\",\"made\":\"%s\",\"file\":",
                (long long)p->events, (long long)p->of, p->finished ? "true" : "false",
                pl_wall_iso(p->at, at), p->made);
  pl_buf_json(&value, pl_str_of(p->file));
  pl_buf_char(&value, '}');
  const pl_outgoing record = {
      .topic = topic, .partition = 0, .key = key, .value = pl_buf_str(&value), .stamp = p->at};
  pl_status status = pl_writer_send(writer, &record, err);
  pl_buf_fini(&value);
  return status;
}
