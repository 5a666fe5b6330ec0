/* Events and alerts: what we write is, byte for byte, what avro-c writes by the files in schemas/. */
#include "codec/encode.h"

#include "avro_rig.h"

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
                     .currency = maybe(r),
                     .account = maybe(r),
                     .deal = maybe(r),
                     .product = maybe(r),
                     .channel = maybe(r),
                     .source = maybe(r),
                     .retracts = maybe(r),
                     .more = turn % 4 == 0,
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
    const pl_answer_word answer = {text(r, 1), maybe(r), maybe(r)};
    if (turn % 5 == 0) a.answer = &answer;
    if (turn % 3) a.amount = (pl_value){.kind = PL_DECIMAL, .scale = 4, .i = amount};
    assert_true(pl_activity_encode(&r->buf, &a));

    set_text(v, "event_id", a.id), set_text(v, "rep", a.rep), set_text(v, "type", a.type);
    set_long(v, "occurred_at", a.at.ms);
    uint8_t bytes[8];
    if (branch(v, "amount", turn % 3 != 0, &b)) avro_value_set_bytes(&b, bytes, shortest(amount, bytes));
    set_maybe(v, "currency", a.currency);
    set_maybe(v, "account", a.account), set_maybe(v, "deal", a.deal), set_maybe(v, "product", a.product);
    set_maybe(v, "channel", a.channel), set_maybe(v, "source", a.source);
    if (branch(v, "opened_at", a.opened_at.ms != INT64_MAX, &b)) avro_value_set_long(&b, a.opened_at.ms);
    if (branch(v, "complete_to", a.complete_to.ms != INT64_MAX, &b))
      avro_value_set_long(&b, a.complete_to.ms);
    set_maybe(v, "retracts", a.retracts), set_maybe(v, "metric", a.metric);
    if (branch(v, "more", a.more, &b)) avro_value_set_boolean(&b, 1);
    avro_value_t said;
    if (branch(v, "goal", a.goal != NULL, &said)) {
      set_text(&said, "name", word.name), set_maybe(&said, "metric", word.metric);
      set_maybe(&said, "period",
                word.period < 0 ? (pl_str){0} : pl_str_of(pl_unit_name((pl_unit)word.period)));
      if (branch(&said, "target", !isnan(word.target), &b)) avro_value_set_double(&b, word.target);
      set_maybe(&said, "plan", word.plan), set_maybe(&said, "by", word.by);
    }
    if (branch(v, "answer", a.answer != NULL, &said)) {
      set_text(&said, "alert", answer.alert);
      set_maybe(&said, "reason", answer.reason), set_maybe(&said, "plan", answer.plan);
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
      {{.kind = PL_REAL, .d = 0.0128}, true, "\2\4\0\x80", 4},
      {{.kind = PL_REAL, .d = -0.01285}, true, "\2\4\xFF\x7F", 4}, /* the nearest */
      {{.kind = PL_REAL, .d = 1e14}, false, NULL, 0},
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

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(activities_are_written_as_avro_c_writes_them),
      cmocka_unit_test(amounts_are_rescaled_or_refused),
      cmocka_unit_test(alerts_are_written_as_avro_c_writes_them),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
