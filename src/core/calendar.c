/* Working time is the shared table's, less what falls into time off. The leaves carry the working seconds and
 * working days that those before them have taken from the table, so that W is a difference of two sums, and
 * its inverse a search among the leaves and then one in the table.
 *
 * A leave may begin and end within a day, and several may lie in one. Such a day is lost only when all of
 * them leave no work in it: so the days at a leave's ends are asked, those between are lost anyway. */
#include "paceline/calendar.h"

#include "base/mem.h"
#include "base/time.h"
#include "core/worktable.h"

#define DAY_S INT64_C(86400)

typedef struct {
  int64_t begin, end; /* instants */
  int64_t work_s;     /* that leaves have taken before it */
  pl_days days;       /* in which it lies */
  int32_t lost;       /* working days without work, before the first of them */
} off;

struct pl_workcal {
  pl_worktable *table;
  pl_workcal *shared; /* whose table it is; NULL: its own */
  size_t noff, room;
  off off[]; /* ascending, apart; with time off one more at the end, with the work of all */
};

pl_workcal *pl_workcal_new(const pl_calendar_def *def, const pl_zone *zone) {
  pl_workcal *cal = PL_NEW(pl_workcal);
  cal->table = pl_worktable_new(def, zone);
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

/* How many of the leaves begin at that instant or before. */
static size_t begun(const pl_workcal *cal, int64_t s) {
  size_t i = 0, end = cal->noff;
  while (i < end) {
    size_t mid = i + (end - i) / 2;
    if (cal->off[mid].begin <= s)
      i = mid + 1;
    else
      end = mid;
  }
  return i;
}

/* Working seconds of the table before the instant that are time off. */
static int64_t off_before(const pl_workcal *cal, int64_t s) {
  size_t n = begun(cal, s);
  if (n == 0) return 0;
  const off *o = &cal->off[n - 1];
  return s >= o->end ? o[1].work_s : o->work_s + pl_worktable_between(cal->table, o->begin, s);
}

int64_t pl_work_between(pl_workcal *cal, int64_t from, int64_t to) {
  int64_t work = pl_worktable_between(cal->table, from, to);
  return cal->noff && work ? work - off_before(cal, to) + off_before(cal, from) : work;
}

/* The leaves that pass before the seconds have are searched for; their work is added to what the table is
 * asked for. */
int64_t pl_work_after(pl_workcal *cal, int64_t from, int64_t seconds) {
  if (!cal->noff || seconds <= 0) return pl_worktable_after(cal->table, from, seconds);
  if (seconds > PL_WORK_HORIZON_S) return INT64_MAX;
  int64_t before = off_before(cal, from);
  size_t i = begun(cal, from), end = cal->noff;
  while (i < end) {
    size_t mid = i + (end - i) / 2;
    const off *o = &cal->off[mid];
    int64_t work = pl_worktable_between(cal->table, from, o->begin);
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

static int64_t begin_of(const pl_workcal *cal, int32_t day) {
  return pl_zone_instant(pl_worktable_zone(cal->table), day, 0);
}

static int64_t work_of(pl_workcal *cal, int32_t day) {
  return pl_work_between(cal, begin_of(cal, day), begin_of(cal, day + 1));
}

/* Has time off taken all there was? */
static bool is_lost(pl_workcal *cal, int32_t day) {
  return cal->noff && pl_worktable_end(cal->table, day) != INT64_MIN && work_of(cal, day) == 0;
}

bool pl_workday_is(pl_workcal *cal, int32_t day) {
  return pl_worktable_end(cal->table, day) != INT64_MIN && !is_lost(cal, day);
}

int64_t pl_workday_end(pl_workcal *cal, int32_t day) {
  int64_t end = pl_worktable_end(cal->table, day);
  if (!cal->noff || end == INT64_MIN) return end;
  int64_t work = work_of(cal, day);
  return work ? pl_work_after(cal, begin_of(cal, day), work) : INT64_MIN;
}

/* Working days of the table before the day that are lost: those before the last leave that begins before the
 * day, and those in which that leave lies. */
static int32_t lost_before(pl_workcal *cal, int32_t day) {
  size_t n = begun(cal, begin_of(cal, day) - 1);
  if (n == 0) return 0;
  const off *o = &cal->off[n - 1];
  int32_t first = o->days.first, last = o->days.last < day ? o->days.last : day - 1;
  int32_t lost = o->lost + is_lost(cal, first);
  if (first == last) return lost;
  return lost + pl_worktable_workdays(cal->table, (pl_days){first + 1, last - 1}) + is_lost(cal, last);
}

int32_t pl_workdays(pl_workcal *cal, int32_t first, int32_t last) {
  pl_days known = pl_worktable_days();
  if (first < known.first) first = known.first;
  if (last > known.last) last = known.last;
  int32_t days = pl_worktable_workdays(cal->table, (pl_days){first, last});
  return cal->noff && days ? days - lost_before(cal, last + 1) + lost_before(cal, first) : days;
}

/* Outside the table's years there is no work to take. */
static int64_t instant_of(const pl_workcal *cal, int64_t local) {
  pl_days known = pl_worktable_days();
  int64_t day = pl_floor_div(local, DAY_S);
  if (day < known.first) return begin_of(cal, known.first);
  if (day > known.last) return begin_of(cal, known.last + 1);
  return pl_zone_instant(pl_worktable_zone(cal->table), (int32_t)day, (int32_t)(local - day * DAY_S));
}

pl_workcal *pl_workcal_less(pl_workcal *shared, const pl_leave *leaves, size_t n) {
  PL_ASSERT(!shared->shared);
  pl_workcal *cal = pl_alloc(sizeof *cal + (n + 1) * sizeof cal->off[0]);
  cal->table = shared->table, cal->shared = shared, cal->room = n + 1;
  int64_t sum = 0;
  for (size_t i = 0; i < n; i++) {
    PL_ASSERT(leaves[i].from < leaves[i].until && (i == 0 || leaves[i - 1].until < leaves[i].from));
    off o = {
        .begin = instant_of(cal, leaves[i].from), .end = instant_of(cal, leaves[i].until), .work_s = sum};
    int64_t work = pl_worktable_between(cal->table, o.begin, o.end);
    if (work == 0) continue;
    o.days = (pl_days){pl_worktable_day(cal->table, o.begin), pl_worktable_day(cal->table, o.end - 1)};
    cal->off[cal->noff++] = o, sum += work;
  }
  cal->off[cal->noff] = (off){.begin = INT64_MAX, .end = INT64_MAX, .work_s = sum};
  for (size_t i = 0; i < cal->noff; i++) cal->off[i].lost = lost_before(cal, cal->off[i].days.first);
  return cal;
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

int64_t pl_workdays_after(pl_workcal *cal, int64_t from, int32_t days) {
  if (days <= 0) return from;
  int32_t day = pl_worktable_day(cal->table, from);
  int64_t done = pl_work_between(cal, begin_of(cal, day), from), whole = work_of(cal, day);
  int32_t last = nth_workday(cal, done ? day + 1 : day, days);
  if (last == INT32_MAX) return INT64_MAX;
  if (!done) return pl_workday_end(cal, last); /* whole days */
  PL_ASSERT(whole > 0);
  return pl_work_after(cal, begin_of(cal, last), (done * work_of(cal, last) + whole - 1) / whole);
}

pl_leave pl_leave_of(pl_days days) { return (pl_leave){days.first * DAY_S, (days.last + 1LL) * DAY_S}; }

size_t pl_leaves_merge(pl_leave *leaves, size_t n) {
  size_t kept = 0;
  for (size_t i = 1; i < n; i++) { /* they are few, and mostly in order */
    pl_leave one = leaves[i];
    size_t k = i;
    for (; k && leaves[k - 1].from > one.from; k--) leaves[k] = leaves[k - 1];
    leaves[k] = one;
  }
  for (size_t i = 0; i < n; i++) {
    pl_leave *last = kept ? &leaves[kept - 1] : NULL;
    if (last && leaves[i].from <= last->until)
      last->until = leaves[i].until > last->until ? leaves[i].until : last->until;
    else
      leaves[kept++] = leaves[i];
  }
  return kept;
}
