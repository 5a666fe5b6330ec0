/* Path: the way of an event through the engine, so that its instructions can be counted: `path CONFIG`.
 *
 * The engine itself between ports that do nothing (mute.h), so that it does the same each time. One partition
 * of 96 reps in eight teams, four goals each, who lived through four days before the two that count. A day is
 *
 * - deadline_path: on to noon; the deadlines since the noon before fire, a midnight in each of four zones;
 * - told_path: the flush of whoever that changed: most fell behind, or missed a goal, and alerts go out;
 * - event_path: 12,000 events, too few for anybody to reach a goal, in slices of 256 and turns of 1,024:
 * bytes, plan, mapping, looks ahead, counting, judging;
 * - written_path: the flush of everybody: records, views, parts, as the batches that Redis would get.
 *
 * Whoever counts (path.py) counts within these four. Left out is what the ports do, librdkafka and hiredis
 * among it and the hash that finds a key's partition, and the adding up of teams at their home: no parts come
 * back. Says of each of the four how many of its calls count, and of how many events, deadlines and subjects
 * these were. */
#include <stdio.h>

#include "company.h"
#include "engine/inside.h"
#include "mute.h"

enum { REPS = 8 * COMPANY_TEAM, DAYS_BEFORE = 4, DAYS = 2, EVENTS = 12000, TURN = 1024 };
static const int64_t NOON = 1772193600, DAY = 86400; /* of Friday, 2026-02-27, in UTC */

static pl_engine *engine;
static pl_record records[EVENTS];
static int64_t offset;

static const pl_core_stats *stats(void) { return pl_core_stats_of(pl_engine_tenure(engine, 0)->core); }

static void hand_over(pl_topic topic, const char *key, pl_buf *value) {
  static int64_t told;
  mute_record(
      &(pl_record){.topic = topic, .offset = told++, .key = pl_str_of(key), .value = pl_buf_str(value)});
  pl_buf_clear(value);
}

static void tell_facts(void) {
  pl_buf value;
  char id[COMPANY_ID];
  pl_buf_init(&value, 1 << 16);
  for (uint32_t rep = 0; rep < REPS; rep += COMPANY_TEAM)
    company_team_id(id, rep), company_team(&value, rep), hand_over(PL_TOPIC_TEAMS, id, &value);
  for (uint32_t rep = 0; rep < REPS; rep++) {
    company_rep_id(id, rep);
    company_roster(&value, rep), hand_over(PL_TOPIC_ROSTER, id, &value);
    company_goals(&value, rep), hand_over(PL_TOPIC_GOALS, id, &value);
  }
  pl_buf_fini(&value);
  mute_facts_end();
  mute_settle(engine);
}

static void make_events(int64_t day) {
  static pl_buf bodies;
  static char keys[EVENTS][COMPANY_ID];
  static size_t at[EVENTS + 1];
  static uint64_t state = 7;
  if (!bodies.max) pl_buf_init(&bodies, EVENTS * (size_t)512);
  pl_buf_clear(&bodies);
  for (int64_t i = 0; i < EVENTS; i++) {
    pl_wall then = {(NOON + day * DAY) * 1000 + i};
    company_rep_id(keys[i], (uint32_t)((company_next(&state) >> 32) * REPS >> 32));
    company_event(&bodies, &state, offset + i, keys[i], then);
    records[i] = (pl_record){.offset = offset + i, .stamp = then, .key = pl_str_of(keys[i])};
    at[i + 1] = bodies.n;
  }
  for (size_t i = 0; i < EVENTS; i++) records[i].value = (pl_str){bodies.p + at[i], at[i + 1] - at[i]};
  offset += EVENTS;
}

/* --- what is counted: functions that the compiler leaves as they are */

__attribute__((noipa, no_icf)) void deadline_path(pl_wall now);
__attribute__((noipa, no_icf)) int64_t told_path(void);
__attribute__((noipa, no_icf)) void event_path(void);
__attribute__((noipa, no_icf)) int64_t written_path(void);

void deadline_path(pl_wall now) {
  mute_wall = now;
  mute_complete(offset, now);
  (void)pl_engine_tick(engine);
}

void event_path(void) {
  for (size_t i = 0; i < EVENTS; i++) {
    mute_wall = records[i].stamp;
    mute_record(&records[i]);
    if (i + 1 == EVENTS || (i + 1) % PL_SLICE_MAX == 0) (void)mute_slice();
    if ((i + 1) % TURN == 0) (void)pl_engine_tick(engine);
  }
}

/* -> subjects written */
static int64_t flush(void) {
  int64_t before = engine->stats.subjects;
  mute_mono.us += 5000000; /* no flush is due before */
  mute_settle(engine);
  return engine->stats.subjects - before;
}

int64_t told_path(void) { return flush(); }
int64_t written_path(void) { return flush(); }

int main(int argc, char **argv) {
  if (argc != 2) return 64;
  mute_wall = pl_wall_s(NOON - DAY);
  engine = mute_open(argv[1]);
  tell_facts();
  int64_t fired = 0, told = 0, written = 0;
  for (int64_t day = 0; day < DAYS_BEFORE + DAYS; day++) {
    if (day == DAYS_BEFORE) fired = stats()->fired, told = written = 0;
    deadline_path(pl_wall_s(NOON + day * DAY));
    told += told_path();
    make_events(day);
    event_path();
    written += written_path();
  }
  PL_ASSERT(engine->stats.reasons[PL_APPLIED] == offset);
  printf("event %d %d\ndeadline %d %lld\ntold %d %lld\nwritten %d %lld\n", DAYS, DAYS * EVENTS, DAYS,
         (long long)(stats()->fired - fired), DAYS, (long long)told, DAYS, (long long)written);
  return 0;
}
