#include "codec/letter.h"

#include <math.h>
#include <stdio.h>

#include "codec/amount.h"
#include "codec/telling.h"
#include "codec/view.h"

static const pl_metric *metric_of(const pl_alert *a, const pl_subject *s) {
  return a->metric_index < 0 ? NULL : &s->core->policy->metrics[a->metric_index];
}

/* A name that cannot be shown is not used. */
static pl_str name_of(const char *name, pl_str id) {
  pl_str given = pl_str_of(name ? name : "");
  return given.n && pl_str_clean(given) ? given : id;
}

static pl_str team_of(const pl_subject *s) {
  if (s->is_team) return name_of(s->name, pl_subject_id(s));
  pl_str id = pl_str_of(pl_subject_team(s));
  const pl_team *team = id.n ? pl_teams_find(s->core->directory, id) : NULL;
  return name_of(team ? team->name : NULL, id);
}

/* In the rep's own words: of what is proposed, else of the goal. */
static pl_str plan_of(const pl_alert *a, const pl_subject *s) {
  const pl_word *open =
      a->kind == PL_ALERT_GOAL_PROPOSED ? pl_words_open(&s->words, pl_str_of(a->goal)) : NULL;
  if (open) return pl_str_of(open->plan);
  for (size_t i = 0; *a->goal && i < s->ngoals; i++)
    if (strcmp(s->goals[i].name, a->goal) == 0) return pl_str_of(s->goals[i].plan);
  return (pl_str){0};
}

/* The end of the working day that `needed_today` is for, or of what is judged, if that comes before it. */
static pl_wall due_of(const pl_alert *a, const pl_subject *s) {
  int64_t at = pl_seconds(a->at);
  int32_t day = pl_subject_day(s, a->at), last = pl_subject_day(s, a->until);
  if (isnan(a->figures.needed_today)) return PL_NEVER;
  while (day < last && (!pl_workday_is(s->cal, day) || pl_workday_end(s->cal, day) <= at)) day++;
  int64_t end = pl_workday_end(s->cal, day);
  return end > at ? pl_earlier(pl_wall_s(end), a->until) : a->until;
}

static void member(pl_buf *out, const char *name, pl_str value) {
  pl_buf_printf(out, "\"%s\":", name);
  pl_buf_json(out, value);
  pl_buf_char(out, ',');
}

typedef struct {
  pl_buf *out;
  bool any;
} list;

/* A metric may be called 123. */
static bool is_word(const char *name) {
  return strcmp(name, "cause") == 0 || strcmp(name, "conversion") == 0 || strcmp(name, "conversion_of") == 0;
}

static void figure(void *ctx, const char *name, const char *value) {
  list *l = ctx;
  if (!value) return;
  pl_buf_text(l->out, l->any ? "," : "");
  l->any = true;
  pl_buf_json(l->out, pl_str_of(name));
  pl_buf_char(l->out, ':');
  if (is_word(name) || value[strspn(value, "-.0123456789")])
    pl_buf_json(l->out, pl_str_of(value));
  else
    pl_buf_text(l->out, value);
}

/* With the figures: cause, cause_actual, cause_usual, conversion, conversion_of, conversion_now,
 * conversion_before. */
static void each_cause(const pl_alert *a, const pl_policy *policy, pl_figure_fn *fn, void *ctx) {
  const pl_cause *c = &a->cause;
  char text[48];
  pl_buf buf = {text, 0, sizeof text - 1, sizeof text - 1, false};
  PL_ASSERT(policy->metrics);
  if (c->metric >= 0) {
    const pl_metric *m = &policy->metrics[c->metric];
    const double values[] = {c->actual, c->usual};
    fn(ctx, "cause", m->name);
    for (size_t i = 0; i < PL_COUNT(values); i++) {
      pl_buf_clear(&buf);
      bool known = pl_amount_put(&buf, m, values[i], PL_NEAREST);
      text[buf.n] = 0;
      if (known) fn(ctx, i ? "cause_usual" : "cause_actual", text);
    }
  }
  if (c->stage < 0) return;
  fn(ctx, "conversion", policy->metrics[policy->funnel[c->stage].metric].name);
  fn(ctx, "conversion_of", policy->metrics[policy->funnel[c->stage - 1].metric].name);
  (void)snprintf(text, sizeof text, "%.4f", c->now), fn(ctx, "conversion_now", text);
  (void)snprintf(text, sizeof text, "%.4f", c->before), fn(ctx, "conversion_before", text);
}

static void fill(void *ctx, const char *name, const char *value) {
  double number;
  if (!value) return;
  if (!is_word(name) && pl_str_double(pl_str_of(value), &number))
    pl_matter_number(ctx, name, number);
  else
    pl_matter_text(ctx, name, pl_str_of(value));
}

/* Texts are the alert's and the subject's, and `period`'s. */
static pl_matter matter_of(const pl_alert *a, const pl_subject *s, char period[PL_PERIOD_TEXT_MAX]) {
  const pl_metric *m = metric_of(a, s);
  pl_matter out = pl_matter_none();
  out.id = pl_str_of(a->id), out.kind = pl_str_of(pl_alert_kind_name(a->kind));
  if (*a->about) out.about = pl_str_of(a->about), out.of = pl_str_of(pl_alert_kind_name(a->of));
  out.entity = pl_subject_id(s), out.entity_kind = s->is_team ? PL_STR("team") : PL_STR("rep");
  out.name = name_of(s->name, out.entity), out.team = team_of(s);
  out.goal = pl_str_of(a->goal), out.metric = pl_str_of(a->metric), out.plan = plan_of(a, s);
  out.period = pl_str_of(pl_period_text(a->period, a->index, period)), out.reason = pl_str_of(a->reason);
  out.audience = pl_str_of(pl_audience_name(a->audience)), out.recipient = pl_str_of(a->recipient);
  out.since = a->since, out.at = a->at, out.until = a->until, out.due = due_of(a, s);
  out.turn = a->turn, out.answered = a->answered;
  out.answer = pl_str_of(a->answer), out.answer_plan = pl_str_of(a->plan);
  out.lower = a->lower, out.gauge = m && pl_metric_is_gauge(m);
  if (m) out.unit = pl_str_of(m->unit_text), out.decimals = m->decimals;
  if (a->kind == PL_ALERT_STREAK) out.count = a->seq;
  if (a->cause.metric >= 0) {
    PL_ASSERT(s->core->policy->metrics); /* it is one of them */
    const pl_metric *cause = &s->core->policy->metrics[a->cause.metric];
    out.cause_unit = pl_str_of(cause->unit_text), out.cause_decimals = cause->decimals;
  }
  return out;
}

void pl_letter_body(const pl_alert *a, const pl_subject *s, pl_buf *out) {
  char period[PL_PERIOD_TEXT_MAX];
  pl_matter matter = matter_of(a, s, period);
  each_cause(a, s->core->policy, fill, &matter);
  pl_figures_each(&a->figures, metric_of(a, s), fill, &matter);
  pl_telling telling = {.audience = pl_audience_name(a->audience),
                        .book = &pl_english,
                        .zone = pl_workcal_zone(s->cal),
                        .now = a->at,
                        .aged = PL_BEGINNING};
  pl_telling_say(&telling, &matter, out);
}

static void instant(pl_buf *out, const char *name, pl_wall t) {
  char text[PL_ISO_MAX];
  if (t.ms != INT64_MAX) member(out, name, pl_str_of(pl_wall_iso(t, text)));
}

void pl_letter_entry(const pl_alert *a, const pl_subject *s, pl_str body, pl_buf *out) {
  char period[PL_PERIOD_TEXT_MAX];
  pl_matter m = matter_of(a, s, period);
  const struct {
    const char *name;
    pl_str text;
    bool always;
  } texts[] = {{"id", m.id, true},
               {"kind", m.kind, true},
               {"about", m.about, false},
               {"about_kind", m.of, false},
               {"entity", m.entity, true},
               {"entity_kind", m.entity_kind, true},
               {"name", m.name, true},
               {"team", m.team, false},
               {"goal", m.goal, true},
               {"metric", m.metric, true},
               {"unit", m.unit, false},
               {"period", m.period, true},
               {"state", pl_str_of(pl_pace_state_name(a->figures.state)), true},
               {"reason", m.reason, true},
               {"audience", m.audience, true},
               {"recipient", m.recipient, true},
               {"plan", m.plan, false},
               {"cause_unit", m.cause_unit, false}};
  pl_buf_text(out, "{\"status\":\"queued\",");
  for (size_t i = 0; i < PL_COUNT(texts); i++)
    if (texts[i].always || texts[i].text.n) member(out, texts[i].name, texts[i].text);
  const char *team = s->is_team ? NULL : pl_subject_team(s);
  if (team) member(out, "team_id", pl_str_of(team)); /* `team` is what people call it */
  instant(out, "since", m.since), instant(out, "at", m.at), instant(out, "until", m.until);
  instant(out, "due", m.due), instant(out, "turn", m.turn);
  if (m.answered.ms != INT64_MAX) {
    pl_buf_text(out, "\"answer\":{");
    instant(out, "at", m.answered), member(out, "reason", m.answer), member(out, "plan", m.answer_plan);
    out->p[out->n - 1] = '}';
    pl_buf_char(out, ',');
  }
  if (m.decimals >= 0) pl_buf_printf(out, "\"decimals\":%d,", (int)m.decimals);
  if (m.cause_decimals >= 0) pl_buf_printf(out, "\"cause_decimals\":%d,", (int)m.cause_decimals);
  if (m.count >= 0) pl_buf_printf(out, "\"count\":%d,", (int)m.count);
  pl_buf_text(out, m.lower ? "\"lower\":true," : ""), pl_buf_text(out, m.gauge ? "\"gauge\":true," : "");
  pl_buf_printf(out, "\"seq\":%u,\"figures\":{", (unsigned)a->seq);
  list l = {out, false};
  each_cause(a, s->core->policy, figure, &l);
  pl_figures_each(&a->figures, metric_of(a, s), figure, &l);
  pl_buf_text(out, "},\"body\":");
  pl_buf_json(out, body);
  pl_buf_char(out, '}');
}
