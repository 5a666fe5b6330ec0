#include "cli/rows.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "cli/rows_inside.h"

static const size_t VALUES_MAX = (size_t)8 << 30;

/* --- life */

static pl_status open_reader(pl_rows *r, pl_err *err) {
  pl_err why = {""};
  pl_form form = r->form == PL_TABLE_JSON ? PL_FORM_JSON : PL_FORM_ROW;
  if (pl_event_reader_new(&r->reader, form, NULL, r->set->items, r->set->n, &r->config->policy, &why) !=
      PL_OK)
    return pl_fail(err, PL_REJECT, "mapping %s: %.900s", r->set->name, why.text);
  r->made = pl_alloc(pl_mappings_most(r->set->items, r->set->n) * sizeof *r->made);
  if (form == PL_FORM_ROW) return PL_OK;
  r->texts = PL_NEW(pl_json_room);
  return pl_json_plan_new(&r->bare, NULL, 0, err);
}

pl_status pl_rows_new(pl_rows **out, const pl_config *config, const char *source, pl_table_form form,
                      pl_zone_load_fn *load_zone, pl_err *err) {
  const pl_mapping_set *set = pl_config_mapping(config, source);
  *out = NULL;
  if (!set || set == &config->mappings[0])
    return pl_fail(err, PL_REJECT,
                   "mapping: none for an import is called %s; add `%s: [{id: ..., rep: ..., ...}]`", source,
                   source);
  pl_rows *r = *out = PL_NEW(pl_rows);
  r->config = config, r->set = set, r->form = form;
  pl_buf_init(&r->values, VALUES_MAX);
  pl_map_init(&r->ids);
  pl_status status = pl_maker_new(&r->maker, config, set, load_zone, err);
  if (status == PL_OK) status = open_reader(r, err);
  if (status != PL_OK) pl_rows_free(out);
  return status;
}

void pl_rows_free(pl_rows **rows) {
  pl_rows *r = *rows;
  if (!r) return;
  pl_release(r->made, r->made ? pl_mappings_most(r->set->items, r->set->n) * sizeof *r->made : 0);
  pl_event_reader_free(&r->reader);
  pl_release(r->texts, r->texts ? sizeof *r->texts : 0);
  pl_json_plan_free(&r->bare);
  pl_maker_free(&r->maker);
  pl_release(r->events, r->room * sizeof *r->events);
  pl_map_fini(&r->ids);
  pl_buf_fini(&r->values);
  PL_FREE(*rows);
}

void pl_rows_watch(pl_rows *r, pl_rows_watch_fn *fn, void *ctx) { r->watch = fn, r->watch_ctx = ctx; }

void pl_rows_each(pl_rows *r, int64_t most, pl_rows_row_fn *fn, void *ctx) {
  r->most = most, r->each = fn, r->each_ctx = ctx;
}

bool pl_rows_enough(const pl_rows *r) { return r->most && r->nrows >= r->most; }

void pl_rows_tell(const pl_rows *r, int64_t line, pl_reason reason, const pl_err *why, size_t n) {
  if (r->each)
    r->each(r->each_ctx, &(pl_row_outcome){line, reason, why->text, r->made, n, pl_events_unmet(r->reader)});
}

/* --- one row */

static void keep(pl_rows *r, const pl_maker_told *told, size_t value) {
  if (r->n == r->room) {
    size_t room = r->room ? 2 * r->room : 1024;
    r->events = pl_resize(r->events, r->room * sizeof *r->events, room * sizeof *r->events);
    r->room = room;
  }
  r->events[r->n++] = (pl_row_event){told->at, told->rep, value, r->values.n - value};
}

static pl_reason keep_one(pl_rows *r, pl_made *made, int64_t line, pl_err *why) {
  const pl_event *e = &made->event;
  void *seen = pl_map_find(&r->ids, e->id);
  if (seen) {
    (void)pl_fail(why, PL_REJECT, "id: '%.*s' is that of line %lld already", (int)e->id.n, e->id.p,
                  (long long)(intptr_t)seen);
    return PL_DUPLICATE;
  }
  size_t value = r->values.n;
  pl_maker_told told;
  made->event.more = false; /* by time they do not stay together */
  pl_reason reason = pl_maker_put(r->maker, made, &r->values, &told, why);
  if (reason != PL_APPLIED) return reason;
  keep(r, &told, value);
  *pl_map_put(&r->ids, e->id) = (void *)(intptr_t)line; /* NOLINT(performance-no-int-to-ptr): only a number */
  r->nunknown += !told.known;
  r->by_type[e->type >= 0 ? e->type : PL_TYPES_MAX]++;
  return PL_APPLIED;
}

pl_reason pl_rows_keep(pl_rows *r, size_t n, int64_t line, pl_err *why) {
  size_t events = r->n, bytes = r->values.n, i = 0;
  int64_t unknown = r->nunknown, by_type[PL_TYPES_MAX + 1];
  pl_reason reason = PL_APPLIED;
  memcpy(by_type, r->by_type, sizeof by_type);
  while (i < n && (reason = keep_one(r, &r->made[i], line, why)) == PL_APPLIED) i++;
  r->nidle += n == 0;
  if (reason == PL_APPLIED) return PL_APPLIED;
  r->n = events, r->values.n = bytes, r->nunknown = unknown;
  memcpy(r->by_type, by_type, sizeof by_type);
  while (i > 0) pl_map_drop(&r->ids, r->made[--i].event.id);
  return reason;
}

const char *pl_rows_refuse(pl_rows *r, pl_reason reason, int64_t line, const pl_err *why) {
  pl_row_refusals *to = reason == PL_REASONS ? &r->broken : &r->by_reason[reason];
  if (to->n < PL_ROWS_TOLD) to->told[to->n].line = line, to->told[to->n].err = *why;
  to->n++;
  return reason == PL_REASONS ? "broken" : pl_reason_name(reason);
}

/* --- the table */

static int by_time(const void *a, const void *b) {
  const pl_row_event *x = a, *y = b;
  if (x->at.ms != y->at.ms) return x->at.ms < y->at.ms ? -1 : 1;
  return x->value < y->value ? -1 : 1;
}

pl_status pl_rows_read(pl_rows *r, char *text, size_t n, char delimiter, pl_buf *rejects, pl_err *err) {
  pl_status status = r->form == PL_TABLE_JSON ? pl_rows_read_json(r, text, n, rejects, err)
                                              : pl_rows_read_csv(r, text, n, delimiter, rejects, err);
  if (status != PL_OK) return status;
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

const pl_maker *pl_rows_maker(const pl_rows *r) { return r->maker; }

pl_wall pl_rows_end(const pl_rows *r) {
  PL_ASSERT(r->n);
  return pl_maker_end(r->maker, r->events[r->n - 1].at);
}

/* --- the report */

static void report_refusals(const pl_row_refusals *from, const char *word, pl_buf *out) {
  if (!from->n) return;
  pl_buf_printf(out, "  %-14s %10lld rows rejected\n", word, (long long)from->n);
  for (int64_t i = 0; i < from->n && i < PL_ROWS_TOLD; i++)
    pl_buf_printf(out, "    line %lld: %s\n", (long long)from->told[i].line, from->told[i].err.text);
  if (from->n > PL_ROWS_TOLD)
    pl_buf_printf(out, "    ... and %lld more\n", (long long)(from->n - PL_ROWS_TOLD));
}

void pl_rows_report(const pl_rows *r, pl_buf *out) {
  const pl_policy *policy = &r->config->policy;
  pl_buf_printf(out, "  %-14s %10lld\n", "rows", (long long)r->nrows);
  if (r->delimiter)
    pl_buf_printf(out, "  %-14s          %s\n", "separated by",
                  r->delimiter == '\t' ? "tabs" : (char[]){r->delimiter, 0});
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
