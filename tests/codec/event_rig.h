/* Event rig: a reader made of a schema and a mapping, a body that the test writes, and what comes out of it.
 */
#ifndef PL_TESTS_CODEC_EVENT_RIG_H
#define PL_TESTS_CODEC_EVENT_RIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "codec/event_decode.h"
#include "json.h"

#define DAY_2026_03_04 INT64_C(1772582400000)

static const char *const types[] = {"call", "deal_won"}, *const fields[] = {"amount", "account", "opened_at"};
static const pl_metric metrics[] = {
    {.name = "revenue", .kind = PL_SUM_OF, .types = 2, .field = 0, .decimals = 2},
    {.name = "time_to_close/sum", .kind = PL_SPAN_OF, .types = 2, .field = 2, .hidden = true},
    {.name = "accounts", .kind = PL_DISTINCT_OF, .types = 1, .field = 1}};
static const pl_policy policy = {
    .types = types, .ntypes = 2, .fields = fields, .nfields = 3, .metrics = metrics, .nmetrics = 3};

/* id, rep, at, kind; the record's fields have the same names */
static inline pl_mapping flat(void) {
  return (pl_mapping){.id = "id",
                      .rep = {.paths = {"rep"}},
                      .at = {.paths = {"at"}},
                      .at_of_day = -1,
                      .type = {.paths = {"kind"}}};
}

/* The schema of such a record: `at` of that type, then `more` fields (",{...}"). The next call uses the text
 * again. */
static inline const char *flat_record(const char *at, const char *more) {
  static char text[2048];
  int n = snprintf(text, sizeof text,
                   "{'type':'record','name':'R','fields':[{'name':'id','type':'string'},{'name':'rep','type':"
                   "'string'},{'name':'at','type':%s},{'name':'kind','type':'string'}%s]}",
                   at, more);
  PL_ASSERT(n > 0 && (size_t)n < sizeof text);
  return text;
}

typedef struct {
  pl_schema *schema;
  pl_event_reader *reader;
  pl_made made[PL_EVENTS_MAX];
  size_t n;
  pl_event event; /* the first of them */
  pl_err err;
  pl_buf body;
} rig;

/* `text` NULL: for rows, which have no schema. */
static inline pl_status try_open(rig *r, const char *text, const pl_mapping *mapping) {
  *r = (rig){0};
  pl_buf_init(&r->body, 1 << 16);
  if (text && pl_schema_new(&r->schema, json(text), &r->err) != PL_OK) fail_msg("%s", r->err.text);
  return pl_event_reader_new(&r->reader, text ? PL_FORM_AVRO : PL_FORM_ROW, r->schema, mapping, 1, &policy,
                             &r->err);
}

static inline void open_rig(rig *r, const char *text, const pl_mapping *mapping) {
  if (try_open(r, text, mapping) != PL_OK) fail_msg("%s", r->err.text);
}

static inline void close_rig(rig *r) {
  pl_event_reader_free(&r->reader);
  pl_schema_free(&r->schema);
  pl_buf_fini(&r->body);
}

static inline void put(rig *r, const char *text) {
  pl_buf_zigzag(&r->body, (int64_t)strlen(text));
  pl_buf_text(&r->body, text);
}

/* Of a union of null and string. */
static inline void put_maybe(rig *r, const char *text) {
  pl_buf_zigzag(&r->body, text != NULL);
  if (text) put(r, text);
}

/* PL_UNMAPPED: no mapping makes an event of it. */
static inline pl_reason decode(rig *r) {
  pl_reason reason = pl_events_decode(r->reader, pl_buf_str(&r->body), NULL, r->made, &r->n, &r->err);
  r->event = r->made[0].event;
  return reason == PL_APPLIED && r->n == 0 ? PL_UNMAPPED : reason;
}

/* Fails unless it is that reason; whether it is an event. */
static inline bool decodes(rig *r, size_t i, pl_reason expected) {
  pl_reason reason = decode(r);
  if (reason != expected) fail_msg("case %zu: %s: %s", i, pl_reason_name(reason), r->err.text);
  return reason == PL_APPLIED;
}

/* A reader of several mappings. */
static inline void open_set(rig *r, const char *text, const pl_mapping *mappings, size_t n) {
  *r = (rig){0};
  pl_buf_init(&r->body, 1 << 16);
  if (pl_schema_new(&r->schema, json(text), &r->err) != PL_OK ||
      pl_event_reader_new(&r->reader, PL_FORM_AVRO, r->schema, mappings, n, &policy, &r->err) != PL_OK)
    fail_msg("%s", r->err.text);
}

/* What was made of the body: "call e1 r1 1250, ...": type, id, rep, amount; "-" before what is taken back. */
static inline const char *told(rig *r, pl_str body, pl_json_room *texts) {
  static char text[2048];
  size_t n = 0;
  pl_reason reason = pl_events_decode(r->reader, body, texts, r->made, &r->n, &r->err);
  if (reason != PL_APPLIED) return pl_reason_name(reason);
  text[0] = 0;
  for (size_t i = 0; i < r->n; i++) {
    const pl_event *e = &r->made[i].event;
    const pl_value *amount = &e->fields[0];
    long long whole = amount->kind == PL_REAL ? (long long)amount->d : (long long)amount->i;
    n += (size_t)snprintf(text + n, sizeof text - n, "%s%s%s %.*s %.*s", i ? ", " : "",
                          e->retracts.n ? "-" : "", types[e->type], (int)e->id.n, e->id.p, (int)e->rep.n,
                          e->rep.p);
    if (amount->kind) n += (size_t)snprintf(text + n, sizeof text - n, " %lld", whole);
    if (e->more) n += (size_t)snprintf(text + n, sizeof text - n, " &");
  }
  return text;
}

static inline const char *made(rig *r) {
  const char *text = told(r, pl_buf_str(&r->body), NULL);
  pl_buf_clear(&r->body);
  return text;
}

#endif
