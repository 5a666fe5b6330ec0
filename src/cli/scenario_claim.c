/* Claims: what must be so at an instant: figures of goals, counters, what was told and what was not. */
#include <math.h>
#include <stdio.h>

#include "cli/scenario_inside.h"

static const pl_figure figures[] = {
    {"state", PL_FIGURE_STATE},
    {"target", PL_FIGURE_EXACT},
    {"agreed", PL_FIGURE_EXACT},
    {"gap", PL_FIGURE_EXACT},
    {"actual", PL_FIGURE_EXACT},
    {"line", PL_FIGURE_ROUNDED},
    {"pace", PL_FIGURE_ROUNDED},
    {"needed_today", PL_FIGURE_EXACT},
    {"required_rate", PL_FIGURE_ROUNDED},
    {"crosses_at", PL_FIGURE_INSTANT},
    {"chance", PL_FIGURE_ROUNDED},
    {"projected", PL_FIGURE_ROUNDED},
    {"judged_at", PL_FIGURE_INSTANT},
    {"projected_low", PL_FIGURE_ROUNDED},
    {"projected_high", PL_FIGURE_ROUNDED},
};

enum { CLAIMS_MAX = 10000, DAYS_MAX = 5 * 366 };

static void put(pl_scenario_reader *in, const pl_claim *claim) {
  pl_scenario *s = in->scenario;
  size_t n = s->nclaims;
  if (n == CLAIMS_MAX) {
    pl_complain(in->report, claim->node, "found more than %d expectations, expected fewer", CLAIMS_MAX);
    return;
  }
  if ((n & (n - 1)) == 0) { /* full at each power of two */
    pl_claim *claims = pl_arena_alloc(in->arena, (n ? 2 * n : 1) * sizeof *claims);
    if (n) memcpy(claims, s->claims, n * sizeof *claims);
    s->claims = claims;
  }
  s->claims[s->nclaims++] = *claim;
}

static bool number(pl_str text, double *v, int *digits) {
  const char *point = text.n ? memchr(text.p, '.', text.n) : NULL;
  *digits = point ? (int)(text.p + text.n - point) - 1 : 0;
  return pl_str_double(text, v);
}

/* `12`, `below 0.2`, `above 3`, `none`; false: it is none of these. */
static bool read_number(pl_figure_kind kind, pl_str text, pl_want *want) {
  pl_str before, rest;
  int digits;
  *want = (pl_want){.kind = PL_WANT_EQUAL};
  if (pl_str_is(text, "none")) {
    want->kind = PL_WANT_ABSENT;
    return true;
  }
  if (pl_scenario_has(text, "below ", &before, &rest) && before.n == 0)
    want->kind = PL_WANT_BELOW, text = rest;
  else if (pl_scenario_has(text, "above ", &before, &rest) && before.n == 0)
    want->kind = PL_WANT_ABOVE, text = rest;
  if (!number(text, &want->number, &digits)) return false;
  want->within =
      kind == PL_FIGURE_ROUNDED ? 0.5 * pow(10, -digits) + 1e-9 : 1e-9 * fmax(1, fabs(want->number));
  return true;
}

static bool read_state(pl_scenario_reader *in, const pl_yaml *node) {
  pl_near near = pl_near_to(node->text);
  for (int s = 0; s < PL_PACE_STATES; s++) {
    if (pl_str_is(node->text, pl_pace_state_name((pl_pace_state)s))) return true;
    pl_near_offer(&near, pl_pace_state_name((pl_pace_state)s));
  }
  pl_complain(in->report, node, "found '%s', expected a state such as on_pace, at_risk or behind%s",
              pl_quote(node->text).text, pl_near_hint(&near).text);
  return false;
}

static bool is_text(pl_scenario_reader *in, const pl_yaml *node, const char *expected) {
  if (node->kind == PL_YAML_TEXT && !node->null) return true;
  pl_complain(in->report, node, "found %s, expected %s",
              node->kind == PL_YAML_MAP    ? "a map"
              : node->kind == PL_YAML_LIST ? "a list"
                                           : "nothing",
              expected);
  return false;
}

static void read_figure(pl_scenario_reader *in, const pl_yaml *node, const pl_figure *figure,
                        pl_claim claim) {
  claim.node = node, claim.figure = figure;
  if (!is_text(in, node, "one value")) return;
  if (figure->kind == PL_FIGURE_STATE && pl_str_is(node->text, "none")) {
    claim.want.kind = PL_WANT_ABSENT;
  } else if (figure->kind == PL_FIGURE_STATE) {
    if (!read_state(in, node)) return;
  } else if (figure->kind == PL_FIGURE_INSTANT && !pl_str_is(node->text, "none")) {
    pl_wall t;
    if (!pl_scenario_instant(in, node, false, node->text, &t)) return;
    /* given to the minute, compared to the minute */
    bool minute = pl_seconds(t) % 60 == 0;
    claim.want = (pl_want){PL_WANT_EQUAL, (double)pl_seconds(t) + (minute ? 29.5 : 0), minute ? 29.6 : 0.1};
  } else if (!read_number(figure->kind, node->text, &claim.want)) {
    pl_complain(in->report, node, "found '%s', expected a number, `below` or `above` one, or none",
                pl_quote(node->text).text);
    return;
  }
  put(in, &claim);
}

/* The goal of that name that the entity ever has, one of this unit if there are several. */
static const pl_goal_fact *goal_of(const pl_scenario_reader *in, const pl_claim *of, pl_str name,
                                   pl_unit unit, pl_near *near) {
  const pl_goal_fact *found = NULL;
  const pl_policy *p;
  for (size_t n = 0; (p = pl_scenario_policy(in, n)); n++)
    for (size_t i = 0; i < p->ngoals; i++) {
      const pl_goals_fact *g = &p->goals[i];
      if (g->is_team != of->is_team || !pl_str_eq(g->entity, of->whose)) continue;
      for (size_t k = 0; k < g->n; k++) {
        pl_near_offer(near, g->goals[k].name.p);
        if (!pl_str_eq(g->goals[k].name, name)) continue;
        if (!found || (found->period != unit && g->goals[k].period == unit)) found = &g->goals[k];
      }
    }
  return found;
}

/* One that the scenario's events propose; whose, NULL: anybody's. */
static const pl_goal_fact *proposed(pl_scenario_reader *in, const pl_str *whose, pl_str name) {
  const pl_scenario *s = in->scenario;
  for (size_t i = 0; i < s->ncues; i++) {
    const pl_goal_word *w = s->cues[i].event->goal;
    if (!w || w->period < 0 || (whose && !pl_str_eq(s->cues[i].event->rep, *whose)) ||
        !pl_str_eq(w->name, name) || pl_policy_metric(&s->config->policy, w->metric) < 0)
      continue;
    pl_goal_fact *fact = pl_arena_alloc(in->arena, sizeof *fact);
    *fact = (pl_goal_fact){.name = name, .metric = w->metric, .period = (pl_unit)w->period};
    return fact;
  }
  return NULL;
}

/* ", or a counter such as calls:day": one that there is, of a calendar window if any has one. */
static pl_quoted counter_of(const pl_policy *p) {
  pl_quoted out = {""};
  for (size_t i = p->nmetrics; i-- > 0;)
    for (int w = PL_WINDOWS; w-- > 0;)
      if (!p->metrics[i].hidden && p->metrics[i].windows >> w & 1 &&
          (pl_window_kinds[w].calendar || !*out.text))
        (void)snprintf(out.text, sizeof out.text, ", or a counter such as %.40s:%s", p->metrics[i].name,
                       pl_window_kinds[w].name);
  return out;
}

/* `daily_calls: behind`, `daily_calls 2026-03-02: {state: missed, actual: 1}` */
static void read_goal(pl_scenario_reader *in, const pl_yaml *node, pl_claim claim) {
  const pl_policy *p = &in->scenario->config->policy;
  pl_str name = node->key, period;
  claim.named = pl_scenario_has(node->key, " ", &name, &period);
  pl_str stem = name, stone;
  (void)pl_scenario_has(name, "@", &stem, &stone); /* a milestone of it */
  pl_unit unit = PL_UNITS;
  bool known = claim.named && pl_fiscal_parse(&p->fiscal, period, &unit, &claim.index);
  pl_near near = pl_near_to(stem);
  const pl_goal_fact *goal = goal_of(in, &claim, stem, unit, &near);
  if (!goal) goal = proposed(in, &claim.whose, stem);
  if (!goal) {
    pl_complain_key(in->report, node, "found '%s', expected one of the goals of '%s'%s%s",
                    pl_quote(name).text, pl_quote(claim.whose).text, pl_near_hint(&near).text,
                    counter_of(p).text);
    return;
  }
  claim.goal = name, claim.period = goal->period, claim.metric = pl_policy_metric(p, goal->metric);
  if (claim.named && (!known || unit != goal->period)) {
    char usual[PL_PERIOD_TEXT_MAX];
    pl_complain_key(
        in->report, node, "found the period '%s', expected a %s such as %s", pl_quote(period).text,
        pl_unit_name(goal->period),
        pl_period_text(goal->period, pl_fiscal_period(&p->fiscal, goal->period, in->first_day), usual));
    return;
  }
  if (node->kind != PL_YAML_MAP) {
    read_figure(in, node, &figures[0], claim);
    return;
  }
  for (const pl_yaml *c = node->first; c; c = c->next) {
    pl_near other = pl_near_to(c->key);
    size_t i = 0;
    for (; i < PL_COUNT(figures) && !pl_str_is(c->key, figures[i].name); i++)
      pl_near_offer(&other, figures[i].name);
    if (i < PL_COUNT(figures))
      read_figure(in, c, &figures[i], claim);
    else
      pl_complain_key(in->report, c, "found '%s', expected a figure such as state, actual or chance%s",
                      pl_quote(c->key).text, pl_near_hint(&other).text);
  }
}

/* `calls:day: 12`, `calls:week:prev: 63` */
static void read_counter(pl_scenario_reader *in, const pl_yaml *node, pl_claim claim) {
  const pl_policy *p = &in->scenario->config->policy;
  pl_str metric, window;
  (void)pl_scenario_has(node->key, ":", &metric, &window);
  pl_str ending = {window.p + window.n, 0}, before, after;
  if (pl_scenario_has(window, ":", &before, &after))
    ending = (pl_str){after.p - 1, after.n + 1}, window = before;
  claim.kind = PL_CLAIM_COUNTER, claim.node = node, claim.metric = pl_policy_metric(p, metric);
  pl_near near = pl_near_to(metric);
  for (size_t m = 0; m < p->nmetrics; m++)
    if (!p->metrics[m].hidden) pl_near_offer(&near, p->metrics[m].name);
  if (claim.metric < 0) {
    pl_complain_key(in->report, node, "found '%s', expected one of the `metrics`%s", pl_quote(metric).text,
                    pl_near_hint(&near).text);
    return;
  }
  const pl_metric *m = &p->metrics[claim.metric];
  int w = 0, r = 0;
  while (w < PL_WINDOWS && !pl_str_is(window, pl_window_kinds[w].name)) w++;
  while (r < PL_READINGS && !pl_str_is(ending, pl_reading_names[r])) r++;
  if (w == PL_WINDOWS || r == PL_READINGS ||
      !pl_reading_given(p, (size_t)claim.metric, (pl_window)w, (pl_reading)r)) {
    pl_buf known;
    pl_buf_init(&known, 2048);
    for (w = 0; w < PL_WINDOWS; w++)
      for (r = 0; r < PL_READINGS; r++)
        if (pl_reading_given(p, (size_t)claim.metric, (pl_window)w, (pl_reading)r))
          pl_buf_printf(&known, "%s%s%s", known.n ? ", " : "", pl_window_kinds[w].name, pl_reading_names[r]);
    pl_complain_key(in->report, node, "found '%s', expected one of the windows of '%s' (%.*s)",
                    pl_quote(node->key).text, m->name, (int)known.n, known.p);
    pl_buf_fini(&known);
    return;
  }
  claim.reading = (pl_reading)r;
  claim.window = (pl_window)w;
  bool exact = m->kind != PL_RATIO_OF && r <= PL_PREV;
  pl_figure_kind kind = exact ? PL_FIGURE_EXACT : PL_FIGURE_ROUNDED;
  if (!is_text(in, node, "a number")) return;
  if (read_number(kind, node->text, &claim.want))
    put(in, &claim);
  else
    pl_complain(in->report, node, "found '%s', expected a number", pl_quote(node->text).text);
}

/* `calls:day`; a milestone's colon, as in `daily_calls@12:00`, is its time's. */
static bool is_counter(pl_str key) {
  const char *colon = memchr(key.p, ':', key.n);
  return colon && !memchr(key.p, '@', (size_t)(colon - key.p));
}

/* `streak: 5`, `silent_at: tue 10:00` */
static bool is_habit(pl_str key) { return pl_str_is(key, "streak") || pl_str_is(key, "silent_at"); }

static void read_habit(pl_scenario_reader *in, const pl_yaml *node, pl_claim claim) {
  static const pl_figure habits[] = {{"streak", PL_FIGURE_EXACT}, {"silent_at", PL_FIGURE_INSTANT}};
  claim.kind = PL_CLAIM_HABIT;
  read_figure(in, node, &habits[pl_str_is(node->key, "silent_at")], claim);
}

/* --- alerts */

/* A goal's name, or a milestone's of one, or the metric of a slump. */
static bool any_goal(const pl_scenario_reader *in, pl_str name) {
  const pl_policy *p = pl_scenario_policy(in, 0);
  pl_str stone;
  if (pl_policy_metric(p, name) >= 0) return true;
  (void)pl_scenario_has(name, "@", &name, &stone);
  for (size_t n = 0; (p = pl_scenario_policy(in, n)); n++)
    for (size_t i = 0; i < p->ngoals; i++)
      for (size_t k = 0; k < p->goals[i].n; k++)
        if (pl_str_eq(p->goals[i].goals[k].name, name)) return true;
  return false;
}

/* `behind [daily_calls] [ada] [to rep [ada]] [saying 4 more calls]` */
static bool read_words(pl_scenario_reader *in, const pl_yaml *node, pl_alert_words *out) {
  pl_str rest = node->text, word;
  *out = (pl_alert_words){.kind = PL_ALERT_KINDS, .audience = -1};
  if (!is_text(in, node, "an alert such as `behind daily_calls ada to rep`")) return false;
  (void)pl_scenario_has(rest, " saying ", &rest, &out->saying);
  if (!pl_scenario_word(in, &rest, &word)) word = (pl_str){0};
  pl_near near = pl_near_to(word);
  for (int k = 0; k < PL_ALERT_KINDS; k++) {
    pl_near_offer(&near, pl_alert_kind_name((pl_alert_kind)k));
    if (pl_str_is(word, pl_alert_kind_name((pl_alert_kind)k))) out->kind = (pl_alert_kind)k;
  }
  if (out->kind == PL_ALERT_KINDS) {
    pl_complain(in->report, node,
                "found '%s', expected a kind of alert such as behind, recovered or goal_met%s",
                pl_quote(word).text, pl_near_hint(&near).text);
    return false;
  }
  while (pl_scenario_word(in, &rest, &word)) {
    if (pl_str_is(word, "to")) {
      if (!pl_scenario_word(in, &rest, &word)) word = (pl_str){0};
      for (int a = PL_TO_REP; a <= PL_TO_OPS; a++)
        if (pl_str_is(word, pl_audience_name((pl_audience)a))) out->audience = a;
      (void)pl_scenario_word(in, &rest, &out->recipient);
      if (out->audience >= 0 && rest.n == 0) return true;
      pl_complain(in->report, node,
                  "found '%s' after `to`, expected rep, manager, team or ops and at most an id",
                  pl_quote(word).text);
      return false;
    }
    if (!out->goal.n && !out->whose.n && (any_goal(in, word) || proposed(in, NULL, word)))
      out->goal = word;
    else if (!out->whose.n && (out->kind == PL_ALERT_FEED_STALE
                                   ? pl_scenario_is_source(in, word)
                                   : pl_scenario_is_rep(in, word) || pl_scenario_is_team(in, word)))
      out->whose = word;
    else {
      pl_complain(
          in->report, node, "found '%s', expected `%s [GOAL] [WHOSE] [to AUDIENCE [ID]] [saying TEXT]`%s",
          pl_quote(word).text, pl_alert_kind_name(out->kind), pl_scenario_people(in, word, true).text);
      return false;
    }
  }
  return true;
}

static void read_alerts(pl_scenario_reader *in, const pl_yaml *node, pl_claim claim) {
  if (node->kind != PL_YAML_LIST) {
    pl_complain(in->report, node,
                "found no list, expected alerts such as [behind daily_calls ada to rep], or []");
    return;
  }
  pl_alert_words *words = pl_arena_alloc(in->arena, (node->n + 1) * sizeof *words);
  for (const pl_yaml *c = node->first; c; c = c->next)
    if (!read_words(in, c, &words[claim.n++])) return;
  claim.node = node, claim.alerts = words;
  put(in, &claim);
}

static void read_instant(pl_scenario_reader *in, const pl_yaml *node, pl_wall at) {
  for (const pl_yaml *c = node->first; c; c = c->next) {
    pl_claim claim = {.at = at, .whose = c->key};
    if (pl_str_is(c->key, "alerts") || pl_str_is(c->key, "none")) {
      claim.kind = c->key.p[0] == 'a' ? PL_CLAIM_ALERTS : PL_CLAIM_NONE;
      read_alerts(in, c, claim);
      continue;
    }
    claim.is_team = !pl_scenario_is_rep(in, c->key);
    if (claim.is_team && !pl_scenario_is_team(in, c->key)) {
      pl_complain_key(in->report, c, "found '%s', expected a rep, a team, alerts or none%s",
                      pl_quote(c->key).text, pl_scenario_people(in, c->key, true).text);
    } else if (c->kind != PL_YAML_MAP || !c->n) {
      pl_complain(in->report, c,
                  "found nothing to expect, expected goals and counters such as {daily_calls: behind}");
    } else {
      for (const pl_yaml *f = c->first; f; f = f->next)
        (is_counter(f->key)                   ? read_counter
         : is_habit(f->key) && !claim.is_team ? read_habit
                                              : read_goal)(in, f, claim);
    }
  }
}

void pl_scenario_read_claims(pl_scenario_reader *in, const pl_yaml *map) {
  pl_wall last = in->scenario->start;
  if (map->kind != PL_YAML_MAP || !map->n) {
    pl_complain(in->report, map,
                "found nothing to expect, expected instants such as `13:00: {ada: {daily_calls: behind}}`");
    return;
  }
  for (const pl_yaml *node = map->first; node; node = node->next) {
    pl_wall at;
    if (!pl_scenario_instant(in, node, true, node->key, &at)) continue;
    if (pl_before(at, last))
      pl_complain_key(in->report, node,
                      "found an instant before the one above it, or before `start`, expected "
                      "them in order");
    last = pl_later(at, last);
    if (pl_before(pl_wall_plus(in->scenario->start, (pl_dur){DAYS_MAX * INT64_C(86400000)}), at))
      pl_complain_key(in->report, node,
                      "found an instant more than five years after `start`, expected it earlier");
    if (node->kind != PL_YAML_MAP || !node->n)
      pl_complain(in->report, node, "found nothing to expect, expected something such as {alerts: []}");
    else
      read_instant(in, node, at);
  }
}
