#include "codec/phrasebook.h"

#include <math.h>
#include <stdio.h>

#include "base/civil.h"

enum { DAY_S = 86400, WEEK = 7, NAME_MAX_BYTES = 64 };

/* --- phrases */

static const char *find(const pl_phrase *phrases, size_t n, pl_str name) {
  for (size_t i = 0; name.n && i < n; i++)
    if (phrases[i].name[0] == name.p[0] && pl_str_is(name, phrases[i].name)) return phrases[i].text;
  return NULL;
}

const char *pl_phrasebook_find(const pl_phrasebook *book, pl_str name) {
  const char *text = find(book->phrases, book->nphrases, name);
  return text || book == &pl_english ? text : find(pl_english.phrases, pl_english.nphrases, name);
}

const char *pl_phrasebook_name(size_t i) {
  return i < pl_english.nphrases ? pl_english.phrases[i].name : NULL;
}

bool pl_phrasebook_is_time(pl_str name) {
  bool time = false; /* they come last */
  for (size_t i = 0; i < pl_english.nphrases; i++) {
    time |= strcmp(pl_english.phrases[i].name, "time") == 0;
    if (pl_str_is(name, pl_english.phrases[i].name)) return time;
  }
  return false;
}

const char *pl_phrasebook_time_value(size_t i) {
  static const char *const names[] = {"hour",  "hour12", "minute",  "half", "weekday", "day",
                                      "month", "week",   "quarter", "year", "date",    "written"};
  return i < PL_COUNT(names) ? names[i] : NULL;
}

/* `behind.rep` for one audience; false: for all. */
static bool is_for_one(pl_str name, pl_str *kind) {
  static const char *const audiences[] = {".rep", ".manager", ".team", ".ops"};
  for (size_t i = 0; i < PL_COUNT(audiences); i++) {
    size_t n = strlen(audiences[i]);
    *kind = (pl_str){name.p, name.n > n ? name.n - n : 0};
    if (kind->n && memcmp(name.p + kind->n, audiences[i], n) == 0) return true;
  }
  *kind = name;
  return false;
}

static const char *with_part(const pl_phrasebook *book, pl_str kind, pl_str part) {
  char name[NAME_MAX_BYTES];
  (void)snprintf(name, sizeof name, "%.*s.%.*s", (int)kind.n, kind.p, (int)part.n, part.p);
  return find(book->phrases, book->nphrases, pl_str_of(name));
}

const char *pl_phrasebook_part(const pl_phrasebook *book, const char *kind, const char *audience,
                               const char *part) {
  const pl_phrasebook *books[] = {book, &pl_english};
  char one[NAME_MAX_BYTES];
  (void)snprintf(one, sizeof one, "%s.%s", kind, audience);
  const char *text = NULL;
  for (size_t i = 0; !text && i < PL_COUNT(books); i++) {
    text = with_part(books[i], pl_str_of(one), pl_str_of(part));
    if (!text) text = with_part(books[i], pl_str_of(kind), pl_str_of(part));
  }
  return text;
}

bool pl_phrasebook_is_message(pl_str name) {
  pl_str kind;
  return with_part(&pl_english, name, PL_STR("title")) ||
         (is_for_one(name, &kind) && with_part(&pl_english, kind, PL_STR("title")));
}

bool pl_phrasebook_has(const pl_phrasebook *book, pl_str name) {
  size_t dot = name.n;
  pl_str kind;
  if (find(book->phrases, book->nphrases, name)) return true;
  while (dot && name.p[dot - 1] != '.') dot--;
  if (!dot || !is_for_one((pl_str){name.p, dot - 1}, &kind)) return false;
  return with_part(book, kind, (pl_str){name.p + dot, name.n - dot}) != NULL;
}

const pl_phrasebook *pl_phrasebooks_own(const pl_phrasebooks *books, pl_str language) {
  for (pl_str name = language; name.n; name.n--) {
    if (name.n < language.n && language.p[name.n] != '-') continue;
    for (size_t i = 0; i < books->n; i++)
      if (pl_str_is(name, books->items[i].language)) return &books->items[i];
    if (pl_str_is(name, pl_english.language)) return &pl_english;
  }
  return NULL;
}

const pl_phrasebook *pl_phrasebooks_find(const pl_phrasebooks *books, pl_str language) {
  const pl_phrasebook *own = pl_phrasebooks_own(books, language);
  if (!own) own = pl_phrasebooks_own(books, pl_str_of(books->language));
  return own ? own : &pl_english;
}

/* --- numbers and nouns */

static const pl_noun *noun_of(const pl_phrasebook *book, pl_str name) {
  for (size_t i = 0; i < book->nnouns; i++)
    if (pl_str_is(name, book->nouns[i].name)) return &book->nouns[i];
  return NULL;
}

/* What is kept in more digits than people read is said in two, and a small share in two that count. */
static int digits_of(double v, int decimals) {
  if (decimals >= 0 && decimals <= 2) return decimals;
  int digits = 2, most = decimals < 0 ? 4 : decimals;
  while (digits < most && v != 0 && fabs(v) * pow(10, digits) < 1) digits++;
  return digits;
}

static void put_number(const pl_phrasebook *book, double v, int decimals, pl_buf *out) {
  char text[64];
  int digits = digits_of(v, decimals);
  double unit = pow(10, digits);
  if (round(v * unit) == round(v) * unit) digits = 0; /* `1,200`, not `1,200.00` */
  (void)snprintf(text, sizeof text, "%.*f", digits, round(v * unit) / unit);
  const char *p = strcmp(text, "-0") == 0 ? text + 1 : text;
  size_t whole = strcspn(p, "."), minus = *p == '-';
  for (size_t i = 0; i < whole; i++) {
    if (i > minus && (whole - i) % 3 == 0) pl_buf_str_put(out, book->group);
    pl_buf_char(out, p[i]);
  }
  if (!digits) return;
  pl_buf_str_put(out, book->point);
  pl_buf_text(out, p + whole + 1);
}

void pl_phrasebook_amount(const pl_phrasebook *book, double v, int decimals, pl_str unit, pl_buf *out) {
  const pl_noun *noun = noun_of(book, unit);
  if (noun) unit = noun->other;
  bool sign = unit.n && ((unsigned char)unit.p[0] >= 0x80 || unit.p[0] == '$'), capitals = unit.n == 3;
  for (size_t i = 0; i < unit.n; i++) capitals &= unit.p[i] >= 'A' && unit.p[i] <= 'Z';
  bool first = book->unit_first && (sign || capitals);
  if (first) pl_buf_str_put(out, unit), pl_buf_text(out, sign ? "" : " ");
  put_number(book, v, decimals, out);
  if (unit.n && !first) pl_buf_char(out, ' '), pl_buf_str_put(out, unit);
}

pl_phrase_value pl_phrasebook_noun(const pl_phrasebook *book, pl_str name, pl_buf *room) {
  const pl_noun *noun = noun_of(book, name);
  if (noun) return (pl_phrase_value){.text = noun->other, .one = noun->one};
  size_t from = room->n;
  for (size_t i = 0; i < name.n; i++) pl_buf_char(room, strchr("_.", name.p[i]) ? ' ' : name.p[i]);
  pl_str said = pl_buf_str(room), text = {said.p + from, said.n - from}, one = text;
  bool plural =
      book->english && text.n > 3 && text.p[text.n - 1] == 's' && !strchr("sui", text.p[text.n - 2]);
  if (plural) one.n--;
  return (pl_phrase_value){.text = text, .one = one};
}

/* --- days */

/* What a phrase about time is filled with. */
typedef struct {
  const pl_phrasebook *book;
  int32_t day, today; /* day numbers */
  int of_day;         /* seconds */
  int week, quarter, year;
  pl_str as_written;
  char text[16];
  char date[128];
  bool dating; /* a date is being said: it does not say itself */
} calendar;

static const char *const weekdays[] = {"monday", "tuesday",  "wednesday", "thursday",
                                       "friday", "saturday", "sunday"};
static const char *const months[] = {"january", "february", "march",     "april",   "may",      "june",
                                     "july",    "august",   "september", "october", "november", "december"};

static const char *phrase_of(void *ctx, pl_str name) {
  return pl_phrasebook_find(((const calendar *)ctx)->book, name);
}

static void say(calendar *c, const char *name, pl_buf *out);

static bool number(calendar *c, int v, const char *fmt, pl_phrase_value *out) {
  (void)snprintf(c->text, sizeof c->text, fmt, v);
  out->text = pl_str_of(c->text), out->number = true, out->is_one = v == 1;
  return true;
}

static bool word(const calendar *c, const char *name, pl_phrase_value *out) {
  out->text = pl_str_of(pl_phrasebook_find(c->book, pl_str_of(name)));
  return true;
}

/* The day as far as it must be said; false: it is today. */
static bool date(calendar *c, pl_phrase_value *out) {
  int32_t apart = c->day - c->today;
  if (c->dating) return false;
  c->dating = true;
  pl_buf buf = {c->date, 0, sizeof c->date, sizeof c->date, false};
  say(c,
      apart == 0                      ? "today"
      : apart == 1                    ? "tomorrow"
      : apart == -1                   ? "yesterday"
      : apart > -WEEK && apart < WEEK ? weekdays[pl_weekday(c->day)]
                                      : "date",
      &buf);
  c->dating = false, out->text = pl_buf_str(&buf);
  return apart != 0 && buf.n;
}

static bool value_of(void *ctx, pl_str name, pl_phrase_value *out) {
  calendar *c = ctx;
  pl_civil civil = pl_civil_of(c->day);
  int hour = c->of_day / 3600, this_year = pl_civil_of(c->today).year;
  if (pl_str_is(name, "hour")) return number(c, hour, "%02d", out);
  if (pl_str_is(name, "hour12")) return number(c, (hour + 11) % 12 + 1, "%d", out);
  if (pl_str_is(name, "minute")) return number(c, c->of_day / 60 % 60, "%02d", out);
  if (pl_str_is(name, "half")) return word(c, hour < 12 ? "am" : "pm", out);
  if (pl_str_is(name, "weekday")) return word(c, weekdays[pl_weekday(c->day)], out);
  if (pl_str_is(name, "month")) return word(c, months[civil.month - 1], out);
  if (pl_str_is(name, "day")) return number(c, civil.day, "%d", out);
  if (pl_str_is(name, "date")) return date(c, out);
  if (pl_str_is(name, "week")) return c->week && number(c, c->week, "%d", out);
  if (pl_str_is(name, "quarter")) return c->quarter && number(c, c->quarter, "%d", out);
  if (pl_str_is(name, "year")) return c->year != this_year && number(c, c->year, "%d", out);
  out->text = c->as_written;
  return pl_str_is(name, "written") && c->as_written.n;
}

static void say(calendar *c, const char *name, pl_buf *out) {
  pl_phrase_source from = {value_of, phrase_of, c};
  (void)pl_phrase_say(pl_phrasebook_find(c->book, pl_str_of(name)), &from, out);
}

static int64_t local(const pl_zone *zone, pl_wall t) {
  return pl_seconds(t) + (zone ? pl_zone_at(zone, pl_seconds(t)).east : 0);
}

static calendar calendar_of(const pl_phrasebook *book, int32_t day, const pl_zone *zone, pl_wall now) {
  return (calendar){.book = book,
                    .day = day,
                    .year = pl_civil_of(day).year,
                    .today = (int32_t)pl_floor_div(local(zone, now), DAY_S)};
}

void pl_phrasebook_moment(const pl_phrasebook *book, const pl_zone *zone, pl_wall t, pl_wall now,
                          pl_buf *out) {
  char iso[PL_ISO_MAX];
  if (!zone) {
    pl_buf_text(out, pl_wall_iso(t, iso));
    return;
  }
  int64_t at = local(zone, t);
  calendar c = calendar_of(book, (int32_t)pl_floor_div(at, DAY_S), zone, now);
  c.of_day = (int)(at - (int64_t)DAY_S * pl_floor_div(at, DAY_S));
  say(&c, "moment", out);
}

void pl_phrasebook_period(const pl_phrasebook *book, const pl_zone *zone, pl_str period, pl_wall now,
                          pl_buf *out) {
  pl_unit unit;
  int32_t index;
  if (!pl_period_parse(period, &unit, &index)) { /* fiscal: the configuration's own */
    calendar c = calendar_of(book, 0, zone, now);
    char written[PL_PERIOD_TEXT_MAX];
    (void)snprintf(written, sizeof written, "%.*s", (int)period.n, period.p);
    for (char *p = written; *p; p++) *p = *p == '-' ? ' ' : *p;
    c.as_written = pl_str_of(written);
    say(&c, "in_period", out);
    return;
  }
  static const char *const phrases[][3] = {{"on_day", "today", "yesterday"},
                                           {"in_week", "this_week", "last_week"},
                                           {"in_month", "in_month", "in_month"},
                                           {"in_quarter", "this_quarter", "last_quarter"},
                                           {"in_year", "this_year", "last_year"}};
  calendar c = calendar_of(book, pl_period_first_day(unit, index), zone, now);
  int32_t ago = pl_period_of(unit, c.today) - index;
  if (unit == PL_WEEK) c.week = 0, c.year = pl_civil_of(c.day + 3).year;
  if (unit == PL_WEEK) c.week = (c.day + 3 - pl_civil_day(c.year, 1, 1)) / WEEK + 1;
  if (unit == PL_QUARTER) c.quarter = (pl_civil_of(c.day).month + 2) / 3;
  if (unit == PL_DAY && ago == -1)
    say(&c, "tomorrow", out);
  else
    say(&c, phrases[unit - PL_DAY][ago == 0 ? 1 : ago == 1 ? 2 : 0], out);
}
