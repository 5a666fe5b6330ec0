/* A configuration either is refused, with words, or keeps what is somebody's own business to themselves: some
 * days of a made-up company are lived by the core, written as the daemon would write them, and told by the
 * rooms of delivery; then nothing that others read says how somebody is doing, what they plan, or what they
 * have answered. What is public is said here once more: the news, boards, teams' views, and every place that
 * a team, or everybody, reads. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/log.h"
#include "codec/part.h"
#include "codec/view.h"
#include "config/config.h"
#include "config/firm.h"
#include "engine/delivery.h"
#include "engine/inside.h"

enum { WORLDS = 60, ENTRIES_MAX = 4000, STATES = 12, HOURS = 10 };
static const pl_wall MONDAY = {INT64_C(1772409600000)}; /* 2026-03-02 */
static const pl_dur HOUR = {3600000};

typedef struct {
  const firm *firm;
  const pl_config *config;
  pl_core *core;
  pl_view view;
  pl_buf sent, heard;
  struct {
    char *name, *entry;
  } entries[ENTRIES_MAX]; /* of the outbox, not delivered yet */
  size_t nentries;
  pl_engine engine; /* nothing of it but the rooms of delivery, and what these ask */
  pl_tenure tenure;
  pl_wall now;
  size_t told; /* entries, of which... */
} life;

/* Of all lives: what a test of silence must have heard. */
static struct {
  size_t refused, accepted, news, boards, teams, in_public, in_private, concerns, answers, corrected,
      withheld;
} seen;

static char repeat[64]; /* how */

/* --- what nobody else may read */

static bool says(pl_str text, const char *word) { return memmem(text.p, text.n, word, strlen(word)) != NULL; }

static void check_silent(pl_str text, const char *where) {
  static const char *const words[] = {
      "behind",   "slump",    "silent",   "recover",    "missed",   "at_risk",   "at risk",
      "on_pace",  "chance",   "needed",   "projected",  "required", "crosses",   "judged",
      "\"pace\"", "\"line\"", "proposed", "conversion", FIRM_PLAN,  FIRM_ANSWER, FIRM_LEAK};
  for (size_t i = 0; i < PL_COUNT(words); i++)
    if (says(text, words[i]))
      fail_msg("%s: %s says '%s': %.*s", repeat, where, words[i], (int)text.n, text.p);
}

/* Quoted-printable mail as it is read. */
static pl_str unfold(pl_str mail, pl_buf *out) {
  pl_buf_clear(out);
  for (size_t i = 0; i < mail.n; i++) {
    unsigned code;
    if (mail.p[i] != '=' || i + 2 >= mail.n)
      pl_buf_char(out, mail.p[i]);
    else if (mail.p[i + 1] == '\r')
      i += 2;
    else if (sscanf(mail.p + i + 1, "%2X", &code) == 1)
      pl_buf_char(out, (char)code), i += 2;
  }
  return pl_buf_str(out);
}

/* --- what readers of Redis see */

static const firm_rep *rep_of(const life *l, pl_str id) {
  int64_t i;
  if (id.n < 2 || id.p[0] != 'r' || !pl_str_int((pl_str){id.p + 1, id.n - 1}, &i)) return NULL;
  return &l->firm->reps[i];
}

static void check_news(const life *l, const pl_str *words, size_t n) {
  static const char *const fields[] = {"id",     "kind",  "entity", "entity_kind", "goal",
                                       "period", "since", "at",     "audience",    "body"};
  static const char *const kinds[] = {"goal_met", "milestone_reached", "streak", "corrected"};
  seen.news++;
  for (size_t i = 6; i < n; i += 2) {
    bool known = false, recognition = false;
    for (size_t k = 0; k < PL_COUNT(fields); k++) known |= pl_str_is(words[i], fields[k]);
    if (!known) fail_msg("%s: the news say a %.*s", repeat, (int)words[i].n, words[i].p);
    for (size_t k = 0; k < PL_COUNT(kinds); k++) recognition |= pl_str_is(words[i + 1], kinds[k]);
    if (pl_str_is(words[i], "kind")) assert_true(recognition);
    const firm_rep *rep = pl_str_is(words[i], "entity") ? rep_of(l, words[i + 1]) : NULL;
    if (rep && rep->opted_out) fail_msg("%s: the news name who opted out", repeat);
    check_silent(words[i + 1], "pl:news");
  }
}

static void check_board(const life *l, const pl_str *words, size_t n) {
  if (!pl_str_is(words[0], "ZADD")) return;
  seen.boards++;
  assert_int_equal(n, 4);
  const firm_rep *rep = rep_of(l, words[3]);
  if (!rep || rep->opted_out) fail_msg("%s: a board has who is not to be on it", repeat);
}

/* Its own figures are no concern; nothing of anybody in it. */
static void check_team(const life *l, pl_str id, const pl_str *words, size_t n) {
  static const char *const begin[] = {"name",  "zone",    "members", "as_of",  "complete_to", "period:",
                                      "calls", "revenue", "lost",    "board:", "goal:sum",    "conversion."};
  int64_t team;
  if (!pl_str_is(words[0], "HSET")) return;
  assert_true(pl_str_int((pl_str){id.p + 1, id.n - 1}, &team));
  if (l->firm->teams[team].members < 3) fail_msg("%s: a team of two is public", repeat);
  seen.teams++;
  for (size_t i = 2; i + 1 < n; i += 2) {
    bool known = false;
    for (size_t k = 0; k < PL_COUNT(begin); k++)
      known |= words[i].n >= strlen(begin[k]) && memcmp(words[i].p, begin[k], strlen(begin[k])) == 0;
    if (!known) fail_msg("%s: a team shows %.*s", repeat, (int)words[i].n, words[i].p);
    for (size_t k = 0; k < 2; k++)
      if (says(words[i + k], FIRM_PERSON) || says(words[i + k], FIRM_PLAN) || says(words[i + k], FIRM_ANSWER))
        fail_msg("%s: a team shows %.*s", repeat, (int)words[i + k].n, words[i + k].p);
  }
}

static void keep_entry(life *l, pl_str name, pl_str entry) {
  assert_true(l->nentries < ENTRIES_MAX);
  l->entries[l->nentries].name = pl_text_new(name);
  l->entries[l->nentries++].entry = pl_text_new(entry);
}

static void look(life *l, const pl_str *words, size_t n) {
  static const char team[] = "pl:team:", board[] = "pl:board:";
  pl_str key = n > 1 ? words[1] : (pl_str){"", 0};
  if (pl_str_is(words[0], "NEW")) keep_entry(l, words[2], words[3]);
  if (pl_str_is(key, "pl:news")) check_news(l, words, n);
  if (key.n > strlen(board) && memcmp(key.p, board, strlen(board)) == 0) check_board(l, words, n);
  if (key.n > strlen(team) && memcmp(key.p, team, strlen(team)) == 0)
    check_team(l, (pl_str){key.p + strlen(team), key.n - strlen(team)}, words, n);
}

static pl_str next_word(pl_str *rest) {
  const char *eol = memchr(rest->p, '\r', rest->n);
  int64_t n;
  assert_true(eol && *rest->p == '$' && pl_str_int((pl_str){rest->p + 1, (size_t)(eol - rest->p - 1)}, &n));
  pl_str word = {eol + 2, (size_t)n};
  *rest = (pl_str){word.p + n + 2, rest->n - (size_t)(word.p + n + 2 - rest->p)};
  return word;
}

static void look_all(life *l, pl_str batch) {
  static pl_str words[8192];
  while (batch.n) {
    int64_t n;
    assert_true(pl_str_int(next_word(&batch), &n) && n > 0 && n < (int64_t)PL_COUNT(words));
    for (int64_t i = 0; i < n; i++) words[i] = next_word(&batch);
    look(l, words, (size_t)n);
  }
}

/* --- what endpoints get */

struct post_box {
  pl_sender sender;
  life *life;
  pl_sent_fn *fn[FIRM_ENDPOINTS * FIRM_REPS * 2];
  void *ctx[FIRM_ENDPOINTS * FIRM_REPS * 2];
  size_t n;
};

/* What others than the team read, everybody perhaps, names nobody. */
static void on_send(pl_sender *sender, size_t endpoint, pl_str address, pl_str id, pl_str body,
                    pl_sent_fn *fn, void *ctx) {
  struct post_box *box = (struct post_box *)sender;
  const life *l = box->life;
  bool mail = l->firm->endpoints[endpoint].type == PL_SINK_SMTP;
  pl_str text = mail ? unfold(body, &box->life->heard) : body;
  (void)id;
  assert_true(box->n < PL_COUNT(box->fn));
  box->fn[box->n] = fn, box->ctx[box->n++] = ctx;
  if (!firm_is_public(l->firm, endpoint, address)) {
    seen.in_private++;
    return;
  }
  seen.in_public++;
  if (firm_has(l->firm, endpoint, PL_TO_TEAM))
    check_silent(text, pl_sink_type_of(l->firm->endpoints[endpoint].type)->name);
  else if (says(text, FIRM_PERSON))
    fail_msg("%s: everybody reads of somebody: %.*s", repeat, (int)text.n, text.p);
}

/* Some entries at once, so that those that wait in one lane are told together. */
static void deliver(life *l, size_t n) {
  static const pl_sender_ops ops = {.send = on_send};
  static pl_delivery deliveries[FIRM_REPS];
  struct post_box box = {.sender = {&ops}, .life = l};
  pl_err err;
  l->engine.ports.sender = &box.sender;
  for (size_t i = 0; i < n; i++) {
    pl_delivery *d = &deliveries[i];
    pl_post *post;
    l->nentries--;
    *d = (pl_delivery){.engine = &l->engine, .name = l->entries[l->nentries].name, .serial = (uint32_t)i + 1};
    d->name_len = strlen(d->name);
    pl_str entry = pl_str_of(l->entries[l->nentries].entry);
    pl_buf_init(&d->entry, entry.n), pl_buf_str_put(&d->entry, entry);
    assert_int_equal(pl_post_read(&post, entry, &err), PL_OK);
    seen.concerns += strcmp(pl_post_text(post, "kind"), "behind") == 0;
    seen.corrected += strcmp(pl_post_text(post, "kind"), "corrected") == 0;
    pl_delivery_open(d, post);
    (void)pl_delivery_tick(d);
    seen.withheld += d->trouble && strstr(d->trouble, "read");
    pl_post_free(&post);
    pl_text_free(&l->entries[l->nentries].entry);
  }
  (void)pl_lanes_tick(l->engine.lanes);
  for (size_t i = 0; i < n; i++) pl_delivery_fini(&deliveries[i]);
  while (box.n) box.n--, box.fn[box.n](box.ctx[box.n], PL_SENT_TAKEN, 200, 0, "");
  pl_lanes_reset(l->engine.lanes);
}

/* --- the life */

static int32_t home(void *ctx, pl_str id) { return (void)ctx, (void)id, 0; }
static pl_wall wall(void *ctx) { return ((const life *)ctx)->now; }
static pl_mono mono(void *ctx) { return (pl_mono){((const life *)ctx)->now.ms * 1000}; }
static void wake(void *ctx) { (void)ctx; }

static bool load_zone(void *ctx, const char *name, pl_buf *out) {
  static char bytes[4096];
  static size_t n;
  (void)ctx;
  FILE *file = n || strcmp(name, "UTC") != 0 ? NULL : fopen("/usr/share/zoneinfo/UTC", "rb");
  if (file) n = fread(bytes, 1, sizeof bytes, file), (void)fclose(file);
  pl_buf_put(out, bytes, n);
  return n > 0;
}

static void add_up(life *l, pl_share *share) {
  pl_err err;
  pl_buf part;
  pl_subject *team = pl_core_find(l->core, (pl_str){share->team, share->team_len}, true);
  if (!team) return;
  pl_buf_init(&part, 1 << 20);
  pl_part_encode(share, l->core->policy, &part);
  pl_part_reset(team);
  assert_int_equal(pl_part_decode(team, pl_buf_str(&part), &err), PL_OK);
  pl_core_team_changed(l->core, team);
  pl_buf_fini(&part);
}

static void flush(life *l) {
  pl_batch batch;
  pl_batch_init(&batch);
  l->view.now = l->view.wall = pl_core_now(l->core);
  for (pl_share *s = pl_core_take_shares(l->core), *next; s; s = next)
    next = s->next_dirty, s->dirty = false, add_up(l, s);
  for (pl_subject *s = pl_core_take_subjects(l->core), *next; s; s = next) {
    next = s->next_dirty;
    pl_view_subject(&l->view, &batch, s);
    pl_subject_written(s);
    assert_false(batch.body.full);
    look_all(l, pl_buf_str(&batch.body));
    pl_batch_clear(&batch);
  }
  pl_batch_fini(&batch);
}

static void advance(life *l, pl_wall t) {
  l->now = t;
  (void)pl_core_advance(l->core, t, NULL), flush(l);
  (void)pl_core_advance_teams(l->core, MONDAY, t, NULL), flush(l);
}

/* Whoever was told has something to say. */
static void answer(life *l, pl_random *r, int64_t *offset) {
  for (size_t i = 0; i < l->nentries; i++) {
    pl_err err;
    pl_post *post;
    assert_int_equal(pl_post_read(&post, pl_str_of(l->entries[i].entry), &err), PL_OK);
    bool asked = strcmp(pl_post_text(post, "kind"), "behind") == 0 &&
                 strcmp(pl_post_text(post, "audience"), "rep") == 0;
    if (asked && pl_random_chance(r, 0.5)) {
      char id[32];
      (void)snprintf(id, sizeof id, "a%d", (int)*offset);
      const pl_answer_word said = {pl_str_of(pl_post_text(post, "id")), PL_STR(FIRM_ANSWER),
                                   PL_STR(FIRM_PLAN)};
      const pl_event event = {.id = pl_str_of(id),
                              .rep = pl_str_of(pl_post_text(post, "recipient")),
                              .at = l->now,
                              .type = PL_TYPE_ANSWER,
                              .answer = &said};
      seen.answers += pl_core_apply(l->core, &event, l->now, ++*offset) == PL_APPLIED;
    }
    pl_post_free(&post);
  }
}

/* A call, a deal, or that there was no such call; the busier the fewer days have passed. */
static void happen(life *l, pl_random *r, int day, int64_t *offset) {
  const pl_policy *policy = l->core->policy;
  char id[48], of[64], rep[16];
  pl_event event = {.at = l->now, .type = PL_TYPE_OTHER};
  const char *type = pl_random_chance(r, 0.2) ? "deal_won" : pl_random_chance(r, 0.1) ? "deal_lost" : "call";
  bool deal = *type == 'd', back = !deal && *offset && pl_random_chance(r, 0.15);
  int who = (int)pl_random_in(r, 0, (int64_t)l->firm->nreps - 1);
  (void)snprintf(rep, sizeof rep, "r%d", who);
  (void)snprintf(id, sizeof id, "%s-%d-%d", rep, day, (int)*offset);
  if (pl_random_chance(r, 0.1 * day)) return;
  event.id = pl_str_of(id), event.rep = pl_str_of(rep);
  for (size_t i = 0; i < policy->ntypes; i++)
    if (strcmp(policy->types[i], type) == 0) event.type = (int)i;
  for (size_t i = 0; deal && i < policy->nfields; i++)
    event.fields[i] = (pl_value){.kind = PL_INT, .i = pl_random_in(r, 1, 40)};
  (void)pl_core_apply(l->core, &event, l->now, ++*offset);
  if (!back) return;
  (void)snprintf(of, sizeof of, "%s/back", id);
  event.retracts = event.id, event.id = pl_str_of(of);
  flush(l); /* what it was good for is told */
  (void)pl_core_apply(l->core, &event, l->now, ++*offset);
}

static void live(life *l, pl_random *r) {
  int64_t offset = 0;
  for (int day = 0; day < l->firm->days; day++)
    for (int hour = 0; hour < HOURS; hour++) {
      pl_wall from = {MONDAY.ms + day * 24 * HOUR.ms + (8 + hour) * HOUR.ms};
      for (int i = 0; i < (int)l->firm->nreps * 2; i++) {
        l->now = pl_wall_plus(from, (pl_dur){i * HOUR.ms / 20});
        happen(l, r, day, &offset);
      }
      advance(l, pl_wall_plus(from, HOUR));
      answer(l, r, &offset);
      while (l->nentries) {
        size_t most = l->nentries < FIRM_REPS ? l->nentries : FIRM_REPS;
        deliver(l, (size_t)pl_random_in(r, 1, (int64_t)most));
      }
    }
}

static void check_life(const firm *f, const pl_config *config, uint64_t seed) {
  static life l;
  pl_random random = pl_random_of(~seed);
  pl_almanac *almanac;
  pl_err err;
  l = (life){.firm = f, .config = config, .now = MONDAY};
  assert_int_equal(pl_almanac_new(&almanac, &config->policy, load_zone, NULL, &err), PL_OK);
  pl_teams *teams = pl_facts_teams(&config->policy);
  l.core = pl_core_new(&config->policy, almanac, teams, 0);
  assert_int_equal(pl_facts_configured(l.core, &config->policy, teams, NULL, NULL, &err), 0);
  l.engine = (pl_engine){.ports = {.clock = {wall, mono, &l}, .wake = wake},
                         .config = config,
                         .almanac = almanac,
                         .teams = teams,
                         .tenures = &l.tenure,
                         .turn_ends = {INT64_MAX}};
  l.tenure.core = l.core;
  l.engine.outbox = pl_outbox_new(&l.engine), l.engine.lanes = pl_lanes_new(&l.engine);
  l.engine.gate = pl_gate_new(&l.engine);
  pl_view_init(&l.view, "pl", home, NULL), pl_buf_init(&l.heard, 1 << 20);
  pl_core_begin(l.core, pl_times_at(MONDAY));
  advance(&l, MONDAY);
  live(&l, &random);
  pl_gate_free(&l.engine.gate), pl_lanes_free(&l.engine.lanes), pl_outbox_free(&l.engine.outbox);
  pl_view_fini(&l.view), pl_buf_fini(&l.heard);
  pl_core_free(&l.core), pl_teams_free(&teams), pl_almanac_free(&almanac);
}

/* --- */

static void check_firm(uint64_t seed) {
  static firm f;
  pl_config *config;
  pl_buf yaml, errors;
  (void)snprintf(repeat, sizeof repeat, "PACELINE_SEED=%" PRIu64 " PACELINE_WORLDS=1", seed);
  pl_buf_init(&yaml, 1 << 18), pl_buf_init(&errors, 1 << 18);
  firm_make(&f, seed, &yaml);
  assert_false(yaml.full);
  pl_status status = pl_config_parse(&config, "firm.yaml", pl_buf_str(&yaml), NULL, &errors);
  bool refused = status != PL_OK;
  if (refused != firm_leaks(&f))
    fail_msg("%s: it is %s:\n%.*s\n%.*s", repeat, refused ? "refused" : "accepted", (int)errors.n, errors.p,
             (int)yaml.n, yaml.p);
  seen.refused += refused, seen.accepted += !refused;
  for (pl_str rest = pl_buf_str(&errors); rest.n;) { /* each line says why, and what to do */
    const char *end = memchr(rest.p, '\n', rest.n);
    pl_str line = {rest.p, end ? (size_t)(end - rest.p) : rest.n};
    if (!says(line, "firm.yaml:") || !says(line, ": receivers.") || !says(line, "; give "))
      fail_msg("%s: refused without a reason: %.*s", repeat, (int)line.n, line.p);
    rest = (pl_str){end + 1, rest.n - line.n - 1};
  }
  if (!refused) check_life(&f, config, seed);
  pl_config_free(&config);
  pl_buf_fini(&yaml), pl_buf_fini(&errors);
}

static void what_is_accepted_keeps_to_themselves_how_people_are_doing(void **state) {
  (void)state;
  const char *text = getenv("PACELINE_WORLDS");
  uint64_t first = pl_random_seed(20260302), n = text ? strtoull(text, NULL, 10) : WORLDS;
  int64_t before = pl_mem_live();
  pl_log_set_level(PL_LOG_ERROR);
  for (uint64_t i = 0; i < n; i++) check_firm(first + i);
  assert_int_equal(pl_mem_live(), before);
  print_message(
      "%zu refused, %zu accepted: %zu news, %zu on boards, %zu views of teams, %zu messages in public, "
      "%zu in private, %zu concerns, %zu answered, %zu corrected, %zu withheld\n",
      seen.refused, seen.accepted, seen.news, seen.boards, seen.teams, seen.in_public, seen.in_private,
      seen.concerns, seen.answers, seen.corrected, seen.withheld);
  if (n < WORLDS) return;
  assert_true(seen.refused > n / 10 && seen.accepted > n / 10 && seen.news > n && seen.boards > n);
  assert_true(seen.teams > n && seen.in_public > n && seen.in_private > n && seen.concerns > n);
  assert_true(seen.answers > 0 && seen.corrected > 0 && seen.withheld > 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_is_accepted_keeps_to_themselves_how_people_are_doing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
