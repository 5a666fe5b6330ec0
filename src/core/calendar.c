/* One table per year and local day; the pattern of a day is asked for in one place (`pattern`), so that
 * exceptions to the week have their place there, and everything else reads the table.
 *
 * A day is plain when it is 86,400 s of one offset from its midnight on; then a time of day is an addition.
 * On the others, two a year in most zones, the zone is asked.
 *
 * Instants outside the years of the table lie in its first or last year, before or behind all of its work. */
#include "paceline/calendar.h"

#include "base/civil.h"
#include "base/mem.h"
#include "base/time.h"

#define DAY_S INT64_C(86400)

enum { YEAR_FIRST = 1900, YEAR_LAST = 2200, DAYS_MAX = 366 };

/* Arrays of n + 1: entry i is for the beginning of day i, the last one for the end of the year. */
typedef struct {
  int32_t number, first_day, n;
  int64_t start[DAYS_MAX + 1];
  int32_t work_s[DAYS_MAX + 1];    /* since the year began */
  uint16_t workdays[DAYS_MAX + 1]; /* since the year began */
  bool plain[DAYS_MAX];
} year;

struct pl_workcal {
  const pl_calendar_def *def;
  const pl_zone *zone;
  year *years[YEAR_LAST - YEAR_FIRST + 1]; /* NULL until asked for */
};

pl_workcal *pl_workcal_new(const pl_calendar_def *def, const pl_zone *zone) {
  pl_workcal *cal = PL_NEW(pl_workcal);
  cal->def = def, cal->zone = zone;
  return cal;
}

void pl_workcal_free(pl_workcal **cal) {
  if (!*cal) return;
  for (size_t i = 0; i < PL_COUNT((*cal)->years); i++) PL_FREE((*cal)->years[i]);
  PL_FREE(*cal);
}

const pl_zone *pl_workcal_zone(const pl_workcal *cal) { return cal->zone; }

static const pl_workday *pattern(const pl_workcal *cal, int32_t day_number) {
  return &cal->def->week[pl_weekday(day_number)];
}

static int64_t instant(const pl_workcal *cal, const year *y, int32_t i, int32_t of_day) {
  return y->plain[i] ? y->start[i] + of_day : pl_zone_instant(cal->zone, y->first_day + i, of_day);
}

/* Working seconds of day i before the instant. */
static int32_t work_of_day(const pl_workcal *cal, const year *y, int32_t i, int64_t s) {
  const pl_workday *day = pattern(cal, y->first_day + i);
  int64_t sum = 0;
  for (int k = 0; k < day->n; k++) {
    int64_t from = instant(cal, y, i, day->spans[k].from), to = instant(cal, y, i, day->spans[k].to);
    if (s <= from) break;
    sum += (s < to ? s : to) - from;
  }
  return (int32_t)sum;
}

static year *year_new(const pl_workcal *cal, int32_t number) {
  year *y = PL_NEW(year);
  y->number = number;
  y->first_day = pl_civil_day(number, 1, 1);
  y->n = pl_civil_day(number + 1, 1, 1) - y->first_day;
  for (int32_t i = 0; i <= y->n; i++) y->start[i] = pl_zone_instant(cal->zone, y->first_day + i, 0);
  pl_zone_offset o = {0};
  for (int32_t i = 0; i < y->n; i++) {
    if (i == 0 || y->start[i] >= o.until) o = pl_zone_at(cal->zone, y->start[i]);
    y->plain[i] = y->start[i + 1] == y->start[i] + DAY_S && y->start[i + 1] <= o.until;
    int32_t work = work_of_day(cal, y, i, y->start[i + 1]);
    y->work_s[i + 1] = y->work_s[i] + work;
    y->workdays[i + 1] = (uint16_t)(y->workdays[i] + (work > 0));
  }
  return y;
}

static year *year_of(pl_workcal *cal, int32_t number) {
  year **y = &cal->years[number - YEAR_FIRST];
  if (!*y) *y = year_new(cal, number);
  return *y;
}

/* The year that the instant lies in; UTC's is at most one off. */
static year *year_at(pl_workcal *cal, int64_t s) {
  const int64_t max = INT64_C(1) << 40;
  int32_t day = (int32_t)pl_floor_div(s > max ? max : s < -max ? -max : s, DAY_S);
  int32_t number = pl_civil_of(day).year;
  number = number < YEAR_FIRST ? YEAR_FIRST : number > YEAR_LAST ? YEAR_LAST : number;
  year *y = year_of(cal, number);
  if (s < y->start[0] && number > YEAR_FIRST) return year_of(cal, number - 1);
  if (s >= y->start[y->n] && number < YEAR_LAST) return year_of(cal, number + 1);
  return y;
}

/* Working seconds of the year before the instant. */
static int64_t work_of_year(const pl_workcal *cal, const year *y, int64_t s) {
  if (s <= y->start[0]) return 0;
  if (s >= y->start[y->n]) return y->work_s[y->n];
  int32_t i = (int32_t)((s - y->start[0]) / DAY_S);
  if (i >= y->n) i = y->n - 1;
  while (s < y->start[i]) i--;
  while (s >= y->start[i + 1]) i++;
  return y->work_s[i] + work_of_day(cal, y, i, s);
}

int64_t pl_work_between(pl_workcal *cal, int64_t from, int64_t to) {
  if (to <= from) return 0;
  const year *a = year_at(cal, from), *b = year_at(cal, to);
  int64_t sum = work_of_year(cal, b, to) - work_of_year(cal, a, from);
  for (; a != b; a = year_of(cal, a->number + 1)) sum += a->work_s[a->n];
  return sum;
}

int64_t pl_work_after(pl_workcal *cal, int64_t from, int64_t seconds) {
  if (seconds <= 0) return from;
  if (seconds > PL_WORK_HORIZON_S) return INT64_MAX;
  int64_t last = from < INT64_MAX - PL_WORK_HORIZON_S ? from + PL_WORK_HORIZON_S : INT64_MAX;
  const year *y = year_at(cal, from);
  int64_t need = work_of_year(cal, y, from) + seconds; /* since the year began */
  for (; need > y->work_s[y->n]; y = year_of(cal, y->number + 1)) {
    if (y->number == YEAR_LAST || y->start[y->n] > last) return INT64_MAX;
    need -= y->work_s[y->n];
  }
  int32_t i = 0, hi = y->n - 1; /* the first day at whose end it is reached */
  while (i < hi) {
    int32_t mid = i + (hi - i) / 2;
    if (y->work_s[mid + 1] >= need)
      hi = mid;
    else
      i = mid + 1;
  }
  const pl_span *span = pattern(cal, y->first_day + i)->spans;
  int64_t begin = instant(cal, y, i, span->from), length;
  for (need -= y->work_s[i]; need > (length = instant(cal, y, i, span->to) - begin); need -= length)
    begin = instant(cal, y, i, (++span)->from);
  return begin + need <= last ? begin + need : INT64_MAX;
}

/* Work passes second by second: the first instant behind one more second of it is a second after its start.
 */
int64_t pl_work_beyond(pl_workcal *cal, int64_t from, int64_t seconds) {
  if (seconds < 0) return from;
  if (seconds >= PL_WORK_HORIZON_S) return INT64_MAX;
  int64_t t = pl_work_after(cal, from, seconds + 1);
  return t == INT64_MAX ? t : t - 1;
}

/* The year of a local day; NULL when the table has none. */
static const year *year_of_day(pl_workcal *cal, int32_t day_number) {
  int32_t number = pl_civil_of(day_number).year;
  return number < YEAR_FIRST || number > YEAR_LAST ? NULL : year_of(cal, number);
}

bool pl_workday_is(pl_workcal *cal, int32_t day_number) {
  const year *y = year_of_day(cal, day_number);
  if (!y) return false;
  int32_t i = day_number - y->first_day;
  return y->work_s[i + 1] > y->work_s[i];
}

int64_t pl_workday_end(pl_workcal *cal, int32_t day_number) {
  if (!pl_workday_is(cal, day_number)) return INT64_MIN;
  const year *y = year_of_day(cal, day_number);
  const pl_workday *day = pattern(cal, day_number);
  return instant(cal, y, day_number - y->first_day, day->spans[day->n - 1].to);
}

int32_t pl_workdays(pl_workcal *cal, int32_t first, int32_t last) {
  const int32_t min = pl_civil_day(YEAR_FIRST, 1, 1), max = pl_civil_day(YEAR_LAST, 12, 31);
  first = first < min ? min : first, last = last > max ? max : last;
  if (last < first) return 0;
  const year *a = year_of_day(cal, first), *b = year_of_day(cal, last);
  int32_t sum = b->workdays[last - b->first_day + 1] - a->workdays[first - a->first_day];
  for (; a != b; a = year_of(cal, a->number + 1)) sum += a->workdays[a->n];
  return sum;
}
