#include "codec/when.h"

#include "base/civil.h"

typedef struct {
  int32_t year, month, day, hour, minute, second, ms, east; /* east: seconds of offset */
  bool offset, hours;
  int half;      /* of the day, of hours by twelve: 0 AM, 1 PM; -1: by twenty-four */
  bool instant;  /* the whole of it is in... */
  int64_t since; /* ...milliseconds since the epoch */
} parts;

static bool digits(pl_str s, size_t *at, size_t least, size_t most, int32_t *out) {
  int32_t v = 0;
  size_t n = 0;
  for (; n < most && *at < s.n && s.p[*at] >= '0' && s.p[*at] <= '9'; n++, (*at)++)
    v = v * 10 + (s.p[*at] - '0');
  *out = v;
  return n >= least;
}

static const char *const months[] = {"january", "february", "march",     "april",   "may",      "june",
                                     "july",    "august",   "september", "october", "november", "december"},
                         *const weekdays[] = {"monday", "tuesday",  "wednesday", "thursday",
                                              "friday", "saturday", "sunday"},
                         *const halves[] = {"am", "pm"};

/* Which of the names, short or whole, the text goes on with; -1: none. */
static int name(pl_str s, size_t *at, const char *const *names, int n, bool whole) {
  for (int i = 0; i < n; i++) {
    size_t most = whole ? strlen(names[i]) : n == 2 ? 2 : 3, k = 0;
    while (k < most && *at + k < s.n && (s.p[*at + k] | 0x20) == names[i][k]) k++;
    if (k < most) continue;
    *at += most;
    return i;
  }
  return -1;
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
  *out = (pl_when){p->since, false, true};
  if (p->instant) return out->ms >= PL_WHEN_MIN && out->ms <= PL_WHEN_MAX;
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

/* Down to nanoseconds, of which only the milliseconds count. */
static bool fraction(pl_str s, size_t *at, int32_t *ms) {
  size_t from = *at;
  int32_t rest;
  if (!digits(s, at, 1, 3, ms)) return false;
  for (size_t n = *at - from; n < 3; n++) *ms *= 10;
  return digits(s, at, 0, 6, &rest);
}

bool pl_when_iso(pl_str s, pl_when *out) {
  parts p = {.hours = true, .half = -1};
  size_t at = 0;
  if (!digits(s, &at, 4, 4, &p.year) || !literal(s, &at, '-') || !digits(s, &at, 2, 2, &p.month) ||
      !literal(s, &at, '-') || !digits(s, &at, 2, 2, &p.day) ||
      !(literal(s, &at, 'T') || literal(s, &at, ' ')) || !digits(s, &at, 2, 2, &p.hour) ||
      !literal(s, &at, ':') || !digits(s, &at, 2, 2, &p.minute))
    return false;
  if (literal(s, &at, ':')) {
    if (!digits(s, &at, 2, 2, &p.second)) return false;
    if (literal(s, &at, '.') && !fraction(s, &at, &p.ms)) return false;
  }
  return offset(s, &at, &p) && at == s.n && finish(&p, out);
}

static bool epoch(pl_str s, size_t *at, int64_t unit, parts *p) {
  size_t from = *at;
  *at += *at < s.n && s.p[*at] == '-';
  while (*at < s.n && s.p[*at] >= '0' && s.p[*at] <= '9') ++*at;
  p->instant = true;
  if (!pl_str_int((pl_str){s.p + from, *at - from}, &p->since)) return false;
  if (p->since < PL_WHEN_MIN / unit || p->since > PL_WHEN_MAX / unit) return false;
  p->since *= unit;
  return true;
}

/* A year of two digits, as strptime has it. */
static bool short_year(pl_str s, size_t *at, int32_t *year) {
  bool ok = digits(s, at, 2, 2, year);
  *year += *year < 69 ? 2000 : 1900;
  return ok;
}

static bool word(char word, pl_str s, size_t *at, parts *p) {
  switch (word) {
  case 'Y': return digits(s, at, 4, 4, &p->year);
  case 'y': return short_year(s, at, &p->year);
  case 'm': return digits(s, at, 1, 2, &p->month);
  case 'b':
  case 'B': return (p->month = name(s, at, months, PL_COUNT(months), word == 'B') + 1) > 0;
  case 'd': return digits(s, at, 1, 2, &p->day);
  case 'a':
  case 'A': return name(s, at, weekdays, PL_COUNT(weekdays), word == 'A') >= 0;
  case 'I':
  case 'H': p->hours = true; return digits(s, at, 1, 2, &p->hour);
  case 'p': return (p->half = name(s, at, halves, PL_COUNT(halves), false)) >= 0;
  case 'M': return digits(s, at, 1, 2, &p->minute);
  case 'S': return digits(s, at, 1, 2, &p->second);
  case 'f': return fraction(s, at, &p->ms);
  case 'z': return offset(s, at, p);
  case 's': return epoch(s, at, 1000, p);
  case 'Q': return epoch(s, at, 1, p);
  case '%': return literal(s, at, '%');
  default: return false;
  }
}

bool pl_when_format(const char *format, pl_str s, pl_when *out) {
  parts p = {.year = 1970, .month = 1, .day = 1, .half = -1};
  size_t at = 0;
  for (const char *f = format; *f; f++)
    if (*f != '%' ? !literal(s, &at, *f) : !word(*++f, s, &at, &p)) return false;
  if (p.half >= 0) {
    if (p.hour < 1 || p.hour > 12) return false;
    p.hour = p.hour % 12 + 12 * p.half;
  }
  return at == s.n && finish(&p, out);
}

/* --- what a format will give */

static bool has(const char *words, const char *any) { return strpbrk(words, any) != NULL; }

static pl_status check(const char *format, const char *words, pl_err *err) {
  const char *wrong = NULL;
  if (has(words, "sQ"))
    wrong =
        has(words + 1, "sQ") || has(words, "YymbBdHIMSfzp") ? "an instant beside other parts of one" : NULL;
  else if (!has(words, "Yy") || !has(words, "mbB") || !has(words, "d"))
    wrong = "it names no whole day, expected %Y, %m and %d, or %s";
  else if (has(words, "z") && !has(words, "HI"))
    wrong = "an offset without a time, expected %H before %z";
  else if (has(words, "I") != has(words, "p"))
    wrong = "expected %I and %p together, or %H";
  return wrong ? pl_fail(err, PL_REJECT, "format `%.64s`: %s", format, wrong) : PL_OK;
}

pl_status pl_when_check(const char *format, bool *local, bool *has_time, pl_err *err) {
  static const char known[] = "YymbBdaAHIpMSfzsQ";
  char words[64];
  size_t n = 0;
  for (const char *f = format; *f; f++) {
    if (*f != '%' || *++f == '%') continue;
    if (!*f || !strchr(known, *f))
      return pl_fail(
          err, PL_REJECT,
          "format `%.64s`: %%%.1s is not known, expected %%Y %%y %%m %%b %%B %%d %%a %%A %%H %%I %%p "
          "%%M %%S %%f %%z, or %%s or %%Q",
          format, f);
    if (n == sizeof words - 1) return pl_fail(err, PL_REJECT, "format `%.64s`: more than 63 parts", format);
    words[n++] = *f;
  }
  words[n] = 0;
  *local = !has(words, "zsQ"), *has_time = has(words, "HIsQ");
  return check(format, words, err);
}
