#include "codec/phrasebook.h"

#include <math.h>
#include <stdio.h>

#include "base/civil.h"

enum { DAY_S = 86400, WEEK = 7, NAME_MAX_BYTES = 64 };

/* --- phrases */

static const char *find(const pl_phrase *phrases, size_t n, pl_str name) {
  for (size_t i = 0; i < n; i++)
    if (pl_str_is(name, phrases[i].name)) return phrases[i].text;
  return NULL;
}

const char *pl_phrasebook_find(const pl_phrasebook *book, pl_str name) {
  const char *text = find(book->phrases, book->nphrases, name);
  return text || book == &pl_english ? text : find(pl_english.phrases, pl_english.nphrases, name);
}

static const char *part_of(const pl_phrasebook *book, const char *kind, const char *audience,
                           const char *part) {
  char name[NAME_MAX_BYTES];
  (void)snprintf(name, sizeof name, "%s.%s.%s", kind, audience, part);
  const char *text = find(book->phrases, book->nphrases, pl_str_of(name));
  if (text) return text;
  (void)snprintf(name, sizeof name, "%s.%s", kind, part);
  return find(book->phrases, book->nphrases, pl_str_of(name));
}

const char *pl_phrasebook_part(const pl_phrasebook *book, const char *kind, const char *audience,
                               const char *part) {
  const char *text = part_of(book, kind, audience, part);
  return text || book == &pl_english ? text : part_of(&pl_english, kind, audience, part);
}

const char *pl_phrasebook_name(size_t i) {
  return i < pl_english.nphrases ? pl_english.phrases[i].name : NULL;
}

bool pl_phrasebook_is_message(pl_str name) {
  static const char *const audiences[] = {"rep", "manager", "team", "ops"};
  char whole[NAME_MAX_BYTES];
  for (size_t i = 0; i <= PL_COUNT(audiences); i++) {
    pl_str stem = name;
    size_t n = i ? strlen(audiences[i - 1]) + 1 : 0;
    if (n && (name.n <= n || name.p[name.n - n] != '.' ||
              memcmp(name.p + name.n - n + 1, audiences[i - 1], n - 1) != 0))
      continue;
    stem.n -= n;
    if (stem.n + sizeof ".title" > sizeof whole) continue;
    (void)snprintf(whole, sizeof whole, "%.*s.title", (int)stem.n, stem.p);
    if (find(pl_english.phrases, pl_english.nphrases, pl_str_of(whole))) return true;
  }
  return false;
}

const pl_phrasebook *pl_phrasebooks_find(const pl_phrasebooks *books, pl_str language) {
  for (pl_str name = language; name.n; name.n--) {
    bool whole = name.n == language.n || language.p[name.n] == '-';
    for (size_t i = 0; whole && i < books->n; i++)
      if (pl_str_is(name, books->items[i].language)) return &books->items[i];
    if (whole && pl_str_is(name, pl_english.language)) return &pl_english;
  }
  for (size_t i = 0; books->language && i < books->n; i++)
    if (strcmp(books->items[i].language, books->language) == 0) return &books->items[i];
  return &pl_english;
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
  pl_str text = {room->p + from, room->n - from}, one = text;
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
