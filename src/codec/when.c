#include "codec/when.h"

#include "base/civil.h"

typedef struct {
  int32_t year, month, day, hour, minute, second, ms, east; /* east: seconds of offset */
  bool offset, hours;
} parts;

static bool digits(pl_str s, size_t *at, size_t least, size_t most, int32_t *out) {
  int32_t v = 0;
  size_t n = 0;
  for (; n < most && *at < s.n && s.p[*at] >= '0' && s.p[*at] <= '9'; n++, (*at)++)
    v = v * 10 + (s.p[*at] - '0');
  *out = v;
  return n >= least;
}

static bool literal(pl_str s, size_t *at, char c) { return *at < s.n && s.p[*at] == c && ++*at; }

/* Z, +hh:mm, +hhmm, +hh */
static bool offset(pl_str s, size_t *at, parts *p) {
  int32_t hours, minutes = 0;
  p->offset = true, p->east = 0;
  if (literal(s, at, 'Z')) return true;
  bool minus = literal(s, at, '-');
  if (!minus && !literal(s, at, '+')) return false;
  if (!digits(s, at, 2, 2, &hours)) return false;
  bool colon = literal(s, at, ':');
  bool more = *at < s.n && s.p[*at] >= '0' && s.p[*at] <= '9';
  if ((colon || more) && !digits(s, at, 2, 2, &minutes)) return false;
  p->east = (hours * 60 + minutes) * (minus ? -60 : 60);
  return hours <= 18 && minutes <= 59;
}

static bool finish(const parts *p, pl_when *out) {
  if (p->year < 1 || p->month < 1 || p->month > 12 || p->day < 1 || p->hour > 23 || p->minute > 59 ||
      p->second > 59)
    return false;
  int32_t day = pl_civil_day(p->year, p->month, p->day);
  pl_civil back = pl_civil_of(day);
  if (back.month != p->month || back.day != p->day) return false;
  int64_t s = (int64_t)day * 86400 + p->hour * 3600 + p->minute * 60 + p->second - p->east;
  *out = (pl_when){s * 1000 + p->ms, !p->offset, p->hours};
  return out->ms >= PL_WHEN_MIN && out->ms <= PL_WHEN_MAX;
}

bool pl_when_iso(pl_str s, pl_when *out) {
  parts p = {.hours = true};
  size_t at = 0;
  if (!digits(s, &at, 4, 4, &p.year) || !literal(s, &at, '-') || !digits(s, &at, 2, 2, &p.month) ||
      !literal(s, &at, '-') || !digits(s, &at, 2, 2, &p.day) ||
      !(literal(s, &at, 'T') || literal(s, &at, ' ')) || !digits(s, &at, 2, 2, &p.hour) ||
      !literal(s, &at, ':') || !digits(s, &at, 2, 2, &p.minute))
    return false;
  if (literal(s, &at, ':')) {
    if (!digits(s, &at, 2, 2, &p.second)) return false;
    if (literal(s, &at, '.')) {
      size_t from = at;
      int32_t rest;
      if (!digits(s, &at, 1, 3, &p.ms)) return false;
      for (size_t n = at - from; n < 3; n++) p.ms *= 10;
      (void)digits(s, &at, 0, 6, &rest); /* down to nanoseconds, which nobody counts */
    }
  }
  return offset(s, &at, &p) && at == s.n && finish(&p, out);
}

bool pl_when_format(const char *format, pl_str s, pl_when *out) {
  parts p = {.year = 1970, .month = 1, .day = 1};
  size_t at = 0;
  for (const char *f = format; *f; f++) {
    bool ok;
    if (*f != '%') {
      if (!literal(s, &at, *f)) return false;
      continue;
    }
    switch (*++f) {
    case 'Y': ok = digits(s, &at, 4, 4, &p.year); break;
    case 'm': ok = digits(s, &at, 1, 2, &p.month); break;
    case 'd': ok = digits(s, &at, 1, 2, &p.day); break;
    case 'H': ok = digits(s, &at, 1, 2, &p.hour), p.hours = true; break;
    case 'M': ok = digits(s, &at, 1, 2, &p.minute); break;
    case 'S': ok = digits(s, &at, 1, 2, &p.second); break;
    case 'z': ok = offset(s, &at, &p); break;
    case '%': ok = literal(s, &at, '%'); break;
    default: return false;
    }
    if (!ok) return false;
  }
  return at == s.n && finish(&p, out);
}

pl_status pl_when_check(const char *format, bool *local, bool *has_time, pl_err *err) {
  bool year = false, month = false, day = false;
  *local = true, *has_time = false;
  for (const char *f = format; *f; f++) {
    if (*f != '%') continue;
    switch (*++f) {
    case 'Y': year = true; break;
    case 'm': month = true; break;
    case 'd': day = true; break;
    case 'H': *has_time = true; break;
    case 'z': *local = false; break;
    case 'M':
    case 'S':
    case '%': break;
    default:
      return pl_fail(err, PL_REJECT,
                     "format `%.64s`: %%%.1s is not known, expected %%Y %%m %%d %%H %%M %%S %%z", format, f);
    }
  }
  if (!year || !month || !day)
    return pl_fail(err, PL_REJECT, "format `%.64s`: it names no whole day, expected %%Y, %%m and %%d",
                   format);
  if (!*local && !*has_time)
    return pl_fail(err, PL_REJECT, "format `%.64s`: an offset without a time, expected %%H before %%z",
                   format);
  return PL_OK;
}
