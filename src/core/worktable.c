/* A day is plain when it is 86,400 s of one offset from its midnight on; then a time of day is an addition.
 * On the others, two a year in most zones, the zone is asked.
 *
 * Instants outside the years of the table lie in its first or last year, before or behind all of its work. */
#include "core/worktable.h"

#include "base/civil.h"
#include "base/mem.h"
#include "base/time.h"
#include "paceline/calendar.h"

#define DAY_S INT64_C(86400)

enum { YEAR_FIRST = 1900, YEAR_LAST = 2200, DAYS_MAX = 366 };

/* Arrays of n + 1: entry i is for the beginning of day i, the last one for the end of the year. */
typedef struct {
  int32_t number, first_day, n;
  int64_t start[DAYS_MAX + 1];
  int32_t work_s[DAYS_MAX + 1];    /* since the year began */
  uint16_t workdays[DAYS_MAX + 1]; /* since the year began */
  bool plain[DAYS_MAX];
  const pl_workday *hours[DAYS_MAX];
} year;

struct pl_worktable {
  const pl_calendar_def *def;
  const pl_zone *zone;
  year *years[YEAR_LAST - YEAR_FIRST + 1]; /* NULL until asked for */
  year *recent;                            /* of the last question, as the next one's mostly is; NULL: none */
};

pl_worktable *pl_worktable_new(const pl_calendar_def *def, const pl_zone *zone) {
  pl_worktable *table = PL_NEW(pl_worktable);
  table->def = def, table->zone = zone;
  return table;
}

void pl_worktable_free(pl_worktable **table) {
  if (!*table) return;
  for (size_t i = 0; i < PL_COUNT((*table)->years); i++) PL_FREE((*table)->years[i]);
  PL_FREE(*table);
}

const pl_zone *pl_worktable_zone(const pl_worktable *table) { return table->zone; }

/* The hours of a day: its own where it is an exception, else its weekday's. */
static const pl_workday *pattern(const pl_calendar_def *def, int32_t day) {
  size_t i = 0, end = def->nexceptions;
  while (i < end) {
    size_t mid = i + (end - i) / 2;
    if (def->exceptions[mid].day < day)
      i = mid + 1;
    else
      end = mid;
  }
  bool found = i < def->nexceptions && def->exceptions[i].day == day;
  return found ? &def->exceptions[i].hours : &def->week[pl_weekday(day)];
}

static int64_t instant(const pl_worktable *table, const year *y, int32_t i, int32_t of_day) {
  return y->plain[i] ? y->start[i] + of_day : pl_zone_instant(table->zone, y->first_day + i, of_day);
}

/* Working seconds of day i before the instant. */
static int32_t work_of_day(const pl_worktable *table, const year *y, int32_t i, int64_t s) {
  const pl_workday *day = y->hours[i];
  int64_t sum = 0;
  for (int k = 0; k < day->n; k++) {
    int64_t from = instant(table, y, i, day->spans[k].from), to = instant(table, y, i, day->spans[k].to);
    if (s <= from) break;
    sum += (s < to ? s : to) - from;
  }
  return (int32_t)sum;
}

static year *year_new(const pl_worktable *table, int32_t number) {
  year *y = PL_NEW(year);
  y->number = number;
  y->first_day = pl_civil_day(number, 1, 1);
  y->n = pl_civil_day(number + 1, 1, 1) - y->first_day;
  for (int32_t i = 0; i <= y->n; i++) y->start[i] = pl_zone_instant(table->zone, y->first_day + i, 0);
  for (int32_t i = 0; i < y->n; i++) y->hours[i] = pattern(table->def, y->first_day + i);
  pl_zone_offset o = {0};
  for (int32_t i = 0; i < y->n; i++) {
    if (i == 0 || y->start[i] >= o.until) o = pl_zone_at(table->zone, y->start[i]);
    y->plain[i] = y->start[i + 1] == y->start[i] + DAY_S && y->start[i + 1] <= o.until;
    int32_t work = work_of_day(table, y, i, y->start[i + 1]);
    y->work_s[i + 1] = y->work_s[i] + work;
    y->workdays[i + 1] = (uint16_t)(y->workdays[i] + (work > 0));
  }
  return y;
}

static year *year_of(pl_worktable *table, int32_t number) {
  year **y = &table->years[number - YEAR_FIRST];
  if (!*y) *y = year_new(table, number);
  return table->recent = *y;
}

/* The year that the instant lies in; UTC's is at most one off. */
static year *year_at(pl_worktable *table, int64_t s) {
  year *recent = table->recent;
  if (recent && s >= recent->start[0] && s < recent->start[recent->n]) return recent;
  const int64_t max = INT64_C(1) << 40;
  int32_t day = (int32_t)pl_floor_div(s > max ? max : s < -max ? -max : s, DAY_S);
  int32_t number = pl_civil_of(day).year;
  number = number < YEAR_FIRST ? YEAR_FIRST : number > YEAR_LAST ? YEAR_LAST : number;
  year *y = year_of(table, number);
  if (s < y->start[0] && number > YEAR_FIRST) return year_of(table, number - 1);
  if (s >= y->start[y->n] && number < YEAR_LAST) return year_of(table, number + 1);
  return y;
}

/* The day of the year that the instant lies in; -1 or n outside. */
static int32_t day_of_year(const year *y, int64_t s) {
  if (s < y->start[0]) return -1;
  if (s >= y->start[y->n]) return y->n;
  int32_t i = (int32_t)((s - y->start[0]) / DAY_S);
  if (i >= y->n) i = y->n - 1;
  while (s < y->start[i]) i--;
  while (s >= y->start[i + 1]) i++;
  return i;
}

/* Working seconds of the year before the instant. */
static int64_t work_of_year(const pl_worktable *table, const year *y, int64_t s) {
  int32_t i = day_of_year(y, s);
  if (i < 0 || i == y->n) return i < 0 ? 0 : y->work_s[y->n];
  return y->work_s[i] + work_of_day(table, y, i, s);
}

int64_t pl_worktable_between(pl_worktable *table, int64_t from, int64_t to) {
  if (to <= from) return 0;
  const year *a = year_at(table, from), *b = year_at(table, to);
  int64_t sum = work_of_year(table, b, to) - work_of_year(table, a, from);
  for (; a != b; a = year_of(table, a->number + 1)) sum += a->work_s[a->n];
  return sum;
}

int64_t pl_worktable_after(pl_worktable *table, int64_t from, int64_t seconds) {
  if (seconds <= 0) return from;
  if (seconds > PL_WORK_HORIZON_S) return INT64_MAX;
  int64_t last = from < INT64_MAX - PL_WORK_HORIZON_S ? from + PL_WORK_HORIZON_S : INT64_MAX;
  const year *y = year_at(table, from);
  int64_t need = work_of_year(table, y, from) + seconds; /* since the year began */
  for (; need > y->work_s[y->n]; y = year_of(table, y->number + 1)) {
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
  const pl_span *span = y->hours[i]->spans;
  int64_t begin = instant(table, y, i, span->from), length;
  for (need -= y->work_s[i]; need > (length = instant(table, y, i, span->to) - begin); need -= length)
    begin = instant(table, y, i, (++span)->from);
  return begin + need <= last ? begin + need : INT64_MAX;
}

/* The year of a local day; NULL when the table has none. */
static const year *year_of_day(pl_worktable *table, int32_t day) {
  const year *recent = table->recent;
  if (recent && day >= recent->first_day && day < recent->first_day + recent->n) return recent;
  int32_t number = pl_civil_of(day).year;
  return number < YEAR_FIRST || number > YEAR_LAST ? NULL : year_of(table, number);
}

int64_t pl_worktable_end(pl_worktable *table, int32_t day) {
  const year *y = year_of_day(table, day);
  if (!y) return INT64_MIN;
  int32_t i = day - y->first_day;
  if (y->work_s[i + 1] == y->work_s[i]) return INT64_MIN;
  return instant(table, y, i, y->hours[i]->spans[y->hours[i]->n - 1].to);
}

pl_days pl_worktable_days(void) {
  return (pl_days){pl_civil_day(YEAR_FIRST, 1, 1), pl_civil_day(YEAR_LAST, 12, 31)};
}

int32_t pl_worktable_workdays(pl_worktable *table, pl_days days) {
  pl_days known = pl_worktable_days();
  if (days.first < known.first) days.first = known.first;
  if (days.last > known.last) days.last = known.last;
  if (days.last < days.first) return 0;
  const year *a = year_of_day(table, days.first), *b = year_of_day(table, days.last);
  int32_t sum = b->workdays[days.last - b->first_day + 1] - a->workdays[days.first - a->first_day];
  for (; a != b; a = year_of(table, a->number + 1)) sum += a->workdays[a->n];
  return sum;
}

int32_t pl_worktable_day(pl_worktable *table, int64_t s) {
  const year *y = year_at(table, s);
  return y->first_day + day_of_year(y, s);
}
