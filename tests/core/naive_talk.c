/* The naive model's talk: whom a concern is told after the rep, and when, second by second. */
#include "core/naive.h"

static const double TIE = 1e-12;
enum { DAYS_BACK = 60, IN_A_ROW = 5 };

/* Nobody is their own manager; who leads no team's members hears of them nothing: operators do. */
static const char *manager_of(const naive *model, const naive_rep *rep) {
  const char *team = naive_team_on(rep, rep->today);
  for (size_t up = 0; up <= PL_COUNT(model->w->chart); up++) /* or they go round */
    for (size_t i = 0; i < PL_COUNT(model->w->chart); i++) {
      const pl_team_fact *t = &model->w->chart[i];
      if (!pl_str_is(t->id, team)) continue;
      if (t->manager.n && !pl_str_is(t->manager, rep->id)) return t->manager.p;
      team = t->parent.p;
      break;
    }
  return "";
}

/* The most that was done in five working days in a row, as far back as days are remembered; days before the
 * first on which there was anything are not the rep's. */
static void find_best_days(const naive *model, const naive_rep *rep, naive_goal *g) {
  double totals[DAYS_BACK];
  int64_t works[DAYS_BACK];
  int n = 0;
  g->best = 0, g->best_s = 0;
  for (int32_t day = rep->today - DAYS_BACK; day < rep->today; day++) {
    works[n] = naive_work_of_day(rep, day, INT64_MIN, INT64_MAX);
    totals[n] = (double)naive_at(model, rep, NULL, g->metric, PL_DAY, day);
    if (works[n] > 0 && (n > 0 || totals[n] != 0)) n++;
  }
  for (int first = 0; first + IN_A_ROW <= n; first++) {
    double sum = 0;
    int64_t time = 0;
    for (int i = first; i < first + IN_A_ROW; i++) sum += totals[i], time += works[i];
    if (g->best_s == 0 || sum * (double)g->best_s > g->best * (double)time) g->best = sum, g->best_s = time;
  }
}

/* Working time of the goal that is left when that second is over. */
static int64_t left_after(const naive_rep *rep, const naive_goal *g, int64_t t_s) {
  return g->work_s - naive_work(rep, g->start_s, t_s + 1);
}

/* Not even as much as in the best days would do. */
static bool out_of_reach(const naive *model, const naive_rep *rep, naive_goal *g, int64_t t_s) {
  if (naive_is_gauge(g) || g->fact->lower_is_better || g->metric == ACCOUNTS) return false;
  if (g->best_s < 0) find_best_days(model, rep, g);
  int64_t value =
      naive_before(model, rep, g->metric, g->fact->period, g->index, g->stone ? g->upto_s * 1000 : INT64_MAX);
  double missing = g->aim - (double)(value - g->before), needs = missing * (double)g->best_s;
  return g->best > 0 && missing > 0 && needs - (double)left_after(rep, g, t_s) * g->best > TIE * needs;
}

static bool is_turn(const naive *model, const naive_rep *rep, naive_goal *g, int64_t t_s) {
  return t_s >= g->talk.until_s || left_after(rep, g, t_s) < 2 * g->talk.wait_s ||
         out_of_reach(model, rep, g, t_s);
}

/* The first instant of [from, upto] at which it is; INT64_MAX: none. What is so stays so while nothing
 * happens. */
static int64_t turn_within(const naive *model, const naive_rep *rep, naive_goal *g, int64_t from,
                           int64_t upto) {
  static const int64_t strides[] = {86400, 3600, 60, 1};
  int64_t t = pl_floor_div(from, 1000), last = pl_floor_div(upto, 1000);
  if (model->w->policy.alerts.turn == PL_TURN_NEVER || from > upto) return INT64_MAX;
  if (is_turn(model, rep, g, t)) return from;
  if (!is_turn(model, rep, g, last)) return INT64_MAX;
  for (size_t k = 0; k < PL_COUNT(strides); k++)
    while (t + strides[k] <= last && !is_turn(model, rep, g, t + strides[k])) t += strides[k];
  return (t + 1) * 1000;
}

/* The first second at which so much working time has passed; INT64_MAX: that is nothing. */
static int64_t passed_at(const naive_rep *rep, int64_t from_s, pl_work work) {
  static const int64_t strides[] = {86400, 3600, 60, 1};
  int64_t t = from_s;
  if (work.seconds) return naive_work_after(rep, from_s, work.seconds);
  if (!work.days) return INT64_MAX;
  for (size_t k = 0; k < PL_COUNT(strides); k++)
    while (!naive_days_passed(rep, from_s, t + strides[k], work.days)) t += strides[k];
  return t + 1;
}

static void tell_rep(naive *model, const naive_rep *rep, naive_goal *g, int64_t at) {
  int64_t again = passed_at(rep, pl_floor_div(at, 1000), model->w->policy.alerts.repeat);
  naive_alert *a = naive_tell(model, rep, g, PL_ALERT_BEHIND, g->since_ms, at,
                              naive_is_gauge(g) ? naive_gauge_ground(model, rep, g) : "chance");
  a->nth = g->talk.nth++, a->upto_ms = g->upto_s * 1000;
  bool open = g->above || model->w->policy.alerts.turn == PL_TURN_DIGEST; /* it may be sooner */
  a->turn_ms = open ? INT64_MAX : turn_within(model, rep, g, at, a->upto_ms - 1);
  g->talk.again_ms = again == INT64_MAX ? INT64_MAX : again * 1000;
}

static void tell_manager(naive *model, const naive_rep *rep, naive_goal *g, int64_t at) {
  g->step = 3, g->above = manager_of(model, rep);
  naive_alert *a = naive_tell_above(model, rep, g, PL_ALERT_BEHIND, g->since_ms, at,
                                    naive_is_gauge(g) ? naive_gauge_ground(model, rep, g) : "chance");
  a->turn_ms = INT64_MAX, a->answered_ms = g->talk.answered_ms;
  a->answer = g->talk.answer, a->plan = g->talk.plan;
}

void naive_talk_begin(naive *model, const naive_rep *rep, naive_goal *g, int64_t at) {
  const pl_alert_def *alerts = &model->w->policy.alerts;
  int64_t now = pl_floor_div(at, 1000);
  int64_t asked = passed_at(rep, now, alerts->turn_after),
          most = naive_work_after(rep, now, (g->work_s - g->gone_s) / 8), until = asked < most ? asked : most;
  g->step = 2, g->above = NULL;
  g->talk =
      (naive_talk){.wait_s = naive_work(rep, now, until), .answered_ms = INT64_MAX, .answer = "", .plan = ""};
  g->talk.until_s = alerts->turn == PL_TURN_NOW ? now : alerts->turn == PL_TURN_AFTER ? until : INT64_MAX;
  tell_rep(model, rep, g, at);
  if (turn_within(model, rep, g, at, at) == at) tell_manager(model, rep, g, at);
}

bool naive_talk_walk(naive *model, const naive_rep *rep, naive_goal *g, int64_t from, int64_t upto,
                     int64_t *left) {
  while (g->step >= 2 && naive_judged(g)) {
    int64_t again = g->talk.again_ms < from ? from : g->talk.again_ms;
    int64_t turn = g->step == 2 ? turn_within(model, rep, g, from, upto) : INT64_MAX;
    int64_t at = turn < again ? turn : again;
    if (at > upto) return true;
    if (naive_heals(model, rep, g, at)) {
      naive_leave(model, rep, g, at);
      *left = at;
      return false;
    }
    if (again == at) tell_rep(model, rep, g, at);
    if (turn == at) tell_manager(model, rep, g, at);
    from = at;
  }
  return true;
}

pl_reason naive_talk_hear(naive_rep *rep, const world_record *rec, int64_t now) {
  const pl_answer_word *said = &rec->answer;
  if (said->reason.n > 1024 || said->plan.n > 1024) return rep->facts ? PL_BAD_VALUE : PL_NO_ALERT;
  for (size_t i = 0; i < rep->ngoals; i++) {
    naive_goal *g = &rep->goals[i];
    char id[PL_ALERT_ID_MAX];
    pl_alert_id(id, false, pl_str_of(rep->id), pl_str_of(g->name), PL_ALERT_BEHIND, g->fact->period, g->index,
                g->seq);
    if (g->step < 2 || !pl_str_is(said->alert, id)) continue;
    g->talk.answered_ms = rec->event.at.ms < now ? rec->event.at.ms : now;
    g->talk.answer = rec->because, g->talk.plan = rec->plan;
    return PL_APPLIED;
  }
  return PL_NO_ALERT;
}
