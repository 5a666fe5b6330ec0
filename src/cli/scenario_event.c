/* Instants and events: a line such as `mon..fri 10:00..16:00 every 10min ben call x2` into records. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/civil.h"
#include "cli/scenario_inside.h"
#include "codec/event_decode.h"
#include "codec/when.h"
#include "config/option.h"

enum { CUES_MAX = 200000, REPEAT_MAX = 10000, DAY_S = 86400 };

bool pl_scenario_word(pl_scenario_reader *in, pl_str *line, pl_str *word) {
  size_t i = 0, n = 0;
  while (i < line->n && line->p[i] == ' ') i++;
  char *text = pl_arena_text(in->arena, line->p + i, line->n - i);
  bool any = i < line->n;
  for (bool quoted = false; i < line->n && (quoted || line->p[i] != ' '); i++)
    if (line->p[i] == '"')
      quoted = !quoted;
    else
      text[n++] = line->p[i];
  text[n] = 0;
  *line = (pl_str){line->p + i, line->n - i};
  *word = (pl_str){text, n};
  return any;
}

bool pl_scenario_has(pl_str text, const char *mark, pl_str *before, pl_str *after) {
  const char *at = text.n ? memmem(text.p, text.n, mark, strlen(mark)) : NULL;
  if (!at) return false;
  size_t n = (size_t)(at - text.p);
  *before = (pl_str){text.p, n};
  *after = (pl_str){at + strlen(mark), text.n - n - strlen(mark)};
  return true;
}

bool pl_scenario_day(const pl_scenario_reader *in, pl_str text, int32_t *day) {
  static const char *const days[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
  pl_when when;
  if (text.n == 10 && pl_when_format("%Y-%m-%d", text, &when)) {
    *day = (int32_t)(when.ms / 86400000);
    return true;
  }
  for (int d = 0; d < 7; d++)
    if (pl_str_is(text, days[d])) {
      *day = in->first_day + (d - pl_weekday(in->first_day) + 7) % 7;
      return true;
    }
  return false;
}

bool pl_scenario_time(pl_str text, int32_t *of_day) {
  pl_when when;
  if (!pl_when_format("%H:%M", text, &when) && !pl_when_format("%H:%M:%S", text, &when)) return false;
  *of_day = (int32_t)(when.ms / 1000);
  return true;
}

/* Where the clocks are turned, some times are shown twice (the first is meant) and some never. */
static bool resolve(pl_scenario_reader *in, const pl_yaml *node, int32_t day, int32_t of_day, pl_wall *out) {
  const pl_zone *zone = in->scenario->zone;
  int64_t s = pl_zone_instant(zone, day, of_day);
  *out = pl_wall_s(s);
  if (s + pl_zone_at(zone, s).east == (int64_t)day * DAY_S + of_day) return true;
  pl_complain(in->report, node,
              "found %02d:%02d on a day on which the clocks of %s skip it; take another time", of_day / 3600,
              of_day / 60 % 60, pl_zone_name(zone));
  return false;
}

bool pl_scenario_instant(pl_scenario_reader *in, const pl_yaml *node, bool key, pl_str text, pl_wall *out) {
  int32_t day = in->first_day, of_day = 0;
  pl_str date, time = text;
  if (pl_scenario_has(text, " ", &date, &time)
          ? pl_scenario_day(in, date, &day) && pl_scenario_time(time, &of_day)
          : pl_scenario_time(text, &of_day))
    return resolve(in, node, day, of_day, out);
  (key ? pl_complain_key : pl_complain)(
      in->report, node, "found '%s', expected a time such as 13:00, tue 13:00 or 2026-03-02 13:00",
      pl_quote(text).text);
  return false;
}

const pl_policy *pl_scenario_policy(const pl_scenario_reader *in, size_t i) {
  const pl_scenario *s = in->scenario;
  return i == 0 ? &s->config->policy : i <= s->nchanges ? &s->changes[i - 1].config->policy : NULL;
}

bool pl_scenario_is_rep(const pl_scenario_reader *in, pl_str id) {
  const pl_policy *p;
  for (size_t n = 0; (p = pl_scenario_policy(in, n)); n++)
    for (size_t i = 0; i < p->nreps; i++)
      if (pl_str_eq(p->reps[i].id, id)) return true;
  return false;
}

bool pl_scenario_is_team(const pl_scenario_reader *in, pl_str id) {
  const pl_policy *p;
  for (size_t n = 0; (p = pl_scenario_policy(in, n)); n++)
    for (size_t i = 0; i < p->nteams; i++)
      if (pl_str_eq(p->teams[i].id, id)) return true;
  return false;
}

bool pl_scenario_is_source(const pl_scenario_reader *in, pl_str name) {
  const pl_policy *p = &in->scenario->config->policy;
  for (size_t i = 0; i < p->nsources; i++)
    if (pl_str_is(name, p->sources[i])) return true;
  return false;
}

pl_quoted pl_scenario_people(const pl_scenario_reader *in, pl_str id, bool teams) {
  const pl_policy *p = &in->scenario->config->policy;
  pl_near near = pl_near_to(id);
  for (size_t i = 0; i < p->nreps; i++) pl_near_offer(&near, p->reps[i].id.p);
  for (size_t i = 0; teams && i < p->nteams; i++) pl_near_offer(&near, p->teams[i].id.p);
  if (!p->nreps) return pl_quote(PL_STR("; it names none: add some, `with: {reps: {...}}`"));
  return pl_near_hint(&near);
}

/* --- one line */

typedef struct {
  int32_t first, last; /* days */
  int32_t from, to;    /* times of day */
  int64_t every;       /* seconds; 0: only `from` */
  int64_t times;       /* xN */
  pl_event event;
  pl_goal_word word;     /* of goal_proposed and the like */
  pl_answer_word answer; /* its `alert` is a goal's name: which alert that is shows when it is played */
  pl_str id;
  bool received, told; /* there is a stamp; a complete_to */
  pl_wall stamp, complete_to;
  pl_reason outcome;
} line;

/* `DAY[..DAY] TIME[..TIME every LENGTH]`; a time alone is on the first day. */
static bool read_when(pl_scenario_reader *in, const pl_yaml *node, pl_str *rest, line *l) {
  pl_str word, a, b;
  l->first = l->last = in->first_day;
  if (!pl_scenario_word(in, rest, &word)) word = (pl_str){0};
  bool range = pl_scenario_has(word, "..", &a, &b);
  if (range ? pl_scenario_day(in, a, &l->first) && pl_scenario_day(in, b, &l->last)
            : pl_scenario_day(in, word, &l->first)) {
    if (!range) l->last = l->first;
    if (!pl_scenario_word(in, rest, &word)) word = (pl_str){0};
    range = pl_scenario_has(word, "..", &a, &b);
  }
  if (!(range ? pl_scenario_time(a, &l->from) && pl_scenario_time(b, &l->to)
              : pl_scenario_time(word, &l->from))) {
    pl_complain(in->report, node,
                "found '%s', expected a time such as 09:30 or 10:00..16:00, after the day, such as tue, "
                "mon..fri or 2026-03-02, if it is not that of `start`",
                pl_quote(word).text);
    return false;
  }
  if (!range) l->to = l->from;
  if (l->last < l->first || l->to < l->from) {
    pl_complain(in->report, node, "found a range that ends before it begins; turn it around");
    return false;
  }
  if (!range) return true;
  static const pl_option length = {.kind = PL_OPT_TIME, .min = 1000, .max = 86400000};
  const pl_options_reader reader = {in->arena, in->report, NULL, NULL};
  pl_dur every;
  if (!pl_scenario_word(in, rest, &word) || !pl_str_is(word, "every") || !pl_scenario_word(in, rest, &word) ||
      !pl_scalar_read(&reader, &length, word, &every)) {
    pl_complain(in->report, node,
                "found '%s', expected `every` and a length of time such as 10min after a range",
                pl_quote(word).text);
    return false;
  }
  l->every = every.ms / 1000;
  return l->every > 0;
}

/* The source of a heartbeat. */
static bool read_source(pl_scenario_reader *in, const pl_yaml *node, pl_str *rest, line *l) {
  if (!pl_scenario_word(in, rest, &l->event.source)) l->event.source = (pl_str){0};
  l->event.type = PL_TYPE_HEARTBEAT;
  if (pl_scenario_is_source(in, l->event.source)) return true;
  pl_complain(in->report, node, "found the source '%s', expected one of the policy's `sources`",
              pl_quote(l->event.source).text);
  return false;
}

/* `REP TYPE`, `heartbeat SOURCE` */
static bool read_who(pl_scenario_reader *in, const pl_yaml *node, pl_str *rest, line *l) {
  const pl_policy *p = &in->scenario->config->policy;
  pl_str type;
  if (!pl_scenario_word(in, rest, &l->event.rep)) l->event.rep = (pl_str){0};
  bool is_rep = pl_scenario_is_rep(in, l->event.rep);
  if (!is_rep && pl_str_is(l->event.rep, "heartbeat")) return read_source(in, node, rest, l);
  if (!is_rep) {
    pl_complain(in->report, node, "found '%s', expected one of the policy's reps%s",
                pl_quote(l->event.rep).text, pl_scenario_people(in, l->event.rep, false).text);
    return false;
  }
  if (!pl_scenario_word(in, rest, &type)) type = (pl_str){0};
  int own = pl_type_own(type);
  if (own == PL_TYPE_ADJUSTMENT || own == PL_TYPE_ANSWER || pl_type_is_word(own)) {
    l->event.type = own;
    l->word = (pl_goal_word){.period = -1, .target = NAN};
    return true;
  }
  pl_near near = pl_near_to(type);
  for (size_t i = 0; i < p->ntypes; i++) {
    if (pl_str_is(type, p->types[i])) {
      l->event.type = (int)i;
      return true;
    }
    pl_near_offer(&near, p->types[i]);
  }
  pl_complain(in->report, node, "found '%s', expected an event type that the policy's metrics count%s",
              pl_quote(type).text, pl_near_hint(&near).text);
  return false;
}

static bool read_word(pl_scenario_reader *in, const pl_yaml *node, pl_str name, pl_str value, line *l) {
  pl_goal_word *w = &l->word;
  const struct {
    const char *name;
    pl_str *to;
  } texts[] = {{"goal", &w->name}, {"metric", &w->metric}, {"plan", &w->plan}, {"by", &w->by}};
  for (size_t i = 0; i < PL_COUNT(texts); i++)
    if (pl_str_is(name, texts[i].name)) return *texts[i].to = value, true;
  if (pl_str_is(name, "target") && pl_str_double(value, &w->target)) return true;
  for (int u = PL_DAY; u <= PL_YEAR && pl_str_is(name, "period"); u++)
    if (pl_str_is(value, pl_unit_name((pl_unit)u))) return w->period = u, true;
  pl_complain(in->report, node,
              "found '%s=%s', expected goal, metric, plan, by, a number as target, or as period day, week, "
              "month, quarter or year",
              pl_quote(name).text, pl_quote(value).text);
  return false;
}

static bool read_answer(pl_scenario_reader *in, const pl_yaml *node, pl_str name, pl_str value, line *l) {
  pl_answer_word *w = &l->answer;
  pl_str *to = pl_str_is(name, "goal")     ? &w->alert
               : pl_str_is(name, "reason") ? &w->reason
               : pl_str_is(name, "plan")   ? &w->plan
                                           : NULL;
  if (to) return *to = value, true;
  pl_complain(in->report, node, "found '%s=%s', expected goal, reason or plan", pl_quote(name).text,
              pl_quote(value).text);
  return false;
}

static bool read_field(pl_scenario_reader *in, const pl_yaml *node, pl_str name, pl_str value, line *l) {
  const pl_policy *p = &in->scenario->config->policy;
  if (pl_str_is(name, "id")) {
    l->id = value;
    return true;
  }
  if (pl_str_is(name, "retracts")) {
    l->event.retracts = value;
    return true;
  }
  if (l->event.type == PL_TYPE_ADJUSTMENT && pl_str_is(name, "metric")) {
    l->event.metric = value;
    return true;
  }
  if (l->event.type == PL_TYPE_ADJUSTMENT && pl_str_is(name, "amount")) {
    l->event.amount = (pl_value){.kind = PL_TEXT, .s = value};
    return true;
  }
  if (pl_type_is_word(l->event.type)) return read_word(in, node, name, value, l);
  if (l->event.type == PL_TYPE_ANSWER) return read_answer(in, node, name, value, l);
  pl_near near = pl_near_to(name);
  for (size_t i = 0; i < p->nfields; i++) {
    if (pl_str_is(name, p->fields[i])) {
      l->event.fields[i] = (pl_value){.kind = PL_TEXT, .s = value};
      for (size_t m = 0; m < p->nmetrics; m++)
        if (p->metrics[m].kind == PL_SPAN_OF && p->metrics[m].field == (int)i &&
            !pl_event_instant(value, &l->event.fields[i])) {
          pl_complain(in->report, node,
                      "found '%s', expected a day such as 2026-03-02, or an instant in ISO 8601",
                      pl_quote(value).text);
          return false;
        }
      return true;
    }
    pl_near_offer(&near, p->fields[i]);
  }
  pl_complain(in->report, node, "found the field '%s', expected one that the policy names%s",
              pl_quote(name).text, pl_near_hint(&near).text);
  return false;
}

static bool read_outcome(pl_scenario_reader *in, const pl_yaml *node, pl_str reason, line *l) {
  for (int r = PL_APPLIED + 1; r < PL_REASONS; r++)
    if (pl_str_is(reason, pl_reason_name((pl_reason)r))) {
      l->outcome = (pl_reason)r;
      return true;
    }
  pl_complain(in->report, node, "found '%s', expected why it is refused, such as late, future or duplicate",
              pl_quote(reason).text);
  return false;
}

/* `[DAY] TIME` */
static bool read_instant(pl_scenario_reader *in, const pl_yaml *node, pl_str *rest, pl_wall *out) {
  pl_str word;
  int32_t day;
  pl_buf when;
  pl_buf_init(&when, 64);
  if (!pl_scenario_word(in, rest, &word)) word = (pl_str){0};
  pl_buf_str_put(&when, word);
  if (pl_scenario_day(in, word, &day) && pl_scenario_word(in, rest, &word))
    pl_buf_char(&when, ' '), pl_buf_str_put(&when, word);
  bool good = pl_scenario_instant(in, node, false, pl_buf_str(&when), out);
  pl_buf_fini(&when);
  return good;
}

/* What follows: FIELD=VALUE, xN, `received WHEN`, `refused REASON`; of a heartbeat `complete_to WHEN`. */
static bool read_rest(pl_scenario_reader *in, const pl_yaml *node, pl_str *rest, line *l) {
  bool beats = l->event.type == PL_TYPE_HEARTBEAT;
  for (pl_str word, a, b; pl_scenario_word(in, rest, &word);) {
    if (beats && pl_str_is(word, "complete_to")) {
      l->told = read_instant(in, node, rest, &l->complete_to);
      if (!l->told) return false;
    } else if (beats && !pl_str_is(word, "received")) {
      pl_complain(in->report, node, "found '%s', expected `complete_to` or `received` and a time",
                  pl_quote(word).text);
      return false;
    } else if (pl_scenario_has(word, "=", &a, &b)) {
      if (!read_field(in, node, a, b, l)) return false;
    } else if (word.n > 1 && word.p[0] == 'x' && pl_str_int((pl_str){word.p + 1, word.n - 1}, &l->times) &&
               l->times > 0 && l->times <= REPEAT_MAX) {
      continue;
    } else if (pl_str_is(word, "received")) {
      l->received = read_instant(in, node, rest, &l->stamp);
      if (!l->received) return false;
    } else if (pl_str_is(word, "refused")) {
      if (!pl_scenario_word(in, rest, &word)) word = (pl_str){0};
      if (!read_outcome(in, node, word, l)) return false;
    } else {
      pl_complain(
          in->report, node,
          "found '%s', expected FIELD=VALUE, x2 to x10000, `received` and a time, or `refused` and why",
          pl_quote(word).text);
      return false;
    }
  }
  return true;
}

/* --- into records */

static bool put(pl_scenario_reader *in, const pl_yaml *node, const line *l, const pl_event *event, pl_wall at,
                size_t *room) {
  pl_scenario *s = in->scenario;
  pl_wall stamp = l->received ? l->stamp : at;
  if (pl_before(stamp, s->start) || *in->ncues == CUES_MAX) {
    pl_complain(in->report, node,
                *in->ncues == CUES_MAX
                    ? "found more than 200000 events, expected fewer"
                    : "found an event before `start`, expected it later; begin earlier, or say "
                      "when its record was `received`");
    return false;
  }
  if (s->ncues == *room) {
    size_t more = *room ? 2 * *room : 64;
    pl_cue *cues = pl_arena_alloc(in->arena, more * sizeof *cues);
    if (s->ncues) memcpy(cues, s->cues, s->ncues * sizeof *cues);
    s->cues = cues, *room = more;
  }
  char id[32];
  (void)snprintf(id, sizeof id, "event-%zu", s->ncues);
  s->cues[s->ncues] =
      (pl_cue){event, l->id, at, stamp, l->told ? l->complete_to : at, l->outcome, s->ncues, node};
  if (!l->id.n) s->cues[s->ncues].id = pl_str_of(pl_arena_text(in->arena, id, strlen(id)));
  s->ncues++, ++*in->ncues;
  return true;
}

static void read_event(pl_scenario_reader *in, const pl_yaml *node, size_t *room) {
  line l = {.times = 1, .outcome = PL_APPLIED};
  pl_str rest = node->text;
  if (node->kind != PL_YAML_TEXT) {
    pl_complain(in->report, node, "found a %s, expected an event such as `09:30 ada call`",
                node->kind == PL_YAML_MAP ? "map" : "list");
    return;
  }
  if (!read_when(in, node, &rest, &l) || !read_who(in, node, &rest, &l) || !read_rest(in, node, &rest, &l))
    return;
  pl_event *event = pl_arena_alloc(in->arena, sizeof *event);
  *event = l.event;
  if (pl_type_is_word(event->type)) {
    pl_goal_word *word = pl_arena_alloc(in->arena, sizeof *word);
    *word = l.word, event->goal = word;
  }
  if (event->type == PL_TYPE_ANSWER) {
    pl_answer_word *answer = pl_arena_alloc(in->arena, sizeof *answer);
    *answer = l.answer, event->answer = answer;
  }
  for (int32_t day = l.first; day <= l.last; day++)
    for (int64_t t = l.from; t <= l.to; t += l.every) {
      pl_wall at;
      if (!resolve(in, node, day, (int32_t)t, &at)) return;
      for (int64_t i = 0; i < l.times; i++)
        if (!put(in, node, &l, event, at, room)) return;
      if (l.every == 0) break;
    }
}

/* Those of the same stamp in the order of the file. */
static int by_stamp(const void *a, const void *b) {
  const pl_cue *x = a, *y = b;
  if (x->stamp.ms != y->stamp.ms) return x->stamp.ms < y->stamp.ms ? -1 : 1;
  return x->place < y->place ? -1 : 1;
}

void pl_scenario_read_events(pl_scenario_reader *in, const pl_yaml *list) {
  pl_scenario *s = in->scenario;
  size_t room = 0;
  if (list->kind != PL_YAML_LIST) {
    pl_complain(in->report, list, "found no list, expected events, a line each, such as `- 09:30 ada call`");
    return;
  }
  for (const pl_yaml *node = list->first; node; node = node->next) read_event(in, node, &room);
  if (s->ncues) qsort(s->cues, s->ncues, sizeof *s->cues, by_stamp);
}
