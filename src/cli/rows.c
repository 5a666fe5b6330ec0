#include "cli/rows.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "cli/contract.h"
#include "codec/csv.h"
#include "codec/encode.h"
#include "codec/event_decode.h"
#include "codec/wire.h"
#include "core/deadline.h"
#include "engine/facts.h"

enum { TOLD_MAX = 3 /* rejected rows that the report quotes, by reason */ };
static const size_t VALUES_MAX = (size_t)8 << 30;

typedef struct {
  int64_t n;
  struct {
    int64_t line;
    pl_err err;
  } told[TOLD_MAX];
} refusals;

struct pl_rows {
  const pl_config *config;
  const pl_mapping_set *set;
  pl_event_reader *reader;
  pl_made *made; /* of the row being read */
  bool plain;    /* no wire header */
  int32_t schema_id;
  int amount, account, deal, product, channel, opened_at; /* in policy.fields; -1: no such field */

  pl_teams *teams;
  pl_almanac *almanac;
  pl_core *core; /* the roster, for its zones; it counts nothing */

  pl_buf values;
  pl_row_event *events;
  size_t n, room;
  pl_map ids;                        /* event id -> its row's line, as a pointer's value */
  int64_t nrows, nidle;              /* all; those that no mapping makes an event of */
  int64_t nunknown;                  /* events of reps that the roster does not know */
  int64_t by_type[PL_TYPES_MAX + 1]; /* the last: types without a name in the policy */
  refusals by_reason[PL_REASONS], broken;
};

/* --- mappings */

static int field(const pl_policy *policy, const char *name) {
  for (size_t i = 0; i < policy->nfields; i++)
    if (strcmp(policy->fields[i], name) == 0) return (int)i;
  return -1;
}

/* Every field a mapping names must have a place in the schema. */
static pl_status check_fields(const pl_rows *r, const pl_mapping *m, pl_err *err) {
  const pl_policy *policy = &r->config->policy;
  if (m->complete_to)
    return pl_fail(err, PL_REJECT, "mapping %s: complete_to: an import writes its own heartbeats; remove it",
                   r->set->name);
  for (int i = 0; i < (int)policy->nfields; i++)
    if ((m->fields[i].paths[0] || m->fields[i].constant) && i != r->amount && i != r->account &&
        i != r->deal && i != r->product && i != r->channel && i != r->opened_at)
      return pl_fail(
          err, PL_REJECT,
          "mapping %s: fields: %s: activity.avsc has no such field; expected amount, account, deal, "
          "product, channel or opened_at",
          r->set->name, policy->fields[i]);
  return PL_OK;
}

static pl_status open_readers(pl_rows *r, pl_err *err) {
  const pl_policy *policy = &r->config->policy;
  r->amount = field(policy, "amount"), r->account = field(policy, "account"), r->deal = field(policy, "deal");
  r->product = field(policy, "product"), r->channel = field(policy, "channel");
  r->opened_at = field(policy, "opened_at");
  pl_err why = {""};
  for (size_t i = 0; i < r->set->n; i++)
    if (check_fields(r, &r->set->items[i], err) != PL_OK) return PL_REJECT;
  if (pl_event_reader_new(&r->reader, PL_FORM_ROW, NULL, r->set->items, r->set->n, policy, &why) != PL_OK)
    return pl_fail(err, PL_REJECT, "mapping %s: %.900s", r->set->name, why.text);
  r->made = pl_alloc(pl_mappings_most(r->set->items, r->set->n) * sizeof *r->made);
  return PL_OK;
}

/* The roster as the engine would hold it, begun, so that everybody has a calendar and a zone. */
static pl_status open_roster(pl_rows *r, pl_zone_load_fn *load_zone, pl_err *err) {
  const pl_policy *policy = &r->config->policy;
  pl_status status = pl_almanac_new(&r->almanac, policy, load_zone, NULL, err);
  if (status != PL_OK) return status;
  r->teams = pl_facts_teams(policy);
  r->core = pl_core_new(policy, r->almanac, r->teams, 0);
  (void)pl_facts_configured(r->core, policy, r->teams, NULL, NULL, NULL);
  pl_core_begin(r->core, pl_times_at(pl_wall_s(0)));
  pl_core_advance(r->core, pl_wall_s(0), NULL);
  pl_core_advance_teams(r->core, pl_wall_s(0), pl_wall_s(0), NULL);
  return PL_OK;
}

pl_status pl_rows_new(pl_rows **out, const pl_config *config, const char *source, pl_zone_load_fn *load_zone,
                      pl_err *err) {
  const pl_mapping_set *set = pl_config_mapping(config, source);
  *out = NULL;
  if (!set || set == &config->mappings[0])
    return pl_fail(err, PL_REJECT,
                   "mapping: none for an import is called %s; add `%s: [{id: ..., rep: ..., ...}]`", source,
                   source);
  pl_rows *r = *out = PL_NEW(pl_rows);
  r->config = config, r->set = set;
  pl_buf_init(&r->values, VALUES_MAX);
  pl_map_init(&r->ids);
  pl_status status = pl_contract_find(config, PL_WRITES_ACTIVITY, &r->plain, &r->schema_id, err);
  if (status == PL_OK) status = open_readers(r, err);
  if (status == PL_OK) status = open_roster(r, load_zone, err);
  if (status != PL_OK) pl_rows_free(out);
  return status;
}

void pl_rows_free(pl_rows **rows) {
  pl_rows *r = *rows;
  if (!r) return;
  pl_core_free(&r->core);
  pl_almanac_free(&r->almanac);
  pl_teams_free(&r->teams);
  pl_release(r->made, r->made ? pl_mappings_most(r->set->items, r->set->n) * sizeof *r->made : 0);
  pl_event_reader_free(&r->reader);
  pl_release(r->events, r->room * sizeof *r->events);
  pl_map_fini(&r->ids);
  pl_buf_fini(&r->values);
  PL_FREE(*rows);
}

/* --- one row */

typedef struct {
  const pl_csv_row *header, *row;
  const char *absent; /* a column that was asked for and that the table does not have */
} table;

static bool look_up(void *ctx, const char *path, pl_str *value) {
  table *t = ctx;
  for (size_t i = 0; i < t->header->n; i++)
    if (pl_str_is(t->header->fields[i], path)) {
      *value = t->row->fields[i];
      return true;
    }
  t->absent = path;
  return false;
}

static pl_subject *meet(pl_rows *r, const pl_event *event) {
  pl_subject *s = pl_core_find(r->core, event->rep, false);
  if (!s) {
    s = pl_core_subject(r->core, event->rep, false);
    pl_deadline_begin(s, pl_wall_s(0));
  }
  r->nunknown += !s->known;
  return s;
}

/* An instant that no metric measures from is still text. */
static pl_wall opened_of(const pl_rows *r, const pl_subject *s, const pl_event *event) {
  pl_value v = r->opened_at >= 0 ? event->fields[r->opened_at] : (pl_value){.kind = PL_NONE};
  if (v.kind != PL_INSTANT && (v.kind != PL_TEXT || !pl_event_instant(v.s, &v))) return PL_NEVER;
  return v.is_local ? pl_zone_resolve(pl_workcal_zone(s->cal), v.i) : (pl_wall){v.i};
}

static pl_str text_of(const pl_event *event, int at) {
  return at >= 0 && event->fields[at].kind == PL_TEXT ? event->fields[at].s : (pl_str){"", 0};
}

/* An amount that no metric adds up is still text. */
static pl_value amount_of(const pl_rows *r, const pl_event *event) {
  pl_value v = r->amount >= 0 ? event->fields[r->amount] : (pl_value){.kind = PL_NONE};
  int64_t i;
  if (v.kind == PL_TEXT && pl_str_decimal(v.s, PL_AMOUNT_SCALE, &i))
    v = (pl_value){.kind = PL_DECIMAL, .scale = PL_AMOUNT_SCALE, .i = i};
  return v;
}

static void keep(pl_rows *r, const pl_event *event, size_t value) {
  if (r->n == r->room) {
    size_t room = r->room ? 2 * r->room : 1024;
    r->events = pl_resize(r->events, r->room * sizeof *r->events, room * sizeof *r->events);
    r->room = room;
  }
  r->events[r->n++] = (pl_row_event){event->at, event->rep, value, r->values.n - value};
}

static pl_reason write(pl_rows *r, const pl_made *made, int64_t line, pl_err *why) {
  const pl_policy *policy = &r->config->policy;
  pl_event e = made->event;
  void *seen = pl_map_find(&r->ids, e.id);
  if (seen) {
    (void)pl_fail(why, PL_REJECT, "id: '%.*s' is that of line %lld already", (int)e.id.n, e.id.p,
                  (long long)(intptr_t)seen);
    return PL_DUPLICATE;
  }
  const pl_subject *s = meet(r, &e);
  const pl_zone *zone = e.zone ? pl_almanac_zone(r->almanac, pl_str_of(e.zone)) : NULL;
  if (e.at_is_local) e.at = pl_zone_resolve(zone ? zone : pl_workcal_zone(s->cal), e.at.ms);
  size_t value = r->values.n;
  if (!r->plain) pl_wire_put(&r->values, r->schema_id);
  const pl_activity activity = {.id = e.id,
                                .rep = e.rep,
                                .at = e.at,
                                .type = e.type >= 0                    ? pl_str_of(policy->types[e.type])
                                        : e.type == PL_TYPE_ADJUSTMENT ? PL_STR("adjustment")
                                                                       : made->word,
                                .amount = e.type == PL_TYPE_ADJUSTMENT ? e.amount : amount_of(r, &e),
                                .currency = e.currency,
                                .account = text_of(&e, r->account),
                                .deal = text_of(&e, r->deal),
                                .product = text_of(&e, r->product),
                                .channel = text_of(&e, r->channel),
                                .opened_at = opened_of(r, s, &e),
                                .source = {"", 0},
                                .complete_to = PL_NEVER,
                                .retracts = e.retracts,
                                .metric = e.metric};
  if (!pl_activity_encode(&r->values, &activity)) {
    (void)pl_fail(why, PL_REJECT, "amount: expected a number with at most %d digits after the point",
                  PL_AMOUNT_SCALE);
    return PL_BAD_VALUE;
  }
  keep(r, &e, value);
  *pl_map_put(&r->ids, e.id) = (void *)(intptr_t)line; /* NOLINT(performance-no-int-to-ptr): only a number */
  r->by_type[e.type >= 0 ? e.type : PL_TYPES_MAX]++;
  return PL_APPLIED;
}

/* All events of the row, or none. */
static pl_reason read_row(pl_rows *r, table *t, int64_t line, pl_err *why) {
  size_t events = r->n, bytes = r->values.n, n;
  int64_t unknown = r->nunknown, by_type[PL_TYPES_MAX + 1];
  memcpy(by_type, r->by_type, sizeof by_type);
  pl_reason reason = pl_events_from_fields(r->reader, look_up, t, r->made, &n, why);
  size_t i = 0;
  while (i < n && (reason = write(r, &r->made[i], line, why)) == PL_APPLIED) i++;
  r->nidle += reason == PL_APPLIED && n == 0;
  if (reason == PL_APPLIED) return PL_APPLIED;
  r->n = events, r->values.n = bytes, r->nunknown = unknown;
  memcpy(r->by_type, by_type, sizeof by_type);
  while (i > 0) pl_map_drop(&r->ids, r->made[--i].event.id);
  return reason;
}

/* --- the table */

static void refuse(refusals *to, const pl_csv_row *row, const char *word, const pl_err *why,
                   pl_buf *rejects) {
  if (to->n < TOLD_MAX) to->told[to->n].line = row->line, to->told[to->n].err = *why;
  to->n++;
  pl_buf_printf(rejects, "%lld,%s,", (long long)row->line, word);
  pl_csv_put(rejects, pl_str_of(why->text));
  for (size_t i = 0; i < row->n; i++) {
    pl_buf_char(rejects, ',');
    pl_csv_put(rejects, row->fields[i]);
  }
  pl_buf_char(rejects, '\n');
}

/* Columns are asked for by name: the header, read as if it were a row, shows which. */
static pl_status check_header(pl_rows *r, const pl_csv_row *header, pl_buf *rejects, pl_err *err) {
  table t = {header, header, NULL};
  size_t n;
  (void)pl_events_from_fields(r->reader, look_up, &t, r->made, &n, NULL);
  if (t.absent)
    return pl_fail(err, PL_REJECT, "mapping %s: no column is called '%s'; the first is '%.*s', of %zu",
                   r->set->name, t.absent, (int)header->fields[0].n, header->fields[0].p, header->n);
  pl_buf_text(rejects, "line,reason,detail");
  for (size_t i = 0; i < header->n; i++) {
    pl_buf_char(rejects, ',');
    pl_csv_put(rejects, header->fields[i]);
  }
  pl_buf_char(rejects, '\n');
  return PL_OK;
}

static int by_time(const void *a, const void *b) {
  const pl_row_event *x = a, *y = b;
  if (x->at.ms != y->at.ms) return x->at.ms < y->at.ms ? -1 : 1;
  return x->value < y->value ? -1 : 1;
}

pl_status pl_rows_read(pl_rows *r, char *text, size_t n, pl_buf *rejects, pl_err *err) {
  pl_csv csv;
  pl_csv_row header, row;
  pl_err why = {""};
  if (pl_csv_init(&csv, text, n, err) != PL_OK || pl_csv_next(&csv, &header, err) != PL_OK) return PL_REJECT;
  if (header.n == 0) return pl_fail(err, PL_REJECT, "empty, expected a first line with the columns' names");
  if (check_header(r, &header, rejects, err) != PL_OK) return PL_REJECT;
  for (;; r->nrows++) {
    table t = {&header, &row, NULL};
    pl_status status = pl_csv_next(&csv, &row, &why);
    if (status == PL_OK && row.n == 0) break;
    if (status == PL_OK && row.n != header.n)
      status = pl_fail(&why, PL_REJECT, "%zu fields, expected %zu as in the first line", row.n, header.n);
    if (status != PL_OK) {
      refuse(&r->broken, &row, "broken", &why, rejects);
      continue;
    }
    pl_reason reason = read_row(r, &t, row.line, &why);
    if (reason != PL_APPLIED) refuse(&r->by_reason[reason], &row, pl_reason_name(reason), &why, rejects);
  }
  if (r->values.full)
    return pl_fail(err, PL_REJECT, "too large, expected at most 8 GiB of events; cut it by time");
  if (r->n) qsort(r->events, r->n, sizeof *r->events, by_time);
  return PL_OK;
}

const pl_row_event *pl_rows_events(const pl_rows *r, size_t *n) {
  *n = r->n;
  return r->events;
}

pl_str pl_rows_value(const pl_rows *r, const pl_row_event *e) {
  return (pl_str){r->values.p + e->value, e->bytes};
}

static uint32_t declared(const pl_policy *policy) {
  uint32_t windows = 0;
  for (size_t i = 0; i < policy->nmetrics; i++) windows |= policy->metrics[i].windows;
  return windows | 1U << PL_W_DAY;
}

pl_wall pl_rows_end(const pl_rows *r) {
  PL_ASSERT(r->n);
  int64_t newest = pl_seconds(r->events[r->n - 1].at), end = newest;
  uint32_t windows = declared(&r->config->policy);
  const pl_map *both[] = {&r->core->reps, &r->core->teams};
  for (size_t i = 0; i < PL_COUNT(both); i++)
    for (pl_map_slot *slot = NULL; (slot = pl_map_next(both[i], slot));) {
      const pl_zone *zone = pl_workcal_zone(((pl_subject *)slot->value)->cal);
      for (int w = PL_W_DAY; w < PL_WINDOWS; w++) {
        pl_unit unit = pl_window_kinds[w].unit;
        if (!(windows >> w & 1)) continue;
        int32_t index = pl_subject_period(slot->value, unit, pl_zone_day(zone, newest));
        int64_t until = pl_period_start(zone, unit, index + 1);
        if (until > end) end = until;
      }
    }
  return pl_wall_s(end);
}

void pl_rows_heartbeat(const pl_rows *r, const char *source, pl_wall at, pl_wall complete_to, pl_buf *out) {
  if (!r->plain) pl_wire_put(out, r->schema_id);
  pl_heartbeat_encode(out, pl_str_of(source), at, complete_to);
}

/* --- the report */

static void report_refusals(const refusals *from, const char *word, pl_buf *out) {
  if (!from->n) return;
  pl_buf_printf(out, "  %-14s %10lld rows rejected\n", word, (long long)from->n);
  for (int64_t i = 0; i < from->n && i < TOLD_MAX; i++)
    pl_buf_printf(out, "    line %lld: %s\n", (long long)from->told[i].line, from->told[i].err.text);
  if (from->n > TOLD_MAX) pl_buf_printf(out, "    ... and %lld more\n", (long long)(from->n - TOLD_MAX));
}

void pl_rows_report(const pl_rows *r, pl_buf *out) {
  const pl_policy *policy = &r->config->policy;
  pl_buf_printf(out, "  %-14s %10lld\n", "rows", (long long)r->nrows);
  for (size_t i = 0; i <= PL_TYPES_MAX; i++)
    if (r->by_type[i])
      pl_buf_printf(out, "  %-14s %10lld events\n", i < policy->ntypes ? policy->types[i] : "other types",
                    (long long)r->by_type[i]);
  if (r->nidle)
    pl_buf_printf(out, "  %-14s %10lld rows that no mapping makes an event of\n", "-", (long long)r->nidle);
  report_refusals(&r->broken, "broken", out);
  for (int i = 0; i < PL_REASONS; i++) report_refusals(&r->by_reason[i], pl_reason_name((pl_reason)i), out);
  if (r->nunknown)
    pl_buf_printf(
        out,
        "  %-14s %10lld events of reps whom this file's `reps` do not name: a date of theirs is one "
        "of the zone `%s`\n",
        "unknown", (long long)r->nunknown, policy->default_zone);
}
