#include "codec/fact_decode.h"

#include <math.h>

#include "codec/plan.h"
#include "paceline/calendar.h"

struct pl_fact_reader {
  pl_fact_kind kind;
  const pl_want *wants;
  pl_plan *plan;
};

/* What a field must be; a wrong type is refused with the schema, not with each message. */
typedef enum { ANY_ID, NEED_ID, FREE_TEXT, DAY, NEED_DAY, FLAG, NUMBER, MINUTE } shape;

enum {
  R_ID,
  R_NAME,
  R_EMAIL,
  R_SLACK,
  R_LANGUAGE,
  R_STATUS,
  R_RECOGNITION,
  R_MEMBERSHIPS,
  R_LISTS = 3,
  R_OFF_FROM = R_MEMBERSHIPS + 2 * R_LISTS,
  R_OFF_TO,
  R_OFF_FROM_MINUTE,
  R_OFF_TO_MINUTE
};
static const pl_want rep_wants[] = {
    {"rep", "rep", true, 0},
    {"name", "name", false, 0},
    {"email", "email", false, 0},
    {"slack", "slack", false, 0},
    {"language", "language", false, 0},
    {"status", "status", false, 0},
    {"recognition", "recognition", false, 0},
    /* a list's `from` and what begins then: R_MEMBERSHIPS + 2 * list, + 1 */
    {"memberships[].from", "memberships", false, 0},
    {"memberships[].team", "memberships", false, 0},
    {"zones[].from", "zones", false, 1},
    {"zones[].zone", "zones", false, 1},
    {"calendars[].from", "calendars", false, 2},
    {"calendars[].calendar", "calendars", false, 2},
    {"time_off[].from", "time off", false, R_LISTS},
    {"time_off[].to", "time off", false, R_LISTS},
    {"time_off[].from_minute", "time off", false, R_LISTS},
    {"time_off[].to_minute", "time off", false, R_LISTS},
};
static const shape rep_shapes[PL_COUNT(rep_wants)] = {
    NEED_ID, FREE_TEXT, FREE_TEXT, FREE_TEXT, ANY_ID,   ANY_ID,   FLAG,   DAY,   ANY_ID,
    DAY,     NEED_ID,   DAY,       NEED_ID,   NEED_DAY, NEED_DAY, MINUTE, MINUTE};

enum {
  G_ENTITY,
  G_KIND,
  G_NAME,
  G_METRIC,
  G_PERIOD,
  G_TARGET,
  G_OWNER,
  G_STATUS,
  G_DIRECTION,
  G_PLAN,
  G_PARENT,
  G_FROM,
  G_TIME_OFF,
  G_POINT_AT, /* the list in the list: G_POINTS */
  G_POINT_SHARE,
  G_STONE_AT, /* and the other one: G_STONES */
  G_STONE_SHARE,
  G_STONE_MINUTE,
  G_STONE_AMOUNT,
  G_POINTS = 1,
  G_STONES = 2
};
static const pl_want goals_wants[] = {
    [G_ENTITY] = {"entity", "entity", true, 0},
    [G_KIND] = {"kind", "kind", false, 0},
    [G_NAME] = {"goals[].name", "goal", true, 0},
    [G_METRIC] = {"goals[].metric", "goal", true, 0},
    [G_PERIOD] = {"goals[].period", "goal", true, 0},
    [G_TARGET] = {"goals[].target", "goal", true, 0},
    [G_OWNER] = {"goals[].owner", "goal", false, 0},
    [G_STATUS] = {"goals[].status", "goal", false, 0},
    [G_DIRECTION] = {"goals[].direction", "goal", false, 0},
    [G_PLAN] = {"goals[].plan", "goal", false, 0},
    [G_PARENT] = {"goals[].parent", "goal", false, 0},
    [G_FROM] = {"goals[].from", "goal", false, 0},
    [G_TIME_OFF] = {"goals[].time_off", "goal", false, 0},
    [G_POINT_AT] = {"goals[].line[].at", "line", false, G_POINTS},
    [G_POINT_SHARE] = {"goals[].line[].share", "line", false, G_POINTS},
    [G_STONE_AT] = {"goals[].milestones[].at", "milestone", false, G_STONES},
    [G_STONE_SHARE] = {"goals[].milestones[].share", "milestone", false, G_STONES},
    [G_STONE_MINUTE] = {"goals[].milestones[].minute", "milestone", false, G_STONES},
    [G_STONE_AMOUNT] = {"goals[].milestones[].amount", "milestone", false, G_STONES},
};
static const shape goals_shapes[PL_COUNT(goals_wants)] = {
    [G_ENTITY] = NEED_ID,     [G_KIND] = ANY_ID,         [G_NAME] = NEED_ID,       [G_METRIC] = NEED_ID,
    [G_PERIOD] = NEED_ID,     [G_TARGET] = NUMBER,       [G_OWNER] = ANY_ID,       [G_STATUS] = ANY_ID,
    [G_DIRECTION] = ANY_ID,   [G_PLAN] = FREE_TEXT,      [G_PARENT] = ANY_ID,      [G_FROM] = DAY,
    [G_TIME_OFF] = ANY_ID,    [G_POINT_AT] = NUMBER,     [G_POINT_SHARE] = NUMBER, [G_STONE_AT] = NUMBER,
    [G_STONE_SHARE] = NUMBER, [G_STONE_MINUTE] = NUMBER, [G_STONE_AMOUNT] = NUMBER};

enum { T_ID, T_NAME, T_PARENT, T_MANAGER, T_ZONE, T_CALENDAR, T_CHANNEL, T_STATUS };
static const pl_want team_wants[] = {
    [T_ID] = {"team", "team", true, 0},
    [T_NAME] = {"name", "name", false, 0},
    [T_PARENT] = {"parent", "parent", false, 0},
    [T_MANAGER] = {"manager", "manager", false, 0},
    [T_ZONE] = {"zone", "zone", false, 0},
    [T_CALENDAR] = {"calendar", "calendar", false, 0},
    [T_CHANNEL] = {"channel", "channel", false, 0},
    [T_STATUS] = {"status", "status", false, 0},
};
static const shape team_shapes[PL_COUNT(team_wants)] = {NEED_ID, FREE_TEXT, ANY_ID,    ANY_ID,
                                                        ANY_ID,  ANY_ID,    FREE_TEXT, ANY_ID};

static const struct {
  const pl_want *wants;
  const shape *shapes;
  size_t n;
} kinds[] = {
    [PL_FACT_REP] = {rep_wants, rep_shapes, PL_COUNT(rep_wants)},
    [PL_FACT_GOALS] = {goals_wants, goals_shapes, PL_COUNT(goals_wants)},
    [PL_FACT_TEAM] = {team_wants, team_shapes, PL_COUNT(team_wants)},
};

static bool fits(shape want, const pl_node *node) {
  switch (want) {
  case DAY:
  case NEED_DAY: return node->logical == PL_DATE;
  case FLAG: return node->type == PL_AVRO_BOOLEAN;
  case MINUTE:
    return node->logical == PL_LOGICAL_NONE && (node->type == PL_AVRO_INT || node->type == PL_AVRO_LONG);
  case NUMBER:
    return node->logical == PL_LOGICAL_NONE && (node->type == PL_AVRO_DOUBLE || node->type == PL_AVRO_FLOAT ||
                                                node->type == PL_AVRO_INT || node->type == PL_AVRO_LONG);
  default: return node->type == PL_AVRO_STRING || node->type == PL_AVRO_ENUM;
  }
}

pl_status pl_fact_reader_new(pl_fact_reader **out, const pl_schema *schema, pl_fact_kind kind, pl_err *err) {
  static const char *const words[] = {"text or an enum", "text or an enum", "text",     "a date",
                                      "a date",          "a boolean",       "a number", "a whole number"};
  pl_fact_reader *r = *out = PL_NEW(pl_fact_reader);
  r->kind = kind, r->wants = kinds[kind].wants;
  pl_status status = pl_plan_new(&r->plan, schema, r->wants, kinds[kind].n, err);
  if (status == PL_OK) status = pl_plan_check(r->plan, r->wants, kinds[kind].n, err);
  for (size_t i = 0; status == PL_OK && i < kinds[kind].n; i++) {
    const pl_node *nodes[8];
    size_t n = pl_plan_types(r->plan, i, nodes, PL_COUNT(nodes));
    for (size_t k = 0; k < n && status == PL_OK; k++)
      if (!fits(kinds[kind].shapes[i], nodes[k]))
        status = pl_fail(err, PL_REJECT, "field %s is a %s, expected %s", r->wants[i].path, nodes[k]->name,
                         words[kinds[kind].shapes[i]]);
  }
  if (status != PL_OK) pl_fact_reader_free(out);
  return status;
}

void pl_fact_reader_free(pl_fact_reader **reader) {
  if (!*reader) return;
  pl_plan_free(&(*reader)->plan);
  PL_FREE(*reader);
}

static pl_reason refuse(const pl_fact_reader *r, int slot, pl_reason reason, const char *text, pl_err *why) {
  (void)pl_fail(why, PL_REJECT, "field %s: %s", r->wants[slot].path, text);
  return reason;
}

static pl_str text_of(const pl_slot *slot) { return slot->node ? slot->value.s : (pl_str){"", 0}; }
static int32_t day_of(const pl_slot *slot) { return slot->node ? (int32_t)slot->value.i : PL_DAY_ALWAYS; }

/* Every value in [first, last] against its shape. */
static pl_reason check(const pl_fact_reader *r, const pl_slot *slots, int first, int last, pl_err *why) {
  for (int i = first; i <= last; i++) {
    shape want = kinds[r->kind].shapes[i];
    if (want == NEED_DAY && !slots[i].node) return refuse(r, i, PL_BAD_VALUE, "null, expected a date", why);
    if ((want == DAY || want == NEED_DAY) && slots[i].node &&
        (slots[i].value.i < -719162 || slots[i].value.i > 2932896))
      return refuse(r, i, PL_BAD_VALUE, "not within the years 1 to 9999", why);
    if (want == MINUTE && slots[i].node && (slots[i].value.i < 0 || slots[i].value.i > 1440))
      return refuse(r, i, PL_BAD_VALUE, "not a minute of the day, 0 to 1440", why);
    if (want == NEED_ID && text_of(&slots[i]).n == 0)
      return refuse(r, i, PL_BAD_ID, "null or empty, expected a name", why);
    if (want != ANY_ID && want != NEED_ID && want != FREE_TEXT) continue;
    pl_str s = text_of(&slots[i]);
    if (want == FREE_TEXT) {
      if (!pl_str_utf8(s)) return refuse(r, i, PL_BODY, "invalid UTF-8", why);
    } else if (s.n > PL_ID_MAX || !pl_str_clean(s)) {
      return refuse(r, i, PL_BAD_ID, "longer than 255 bytes, control characters, or invalid UTF-8", why);
    }
  }
  return PL_APPLIED;
}

typedef struct {
  const pl_fact_reader *reader;
  pl_since lists[R_LISTS][PL_SINCE_MAX];
  size_t n[R_LISTS];
  pl_leave time_off[PL_TIME_OFF_MAX];
  size_t ntime_off;
} rep_lists;

static pl_reason on_time_off(rep_lists *all, const pl_slot *slots, pl_err *why) {
  pl_reason reason = check(all->reader, slots, R_OFF_FROM, R_OFF_TO_MINUTE, why);
  if (reason != PL_APPLIED) return reason;
  if (all->ntime_off == PL_TIME_OFF_MAX)
    return refuse(all->reader, R_OFF_FROM, PL_TOO_LARGE, "more than 256 entries", why);
  pl_days days = {day_of(&slots[R_OFF_FROM]), day_of(&slots[R_OFF_TO])};
  if (days.last < days.first)
    return refuse(all->reader, R_OFF_TO, PL_BAD_VALUE, "before `from`, expected the last day off", why);
  pl_leave leave = pl_leave_of(days);
  if (slots[R_OFF_FROM_MINUTE].node) leave.from += 60 * slots[R_OFF_FROM_MINUTE].value.i;
  if (slots[R_OFF_TO_MINUTE].node) leave.until -= 60 * (1440 - slots[R_OFF_TO_MINUTE].value.i);
  if (leave.from >= leave.until)
    return refuse(all->reader, R_OFF_TO_MINUTE, PL_BAD_VALUE, "not after `from_minute`, expected a later one",
                  why);
  all->time_off[all->ntime_off++] = leave;
  return PL_APPLIED;
}

static pl_reason on_rep_item(void *ctx, int list, const pl_slot *slots, pl_err *why) {
  rep_lists *all = ctx;
  if (list == R_LISTS) return on_time_off(all, slots, why);
  pl_since *items = all->lists[list];
  int from = R_MEMBERSHIPS + 2 * list;
  pl_reason reason = check(all->reader, slots, from, from + 1, why);
  if (reason != PL_APPLIED) return reason;
  if (all->n[list] == PL_SINCE_MAX)
    return refuse(all->reader, from, PL_TOO_LARGE, "more than 64 entries", why);
  size_t i = all->n[list]++;
  pl_since item = {day_of(&slots[from]), text_of(&slots[from + 1])};
  for (; i && items[i - 1].from > item.from; i--) items[i] = items[i - 1];
  items[i] = item;
  return PL_APPLIED;
}

static const void *keep(pl_arena *arena, const void *items, size_t n, size_t size) {
  if (n == 0) return NULL;
  return memcpy(pl_arena_alloc(arena, n * size), items, n * size);
}

pl_reason pl_rep_decode(const pl_fact_reader *r, pl_str body, pl_arena *arena, pl_rep_fact *out,
                        pl_err *why) {
  PL_ASSERT(r->kind == PL_FACT_REP);
  pl_slot slots[PL_COUNT(rep_wants)];
  rep_lists all;
  all.reader = r, all.ntime_off = 0;
  for (int i = 0; i < R_LISTS; i++) all.n[i] = 0;
  pl_reason reason = pl_plan_run(r->plan, body, slots, on_rep_item, &all, why);
  if (reason == PL_APPLIED) reason = check(r, slots, R_ID, R_RECOGNITION, why);
  if (reason != PL_APPLIED) return reason;
  *out = (pl_rep_fact){
      .id = text_of(&slots[R_ID]),
      .name = text_of(&slots[R_NAME]),
      .memberships = keep(arena, all.lists[0], all.n[0], sizeof(pl_since)),
      .zones = keep(arena, all.lists[1], all.n[1], sizeof(pl_since)),
      .calendars = keep(arena, all.lists[2], all.n[2], sizeof(pl_since)),
      .nmemberships = all.n[0],
      .nzones = all.n[1],
      .ncalendars = all.n[2],
      .email = text_of(&slots[R_EMAIL]),
      .slack = text_of(&slots[R_SLACK]),
      .language = text_of(&slots[R_LANGUAGE]),
      .erased = pl_str_is(text_of(&slots[R_STATUS]), "erased"),
      .recognition_off = slots[R_RECOGNITION].node && slots[R_RECOGNITION].value.i == 0,
      .time_off = keep(arena, all.time_off, all.ntime_off, sizeof *all.time_off),
      .ntime_off = all.ntime_off,
  };
  return PL_APPLIED;
}

typedef struct {
  const pl_fact_reader *reader;
  pl_arena *arena;
  pl_goal_fact goals[PL_GOALS_MAX];
  size_t n;
  pl_line line; /* of the goal that is being read: its lists come before it is whole... */
  pl_milestone milestones[PL_MILESTONES_MAX];
  size_t nmilestones; /* ...as do these */
} goal_list;

static double number_of(const pl_slot *slot) {
  return !slot->node ? NAN : slot->value.kind == PL_REAL ? slot->value.d : (double)slot->value.i;
}

static pl_reason on_point(goal_list *all, const pl_slot *slots, pl_err *why) {
  pl_line *line = &all->line;
  double at = number_of(&slots[G_POINT_AT]), share = number_of(&slots[G_POINT_SHARE]);
  if (!(at >= 0 && at <= 1))
    return refuse(all->reader, G_POINT_AT, PL_BAD_VALUE, "expected a share from 0 to 1, such as 0.5", why);
  if (!(share >= 0 && share <= 1))
    return refuse(all->reader, G_POINT_SHARE, PL_BAD_VALUE, "expected a share from 0 to 1, such as 0.4", why);
  if (line->n == PL_LINE_POINTS_MAX)
    return refuse(all->reader, G_POINT_AT, PL_TOO_LARGE, "more than 11 points", why);
  line->points[line->n++] =
      (pl_line_point){(uint16_t)lround(at * PL_LINE_WHOLE), (uint16_t)lround(share * PL_LINE_WHOLE)};
  return PL_APPLIED;
}

/* The place of a word among `words`; absent: 0; unknown: -1. */
static int word_of(const pl_slot *slot, const char *const *words, int n) {
  if (!slot->node) return 0;
  for (int i = 0; i < n; i++)
    if (pl_str_is(slot->value.s, words[i])) return i;
  return -1;
}

static pl_reason on_milestone(goal_list *all, const pl_slot *slots, pl_err *why) {
  double at = number_of(&slots[G_STONE_AT]), share = number_of(&slots[G_STONE_SHARE]),
         minute = number_of(&slots[G_STONE_MINUTE]), amount = number_of(&slots[G_STONE_AMOUNT]);
  bool by_share = !isnan(at);
  if (by_share ? !(at > 0 && at <= 1) : !(minute >= 0 && minute <= 1440))
    return refuse(all->reader, G_STONE_AT, PL_BAD_VALUE,
                  "expected a share from 0 to 1, such as 0.5, or a minute of the day, such as 720", why);
  if (by_share ? !(share >= 0 && share <= 1) : isnan(amount))
    return refuse(all->reader, G_STONE_SHARE, PL_BAD_VALUE,
                  "expected a share from 0 to 1 beside at, or an amount beside minute", why);
  if (all->nmilestones == PL_MILESTONES_MAX)
    return refuse(all->reader, G_STONE_AT, PL_TOO_LARGE, "more than 8 milestones", why);
  pl_milestone *m = &all->milestones[all->nmilestones++];
  *m = (pl_milestone){0};
  if (by_share)
    m->at = (uint16_t)lround(at * PL_LINE_WHOLE), m->share = (uint16_t)lround(share * PL_LINE_WHOLE);
  else
    m->of_day = (int32_t)minute * 60, m->amount = amount;
  return PL_APPLIED;
}

static pl_reason on_goal(void *ctx, int list, const pl_slot *slots, pl_err *why) {
  static const char *const owners[] = {"manager", "rep", "agreed"};
  static const char *const statuses[] = {"agreed", "proposed", "paused"};
  static const char *const directions[] = {"higher", "lower"};
  static const char *const time_off_rules[] = {"scale", "keep"};
  static const char *const periods[] = {"day", "week", "month", "quarter", "year"};
  goal_list *all = ctx;
  const pl_fact_reader *r = all->reader;
  if (list == G_POINTS) return on_point(all, slots, why);
  if (list == G_STONES) return on_milestone(all, slots, why);
  pl_reason reason = check(r, slots, G_NAME, G_TIME_OFF, why);
  if (reason != PL_APPLIED) return reason;
  if (all->n == PL_GOALS_MAX) return refuse(r, G_NAME, PL_TOO_LARGE, "more than 128 goals and versions", why);
  if (slots[G_NAME].value.s.n > PL_GOAL_NAME_MAX)
    return refuse(r, G_NAME, PL_BAD_ID, "longer than 64 bytes", why);
  int period = word_of(&slots[G_PERIOD], periods, 5), owner = word_of(&slots[G_OWNER], owners, 3),
      status = word_of(&slots[G_STATUS], statuses, 3),
      direction = word_of(&slots[G_DIRECTION], directions, 2),
      time_off = word_of(&slots[G_TIME_OFF], time_off_rules, 2);
  if (period < 0) return refuse(r, G_PERIOD, PL_BAD_VALUE, "expected day, week, month, quarter or year", why);
  if (owner < 0) return refuse(r, G_OWNER, PL_BAD_VALUE, "expected manager, rep or agreed", why);
  if (status < 0) return refuse(r, G_STATUS, PL_BAD_VALUE, "expected agreed, proposed or paused", why);
  if (direction < 0) return refuse(r, G_DIRECTION, PL_BAD_VALUE, "expected higher or lower", why);
  if (time_off < 0) return refuse(r, G_TIME_OFF, PL_BAD_VALUE, "expected scale or keep", why);
  double target = number_of(&slots[G_TARGET]);
  if (isnan(target)) return refuse(r, G_TARGET, PL_BAD_VALUE, "null, expected a number", why);
  const pl_line *line = keep(all->arena, &all->line, all->line.n ? 1 : 0, sizeof all->line);
  const pl_milestone *milestones = keep(all->arena, all->milestones, all->nmilestones, sizeof *milestones);
  size_t nmilestones = all->nmilestones;
  all->line.n = 0, all->nmilestones = 0;
  all->goals[all->n++] = (pl_goal_fact){
      .name = text_of(&slots[G_NAME]),
      .metric = text_of(&slots[G_METRIC]),
      .parent = text_of(&slots[G_PARENT]),
      .plan = text_of(&slots[G_PLAN]),
      .period = (pl_unit)(PL_DAY + period),
      .target = target,
      .owner = (pl_goal_owner)owner,
      .status = (pl_goal_status)status,
      .lower_is_better = direction == 1,
      .keeps_time_off = time_off == 1,
      .from = day_of(&slots[G_FROM]),
      .line = line,
      .milestones = milestones,
      .nmilestones = nmilestones,
  };
  return PL_APPLIED;
}

pl_reason pl_goals_decode(const pl_fact_reader *r, pl_str body, pl_arena *arena, pl_goals_fact *out,
                          pl_err *why) {
  static const char *const entities[] = {"rep", "team"};
  PL_ASSERT(r->kind == PL_FACT_GOALS);
  pl_slot slots[PL_COUNT(goals_wants)];
  goal_list all;
  all.reader = r, all.arena = arena, all.n = 0, all.line.n = 0, all.nmilestones = 0;
  pl_reason reason = pl_plan_run(r->plan, body, slots, on_goal, &all, why);
  if (reason == PL_APPLIED) reason = check(r, slots, G_ENTITY, G_KIND, why);
  if (reason != PL_APPLIED) return reason;
  int kind = word_of(&slots[G_KIND], entities, 2);
  if (kind < 0) return refuse(r, G_KIND, PL_BAD_VALUE, "expected rep or team", why);
  *out = (pl_goals_fact){.entity = text_of(&slots[G_ENTITY]),
                         .is_team = kind == 1,
                         .goals = keep(arena, all.goals, all.n, sizeof *all.goals),
                         .n = all.n};
  return PL_APPLIED;
}

pl_reason pl_team_decode(const pl_fact_reader *r, pl_str body, pl_team_fact *out, pl_err *why) {
  PL_ASSERT(r->kind == PL_FACT_TEAM);
  pl_slot slots[PL_COUNT(team_wants)];
  pl_reason reason = pl_plan_run(r->plan, body, slots, NULL, NULL, why);
  if (reason == PL_APPLIED) reason = check(r, slots, T_ID, T_STATUS, why);
  if (reason != PL_APPLIED) return reason;
  *out = (pl_team_fact){
      .id = text_of(&slots[T_ID]),
      .name = text_of(&slots[T_NAME]),
      .parent = text_of(&slots[T_PARENT]),
      .manager = text_of(&slots[T_MANAGER]),
      .zone = text_of(&slots[T_ZONE]),
      .calendar = text_of(&slots[T_CALENDAR]),
      .channel = text_of(&slots[T_CHANNEL]),
      .removed = pl_str_is(text_of(&slots[T_STATUS]), "removed"),
  };
  return PL_APPLIED;
}
