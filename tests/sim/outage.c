/* Outage: Slack, Teams and everybody else down for an hour, then back. One engine, thirty reps, and a clock
 * of its own: what is told in that hour arrives when they are back, each alert once, by itself or in a
 * summary that says how many there are; and at no time does an address hear more often than its service
 * allows.
 *
 *     outage [-v] [SEEDS [FIRST_SEED]] */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "codec/encode.h"
#include "codec/wire.h"
#include "world.h"

enum { REPS_MANY = 30, LANES_MAX = 64 };
static const int64_t HOUR = 3600 * SECOND;
static const pl_wall NINE = {INT64_C(1772442000000)}; /* Monday, 2026-03-02 */

/* Each item says ONE, and MINE to whom it is about; what a message stands for besides is counted. One of the
 * thirty leads the others, and so is told of both at one address. */
static const char head[] =
    "clock: wall\nzone: UTC\nsource_delay: 1s\nkafka: {session_timeout: 6s, topics: {roster: \"\"}}\n"
    "schemas: {folder: schemas, ids: {1: activity.avsc}}\n"
    "metrics: {calls: {count: call, windows: [day, week]}}\n"
    "calendars: {office: {week: {mon-sun: 09:00-17:00}}}\n"
    "teams: {north: {manager: r0, calendar: office}}\n"
    "goals:\n"
    "  daily: {each: north, metric: calls, period: day, target: 3, milestones: {\"10:30\": 1, \"14:00\": "
    "2}}\n"
    "  weekly: {each: north, metric: calls, period: week, target: 5}\n"
    "alerts: {budget: 0, silent_after: never, behind: {for: 5wmin, manager: after 10wmin}}\n"
    "endpoints:\n"
    "  slack: {type: slack, url_file: slack}\n"
    "  teams: {type: teams, url_file: teams}\n"
    "  bot: {type: slack_bot, token_file: bot}\n"
    "receivers: {rep: [bot], manager: [bot], team: [slack, teams]}\n"
    "messages:\n  language: xx\n  languages:\n    xx:\n"
    "      words: {many.more: \"MORE {count};\"}\n"
    "      texts:\n        aged: {title: Meanwhile, text: \"AGED {list};\"}\n";

static pl_config *make_config(void) {
  static const char *const kinds[] = {"behind",      "recovered",         "goal_met",
                                      "goal_missed", "milestone_reached", "milestone_missed"};
  static const char *const audiences[] = {"", ".rep", ".manager", ".team"};
  pl_config *config = NULL;
  pl_buf text, errors;
  pl_buf_init(&text, 1 << 16), pl_buf_init(&errors, 1 << 16);
  pl_buf_text(&text, head);
  for (size_t k = 0; k < PL_COUNT(kinds); k++)
    for (size_t a = 0; a < PL_COUNT(audiences); a++)
      pl_buf_printf(&text, "        %s%s: {title: \"{who}\", text: \"ONE;%s\"}\n", kinds[k], audiences[a],
                    strcmp(audiences[a], ".rep") == 0 ? " MINE;" : "");
  pl_buf_text(&text, "reps:\n");
  for (int i = 0; i < REPS_MANY; i++) pl_buf_printf(&text, "  r%d: {team: north, slack: U%d}\n", i, i);
  if (pl_config_parse(&config, "outage.yaml", pl_buf_str(&text), NULL, &errors) != PL_OK)
    pl_assert_failed(errors.p, __FILE__, __LINE__);
  pl_buf_fini(&text), pl_buf_fini(&errors);
  return config;
}

/* --- what arrives */

typedef struct {
  char key[80];
  int64_t last, free;  /* it was asked last, and is to be asked no sooner */
  int64_t told, asked; /* alerts it has heard of; messages */
  int64_t mine, rest;  /* of these alerts, said to be about the reader; only counted */
  int64_t after;       /* messages that it took after the outage */
} place;

static struct {
  place places[LANES_MAX];
  size_t n;
  int64_t began;
} heard;

static place *place_of(const char *endpoint, pl_str address) {
  char key[80];
  (void)snprintf(key, sizeof key, "%s %.*s", endpoint, (int)address.n, address.p);
  for (size_t i = 0; i < heard.n; i++)
    if (strcmp(heard.places[i].key, key) == 0) return &heard.places[i];
  PL_ASSERT(heard.n < LANES_MAX);
  place *p = &heard.places[heard.n++];
  *p = (place){0};
  memcpy(p->key, key, sizeof key);
  return p;
}

/* The numbers between the word and the semicolon. */
static int64_t sum_after(const char *text, const char *word) {
  int64_t sum = 0;
  const char *at = strstr(text, word);
  for (at = at ? at + strlen(word) : NULL; at && *at && *at != ';'; at++) {
    if (*at < '0' || *at > '9') continue;
    char *end;
    sum += strtoll(at, &end, 10), at = end - 1;
  }
  return sum;
}

static int64_t count_words(const char *text, const char *word) {
  int64_t n = 0;
  for (const char *at = text; (at = strstr(at, word)); at++) n++;
  return n;
}

/* In the body proper: what a notification shows says it once more. */
static int64_t count_alerts(pl_str body, int64_t *mine, int64_t *rest) {
  char *text = pl_text_new(body);
  const char *from = strstr(text, "\"blocks\":[");
  if (!from) from = strstr(text, "\"body\":[");
  PL_ASSERT(from);
  *mine = count_words(from, "MINE;");
  *rest = sum_after(from, "MORE ") + sum_after(from, "AGED ");
  int64_t n = *rest + count_words(from, "ONE;");
  pl_text_free(&text);
  return n;
}

static void on_post(world *w, size_t endpoint, pl_str address, pl_str body, bool taken,
                    int64_t retry_after_s) {
  const pl_endpoint *e = &((const pl_endpoint *)w->configs[0]->endpoints.p)[endpoint];
  place *p = place_of(e->item.name, address);
  int64_t least = pl_sink_type_of((pl_sink_kind)e->type)->interval_us;
  if (w->t.now < p->free)
    timeline_fail(&w->t, "%s is asked again after %lld ms, which is too soon by %lld", p->key,
                  (long long)((w->t.now - p->last) / MS), (long long)((p->free - w->t.now) / MS));
  int64_t mine, rest, n = count_alerts(body, &mine, &rest);
  p->last = w->t.now, p->asked++;
  p->free = w->t.now + (retry_after_s * SECOND > least ? retry_after_s * SECOND : least);
  if (w->t.loud)
    (void)printf("%8.3f %s %s %lld\n", (double)w->t.now / (double)SECOND, p->key, taken ? "takes" : "fails",
                 (long long)n);
  if (taken) p->told += n, p->mine += mine, p->rest += rest, p->after += w->t.now >= 2 * HOUR;
}

/* --- what happens */

static void call(world *w, int rep) {
  static int64_t ids;
  char id[32], who[8];
  pl_buf value;
  (void)snprintf(id, sizeof id, "e%lld", (long long)++ids);
  (void)snprintf(who, sizeof who, "r%d", rep);
  const pl_activity a = {.id = pl_str_of(id),
                         .rep = pl_str_of(who),
                         .at = timeline_wall(&w->t),
                         .type = PL_STR("call"),
                         .opened_at = PL_NEVER,
                         .complete_to = PL_NEVER};
  pl_buf_init(&value, 1 << 12);
  pl_wire_put(&value, 1);
  bool good = pl_activity_encode(&value, &a);
  PL_ASSERT(good);
  broker_put(&w->broker, PL_TOPIC_ACTIVITIES, 0, a.rep, pl_buf_str(&value), a.at);
  pl_buf_fini(&value);
}

/* A third of them do nothing for most of the morning; when Slack is back, all have done for today. */
static void on_work(void *ctx, const int64_t arg[EVENT_ARGS]) {
  world *w = ctx;
  int rep = (int)timeline_draw(&w->t, 0, REPS_MANY - 1);
  if (w->t.now > 2 * HOUR) return;
  if (rep % 3 || w->t.now > HOUR * 7 / 4) call(w, rep);
  timeline_put(&w->t, w->t.now + timeline_draw(&w->t, 10 * SECOND, 70 * SECOND), NULL, on_work, w, arg);
}

static void on_group(void *ctx, const int64_t arg[EVENT_ARGS]) {
  world *w = ctx;
  group_tick(&w->broker);
  timeline_put(&w->t, w->t.now + SECOND, NULL, on_group, w, arg);
}

static void on_generation(void *ctx, uint32_t id, uint32_t member, int64_t generation, int32_t from,
                          int32_t to) {
  process *p = world_process(ctx, id);
  if (p) source_assigned(&p->source, member, generation, from, to);
}

static void run_until(world *w, int64_t until) {
  while (!*w->t.failure && timeline_step(&w->t, until))
    if (w->dying) timeline_fail(&w->t, "the process has ended");
}

/* --- what must be */

/* How many entries of the outbox are delivered to them; those that are not are dropped. */
static int64_t count_entries(world *w, const char *audience, const char *recipient) {
  char end[60];
  (void)snprintf(end, sizeof end, ":%s:%s", audience, recipient);
  const data_object *outbox = data_find(&w->server.data, PL_STR("pl:outbox:0"));
  int64_t n = 0;
  for (pl_map_slot *s = NULL; outbox && (s = pl_map_next(&outbox->fields, s));) {
    pl_str name = {s->key, s->key_len}, entry = data_str(s->value);
    bool theirs = name.n > strlen(end) && memcmp(name.p + name.n - strlen(end), end, strlen(end)) == 0;
    if (!theirs) continue;
    n += memmem(entry.p, entry.n, "\"done\"", 6) != NULL;
    if (!memmem(entry.p, entry.n, "\"done\"", 6) && !memmem(entry.p, entry.n, "\"dropped\"", 9))
      timeline_fail(&w->t, "%.*s is neither delivered nor dropped: %.*s", (int)name.n, name.p, (int)entry.n,
                    entry.p);
  }
  return n;
}

/* That many alerts, of which so many are about the reader, in few messages. */
static void check_place(world *w, const place *p, int64_t alerts, int64_t mine, int64_t messages) {
  if (w->t.loud)
    (void)printf("%-12s %4lld alerts in %3lld messages, %lld of them after the outage\n", p->key,
                 (long long)p->told, (long long)p->asked, (long long)p->after);
  if (p->after > messages) timeline_fail(&w->t, "%s is flooded: %lld messages", p->key, (long long)p->after);
  if (p->told != alerts || p->mine > mine || p->mine + p->rest < mine)
    timeline_fail(&w->t, "%s has heard of %lld alerts, %lld of them its own; expected %lld, %lld", p->key,
                  (long long)p->told, (long long)p->mine, (long long)alerts, (long long)mine);
}

static void check(world *w) {
  const data_object *todo = data_find(&w->server.data, PL_STR("pl:todo:0"));
  if (todo && todo->fields.n) timeline_fail(&w->t, "%zu alerts are not delivered", todo->fields.n);
  const char *const open[] = {"slack", "teams"};
  for (size_t i = 0; i < PL_COUNT(open); i++) {
    const place *p = place_of(open[i], (pl_str){"", 0});
    check_place(w, p, count_entries(w, "team", "north"), 0, 2);
    if (p->told < 30) timeline_fail(&w->t, "%s has heard of little", p->key);
  }
  for (int i = 0; i < REPS_MANY; i++) {
    char rep[16], address[16];
    (void)snprintf(rep, sizeof rep, "r%d", i), (void)snprintf(address, sizeof address, "U%d", i);
    int64_t own = count_entries(w, "rep", rep), led = count_entries(w, "manager", rep);
    check_place(w, place_of("bot", pl_str_of(address)), own + led, own, led ? 4 : 2);
  }
}

/* False: it has failed, and said why. */
static bool run(const pl_config *config, uint64_t seed, bool loud) {
  static world w;
  int64_t live = pl_mem_live();
  w = (world){0};
  memset(&heard, 0, sizeof heard);
  timeline_init(&w.t, seed, NINE, 1, false);
  w.configs[0] = w.configs[1] = config, w.on_post = on_post;
  broker_init(&w.broker, &w.t, 1, 6 * SECOND);
  w.broker.group.assign = on_generation, w.broker.group.ctx = &w;
  server_init(&w.server, &w.t, 1);
  w.processes[0] = process_start(&w, ++w.ids);
  w.t.loud = loud;
  on_group(&w, NULL), on_work(&w, NULL);
  run_until(&w, HOUR);
  w.outage_until = 2 * HOUR;
  run_until(&w, HOUR + timeline_draw(&w.t, 0, HOUR));
  if (timeline_chance(&w.t, 0.5)) { /* nobody remembers what it was like before */
    process_kill(&w.processes[0]);
    w.processes[0] = process_start(&w, ++w.ids);
    for (size_t i = 0; i < heard.n; i++) heard.places[i].free = 0;
  }
  run_until(&w, 2 * HOUR + HOUR / 6);
  check(&w);
  process_kill(&w.processes[0]);
  broker_fini(&w.broker), server_fini(&w.server), timeline_fini(&w.t);
  if (pl_mem_live() != live)
    timeline_fail(&w.t, "%lld allocations are left", (long long)(pl_mem_live() - live));
  if (*w.t.failure) (void)printf("seed %llu: %s\n", (unsigned long long)seed, w.t.failure);
  return !*w.t.failure;
}

int main(int argc, char **argv) {
  bool loud = argc > 1 && strcmp(argv[1], "-v") == 0, good = true;
  uint64_t seeds = argc > 1 + loud ? strtoull(argv[1 + loud], NULL, 10) : 1,
           first = argc > 2 + loud ? strtoull(argv[2 + loud], NULL, 10) : 1;
  (void)printf("seeds %llu to %llu\n", (unsigned long long)first, (unsigned long long)(first + seeds - 1));
  pl_config *config = make_config();
  pl_log_set_level(loud ? PL_LOG_WARN : PL_LOG_ERROR);
  for (uint64_t i = 0; i < seeds && good; i++) good = run(config, first + i, loud);
  pl_config_free(&config);
  return !good;
}
