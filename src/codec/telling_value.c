/* What a phrase is filled with: a matter's values as its reader writes them. */
#include <math.h>
#include <stdio.h>

#include "codec/telling_inside.h"
#include "core/habit.h"

enum { NAME_MAX_BYTES = 120, VALUE_MAX_BYTES = 1024, HIGH = 1000000 };

typedef enum {
  WHO,
  NAMED, /* a name that people gave */
  WORDS, /* what somebody said */
  CODE,  /* paceline's own word: for {?reason=left} */
  GOAL,
  MILESTONE,
  PERIOD,
  NOUN,
  AMOUNT,
  NEEDED, /* an amount that is of interest only if there is some */
  SIZE,   /* an amount without its sign */
  CAUSE_AMOUNT,
  RATE, /* a ratio, in its own digits */
  PERCENT,
  SHARE,
  MOMENT,
  COUNT,
  RECENT,
  USUAL,
  ONE, /* for a noun that is to be one */
  FLAG,
  OWN_CAUSE,
  OVER,
  TEAMS,
  FIRST,
  LIST
} kind;

/* In public: who, which goal, how much; nothing that says how somebody is doing otherwise. */
enum { PUBLIC = 1 };

typedef struct {
  const char *name;
  kind is;
  size_t at;
  int flags;
} value;

#define OF(field) offsetof(pl_matter, field)
static const value values[] = {
    {"who", WHO, 0, PUBLIC},
    {"team", NAMED, OF(team), PUBLIC},
    {"source", NAMED, OF(entity), 0},
    {"goal", GOAL, 0, PUBLIC},
    {"milestone", MILESTONE, 0, PUBLIC},
    {"period", PERIOD, 0, PUBLIC},
    {"metric", NOUN, OF(metric), PUBLIC},
    {"cause", NOUN, OF(cause), 0},
    {"conversion", NOUN, OF(conversion), 0},
    {"conversion_of", NOUN, OF(conversion_of), 0},
    {"actual", AMOUNT, OF(actual), PUBLIC},
    {"target", AMOUNT, OF(target), PUBLIC},
    {"line", AMOUNT, OF(line), 0},
    {"needed_today", NEEDED, OF(needed_today), 0},
    {"required_rate", NEEDED, OF(required_rate), 0},
    {"gap", SIZE, OF(gap), 0},
    {"cause_actual", CAUSE_AMOUNT, OF(cause_actual), 0},
    {"cause_usual", CAUSE_AMOUNT, OF(cause_usual), 0},
    {"conversion_now", RATE, OF(conversion_now), 0},
    {"conversion_before", RATE, OF(conversion_before), 0},
    {"chance", PERCENT, OF(chance), 0},
    {"pace", PERCENT, OF(pace), 0},
    {"share", SHARE, 0, PUBLIC},
    {"due", MOMENT, OF(due), 0},
    {"until", MOMENT, OF(until), PUBLIC},
    {"since", MOMENT, OF(since), 0},
    {"at", MOMENT, OF(at), PUBLIC},
    {"turn", MOMENT, OF(turn), 0},
    {"answered", MOMENT, OF(answered), 0},
    {"plan", WORDS, OF(plan), 0},
    {"answer", WORDS, OF(answer), 0},
    {"answer_plan", WORDS, OF(answer_plan), 0},
    {"reason", CODE, OF(reason), PUBLIC},
    {"of", CODE, OF(of), PUBLIC},
    {"partition", COUNT, OF(partition), 0},
    {"count", COUNT, OF(count), PUBLIC},
    {"days", RECENT, 0, 0},
    {"days_before", USUAL, 0, 0},
    {"one", ONE, 0, PUBLIC},
    {"lower", FLAG, OF(lower), PUBLIC},
    {"gauge", FLAG, OF(gauge), PUBLIC},
    {"own_cause", OWN_CAUSE, 0, 0},
    {"over", OVER, 0, PUBLIC},
    {"of_team", TEAMS, 0, PUBLIC},
    {"first", FIRST, 0, PUBLIC},
    {"list", LIST, 0, PUBLIC},
};

const char *pl_telling_value(size_t i, pl_value_is *is) {
  if (i >= PL_COUNT(values)) return NULL;
  kind k = values[i].is;
  *is = k == NOUN                                                 ? PL_VALUE_NOUN
        : (k >= AMOUNT && k <= SHARE) || (k >= COUNT && k <= ONE) ? PL_VALUE_NUMBER
                                                                  : PL_VALUE_TEXT;
  return values[i].name;
}

/* --- room */

static pl_buf take(pl_teller *v) {
  if (v->used + VALUE_MAX_BYTES > sizeof v->room) v->used = 0;
  return (pl_buf){v->room + v->used, 0, VALUE_MAX_BYTES, VALUE_MAX_BYTES, false};
}

static bool give(pl_teller *v, const pl_buf *buf, pl_phrase_value *out) {
  v->used += buf->n;
  out->text = pl_buf_str(buf);
  return buf->n > 0 && !buf->full;
}

static pl_str cut(pl_teller *v, pl_str text, size_t most) {
  if (text.n <= most) return text;
  size_t n = most;
  while (n && ((unsigned char)text.p[n] & 0xC0) == 0x80) n--;
  pl_buf buf = take(v);
  pl_buf_put(&buf, text.p, n), pl_buf_text(&buf, "\xE2\x80\xA6");
  v->used += buf.n;
  return pl_buf_str(&buf);
}

/* --- values */

static bool amount(pl_teller *v, double of, int64_t decimals, pl_str unit, pl_phrase_value *out) {
  if (isnan(of)) return false;
  pl_buf buf = take(v), bare = {(char[64]){0}, 0, 64, 64, false};
  pl_phrasebook_amount(v->to->book, of, (int)decimals, unit, &buf);
  pl_phrasebook_amount(v->to->book, of, (int)decimals, (pl_str){0}, &bare);
  out->number = true, out->is_one = pl_str_is(pl_buf_str(&bare), "1");
  return give(v, &buf, out);
}

/* What is neither sure nor out of reach is never said to be. */
static bool percent(pl_teller *v, double of, pl_phrase_value *out) {
  if (isnan(of)) return false;
  pl_buf buf = take(v);
  double hundred = round(100 * fmin(of, HIGH));
  bool low = of > 0 && hundred <= 0, high = of < 1 && hundred >= 100;
  if (low || high) pl_buf_text(&buf, low ? "<1" : ">99");
  if (!low && !high) pl_phrasebook_amount(v->to->book, hundred, 0, (pl_str){0}, &buf);
  out->number = true, out->is_one = pl_str_is(pl_buf_str(&buf), "1");
  return give(v, &buf, out);
}

static bool moment(pl_teller *v, pl_wall t, pl_phrase_value *out) {
  if (t.ms == INT64_MAX || t.ms == INT64_MIN) return false;
  pl_buf buf = take(v);
  pl_phrasebook_moment(v->to->book, v->to->zone, t, v->to->now, &buf);
  return give(v, &buf, out);
}

static bool noun(pl_teller *v, pl_str name, pl_phrase_value *out) {
  if (!name.n) return false;
  pl_buf buf = take(v);
  *out = pl_phrasebook_noun(v->to->book, cut(v, name, NAME_MAX_BYTES), &buf);
  v->used += buf.n;
  return true;
}

/* `daily@12:00`: the goal, or its milestone. */
static bool goal(pl_teller *v, bool milestone, pl_phrase_value *out) {
  pl_str name = v->matter->goal;
  const char *at = name.n ? memchr(name.p, '@', name.n) : NULL;
  size_t stem = at ? (size_t)(at - name.p) : name.n;
  if (!milestone) return noun(v, (pl_str){name.p, stem}, out);
  if (!at) return false;
  out->text = (pl_str){at + 1, name.n - stem - 1};
  return out->text.n > 0;
}

static bool words(pl_teller *v, pl_str text, size_t most, pl_phrase_value *out) {
  out->text = cut(v, text, most);
  return text.n > 0;
}

static bool whole(pl_teller *v, int64_t n, pl_phrase_value *out) {
  return n >= 0 && amount(v, (double)n, 0, (pl_str){0}, out);
}

static bool find(pl_teller *v, const value *of, pl_phrase_value *out) {
  const pl_matter *m = v->matter;
  const void *at = (const char *)(const void *)m + of->at;
  double number = of->is >= AMOUNT && of->is <= PERCENT ? *(const double *)at : NAN;
  switch (of->is) {
  case WHO: return words(v, m->name.n ? m->name : m->entity, NAME_MAX_BYTES, out);
  case NAMED: return words(v, *(const pl_str *)at, NAME_MAX_BYTES, out);
  case WORDS:
  case CODE: return words(v, *(const pl_str *)at, VALUE_MAX_BYTES - 4, out);
  case GOAL: return goal(v, false, out);
  case MILESTONE: return goal(v, true, out);
  case PERIOD: {
    pl_buf buf = take(v);
    if (m->period.n) pl_phrasebook_period(v->to->book, v->to->zone, m->period, v->to->now, &buf);
    return give(v, &buf, out);
  }
  case NOUN: return noun(v, *(const pl_str *)at, out);
  case AMOUNT: return amount(v, number, m->decimals, m->unit, out);
  case NEEDED: return number > 0 && amount(v, number, m->decimals, m->unit, out);
  case SIZE: return amount(v, fabs(number), m->decimals, m->unit, out);
  case CAUSE_AMOUNT: return amount(v, number, m->cause_decimals, m->cause_unit, out);
  case RATE: return amount(v, number, -1, (pl_str){0}, out);
  case PERCENT: return percent(v, number, out);
  case SHARE: return m->target > 0 && percent(v, m->actual / m->target, out);
  case MOMENT: return !(m->never && of->at == OF(since)) && moment(v, *(const pl_wall *)at, out);
  case COUNT: return whole(v, *(const int64_t *)at, out);
  case RECENT: return whole(v, PL_SLUMP_RECENT, out);
  case USUAL: return whole(v, PL_SLUMP_USUAL, out);
  case ONE: return whole(v, 1, out);
  case FLAG: return *(const bool *)at;
  case OWN_CAUSE: return m->cause.n && pl_str_eq(m->cause, m->metric);
  case OVER: return m->until.ms <= m->at.ms;
  case TEAMS: return pl_str_is(m->entity_kind, "team");
  case FIRST: return words(v, v->first, VALUE_MAX_BYTES - 4, out);
  default: return words(v, v->list, VALUE_MAX_BYTES - 4, out);
  }
}

static bool value_of(void *ctx, pl_str name, pl_phrase_value *out) {
  pl_teller *v = ctx;
  bool is_public = strcmp(v->to->audience, pl_audience_name(PL_TO_TEAM)) == 0;
  for (size_t i = 0; i < PL_COUNT(values); i++)
    if (values[i].name[0] == name.p[0] && pl_str_is(name, values[i].name))
      return (values[i].flags & PUBLIC || !is_public) && find(v, &values[i], out);
  return false;
}

static const char *phrase_of(void *ctx, pl_str name) {
  return pl_phrasebook_find(((const pl_teller *)ctx)->to->book, name);
}

bool pl_teller_say(pl_teller *v, const char *text, pl_buf *out) {
  pl_phrase_source from = {value_of, phrase_of, v};
  return text && pl_phrase_say(text, &from, out);
}
