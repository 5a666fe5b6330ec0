#include "core/word.h"

#include <math.h>

#include "base/mem.h"
#include "core/partition.h"
#include "core/versions.h"

static void free_texts(pl_word *w) {
  pl_text_free(&w->name), pl_text_free(&w->metric), pl_text_free(&w->plan);
}

/* Out of the list, with its texts. */
static pl_word take(pl_words *w, size_t i) {
  pl_word word = w->items[i];
  memmove(&w->items[i], &w->items[i + 1], (w->n - i - 1) * sizeof *w->items);
  w->items = pl_resize(w->items, w->n * sizeof *w->items, (w->n - 1) * sizeof *w->items);
  w->n--;
  return word;
}

static void drop(pl_words *w, size_t i) {
  pl_word word = take(w, i);
  free_texts(&word);
}

void pl_words_fini(pl_words *w) {
  while (w->n) drop(w, w->n - 1);
  pl_release(w->items, 0);
}

void pl_words_put(pl_words *w, const pl_word *word) {
  PL_ASSERT(w->n < PL_WORDS_MAX);
  w->items = pl_resize(w->items, w->n * sizeof *w->items, (w->n + 1) * sizeof *w->items);
  size_t i = w->n++;
  for (; i && w->items[i - 1].from > word->from; i--) w->items[i] = w->items[i - 1];
  w->items[i] = *word;
  w->items[i].name = pl_text_new(pl_str_of(word->name));
  w->items[i].metric = pl_text_new(pl_str_of(word->metric));
  w->items[i].plan = pl_text_new(pl_str_of(word->plan));
}

static size_t find(const pl_words *w, pl_str name, bool open, int32_t from) {
  size_t i = 0;
  while (i < w->n &&
         !(pl_str_is(name, w->items[i].name) && (w->items[i].status == PL_GOAL_PROPOSED) == open &&
           (open || w->items[i].from == from)))
    i++;
  return i;
}

const pl_word *pl_words_open(const pl_words *w, pl_str name) {
  size_t i = find(w, name, true, 0);
  return i < w->n ? &w->items[i] : NULL;
}

/* The version that holds on a day. */
static const pl_goal_fact *version_on(const pl_goal_fact *facts, size_t n, pl_str name, int32_t day) {
  const pl_goal_fact *best = NULL;
  for (size_t i = 0; i < n; i++)
    if (pl_str_eq(facts[i].name, name) && facts[i].from <= day && (!best || facts[i].from > best->from))
      best = &facts[i];
  return best;
}

size_t pl_words_over(const pl_subject *s, const pl_goal_fact *facts, size_t n, pl_goal_fact *out) {
  if (n) memcpy(out, facts, n * sizeof *out);
  for (size_t i = 0; i < s->words.n; i++) {
    const pl_word *w = &s->words.items[i];
    const pl_goal_fact *base = version_on(out, n, pl_str_of(w->name), w->from);
    if (base ? base->from == w->from || w->status == PL_GOAL_PROPOSED : !*w->metric) continue;
    out[n] = base ? *base : (pl_goal_fact){.name = pl_str_of(w->name)};
    if (*w->metric) out[n].metric = pl_str_of(w->metric), out[n].period = w->period;
    if (*w->plan) out[n].plan = pl_str_of(w->plan);
    if (!isnan(w->target)) out[n].target = w->target;
    if (w->owned) out[n].owner = w->owner;
    out[n].status = w->status, out[n].from = w->from;
    n++;
  }
  return n;
}

static void tell(pl_subject *s, pl_alert_kind kind, const pl_word *w, const char *metric, bool to_rep,
                 pl_wall t) {
  const char *team = pl_subject_team(s);
  const pl_team *known = team ? pl_teams_find(s->core->directory, pl_str_of(team)) : NULL;
  const char *manager = known ? known->manager : "";
  pl_audience to = to_rep ? PL_TO_REP : *manager ? PL_TO_MANAGER : PL_TO_OPS;
  pl_alert *a = pl_alert_new(kind, to, to_rep ? s->id : manager, w->name, metric);
  a->metric_index = pl_policy_metric(s->core->policy, pl_str_of(metric));
  a->period = PL_DAY, a->index = w->from, a->seq = s->words.said;
  a->since = a->at = t, a->until = pl_wall_plus(t, (pl_dur){7LL * 86400000}), a->reason = "word";
  a->figures = pl_figures_none();
  if (a->metric_index >= 0)
    a->figures.target = pl_metric_scaled(&s->core->policy->metrics[a->metric_index], w->target);
  pl_alert_id(a->id, false, pl_subject_id(s), pl_str_of(w->name), kind, PL_DAY, w->from, a->seq);
  pl_alert_put(&s->told, a);
}

/* The goal in force of that name; NULL: none. */
static const pl_goal *in_force(const pl_subject *s, pl_str name) {
  for (size_t i = 0; i < s->ngoals; i++)
    if (!s->goals[i].base && pl_str_is(name, s->goals[i].name)) return &s->goals[i];
  return NULL;
}

/* Would it be a goal at all? */
static bool fits(const pl_subject *s, const pl_goal_word *said, const pl_goal *now) {
  const pl_policy *policy = s->core->policy;
  pl_goal_fact f = {.name = said->name, .metric = said->metric, .target = said->target};
  f.period = (pl_unit)said->period;
  if (now && (said->metric.n || said->period >= 0) &&
      (!pl_str_is(said->metric, policy->metrics[now->metric].name) || said->period != (int)now->period))
    return false;
  if (now)
    f.metric = pl_str_of(policy->metrics[now->metric].name), f.period = now->period,
    f.lower_is_better = now->lower;
  pl_goal goal;
  pl_err err;
  if (f.period < PL_DAY || f.period > PL_YEAR || isnan(f.target) ||
      pl_goal_init(&goal, &f, NULL, policy, &err) != PL_OK)
    return false;
  pl_goal_fini(&goal);
  return true;
}

/* A proposal takes the place of one that waits. */
static pl_reason propose(pl_subject *s, const pl_goal_word *said, const pl_goal *now, pl_word *word) {
  if (said->metric.n > PL_ID_MAX || !fits(s, said, now)) return PL_BAD_VALUE;
  bool own = said->by.n == 0 || pl_str_eq(said->by, pl_subject_id(s));
  pl_text_free(&word->metric);
  word->metric = pl_text_new(said->metric);
  word->period = said->period < 0 ? PL_DAY : (pl_unit)said->period, word->target = said->target;
  word->owned = true, word->owner = own ? PL_OWNER_REP : PL_OWNER_AGREED;
  word->status = PL_GOAL_PROPOSED;
  size_t waits = find(&s->words, said->name, true, 0);
  if (waits < s->words.n) drop(&s->words, waits);
  return PL_APPLIED;
}

/* What stands under a word goes on where the word says nothing else. */
static void stand_on(pl_word *word, pl_word under) {
  pl_word said = *word;
  *word = under, word->status = said.status, word->from = said.from;
  if (*said.metric) word->metric = said.metric, word->period = said.period, said.metric = under.metric;
  if (*said.plan) word->plan = said.plan, said.plan = under.plan;
  if (!isnan(said.target)) word->target = said.target;
  if (said.owned) word->owned = true, word->owner = said.owner;
  free_texts(&said);
}

/* The other words change a status. Under them stands the proposal that waited, or what was said before of the
 * same day. */
static pl_reason change(pl_subject *s, const pl_goal_word *said, const pl_goal *now, int type,
                        pl_word *word) {
  static const struct {
    pl_goal_status was, becomes;
  } rules[] = {[PL_TYPE_GOAL_PROPOSED - PL_TYPE_GOAL_AGREED] = {PL_GOAL_PROPOSED, PL_GOAL_AGREED},
               [PL_TYPE_GOAL_PROPOSED - PL_TYPE_GOAL_PAUSED] = {PL_GOAL_AGREED, PL_GOAL_PAUSED},
               [PL_TYPE_GOAL_PROPOSED - PL_TYPE_GOAL_RESUMED] = {PL_GOAL_PAUSED, PL_GOAL_AGREED}};
  pl_goal_status was = rules[PL_TYPE_GOAL_PROPOSED - type].was;
  size_t open = find(&s->words, said->name, true, 0);
  bool waits = was == PL_GOAL_PROPOSED && open < s->words.n;
  if (!waits && !(now && now->status == was)) return PL_NO_GOAL;
  word->status = rules[PL_TYPE_GOAL_PROPOSED - type].becomes;
  if (waits) stand_on(word, take(&s->words, open));
  size_t same = find(&s->words, said->name, false, word->from);
  if (same == s->words.n) return PL_APPLIED;
  if (waits)
    drop(&s->words, same);
  else
    stand_on(word, take(&s->words, same));
  return PL_APPLIED;
}

/* Does a version of the record begin between two words on a goal? Then the later one stands on that. */
static bool is_cut(const pl_subject *s, const pl_word *a, const pl_word *b) {
  for (size_t i = 0; i < s->nversions; i++) {
    const pl_goal *g = &s->goals[i];
    if (!g->base && strcmp(g->name, a->name) == 0 && g->from > a->from && g->from < b->from) return true;
  }
  return false;
}

/* The oldest word that another one on the same goal has overtaken goes, and that one says it all. False: each
 * of them holds. */
static bool make_room(pl_subject *s) {
  pl_words *w = &s->words;
  for (size_t i = 0; i < w->n; i++) {
    size_t next = i + 1;
    while (next < w->n &&
           (w->items[next].status == PL_GOAL_PROPOSED || strcmp(w->items[next].name, w->items[i].name) != 0))
      next++;
    if (next == w->n || w->items[i].status == PL_GOAL_PROPOSED) continue;
    pl_word old = take(w, i), *heir = &w->items[next - 1];
    if (is_cut(s, &old, heir))
      free_texts(&old);
    else
      stand_on(heir, old);
    return true;
  }
  return false;
}

pl_reason pl_word_hear(pl_subject *s, const pl_event *event, pl_wall at) {
  const pl_goal_word *said = event->goal;
  if (s->core->policy->goals_in_file) return PL_GOALS_IN_FILE;
  if (!said || said->name.n == 0 || said->name.n > PL_GOAL_NAME_MAX || !pl_str_clean(said->name))
    return PL_BAD_ID;
  if (said->plan.n > PL_WORD_PLAN_MAX) return PL_BAD_VALUE;
  if (s->words.n == PL_WORDS_MAX && !make_room(s)) return PL_TOO_MANY;
  const pl_goal *now = in_force(s, said->name);
  int32_t day = pl_subject_day(s, at);
  pl_word word = {.name = pl_text_new(said->name),
                  .metric = pl_text_new(PL_STR("")),
                  .plan = pl_text_new(said->plan),
                  .target = NAN,
                  .from = day < s->today ? day : s->today};
  pl_reason reason = event->type == PL_TYPE_GOAL_PROPOSED ? propose(s, said, now, &word)
                                                          : change(s, said, now, event->type, &word);
  if (reason == PL_APPLIED) {
    const char *of = *word.metric ? word.metric : now ? s->core->policy->metrics[now->metric].name : "";
    s->words.said++;
    pl_words_put(&s->words, &word);
    if (event->type == PL_TYPE_GOAL_PROPOSED)
      tell(s, PL_ALERT_GOAL_PROPOSED, &word, of, word.owner != PL_OWNER_REP, at);
    if (event->type == PL_TYPE_GOAL_AGREED) tell(s, PL_ALERT_GOAL_AGREED, &word, of, true, at);
    pl_versions_again(s);
  }
  free_texts(&word);
  return reason;
}
