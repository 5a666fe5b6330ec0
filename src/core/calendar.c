/* Working time is the shared table's, less what falls into time off. The days off carry the working seconds
 * and working days that those before them have taken from the table, so that W is a difference of two sums,
 * and its inverse a search among the days off and then one in the table. */
#include "paceline/calendar.h"

#include "base/mem.h"
#include "core/worktable.h"

typedef struct {
  pl_days days;
  int32_t workdays; /* that time off has taken before these days... */
  int64_t work_s;   /* ...and working seconds */
} off;

struct pl_workcal {
  pl_worktable *table;
  pl_workcal *shared; /* whose table it is; NULL: its own */
  size_t noff, room;
  off off[]; /* ascending, apart; with time off one more at the end, with the sums of all */
};

pl_workcal *pl_workcal_new(const pl_calendar_def *def, const pl_zone *zone) {
  pl_workcal *cal = PL_NEW(pl_workcal);
  cal->table = pl_worktable_new(def, zone);
  return cal;
}

static int64_t begin_of(const pl_workcal *cal, int32_t day) {
  return pl_zone_instant(pl_worktable_zone(cal->table), day, 0);
}

pl_workcal *pl_workcal_less(pl_workcal *shared, const pl_days *days, size_t n) {
  PL_ASSERT(!shared->shared);
  pl_workcal *cal = pl_alloc(sizeof *cal + (n + 1) * sizeof cal->off[0]);
  cal->table = shared->table, cal->shared = shared, cal->room = n + 1;
  off sums = {.days = {INT32_MAX, INT32_MAX}};
  for (size_t i = 0; i < n; i++) {
    PL_ASSERT(days[i].first <= days[i].last && (i == 0 || days[i - 1].last < days[i].first));
    pl_days known = pl_worktable_clip(days[i]);
    if (known.last < known.first) continue;
    cal->off[cal->noff] = sums, cal->off[cal->noff++].days = known;
    sums.workdays += pl_worktable_workdays(cal->table, known);
    sums.work_s +=
        pl_worktable_between(cal->table, begin_of(cal, known.first), begin_of(cal, known.last + 1));
  }
  cal->off[cal->noff] = sums;
  return cal;
}

void pl_workcal_free(pl_workcal **cal) {
  pl_workcal *c = *cal;
  if (!c) return;
  if (!c->shared) pl_worktable_free(&c->table);
  pl_release(c, sizeof *c + c->room * sizeof c->off[0]);
  *cal = NULL;
}

const pl_zone *pl_workcal_zone(const pl_workcal *cal) { return pl_worktable_zone(cal->table); }
pl_workcal *pl_workcal_shared(pl_workcal *cal) { return cal->shared ? cal->shared : cal; }

/* How many of the days off begin on that day or before. */
static size_t begun(const pl_workcal *cal, int64_t day) {
  size_t i = 0, end = cal->noff;
  while (i < end) {
    size_t mid = i + (end - i) / 2;
    if (cal->off[mid].days.first <= day)
      i = mid + 1;
    else
      end = mid;
  }
  return i;
}

static bool is_off(const pl_workcal *cal, int32_t day) {
  size_t n = begun(cal, day);
  return n && day <= cal->off[n - 1].days.last;
}

/* Working seconds of the table before the instant that are time off. */
static int64_t off_before(const pl_workcal *cal, int64_t s) {
  int32_t day = pl_worktable_day(cal->table, s);
  size_t n = begun(cal, day);
  if (n == 0) return 0;
  const off *o = &cal->off[n - 1];
  if (day > o->days.last) return o[1].work_s;
  return o->work_s + pl_worktable_between(cal->table, begin_of(cal, o->days.first), s);
}

/* Working days of the table before the day that are off. */
static int32_t off_days_before(const pl_workcal *cal, int64_t day) {
  size_t n = begun(cal, day - 1);
  if (n == 0) return 0;
  const off *o = &cal->off[n - 1];
  if (day > o->days.last) return o[1].workdays;
  return o->workdays + pl_worktable_workdays(cal->table, (pl_days){o->days.first, (int32_t)(day - 1)});
}

int64_t pl_work_between(pl_workcal *cal, int64_t from, int64_t to) {
  int64_t work = pl_worktable_between(cal->table, from, to);
  return cal->noff && work ? work - off_before(cal, to) + off_before(cal, from) : work;
}

/* The days off that pass before the seconds have are searched for; their work is added to what the table is
 * asked for. */
int64_t pl_work_after(pl_workcal *cal, int64_t from, int64_t seconds) {
  if (!cal->noff || seconds <= 0) return pl_worktable_after(cal->table, from, seconds);
  if (seconds > PL_WORK_HORIZON_S) return INT64_MAX;
  int64_t before = off_before(cal, from);
  size_t i = begun(cal, pl_worktable_day(cal->table, from)), end = cal->noff;
  while (i < end) {
    size_t mid = i + (end - i) / 2;
    const off *o = &cal->off[mid];
    int64_t work = pl_worktable_between(cal->table, from, begin_of(cal, o->days.first));
    if (work - (o->work_s - before) < seconds)
      i = mid + 1;
    else
      end = mid;
  }
  return pl_worktable_after(cal->table, from, seconds + cal->off[i].work_s - before);
}

/* Work passes second by second: the first instant behind one more second of it is a second after its start.
 */
int64_t pl_work_beyond(pl_workcal *cal, int64_t from, int64_t seconds) {
  if (seconds < 0) return from;
  if (seconds >= PL_WORK_HORIZON_S) return INT64_MAX;
  int64_t t = pl_work_after(cal, from, seconds + 1);
  return t == INT64_MAX ? t : t - 1;
}

bool pl_workday_is(pl_workcal *cal, int32_t day) { return pl_workday_end(cal, day) != INT64_MIN; }

int64_t pl_workday_end(pl_workcal *cal, int32_t day) {
  return is_off(cal, day) ? INT64_MIN : pl_worktable_end(cal->table, day);
}

int32_t pl_workdays(pl_workcal *cal, int32_t first, int32_t last) {
  int32_t days = pl_worktable_workdays(cal->table, (pl_days){first, last});
  if (!cal->noff || !days) return days;
  return days - off_days_before(cal, (int64_t)last + 1) + off_days_before(cal, first);
}

/* The n-th working day from `day` on, which is the first if it is one; INT32_MAX: none within the horizon. */
static int32_t nth_workday(pl_workcal *cal, int32_t day, int32_t n) {
  int32_t low = day, high = day + (int32_t)(PL_WORK_HORIZON_S / 86400);
  if (pl_workdays(cal, day, high) < n) return INT32_MAX;
  while (low < high) {
    int32_t mid = low + (high - low) / 2;
    if (pl_workdays(cal, day, mid) < n)
      low = mid + 1;
    else
      high = mid;
  }
  return low;
}

static int64_t work_of(pl_workcal *cal, int32_t day) {
  return pl_work_between(cal, begin_of(cal, day), begin_of(cal, day + 1));
}

int64_t pl_workdays_after(pl_workcal *cal, int64_t from, int32_t days) {
  if (days <= 0) return from;
  int32_t day = pl_worktable_day(cal->table, from);
  int64_t done = pl_work_between(cal, begin_of(cal, day), from), whole = work_of(cal, day);
  int32_t last = nth_workday(cal, done ? day + 1 : day, days);
  if (last == INT32_MAX) return INT64_MAX;
  if (!done) return pl_workday_end(cal, last); /* whole days */
  return pl_work_after(cal, begin_of(cal, last), (done * work_of(cal, last) + whole - 1) / whole);
}

size_t pl_days_merge(pl_days *days, size_t n) {
  size_t kept = 0;
  for (size_t i = 1; i < n; i++) { /* they are few, and mostly in order */
    pl_days one = days[i];
    size_t k = i;
    for (; k && days[k - 1].first > one.first; k--) days[k] = days[k - 1];
    days[k] = one;
  }
  for (size_t i = 0; i < n; i++) {
    pl_days *last = kept ? &days[kept - 1] : NULL;
    if (last && days[i].first <= (int64_t)last->last + 1)
      last->last = days[i].last > last->last ? days[i].last : last->last;
    else
      days[kept++] = days[i];
  }
  return kept;
}
