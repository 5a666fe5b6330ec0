/* TZif (RFC 8536) in three parts: a version 1 block that is skipped, a 64-bit block with the transitions, and
 * a footer with the POSIX rule for all later instants, such as
 *
 *   CET-1CEST,M3.5.0,M10.5.0/3        last Sunday of March 02:00 to last Sunday of October 03:00
 *   <-02>2<-01>,M3.5.0/-1,M10.5.0/0   quoted names, times before midnight
 *   IST-2IDT,M3.4.4/26,M10.5.0        times beyond 24 hours
 *
 * The bytes are untrusted: every count is held against the bytes that are there, and every offset against
 * -25 h .. +26 h, so that no sum below can overflow.
 *
 * The local clock f(u) = u + east(u) is not monotonic. What callers ask for is: pl_zone_instant is the first
 * u with f(u) >= the wanted reading, and pl_zone_day the day of the latest reading so far. */
#include "paceline/zone.h"

#include <stdio.h>

#include "base/civil.h"
#include "base/mem.h"

#define DAY_S INT64_C(86400)

enum { BYTES_MAX = 1 << 20, NAME_MAX_SHOWN = 200, EAST_MIN = -89999, EAST_MAX = 93599 };

/* A rule with daylight saving time is followed in these years; outside them the standard offset holds. */
#define RULE_FIRST_S (INT64_C(-719162) * DAY_S) /* 0001-01-01 */
#define RULE_END_S   (INT64_C(2932897) * DAY_S) /* 10000-01-01 */

/* One date of the rule: Mm.w.d, Jn or n, and the time of that day. */
typedef struct {
  char form;           /* 'M', 'J', or '0' for n */
  int32_t month, week; /* M: 1..12, 1..5 (5: the last) */
  int32_t day;         /* M: 0 = Sunday .. 6; J: 1..365, never February 29; n: 0..365 */
  int32_t at;          /* seconds of the local day, -167 h .. 167 h */
} yearly;

typedef struct {
  bool given, dst;
  int32_t east, dst_east;
  yearly start, end; /* of daylight saving time, on the clock that each of them ends */
} rule;

typedef struct {
  int64_t at;
  int32_t east; /* from then on */
} step;

struct pl_zone {
  size_t size;
  const char *name; /* behind the steps */
  int32_t east;     /* before the first step */
  rule rule;        /* after the last */
  size_t n;
  step steps[]; /* strictly ascending */
};

/* --- the footer's rule */

static bool eat(pl_str *s, char c) {
  if (!s->n || *s->p != c) return false;
  s->p++, s->n--;
  return true;
}

static bool digit(pl_str s) { return s.n && *s.p >= '0' && *s.p <= '9'; }

static bool number(pl_str *s, int32_t min, int32_t max, int32_t *out) {
  int32_t v = 0;
  if (!digit(*s)) return false;
  for (; digit(*s); s->p++, s->n--)
    if ((v = v * 10 + (*s->p - '0')) > max) return false;
  *out = v;
  return v >= min;
}

static bool clock_time(pl_str *s, int32_t hours_max, int32_t *out) {
  int32_t h = 0, m = 0, sec = 0;
  bool minus = eat(s, '-');
  if (!minus) (void)eat(s, '+');
  if (!number(s, 0, hours_max, &h)) return false;
  if (eat(s, ':')) {
    if (!number(s, 0, 59, &m)) return false;
    if (eat(s, ':') && !number(s, 0, 59, &sec)) return false;
  }
  *out = (h * 3600 + m * 60 + sec) * (minus ? -1 : 1);
  return true;
}

static bool letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

static bool abbreviation(pl_str *s) {
  bool quoted = eat(s, '<');
  size_t n = 0;
  for (; s->n; s->p++, s->n--, n++)
    if (!letter(*s->p) && !(quoted && (digit(*s) || *s->p == '+' || *s->p == '-'))) break;
  return n >= 3 && (!quoted || eat(s, '>'));
}

static bool date(pl_str *s, yearly *out) {
  *out = (yearly){.at = 2 * 3600};
  if (eat(s, 'M')) {
    out->form = 'M';
    if (!number(s, 1, 12, &out->month) || !eat(s, '.') || !number(s, 1, 5, &out->week) || !eat(s, '.') ||
        !number(s, 0, 6, &out->day))
      return false;
  } else {
    out->form = eat(s, 'J') ? 'J' : '0';
    if (!number(s, out->form == 'J', 365, &out->day)) return false;
  }
  return !eat(s, '/') || clock_time(s, 167, &out->at);
}

static bool posix_rule(pl_str s, rule *out) {
  int32_t west;
  *out = (rule){.given = s.n > 0};
  if (!s.n) return true;
  if (!abbreviation(&s) || !clock_time(&s, 24, &west)) return false;
  out->east = -west;
  if (!s.n) return true;
  out->dst = true, out->dst_east = out->east + 3600;
  if (!abbreviation(&s)) return false;
  if (s.n && *s.p != ',') {
    if (!clock_time(&s, 24, &west)) return false;
    out->dst_east = -west;
  }
  return eat(&s, ',') && date(&s, &out->start) && eat(&s, ',') && date(&s, &out->end) && !s.n;
}

static int64_t yearly_instant(const yearly *d, int32_t year, int32_t east) {
  int32_t day = pl_civil_day(year, 1, 1);
  if (d->form == 'M') {
    int32_t first = pl_civil_day(year, d->month, 1);
    int32_t end = d->month < 12 ? pl_civil_day(year, d->month + 1, 1) : pl_civil_day(year + 1, 1, 1);
    day = first + (d->day + 6 - pl_weekday(first)) % 7 + (d->week - 1) * 7;
    if (day >= end) day -= 7;
  } else if (d->form == 'J') {
    bool leap_day_passed = d->day >= 60 && pl_civil_day(year, 3, 1) - day == 60;
    day += d->day - 1 + leap_day_passed;
  } else {
    day += d->day;
  }
  return day * DAY_S + d->at - east;
}

static void narrow(pl_zone_offset *o, int64_t s, int64_t edge) {
  if (edge <= s && edge > o->from) o->from = edge;
  if (edge > s && edge < o->until) o->until = edge;
}

/* The offset at `s`, for a rule that begins at `from`. A date can lie nine days outside its year (a time of
 * 167 h, an offset of 26 h), and a southern summer ends in the next one: two years either way hold every
 * edge that matters. */
static pl_zone_offset by_rule(const rule *r, int64_t from, int64_t s) {
  pl_zone_offset o = {r->east, from, INT64_MAX};
  if (!r->dst) return o;
  narrow(&o, s, RULE_FIRST_S), narrow(&o, s, RULE_END_S);
  if (s < RULE_FIRST_S || s >= RULE_END_S) return o;
  int32_t year = pl_civil_of((int32_t)pl_floor_div(s, DAY_S)).year;
  int64_t end = yearly_instant(&r->end, year - 2, r->dst_east);
  for (int32_t y = year - 2; y <= year + 2; y++) {
    int64_t start = yearly_instant(&r->start, y, r->east);
    int64_t next_end = yearly_instant(&r->end, y + 1, r->dst_east);
    if (start <= s && s < (start <= end ? end : next_end)) o.east = r->dst_east;
    narrow(&o, s, start), narrow(&o, s, end);
    end = next_end;
  }
  return o;
}

/* --- the file */

typedef struct {
  char version;
  size_t isut, isstd, leap, times, types, chars;
} header;

static uint64_t big_endian(const char *p, size_t n) {
  uint64_t v = 0;
  for (size_t i = 0; i < n; i++) v = v << 8 | (unsigned char)p[i];
  return v;
}

static int32_t type_east(pl_str types, size_t i) { return (int32_t)(uint32_t)big_endian(types.p + 6 * i, 4); }

static bool read_header(pl_reader *in, header *h) {
  pl_str b = pl_read_bytes(in, 44);
  if (in->bad || memcmp(b.p, "TZif", 4) != 0 || b.p[4] < '2') return false;
  size_t *const counts[] = {&h->isut, &h->isstd, &h->leap, &h->times, &h->types, &h->chars};
  h->version = b.p[4];
  for (size_t i = 0; i < PL_COUNT(counts); i++) *counts[i] = (size_t)big_endian(b.p + 20 + 4 * i, 4);
  return true;
}

static bool read_footer(pl_str rest, rule *out) {
  return eat(&rest, '\n') && rest.n && rest.p[rest.n - 1] == '\n' &&
         posix_rule((pl_str){rest.p, rest.n - 1}, out);
}

/* NULL, or what is wrong with the bytes. */
static const char *decode(pl_zone **out, const char *name, pl_str tzif) {
  pl_reader in = pl_reader_of(tzif);
  header h;
  rule r;
  if (tzif.n > BYTES_MAX) return "is larger than 1 MiB";
  if (!read_header(&in, &h)) return "does not begin with the header of TZif version 2 or later";
  (void)pl_read_bytes(&in, h.times * 5 + h.types * 6 + h.chars + h.leap * 8 + h.isstd + h.isut);
  if (in.bad || !read_header(&in, &h)) return "ends within or after its version 1 block";
  if (h.leap) return "counts leap seconds";
  if (!h.types || !h.chars || (h.isstd && h.isstd != h.types) || (h.isut && h.isut != h.types))
    return "has counts that contradict each other";
  pl_str times = pl_read_bytes(&in, h.times * 8), kinds = pl_read_bytes(&in, h.times);
  pl_str types = pl_read_bytes(&in, h.types * 6);
  (void)pl_read_bytes(&in, h.chars + h.isstd + h.isut);
  if (in.bad) return "is shorter than its counts say";
  if (!read_footer((pl_str){(const char *)in.p, (size_t)(in.end - in.p)}, &r))
    return "has a footer that is no POSIX time zone rule between two newlines";
  for (size_t i = 0; i < h.types; i++)
    if (type_east(types, i) < EAST_MIN || type_east(types, i) > EAST_MAX)
      return "has an offset outside -25 h .. +26 h";

  size_t name_size = strlen(name) + 1, size = sizeof(pl_zone) + h.times * sizeof(step) + name_size;
  pl_zone *zone = pl_alloc(size);
  zone->size = size, zone->rule = r, zone->n = h.times, zone->east = type_east(types, 0);
  zone->name = memcpy(zone->steps + h.times, name, name_size);
  *out = zone;
  for (size_t i = 0; i < h.times; i++) {
    size_t kind = (unsigned char)kinds.p[i];
    if (kind >= h.types) return "has a transition to a type that is not there";
    zone->steps[i] = (step){(int64_t)big_endian(times.p + 8 * i, 8), type_east(types, kind)};
    if (i && zone->steps[i].at <= zone->steps[i - 1].at) return "has transitions that are not ascending";
  }
  return NULL;
}

pl_status pl_zone_new(pl_zone **out, const char *name, pl_str tzif, pl_err *err) {
  *out = NULL;
  const char *wrong = decode(out, name, tzif);
  if (!wrong) return PL_OK;
  pl_zone_free(out);
  return pl_fail(
      err, PL_REJECT,
      "time zone %.*s: the file %s; expected a TZif file (RFC 8536) of version 2 or later without leap "
      "seconds: use the system's tzdata package, not its right/ zones",
      NAME_MAX_SHOWN, name, wrong);
}

void pl_zone_free(pl_zone **zone) {
  if (*zone) pl_release(*zone, (*zone)->size);
  *zone = NULL;
}

const char *pl_zone_name(const pl_zone *zone) { return zone->name; }

/* --- the clock */

pl_zone_offset pl_zone_at(const pl_zone *zone, int64_t s) {
  size_t lo = 0, hi = zone->n; /* the steps at or before s end between them */
  while (lo < hi) {
    size_t mid = lo + (hi - lo) / 2;
    if (zone->steps[mid].at <= s)
      lo = mid + 1;
    else
      hi = mid;
  }
  int64_t from = lo ? zone->steps[lo - 1].at : INT64_MIN;
  if (lo == zone->n && zone->rule.given) return by_rule(&zone->rule, from, s);
  return (pl_zone_offset){lo ? zone->steps[lo - 1].east : zone->east, from,
                          lo < zone->n ? zone->steps[lo].at : INT64_MAX};
}

int64_t pl_zone_instant(const pl_zone *zone, int32_t day_number, int32_t of_day) {
  int64_t reading = day_number * DAY_S + of_day;
  pl_zone_offset o = pl_zone_at(zone, reading - EAST_MAX - 1);
  for (;; o = pl_zone_at(zone, o.until)) {
    int64_t s = reading - o.east;
    if (s < o.from) s = o.from;
    if (s < o.until) return s;
  }
}

int32_t pl_zone_day(const pl_zone *zone, int64_t s) {
  const int64_t max = (INT32_MAX - 2) * DAY_S;
  s = s > max ? max : s < -max ? -max : s;
  pl_zone_offset o = pl_zone_at(zone, s);
  int64_t latest = s + o.east;
  while (o.from > s - (EAST_MAX - EAST_MIN)) {
    o = pl_zone_at(zone, o.from - 1);
    if (o.until - 1 + o.east > latest) latest = o.until - 1 + o.east;
  }
  return (int32_t)pl_floor_div(latest, DAY_S);
}

pl_wall pl_zone_resolve(const pl_zone *zone, int64_t local_ms) {
  int64_t day = pl_floor_div(local_ms, 1000 * DAY_S), of_day = local_ms - day * 1000 * DAY_S;
  return (pl_wall){pl_zone_instant(zone, (int32_t)day, (int32_t)(of_day / 1000)) * 1000 + of_day % 1000};
}

char *pl_zone_text(const pl_zone *zone, pl_wall t, bool seconds, char out[PL_LOCAL_MAX]) {
  int64_t s = pl_seconds(t), local = s + pl_zone_at(zone, s).east;
  int of_day = (int)(local - DAY_S * pl_floor_div(local, DAY_S));
  pl_civil day = pl_civil_of((int32_t)pl_floor_div(local, DAY_S));
  int n = snprintf(out, PL_LOCAL_MAX, "%04d-%02d-%02d %02d:%02d", day.year, day.month, day.day, of_day / 3600,
                   of_day / 60 % 60);
  if (seconds && of_day % 60) (void)snprintf(out + n, PL_LOCAL_MAX - (size_t)n, ":%02d", of_day % 60);
  return out;
}
