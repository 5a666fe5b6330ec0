#include "codec/encode.h"

#include <math.h>

static void put_text(pl_buf *buf, pl_str s) {
  pl_buf_zigzag(buf, (int64_t)s.n);
  pl_buf_str_put(buf, s);
}

/* Unions here are all [null, something]. */
static bool put_branch(pl_buf *buf, bool there) {
  pl_buf_zigzag(buf, there);
  return there;
}

static void put_maybe(pl_buf *buf, pl_str s) {
  if (put_branch(buf, s.n > 0)) put_text(buf, s);
}

static void put_instant(pl_buf *buf, pl_wall at) {
  if (put_branch(buf, at.ms != PL_NEVER.ms)) pl_buf_zigzag(buf, at.ms);
}

static void put_double(pl_buf *buf, double d) {
  uint64_t bits;
  unsigned char out[8];
  memcpy(&bits, &d, sizeof bits);
  for (unsigned i = 0; i < 8; i++) out[i] = (unsigned char)(bits >> (8 * i));
  pl_buf_put(buf, out, sizeof out);
}

/* The shortest two's complement, big endian. */
static void put_decimal(pl_buf *buf, int64_t v) {
  unsigned char out[8];
  size_t n = 0;
  for (int shift = 56; shift >= 0; shift -= 8) {
    int64_t above = v >> shift; /* this byte and all before it */
    if (n == 0 && shift > 0 && v >> (shift - 1) == (v < 0 ? -1 : 0)) continue;
    out[n++] = (unsigned char)above;
  }
  put_text(buf, (pl_str){(const char *)out, n});
}

/* An amount with PL_AMOUNT_SCALE digits after the point; of a real the nearest one. */
static bool rescale(const pl_value *value, int64_t *out) {
  int64_t i = value->i;
  if (value->kind == PL_REAL) {
    double x = value->d * 1e4;
    *out = fabs(x) < 1e18 ? llround(x) : 0;
    return fabs(x) < 1e18;
  }
  int scale = value->kind == PL_DECIMAL ? value->scale : 0;
  if (value->kind != PL_INT && value->kind != PL_DECIMAL) return false;
  for (; scale > PL_AMOUNT_SCALE; scale--, i /= 10)
    if (i % 10) return false;
  for (; scale < PL_AMOUNT_SCALE; scale++)
    if (__builtin_mul_overflow(i, 10, &i)) return false;
  *out = i;
  return i > -INT64_C(1000000000000000000) && i < INT64_C(1000000000000000000);
}

bool pl_activity_encode(pl_buf *buf, const pl_activity *a) {
  int64_t amount = 0;
  if (a->amount.kind != PL_NONE && !rescale(&a->amount, &amount)) return false;
  put_text(buf, a->id);
  put_text(buf, a->rep);
  pl_buf_zigzag(buf, a->at.ms);
  put_text(buf, a->type);
  if (put_branch(buf, a->amount.kind != PL_NONE)) put_decimal(buf, amount);
  put_maybe(buf, a->currency);
  put_maybe(buf, a->account);
  put_maybe(buf, a->deal);
  put_maybe(buf, a->product);
  put_maybe(buf, a->channel);
  put_instant(buf, a->opened_at);
  put_maybe(buf, a->source);
  put_instant(buf, a->complete_to);
  put_maybe(buf, a->retracts);
  if (put_branch(buf, a->more)) pl_buf_char(buf, 1);
  put_maybe(buf, a->metric);
  if (put_branch(buf, a->goal != NULL)) {
    put_text(buf, a->goal->name);
    put_maybe(buf, a->goal->metric);
    put_maybe(buf, a->goal->period < 0 ? (pl_str){0} : pl_str_of(pl_unit_name((pl_unit)a->goal->period)));
    if (put_branch(buf, !isnan(a->goal->target))) put_double(buf, a->goal->target);
    put_maybe(buf, a->goal->plan);
    put_maybe(buf, a->goal->by);
  }
  if (put_branch(buf, a->answer != NULL)) {
    put_text(buf, a->answer->alert);
    put_maybe(buf, a->answer->reason);
    put_maybe(buf, a->answer->plan);
  }
  return true;
}

void pl_heartbeat_encode(pl_buf *buf, pl_str source, pl_wall at, pl_wall complete_to) {
  (void)!pl_activity_encode(buf, &(pl_activity){.id = PL_STR(""),
                                                .rep = PL_STR(""),
                                                .at = at,
                                                .type = PL_STR("heartbeat"),
                                                .opened_at = PL_NEVER,
                                                .source = source,
                                                .complete_to = complete_to});
}

static void put_day(pl_buf *buf, int32_t day) {
  if (put_branch(buf, day != PL_DAY_ALWAYS)) pl_buf_zigzag(buf, day);
}

/* One block, and the empty one that ends every array. */
static void put_sinces(pl_buf *buf, const pl_since *items, size_t n) {
  if (n) pl_buf_zigzag(buf, (int64_t)n);
  for (size_t i = 0; i < n; i++) {
    put_day(buf, items[i].from);
    put_text(buf, items[i].what);
  }
  pl_buf_zigzag(buf, 0);
}

void pl_rep_encode(pl_buf *buf, const pl_rep_fact *rep) {
  put_text(buf, rep->id);
  put_text(buf, rep->name);
  put_sinces(buf, rep->memberships, rep->nmemberships);
  put_sinces(buf, rep->zones, rep->nzones);
  put_sinces(buf, rep->calendars, rep->ncalendars);
  put_maybe(buf, rep->email);
  put_maybe(buf, rep->slack);
  pl_buf_zigzag(buf, rep->erased);
  pl_buf_char(buf, !rep->recognition_off);
  if (rep->ntime_off) pl_buf_zigzag(buf, (int64_t)rep->ntime_off);
  for (size_t i = 0; i < rep->ntime_off; i++) {
    const pl_leave *leave = &rep->time_off[i];
    int64_t first = pl_floor_div(leave->from, 86400), last = pl_floor_div(leave->until - 1, 86400);
    pl_buf_zigzag(buf, first);
    pl_buf_zigzag(buf, last);
    pl_buf_zigzag(buf, (leave->from - first * 86400) / 60);
    pl_buf_zigzag(buf, (leave->until - last * 86400) / 60);
  }
  pl_buf_zigzag(buf, 0);
  put_maybe(buf, rep->language);
}

void pl_goals_encode(pl_buf *buf, const pl_goals_fact *goals) {
  put_text(buf, goals->entity);
  pl_buf_zigzag(buf, goals->is_team);
  if (goals->n) pl_buf_zigzag(buf, (int64_t)goals->n);
  for (size_t i = 0; i < goals->n; i++) {
    const pl_goal_fact *g = &goals->goals[i];
    put_text(buf, g->name);
    put_text(buf, g->metric);
    pl_buf_zigzag(buf, (int64_t)g->period - PL_DAY);
    put_double(buf, g->target);
    pl_buf_zigzag(buf, g->owner);
    pl_buf_zigzag(buf, g->status);
    pl_buf_zigzag(buf, g->lower_is_better);
    put_maybe(buf, g->plan);
    put_maybe(buf, g->parent);
    put_day(buf, g->from);
    pl_buf_zigzag(buf, g->keeps_time_off);
    uint16_t points = g->line ? g->line->n : 0;
    if (points) pl_buf_zigzag(buf, points);
    for (uint16_t k = 0; k < points; k++) {
      put_double(buf, (double)g->line->points[k].at / PL_LINE_WHOLE);
      put_double(buf, (double)g->line->points[k].share / PL_LINE_WHOLE);
    }
    pl_buf_zigzag(buf, 0);
    if (g->nmilestones) pl_buf_zigzag(buf, (int64_t)g->nmilestones);
    for (size_t k = 0; k < g->nmilestones; k++) {
      const pl_milestone *m = &g->milestones[k];
      if (put_branch(buf, m->at > 0)) put_double(buf, (double)m->at / PL_LINE_WHOLE);
      if (put_branch(buf, m->at > 0)) put_double(buf, (double)m->share / PL_LINE_WHOLE);
      if (put_branch(buf, m->at == 0)) pl_buf_zigzag(buf, m->of_day / 60);
      if (put_branch(buf, m->at == 0)) put_double(buf, m->amount);
    }
    pl_buf_zigzag(buf, 0);
  }
  pl_buf_zigzag(buf, 0);
}

void pl_team_encode(pl_buf *buf, const pl_team_fact *team) {
  put_text(buf, team->id);
  put_text(buf, team->name);
  put_maybe(buf, team->parent);
  put_maybe(buf, team->manager);
  put_maybe(buf, team->zone);
  put_maybe(buf, team->calendar);
  put_maybe(buf, team->channel);
  pl_buf_zigzag(buf, team->removed);
}

static void put_figure(pl_buf *buf, double d) {
  if (put_branch(buf, !isnan(d))) put_double(buf, d);
}

void pl_alert_encode(pl_buf *buf, const pl_alert_record *a) {
  put_text(buf, a->id);
  put_text(buf, a->kind);
  put_text(buf, a->entity);
  pl_buf_zigzag(buf, a->of);
  put_text(buf, a->goal);
  put_text(buf, a->metric);
  put_text(buf, a->period);
  put_text(buf, a->state);
  pl_buf_zigzag(buf, a->at.ms);
  pl_buf_zigzag(buf, a->since.ms);
  pl_buf_zigzag(buf, a->seq);
  put_maybe(buf, a->about);
  put_maybe(buf, a->about_kind);
  put_text(buf, a->audience);
  put_text(buf, a->reason);
  put_figure(buf, a->actual);
  put_figure(buf, a->target);
  put_figure(buf, a->line);
  put_figure(buf, a->pace);
  put_figure(buf, a->chance);
  put_figure(buf, a->needed_today);
  put_maybe(buf, a->unit);
  put_maybe(buf, a->cause);
  put_figure(buf, a->cause_actual);
  put_figure(buf, a->cause_usual);
  put_maybe(buf, a->conversion);
  put_figure(buf, a->conversion_now);
  put_figure(buf, a->conversion_before);
  put_text(buf, a->body);
}
