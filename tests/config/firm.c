#include "config/firm.h"

#include <string.h>

#include "codec/telling.h"
#include "core/alert.h"

enum { PLACES = 6, CHANNELS = 4 };
static const char *const slots[FIRM_SLOTS] = {"rep", "manager", "team", "ops"};

static bool chance(firm *f, double p) { return pl_random_chance(&f->random, p); }
static int draw(firm *f, int first, int last) { return (int)pl_random_in(&f->random, first, last); }

/* --- endpoints, and who hears by them */

static void draw_endpoint(firm *f, firm_endpoint *e) {
  e->type = (pl_sink_kind)draw(f, 0, PL_SINK_KINDS - 1);
  int place = draw(f, 0, PLACES - 1);
  bool file = e->type == PL_SINK_SLACK || e->type == PL_SINK_TEAMS || chance(f, 0.5);
  (void)snprintf(e->place, sizeof e->place, file ? "secrets/p%d" : "https://p%d.example.com", place);
  if (e->type == PL_SINK_SLACK_BOT && chance(f, 0.7))
    (void)snprintf(e->to, sizeof e->to, "C%d", draw(f, 0, CHANNELS - 1));
  if (e->type == PL_SINK_SMTP && chance(f, 0.7))
    (void)snprintf(e->to, sizeof e->to, "list%d@example.com", draw(f, 0, 2));
}

static bool is_addressed(const firm_endpoint *e) { return pl_sink_type_of(e->type)->addressed; }

/* Most of them as one who thinks of it would; the others anyhow. */
static void draw_slots(firm *f, firm_endpoint *e) {
  bool careful = chance(f, 0.85), open = e->type == PL_SINK_SLACK || e->type == PL_SINK_TEAMS;
  for (int s = 0; s < FIRM_SLOTS; s++) {
    bool person = s == PL_TO_REP || s == PL_TO_MANAGER;
    bool fits = person ? !open : s == PL_TO_TEAM ? !e->slots || is_addressed(e) : true;
    if (careful && (!fits || (s == PL_TO_OPS && e->slots >> PL_TO_TEAM & 1))) continue;
    if (!person && is_addressed(e) && !*e->to && !(s == PL_TO_TEAM && e->type == PL_SINK_SLACK_BOT)) continue;
    if (chance(f, 0.5)) e->slots |= 1U << s;
  }
}

static void write_endpoints(firm *f, pl_buf *y) {
  f->nendpoints = (size_t)draw(f, 1, FIRM_ENDPOINTS);
  for (size_t i = 0; i < f->nendpoints; i++)
    draw_endpoint(f, &f->endpoints[i]), draw_slots(f, &f->endpoints[i]);
  pl_buf_text(y, "endpoints:\n");
  for (size_t i = 0; i < f->nendpoints; i++) {
    const firm_endpoint *e = &f->endpoints[i];
    pl_buf_printf(y, "  e%zu: {type: %s", i, pl_sink_type_of(e->type)->name);
    if (!is_addressed(e)) pl_buf_printf(y, ", %s: \"%s\"", *e->place == 's' ? "url_file" : "url", e->place);
    if (e->type == PL_SINK_SMTP) pl_buf_text(y, ", url: \"smtp://localhost\", from: pace@example.com");
    if (e->type == PL_SINK_SLACK_BOT) pl_buf_text(y, ", token_file: secrets/token");
    if (*e->to) pl_buf_printf(y, ", to: \"%s\"", e->to);
    pl_buf_text(y, "}\n");
  }
  pl_buf_text(y, "receivers:\n");
  for (int s = 0; s < FIRM_SLOTS; s++) {
    const char *comma = "";
    pl_buf_printf(y, "  %s: [", slots[s]);
    for (size_t i = 0; i < f->nendpoints; i++)
      if (firm_has(f, i, s)) pl_buf_printf(y, "%se%zu", comma, i), comma = ", ";
    pl_buf_text(y, "]\n");
  }
}

bool firm_has(const firm *f, size_t endpoint, int slot) { return f->endpoints[endpoint].slots >> slot & 1; }

bool firm_is_public(const firm *f, size_t endpoint, pl_str address) {
  const firm_endpoint *e = &f->endpoints[endpoint];
  bool addressed = is_addressed(e), is = e->type == PL_SINK_SLACK || e->type == PL_SINK_TEAMS;
  for (size_t i = 0; i < f->nendpoints; i++) {
    const firm_endpoint *other = &f->endpoints[i];
    if (!firm_has(f, i, PL_TO_TEAM) || addressed != is_addressed(other)) continue;
    is |= addressed ? other->type == e->type && pl_str_is(address, other->to)
                    : strcmp(e->place, other->place) == 0;
  }
  if (e->type == PL_SINK_SLACK_BOT) is |= address.n && address.p[0] == 'C' && !pl_str_is(address, e->to);
  for (size_t t = 0; t < f->nteams && e->type == PL_SINK_SLACK_BOT; t++)
    is |= address.n && pl_str_is(address, f->teams[t].channel);
  return is;
}

bool firm_leaks(const firm *f) {
  bool leaks = false;
  for (size_t i = 0; i < f->nendpoints; i++) {
    const firm_endpoint *e = &f->endpoints[i];
    bool person = firm_has(f, i, PL_TO_REP) || firm_has(f, i, PL_TO_MANAGER);
    if (!is_addressed(e)) leaks |= person && firm_is_public(f, i, (pl_str){"", 0});
    for (size_t k = 0; k < f->nendpoints && firm_has(f, i, PL_TO_OPS); k++) {
      const firm_endpoint *team = &f->endpoints[k];
      if (!firm_has(f, k, PL_TO_TEAM)) continue;
      leaks |= is_addressed(e) ? team->type == e->type && *e->to && strcmp(team->to, e->to) == 0
                               : !is_addressed(team) && strcmp(team->place, e->place) == 0;
    }
  }
  return leaks;
}

/* --- who there is */

static void write_people(firm *f, pl_buf *y) {
  f->nteams = (size_t)draw(f, 1, FIRM_TEAMS), f->nreps = (size_t)draw(f, 1, FIRM_REPS);
  for (size_t i = 0; i < f->nreps; i++) {
    firm_rep *r = &f->reps[i];
    r->team = chance(f, 0.9) ? draw(f, 0, (int)f->nteams - 1) : -1, r->opted_out = chance(f, 0.2);
    if (r->team >= 0) f->teams[r->team].members++;
    if (chance(f, 0.8)) (void)snprintf(r->email, sizeof r->email, "r%zu@example.com", i);
    if (chance(f, 0.7)) (void)snprintf(r->slack, sizeof r->slack, "U%zu", i);
    if (chance(f, 0.1)) (void)snprintf(r->slack, sizeof r->slack, "C%d", draw(f, 0, CHANNELS - 1));
  }
  pl_buf_text(y, "teams:\n");
  for (size_t i = 0; i < f->nteams; i++) {
    firm_team *t = &f->teams[i];
    if (chance(f, 0.5)) (void)snprintf(t->channel, sizeof t->channel, "C%d", draw(f, 0, CHANNELS - 1));
    pl_buf_printf(y, "  t%zu: {name: Team %zu", i, i);
    if (chance(f, 0.6)) pl_buf_printf(y, ", manager: r%d", draw(f, 0, (int)f->nreps - 1));
    if (i && chance(f, 0.3)) pl_buf_printf(y, ", parent: t%d", draw(f, 0, (int)i - 1));
    if (*t->channel) pl_buf_printf(y, ", channel: %s", t->channel);
    pl_buf_text(y, "}\n");
  }
  pl_buf_text(y, "reps:\n");
  for (size_t i = 0; i < f->nreps; i++) {
    const firm_rep *r = &f->reps[i];
    pl_buf_printf(y, "  r%zu: {name: " FIRM_PERSON " %zu, recognition: %s", i, i,
                  r->opted_out ? "false" : "true");
    if (r->team >= 0) pl_buf_printf(y, ", team: t%d", r->team);
    if (*r->email) pl_buf_printf(y, ", email: %s", r->email);
    if (*r->slack) pl_buf_printf(y, ", slack: %s", r->slack);
    if (f->gossips && chance(f, 0.3)) pl_buf_text(y, ", language: xx");
    pl_buf_text(y, "}\n");
  }
}

static void write_goals(firm *f, pl_buf *y) {
  pl_buf_text(y, "goals:\n  sum: {team: t0, metric: revenue, period: week, target: 400}\n");
  for (size_t i = 0; i < f->nteams; i++) {
    pl_buf_printf(y, "  each%zu: {each: t%zu, metric: calls, period: day, target: %d", i, i, draw(f, 2, 12));
    if (chance(f, 0.5)) pl_buf_printf(y, ", milestones: {\"12:00\": %d}", draw(f, 1, 2));
    pl_buf_printf(y, "}\n  sum%zu: {team: t%zu, metric: calls, period: %s, target: %d}\n", i, i,
                  chance(f, 0.5) ? "day" : "week", draw(f, 5, 60));
  }
  for (size_t i = 0; i < f->nreps; i++) {
    if (chance(f, 0.5))
      pl_buf_printf(y,
                    "  mine%zu: {rep: r%zu, metric: revenue, period: week, target: %d, owner: rep, "
                    "plan: " FIRM_PLAN ", parent: sum, milestones: {50%%: 40%%}}\n",
                    i, i, draw(f, 10, 200));
    if (chance(f, 0.2))
      pl_buf_printf(y, "  few%zu: {rep: r%zu, metric: lost, period: day, target: %d, direction: lower}\n", i,
                    i, draw(f, 1, 4));
  }
}

/* --- words */

static bool is_public_value(const char *name) {
  static const char *const are[] = {"who",    "team",  "goal",  "milestone", "period",  "metric", "actual",
                                    "target", "share", "at",    "until",     "reason",  "of",     "count",
                                    "one",    "lower", "gauge", "over",      "of_team", "first",  "list"};
  for (size_t i = 0; i < PL_COUNT(are); i++)
    if (strcmp(are[i], name) == 0) return true;
  return false;
}

/* Says all it can of what is nobody's business, after a word that is told by. */
static void put_gossip(pl_buf *y, const char *what) {
  const char *name;
  pl_value_is is;
  pl_buf_printf(y, "\"%s", what);
  for (size_t i = 0; (name = pl_telling_value(i, &is)); i++)
    if (!is_public_value(name)) pl_buf_printf(y, "[ " FIRM_LEAK "{?%s}][ " FIRM_LEAK " {%s}]", name, name);
  pl_buf_text(y, "\"");
}

static void write_messages(firm *f, pl_buf *y) {
  static const char *const kinds[] = {"goal_met", "milestone_reached", "streak", "corrected"};
  if (!f->gossips) return;
  pl_buf_printf(y, "messages:\n  language: %s\n  languages:\n    xx:\n      texts:\n",
                chance(f, 0.7) ? "xx" : "en");
  for (size_t i = 0; i < PL_COUNT(kinds); i++) {
    pl_buf_printf(y, "        %s%s: {title: ", kinds[i], chance(f, 0.5) ? ".team" : "");
    put_gossip(y, "{who}"), pl_buf_text(y, ", text: "), put_gossip(y, "Done."), pl_buf_text(y, "}\n");
  }
  if (chance(f, 0.5)) return;
  pl_buf_text(y, "      words: {footer: "), put_gossip(y, "So it is."), pl_buf_text(y, "}\n");
}

/* --- the whole */

void firm_make(firm *f, uint64_t seed, pl_buf *y) {
  static const char *const turns[] = {"now", "after 1wh", "after 1wd", "never", "digest"};
  *f = (firm){.random = pl_random_of(seed)};
  f->days = chance(f, 0.03) ? 40 : draw(f, 2, 8), f->gossips = chance(f, 0.6);
  pl_buf_text(y, "zone: UTC\nkafka: {topics: {alerts: \"\"}}\nsource_delay: 0s\nmetrics:\n"
                 "  calls: {count: call, windows: [day, week]}\n"
                 "  revenue: {sum: amount, of: deal_won, windows: [day, week]}\n"
                 "  lost: {count: deal_lost, windows: [day]}\nfunnel: [calls, revenue]\n");
  if (chance(f, 0.7)) pl_buf_printf(y, "boards: [\"calls:%s\"]\n", chance(f, 0.5) ? "day" : "week");
  pl_buf_printf(y,
                "alerts: {digest: {at: \"16:30\", days: mon-fri}, budget: 0, group_wait: 0s, silent_after: "
                "%s, behind: {for: %dwh, manager: %s",
                chance(f, 0.5) ? "2wh" : "1wd", draw(f, 0, 1), turns[draw(f, 0, 4)]);
  pl_buf_printf(y, "%s}}\n", chance(f, 0.3) ? ", repeat: 2wh" : "");
  write_endpoints(f, y), write_people(f, y), write_goals(f, y), write_messages(f, y);
}
