#include "cli/company.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/civil.h"
#include "base/map.h"
#include "base/mem.h"

const char pl_company_policy[] =
    "metrics:\n"
    "  calls:    {count: call, windows: [1h, day, week, month, 30d]}\n"
    "  emails:   {count: email, windows: [day, week]}\n"
    "  demos:    {count: demo, where: {channel: [phone, video]}, windows: [day, week]}\n"
    "  accounts: {distinct: account, of: [call, demo], windows: [week]}\n"
    "  won:      {count: deal_won, windows: [week, month]}\n"
    "  closed:   {count: [deal_won, deal_lost], windows: [week, month]}\n"
    "  win_rate: {ratio: [won, closed]}\n"
    "  revenue:  {sum: amount, of: deal_won, unit: EUR, decimals: 2, typical: 2500, windows: [week, month]}\n"
    "boards: [\"calls:week\", \"revenue:month\"]\n"
    "\n"
    "# Behind: the chance to reach the target has been below 20 % for a working hour. The rep hears it; "
    "three\n"
    "# working hours later, if it still is so, the manager, with the rep's answer.\n"
    "alerts:\n"
    "  behind: {chance: 0.2, leave: 0.4, for: 1wh, manager: after 3wh}\n"
    "  digest: {at: \"16:30\"}\n";

enum { NAMES = 8, DAY_S = 86400, HISTORY_DAYS = 62, GOALS_PER_REP = 3, SEATS = 7, REPEATED_WITHIN_S = 1200 };
enum {
  OPENS_HOUR = -6,
  CLOSES_HOUR = 7 * 24 + 7
}; /* in UTC, from Monday 00:00: 04:00 in Sydney to 00:00 in Los Angeles */

/* `east_min` is that of June 2026, so that the company needs no zone files. */
typedef struct {
  const char *id, *name, *zone, *manager;
  int east_min;
  bool daily; /* agreed on calls a day, the others on calls a week */
  const char *first[NAMES], *last[NAMES];
} office;

static const office crews[PL_COMPANY_TEAMS] = {
    {"sydney",
     "Sydney",
     "Australia/Sydney",
     "ruby.nguyen",
     600,
     true,
     {"Olivia", "Jack", "Chloe", "Noah", "Matilda", "Liam", "Zoe", "Cooper"},
     {"Walsh", "Papas", "Nguyen", "Tran", "Kelly", "Bailey", "Harris", "Moretti"}},
    {"bangalore",
     "Bangalore",
     "Asia/Kolkata",
     "vikram.shetty",
     330,
     true,
     {"Ananya", "Rohan", "Priya", "Arjun", "Kavya", "Dev", "Meera", "Sanjay"},
     {"Rao", "Iyer", "Nair", "Gowda", "Menon", "Bhat", "Reddy", "Das"}},
    {"berlin",
     "Berlin",
     "Europe/Berlin",
     "katrin.wolff",
     120,
     false,
     {"Ingrid", "Jonas", "Lena", "Emre", "Clara", "Felix", "Nina", "Matthias"},
     {"Vogt", "Brandt", "Yilmaz", "Keller", "Lorenz", "Seidel", "Kraus", "Hoffmann"}},
    {"london",
     "London",
     "Europe/London",
     "grace.okafor",
     60,
     false,
     {"Amelia", "Oliver", "Isla", "Kwame", "Freya", "George", "Poppy", "Theo"},
     {"Clarke", "Mensah", "Hughes", "Bennett", "Patel", "Fraser", "Doyle", "Marsh"}},
    {"new-york",
     "New York",
     "America/New_York",
     "daniel.rossi",
     -240,
     false,
     {"Maya", "Ethan", "Sofia", "Marcus", "Hannah", "Luis", "Naomi", "Caleb"},
     {"Brooks", "Cohen", "Rivera", "Kim", "Sullivan", "Price", "Ortiz", "Bell"}},
    {"los-angeles",
     "Los Angeles",
     "America/Los_Angeles",
     "elena.park",
     -420,
     true,
     {"Camila", "Tyler", "Jade", "Mateo", "Brooke", "Andre", "Lily", "Diego"},
     {"Lopez", "Chen", "Fischer", "Young", "Santos", "Reed", "Hale", "Castro"}},
};

/* How somebody's week goes: the share of what the goal asks for, by working day and half of the day. */
typedef struct {
  double share[5][2];
} story;
static const story by_week[SEATS] = {
    {{{1.1, 1.1}, {1.1, 1.1}, {1.1, 1.1}, {1.1, 1.1}, {1.1, 1.1}}},  /* steady */
    {{{.4, .5}, {.5, .7}, {1.3, 1.7}, {1.7, 1.8}, {1.7, 1.8}}},      /* catches up */
    {{{1.4, 1.4}, {1.4, 1.4}, {1.4, 1.4}, {1.3, 1.3}, {1.3, 1.3}}},  /* there by Thursday */
    {{{1.2, 1.1}, {1.1, .9}, {.2, .2}, {.3, .5}, {1.4, 1.4}}},       /* slumps midweek */
    {{{1.1, 1.1}, {1.2, 1.2}, {1.1, 1.1}, {1.2, 1.2}, {1.0, 1.0}}},  /* steady */
    {{{.8, .8}, {.6, .6}, {.7, .7}, {.6, .6}, {.6, .6}}},            /* never gets going */
    {{{1.0, 1.1}, {1.1, 1.1}, {1.1, 1.1}, {1.1, 1.1}, {1.1, 1.1}}}}; /* steady */
static const story by_day[SEATS] = {
    {{{1.1, 1.1}, {1.1, 1.1}, {1.1, 1.1}, {1.1, 1.1}, {1.1, 1.1}}},
    {{{.3, 2.0}, {1.2, 1.2}, {.3, 2.0}, {1.2, 1.2}, {.3, 2.0}}}, /* dozes, then hurries */
    {{{1.4, 1.3}, {1.4, 1.2}, {1.3, 1.3}, {1.4, 1.3}, {1.3, 1.3}}},
    {{{1.2, 1.1}, {1.1, 1.1}, {.3, .3}, {.4, .6}, {1.2, 1.2}}},
    {{{1.2, 1.0}, {1.1, 1.1}, {1.2, 1.1}, {1.0, 1.2}, {1.2, 1.0}}},
    {{{.9, .9}, {.5, .6}, {.9, 1.2}, {.5, .6}, {.6, .6}}},
    {{{1.1, 1.0}, {1.1, 1.1}, {1.1, 1.1}, {1.1, 1.1}, {1.1, 1.1}}}};

typedef enum { CALL, EMAIL, DEMO, WON, LOST, REP_GOALS, TEAM_GOALS, STRANGER, BROKEN } sort;

typedef struct {
  int64_t at_s;        /* when it was written */
  int32_t delay_s;     /* it had happened so much earlier; negative: it claims the future */
  uint32_t serial;     /* its id */
  int32_t amount_cent; /* WON */
  uint16_t who;        /* rep or team */
  uint8_t what;
} entry;

typedef struct {
  char id[32], name[32];
  const office *crew;
  pl_since team, zone;
  const story *story;
} person;

struct pl_company {
  person *people;
  size_t npeople;
  entry *entries; /* ascending by at_s, then serial */
  size_t n, room, next;
  uint32_t serial;
  uint64_t random;
  pl_company_counts counts;
  char id[24], account[16]; /* of the deed handed out */
  pl_goal_fact goals[GOALS_PER_REP];
};

static uint64_t draw(pl_company *c) { /* splitmix64 */
  uint64_t z = c->random += 0x9E3779B97F4A7C15u;
  z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
  z = (z ^ z >> 27) * 0x94D049BB133111EBu;
  return z ^ z >> 31;
}
static double share(pl_company *c) { return (double)(draw(c) >> 11) * 0x1p-53; } /* [0, 1) */
static int64_t between(pl_company *c, int64_t low, int64_t high) {               /* [low, high) */
  return low + (int64_t)(share(c) * (double)(high - low));
}
static int about(pl_company *c, double mean) { return (int)(mean + share(c)); } /* whole, right on average */

static int64_t monday_s(void) { return (int64_t)pl_civil_day(2026, 6, 1) * DAY_S; }
pl_wall pl_company_opens(void) { return pl_wall_s(monday_s() + OPENS_HOUR * 3600); }
pl_wall pl_company_closes(void) { return pl_wall_s(monday_s() + CLOSES_HOUR * 3600 + 300); }
bool pl_company_rests(pl_wall t) { /* after Los Angeles' Friday, before Sydney's Monday */
  int64_t hour = (pl_seconds(t) - monday_s()) / 3600;
  return hour >= 5 * 24 + 1 && hour < 6 * 24 + 22;
}

static void write_down(pl_company *c, entry e) {
  if (e.at_s > pl_seconds(pl_company_closes())) return;
  if (c->n == c->room) {
    size_t room = c->room ? 2 * c->room : 1024;
    c->entries = pl_resize(c->entries, c->room * sizeof *c->entries, room * sizeof *c->entries);
    c->room = room;
  }
  c->entries[c->n++] = e;
  c->counts.activities += e.what != REP_GOALS && e.what != TEAM_GOALS && e.what != BROKEN;
  c->counts.repeated += e.delay_s > 0 && e.delay_s < REPEATED_WITHIN_S;
  c->counts.broken += e.what == BROKEN;
}

/* Something somebody did in [from_s, to_s); now and then the CRM sends it again. */
static void act(pl_company *c, uint16_t who, sort what, int64_t from_s, int64_t to_s, int odds_of_repeat) {
  entry e = {.at_s = between(c, from_s, to_s), .serial = c->serial++, .who = who, .what = (uint8_t)what};
  if (what == WON) e.amount_cent = (int32_t)between(c, 16, 84) * 5000;
  write_down(c, e);
  if (odds_of_repeat && between(c, 0, odds_of_repeat) == 0) {
    e.delay_s = (int32_t)between(c, 60, REPEATED_WITHIN_S), e.at_s += e.delay_s;
    write_down(c, e);
  }
}

/* Half a working day: `rate` of what the goals ask for. History holds only what metrics with a goal count. */
static void work(pl_company *c, uint16_t who, int64_t from_s, double rate, bool live) {
  int64_t to_s = from_s + 4 * 3600;
  int odds = live ? 300 : 0;
  int calls = about(c, 20 * rate * (0.88 + 0.24 * share(c))), emails = live ? about(c, 4) : 0;
  int demos = about(c, rate), won = about(c, 0.27 * rate), lost = about(c, 0.15);
  for (int i = 0; i < calls; i++) act(c, who, CALL, from_s, to_s, odds);
  for (int i = 0; i < emails; i++) act(c, who, EMAIL, from_s, to_s, odds);
  for (int i = 0; i < demos; i++) act(c, who, DEMO, from_s, to_s, odds);
  for (int i = 0; i < won; i++) act(c, who, WON, from_s, to_s, odds);
  for (int i = 0; i < lost; i++) act(c, who, LOST, from_s, to_s, odds);
}

static void live_through(pl_company *c, uint16_t who) {
  const person *p = &c->people[who];
  for (int d = -HISTORY_DAYS; d <= 7; d++) {
    int64_t midnight_s = monday_s() + (int64_t)d * DAY_S - p->crew->east_min * 60;
    int weekday = (d + 10 * 7) % 7;
    double mood = 0.7 + 0.6 * share(c); /* days differ, and history shows by how much */
    for (int half = 0; half < 2 && weekday < 5; half++)
      work(c, who, midnight_s + (9 + 4 * half) * 3600, d >= 0 && d < 5 ? p->story->share[d][half] : mood,
           d >= 0);
  }
}

/* What goes wrong in a real feed, at hours of the week. */
static void spoil(pl_company *c) {
  static const struct {
    int hour;
    sort what;
    int32_t delay_s;
  } mishaps[] = {{4, BROKEN, 0},    {9, STRANGER, 0},       {30, CALL, -DAY_S},
                 {33, STRANGER, 0}, {52, CALL, 90 * DAY_S}, {60, BROKEN, 0},
                 {77, STRANGER, 0}, {81, BROKEN, 0},        {101, CALL, -30 * DAY_S}};
  for (size_t i = 0; i < PL_COUNT(mishaps); i++)
    write_down(c, (entry){.at_s = monday_s() + mishaps[i].hour * 3600 + between(c, 0, 3600),
                          .delay_s = mishaps[i].delay_s,
                          .serial = c->serial++,
                          .who = (uint16_t)between(c, 0, (int64_t)c->npeople),
                          .what = (uint8_t)mishaps[i].what});
}

static int in_order(const void *a, const void *b) {
  const entry *x = a, *y = b;
  if (x->at_s != y->at_s) return x->at_s < y->at_s ? -1 : 1;
  return x->serial < y->serial ? -1 : x->serial > y->serial;
}

static void hire(pl_company *c, size_t i, size_t offset) {
  person *p = &c->people[i];
  size_t seat = i / PL_COMPANY_TEAMS;
  p->crew = &crews[i % PL_COMPANY_TEAMS];
  p->story = &(p->crew->daily ? by_day : by_week)[(seat + offset) % SEATS];
  (void)snprintf(p->name, sizeof p->name, "%s %s", p->crew->first[seat % NAMES],
                 p->crew->last[(seat + seat / NAMES) % NAMES]);
  for (size_t k = 0; p->name[k]; k++)
    p->id[k] = p->name[k] == ' ' ? '.' : (char)tolower((unsigned char)p->name[k]);
  p->team = (pl_since){PL_DAY_ALWAYS, pl_str_of(p->crew->id)};
  p->zone = (pl_since){PL_DAY_ALWAYS, pl_str_of(p->crew->zone)};
}

/* Monday, 05:00 of the team's own time. */
static void agree(pl_company *c, sort what, uint16_t who, const office *crew) {
  write_down(c, (entry){.at_s = monday_s() + 5 * 3600 - crew->east_min * 60,
                        .serial = c->serial++,
                        .who = who,
                        .what = (uint8_t)what});
}

pl_company *pl_company_new(uint64_t seed, size_t nreps) {
  PL_ASSERT(nreps > 0 && nreps <= PL_COMPANY_REPS_MAX);
  pl_company *c = PL_NEW(pl_company);
  size_t offsets[PL_COMPANY_TEAMS];
  c->random = seed;
  c->people = pl_alloc(nreps * sizeof *c->people), c->npeople = nreps;
  for (size_t t = 0; t < PL_COMPANY_TEAMS; t++) offsets[t] = (size_t)between(c, 0, SEATS);
  for (size_t i = 0; i < nreps; i++) hire(c, i, offsets[i % PL_COMPANY_TEAMS]);
  for (size_t i = 0; i < nreps; i++) {
    live_through(c, (uint16_t)i);
    agree(c, REP_GOALS, (uint16_t)i, c->people[i].crew);
  }
  for (size_t t = 0; t < PL_COMPANY_TEAMS; t++) agree(c, TEAM_GOALS, (uint16_t)t, &crews[t]);
  spoil(c);
  qsort(c->entries, c->n, sizeof *c->entries, in_order);
  return c;
}

void pl_company_free(pl_company **company) {
  pl_company *c = *company;
  if (!c) return;
  pl_release(c->people, c->npeople * sizeof *c->people);
  pl_release(c->entries, c->room * sizeof *c->entries);
  PL_FREE(*company);
}

size_t pl_company_reps(const pl_company *c) { return c->npeople; }
pl_company_counts pl_company_totals(const pl_company *c) { return c->counts; }

void pl_company_rep(const pl_company *c, size_t i, pl_rep_fact *out) {
  const person *p = &c->people[i];
  *out = (pl_rep_fact){.id = pl_str_of(p->id),
                       .name = pl_str_of(p->name),
                       .memberships = &p->team,
                       .nmemberships = 1,
                       .zones = &p->zone,
                       .nzones = 1};
}

void pl_company_team(const pl_company *c, size_t i, pl_team_fact *out) {
  (void)c;
  *out = (pl_team_fact){.id = pl_str_of(crews[i].id),
                        .name = pl_str_of(crews[i].name),
                        .manager = pl_str_of(crews[i].manager),
                        .zone = pl_str_of(crews[i].zone)};
}

static pl_goal_fact goal(const char *name, const char *metric, pl_unit period, double target,
                         const char *plan) {
  return (pl_goal_fact){.name = pl_str_of(name),
                        .metric = pl_str_of(metric),
                        .plan = pl_str_of(plan),
                        .period = period,
                        .target = target,
                        .owner = PL_OWNER_AGREED,
                        .from = PL_DAY_ALWAYS};
}

static void rep_goals(pl_company *c, const person *p, pl_deed *out) {
  c->goals[0] = p->crew->daily
                    ? goal("calls", "calls", PL_DAY, 40, "Ten calls before the first coffee break.")
                    : goal("calls", "calls", PL_WEEK, 200, "Block two hours for calls every morning.");
  c->goals[1] = goal("demos", "demos", PL_WEEK, 8, "Offer a demo in every second call.");
  c->goals[2] = goal("revenue", "revenue", PL_MONTH, 20000, "Follow up on each open quote by Wednesday.");
  out->goals = (pl_goals_fact){pl_str_of(p->id), false, c->goals, 3};
}

static void team_goals(pl_company *c, uint16_t team, pl_deed *out) {
  size_t members = (c->npeople + PL_COMPANY_TEAMS - 1 - team) / PL_COMPANY_TEAMS;
  c->goals[0] = goal("calls", "calls", PL_WEEK, 200.0 * (double)members, "");
  c->goals[1] = goal("revenue", "revenue", PL_MONTH, 20000.0 * (double)members, "");
  c->goals[0].from = c->goals[1].from = pl_civil_day(2026, 6, 1); /* nobody is asked about their history */
  out->goals = (pl_goals_fact){pl_str_of(crews[team].id), true, c->goals, members ? 2 : 0};
}

static void activity(pl_company *c, const entry *e, pl_deed *out) {
  static const char *const types[] = {
      [CALL] = "call", [EMAIL] = "email", [DEMO] = "demo", [WON] = "deal_won", [LOST] = "deal_lost"};
  sort what = e->what == STRANGER ? CALL : e->what;
  (void)snprintf(c->id, sizeof c->id, "crm-%06u", e->serial);
  (void)snprintf(c->account, sizeof c->account, "account-%02u", (e->serial * 7 + e->who) % 60);
  out->activity = (pl_activity){.id = pl_str_of(c->id),
                                .rep = out->key,
                                .at = pl_wall_s(e->at_s - e->delay_s),
                                .type = pl_str_of(types[what]),
                                .account = pl_str_of(c->account),
                                .channel = what == DEMO && e->serial % 3 ? PL_STR("video") : PL_STR("phone"),
                                .opened_at = PL_NEVER,
                                .complete_to = PL_NEVER};
  if (what == WON) out->activity.amount = (pl_value){.kind = PL_DECIMAL, .scale = 2, .i = e->amount_cent};
}

bool pl_company_answer(pl_str alert, pl_answer_word *out) {
  static const char *const words[][2] = {
      {"The dialler was down until noon.", "Calls until six today."},
      {"Two demos ran long; both want an offer.", "The offers today, twenty calls tomorrow morning."},
      {"At a customer's all day.", "I make up for it with an hour of calls each morning."},
      {"My list had gone stale.", "A new one is loaded; I am on it now."},
      {"My kid was ill.", "Back at it tomorrow; please take my 15:00 demo."},
      {"Renewals took the morning.", "They are done. Calls from now on."}};
  uint64_t h = pl_hash(alert, 1);
  const char *const *said = words[h % PL_COUNT(words)];
  *out = (pl_answer_word){alert, pl_str_of(said[0]), pl_str_of(said[1])};
  return h / PL_COUNT(words) % 4 > 0; /* one of four says nothing */
}

bool pl_company_next(pl_company *c, pl_wall until, pl_deed *out) {
  if (c->next == c->n || c->entries[c->next].at_s > pl_seconds(until)) return false;
  const entry *e = &c->entries[c->next++];
  /* a text where Avro was expected; a schema nobody knows; a body cut short */
  static const pl_str broken[] = {
      {"{\"type\":\"call\"}", 15}, {"\0\0\0\0\x63\x02", 6}, {"\0\0\0\0\x01\x20", 6}};
  *out = (pl_deed){.kind = PL_DEED_ACTIVITY, .at = pl_wall_s(e->at_s)};
  if (e->what == TEAM_GOALS) {
    out->kind = PL_DEED_GOALS, out->key = pl_str_of(crews[e->who].id);
    team_goals(c, e->who, out);
    return true;
  }
  const person *p = &c->people[e->who];
  out->key = e->what == STRANGER ? PL_STR("new.hire") : pl_str_of(p->id);
  if (e->what == REP_GOALS) {
    out->kind = PL_DEED_GOALS;
    rep_goals(c, p, out);
  } else if (e->what == BROKEN) {
    out->kind = PL_DEED_BROKEN, out->bytes = broken[e->serial % PL_COUNT(broken)];
  } else {
    activity(c, e, out);
  }
  return true;
}
