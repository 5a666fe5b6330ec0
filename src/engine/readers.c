/* Readers: every schema of the configuration, read once at the start, with the programs that decode its
 * records. */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "codec/event_decode.h"
#include "codec/fact_decode.h"
#include "codec/wire.h"
#include "engine/inside.h"

typedef struct {
  int32_t id;
  pl_schema *schema;
  pl_event_reader *events[PL_EVENTS_MAX]; /* NULL: this schema lacks what the mapping needs */
  pl_fact_reader *facts[3];
} entry;

struct pl_readers {
  const pl_config *config;
  entry *entries;
  size_t n;
  size_t nevents;
  pl_wire wire;
};

static pl_status read_file(const char *path, pl_buf *out, pl_err *err) {
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return pl_fail(err, PL_REJECT, "%s: cannot be opened; check schemas.folder and schemas.ids", path);
  for (;;) {
    char block[4096];
    ssize_t n = read(fd, block, sizeof block);
    if (n <= 0) break;
    pl_buf_put(out, block, (size_t)n);
  }
  (void)close(fd);
  if (out->full)
    return pl_fail(err, PL_REJECT, "%s: larger than %zu bytes; expected an Avro schema", path, out->max);
  return PL_OK;
}

static pl_status read_entry(pl_readers *r, entry *e, int32_t id, const char *path, pl_err *err) {
  pl_buf text;
  pl_err why = {""};
  pl_buf_init(&text, PL_SCHEMA_BYTES);
  e->id = id;
  pl_status status = read_file(path, &text, err);
  if (status == PL_OK && pl_schema_new(&e->schema, pl_buf_str(&text), &why) != PL_OK)
    status = pl_fail(err, PL_REJECT, "%s: %.800s", path, why.text);
  pl_buf_fini(&text);
  if (status != PL_OK) return status;
  const pl_mapping_set *set = &r->config->mappings[0];
  bool fits = false;
  for (size_t i = 0; i < set->n && i < PL_EVENTS_MAX; i++) {
    if (pl_event_reader_new(&e->events[i], e->schema, &set->items[i], &r->config->policy, &why) != PL_OK)
      continue;
    fits = true;
    const char *missing = pl_event_reader_missing(e->events[i]);
    if (*missing)
      pl_log(PL_LOG_WARN, "schemas.field", "%s: lacks %s, which the mapping names: absent in its events",
             path, missing);
  }
  for (pl_fact_kind k = PL_FACT_REP; k <= PL_FACT_TEAM; k++)
    fits |= pl_fact_reader_new(&e->facts[k], e->schema, k, NULL) == PL_OK;
  if (!fits)
    pl_log(PL_LOG_WARN, "schemas.unused", "%s: fits neither the mapping nor roster, goals or teams: %.700s",
           path, why.text);
  return PL_OK;
}

/* A schema that no mapping fits is allowed (it may be a fact's), but one of them must fit the activities. */
static pl_status check(const pl_readers *r, pl_err *err) {
  for (size_t i = 0; i < r->n; i++)
    for (size_t m = 0; m < r->nevents; m++)
      if (r->entries[i].events[m]) return PL_OK;
  pl_err why = {"no schema is configured"};
  pl_event_reader *reader = NULL;
  if (r->n)
    (void)!pl_event_reader_new(&reader, r->entries[0].schema, &r->config->mappings[0].items[0],
                               &r->config->policy, &why);
  pl_event_reader_free(&reader);
  return pl_fail(err, PL_REJECT,
                 "mapping %s: fits none of the configured schemas (%.600s); correct its paths or schemas.ids",
                 r->config->mappings[0].name, why.text);
}

pl_status pl_readers_new(pl_readers **out, const pl_config *config, pl_err *err) {
  pl_readers *r = PL_NEW(pl_readers);
  r->config = config;
  r->nevents = config->mappings[0].n < PL_EVENTS_MAX ? config->mappings[0].n : PL_EVENTS_MAX;
  r->wire.max_bytes = (size_t)config->kafka.max_bytes;
  r->wire.plain = config->schemas.fixed != NULL;
  r->n = r->wire.plain ? 1 : config->schemas.nfiles;
  r->entries = pl_alloc(r->n * sizeof *r->entries);
  pl_status status = PL_OK;
  if (r->wire.plain)
    status = read_entry(r, &r->entries[0], 0, config->schemas.fixed, err);
  else
    for (size_t i = 0; i < r->n && status == PL_OK; i++)
      status = read_entry(r, &r->entries[i], config->schemas.files[i].id, config->schemas.files[i].path, err);
  if (status == PL_OK) status = check(r, err);
  if (status != PL_OK) pl_readers_free(&r);
  *out = r;
  return status;
}

void pl_readers_free(pl_readers **readers) {
  pl_readers *r = *readers;
  if (!r) return;
  for (size_t i = 0; i < r->n; i++) {
    for (size_t m = 0; m < PL_EVENTS_MAX; m++) pl_event_reader_free(&r->entries[i].events[m]);
    for (size_t k = 0; k < 3; k++) pl_fact_reader_free(&r->entries[i].facts[k]);
    pl_schema_free(&r->entries[i].schema);
  }
  pl_release(r->entries, r->n * sizeof *r->entries);
  PL_FREE(*readers);
}

size_t pl_readers_events(const pl_readers *readers) { return readers->nevents; }

static pl_reason open_value(pl_readers *r, pl_str value, entry **e, int32_t *id, pl_str *body, pl_err *why) {
  pl_reason reason = pl_wire_get(&r->wire, value, id, body, why);
  if (reason != PL_APPLIED) return reason;
  for (size_t i = 0; i < r->n; i++)
    if (r->entries[i].id == *id) {
      *e = &r->entries[i];
      return PL_APPLIED;
    }
  (void)pl_fail(why, PL_REJECT, "schema %d: not among schemas.ids; add its file", (int)*id);
  return PL_SCHEMA;
}

pl_reason pl_readers_event(pl_readers *r, pl_str value, size_t which, pl_event_room *room, pl_event *out,
                           int32_t *schema_id, pl_err *why) {
  entry *e = NULL;
  pl_str body;
  pl_reason reason = open_value(r, value, &e, schema_id, &body, why);
  if (reason != PL_APPLIED) return reason;
  if (!e->events[which]) {
    (void)pl_fail(why, PL_REJECT, "schema %d: the mapping of %s does not fit it", (int)*schema_id,
                  r->config->mappings[0].name);
    return PL_SCHEMA;
  }
  return pl_event_decode(e->events[which], body, room, out, why);
}

static pl_reason fact(pl_readers *r, pl_str value, pl_fact_kind kind, const pl_fact_reader **reader,
                      pl_str *body, pl_err *why) {
  entry *e = NULL;
  int32_t id = -1;
  pl_reason reason = open_value(r, value, &e, &id, body, why);
  if (reason != PL_APPLIED) return reason;
  *reader = e->facts[kind];
  if (*reader) return PL_APPLIED;
  (void)pl_fail(why, PL_REJECT, "schema %d: not a schema of %s records", (int)id,
                kind == PL_FACT_REP     ? "roster"
                : kind == PL_FACT_GOALS ? "goals"
                                        : "team");
  return PL_SCHEMA;
}

pl_reason pl_readers_rep(pl_readers *r, pl_str value, pl_arena *arena, pl_rep_fact *out, pl_err *why) {
  const pl_fact_reader *reader = NULL;
  pl_str body;
  pl_reason reason = fact(r, value, PL_FACT_REP, &reader, &body, why);
  return reason != PL_APPLIED ? reason : pl_rep_decode(reader, body, arena, out, why);
}

pl_reason pl_readers_goals(pl_readers *r, pl_str value, pl_arena *arena, pl_goals_fact *out, pl_err *why) {
  const pl_fact_reader *reader = NULL;
  pl_str body;
  pl_reason reason = fact(r, value, PL_FACT_GOALS, &reader, &body, why);
  return reason != PL_APPLIED ? reason : pl_goals_decode(reader, body, arena, out, why);
}

pl_reason pl_readers_team(pl_readers *r, pl_str value, pl_team_fact *out, pl_err *why) {
  const pl_fact_reader *reader = NULL;
  pl_str body;
  pl_reason reason = fact(r, value, PL_FACT_TEAM, &reader, &body, why);
  return reason != PL_APPLIED ? reason : pl_team_decode(reader, body, out, why);
}
