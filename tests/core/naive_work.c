/* The naive model's working time: every span of every day, one after the other. */
#include "core/naive.h"

int64_t naive_span_edge(const naive_rep *rep, int32_t day, int32_t of_day) {
  return pl_zone_instant(rep->zone, day, of_day);
}

static const pl_workday *hours_of(const naive_rep *rep, int32_t day) {
  const pl_workday *d = &rep->calendar->week[((day + 3) % 7 + 7) % 7];
  for (size_t i = 0; i < rep->calendar->nexceptions; i++)
    if (rep->calendar->exceptions[i].day == day) d = &rep->calendar->exceptions[i].hours;
  return d;
}

/* Of a part of the local day, what lies within instants and in none of the leaves from the k-th on. */
static int64_t worked(const naive_rep *rep, int32_t day, pl_span part, size_t k, int64_t from_s,
                      int64_t to_s) {
  if (part.from >= part.to) return 0;
  if (!rep->facts || k == rep->facts->fact.ntime_off) {
    int64_t a = naive_span_edge(rep, day, part.from), b = naive_span_edge(rep, day, part.to);
    if (a < from_s) a = from_s;
    if (b > to_s) b = to_s;
    return b > a ? b - a : 0;
  }
  int64_t midnight = day * INT64_C(86400), off = rep->facts->time_off[k].from - midnight,
          on = rep->facts->time_off[k].until - midnight;
  if (off >= part.to || on <= part.from) return worked(rep, day, part, k + 1, from_s, to_s);
  pl_span before = {part.from, off > part.from ? (int32_t)off : part.from},
          behind = {on < part.to ? (int32_t)on : part.to, part.to};
  return worked(rep, day, before, k + 1, from_s, to_s) + worked(rep, day, behind, k + 1, from_s, to_s);
}

int64_t naive_work_of_day(const naive_rep *rep, int32_t day, int64_t from_s, int64_t to_s) {
  const pl_workday *d = hours_of(rep, day);
  int64_t sum = 0;
  for (int i = 0; i < d->n; i++) sum += worked(rep, day, d->spans[i], 0, from_s, to_s);
  return sum;
}

int64_t naive_work(const naive_rep *rep, int64_t from_s, int64_t to_s) {
  int64_t sum = 0;
  int32_t last = pl_zone_day(rep->zone, to_s);
  for (int32_t day = pl_zone_day(rep->zone, from_s); day <= last && from_s < to_s; day++)
    sum += naive_work_of_day(rep, day, from_s, to_s);
  return sum;
}

int64_t naive_work_after(const naive_rep *rep, int64_t from_s, int64_t work_s) {
  if (work_s <= 0) return from_s;
  for (int32_t day = pl_zone_day(rep->zone, from_s);; day++) {
    int64_t end = naive_span_edge(rep, day + 1, 0), here = naive_work_of_day(rep, day, from_s, end);
    if (here < work_s) {
      work_s -= here;
      continue;
    }
    int64_t t = from_s > naive_span_edge(rep, day, 0) ? from_s : naive_span_edge(rep, day, 0);
    while (naive_work_of_day(rep, day, from_s, t) < work_s) {
      int64_t left = work_s - naive_work_of_day(rep, day, from_s, t);
      t += left; /* never beyond it: a second of time holds at most a second of work */
    }
    return t;
  }
}

/* Whole days are compared, then the shares of the first and of the last. */
bool naive_days_passed(const naive_rep *rep, int64_t from, int64_t t, int32_t n) {
  int32_t first = pl_zone_day(rep->zone, from), last = pl_zone_day(rep->zone, t);
  int64_t whole = naive_work_of_day(rep, first, INT64_MIN, INT64_MAX),
          whole_last = naive_work_of_day(rep, last, INT64_MIN, INT64_MAX), days = 0;
  int64_t done = naive_work_of_day(rep, first, INT64_MIN, from),
          done_last = naive_work_of_day(rep, last, INT64_MIN, t);
  for (int32_t d = first; d < last; d++) days += naive_work_of_day(rep, d, INT64_MIN, INT64_MAX) > 0;
  if (!whole) done = 0, whole = 1;
  if (!whole_last) done_last = 0, whole_last = 1;
  return (days - n) * whole * whole_last + done_last * whole >= done * whole_last;
}
