/* What we write is, byte for byte, what avro-c writes by the files in schemas/; and what we write, we read.
 */
#include <avro.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "codec/encode.h"
#include "codec/fact_decode.h"
#include "paceline/calendar.h"
#include "random.h"

enum { TURNS = 500, ROOM = 1 << 18 };

typedef struct {
  dice dice;
  char texts[64 * 1024]; /* what this turn's slices borrow from */
  size_t used;
  avro_schema_t avro;
  avro_value_iface_t *class;
  avro_value_t value;
  pl_schema *schema;
  pl_fact_reader *reader;
  pl_buf buf;
  pl_arena *arena;
  char theirs[ROOM];
} rig;

static rig *open_rig(const char *name, int kind) {
  rig *r = calloc(1, sizeof *r);
  pl_err err = {0};
  char *json = calloc(1, ROOM);
  FILE *f = fopen(name, "rb");
  assert_non_null(f);
  size_t n = fread(json, 1, ROOM - 1, f);
  fclose(f);
  assert_int_equal(avro_schema_from_json_length(json, n, &r->avro), 0);
  r->class = avro_generic_class_from_schema(r->avro);
  avro_generic_value_new(r->class, &r->value);
  if (pl_schema_new(&r->schema, (pl_str){json, n}, &err) != PL_OK) fail_msg("%s: %s", name, err.text);
  if (kind >= 0 && pl_fact_reader_new(&r->reader, r->schema, (pl_fact_kind)kind, &err) != PL_OK)
    fail_msg("%s: %s", name, err.text);
  free(json);
  pl_buf_init(&r->buf, ROOM);
  r->arena = pl_arena_new(PL_FACT_BYTES);
  r->dice.state = 20260304;
  return r;
}

static void close_rig(rig *r) {
  avro_value_decref(&r->value);
  avro_value_iface_decref(r->class);
  avro_schema_decref(r->avro);
  pl_fact_reader_free(&r->reader);
  pl_schema_free(&r->schema);
  pl_buf_fini(&r->buf);
  pl_arena_free(&r->arena);
  free(r);
}

static void start_turn(rig *r) {
  r->used = 0;
  avro_value_reset(&r->value);
  pl_buf_clear(&r->buf);
  pl_arena_reset(r->arena);
}

static void bytes_are_the_same(rig *r) {
  avro_writer_t writer = avro_writer_memory(r->theirs, ROOM);
  if (avro_value_write(writer, &r->value) != 0) fail_msg("%s", avro_strerror());
  assert_false(r->buf.full);
  assert_int_equal(avro_writer_tell(writer), r->buf.n);
  assert_memory_equal(r->theirs, r->buf.p, r->buf.n);
  avro_writer_free(writer);
}

static pl_str text(rig *r, uint32_t least) {
  uint32_t n = least + below(&r->dice, 30);
  char *p = r->texts + r->used;
  for (uint32_t i = 0; i < n; i++) p[i] = (char)('!' + below(&r->dice, 90));
  p[n] = 0;
  r->used += n + 1;
  return (pl_str){p, n};
}

static pl_str maybe(rig *r) { return below(&r->dice, 2) ? text(r, 1) : (pl_str){NULL, 0}; }
static int64_t wide(rig *r) { return (int64_t)(roll(&r->dice) >> below(&r->dice, 64)) >> below(&r->dice, 2); }

/* --- avro-c's side: fields by name; an absent one is the union's null */

static avro_value_t at(avro_value_t *v, const char *name) {
  avro_value_t field = {0};
  if (avro_value_get_by_name(v, name, &field, NULL) != 0) fail_msg("the schema has no %s", name);
  return field;
}

static void set_text(avro_value_t *v, const char *name, pl_str s) {
  avro_value_t field = at(v, name);
  avro_value_set_string_len(&field, s.n ? (char *)(uintptr_t)s.p : (char *)(uintptr_t) "", s.n + 1);
}

static void set_enum(avro_value_t *v, const char *name, const char *symbol) {
  avro_value_t field = at(v, name);
  int i = avro_schema_enum_get_by_name(avro_value_get_schema(&field), symbol);
  assert_true(i >= 0);
  avro_value_set_enum(&field, i);
}

static void set_long(avro_value_t *v, const char *name, int64_t i) {
  avro_value_t field = at(v, name);
  avro_value_set_long(&field, i);
}

static bool branch(avro_value_t *v, const char *name, bool there, avro_value_t *out) {
  avro_value_t field = at(v, name);
  avro_value_set_branch(&field, there, out);
  if (!there) avro_value_set_null(out);
  return there;
}

static void set_maybe(avro_value_t *v, const char *name, pl_str s) {
  avro_value_t b;
  if (branch(v, name, s.n > 0, &b)) avro_value_set_string_len(&b, (char *)(uintptr_t)s.p, s.n + 1);
}

static void set_day(avro_value_t *v, const char *name, int32_t day) {
  avro_value_t b;
  if (branch(v, name, day != PL_DAY_ALWAYS, &b)) avro_value_set_int(&b, day);
}

static void set_double(avro_value_t *v, const char *name, double d) {
  avro_value_t b;
  if (branch(v, name, !isnan(d), &b)) avro_value_set_double(&b, d);
}

/* The shortest two's complement, as Java's BigInteger.toByteArray gives it. */
static size_t shortest(int64_t v, uint8_t *out) {
  size_t n = 8;
  for (size_t i = 0; i < 8; i++) out[i] = (uint8_t)((uint64_t)v >> (56 - 8 * i));
  while (n > 1 && ((out[0] == 0 && out[1] < 0x80) || (out[0] == 0xFF && out[1] >= 0x80)))
    memmove(out, out + 1, --n);
  return n;
}

static void activities_are_written_as_avro_c_writes_them(void **state) {
  (void)state;
  rig *r = open_rig("schemas/activity.avsc", -1);
  for (int turn = 0; turn < TURNS; turn++) {
    start_turn(r);
    avro_value_t *v = &r->value, b;
    int64_t amount = wide(r) % INT64_C(1000000000000000000);
    pl_activity a = {.id = text(r, 0),
                     .rep = text(r, 0),
                     .at = {wide(r)},
                     .type = text(r, 1),
                     .account = maybe(r),
                     .deal = maybe(r),
                     .product = maybe(r),
                     .channel = maybe(r),
                     .source = maybe(r),
                     .retracts = maybe(r),
                     .metric = maybe(r),
                     .opened_at = below(&r->dice, 2) ? (pl_wall){wide(r)} : PL_NEVER,
                     .complete_to = below(&r->dice, 2) ? (pl_wall){wide(r)} : PL_NEVER};
    const pl_goal_word word = {.name = text(r, 1),
                               .metric = maybe(r),
                               .plan = maybe(r),
                               .by = maybe(r),
                               .period = below(&r->dice, 2) ? (int)(PL_DAY + below(&r->dice, 5)) : -1,
                               .target = below(&r->dice, 2) ? (double)wide(r) / 4 : NAN};
    if (turn % 2) a.goal = &word;
    if (turn % 3) a.amount = (pl_value){.kind = PL_DECIMAL, .scale = 4, .i = amount};
    assert_true(pl_activity_encode(&r->buf, &a));

    set_text(v, "event_id", a.id), set_text(v, "rep", a.rep), set_text(v, "type", a.type);
    set_long(v, "occurred_at", a.at.ms);
    uint8_t bytes[8];
    if (branch(v, "amount", turn % 3 != 0, &b)) avro_value_set_bytes(&b, bytes, shortest(amount, bytes));
    set_maybe(v, "account", a.account), set_maybe(v, "deal", a.deal), set_maybe(v, "product", a.product);
    set_maybe(v, "channel", a.channel), set_maybe(v, "source", a.source);
    if (branch(v, "opened_at", a.opened_at.ms != INT64_MAX, &b)) avro_value_set_long(&b, a.opened_at.ms);
    if (branch(v, "complete_to", a.complete_to.ms != INT64_MAX, &b))
      avro_value_set_long(&b, a.complete_to.ms);
    set_maybe(v, "retracts", a.retracts), set_maybe(v, "metric", a.metric);
    avro_value_t said;
    if (branch(v, "goal", a.goal != NULL, &said)) {
      set_text(&said, "name", word.name), set_maybe(&said, "metric", word.metric);
      set_maybe(&said, "period",
                word.period < 0 ? (pl_str){0} : pl_str_of(pl_unit_name((pl_unit)word.period)));
      if (branch(&said, "target", !isnan(word.target), &b)) avro_value_set_double(&b, word.target);
      set_maybe(&said, "plan", word.plan), set_maybe(&said, "by", word.by);
    }
    bytes_are_the_same(r);
  }
  close_rig(r);
}

static void amounts_are_rescaled_or_refused(void **state) {
  (void)state;
  static const struct {
    pl_value amount;
    bool ok;
    const char *bytes;
    size_t n;
  } cases[] = {
      {{.kind = PL_INT, .i = 0}, true, "\2\2\0", 3},
      {{.kind = PL_INT, .i = 1}, true, "\2\4\x27\x10", 4},
      {{.kind = PL_DECIMAL, .scale = 4, .i = -1}, true, "\2\2\xFF", 3},
      {{.kind = PL_DECIMAL, .scale = 4, .i = 127}, true, "\2\2\x7F", 3},
      {{.kind = PL_DECIMAL, .scale = 4, .i = 128}, true, "\2\4\0\x80", 4},
      {{.kind = PL_DECIMAL, .scale = 4, .i = -128}, true, "\2\2\x80", 3},
      {{.kind = PL_DECIMAL, .scale = 4, .i = -129}, true, "\2\4\xFF\x7F", 4},
      {{.kind = PL_DECIMAL, .scale = 6, .i = 100}, true, "\2\2\1", 3},
      {{.kind = PL_DECIMAL, .scale = 5, .i = 1}, false, NULL, 0},
      {{.kind = PL_INT, .i = INT64_C(100000000000000)}, false, NULL, 0},
      {{.kind = PL_INT, .i = INT64_MAX}, false, NULL, 0},
      {{.kind = PL_REAL, .d = 1}, false, NULL, 0},
      {{.kind = PL_TEXT, .s = {"1", 1}}, false, NULL, 0},
  };
  for (size_t i = 0; i < PL_COUNT(cases); i++) {
    pl_buf buf;
    pl_buf_init(&buf, 256);
    pl_activity a = {.amount = cases[i].amount, .opened_at = PL_NEVER, .complete_to = PL_NEVER};
    assert_int_equal(pl_activity_encode(&buf, &a), cases[i].ok);
    if (cases[i].ok)
      assert_memory_equal(buf.p + 4, cases[i].bytes, cases[i].n); /* after three empty texts and an instant */
    else
      assert_int_equal(buf.n, 0);
    pl_buf_fini(&buf);
  }
}

static void alerts_are_written_as_avro_c_writes_them(void **state) {
  (void)state;
  rig *r = open_rig("schemas/alert.avsc", -1);
  for (int turn = 0; turn < TURNS; turn++) {
    start_turn(r);
    avro_value_t *v = &r->value;
    double f[10];
    for (int i = 0; i < 10; i++) f[i] = below(&r->dice, 3) ? (double)wide(r) / 8 : NAN;
    pl_alert_record a = {.id = text(r, 1),
                         .kind = text(r, 1),
                         .entity = text(r, 1),
                         .of = below(&r->dice, 3),
                         .goal = text(r, 1),
                         .metric = text(r, 1),
                         .period = text(r, 1),
                         .state = text(r, 1),
                         .at = {wide(r)},
                         .since = {wide(r)},
                         .seq = wide(r),
                         .about = maybe(r),
                         .about_kind = maybe(r),
                         .audience = text(r, 1),
                         .reason = text(r, 1),
                         .actual = f[0],
                         .target = f[1],
                         .line = f[2],
                         .pace = f[3],
                         .chance = f[4],
                         .needed_today = f[5],
                         .unit = maybe(r),
                         .cause = maybe(r),
                         .conversion = maybe(r),
                         .cause_actual = f[6],
                         .cause_usual = f[7],
                         .conversion_now = f[8],
                         .conversion_before = f[9],
                         .body = text(r, 0)};
    pl_alert_encode(&r->buf, &a);
    set_maybe(v, "about", a.about), set_maybe(v, "about_kind", a.about_kind);
    set_maybe(v, "unit", a.unit), set_maybe(v, "cause", a.cause), set_maybe(v, "conversion", a.conversion);
    set_double(v, "cause_actual", f[6]), set_double(v, "cause_usual", f[7]);
    set_double(v, "conversion_now", f[8]), set_double(v, "conversion_before", f[9]);
    set_text(v, "id", a.id), set_text(v, "kind", a.kind), set_text(v, "entity", a.entity);
    set_enum(v, "entity_kind", (const char *[]){"rep", "team", "feed"}[a.of]);
    set_text(v, "goal", a.goal), set_text(v, "metric", a.metric), set_text(v, "period", a.period);
    set_text(v, "state", a.state), set_text(v, "audience", a.audience), set_text(v, "reason", a.reason);
    set_long(v, "at", a.at.ms), set_long(v, "since", a.since.ms), set_long(v, "seq", a.seq);
    set_double(v, "actual", f[0]), set_double(v, "target", f[1]), set_double(v, "line", f[2]);
    set_double(v, "pace", f[3]), set_double(v, "chance", f[4]), set_double(v, "needed_today", f[5]);
    set_text(v, "body", a.body);
    bytes_are_the_same(r);
  }
  close_rig(r);
}

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
    set_enum(v, "status", in.erased ? "erased" : "active");
    avro_value_t flag = at(v, "recognition");
    avro_value_set_boolean(&flag, !in.recognition_off);
    set_leaves(v, off, noff);
    bytes_are_the_same(r);

    if (pl_rep_decode(r->reader, pl_buf_str(&r->buf), r->arena, &out, &why) != PL_APPLIED)
      fail_msg("%s", why.text);
    assert_true(pl_str_eq(in.id, out.id) && pl_str_eq(in.name, out.name));
    assert_true(pl_str_eq(in.email, out.email) && pl_str_eq(in.slack, out.slack));
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
      cmocka_unit_test(activities_are_written_as_avro_c_writes_them),
      cmocka_unit_test(amounts_are_rescaled_or_refused),
      cmocka_unit_test(alerts_are_written_as_avro_c_writes_them),
      cmocka_unit_test(reps_are_written_as_avro_c_writes_them_and_read_back),
      cmocka_unit_test(goals_are_written_as_avro_c_writes_them_and_read_back),
      cmocka_unit_test(teams_are_written_as_avro_c_writes_them_and_read_back),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
