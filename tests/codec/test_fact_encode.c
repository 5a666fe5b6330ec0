/* Facts: what we write of reps, goals and teams is, byte for byte, what avro-c writes by the files in
 * schemas/; and what we write, we read. */
#include "avro_rig.h"
#include "codec/encode.h"
#include "paceline/calendar.h"

static size_t sinces(rig *r, pl_since *out) {
  size_t n = below(&r->dice, 5) ? below(&r->dice, 4) : PL_SINCE_MAX;
  int32_t day = (int32_t)below(&r->dice, 20000) - 1000;
  for (size_t i = 0; i < n; i++, day += (int32_t)below(&r->dice, 100))
    out[i] = (pl_since){i ? day : PL_DAY_ALWAYS, text(r, 1)};
  return n;
}

static void set_sinces(avro_value_t *v, const char *name, const char *what, const pl_since *items, size_t n) {
  avro_value_t list = at(v, name), item;
  for (size_t i = 0; i < n; i++) {
    avro_value_append(&list, &item, NULL);
    set_day(&item, "from", items[i].from);
    set_text(&item, what, items[i].what);
  }
}

static size_t leaves(rig *r, pl_leave *out) {
  size_t n = below(&r->dice, 5) ? below(&r->dice, 4) : PL_TIME_OFF_MAX;
  for (size_t i = 0; i < n; i++) {
    int32_t first = (int32_t)below(&r->dice, 20000) - 1000;
    out[i] = pl_leave_of((pl_days){first, first + (int32_t)below(&r->dice, 30)});
    if (below(&r->dice, 2)) out[i].from += below(&r->dice, 720) * 60;
    if (below(&r->dice, 2)) out[i].until -= below(&r->dice, 720) * 60;
  }
  return n;
}

static void set_leaves(avro_value_t *v, const pl_leave *leaves, size_t n) {
  avro_value_t list = at(v, "time_off"), item;
  for (size_t i = 0; i < n; i++) {
    avro_value_append(&list, &item, NULL);
    avro_value_t from = at(&item, "from"), to = at(&item, "to");
    avro_value_t from_minute = at(&item, "from_minute"), to_minute = at(&item, "to_minute");
    int64_t first = pl_floor_div(leaves[i].from, 86400), last = pl_floor_div(leaves[i].until - 1, 86400);
    avro_value_set_int(&from, (int32_t)first), avro_value_set_int(&to, (int32_t)last);
    avro_value_set_int(&from_minute, (int32_t)(leaves[i].from - first * 86400) / 60);
    avro_value_set_int(&to_minute, (int32_t)(leaves[i].until - last * 86400) / 60);
  }
}

static void same_sinces(const pl_since *a, size_t na, const pl_since *b, size_t nb) {
  assert_int_equal(na, nb);
  for (size_t i = 0; i < na; i++) {
    assert_int_equal(a[i].from, b[i].from);
    assert_true(pl_str_eq(a[i].what, b[i].what));
  }
}

static void reps_are_written_as_avro_c_writes_them_and_read_back(void **state) {
  (void)state;
  rig *r = open_rig("schemas/roster.avsc", PL_FACT_REP);
  for (int turn = 0; turn < TURNS; turn++) {
    start_turn(r);
    avro_value_t *v = &r->value;
    pl_since lists[3][PL_SINCE_MAX];
    pl_leave off[PL_TIME_OFF_MAX];
    size_t n[3], noff = leaves(r, off);
    for (int i = 0; i < 3; i++) n[i] = sinces(r, lists[i]);
    pl_rep_fact in = {text(r, 1),
                      text(r, 0),
                      lists[0],
                      lists[1],
                      lists[2],
                      n[0],
                      n[1],
                      n[2],
                      maybe(r),
                      maybe(r),
                      maybe(r),
                      below(&r->dice, 2) != 0,
                      below(&r->dice, 2) != 0,
                      off,
                      noff};
    pl_rep_fact out;
    pl_err why = {0};
    pl_rep_encode(&r->buf, &in);
    set_text(v, "rep", in.id), set_text(v, "name", in.name);
    set_sinces(v, "memberships", "team", lists[0], n[0]);
    set_sinces(v, "zones", "zone", lists[1], n[1]);
    set_sinces(v, "calendars", "calendar", lists[2], n[2]);
    set_maybe(v, "email", in.email), set_maybe(v, "slack", in.slack);
    set_maybe(v, "language", in.language);
    set_enum(v, "status", in.erased ? "erased" : "active");
    avro_value_t flag = at(v, "recognition");
    avro_value_set_boolean(&flag, !in.recognition_off);
    set_leaves(v, off, noff);
    bytes_are_the_same(r);

    if (pl_rep_decode(r->reader, pl_buf_str(&r->buf), r->arena, &out, &why) != PL_APPLIED)
      fail_msg("%s", why.text);
    assert_true(pl_str_eq(in.id, out.id) && pl_str_eq(in.name, out.name));
    assert_true(pl_str_eq(in.email, out.email) && pl_str_eq(in.slack, out.slack));
    assert_true(pl_str_eq(in.language, out.language));
    assert_int_equal(in.erased, out.erased);
    assert_int_equal(in.recognition_off, out.recognition_off);
    same_sinces(in.memberships, n[0], out.memberships, out.nmemberships);
    same_sinces(in.zones, n[1], out.zones, out.nzones);
    same_sinces(in.calendars, n[2], out.calendars, out.ncalendars);
    assert_int_equal(out.ntime_off, noff);
    if (noff) assert_memory_equal(out.time_off, off, noff * sizeof *off);
  }
  close_rig(r);
}

static void set_line(avro_value_t *v, const pl_line *line) {
  avro_value_t list = at(v, "line"), point;
  for (uint16_t i = 0; line && i < line->n; i++) {
    avro_value_append(&list, &point, NULL);
    avro_value_t when = at(&point, "at"), share = at(&point, "share");
    avro_value_set_double(&when, line->points[i].at / 10000.0);
    avro_value_set_double(&share, line->points[i].share / 10000.0);
  }
}

static void set_milestones(avro_value_t *v, const pl_milestone *m, size_t n) {
  avro_value_t list = at(v, "milestones"), item, minute;
  for (; n > 0; n--, m++) {
    avro_value_append(&list, &item, NULL);
    set_double(&item, "at", m->at ? m->at / 10000.0 : NAN),
        set_double(&item, "share", m->at ? m->share / 10000.0 : NAN);
    if (branch(&item, "minute", !m->at, &minute)) avro_value_set_int(&minute, m->of_day / 60);
    set_double(&item, "amount", m->at ? NAN : m->amount);
  }
}

static void goals_are_written_as_avro_c_writes_them_and_read_back(void **state) {
  (void)state;
  static const char *const owners[] = {"manager", "rep", "agreed"}, *const statuses[] = {"agreed", "proposed",
                                                                                         "paused"};
  static const char *const periods[] = {"day", "week", "month", "quarter", "year"};
  rig *r = open_rig("schemas/goals.avsc", PL_FACT_GOALS);
  static pl_goal_fact goals[PL_GOALS_MAX];
  static pl_line lines[PL_GOALS_MAX];
  static pl_milestone stones[PL_GOALS_MAX][PL_MILESTONES_MAX];
  for (int turn = 0; turn < TURNS; turn++) {
    start_turn(r);
    size_t n = turn % 50 ? below(&r->dice, 5) : PL_GOALS_MAX;
    pl_goals_fact in = {text(r, 1), below(&r->dice, 2) != 0, goals, n}, out;
    avro_value_t *v = &r->value, list = at(v, "goals");
    set_text(v, "entity", in.entity);
    set_enum(v, "kind", in.is_team ? "team" : "rep");
    for (size_t i = 0; i < n; i++) {
      pl_goal_fact *g = &goals[i];
      *g = (pl_goal_fact){text(r, 1),
                          text(r, 1),
                          maybe(r),
                          maybe(r),
                          (pl_unit)(PL_DAY + below(&r->dice, 5)),
                          (double)wide(r) / 4,
                          (pl_goal_owner)below(&r->dice, 3),
                          (pl_goal_status)below(&r->dice, 3),
                          below(&r->dice, 2) != 0,
                          below(&r->dice, 2) != 0,
                          below(&r->dice, 2) ? (int32_t)below(&r->dice, 20000) : PL_DAY_ALWAYS,
                          below(&r->dice, 2) ? &lines[i] : NULL,
                          stones[i],
                          below(&r->dice, 2) ? below(&r->dice, PL_MILESTONES_MAX + 1) : 0};
      lines[i].n = (uint16_t)(1 + below(&r->dice, PL_LINE_POINTS_MAX));
      for (uint16_t k = 0; k < lines[i].n; k++)
        lines[i].points[k] = (pl_line_point){(uint16_t)below(&r->dice, PL_LINE_WHOLE + 1),
                                             (uint16_t)below(&r->dice, PL_LINE_WHOLE + 1)};
      for (size_t k = 0; k < g->nmilestones; k++)
        stones[i][k] = below(&r->dice, 2)
                           ? (pl_milestone){.at = (uint16_t)(1 + below(&r->dice, PL_LINE_WHOLE)),
                                            .share = (uint16_t)below(&r->dice, PL_LINE_WHOLE)}
                           : (pl_milestone){.of_day = (int32_t)below(&r->dice, 1441) * 60,
                                            .amount = (double)wide(r) / 4};
      avro_value_t item, target;
      avro_value_append(&list, &item, NULL);
      set_text(&item, "name", g->name), set_text(&item, "metric", g->metric);
      set_enum(&item, "period", periods[g->period - PL_DAY]);
      target = at(&item, "target");
      avro_value_set_double(&target, g->target);
      set_enum(&item, "owner", owners[g->owner]), set_enum(&item, "status", statuses[g->status]);
      set_enum(&item, "direction", g->lower_is_better ? "lower" : "higher");
      set_maybe(&item, "plan", g->plan), set_maybe(&item, "parent", g->parent),
          set_day(&item, "from", g->from);
      set_enum(&item, "time_off", g->keeps_time_off ? "keep" : "scale");
      set_line(&item, g->line);
      set_milestones(&item, g->milestones, g->nmilestones);
    }
    pl_err why = {0};
    pl_goals_encode(&r->buf, &in);
    bytes_are_the_same(r);
    if (pl_goals_decode(r->reader, pl_buf_str(&r->buf), r->arena, &out, &why) != PL_APPLIED)
      fail_msg("%s", why.text);
    assert_true(pl_str_eq(in.entity, out.entity));
    assert_int_equal(in.is_team, out.is_team);
    assert_int_equal(in.n, out.n);
    for (size_t i = 0; i < n; i++) {
      const pl_goal_fact *a = &goals[i], *b = &out.goals[i];
      assert_true(pl_str_eq(a->name, b->name) && pl_str_eq(a->metric, b->metric) &&
                  pl_str_eq(a->plan, b->plan) && pl_str_eq(a->parent, b->parent));
      assert_true(a->period == b->period && a->owner == b->owner && a->status == b->status &&
                  a->target == b->target && a->lower_is_better == b->lower_is_better && a->from == b->from &&
                  a->keeps_time_off == b->keeps_time_off);
      assert_int_equal(a->nmilestones, b->nmilestones);
      for (size_t k = 0; k < a->nmilestones; k++) {
        const pl_milestone *x = &a->milestones[k], *y = &b->milestones[k];
        assert_true(x->at == y->at && x->share == y->share && x->of_day == y->of_day &&
                    x->amount == y->amount);
      }
      assert_int_equal(!a->line, !b->line);
      if (!a->line) continue;
      assert_int_equal(a->line->n, b->line->n);
      assert_memory_equal(a->line->points, b->line->points, a->line->n * sizeof a->line->points[0]);
    }
  }
  close_rig(r);
}

static void teams_are_written_as_avro_c_writes_them_and_read_back(void **state) {
  (void)state;
  rig *r = open_rig("schemas/team.avsc", PL_FACT_TEAM);
  for (int turn = 0; turn < TURNS; turn++) {
    start_turn(r);
    avro_value_t *v = &r->value;
    pl_team_fact in = {text(r, 1), text(r, 0), maybe(r), maybe(r),
                       maybe(r),   maybe(r),   maybe(r), below(&r->dice, 2) != 0};
    pl_team_fact out;
    pl_err why = {0};
    pl_team_encode(&r->buf, &in);
    set_text(v, "team", in.id), set_text(v, "name", in.name), set_maybe(v, "parent", in.parent);
    set_maybe(v, "manager", in.manager), set_maybe(v, "zone", in.zone), set_maybe(v, "calendar", in.calendar);
    set_maybe(v, "channel", in.channel), set_enum(v, "status", in.removed ? "removed" : "active");
    bytes_are_the_same(r);
    if (pl_team_decode(r->reader, pl_buf_str(&r->buf), &out, &why) != PL_APPLIED) fail_msg("%s", why.text);
    assert_true(pl_str_eq(in.id, out.id) && pl_str_eq(in.name, out.name) &&
                pl_str_eq(in.parent, out.parent) && pl_str_eq(in.manager, out.manager) &&
                pl_str_eq(in.zone, out.zone) && pl_str_eq(in.calendar, out.calendar) &&
                pl_str_eq(in.channel, out.channel) && in.removed == out.removed);
  }
  close_rig(r);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(reps_are_written_as_avro_c_writes_them_and_read_back),
      cmocka_unit_test(goals_are_written_as_avro_c_writes_them_and_read_back),
      cmocka_unit_test(teams_are_written_as_avro_c_writes_them_and_read_back),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
