#include "core/world.h"

#include "base/mem.h"
#include "paceline/zone.h"

static const char *const types[TYPES] = {"call", "demo", "deal_won", "note"};
static const char *const fields[FIELDS] = {"amount", "account", "channel", "opened"};
static const char *const team_names[TEAMS] = {"north", "south"};
static const pl_str good_channels[] = {{"phone", 5}, {"video", 5}};
static const pl_filter demo_filter = {CHANNEL, good_channels, 2};
static const char *const zones[] = {
    "Europe/Berlin",     "America/New_York",    "Asia/Kolkata",   "Pacific/Auckland",
    "America/Sao_Paulo", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC"};

bool world_zone_load(void *ctx, const char *name, pl_buf *out) {
  char path[300];
  (void)ctx;
  (void)snprintf(path, sizeof path, "/usr/share/zoneinfo/%s", name);
  FILE *f = fopen(path, "rb");
  if (!f) return false;
  for (int c; (c = getc(f)) != EOF;) pl_buf_char(out, (char)c);
  (void)fclose(f);
  return !out->full;
}

static uint32_t windows_of(pl_random *r, uint32_t always) {
  return always | (uint32_t)pl_random_in(r, 0, (1 << PL_W_QUARTER) - 1);
}

static void make_policy(world *w, pl_random *r) {
  w->metrics[CALLS] = (pl_metric){.name = "calls",
                                  .kind = PL_COUNT_OF,
                                  .types = 1 << CALL,
                                  .field = -1,
                                  .windows = windows_of(r, 1 << PL_W_DAY | 1 << PL_W_WEEK)};
  w->metrics[DEMOS] = (pl_metric){.name = "demos",
                                  .kind = PL_COUNT_OF,
                                  .types = 1 << DEMO,
                                  .field = -1,
                                  .where = &demo_filter,
                                  .nwhere = 1,
                                  .windows = windows_of(r, 1 << PL_W_WEEK | 1 << PL_W_MONTH)};
  w->metrics[REVENUE] = (pl_metric){.name = "revenue",
                                    .kind = PL_SUM_OF,
                                    .types = 1 << WON,
                                    .field = AMOUNT,
                                    .unit_text = "EUR",
                                    .decimals = 2,
                                    .typical = pl_random_chance(r, 0.5) ? 90000 : 0,
                                    .windows = windows_of(r, 1 << PL_W_WEEK | 1 << PL_W_MONTH)};
  w->metrics[ACCOUNTS] = (pl_metric){.name = "accounts",
                                     .kind = PL_DISTINCT_OF,
                                     .types = 1 << CALL | 1 << DEMO,
                                     .field = ACCOUNT,
                                     .windows = 1 << PL_W_DAY | 1 << PL_W_WEEK};
  uint32_t timed = windows_of(r, 1 << PL_W_DAY), foretold = 1 << PL_W_DAY | 1 << PL_W_WEEK | 1 << PL_W_MONTH;
  w->metrics[SPANS] = (pl_metric){.name = "closing/sum",
                                  .kind = PL_SPAN_OF,
                                  .hidden = true,
                                  .types = 1 << DEMO,
                                  .field = OPENED,
                                  .windows = timed};
  w->metrics[TIMED] = w->metrics[SPANS];
  w->metrics[TIMED].name = "closing/count", w->metrics[TIMED].kind = PL_COUNT_OF;
  w->metrics[FORECAST] = (pl_metric){.name = "forecast",
                                     .kind = PL_LAST_OF,
                                     .types = 1 << NOTE,
                                     .field = AMOUNT,
                                     .decimals = 2,
                                     .windows = foretold};
  w->metrics[FORECASTS] = w->metrics[FORECAST];
  w->metrics[FORECASTS].name = "forecast/count", w->metrics[FORECASTS].kind = PL_COUNT_OF;
  w->metrics[FORECASTS].hidden = true, w->metrics[FORECASTS].decimals = 0;
  w->metrics[TOUCHES] = (pl_metric){.name = "touches",
                                    .kind = PL_COUNT_OF,
                                    .types = 1 << CALL | 1 << DEMO,
                                    .field = -1,
                                    .windows = 1 << PL_W_DAY | 1 << PL_W_WEEK};
  static const struct {
    const char *name;
    int num, den, decimals;
    int32_t unit_s;
  } ratios[] = {{"closing", SPANS, TIMED, 2, 3600},
                {"share", DEMOS, TOUCHES, 4, 0},
                {"pitch", DEMOS, CALLS, 4, 0},
                {"value", REVENUE, TOUCHES, 4, 0},
                {"cost", CALLS, REVENUE, 4, 0}};
  for (size_t i = 0; i < PL_COUNT(ratios); i++)
    w->metrics[CLOSING + i] =
        (pl_metric){.name = ratios[i].name,
                    .kind = PL_RATIO_OF,
                    .field = -1,
                    .unit_s = ratios[i].unit_s,
                    .decimals = ratios[i].decimals,
                    .windows = w->metrics[ratios[i].num].windows & w->metrics[ratios[i].den].windows};
  w->calendars[0] = (pl_calendar_def){.name = "office"};
  for (int d = 0; d < 5; d++)
    w->calendars[0].week[d] = (pl_workday){{{9 * 3600, 45000}, {13 * 3600 + 1800, 18 * 3600}}, 2};
  w->calendars[1] = (pl_calendar_def){.name = "nights"}; /* where clocks change */
  for (int d = 2; d < 7; d++)
    w->calendars[1].week[d] = (pl_workday){{{0, 9000}, {9001, 4 * 3600}, {20 * 3600, 86400}}, 3};
  w->policy = (pl_policy){
      .types = types,
      .ntypes = TYPES,
      .fields = fields,
      .nfields = FIELDS,
      .metrics = w->metrics,
      .nmetrics = ALL_METRICS,
      .calendars = w->calendars,
      .ncalendars = 2,
      .default_zone = "Europe/Berlin",
      .alerts = {.enter = 0.2,
                 .leave = 0.4,
                 .wait_work_s = (int32_t[]){0, 60, 1800, 3600}[pl_random_in(r, 0, 3)]},
      .source_delay = {(int64_t[]){0, 7000, 60000}[pl_random_in(r, 0, 2)]},
      .future_tolerance = {600000},
      .view_refresh = {pl_random_chance(r, 0.5) ? 300000 : 0},
      .dedupe_ids = (int)pl_random_in(r, 4, 40),
      .fingerprint = 1,
      .unknown_reps_max = (int)pl_random_in(r, 0, 2),
  };
  if (pl_random_chance(r, 0.4))
    w->policy.fiscal =
        (pl_fiscal){(pl_fiscal_pattern)pl_random_in(r, 0, 3), (int)pl_random_in(r, 1, 12),
                    (int)pl_random_in(r, 0, 6), pl_random_chance(r, 0.5), pl_random_chance(r, 0.5)};
  for (size_t m = 0; m < ALL_METRICS; m++)
    w->metrics[m].num = w->metrics[m].den = w->metrics[m].forecasts = -1;
  for (size_t i = 0; i < PL_COUNT(ratios); i++)
    w->metrics[CLOSING + i].num = ratios[i].num, w->metrics[CLOSING + i].den = ratios[i].den;
  w->metrics[FORECAST].den = FORECASTS;
  w->metrics[FORECAST].forecasts = REVENUE;
  for (size_t m = 0; m < ALL_METRICS; m++) w->metrics[m].hash = pl_policy_metric_hash(&w->policy, m);
}

/* Some are free, some half a day, around the first of the days that the records fall on. */
static void make_holidays(world *w, pl_random *r, int32_t first_day) {
  int32_t day = first_day - 30;
  w->calendars[0].exceptions = w->holidays,
  w->calendars[0].nexceptions = (size_t)pl_random_in(r, 0, HOLIDAYS);
  for (size_t i = 0; i < w->calendars[0].nexceptions; i++) {
    w->holidays[i].day = day += (int32_t)pl_random_in(r, 1, 12);
    if (pl_random_chance(r, 0.3)) w->holidays[i].hours = (pl_workday){{{9 * 3600, 12 * 3600}}, 1};
  }
}

static pl_str text_of(const char *s) { return pl_str_of(s); }

/* Plateaus and steep rises among the points. */
static void make_line(pl_line *line, pl_random *r) {
  *line = (pl_line){.n = (uint16_t)pl_random_in(r, 1, pl_random_chance(r, 0.7) ? 2 : PL_LINE_POINTS_MAX)};
  int64_t at = 0, share = 0;
  for (int i = 0; i < line->n; i++) {
    at += pl_random_in(r, 1, (PL_LINE_WHOLE - 1 - at) / (line->n - i));
    if (pl_random_chance(r, 0.7)) share += pl_random_in(r, 0, (PL_LINE_WHOLE - 1 - share) / 2);
    line->points[i] = (pl_line_point){(uint16_t)at, (uint16_t)share};
  }
}

static void make_rep(world *w, pl_random *r, size_t i, int32_t first_day) {
  world_rep *rep = &w->reps[i];
  rep->id[0] = 'r', rep->id[1] = (char)('1' + i);
  rep->zone = (pl_since){PL_DAY_ALWAYS, text_of(zones[pl_random_in(r, 0, PL_COUNT(zones) - 1)])};
  rep->calendar = (pl_since){PL_DAY_ALWAYS, text_of(w->calendars[pl_random_in(r, 0, 1)].name)};
  size_t n = (size_t)pl_random_in(r, 0, 3);
  for (size_t k = 0; k < n; k++)
    rep->memberships[k] = (pl_since){k == 0 && pl_random_chance(r, 0.7)
                                         ? PL_DAY_ALWAYS
                                         : first_day + (int32_t)(k * 4) + (int32_t)pl_random_in(r, -2, 1),
                                     text_of(team_names[pl_random_in(r, 0, TEAMS - 1)])};
  rep->fact =
      (pl_rep_fact){.id = text_of(rep->id),
                    .name = text_of(rep->id),
                    .zones = &rep->zone,
                    .nzones = 1,
                    .calendars = &rep->calendar,
                    .ncalendars = 1,
                    .memberships = rep->memberships,
                    .nmemberships = n,
                    .recognition_off = pl_random_chance(r, 0.2),
                    .time_off = rep->time_off,
                    .ntime_off = pl_random_chance(r, 0.5) ? (size_t)pl_random_in(r, 0, LEAVES_MAX) : 0};
  for (size_t k = 0; k < rep->fact.ntime_off; k++) {
    int32_t from = first_day + (int32_t)pl_random_in(r, -60, 30);
    rep->time_off[k] = pl_leave_of((pl_days){from, from + (int32_t)pl_random_in(r, 0, 10)});
    if (from % 3 == 0) rep->time_off[k].from += (9 + 2 * (int64_t)k) * 3600; /* half days */
    if (from % 4 == 0) rep->time_off[k].until -= 8 * 3600 - 60 * (int64_t)k;
  }
  rep->rate = 0.2 + 3 * pl_random_share(r);
  static const struct {
    const char *name, *metric;
    pl_unit period;
    double least, most;
  } kinds[] = {
      {"daily", "calls", PL_DAY, 3, 20},         {"weekly", "calls", PL_WEEK, 10, 90},
      {"demos", "demos", PL_WEEK, 1, 25},        {"monthly", "demos", PL_MONTH, 2, 60},
      {"money", "revenue", PL_WEEK, 100, 40000}, {"month", "revenue", PL_MONTH, 1000, 90000},
      {"reach", "accounts", PL_DAY, 1, 12},      {"wide", "accounts", PL_WEEK, 3, 30},
  };
  size_t at = (size_t)pl_random_in(r, 0, PL_COUNT(kinds) - 1),
         ngoals = (size_t)pl_random_in(r, 0, GOALS_EACH);
  for (size_t g = 0; g < ngoals; g++, at = (at + 3) % PL_COUNT(kinds)) {
    double target = kinds[at].least + (kinds[at].most - kinds[at].least) * pl_random_share(r);
    rep->goals[g] = (pl_goal_fact){.name = text_of(kinds[at].name),
                                   .metric = text_of(kinds[at].metric),
                                   .plan = PL_STR("Call before lunch."),
                                   .period = kinds[at].period,
                                   .target = (double)(int64_t)target,
                                   .from = PL_DAY_ALWAYS,
                                   .status = pl_random_chance(r, 0.9) ? PL_GOAL_AGREED
                                                                      : (pl_goal_status)pl_random_in(r, 1, 2),
                                   .lower_is_better = pl_random_chance(r, 0.4)};
    if (rep->goals[g].lower_is_better && pl_random_chance(r, 0.1)) rep->goals[g].target = 0;
    if (!pl_random_chance(r, 0.4)) continue;
    make_line(&rep->lines[g], r);
    rep->goals[g].line = &rep->lines[g];
  }
  rep->goals_fact = (pl_goals_fact){text_of(rep->id), false, rep->goals, ngoals};
}

static void make_event(world *w, pl_random *r, world_record *rec) {
  pl_event *e = &rec->event;
  const world_rep *rep = &w->reps[pl_random_in(r, 0, (int64_t)w->nreps - 1)];
  memcpy(rec->rep, rep->id, sizeof rep->id);
  if (pl_random_chance(r, 0.02)) (void)snprintf(rec->rep, sizeof rec->rep, "x%d", (int)pl_random_in(r, 1, 3));
  (void)snprintf(rec->id, sizeof rec->id, "e%d", (int)rec->offset);
  if (rec->offset > 0 && pl_random_chance(r, 0.08)) { /* again what came before, to the same rep mostly */
    int64_t back = pl_random_in(r, 1, pl_random_chance(r, 0.5) ? 10 : 300);
    const world_record *old = &w->records[back > rec->offset ? 0 : rec->offset - back];
    memcpy(rec->id, old->id, sizeof rec->id);
    if (pl_random_chance(r, 0.8)) memcpy(rec->rep, old->rep, sizeof rec->rep);
  }
  if (pl_random_chance(r, 0.005)) rec->id[0] = 0;
  if (pl_random_chance(r, 0.005)) rec->rep[0] = pl_random_chance(r, 0.5) ? 0 : '\n';
  int64_t late = pl_random_in(r, 0, 30000);
  double luck = pl_random_share(r);
  if (luck < 0.06)
    late = pl_random_in(r, -14 * 60000, 0);
  else if (luck < 0.20)
    late = pl_random_in(r, 0, 4 * 3600000);
  else if (luck < 0.30)
    late = pl_random_in(r, 0, INT64_C(3) * 86400000);
  else if (luck < 0.37)
    late = pl_random_in(r, 0, INT64_C(75) * 86400000);
  static const int kinds[] = {CALL, CALL, CALL, DEMO, DEMO, WON, NOTE, PL_TYPE_OTHER};
  *e = (pl_event){.at = {rec->stamp.ms - late}, .type = kinds[pl_random_in(r, 0, 7)]};
  e->id = pl_str_of(rec->id), e->rep = pl_str_of(rec->rep);
  if ((e->type == WON || e->type == NOTE) && pl_random_chance(r, 0.97)) {
    static const char *const odd[] = {"abc", "1.234", "", "12.5 "};
    (void)snprintf(rec->amount, sizeof rec->amount, "%s%d.%02d", pl_random_chance(r, 0.06) ? "-" : "",
                   (int)pl_random_in(r, 10, 4000), (int)pl_random_in(r, 0, 99));
    if (pl_random_chance(r, 0.03))
      (void)snprintf(rec->amount, sizeof rec->amount, "%s", odd[pl_random_in(r, 0, 3)]);
    e->fields[AMOUNT] = (pl_value){.kind = PL_TEXT, .s = pl_str_of(rec->amount)};
    if (pl_random_chance(r, 0.3))
      e->fields[AMOUNT] = (pl_value){.kind = PL_INT, .i = pl_random_in(r, -50, 5000)};
  }
  (void)snprintf(rec->account, sizeof rec->account, "a%d", (int)pl_random_in(r, 1, 25));
  if (pl_random_chance(r, 0.9))
    e->fields[ACCOUNT] = (pl_value){.kind = PL_TEXT, .s = pl_str_of(rec->account)};
  if (pl_random_chance(r, 0.7)) { /* when began what the demo is of: a few have it in the future */
    int64_t ago = pl_random_in(r, pl_random_chance(r, 0.1) ? -INT64_C(200000000) : 0, INT64_C(4000000000));
    e->fields[OPENED] =
        (pl_value){.kind = PL_INSTANT, .is_local = pl_random_chance(r, 0.3), .i = e->at.ms - ago};
  }
  (void)snprintf(rec->channel, sizeof rec->channel, "%s",
                 (const char *[]){"phone", "video", "mail"}[pl_random_in(r, 0, 2)]);
  if (pl_random_chance(r, 0.9))
    e->fields[CHANNEL] = (pl_value){.kind = PL_TEXT, .s = pl_str_of(rec->channel)};
}

static void make_stream(world *w, pl_random *r) {
  double rate = 0;
  for (size_t i = 0; i < w->nreps; i++) rate += w->reps[i].rate;
  int64_t t = w->start.ms, last = t + pl_random_in(r, 2, 16) * 86400000, before = t;
  for (w->n = 0; w->n < RECORDS_MAX && t < last; w->n++) {
    world_record *rec = &w->records[w->n];
    *rec = (world_record){.stamp = {t}, .offset = (int64_t)w->n, .advance = PL_BEGINNING};
    make_event(w, r, rec);
    int64_t delay = w->policy.source_delay.ms; /* one that is stamped in the same millisecond may follow */
    if (w->n > 0 && t > before && pl_random_chance(r, 0.3))
      rec->advance.ms = pl_random_in(r, before - delay, t - delay - 1);
    before = t;
    double luck = pl_random_share(r), hours = 2 * pl_random_share(r) / rate;
    if (luck < 0.05)
      hours = 0;
    else if (luck < 0.06)
      hours = 1 + 59 * pl_random_share(r); /* a quiet night, a quiet weekend */
    t += (int64_t)(hours * 3600000);
  }
  w->end.ms = before + pl_random_in(r, 0, 86400000);
}

void world_make(world *w, uint64_t seed) {
  static const int32_t around[] = {20520, 20541, 20548, 20562, 20737, 20750, 20755, 20815, 20611, 20147};
  pl_random r = pl_random_of(seed);
  pl_err err = {{0}};
  *w = (world){.seed = seed};
  make_policy(w, &r);
  if (pl_almanac_new(&w->almanac, &w->policy, world_zone_load, NULL, &err) != PL_OK)
    pl_assert_failed(err.text, __FILE__, __LINE__);
  w->teams = pl_teams_new();
  for (size_t i = 0; i < TEAMS; i++)
    pl_teams_put(w->teams, &(pl_team_fact){.id = text_of(team_names[i]), .name = text_of(team_names[i])});
  int32_t day = around[pl_random_in(&r, 0, PL_COUNT(around) - 1)] + (int32_t)pl_random_in(&r, -3, 3);
  w->start.ms = day * INT64_C(86400000) + pl_random_in(&r, 0, 86399999);
  make_holidays(w, &r, day);
  w->nreps = (size_t)pl_random_in(&r, 2, REPS_MAX);
  for (size_t i = 0; i < w->nreps; i++) make_rep(w, &r, i, day);
  make_stream(w, &r);
}

static bool is_gauge(const world *w, const pl_goal_fact *goal) {
  return pl_metric_is_gauge(&w->metrics[pl_policy_metric(&w->policy, goal->metric)]);
}

void world_add_gauges(world *w) {
  static const struct {
    const char *metric;
    pl_unit period;
    double least, most;
  } kinds[] = {{"closing", PL_DAY, 100, 1000},  {"share", PL_WEEK, 0.1, 0.9},
               {"pitch", PL_WEEK, 0.1, 2},      {"value", PL_WEEK, 10, 900},
               {"cost", PL_WEEK, 0.0005, 0.01}, {"forecast", PL_DAY, 10, 3000},
               {"forecast", PL_MONTH, 10, 3000}};
  pl_random r = pl_random_of(w->seed + 29);
  for (size_t i = 0; i < w->nreps; i++)
    for (size_t g = 0; g < w->reps[i].goals_fact.n; g++) {
      size_t kind = (size_t)pl_random_in(&r, 0, PL_COUNT(kinds) - 1);
      pl_goal_fact *goal = &w->reps[i].goals[g];
      if (pl_random_chance(&r, 0.5)) continue;
      goal->metric = text_of(kinds[kind].metric), goal->period = kinds[kind].period, goal->line = NULL;
      goal->target = kinds[kind].least + (kinds[kind].most - kinds[kind].least) * pl_random_share(&r);
      if (goal->lower_is_better && pl_random_chance(&r, 0.1)) goal->target = 0;
    }
}

void world_add_milestones(world *w) {
  pl_random r = pl_random_of(w->seed + 17);
  for (size_t i = 0; i < w->nreps; i++)
    for (size_t g = 0; g < w->reps[i].goals_fact.n; g++) {
      pl_goal_fact *goal = &w->reps[i].goals[g];
      pl_milestone *all = w->reps[i].milestones[g];
      bool by_share = goal->period != PL_DAY || pl_random_chance(&r, 0.5);
      if (is_gauge(w, goal)) continue;
      goal->milestones = all, goal->nmilestones = (size_t)pl_random_in(&r, 0, 3);
      for (size_t k = 0; k < goal->nmilestones; k++) {
        int64_t slot = (int64_t)k * 3000;
        if (by_share)
          all[k] = (pl_milestone){.at = (uint16_t)pl_random_in(&r, slot + 1, slot + 3000),
                                  .share = (uint16_t)pl_random_in(&r, slot + 1, slot + 3000)};
        else
          all[k] =
              (pl_milestone){.of_day = (int32_t)pl_random_in(&r, slot * 3, slot * 3 + 8999) / 60 * 60 + 32400,
                             .amount = (double)pl_random_in(&r, 1, 9)};
      }
    }
}

void world_add_funnel(world *w) {
  static const pl_stage_def stages[] = {{CALLS, -1}, {DEMOS, -1}, {REVENUE, -1}};
  w->policy.funnel = stages, w->policy.nfunnel = PL_COUNT(stages);
}

void world_add_retractions(world *w) {
  pl_random r = pl_random_of(w->seed + 29);
  for (size_t i = 1; i < w->n; i++) {
    world_record *rec = &w->records[i];
    const world_record *old = &w->records[pl_random_in(&r, i > 40 ? (int64_t)i - 40 : 0, (int64_t)i - 1)];
    if (!pl_random_chance(&r, 0.08) || !old->id[0] || old->retracts[0]) continue;
    const world_record own = *rec;
    *rec = *old;
    rec->stamp = own.stamp, rec->offset = own.offset, rec->advance = own.advance;
    memcpy(rec->id, own.id, sizeof own.id), memcpy(rec->retracts, old->id, sizeof old->id);
    pl_event *e = &rec->event;
    e->id = pl_str_of(rec->id), e->rep = pl_str_of(rec->rep), e->retracts = pl_str_of(rec->retracts);
    if (e->fields[AMOUNT].kind == PL_TEXT) e->fields[AMOUNT].s = pl_str_of(rec->amount);
    if (e->fields[ACCOUNT].kind == PL_TEXT) e->fields[ACCOUNT].s = pl_str_of(rec->account);
    if (e->fields[CHANNEL].kind == PL_TEXT) e->fields[CHANNEL].s = pl_str_of(rec->channel);
  }
}

/* The same records over that many times the time, each as late as it was. */
static void stretch(world *w, int64_t by) {
  int64_t start = w->start.ms, delay = w->policy.source_delay.ms;
  for (size_t i = 0; i < w->n; i++) {
    world_record *rec = &w->records[i];
    int64_t later = (rec->stamp.ms - start) * (by - 1);
    if (rec->advance.ms != INT64_MIN)
      rec->advance.ms = start - delay + (rec->advance.ms + delay - start) * by;
    rec->stamp.ms += later, rec->event.at.ms += later;
  }
  w->end.ms = start + (w->end.ms - start) * by;
}

void world_add_habits(world *w) {
  pl_random r = pl_random_of(w->seed + 23);
  pl_alert_def *alerts = &w->policy.alerts;
  if (pl_random_chance(&r, 0.5))
    alerts->silent_after.days = (int32_t)pl_random_in(&r, 1, 2);
  else
    alerts->silent_after.seconds = (int32_t)pl_random_in(&r, 600, 40000);
  for (size_t i = 0; i < w->nreps; i++)
    for (size_t g = 0; g < w->reps[i].goals_fact.n; g++) {
      pl_goal_fact *goal = &w->reps[i].goals[g];
      if (goal->period == PL_DAY) goal->target = goal->lower_is_better ? 30 : 1;
    }
  if (pl_random_chance(&r, 0.5)) stretch(w, pl_random_in(&r, 4, 12));
}

void world_add_versions(world *w) {
  pl_random r = pl_random_of(w->seed + 23);
  int32_t first = (int32_t)(w->start.ms / 86400000);
  for (size_t i = 0; i < w->nreps; i++) {
    world_rep *rep = &w->reps[i];
    size_t n = rep->goals_fact.n;
    for (size_t g = 0; g < n; g++) {
      pl_goal_fact *goal = &rep->goals[g], *next = &rep->goals[rep->goals_fact.n];
      goal->keeps_time_off = pl_random_chance(&r, 0.3);
      if (pl_random_chance(&r, 0.3)) goal->from = first + (int32_t)pl_random_in(&r, -90, 9);
      if (pl_random_chance(&r, 0.4)) continue;
      *next = *goal;
      next->from = (goal->from == PL_DAY_ALWAYS ? first : goal->from) + (int32_t)pl_random_in(&r, 1, 10);
      next->target = (double)(int64_t)(goal->target * (0.3 + 1.5 * pl_random_share(&r))) + 1;
      if (pl_random_chance(&r, 0.3)) next->nmilestones = 0;
      if (pl_random_chance(&r, 0.3) && !is_gauge(w, goal)) {
        make_line(&rep->lines[rep->goals_fact.n], &r);
        next->line = &rep->lines[rep->goals_fact.n];
      }
      rep->goals_fact.n++;
    }
  }
}

void world_free(world *w) {
  pl_teams_free(&w->teams);
  pl_almanac_free(&w->almanac);
}

pl_core *world_core(world *w) {
  pl_core *core = pl_core_new(&w->policy, w->almanac, w->teams, 0);
  for (size_t i = 0; i < w->nreps; i++) {
    pl_core_put_rep(core, &w->reps[i].fact);
    pl_core_put_goals(core, &w->reps[i].goals_fact, NULL);
  }
  return core;
}
