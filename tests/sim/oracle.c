#include "oracle.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "codec/keys.h"
#include "codec/when.h"
#include "core/alert.h"

static const int64_t DAY_MS = 86400000, CREPT_MS = 500;
static char wrong[600];

static bool PL_PRINTF(1, 2) complain(const char *fmt, ...) {
  va_list args;
  va_start(args, fmt);
  (void)vsnprintf(wrong, sizeof wrong, fmt, args);
  va_end(args);
  return false;
}

/* --- what must be */

typedef struct {
  oracle *o;
  const company *c;
  int32_t partition;
} taker;

static void note_goals(oracle *o, const pl_core *core) {
  for (pl_map_slot *slot = NULL; (slot = pl_map_next(&core->reps, slot));) {
    pl_subject *s = slot->value;
    for (size_t i = 0; i < s->ngoals; i++) {
      const pl_goal *g = &s->goals[i];
      if (!g->open || g->ended == PL_ENDED_SKIPPED) continue;
      if (g->next.ms - core->clock.ms <= CREPT_MS) continue; /* it may have come about there, or not */
      PL_ASSERT(o->ngoals < ORACLE_GOALS_MAX);
      pl_buf actual = {o->goals[o->ngoals].actual, 0, sizeof o->goals[0].actual, sizeof o->goals[0].actual,
                       false};
      pl_buf_decimal(&actual, pl_subject_judge(s, g).actual, core->policy->metrics[g->metric].decimals);
      o->goals[o->ngoals].actual[actual.n] = 0;
      (void)snprintf(o->goals[o->ngoals].rep, sizeof o->goals[0].rep, "%s", s->id);
      (void)snprintf(o->goals[o->ngoals].name, sizeof o->goals[0].name, "%s", g->name);
      o->goals[o->ngoals++].behind = g->step != PL_STEP_NONE;
    }
  }
}

static void take(void *ctx, pl_core *core, const company_event *last, pl_reason reason) {
  taker *t = ctx;
  oracle *o = t->o;
  if (last) o->unheard[last - t->c->events] = reason == PL_NO_ALERT;
  o->answers += last && last->type == EVENT_ANSWER && reason == PL_APPLIED;
  for (pl_subject *s = pl_core_take_subjects(core), *next; s; s = next) {
    next = s->next_dirty;
    for (const pl_alert *a = s->told; a; a = a->next) {
      PL_ASSERT(o->n < ORACLE_ALERTS_MAX);
      char again[16] = "";
      if (a->nth) (void)snprintf(again, sizeof again, "-%u", a->nth);
      (void)snprintf(o->alerts[o->n].name, sizeof o->alerts[0].name, "%s%s:%s:%s", a->id, again,
                     pl_audience_name(a->audience), a->recipient);
      o->alerts[o->n].about[0] = 0;
      if (*a->about)
        (void)snprintf(o->alerts[o->n].about, sizeof o->alerts[0].about, "%s:%s:%s", a->about,
                       pl_audience_name(a->audience), a->recipient);
      memcpy(o->alerts[o->n].id, a->id, sizeof a->id);
      o->alerts[o->n].to = a->audience;
      (void)snprintf(o->alerts[o->n].what, sizeof o->alerts[0].what, "%s of %s, %s, due %s",
                     pl_alert_kind_name(a->kind), s->id, a->goal, pl_wall_iso(a->at, o->alerts[o->n].at));
      o->alerts[o->n].partition = t->partition;
      (void)snprintf(o->alerts[o->n].home, sizeof o->alerts[0].home, "%s",
                     *a->recipient ? a->recipient : "ops");
      o->across += broker_home(pl_str_of(o->alerts[o->n++].home), t->c->b->partitions) != t->partition;
    }
    pl_subject_written(s);
  }
  for (pl_share *share = pl_core_take_shares(core); share; share = share->next_dirty) share->dirty = false;
  o->marks[t->partition].clock = core->clock, o->seen[t->partition] = core->stamp;
  if (!last) note_goals(o, core);
}

void oracle_open(oracle *o, const world *w) {
  o->n = o->ngoals = o->across = o->answers = 0;
  memset(o->unheard, 0, sizeof o->unheard);
  for (int32_t p = 0; p < w->broker.partitions; p++) {
    const company *c = &w->company;
    pl_wall seen = {timeline_wall(&w->t).ms - 1};
    for (size_t i = 0; w->configs[0]->clock == PL_CLOCK_STREAM && i < c->n; i++)
      if (c->events[i].partition == p) seen = c->events[i].stamp;
    taker t = {o, c, p};
    o->marks[p].end = broker_end(&w->broker, PL_TOPIC_ACTIVITIES, p);
    company_live(c, p, pl_wall_minus(seen, w->configs[0]->source_delay), take, &t);
  }
}

/* --- marks */

static int64_t mark_of(const world *w, int32_t p, const char *field) {
  pl_key key = pl_key_mark("pl", p);
  pl_str text = data_field(&w->server.data, pl_key_str(&key), pl_str_of(field));
  int64_t value = -1;
  return text.p && pl_str_int(text, &value) ? value : -1;
}

static bool is_outside(const world *w, int32_t p) {
  const log_part *log = &w->broker.logs[PL_TOPIC_ACTIVITIES][p];
  int64_t mark = mark_of(w, p, "offset");
  return mark < log->low || mark > (int64_t)log->n;
}

bool oracle_is_forgotten(const world *w, int32_t p) {
  return mark_of(w, p, "offset") < 0 && w->broker.group.committed[p] > 0;
}

static bool is_broken(const world *w, int32_t p) {
  const log_part *log = &w->broker.logs[PL_TOPIC_ACTIVITIES][p];
  return log->cut || (log->low && is_outside(w, p)) || oracle_is_forgotten(w, p);
}

static int32_t home_of(const world *w, pl_str id) { return broker_home(id, w->broker.partitions); }

bool oracle_holds(const world *w) {
  bool some = false;
  for (int32_t p = 0; p < w->broker.partitions; p++) some |= is_broken(w, p);
  return some;
}

static bool look_at_marks(const oracle *o, const world *w) {
  for (int32_t p = 0; p < w->broker.partitions; p++) {
    int64_t at = mark_of(w, p, "offset"), ms = mark_of(w, p, "complete_to");
    int64_t since = ms - o->marks[p].clock.ms;
    if (!is_broken(w, p) && (at != o->marks[p].end || since < 0 || since > CREPT_MS))
      return complain("the mark of partition %d stands at %lld, %lld; expected %lld, %lld", (int)p,
                      (long long)at, (long long)ms, (long long)o->marks[p].end,
                      (long long)o->marks[p].clock.ms);
  }
  return true;
}

/* Somebody says that it is held: why it is, or why it was before Redis was emptied. */
static bool is_told(const world *w, int32_t p, pl_buf *reasons) {
  static const char *const why[] = {"its mark", "redis has no mark of it"};
  bool told = false;
  pl_buf_clear(reasons);
  for (size_t i = 0; i < PROCESSES_MAX; i++)
    if (w->processes[i]) (void)pl_engine_ready(w->processes[i]->engine, reasons);
  for (size_t i = 0; i < (oracle_is_forgotten(w, p) ? PL_COUNT(why) : 1); i++) {
    char text[60];
    (void)snprintf(text, sizeof text, "partition %d: %s", (int)p, why[i]);
    told |= memmem(reasons->p, reasons->n, text, strlen(text)) != NULL;
  }
  return told || complain("partition %d must be held, and nobody says so", (int)p);
}

static bool look_at_processes(const world *w) {
  bool ready = true;
  pl_buf reasons;
  pl_buf_init(&reasons, 1 << 16);
  for (int32_t p = 0; p < w->broker.partitions && ready; p++)
    if (is_broken(w, p) && is_outside(w, p)) ready = is_told(w, p, &reasons);
  for (size_t i = 0; i < PROCESSES_MAX && ready && !oracle_holds(w); i++) {
    if (!w->processes[i] || w->processes[i]->leaves) continue;
    pl_buf_clear(&reasons);
    ready = pl_engine_ready(w->processes[i]->engine, &reasons) || w->processes[i]->source.assigned;
    if (!ready)
      (void)complain("process %u is not ready: %.*s", w->processes[i]->id, (int)reasons.n, reasons.p);
  }
  pl_buf_fini(&reasons);
  return ready;
}

/* --- counters */

static int32_t day_of(pl_str text) { /* 2026-03-04; all worlds are in 2026 */
  static const int before[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
  int month = (text.p[5] - '0') * 10 + text.p[6] - '0', day = (text.p[8] - '0') * 10 + text.p[9] - '0';
  return 20454 + before[month - 1] + day - 1;
}

static bool is_value(const world *w, pl_key key, const char *field, int64_t hundredths) {
  pl_str text = data_field(&w->server.data, pl_key_str(&key), pl_str_of(field));
  int64_t found = 0;
  if (text.p && pl_str_decimal(text, 2, &found) && found == hundredths) return true;
  return complain("%.*s %s is %.*s, expected %.2f", (int)key.n, key.text, field, text.p ? (int)text.n : 4,
                  text.p ? text.p : "none", (double)hundredths / 100);
}

static bool look_at_counters(const world *w, pl_key key, int rep, int team, pl_wall now) {
  const company *c = &w->company;
  pl_str day = data_field(&w->server.data, pl_key_str(&key), PL_STR("period:day"));
  int32_t today = day.n == 10 ? day_of(day) : 0, monday = today - (today + 3) % 7;
  if (today != pl_floor_div(now.ms, DAY_MS))
    return complain("%.*s shows the day %.*s, expected %lld", (int)key.n, key.text, (int)day.n,
                    day.p ? day.p : "", (long long)pl_floor_div(now.ms, DAY_MS));
  const struct {
    const char *window;
    int32_t first, last;
  } windows[] = {{"day", today, today},
                 {"day:prev", today - 1, today - 1},
                 {"week", monday, today},
                 {"week:prev", monday - 7, monday - 1}};
  for (size_t i = 0; i < PL_COUNT(windows); i++) {
    char name[40];
    (void)snprintf(name, sizeof name, "calls:%s", windows[i].window);
    if (!is_value(w, key, name, company_count(c, METRIC_CALLS, rep, team, windows[i].first, windows[i].last)))
      return false;
    (void)snprintf(name, sizeof name, "revenue:%s", windows[i].window);
    if (!is_value(w, key, name,
                  company_count(c, METRIC_REVENUE, rep, team, windows[i].first, windows[i].last)))
      return false;
  }
  return true;
}

static bool look_at_goals(const oracle *o, const world *w) {
  for (size_t i = 0; i < o->ngoals; i++) {
    if (is_broken(w, home_of(w, pl_str_of(o->goals[i].rep)))) continue;
    pl_key key = pl_key_rep("pl", pl_str_of(o->goals[i].rep));
    char state[140], actual[140];
    (void)snprintf(state, sizeof state, "goal:%s:state", o->goals[i].name);
    (void)snprintf(actual, sizeof actual, "goal:%s:actual", o->goals[i].name);
    pl_str is = data_field(&w->server.data, pl_key_str(&key), pl_str_of(state)),
           so_far = data_field(&w->server.data, pl_key_str(&key), pl_str_of(actual));
    if ((is.p && pl_str_is(is, "behind")) != o->goals[i].behind || !so_far.p ||
        !pl_str_is(so_far, o->goals[i].actual))
      return complain("%.*s: %s is %.*s with %.*s, expected %s with %s", (int)key.n, key.text,
                      o->goals[i].name, (int)is.n, is.p ? is.p : "", (int)so_far.n, so_far.p ? so_far.p : "",
                      o->goals[i].behind ? "behind" : "anything else", o->goals[i].actual);
  }
  return true;
}

static bool look_at_views(const oracle *o, const world *w) {
  pl_wall now = timeline_wall(&w->t), last = PL_BEGINNING;
  for (int32_t p = 0; p < w->broker.partitions; p++) last = pl_later(last, o->seen[p]);
  for (int rep = 0; rep < REPS; rep++) {
    char id[8];
    id[0] = 'r', id[1] = (char)('1' + rep), id[2] = 0;
    if (!is_broken(w, home_of(w, pl_str_of(id))) &&
        !look_at_counters(w, pl_key_rep("pl", pl_str_of(id)), rep, -1,
                          w->configs[0]->clock == PL_CLOCK_WALL ? now : last))
      return false;
  }
  if (oracle_holds(w)) return true;
  for (int team = 0; team < TEAMS; team++) {
    pl_wall at = w->configs[0]->clock == PL_CLOCK_WALL ? now : last;
    int members = 0;
    for (int rep = 0; rep < REPS; rep++)
      members += company_team(&w->company, rep, pl_floor_div(at.ms, DAY_MS)) == team;
    pl_key shown = pl_key_team("pl", pl_str_of(team ? "t2" : "t1"), members < 3),
           hidden = pl_key_team("pl", pl_str_of(team ? "t2" : "t1"), members >= 3);
    if (!look_at_counters(w, shown, -1, team, at)) return false;
    if (data_find(&w->server.data, pl_key_str(&hidden)))
      return complain("%.*s is there: the team has %d members", (int)hidden.n, hidden.text, members);
  }
  return true;
}

/* --- dead letters */

static bool look_at_letters(const oracle *o, const world *w) {
  for (size_t i = 0; i < w->company.n; i++) {
    const company_event *e = &w->company.events[i];
    char name[100];
    int n = snprintf(name, sizeof name, "/%s/%d/%lld", w->configs[0]->kafka.topics.activities,
                     (int)e->partition, (long long)e->offset);
    bool there = broker_has(&w->broker, pl_hash((pl_str){name, (size_t)n}, 1));
    if (there != (company_refused(e) || o->unheard[i]) && !is_broken(w, e->partition))
      return complain("partition %d, offset %lld is %s dead letter", (int)e->partition, (long long)e->offset,
                      there ? "a" : "no");
  }
  return true;
}

/* --- alerts */

static bool is_of_rep(const data_entry *e) { return data_word(e, "entity").p[0] == 'r'; }

/* One that is told again is so at another time. */
static const char *const same_in[] = {"id", "audience", "at"};

static bool is_same(const data_entry *a, const data_entry *b) {
  for (size_t i = 0; i < PL_COUNT(same_in); i++)
    if (!pl_str_eq(data_word(a, same_in[i]), data_word(b, same_in[i]))) return false;
  return true;
}

static bool expects(const oracle *o, const data_entry *e) {
  for (size_t i = 0; i < o->n; i++) {
    const char *const own[] = {o->alerts[i].id, pl_audience_name(o->alerts[i].to), o->alerts[i].at};
    bool same = true;
    for (size_t k = 0; k < PL_COUNT(own); k++) same &= pl_str_is(data_word(e, same_in[k]), own[k]);
    if (same) return true;
  }
  return false;
}

/* Told in the moment by which the clock has crept on since the undisturbed core was asked. */
static bool has_crept(const oracle *o, const world *w, const data_entry *e) {
  pl_when at = {0};
  int64_t clock = o->marks[home_of(w, data_word(e, "entity"))].clock.ms;
  return pl_when_iso(data_word(e, "at"), &at) && at.ms > clock && at.ms <= clock + CREPT_MS;
}

/* In the stream each once, and of reps no other than expected. */
static bool look_at_stream(const oracle *o, const world *w) {
  const data_object *stream = data_find(&w->server.data, PL_STR("pl:alerts"));
  for (size_t i = 0; stream && i < stream->n; i++) {
    const data_entry *e = &stream->entries[i];
    pl_str id = data_word(e, "id");
    for (size_t k = 0; k < i; k++)
      if (is_same(e, &stream->entries[k])) return complain("the alert %.*s is told twice", (int)id.n, id.p);
    if (is_of_rep(e) && !expects(o, e) && !has_crept(o, w, e) &&
        !is_broken(w, home_of(w, data_word(e, "entity")))) {
      pl_str kind = data_word(e, "kind"), entity = data_word(e, "entity"), goal = data_word(e, "goal"),
             at = data_word(e, "at"), to = data_word(e, "audience");
      return complain("%.*s of %.*s, %.*s, due %.*s, is told to the %.*s: an undisturbed core does not",
                      (int)kind.n, kind.p, (int)entity.n, entity.p, (int)goal.n, goal.p, (int)at.n, at.p,
                      (int)to.n, to.p);
    }
  }
  return true;
}

static bool is_fate(pl_str entry, const char *word) {
  return entry.p && memmem(entry.p, entry.n, word, strlen(word));
}

/* Each stands in the outbox; or stood there, and Redis has lost it since. Who is said to have it has it; who
 * will not get it is said to be so, and why. */
static bool look_at_outbox(const oracle *o, const world *w) {
  for (size_t i = 0; i < o->n; i++) {
    int32_t home = home_of(w, pl_str_of(o->alerts[i].home));
    if (is_broken(w, o->alerts[i].partition) || is_broken(w, home)) continue;
    pl_key outbox = pl_key_outbox("pl", home), todo = pl_key_todo("pl", home);
    pl_str entry = data_field(&w->server.data, pl_key_str(&outbox), pl_str_of(o->alerts[i].name));
    const data_object *list = data_find(&w->server.data, pl_key_str(&todo));
    if (!entry.p &&
        !ledger_may_lack(&w->server.ledger, pl_str_of(o->alerts[i].id),
                         pl_str_of(pl_audience_name(o->alerts[i].to)), pl_str_of(o->alerts[i].at)))
      return complain("the alert %s, %s, was never told", o->alerts[i].name, o->alerts[i].what);
    if (list && list->fields.n) return complain("%zu alerts are not delivered", list->fields.n);
    bool done = is_fate(entry, "\"done\"");
    pl_str about = data_field(&w->server.data, pl_key_str(&outbox), pl_str_of(o->alerts[i].about));
    if (is_fate(entry, "\"dropped\"") && is_fate(about, "\"done\""))
      return complain("whoever was told %s did not hear of %s", o->alerts[i].about, o->alerts[i].what);
    char name[80];
    int n = snprintf(name, sizeof name, "/%.*s-%s", (int)strcspn(o->alerts[i].name, ":"), o->alerts[i].name,
                     pl_audience_name(o->alerts[i].to));
    pl_str record = {name, (size_t)n}, message = {name + 1, (size_t)n - 1};
    bool taken = done || is_fate(entry, "\"taken\":[\"hook\"") || is_fate(entry, "\"topic\",\"hook\"");
    if ((done && !broker_has(&w->broker, pl_hash(record, 1))) ||
        (taken && o->alerts[i].to != PL_TO_TEAM && !broker_has(&w->broker, pl_hash(message, 7))))
      return complain("the alert %s is called delivered and is not", o->alerts[i].name);
    if (entry.p && !done && !is_fate(entry, "\"dropped\"") &&
        !(is_fate(entry, "\"parked\"") && is_fate(entry, "\"why\":\"")))
      return complain("nobody knows what has become of the alert %s: %.*s", o->alerts[i].name, (int)entry.n,
                      entry.p);
  }
  return true;
}

const char *oracle_look(const oracle *o, const world *w) {
  bool right = look_at_marks(o, w) && look_at_processes(w) && look_at_views(o, w) && look_at_goals(o, w) &&
               look_at_letters(o, w) && look_at_stream(o, w) && look_at_outbox(o, w);
  return right ? "" : wrong;
}
