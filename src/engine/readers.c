/* Readers: schemas with the programs that decode their records: those of the configuration, read once at the
 * start, and those that a registry has told of since (await.c, cli/enquiry.c). A schema that there is none of
 * stands among them too, with the reason, for a minute: what a registry does not have today it may have when
 * it was restored. What it has is for ever. */
#include <stdio.h>

#include "base/log.h"
#include "base/mem.h"
#include "codec/avsc.h"
#include "codec/event_decode.h"
#include "codec/fact_decode.h"
#include "codec/json_plan.h"
#include "codec/wire.h"
#include "config/tree.h"
#include "engine/inside.h"

typedef struct {
  int32_t id;
  pl_schema *schema;       /* NULL: there is none, ... */
  char *refused;           /* ... and why; ... */
  pl_mono forget_at;       /* ... and until when; for ever: it is there, but cannot be used */
  pl_event_reader *events; /* NULL: this schema lacks what every mapping needs, ... */
  char misfit[320];        /* ... of the last one what that is */
  pl_fact_reader *facts[3];
} entry;

struct pl_readers {
  const pl_config *config;
  entry **entries; /* by id */
  size_t n, nroom;
  size_t most;           /* events of one record... */
  pl_made *room;         /* ...and where they may lie */
  pl_event_reader *json; /* of activities that are JSON; NULL: none are */
  pl_json_room *texts;   /* of the same */
  pl_mapping own;        /* how paceline's own activities are read, where the mapping is for others */
  pl_wire wire;
  pl_lack_fn *on_lack; /* NULL: nobody waits */
  void *lack_ctx;
  const pl_event_reader *last; /* that read a record; NULL: none did */
  pl_mono forget_at;           /* the earliest of its entries' */
};

static const pl_mono FOREVER = {INT64_MAX};
static const int64_t BELIEVED_US = 60000000;

/* The first whose id is not below. */
static size_t place(const pl_readers *r, int32_t id) {
  size_t from = 0, to = r->n;
  while (from < to) {
    size_t middle = (from + to) / 2;
    if (r->entries[middle]->id < id)
      from = middle + 1;
    else
      to = middle;
  }
  return from;
}

static entry *find(const pl_readers *r, int32_t id) {
  size_t i = place(r, id);
  return i < r->n && r->entries[i]->id == id ? r->entries[i] : NULL;
}

static entry *add(pl_readers *r, int32_t id) {
  if (r->n == r->nroom) {
    size_t room = r->nroom * 2 + 8;
    r->entries = pl_resize(r->entries, r->nroom * sizeof *r->entries, room * sizeof *r->entries);
    r->nroom = room;
  }
  size_t i = place(r, id);
  memmove(&r->entries[i + 1], &r->entries[i], (r->n++ - i) * sizeof *r->entries);
  entry *e = r->entries[i] = PL_NEW(entry);
  e->id = id, e->forget_at = FOREVER;
  return e;
}

static void drop(entry *e) {
  pl_event_reader_free(&e->events);
  for (size_t k = 0; k < PL_COUNT(e->facts); k++) pl_fact_reader_free(&e->facts[k]);
  pl_schema_free(&e->schema);
  pl_text_free(&e->refused);
  pl_release(e, sizeof *e);
}

/* --- making them */

static pl_status new_events(const pl_readers *r, const pl_schema *schema, pl_event_reader **out,
                            pl_err *why) {
  const pl_mapping_set *set = &r->config->mappings[0];
  return pl_event_reader_new(out, PL_FORM_AVRO, schema, set->items, set->n, &r->config->policy, why);
}

/* Is it schemas/activity.avsc, which answers and words on goals are written by? */
static bool is_own(const pl_schema *schema) {
  pl_schema *ours;
  PL_ASSERT(pl_schema_new(&ours, pl_str_of((const char *)pl_activity_avsc), NULL) == PL_OK);
  bool same = pl_node_same(pl_schema_root(ours), pl_schema_root(schema));
  pl_schema_free(&ours);
  return same;
}

/* `from`: where it stands, for people. */
static pl_status compile(pl_readers *r, entry *e, pl_str text, const char *from, pl_err *err) {
  pl_err why = {""};
  pl_status status = pl_schema_new(&e->schema, text, err);
  if (status != PL_OK) return status;
  bool fits = new_events(r, e->schema, &e->events, &why) == PL_OK;
  if (!fits && is_own(e->schema))
    fits = pl_event_reader_new(&e->events, PL_FORM_AVRO, e->schema, &r->own, 1, &r->config->policy, NULL) ==
           PL_OK;
  if (!fits) (void)snprintf(e->misfit, sizeof e->misfit, ": %.300s", why.text);
  if (fits && *pl_event_reader_missing(e->events))
    pl_log(PL_LOG_WARN, "schemas.field", "%s: lacks %s, which the mapping names: absent in its events", from,
           pl_event_reader_missing(e->events));
  for (pl_fact_kind k = PL_FACT_REP; k <= PL_FACT_TEAM; k++)
    fits |= pl_fact_reader_new(&e->facts[k], e->schema, k, NULL) == PL_OK;
  if (!fits)
    pl_log(PL_LOG_WARN, "schemas.unused", "%s: fits neither the mapping nor roster, goals or teams: %.700s",
           from, why.text);
  return PL_OK;
}

static pl_status read_entry(pl_readers *r, int32_t id, const char *path, pl_err *err) {
  pl_buf text;
  pl_err why = {""};
  pl_buf_init(&text, PL_TREE_BYTES_MAX + 32768);
  pl_status status = pl_tree_read(path, &text, &why);
  if (status != PL_OK)
    (void)pl_fail(err, PL_REJECT, "%s: %s; check schemas.folder and schemas.ids", path, why.text);
  else if (compile(r, add(r, id), pl_buf_str(&text), path, &why) != PL_OK)
    status = pl_fail(err, PL_REJECT, "%s: %.800s", path, why.text);
  pl_buf_fini(&text);
  return status;
}

static pl_status open_json(pl_readers *r, pl_err *err) {
  const pl_mapping_set *set = &r->config->mappings[0];
  pl_err why = {""};
  r->texts = PL_NEW(pl_json_room);
  if (pl_event_reader_new(&r->json, PL_FORM_JSON, NULL, set->items, set->n, &r->config->policy, &why) ==
      PL_OK)
    return PL_OK;
  return pl_fail(err, PL_REJECT, "mapping %s: %.900s", set->name, why.text);
}

/* A schema that no mapping fits is allowed (it may be a fact's), but one of them must fit the activities,
 * where there can be no others. */
static pl_status check(const pl_readers *r, pl_err *err) {
  if (r->config->schemas.registry.urls.n || r->json) return PL_OK;
  for (size_t i = 0; i < r->n; i++)
    if (r->entries[i]->events) return PL_OK;
  pl_err why = {"no schema is configured"};
  pl_event_reader *reader = NULL;
  if (r->n) (void)!new_events(r, r->entries[0]->schema, &reader, &why);
  pl_event_reader_free(&reader);
  return pl_fail(err, PL_REJECT,
                 "mapping %s: fits none of the configured schemas (%.600s); correct its paths or schemas.ids",
                 r->config->mappings[0].name, why.text);
}

pl_status pl_readers_new(pl_readers **out, const pl_config *config, pl_err *err) {
  pl_readers *r = PL_NEW(pl_readers);
  r->config = config, r->forget_at = FOREVER;
  r->most = pl_mappings_most(config->mappings[0].items, config->mappings[0].n);
  r->room = pl_alloc(r->most * sizeof *r->room);
  pl_mapping_default(&r->own, &config->policy);
  r->wire.max_bytes = (size_t)config->kafka.max_bytes;
  r->wire.plain = config->schemas.fixed != NULL;
  pl_status status = pl_config_json(config, config->mappings[0].name) ? open_json(r, err) : PL_OK;
  if (status == PL_OK && config->schemas.fixed)
    status = read_entry(r, 0, config->schemas.fixed, err);
  else
    for (size_t i = 0; i < config->schemas.nfiles && status == PL_OK; i++)
      status = read_entry(r, config->schemas.files[i].id, config->schemas.files[i].path, err);
  if (status == PL_OK) status = check(r, err);
  if (status != PL_OK) pl_readers_free(&r);
  *out = r;
  return status;
}

void pl_readers_free(pl_readers **readers) {
  pl_readers *r = *readers;
  if (!r) return;
  for (size_t i = 0; i < r->n; i++) drop(r->entries[i]);
  pl_release(r->entries, r->nroom * sizeof *r->entries);
  pl_release(r->room, r->most * sizeof *r->room);
  pl_event_reader_free(&r->json);
  pl_release(r->texts, sizeof *r->texts);
  PL_FREE(*readers);
}

/* --- what a registry tells */

bool pl_readers_lack(const pl_readers *r, pl_str value, int32_t *id) {
  pl_str body;
  return !r->wire.plain && pl_wire_get(&r->wire, value, id, &body, NULL) == PL_APPLIED && *id >= 0 &&
         !find(r, *id); /* no registry has one below 0: those bytes are something else's */
}

void pl_readers_put(pl_readers *r, int32_t id, pl_str text, const char *why, pl_mono now) {
  char from[32];
  pl_err err = {""};
  if (find(r, id)) return;
  if (r->n >= PL_SCHEMAS_MAX) (void)pl_readers_forget(r, (pl_mono){FOREVER.us - 1});
  (void)snprintf(from, sizeof from, "schema %d", (int)id);
  entry *e = add(r, id);
  if (!text.p)
    (void)snprintf(err.text, sizeof err.text, "%.500s", why);
  else if (r->n > PL_SCHEMAS_MAX)
    (void)pl_fail(&err, PL_REJECT, "more than %d schemas", PL_SCHEMAS_MAX);
  else if (compile(r, e, text, from, &err) == PL_OK)
    return;
  e->refused = pl_text_new(pl_str_of(err.text));
  if (text.p && r->n <= PL_SCHEMAS_MAX) return;
  e->forget_at.us = now.us + BELIEVED_US;
  if (e->forget_at.us < r->forget_at.us) r->forget_at = e->forget_at;
}

bool pl_readers_fit(const pl_readers *r, int32_t id, pl_topic topic, pl_buf *words) {
  static const pl_fact_kind kinds[] = {
      [PL_TOPIC_ROSTER] = PL_FACT_REP, [PL_TOPIC_GOALS] = PL_FACT_GOALS, [PL_TOPIC_TEAMS] = PL_FACT_TEAM};
  const entry *e = find(r, id);
  bool activities = topic == PL_TOPIC_ACTIVITIES;
  bool fits = e && e->schema && (activities ? e->events != NULL : e->facts[kinds[topic]] != NULL);
  if (e && !e->schema)
    pl_buf_text(words, e->refused);
  else if (!fits)
    pl_buf_printf(words, "%s does not fit it%s", activities ? "the mapping" : "what paceline expects there",
                  activities && e ? e->misfit : "; see schemas/");
  else if (activities && *pl_event_reader_missing(e->events))
    pl_buf_printf(words, "lacks %s", pl_event_reader_missing(e->events));
  return fits;
}

void pl_readers_on_lack(pl_readers *r, pl_lack_fn *fn, void *ctx) { r->on_lack = fn, r->lack_ctx = ctx; }

pl_mono pl_readers_forget(pl_readers *r, pl_mono now) {
  if (now.us < r->forget_at.us) return r->forget_at;
  size_t n = 0;
  r->forget_at = FOREVER;
  for (size_t i = 0; i < r->n; i++) {
    entry *e = r->entries[i];
    if (e->forget_at.us <= now.us) {
      drop(e);
      continue;
    }
    if (e->forget_at.us < r->forget_at.us) r->forget_at = e->forget_at;
    r->entries[n++] = e;
  }
  r->n = n;
  return r->forget_at;
}

/* --- reading records */

bool pl_readers_json(const pl_readers *readers) { return readers->json; }
size_t pl_readers_most(const pl_readers *readers) { return readers->most; }
pl_made *pl_readers_room(const pl_readers *readers) { return readers->room; }

static pl_reason open_value(pl_readers *r, pl_str value, entry **e, int32_t *id, pl_str *body, pl_err *why) {
  pl_reason reason = pl_wire_get(&r->wire, value, id, body, why);
  if (reason != PL_APPLIED) return reason;
  *e = find(r, *id);
  if (!*e && r->on_lack && *id >= 0) {
    r->on_lack(r->lack_ctx, r, *id);
    *e = find(r, *id);
  }
  if (*e && (*e)->schema) return PL_APPLIED;
  (void)pl_fail(why, PL_REJECT, "schema %d: %s", (int)*id,
                *e ? (*e)->refused : "not among schemas.ids; add its file, or a schemas.registry");
  return PL_SCHEMA;
}

/* Among activities that are JSON those that paceline writes itself are Avro. */
static bool is_json(const pl_readers *r, pl_str value) { return r->json && value.n && value.p[0] != 0; }

pl_reason pl_readers_events(pl_readers *r, pl_str value, pl_json_room *texts, pl_made *out, size_t *n,
                            int32_t *schema_id, pl_err *why) {
  entry *e = NULL;
  pl_str body;
  *n = 0, *schema_id = -1, r->last = NULL;
  if (!value.p) return PL_APPLIED; /* a tombstone: of the row that it names all was said before */
  if (is_json(r, value)) {
    r->last = r->json;
    if (value.n <= r->wire.max_bytes)
      return pl_events_decode(r->json, value, texts ? texts : r->texts, out, n, why);
    (void)pl_fail(why, PL_REJECT, "message of %zu bytes, at most %zu are accepted", value.n,
                  r->wire.max_bytes);
    return PL_TOO_LARGE;
  }
  pl_reason reason = open_value(r, value, &e, schema_id, &body, why);
  if (reason != PL_APPLIED) return reason;
  r->last = e->events;
  if (e->events) return pl_events_decode(e->events, body, NULL, out, n, why);
  (void)pl_fail(why, PL_REJECT, "schema %d: the mapping of %s does not fit it%s", (int)*schema_id,
                r->config->mappings[0].name, e->misfit);
  return PL_SCHEMA;
}

const pl_condition *const *pl_readers_unmet(const pl_readers *r) {
  return r->last ? pl_events_unmet(r->last) : NULL;
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
