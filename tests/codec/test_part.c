/* Parts: what two partitions write of a team adds up to the team of a partition that has all of its members.
 */
#include <float.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>

#include "base/mem.h"
#include "codec/part.h"
#include "codec/record_inside.h"
#include "core/gap.h"
#include "same_cells.h"

static world w;

/* Whose team it is on its own day, from the facts alone. */
static int64_t members_of(const pl_core *core, const char *team) {
  int64_t n = 0;
  for (size_t i = 0; i < w.nreps; i++) {
    const pl_subject *s = pl_core_find(core, pl_str_of(w.reps[i].id), false);
    const char *now = "";
    for (size_t k = 0; s && k < w.reps[i].fact.nmemberships; k++)
      if (w.reps[i].memberships[k].from <= pl_subject_day(s, pl_core_times(core).clock))
        now = w.reps[i].memberships[k].what.p;
    n += strcmp(now, team) == 0;
  }
  return n;
}

/* As sets of lines. */
static void same_members(const pl_share *whole, pl_core *const half[2]) {
  pl_buf all, parts;
  pl_buf_init(&all, 1 << 16), pl_buf_init(&parts, 1 << 16);
  pl_part_members(whole, &all);
  for (int p = 0; p < 2; p++) {
    const pl_share *part = pl_map_find(&half[p]->shares, pl_str_of(whole->team));
    if (part) pl_part_members(part, &parts);
  }
  assert_int_equal(all.n, parts.n);
  for (size_t i = 0, end; i < all.n; i = end + 1) {
    end = i;
    while (all.p[end] != '\n') end++;
    assert_non_null(memmem(parts.p, parts.n, all.p + i, end + 1 - i));
  }
  pl_buf_fini(&all), pl_buf_fini(&parts);
}

static int64_t lines_of(const pl_share *share) {
  pl_buf ids;
  int64_t n = 0;
  pl_buf_init(&ids, 1 << 16);
  pl_part_members(share, &ids);
  for (size_t i = 0; i < ids.n; i++) n += ids.p[i] == '\n';
  pl_buf_fini(&ids);
  return n;
}

static void add_up(pl_subject *team, pl_core *const half[2]) {
  pl_err err;
  pl_buf buf;
  pl_part_reset(team), pl_part_reset(team);
  for (int p = 0; p < 2; p++) {
    pl_share *part = pl_map_find(&half[p]->shares, pl_subject_id(team));
    if (!part) continue;
    pl_buf_init(&buf, 1 << 20);
    pl_part_encode(part, &w.policy, &buf);
    assert_int_equal(pl_part_decode(team, pl_buf_str(&buf), &err), PL_OK);
    pl_buf_fini(&buf);
  }
}

/* What the size of a team's event is made of. Both sums have the same terms in another order, so each is off
 * by at most as many half epsilons of them. */
static void same_size(const pl_share *share, const pl_subject *team, int m) {
  double weighted = 0, means = 0, terms = 0;
  for (size_t k = 0; k < share->n; k++) {
    pl_burst b = pl_subject_burst(share->members[k], m, share->members[k]->today);
    if (!(b.mean > 0) || isnan(b.phi)) continue; /* nobody knows the size of their events */
    weighted += b.phi * b.mean, means += b.mean, terms += fabs(b.phi * b.mean);
  }
  assert_true(fabs(team->means[m] - means) <= REPS_MAX * DBL_EPSILON * means);
  assert_true(fabs(team->weighted[m] - weighted) <= REPS_MAX * DBL_EPSILON * terms);
}

static void the_parts_of_two_partitions_are_the_team(void **state) {
  (void)state;
  uint64_t seed = pl_random_seed(7000);
  for (int i = 0; i < 60; i++) {
    world_make(&w, seed + (uint64_t)i);
    pl_core *whole = world_core(&w), *half[2] = {NULL, NULL},
            *home = pl_core_new(&w.policy, w.almanac, w.teams, 0);
    for (int p = 0; p < 2; p++) half[p] = pl_core_new(&w.policy, w.almanac, w.teams, p);
    for (size_t k = 0; k < w.nreps; k++) pl_core_put_rep(half[k % 2], &w.reps[k].fact);
    pl_core_begin(whole, pl_times_at(w.start)), pl_core_begin(half[0], pl_times_at(w.start)),
        pl_core_begin(half[1], pl_times_at(w.start));
    for (size_t k = 0; k < w.n; k++) {
      const world_record *rec = &w.records[k];
      pl_core *own = rec->rep[0] == 'r' ? half[(rec->rep[1] - '1') % 2] : NULL;
      (void)pl_core_apply(whole, &rec->event, rec->stamp, rec->offset);
      if (own) (void)pl_core_apply(own, &rec->event, rec->stamp, rec->offset);
    }
    pl_core *all[] = {whole, half[0], half[1]};
    for (size_t k = 0; k < PL_COUNT(all); k++) pl_core_advance(all[k], w.end, NULL);
    for (pl_map_slot *slot = NULL; (slot = pl_map_next(&whole->shares, slot));) {
      const pl_share *share = slot->value;
      pl_subject *team = pl_core_subject(home, pl_str_of(share->team), true);
      add_up(team, half);
      assert_int_equal(team->members, members_of(whole, share->team));
      assert_int_equal(team->members, lines_of(share));
      same_members(share, half);
      for (int m = 0; m < METRICS; m++) {
        pl_cell *sum = pl_share_sum(share, (size_t)m);
        same_cells(&w, share->team, m, sum, team->cells[m]);
        pl_cell_free(&sum);
        if (!w.metrics[m].hidden) same_size(share, team, m); /* nobody asks for the history of a part */
      }
    }
    for (size_t k = 0; k < PL_COUNT(all); k++) pl_core_free(&all[k]);
    pl_core_free(&home);
    world_free(&w);
  }
}

/* A refund on a Sunday can outweigh all that working days have brought: then nobody knows an event's size. */
static void a_refund_on_a_sunday_leaves_the_teams_event_size_a_number(void **state) {
  (void)state;
  pl_err err;
  world_make(&w, 1);
  w.metrics[REVENUE].typical = 0;
  pl_core *core = pl_core_new(&w.policy, w.almanac, w.teams, 0);
  pl_since team = {PL_DAY_ALWAYS, PL_STR("north")};
  pl_core_put_rep(core, &(pl_rep_fact){.id = PL_STR("r1"), .memberships = &team, .nmemberships = 1});
  static const struct {
    const char *id, *amount;
    int64_t at_s; /* Friday, Sunday, Monday */
  } events[] = {{"a", "100.00", 1772791200}, {"b", "-900.00", 1772964000}, {"c", "1.00", 1773050400}};
  pl_core_begin(core, pl_times_at(pl_wall_s(events[0].at_s)));
  for (size_t i = 0; i < PL_COUNT(events); i++) {
    pl_event e = {
        .id = pl_str_of(events[i].id), .rep = PL_STR("r1"), .type = WON, .at = pl_wall_s(events[i].at_s)};
    e.fields[AMOUNT] = (pl_value){.kind = PL_TEXT, .s = pl_str_of(events[i].amount)};
    assert_int_equal(pl_core_apply(core, &e, e.at, (int64_t)i), PL_APPLIED);
  }
  pl_core_advance(core, pl_wall_s(events[2].at_s), NULL);
  pl_buf part;
  pl_buf_init(&part, 1 << 16);
  pl_part_encode(pl_map_find(&core->shares, PL_STR("north")), &w.policy, &part);
  pl_subject *north = pl_core_subject(core, PL_STR("north"), true);
  pl_part_reset(north);
  assert_int_equal(pl_part_decode(north, pl_buf_str(&part), &err), PL_OK);
  assert_true(isfinite(north->weighted[REVENUE]) != 0);
  assert_int_equal(pl_subject_at(north, REVENUE, PL_WEEK, pl_period_of(PL_WEEK, 20520)), -80000);
  pl_buf_fini(&part);
  pl_core_free(&core);
  world_free(&w);
}

/* The chance of the whole team would be none. */
static void a_part_whose_sizes_are_no_numbers_is_refused(void **state) {
  (void)state;
  static const double bad[][2] = {{NAN, 1}, {1, NAN}, {INFINITY, 1}, {1, 0},
                                  {0, 1},   {-1, -1}, {1e308, 1e308}};
  world_make(&w, 7100);
  pl_core *core = pl_core_new(&w.policy, w.almanac, w.teams, 0);
  pl_subject *team = pl_core_subject(core, PL_STR("north"), true);
  for (size_t i = 0; i <= PL_COUNT(bad); i++) {
    double sizes[2] = {i ? bad[i - 1][0] : 2.5, i ? bad[i - 1][1] : 2};
    pl_err err = {""};
    pl_buf part;
    pl_buf_init(&part, 1 << 10);
    pl_buf_put(&part, "\1\0\0\0", 4); /* the version, no members, no sums, no cells */
    pl_buf_u64(&part, w.metrics[CALLS].hash);
    pl_buf_put(&part, sizes, sizeof sizes);
    pl_part_reset(team);
    assert_int_equal(pl_part_decode(team, pl_buf_str(&part), &err), i ? PL_REJECT : PL_OK);
    assert_true(team->means[CALLS] == (i ? 0 : 2));
    pl_buf_fini(&part);
  }
  pl_core_free(&core);
  world_free(&w);
}

/* The first of two partitions' parts is good, the second breaks off behind its members, sums and a size. */
static void a_part_that_is_refused_adds_nothing(void **state) {
  (void)state;
  static const double good[] = {2.5, 2}, bad[] = {NAN, 1};
  world_make(&w, 7200);
  pl_core *core = pl_core_new(&w.policy, w.almanac, w.teams, 0);
  pl_subject *team = pl_core_subject(core, PL_STR("north"), true);
  pl_cell *cells[PL_METRICS_MAX] = {NULL};
  cells[CALLS] = pl_cell_new(&w.metrics[CALLS], CALLS, 0);
  assert_true(pl_cell_add(&cells[CALLS], PL_DAY, 20000, 7));
  for (int i = 0; i < 2; i++) {
    pl_err err = {""};
    pl_buf part;
    pl_buf_init(&part, 1 << 10);
    pl_buf_put(&part, "\1\3\1\1g", 5); /* the version, three members, one sum of a goal g */
    pl_buf_u64(&part, w.metrics[CALLS].hash);
    pl_buf_varint(&part, PL_DAY), pl_buf_zigzag(&part, 11);
    pl_record_put_cells(&w.policy, cells, &part);
    pl_buf_u64(&part, w.metrics[CALLS].hash), pl_buf_put(&part, good, sizeof good);
    pl_buf_u64(&part, w.metrics[CALLS].hash), pl_buf_put(&part, i ? bad : good, sizeof good);
    assert_int_equal(pl_part_decode(team, pl_buf_str(&part), &err), i ? PL_REJECT : PL_OK);
    assert_int_equal(team->members, 3);
    assert_int_equal(team->sums.n, 1);
    assert_int_equal(team->sums.items[0].sum, 11);
    assert_int_equal(pl_cell_at(team->cells[CALLS], PL_DAY, 20000), 7);
    assert_true(team->means[CALLS] == 4 && team->weighted[CALLS] == 5);
    pl_buf_fini(&part);
  }
  pl_cell_free(&cells[CALLS]);
  pl_core_free(&core);
  world_free(&w);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_parts_of_two_partitions_are_the_team),
      cmocka_unit_test(a_part_that_is_refused_adds_nothing),
      cmocka_unit_test(a_part_whose_sizes_are_no_numbers_is_refused),
      cmocka_unit_test(a_refund_on_a_sunday_leaves_the_teams_event_size_a_number),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
