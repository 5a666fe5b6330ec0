#include "codec/view.h"

#include <stdio.h>

#include "base/mem.h"
#include "codec/keys.h"
#include "codec/letter.h"
#include "codec/record.h"

static const int64_t PAST_S = 400LL * 86400, BOARD_S = 35LL * 86400;
enum { ALERTS_MAX = 100000, NEWS_MAX = 10000, SMALL_TEAM = 3, VIEW_MAX = 4 << 20 };

void pl_view_init(pl_view *view, const char *prefix, int32_t (*home)(void *ctx, pl_str id), void *ctx) {
  *view = (pl_view){.prefix = prefix, .home = home, .ctx = ctx};
  pl_buf_init(&view->changed, VIEW_MAX), pl_buf_init(&view->absent, VIEW_MAX),
      pl_buf_init(&view->scratch, VIEW_MAX);
}

void pl_view_fini(pl_view *view) {
  pl_buf_fini(&view->changed), pl_buf_fini(&view->absent), pl_buf_fini(&view->scratch);
}

static void named(pl_batch *batch, pl_str name, pl_str value) {
  pl_batch_arg(batch, name);
  pl_batch_arg(batch, value);
}
static void field(pl_batch *batch, const char *name, pl_str value) { named(batch, pl_str_of(name), value); }

static void decimal_field(pl_view *view, pl_batch *batch, pl_str name, int64_t scaled, int decimals) {
  pl_buf_clear(&view->scratch);
  pl_buf_decimal(&view->scratch, scaled, decimals);
  named(batch, name, pl_buf_str(&view->scratch));
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

/* One field's name out of its parts, on the caller's stack. */
enum { NAME_MAX_BYTES = PL_ID_MAX + 64 }; /* a goal's name and the words around it */
static pl_str join(char room[NAME_MAX_BYTES], const char *const *parts, size_t n) {
  pl_buf buf = {room, 0, NAME_MAX_BYTES, NAME_MAX_BYTES, false};
  for (size_t i = 0; i < n; i++) pl_buf_text(&buf, parts[i]);
  return pl_buf_str(&buf);
}

/* The figure is unknown: its field is removed, unless the hash is written anew anyway. */
static void absent(pl_view *view, pl_str name) {
  pl_buf_str_put(&view->absent, name);
  pl_buf_char(&view->absent, '\n');
}

static void remove_absent(pl_view *view, pl_batch *batch, pl_key key, bool anew) {
  pl_str left = pl_buf_str(&view->absent);
  if (left.n && !anew) {
    pl_batch_begin(batch, "HDEL");
    pl_batch_arg(batch, pl_key_str(&key));
    for (const char *end; left.n && (end = memchr(left.p, '\n', left.n));
         left.n -= (size_t)(end + 1 - left.p), left.p = end + 1) {
      pl_batch_split(batch, "HDEL", pl_key_str(&key));
      pl_batch_arg(batch, (pl_str){left.p, (size_t)(end - left.p)});
    }
    pl_batch_end(batch);
  }
  pl_buf_clear(&view->absent);
}

/* calls:day, calls:week:prev, win_rate:month */
static void metric_fields(pl_view *view, pl_batch *batch, const pl_subject *s, size_t index) {
  const pl_metric *m = &s->core->policy->metrics[index];
  char room[NAME_MAX_BYTES], value[32];
  for (int w = 0; w < PL_WINDOWS; w++) {
    if (!(m->windows >> w & 1)) continue;
    for (int prev = 0; prev <= (int)pl_window_kinds[w].calendar; prev++) {
      const char *const parts[] = {m->name, ":", pl_window_kinds[w].name, ":prev"};
      pl_str name = join(room, parts, prev ? 4 : 3);
      if (m->kind != PL_RATIO_OF) {
        decimal_field(view, batch, name, pl_subject_window(s, (int)index, (pl_window)w, prev, view->now),
                      m->decimals);
        continue;
      }
      double num = (double)pl_subject_window(s, m->num, (pl_window)w, prev, view->now);
      double den = (double)pl_subject_window(s, m->den, (pl_window)w, prev, view->now);
      for (int i = s->core->policy->metrics[m->num].decimals; i > 0; i--) num /= 10;
      for (int i = s->core->policy->metrics[m->den].decimals; i > 0; i--) den /= 10;
      if (den != 0)
        named(batch, name, (pl_str){value, (size_t)snprintf(value, sizeof value, "%.4f", num / den)});
      else
        absent(view, name);
    }
  }
}

static bool touched(const pl_subject *s, size_t m) {
  const pl_metric *metric = &s->core->policy->metrics[m];
  uint64_t mask = metric->kind == PL_RATIO_OF ? 1ULL << metric->num | 1ULL << metric->den : 1ULL << m;
  return s->touched_all || (s->touched & mask);
}

typedef struct {
  pl_view *view;
  pl_batch *batch;
  const char *goal;
} goal_ctx;

/* goal:daily_calls:needed_today */
static void goal_figure(void *ctx, const char *name, const char *value) {
  goal_ctx *c = ctx;
  char room[NAME_MAX_BYTES];
  const char *const parts[] = {"goal:", c->goal, ":", name};
  pl_str text = join(room, parts, PL_COUNT(parts));
  if (value)
    named(c->batch, text, pl_str_of(value));
  else
    absent(c->view, text);
}

static void goal_fields(pl_view *view, pl_batch *batch, const pl_subject *s, pl_goal *g) {
  const pl_metric *m = &s->core->policy->metrics[g->metric];
  char when[PL_PERIOD_TEXT_MAX];
  goal_ctx c = {view, batch, g->name};
  if (s->touched_all) {
    goal_figure(&c, "metric", m->name);
    if (g->open) goal_figure(&c, "period", pl_period_text(g->period, g->index, when));
    pl_buf_clear(&view->scratch);
    pl_buf_decimal(&view->scratch, g->target, m->decimals);
    pl_buf_char(&view->scratch, 0);
    goal_figure(&c, "agreed", view->scratch.p);
    if (*g->parent) goal_figure(&c, "parent", g->parent);
  }
  pl_judge who = pl_subject_judge((pl_subject *)s, g);
  pl_wall now =
      pl_before(view->now, pl_wall_s(g->end)) || !g->open ? view->now : (pl_wall){g->end * 1000 - 1};
  pl_figures f = pl_goal_figures(g, &who, now, s->touched_all || s->touched_goals);
  pl_figures_each(&f, m->decimals, goal_figure, &c);
}

/* A team's shown name, zone and so on; only in a whole rewrite. */
static void identity(pl_view *view, pl_batch *batch, const pl_subject *s) {
  const char *team = pl_subject_team(s);
  char room[NAME_MAX_BYTES], when[PL_PERIOD_TEXT_MAX];
  field(batch, "name", pl_str_of(s->name ? s->name : s->id));
  field(batch, "zone", pl_str_of(pl_zone_name(pl_workcal_zone(s->cal))));
  if (s->is_team) {
    pl_batch_text(batch, "members");
    pl_batch_int(batch, s->members);
  } else {
    field(batch, "team", pl_str_of(team ? team : ""));
    field(batch, "known", s->known ? PL_STR("1") : PL_STR("0"));
  }
  for (int u = PL_DAY; u <= PL_YEAR; u++) {
    const char *const parts[] = {"period:", pl_unit_name((pl_unit)u)};
    int32_t index = pl_period_of((pl_unit)u, pl_subject_day(s, view->now));
    named(batch, join(room, parts, PL_COUNT(parts)), pl_str_of(pl_period_text((pl_unit)u, index, when)));
  }
}

static void delete (pl_batch *batch, pl_key key) {
  pl_batch_begin(batch, "DEL");
  pl_batch_arg(batch, pl_key_str(&key));
  pl_batch_end(batch);
}

static void write_view(pl_view *view, pl_batch *batch, const pl_subject *s, pl_key key) {
  const pl_policy *policy = s->core->policy;
  if (s->touched_all) delete (batch, key);
  pl_batch_begin(batch, "HSET");
  pl_batch_arg(batch, pl_key_str(&key));
  field(batch, "as_of", iso(view, 0, view->now));
  field(batch, "complete_to", iso(view, 1, s->is_team ? s->core->team_clock : s->core->clock));
  if (s->touched_all && s->cal) identity(view, batch, s);
  for (size_t m = 0; m < policy->nmetrics && s->cal; m++)
    if (touched(s, m)) {
      metric_fields(view, batch, s, m);
      pl_batch_split(batch, "HSET", pl_key_str(&key));
    }
  for (size_t i = 0; i < s->ngoals && s->cal; i++)
    if (s->touched_all || s->touched_goals || (s->touched >> s->goals[i].metric & 1)) {
      goal_fields(view, batch, s, &s->goals[i]);
      pl_batch_split(batch, "HSET", pl_key_str(&key));
    }
  if (s->is_team && s->touched_all)
    for (size_t i = 0; i < policy->nboards; i++) {
      const pl_window_kind *w = &pl_window_kinds[policy->boards[i].window];
      const char *metric = policy->metrics[policy->boards[i].metric].name;
      char room[NAME_MAX_BYTES];
      const char *const parts[] = {"board:", metric, ":", w->name};
      pl_key board = pl_key_board(view->prefix, pl_subject_id(s), pl_str_of(metric), w->unit,
                                  pl_period_of(w->unit, pl_subject_day(s, view->now)));
      named(batch, join(room, parts, PL_COUNT(parts)), pl_key_str(&board));
    }
  pl_batch_end(batch);
  remove_absent(view, batch, key, s->touched_all);
  pl_buf_str_put(&view->changed, pl_key_str(&key));
  pl_buf_char(&view->changed, '\n');
}

static void write_plans(pl_view *view, pl_batch *batch, const pl_subject *s) {
  pl_key key = pl_key_plan(view->prefix, pl_subject_id(s));
  delete (batch, key);
  pl_batch_begin(batch, "HSET");
  pl_batch_arg(batch, pl_key_str(&key));
  for (size_t i = 0; i < s->ngoals; i++)
    if (*s->goals[i].plan) field(batch, s->goals[i].name, pl_str_of(s->goals[i].plan));
  if (pl_batch_words(batch) > 2)
    pl_batch_end(batch);
  else
    pl_batch_undo(batch);
}

/* On the boards of today's team with a score; off those of teams that were left, off all who opted out. */
static void write_board(pl_view *view, pl_batch *batch, const pl_subject *s, const pl_board_def *b,
                        const char *team) {
  const pl_metric *m = &s->core->policy->metrics[b->metric];
  const pl_window_kind *w = &pl_window_kinds[b->window];
  const char *now_in = pl_subject_team(s);
  bool on = now_in && !s->opted_out && strcmp(now_in, team) == 0;
  int32_t index = pl_period_of(w->unit, pl_subject_day(s, view->now));
  pl_key key = pl_key_board(view->prefix, pl_str_of(team), pl_str_of(m->name), w->unit, index);
  if (!on && !s->touched_all) return;
  pl_batch_begin(batch, on ? "ZADD" : "ZREM");
  pl_batch_arg(batch, pl_key_str(&key));
  pl_buf_clear(&view->scratch);
  pl_buf_decimal(&view->scratch, pl_subject_window(s, b->metric, b->window, false, view->now), m->decimals);
  if (on) pl_batch_arg(batch, pl_buf_str(&view->scratch));
  pl_batch_arg(batch, pl_subject_id(s));
  pl_batch_end(batch);
  if (!on || !s->touched_all) return;
  /* a while after the period's end in real time, or after today where history is read */
  int64_t end = pl_period_start(pl_workcal_zone(s->cal), w->unit, index + 1), now = pl_seconds(view->wall);
  pl_batch_begin(batch, "EXPIREAT");
  pl_batch_arg(batch, pl_key_str(&key)), pl_batch_int(batch, (end > now ? end : now) + BOARD_S);
  pl_batch_end(batch);
}

static void write_boards(pl_view *view, pl_batch *batch, const pl_subject *s) {
  const pl_policy *policy = s->core->policy;
  for (size_t i = 0; i < policy->nboards; i++)
    for (uint16_t t = 0; t < s->nteams && touched(s, (size_t)policy->boards[i].metric); t++)
      if (*s->teams[t]) write_board(view, batch, s, &policy->boards[i], s->teams[t]);
}

static void write_past(pl_view *view, pl_batch *batch, const pl_subject *s, const pl_past *past) {
  const pl_policy *policy = s->core->policy;
  pl_key key = pl_key_past(view->prefix, s->is_team, pl_subject_id(s), past->unit, past->index);
  pl_batch_begin(batch, "HSET");
  pl_batch_arg(batch, pl_key_str(&key));
  for (size_t m = 0; m < policy->nmetrics; m++) {
    const pl_metric *metric = &policy->metrics[m];
    bool shown = false;
    for (int w = PL_W_DAY; w < PL_WINDOWS; w++)
      shown |= (metric->windows >> w & 1) && pl_window_kinds[w].unit == past->unit;
    if (!shown || metric->kind == PL_RATIO_OF || !(past->known >> m & 1)) continue;
    decimal_field(view, batch, pl_str_of(metric->name), past->values[m], metric->decimals);
  }
  for (size_t i = 0; i < past->ngoals; i++) {
    goal_ctx c = {view, batch, past->goals[i].name};
    pl_batch_split(batch, "HSET", pl_key_str(&key));
    pl_figures_each(&past->goals[i].figures, policy->metrics[past->goals[i].metric].decimals, goal_figure,
                    &c);
  }
  pl_buf_clear(&view->absent);
  if (pl_batch_words(batch) == 2) {
    pl_batch_undo(batch);
    return;
  }
  pl_batch_end(batch);
  pl_batch_begin(batch, "EXPIRE");
  pl_batch_arg(batch, pl_key_str(&key)), pl_batch_int(batch, PAST_S);
  pl_batch_end(batch);
}

static void append(pl_view *view, pl_batch *batch, pl_key stream, int most, const pl_alert *a,
                   const pl_subject *s) {
  char at[PL_ISO_MAX], when[PL_PERIOD_TEXT_MAX];
  pl_batch_begin(batch, "XADD");
  pl_batch_arg(batch, pl_key_str(&stream));
  pl_batch_text(batch, "MAXLEN"), pl_batch_text(batch, "~"), pl_batch_int(batch, most),
      pl_batch_text(batch, "*");
  field(batch, "id", pl_str_of(a->id));
  field(batch, "kind", pl_str_of(pl_alert_kind_name(a->kind)));
  field(batch, "entity", pl_subject_id(s));
  field(batch, "goal", pl_str_of(a->goal));
  field(batch, "period", pl_str_of(pl_period_text(a->period, a->index, when)));
  field(batch, "state", pl_str_of(pl_pace_state_name(a->figures.state)));
  field(batch, "since", pl_str_of(pl_wall_iso(a->since, at)));
  field(batch, "at", pl_str_of(pl_wall_iso(a->at, at)));
  field(batch, "audience", pl_str_of(pl_audience_name(a->audience)));
  pl_buf_clear(&view->scratch);
  pl_letter_body(a, s, &view->scratch);
  field(batch, "body", pl_buf_str(&view->scratch));
  pl_batch_end(batch);
}

/* Put into the outbox of the recipient's home; the streams and the wake-up only if it was new. */
static void write_alert(pl_view *view, pl_batch *batch, const pl_subject *s, const pl_alert *a) {
  bool news = a->audience == PL_TO_TEAM;
  char name[PL_ALERT_ID_MAX + PL_ID_MAX + 16];
  int n = snprintf(name, sizeof name, "%s:%s:%s", a->id, pl_audience_name(a->audience), a->recipient);
  pl_str entry = {name, (size_t)n};
  int32_t home = view->home(view->ctx, *a->recipient ? pl_str_of(a->recipient) : PL_STR("ops"));
  pl_key outbox = pl_key_outbox(view->prefix, home), todo = pl_key_todo(view->prefix, home);
  pl_key wake = pl_key_wake(view->prefix, home);
  pl_buf_clear(&view->scratch);
  pl_letter_entry(a, s, &view->scratch);
  pl_batch_once(batch, pl_key_str(&outbox), entry, pl_buf_str(&view->scratch), news ? 4 : 3);
  append(view, batch, pl_key_alerts(view->prefix), ALERTS_MAX, a, s);
  if (news) append(view, batch, pl_key_news(view->prefix), NEWS_MAX, a, s);
  pl_batch_begin(batch, "SADD");
  pl_batch_arg(batch, pl_key_str(&todo)), pl_batch_arg(batch, entry);
  pl_batch_end(batch);
  pl_batch_begin(batch, "PUBLISH");
  pl_batch_arg(batch, pl_key_str(&wake)), pl_batch_text(batch, "outbox");
  pl_batch_end(batch);
}

/* A rep and a team may have the same id. */
static pl_str state_field(pl_view *view, const pl_subject *s) {
  pl_buf_clear(&view->scratch);
  pl_buf_text(&view->scratch, s->is_team ? "t:" : "r:");
  pl_buf_str_put(&view->scratch, pl_subject_id(s));
  return pl_buf_str(&view->scratch);
}

static void erase(pl_view *view, pl_batch *batch, const pl_subject *s) {
  delete (batch, pl_key_rep(view->prefix, pl_subject_id(s)));
  delete (batch, pl_key_plan(view->prefix, pl_subject_id(s)));
  pl_key state = pl_key_state(view->prefix, s->core->partition, pl_key_bucket(pl_subject_id(s)));
  pl_batch_begin(batch, "HDEL");
  pl_batch_arg(batch, pl_key_str(&state)), pl_batch_arg(batch, state_field(view, s));
  pl_batch_end(batch);
}

static void write_state(pl_view *view, pl_batch *batch, const pl_subject *s) {
  pl_key state = pl_key_state(view->prefix, s->core->partition, pl_key_bucket(pl_subject_id(s)));
  pl_batch_begin(batch, "HSET");
  pl_batch_arg(batch, pl_key_str(&state));
  pl_buf_clear(&view->scratch);
  pl_buf_text(&view->scratch, s->is_team ? "t:" : "r:");
  pl_buf_str_put(&view->scratch, pl_subject_id(s));
  pl_batch_arg(batch, pl_buf_str(&view->scratch));
  pl_buf_clear(&view->scratch);
  pl_record_encode(s, &view->scratch);
  pl_batch_arg(batch, pl_buf_str(&view->scratch));
  pl_batch_end(batch);
}

void pl_view_subject(pl_view *view, pl_batch *batch, const pl_subject *s) {
  if (s->erased) {
    erase(view, batch, s);
    return;
  }
  write_state(view, batch, s);
  if (s->is_team && !s->begun) return; /* how many its members are is not known yet */
  if (s->is_team) {
    bool small = s->members < SMALL_TEAM;
    if (s->touched_all) delete (batch, pl_key_team(view->prefix, pl_subject_id(s), !small));
    write_view(view, batch, s, pl_key_team(view->prefix, pl_subject_id(s), small));
  } else {
    write_view(view, batch, s, pl_key_rep(view->prefix, pl_subject_id(s)));
    if (s->touched_all) write_plans(view, batch, s);
    if (s->cal) write_boards(view, batch, s);
  }
  for (const pl_past *p = s->pasts; p; p = p->next) write_past(view, batch, s, p);
  for (const pl_alert *a = s->told; a; a = a->next) write_alert(view, batch, s, a);
}

void pl_view_share(pl_view *view, pl_batch *batch, const pl_share *share, int32_t partition,
                   const pl_policy *policy) {
  pl_str team = {share->team, share->team_len};
  int32_t home = view->home(view->ctx, team);
  pl_key part = pl_key_part(view->prefix, team), dirty = pl_key_dirty(view->prefix, home);
  pl_key wake = pl_key_wake(view->prefix, home);
  pl_buf_clear(&view->scratch);
  pl_part_encode(share, policy, &view->scratch);
  pl_batch_begin(batch, "HSET");
  pl_batch_arg(batch, pl_key_str(&part)), pl_batch_int(batch, partition);
  pl_batch_arg(batch, pl_buf_str(&view->scratch));
  pl_batch_end(batch);
  pl_batch_begin(batch, "SADD");
  pl_batch_arg(batch, pl_key_str(&dirty)), pl_batch_arg(batch, team);
  pl_batch_end(batch);
  pl_batch_begin(batch, "PUBLISH");
  pl_batch_arg(batch, pl_key_str(&wake)), pl_batch_text(batch, "team");
  pl_batch_end(batch);
}

void pl_view_changed(pl_view *view, pl_batch *batch) {
  if (view->changed.n == 0) return;
  pl_key key = pl_key_changed(view->prefix);
  pl_batch_begin(batch, "PUBLISH");
  pl_batch_arg(batch, pl_key_str(&key));
  pl_batch_arg(batch, (pl_str){view->changed.p, view->changed.n - 1});
  pl_batch_end(batch);
  pl_buf_clear(&view->changed);
}
