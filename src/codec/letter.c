#include "codec/letter.h"

#include <math.h>
#include <stdio.h>

#include "codec/amount.h"
#include "codec/view.h"

static const pl_metric *metric_of(const pl_alert *a, const pl_subject *s) {
  return a->metric_index < 0 ? NULL : &s->core->policy->metrics[a->metric_index];
}

static void amount(pl_buf *out, const pl_metric *m, double scaled) {
  if (!pl_amount_say(out, m, scaled, PL_NEAREST)) pl_buf_text(out, "nothing yet");
}

static void name_of(const pl_subject *s, pl_buf *out) {
  pl_str name = pl_str_of(s->name ? s->name : s->id);
  pl_buf_str_put(out, pl_str_clean(name) ? name : pl_str_of(s->id));
}

/* As the rep's own clock shows it. */
static void local(const pl_subject *s, pl_wall t, pl_buf *out) {
  char text[PL_LOCAL_MAX];
  pl_buf_text(out, pl_zone_text(pl_workcal_zone(s->cal), t, false, text));
}

/* What can be changed comes before what comes of it. */
static void cause(const pl_alert *a, const pl_subject *s, pl_buf *out) {
  const pl_policy *policy = s->core->policy;
  const pl_cause *c = &a->cause;
  PL_ASSERT(policy->metrics); /* it is one of them */
  if (c->metric >= 0) {
    const pl_metric *m = &policy->metrics[c->metric];
    bool slump = a->kind == PL_ALERT_SLUMP;
    pl_buf_printf(out, ": %s %s", m->name, slump ? "" : "so far ");
    amount(out, m, c->actual);
    pl_buf_text(out, ", usually ");
    amount(out, m, c->usual);
    pl_buf_printf(out, slump ? " in %d working days" : " by now", PL_SLUMP_RECENT);
  }
  if (c->stage >= 0)
    pl_buf_printf(out, "%s %s for each of %s: %.2f, before it was %.2f", c->metric < 0 ? ":" : ";",
                  policy->metrics[policy->funnel[c->stage].metric].name,
                  policy->metrics[policy->funnel[c->stage - 1].metric].name, c->now, c->before);
  if (c->metric >= 0 || c->stage >= 0) pl_buf_text(out, ".");
}

/* What is seen over days; false: it is about a goal. */
static bool habit(const pl_alert *a, const pl_subject *s, pl_buf *out) {
  const pl_metric *m = metric_of(a, s);
  bool back = a->kind == PL_ALERT_RECOVERED;
  switch (back ? a->of : a->kind) {
  case PL_ALERT_SLUMP:
    if (back) pl_buf_text(out, ": no slump, now that everything is in");
    cause(a, s, out);
    pl_buf_printf(out, "%s %s, ", a->cause.metric < 0 ? ":" : "", a->metric);
    amount(out, m, a->figures.actual);
    pl_buf_printf(out, " in the last %d working days; ", PL_SLUMP_RECENT);
    amount(out, m, a->figures.line);
    pl_buf_printf(out, " is what %d of the %d before brought.", PL_SLUMP_RECENT, PL_SLUMP_USUAL);
    return true;
  case PL_ALERT_SILENT:
    if (back) {
      pl_buf_text(out, ": not silent, now that everything is in.");
      return true;
    }
    pl_buf_text(out, ": nothing was recorded since ");
    local(s, a->since, out);
    pl_buf_text(out, ". If there was something, it has not reached us.");
    return true;
  case PL_ALERT_GOAL_PROPOSED:
  case PL_ALERT_GOAL_AGREED:
    pl_buf_printf(out, ": goal %s, %s", a->goal, a->metric);
    if (m && !isnan(a->figures.target)) pl_buf_text(out, ", "), amount(out, m, a->figures.target);
    pl_buf_text(out,
                a->kind == PL_ALERT_GOAL_PROPOSED ? ", is proposed; it waits for a yes." : ", is agreed.");
    return true;
  case PL_ALERT_STREAK:
    pl_buf_printf(out, ": every goal of the day met, %u working days in a row.", (unsigned)a->seq);
    return true;
  default: return false;
  }
}

void pl_letter_body(const pl_alert *a, const pl_subject *s, pl_buf *out) {
  const pl_metric *m = metric_of(a, s);
  const pl_figures *f = &a->figures;
  char when[PL_PERIOD_TEXT_MAX];
  name_of(s, out);
  if (habit(a, s, out)) return;
  cause(a, s, out);
  pl_buf_printf(out, "%s %s %s, ", a->cause.metric < 0 && a->cause.stage < 0 ? ":" : "", a->metric,
                pl_period_text(a->period, a->index, when));
  amount(out, m, f->actual);
  pl_buf_text(out, a->lower ? " of at most " : " of ");
  amount(out, m, f->target);
  switch (a->kind) {
  case PL_ALERT_BEHIND:
    if (pl_metric_is_gauge(m)) {
      if (isnan(f->chance) && isnan(f->actual)) /* a ratio without a denominator is worse than any limit */
        pl_buf_text(out, "; there is nothing to measure it by.");
      else if (isnan(f->chance))
        pl_buf_printf(out, "; that is %d %% of it.",
                      (int)lround(100 * fmin(f->actual / fmax(1, f->target), 1e6)));
      else
        pl_buf_printf(out, "; the chance that this is only bad luck is %d %%.", (int)lround(100 * f->chance));
      break;
    }
    pl_buf_text(out, "; on the line it would be ");
    amount(out, m, isnan(f->line) ? 0 : f->line);
    pl_buf_printf(out, " by now, and the chance to %s it is %d %%.", a->lower ? "stay within" : "reach",
                  (int)lround(100 * f->chance));
    if (!isnan(f->needed_today)) {
      pl_buf_char(out, ' ');
      amount(out, m, f->needed_today);
      pl_buf_text(out, " more by the end of the working day bring it back.");
    }
    break;
  case PL_ALERT_RECOVERED:
    pl_buf_text(out, strcmp(a->reason, "goal_changed") == 0
                         ? ". This goal does not hold any more, and neither does what was said of it."
                     : a->of == PL_ALERT_BEHIND ? "; no longer behind."
                                                : ". Corrected: not missed.");
    break;
  case PL_ALERT_CORRECTED: pl_buf_text(out, ". Corrected: not there yet."); break;
  case PL_ALERT_GOAL_GAP:
    pl_buf_text(out, ". The goals of its members leave a gap of ");
    amount(out, m, -f->gap);
    pl_buf_char(out, '.');
    break;
  case PL_ALERT_GOAL_MET: pl_buf_text(out, ". Goal met."); break;
  case PL_ALERT_MILESTONE_REACHED: pl_buf_printf(out, ". Milestone %s reached.", a->goal); break;
  case PL_ALERT_MILESTONE_MISSED: pl_buf_printf(out, ". Milestone %s missed.", a->goal); break;
  default:
    pl_buf_text(out, pl_seconds(a->at) < pl_seconds(a->until) ? ". Goal missed." : " when the period ended.");
    break;
  }
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

static void figure(void *ctx, const char *name, const char *value) {
  list *l = ctx;
  if (!value) return;
  pl_buf_text(l->out, l->any ? "," : "");
  l->any = true;
  pl_buf_json(l->out, pl_str_of(name));
  pl_buf_char(l->out, ':');
  if (value[strspn(value, "-.0123456789")])
    pl_buf_json(l->out, pl_str_of(value));
  else
    pl_buf_text(l->out, value);
}

/* With the figures: cause, cause_actual, cause_usual, conversion, conversion_now, conversion_before. */
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
  (void)snprintf(text, sizeof text, "%.4f", c->now), fn(ctx, "conversion_now", text);
  (void)snprintf(text, sizeof text, "%.4f", c->before), fn(ctx, "conversion_before", text);
}

void pl_letter_entry(const pl_alert *a, const pl_subject *s, pl_buf *out) {
  char text[PL_ISO_MAX];
  const pl_metric *m = metric_of(a, s);
  pl_buf_text(out, "{\"status\":\"queued\",");
  member(out, "id", pl_str_of(a->id));
  member(out, "kind", pl_str_of(pl_alert_kind_name(a->kind)));
  if (*a->about) {
    member(out, "about", pl_str_of(a->about));
    member(out, "about_kind", pl_str_of(pl_alert_kind_name(a->of)));
  }
  member(out, "entity", pl_subject_id(s));
  member(out, "entity_kind", s->is_team ? PL_STR("team") : PL_STR("rep"));
  member(out, "goal", pl_str_of(a->goal));
  member(out, "metric", pl_str_of(a->metric));
  if (m && m->unit_text) member(out, "unit", pl_str_of(m->unit_text));
  char when[PL_PERIOD_TEXT_MAX];
  member(out, "period", pl_str_of(pl_period_text(a->period, a->index, when)));
  member(out, "state", pl_str_of(pl_pace_state_name(a->figures.state)));
  member(out, "reason", pl_str_of(a->reason));
  member(out, "since", pl_str_of(pl_wall_iso(a->since, text)));
  member(out, "at", pl_str_of(pl_wall_iso(a->at, text)));
  member(out, "until", pl_str_of(pl_wall_iso(a->until, text)));
  member(out, "audience", pl_str_of(pl_audience_name(a->audience)));
  member(out, "recipient", pl_str_of(a->recipient));
  pl_buf_printf(out, "\"seq\":%u,\"figures\":{", (unsigned)a->seq);
  list l = {out, false};
  each_cause(a, s->core->policy, figure, &l);
  pl_figures_each(&a->figures, m, figure, &l);
  pl_buf_text(out, "},\"body\":");
  pl_buf body;
  pl_buf_init(&body, 4096);
  pl_letter_body(a, s, &body);
  pl_buf_json(out, pl_buf_str(&body));
  pl_buf_fini(&body);
  pl_buf_char(out, '}');
}
