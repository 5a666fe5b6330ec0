#include "office.h"

#include <stdlib.h>

#include "codec/view.h"
#include "engine/facts.h"
#include "fuzz.h"

static pl_config *config;
static pl_teams *teams;

static bool load_zone(void *ctx, const char *name, pl_buf *out) {
  static const char *const names[] = {"Europe/Berlin", "Europe/Lisbon"};
  static pl_buf files[PL_COUNT(names)]; /* as long as the process */
  (void)ctx;
  for (size_t i = 0; i < PL_COUNT(names); i++) {
    char path[64];
    if (strcmp(name, names[i]) != 0) continue;
    (void)snprintf(path, sizeof path, "/usr/share/zoneinfo/%s", name);
    if (!files[i].p) pl_buf_init(&files[i], 1 << 16), fuzz_read(path, &files[i]);
    pl_buf_str_put(out, pl_buf_str(&files[i]));
    return true;
  }
  return false;
}

static void leave(void) { pl_config_free(&config); }

const pl_config *office(void) {
  if (config) return config;
  pl_config *made;
  pl_buf text, errors;
  pl_buf_init(&text, 1 << 16), pl_buf_init(&errors, 1 << 16);
  fuzz_read("tests/fuzz/office.yaml", &text);
  if (pl_config_parse(&made, "office.yaml", pl_buf_str(&text), NULL, &errors) != PL_OK)
    pl_assert_failed(errors.p, __FILE__, __LINE__);
  teams = pl_facts_teams(&made->policy);
  pl_buf_fini(&text), pl_buf_fini(&errors);
  config = made;
  (void)atexit(leave);
  pl_core *core = office_open();
  office_live(core, OFFICE_MONDAY, 1); /* who reads the zones */
  office_close(&core);
  return config;
}

pl_core *office_open(void) {
  pl_err err;
  pl_almanac *almanac;
  const pl_policy *policy = &office()->policy;
  fuzz_need(pl_almanac_new(&almanac, policy, load_zone, NULL, &err), &err);
  pl_core *core = pl_core_new(policy, almanac, teams, 0);
  PL_ASSERT(pl_facts_configured(core, policy, teams, NULL, NULL, &err) == 0);
  return core;
}

void office_close(pl_core **core) {
  pl_almanac *almanac = (*core)->almanac;
  pl_core_free(core);
  pl_almanac_free(&almanac);
}

static int32_t home(void *ctx, pl_str id) { return (void)ctx, (void)id, 0; }

/* A figure or a score, by the word before it; names may be anything. */
static bool is_number(pl_str before) {
  static const char board[] = "pl:board:", parent[] = ":parent";
  size_t nboard = sizeof board - 1, nparent = sizeof parent - 1;
  if (before.n < 3 || !memchr(before.p, ':', before.n)) return false;
  if (memcmp(before.p, "pl:", 3) == 0) return before.n > nboard && memcmp(before.p, board, nboard) == 0;
  return before.n < nparent || memcmp(before.p + before.n - nparent, parent, nparent) != 0;
}

/* No number of the commands is none. */
static void check(pl_str resp) {
  static const char *const none[] = {"nan", "-nan", "inf", "-inf"};
  pl_str before = {"", 0};
  for (const char *p = resp.p, *end = resp.p + resp.n; p < end;) {
    const char *eol = memchr(p, '\r', (size_t)(end - p));
    int64_t n;
    PL_ASSERT(*p == '$' && eol && pl_str_int((pl_str){p + 1, (size_t)(eol - p - 1)}, &n));
    pl_str word = {eol + 2, (size_t)n};
    for (size_t i = 0; i < PL_COUNT(none); i++) PL_ASSERT(!pl_str_is(word, none[i]) || !is_number(before));
    before = word;
    p = word.p + n + 2;
  }
}

static void look(pl_core *core) {
  pl_view view;
  pl_batch batch;
  pl_view_init(&view, "pl", home, NULL), pl_batch_init(&batch);
  view.now = pl_core_now(core), view.wall = view.now;
  for (pl_subject *s = pl_core_take_subjects(core), *next; s; s = next) {
    next = s->next_dirty;
    pl_view_subject(&view, &batch, s);
    pl_subject_written(s);
  }
  for (pl_share *shares = pl_core_take_shares(core); shares;)
    pl_view_parts(&view, &batch, &shares, 0, core->policy);
  if (!batch.body.full) check(pl_buf_str(&batch.body));
  pl_batch_fini(&batch), pl_view_fini(&view);
}

void office_see(pl_core *core, pl_wall until) {
  size_t budget = 5000; /* whoever was written centuries ago does not come that far */
  (void)pl_core_advance(core, until, &budget);
  (void)pl_core_advance_teams(core, OFFICE_MONDAY, until, &budget);
  look(core);
}

void office_live(pl_core *core, pl_wall clock, int days) {
  pl_core_begin(core, pl_times_at(clock));
  office_see(core, pl_wall_plus(clock, (pl_dur){days * INT64_C(86400000)}));
}
