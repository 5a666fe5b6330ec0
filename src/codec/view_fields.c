/* The hash of a rep or a team: identity, counters, goals' figures. Only what was touched is written; at a
 * roll and at each refresh the whole hash is written anew, which also removes what no longer exists. */
#include "codec/view_inside.h"

void pl_view_field(pl_batch *batch, pl_str name, pl_str value) {
  pl_batch_arg(batch, name);
  pl_batch_arg(batch, value);
}

void pl_view_decimal(pl_view *view, pl_batch *batch, pl_str name, int64_t scaled, int decimals) {
  pl_buf_clear(&view->scratch);
  pl_buf_decimal(&view->scratch, scaled, decimals);
  pl_view_field(batch, name, pl_buf_str(&view->scratch));
}

/* An instant's text; all views of a batch share a few. */
static pl_str iso(pl_view *view, int which, pl_wall at) {
  if (at.ms == INT64_MIN) return PL_STR("");
  if (view->iso[which].at.ms != at.ms || !view->iso[which].text[0]) {
    view->iso[which].at = at;
    (void)pl_wall_iso(at, view->iso[which].text);
  }
  return pl_str_of(view->iso[which].text);
}

void pl_view_stem(pl_view_name *name, const char *const *parts, size_t n) {
  pl_buf buf = {name->text, 0, sizeof name->text, sizeof name->text, false};
  for (size_t i = 0; i < n; i++) pl_buf_text(&buf, parts[i]);
  name->n = buf.n;
}

pl_str pl_view_end(pl_view_name *name, const char *rest) {
  pl_buf buf = {name->text, name->n, sizeof name->text, sizeof name->text, false};
  pl_buf_text(&buf, rest);
  return pl_buf_str(&buf);
}

void pl_view_absent(pl_view *view, pl_str name) {
  pl_buf_str_put(&view->absent, name);
  pl_buf_char(&view->absent, '\n');
}

static void remove_absent(pl_view *view, pl_batch *batch, pl_str key, bool anew) {
  pl_str left = pl_buf_str(&view->absent);
  if (left.n && !anew) {
    pl_batch_begin(batch, "HDEL");
    pl_batch_arg(batch, key);
    for (const char *end; left.n && (end = memchr(left.p, '\n', left.n));
         left.n -= (size_t)(end + 1 - left.p), left.p = end + 1) {
      pl_batch_split(batch, "HDEL", key);
      pl_batch_arg(batch, (pl_str){left.p, (size_t)(end - left.p)});
    }
    pl_batch_end(batch);
  }
  pl_buf_clear(&view->absent);
}

typedef struct {
  pl_view *view;
  pl_batch *batch;
  pl_view_name name;
} goal_ctx;

static goal_ctx goal_of(pl_view *view, pl_batch *batch, const char *goal) {
  goal_ctx c = {.view = view, .batch = batch};
  const char *const parts[] = {"goal:", goal, ":"};
  pl_view_stem(&c.name, parts, PL_COUNT(parts));
  return c;
}

/* goal:daily_calls:needed_today */
static void goal_figure(void *ctx, const char *name, const char *value) {
  goal_ctx *c = ctx;
  pl_str text = pl_view_end(&c->name, name);
  if (value)
    pl_view_field(c->batch, text, pl_str_of(value));
  else
    pl_view_absent(c->view, text);
}

void pl_view_figures(pl_view *view, pl_batch *batch, const char *goal, const pl_figures *figures,
                     const pl_metric *metric) {
  goal_ctx c = goal_of(view, batch, goal);
  pl_figures_each(figures, metric, goal_figure, &c);
}

static void goal_fields(pl_view *view, pl_batch *batch, const pl_subject *s, pl_goal *g) {
  const pl_metric *m = &s->core->policy->metrics[g->metric];
  goal_ctx c = goal_of(view, batch, g->name);
  char when[PL_PERIOD_TEXT_MAX];
  if (s->touched_all) {
    goal_figure(&c, "metric", m->name);
    if (g->open) goal_figure(&c, "period", pl_period_text(g->period, g->index, when));
    const pl_word *open = pl_words_open(&s->words, pl_str_of(g->name));
    if (open && open->from < g->from) open = NULL;
    if (open && g->status != PL_GOAL_PROPOSED) {
      pl_buf_clear(&view->scratch);
      pl_buf_real(&view->scratch, open->target, m->decimals), pl_buf_char(&view->scratch, 0);
      goal_figure(&c, "proposed", view->scratch.p);
    }
    if (open || g->status == PL_GOAL_PROPOSED)
      goal_figure(&c, "proposed_by", (open ? open->owner : g->owner) == PL_OWNER_REP ? "rep" : "manager");
    if (g->owner != PL_OWNER_MANAGER && !g->base)
      goal_figure(&c, "owner", g->owner == PL_OWNER_REP ? "rep" : "agreed");
    if (*g->parent) goal_figure(&c, "parent", g->parent);
    if (g->lower) goal_figure(&c, "direction", "lower");
  }
  pl_judge who = pl_subject_counted(s, g);
  pl_wall now =
      pl_before(view->now, pl_wall_s(g->end)) || !g->open ? view->now : (pl_wall){g->end * 1000 - 1};
  pl_figures f = pl_goal_figures(g, &who, now, s->touched_all || s->touched_goals);
  if (s->core->stale[s->is_team]) pl_figures_hide(&f);
  (f.brief ? pl_figures_moving : pl_figures_each)(&f, m, goal_figure, &c);
}

/* A team's shown name, zone and so on; only in a whole rewrite. */
static void identity(pl_view *view, pl_batch *batch, const pl_subject *s) {
  const char *team = pl_subject_team(s);
  pl_view_name period;
  char when[PL_PERIOD_TEXT_MAX];
  pl_view_field(batch, PL_STR("name"), pl_str_of(s->name ? s->name : s->id));
  pl_view_field(batch, PL_STR("zone"), pl_str_of(pl_zone_name(pl_workcal_zone(s->cal))));
  if (s->is_team) {
    pl_batch_text(batch, "members");
    pl_batch_int(batch, s->members);
  } else {
    pl_view_field(batch, PL_STR("team"), pl_str_of(team ? team : ""));
    pl_view_field(batch, PL_STR("known"), s->known ? PL_STR("1") : PL_STR("0"));
    pl_batch_text(batch, "streak"), pl_batch_int(batch, s->habit.streak);
    int64_t own = 0; /* initiative */
    for (size_t i = 0; i < s->ngoals; i++)
      own += !s->goals[i].base && s->goals[i].owner == PL_OWNER_REP && s->goals[i].status == PL_GOAL_AGREED;
    pl_batch_text(batch, "goals:own"), pl_batch_int(batch, own);
  }
  pl_view_stem(&period, (const char *const[]){"period:"}, 1);
  int32_t today = pl_subject_day(s, view->now);
  for (int u = PL_DAY; u <= PL_YEAR; u++) {
    int32_t index = pl_subject_period(s, (pl_unit)u, today);
    pl_view_field(batch, pl_view_end(&period, pl_unit_name((pl_unit)u)),
                  pl_str_of(pl_period_text((pl_unit)u, index, when)));
  }
}

/* Initiative, once there is some. */
static void answers(pl_batch *batch, const pl_subject *s) {
  if (!s->answers) return;
  pl_batch_text(batch, "answers"), pl_batch_int(batch, s->answers);
}

/* What moves with each event is as old as the goals' chance is. */
static void silence(pl_view *view, pl_batch *batch, const pl_subject *s) {
  int64_t at = s->habit.silent ? pl_seconds(s->habit.since) : pl_habit_silent_at(s);
  char text[PL_ISO_MAX];
  if (at == INT64_MAX)
    pl_view_absent(view, PL_STR("silent_at"));
  else
    pl_view_field(batch, PL_STR("silent_at"), pl_str_of(pl_wall_iso(pl_wall_s(at), text)));
}

void pl_view_delete(pl_batch *batch, pl_str key) {
  pl_batch_begin(batch, "DEL");
  pl_batch_arg(batch, key);
  pl_batch_end(batch);
}

static void metrics(pl_view *view, pl_batch *batch, const pl_subject *s, pl_str key, bool past) {
  for (size_t m = 0; m < s->core->policy->nmetrics; m++)
    if (pl_view_touched(s, m)) {
      pl_batch_split(batch, "HSET", key);
      pl_view_metric(view, batch, s, m, past);
    }
}

static void goals(pl_view *view, pl_batch *batch, const pl_subject *s, pl_str key) {
  for (size_t i = 0; i < s->ngoals; i++)
    if (s->touched_all || s->touched_goals || (s->touched & s->goals[i].sources)) {
      pl_batch_split(batch, "HSET", key);
      goal_fields(view, batch, s, &s->goals[i]);
    }
}

/* The keys of a team's boards. */
static void boards(pl_view *view, pl_batch *batch, const pl_subject *s) {
  const pl_policy *policy = s->core->policy;
  for (size_t i = 0; i < policy->nboards; i++) {
    const pl_window_kind *w = &pl_window_kinds[policy->boards[i].window];
    const char *metric = policy->metrics[policy->boards[i].metric].name;
    pl_view_name name;
    const char *const parts[] = {"board:", metric, ":"};
    pl_view_stem(&name, parts, PL_COUNT(parts));
    pl_key board = pl_key_board(view->prefix, pl_subject_id(s), pl_str_of(metric), w->unit,
                                pl_subject_period(s, w->unit, pl_subject_day(s, view->now)));
    pl_view_field(batch, pl_view_end(&name, w->name), pl_key_str(&board));
  }
}

/* Previous periods change with what is counted in them, and where a midnight has passed that was not judged
 * yet. */
static bool past_moved(const pl_view *view, const pl_subject *s) {
  return s->touched_all || s->touched_past || pl_subject_day(s, view->now) != s->today;
}

/* What an event moves comes first: in a small hash Redis looks for a field from its beginning. */
static void fields(pl_view *view, pl_batch *batch, const pl_subject *s, pl_str key) {
  metrics(view, batch, s, key, false);
  goals(view, batch, s, key);
  if (past_moved(view, s)) metrics(view, batch, s, key, true);
  if (s->touched_all) identity(view, batch, s);
  if ((s->touched_all || s->touched_goals) && !s->is_team) silence(view, batch, s), answers(batch, s);
}

void pl_view_write(pl_view *view, pl_batch *batch, const pl_subject *s, pl_str key) {
  if (s->touched_all) pl_view_delete(batch, key);
  pl_batch_begin(batch, "HSET");
  pl_batch_arg(batch, key);
  pl_view_field(batch, PL_STR("as_of"), iso(view, 0, view->now));
  pl_view_field(batch, PL_STR("complete_to"),
                iso(view, 1, s->is_team ? s->core->team_clock : pl_core_complete_to(s->core)));
  if (s->cal) fields(view, batch, s, key);
  if (s->is_team && s->touched_all) boards(view, batch, s);
  pl_batch_end(batch);
  remove_absent(view, batch, key, s->touched_all);
  pl_buf_str_put(&view->changed, key);
  pl_buf_char(&view->changed, '\n');
}

void pl_view_plans(pl_view *view, pl_batch *batch, const pl_subject *s) {
  pl_key key = pl_key_plan(view->prefix, pl_subject_id(s));
  pl_view_delete(batch, pl_key_str(&key));
  pl_batch_begin(batch, "HSET");
  pl_batch_arg(batch, pl_key_str(&key));
  for (size_t i = 0; i < s->ngoals; i++)
    if (*s->goals[i].plan) pl_view_field(batch, pl_str_of(s->goals[i].name), pl_str_of(s->goals[i].plan));
  if (pl_batch_words(batch) > 2)
    pl_batch_end(batch);
  else
    pl_batch_undo(batch);
}
