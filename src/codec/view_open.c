/* What is open of a subject: its concerns that are pending or were told, and what was said since, as one
 * field of pl:open:<p>, a line of JSON each. No field: nothing is. For `paceline alerts`, the API and the
 * digest. */
#include "codec/view_inside.h"
#include "core/talk.h"

static void text(pl_buf *out, const char *name, pl_str value) {
  pl_buf_text(out, ",\""), pl_buf_text(out, name), pl_buf_text(out, "\":");
  pl_buf_json(out, value);
}

static void instant(pl_buf *out, const char *name, pl_wall t) {
  char iso[PL_ISO_MAX];
  if (t.ms != INT64_MAX) text(out, name, pl_str_of(pl_wall_iso(t, iso)));
}

static const char *step_of(const pl_goal *g) {
  return g->step == PL_STEP_PENDING          ? "pending"
         : g->step == PL_STEP_TURNED         ? "manager"
         : g->talk->answered.ms == INT64_MAX ? "told"
                                             : "answered";
}

static void say_talk(const pl_talk *talk, pl_buf *out) {
  instant(out, "told", talk->told), instant(out, "turn", talk->turn), instant(out, "repeat", talk->repeat);
  if (talk->manager) text(out, "manager", pl_str_of(talk->manager));
  if (talk->answered.ms == INT64_MAX) return;
  pl_buf_text(out, ",\"answer\":{\"reason\":"), pl_buf_json(out, pl_str_of(talk->reason));
  text(out, "plan", pl_str_of(talk->plan)), instant(out, "at", talk->answered);
  pl_buf_char(out, '}');
}

static void say(const pl_subject *s, const pl_goal *g, pl_buf *out) {
  char id[PL_ALERT_ID_MAX], when[PL_PERIOD_TEXT_MAX];
  pl_alert_id(id, s->is_team, pl_subject_id(s), pl_str_of(g->name), PL_ALERT_BEHIND, g->period, g->index,
              g->seq);
  pl_buf_printf(out, "{\"alert\":\"%s\"", id);
  text(out, "kind", pl_str_of(pl_alert_kind_name(PL_ALERT_BEHIND)));
  text(out, "entity", pl_subject_id(s)),
      text(out, "entity_kind", s->is_team ? PL_STR("team") : PL_STR("rep"));
  text(out, "name", pl_str_of(s->name ? s->name : s->id));
  text(out, "goal", pl_str_of(g->name)),
      text(out, "metric", pl_str_of(s->core->policy->metrics[g->metric].name));
  text(out, "period", pl_str_of(pl_period_text(g->period, g->index, when)));
  text(out, "step", pl_str_of(step_of(g)));
  instant(out, "since", g->since), instant(out, "until", pl_wall_s(g->upto));
  if (g->step == PL_STEP_PENDING) instant(out, "due", g->due);
  if (*g->plan) text(out, "plan", pl_str_of(g->plan));
  if (g->talk) say_talk(g->talk, out);
  pl_buf_char(out, '}');
}

static void field(pl_view *view, const pl_subject *s) {
  pl_buf_clear(&view->scratch);
  pl_buf_text(&view->scratch, s->is_team ? "team:" : "rep:");
  pl_buf_str_put(&view->scratch, pl_subject_id(s));
}

void pl_view_open(pl_view *view, pl_batch *batch, const pl_subject *s) {
  pl_key key = pl_key_open(view->prefix, s->core->partition);
  bool any = false;
  for (size_t i = 0; i < s->ngoals && !s->erased; i++) any |= s->goals[i].step != PL_STEP_NONE;
  pl_batch_begin(batch, any ? "HSET" : "HDEL");
  pl_batch_arg(batch, pl_key_str(&key));
  field(view, s);
  pl_batch_arg(batch, pl_buf_str(&view->scratch));
  if (any) {
    pl_buf *out = &view->scratch;
    pl_buf_clear(out);
    for (size_t i = 0; i < s->ngoals; i++) {
      if (s->goals[i].step == PL_STEP_NONE) continue;
      if (out->n) pl_buf_char(out, '\n');
      say(s, &s->goals[i], out);
    }
    pl_batch_arg(batch, pl_buf_str(out));
  }
  pl_batch_end(batch);
}
