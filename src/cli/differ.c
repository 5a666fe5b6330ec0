#include "cli/differ.h"

#include <stdio.h>

#include "cli/query.h"
#include "codec/when.h"
#include "paceline/period.h"

enum { NAME_MAX = 512, TEXT_MAX = 256, PERIODS_KEPT = 3 };
static const size_t LINES_MAX = (size_t)1 << 30;
static const int64_t AHEAD_S = 14 * 3600; /* the day begins so much before UTC's, where it begins first */

void pl_findings_init(pl_findings *f) {
  *f = (pl_findings){0};
  pl_buf_init(&f->lines, LINES_MAX);
}

void pl_findings_fini(pl_findings *f) { pl_buf_fini(&f->lines); }

void pl_findings_clear(pl_findings *f) {
  pl_buf_clear(&f->lines);
  f->fields = f->days = f->differ = f->before = f->passed = 0;
}

void pl_findings_add(pl_findings *to, const pl_findings *more) {
  pl_buf_str_put(&to->lines, pl_buf_str(&more->lines));
  to->fields += more->fields, to->days += more->days, to->differ += more->differ, to->before += more->before;
  to->passed += more->passed;
}

static void differs(pl_findings *out, pl_str key, const char *field, pl_str expected, const pl_str *found) {
  out->differ++;
  pl_buf_str_put(&out->lines, key);
  pl_buf_printf(&out->lines, " %s: expected %.*s, found %.*s\n", field, (int)expected.n, expected.p,
                found ? (int)found->n : 7, found ? found->p : "nothing");
}

void pl_differ_text(pl_findings *out, pl_str key, const char *field, const char *expected,
                    const pl_str *found) {
  out->fields++;
  if (!found || !pl_str_is(*found, expected)) differs(out, key, field, pl_str_of(expected), found);
}

bool pl_differ_as_of(const pl_reply *view, pl_wall *at) {
  const pl_str *text = pl_reply_field(view, "as_of");
  pl_when when;
  if (!text || !pl_when_iso(*text, &when)) return false;
  at->ms = when.ms;
  return true;
}

static int32_t day_of(const pl_sight *s, pl_wall at) {
  return pl_zone_day(s->zone(s->ctx, at), pl_seconds(at));
}

bool pl_differ_turning(const pl_sight *s, const pl_reply *view, pl_wall *midnight) {
  pl_wall at;
  char text[PL_PERIOD_TEXT_MAX];
  const pl_str *day = pl_reply_field(view, "period:day");
  if (!day || !pl_differ_as_of(view, &at)) return false;
  int32_t today = day_of(s, at);
  *midnight = pl_wall_s(pl_zone_instant(s->zone(s->ctx, at), today, 0));
  return pl_str_is(*day, pl_period_text(PL_DAY, today - 1, text));
}

static void periods(pl_findings *out, const pl_sight *s, const pl_reply *view, pl_wall at, int32_t day) {
  for (int u = PL_DAY; u <= PL_YEAR; u++) {
    char name[32], text[PL_PERIOD_TEXT_MAX];
    (void)snprintf(name, sizeof name, "period:%s", pl_unit_name((pl_unit)u));
    pl_differ_text(out, s->key, name,
                   pl_period_text((pl_unit)u, pl_unit_index(s->who.config, (pl_unit)u, at, day), text),
                   pl_reply_field(view, name));
  }
}

bool pl_differ_reaches(pl_wall back, pl_unit unit, int32_t index) {
  int64_t begins_ms = unit == PL_5MIN ? (int64_t)index * 300000
                      : unit == PL_HOUR
                          ? (int64_t)index * 3600000
                          : ((int64_t)pl_period_first_day(unit, index) * 86400 - AHEAD_S) * 1000;
  return begins_ms >= back.ms;
}

/* The earliest bucket at which a rolling window that is shown now may have ended. Those of days are all of
 * today: a view is written as a whole at midnight. Clocks may differ by what an event may be early. */
static int32_t earliest(const pl_sight *s, size_t metric, pl_unit unit, int32_t index) {
  if (unit >= PL_DAY) return index;
  pl_wall since = pl_tally_touched(&s->who, metric);
  int32_t from = index - pl_unit_spans[unit];
  if (since.ms == INT64_MIN) return index;
  int32_t touched =
      pl_unit_index(s->who.config, unit, pl_wall_minus(since, s->who.config->policy.future_tolerance), 0);
  return touched > index ? index : touched > from ? touched : from;
}

static void compare(pl_findings *out, const pl_sight *s, const pl_reply *view, size_t metric,
                    pl_window window, pl_shown shown, int32_t index) {
  const pl_window_kind *kind = &pl_window_kinds[window];
  char name[NAME_MAX];
  (void)snprintf(name, sizeof name, "%s:%s%s", s->who.config->policy.metrics[metric].name, kind->name,
                 pl_shown_names[shown]);
  const pl_str *found = pl_reply_field(view, name);
  int32_t first = kind->calendar ? index - (shown != PL_SHOWN) : index - kind->span + 1;
  if (!pl_differ_reaches(s->back, kind->unit, first)) {
    out->before++;
    return;
  }
  if (kind->calendar && pl_tally_newest(&s->who, metric, kind->unit) >= first + PERIODS_KEPT) {
    out->passed++;
    return;
  }
  out->fields++;
  int32_t from = kind->calendar ? index : earliest(s, metric, kind->unit, index);
  for (int32_t at = index; at >= from; at--) {
    pl_figure figure = pl_tally(&s->who, metric, window, shown, at);
    if (pl_figure_is(&figure, found)) return;
  }
  char room[TEXT_MAX];
  pl_buf text = {room, 0, sizeof room, sizeof room, false};
  pl_figure figure = pl_tally(&s->who, metric, window, shown, index);
  pl_figure_text(&figure, &text);
  differs(out, s->key, name, pl_buf_str(&text), found);
}

void pl_differ_view(pl_findings *out, const pl_sight *s, const pl_reply *view) {
  const pl_policy *policy = &s->who.config->policy;
  pl_wall at;
  if (!pl_differ_as_of(view, &at)) {
    pl_differ_text(out, s->key, "as_of", "an instant", pl_reply_field(view, "as_of"));
    return;
  }
  int32_t day = day_of(s, at);
  periods(out, s, view, at, day);
  pl_differ_text(out, s->key, "zone", pl_zone_name(s->zone(s->ctx, at)), pl_reply_field(view, "zone"));
  for (size_t m = 0; m < policy->nmetrics; m++)
    for (int w = 0; w < PL_WINDOWS; w++)
      for (int k = 0; k < PL_SHOWN_KINDS; k++)
        if (pl_shown_given(policy, m, (pl_window)w, (pl_shown)k))
          compare(out, s, view, m, (pl_window)w, (pl_shown)k,
                  pl_unit_index(s->who.config, pl_window_kinds[w].unit, at, day));
}
