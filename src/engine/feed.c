/* Feed: is what is known late, and who hears of it.
 *
 * The core judges nothing beyond what is known, whatever the reason. When that lasts for `stale_after`, the
 * goals of the partition show `unknown`, and the operators hear of it: once for all partitions that wait for
 * the same, with the mark of the first. A partition that still catches up after its start is not late.
 *
 * Where no sources are declared, nobody says whether a silence is one of people or of the pipeline. An idle
 * partition is normal. But when no partition has got anything for `feed_silence` while people were at work,
 * what the broker says is worth nothing until something comes: complete_to stands, and time does the rest.
 * The marks say when something came to the other processes' partitions; they are asked only where nothing
 * has come to ours. */
#include "engine/feed.h"

#include <stdio.h>

#include "base/log.h"
#include "codec/keys.h"
#include "codec/resp.h"
#include "engine/inside.h"

static const int64_t LONGEST_US = 10000000, SHORTEST_US = 100000;
enum {
  LOOKS = 10 /* at the marks, within feed_silence */,
  STEP = 256 /* reps, between two looks at the clock */
};

/* KEYS: prefix of the marks. ARGV: how many. -> the newest stamp or origin of a clock, "" if there is none.
 */
static const char NEWEST[] =
    "local newest = ''\n"
    "for p = 0, ARGV[1] - 1 do\n"
    "  for _, at in ipairs(redis.call('HMGET', KEYS[1] .. p, 'stamp', 'origin')) do\n"
    "    if at and (newest == '' or tonumber(at) > tonumber(newest)) then newest = at end\n"
    "  end\n"
    "end\n"
    "return newest\n";

static bool judges_silence(const pl_engine *e) {
  return e->config->clock == PL_CLOCK_WALL && e->policy->nsources == 0;
}

static bool is_old(const pl_engine *e, pl_wall newest) {
  return newest.ms == INT64_MIN || pl_engine_wall(e).ms - newest.ms >= e->config->feed_silence.ms;
}

static pl_wall newest_here(const pl_engine *e) {
  pl_wall newest = PL_BEGINNING;
  for (const pl_tenure *t = e->tenures; t; t = t->next_tenure)
    newest = pl_later(newest, pl_later(t->core->stamp, t->core->origin));
  return newest;
}

bool pl_feed_speaks(pl_engine *e) {
  if (!judges_silence(e) || !is_old(e, newest_here(e))) {
    e->feed.state = PL_TOPIC_UNSURE; /* as soon as it has been quiet here for long */
    return true;
  }
  return e->feed.state == PL_TOPIC_SPEAKS;
}

/* --- a silent topic: was somebody at work meanwhile? */

static void search_from(pl_engine *e, const pl_tenure *t) {
  e->feed.search.on = t != NULL;
  if (t)
    e->feed.search.partition = t->partition, e->feed.search.serial = t->serial, e->feed.search.cursor = 0;
}

static void found(pl_engine *e, bool silent) {
  e->feed.search.on = false;
  e->feed.newest = e->feed.search.from;
  e->feed.state = silent ? PL_TOPIC_SILENT : PL_TOPIC_SPEAKS;
}

/* False: there is more to look through. When partitions come or go, the marks are asked again. */
static bool search(pl_engine *e) {
  while (e->feed.search.on && pl_engine_in_time(e)) {
    const pl_tenure *t = pl_engine_tenure(e, e->feed.search.partition);
    size_t budget = STEP;
    bool known = t && t->serial == e->feed.search.serial;
    if (!known)
      search_from(e, NULL);
    else if (pl_core_worked(t->core, e->feed.search.from, e->feed.search.to, e->config->feed_silence,
                            &e->feed.search.cursor, &budget))
      found(e, true);
    else if (!e->feed.search.cursor && t->next_tenure)
      search_from(e, t->next_tenure);
    else if (!e->feed.search.cursor)
      found(e, false);
  }
  return !e->feed.search.on;
}

static void on_newest(pl_tenure *t, const pl_reply *reply, int64_t arg) {
  (void)arg;
  pl_engine *e = t->engine;
  pl_wall newest = newest_here(e), other;
  if (pl_reply_class(reply) != PL_ANSWER_OK || reply->kind != PL_REPLY_TEXT) return;
  if (pl_str_int(reply->s, &other.ms)) newest = pl_later(newest, other);
  e->feed.search.from = newest, e->feed.search.to = pl_engine_wall(e);
  if (newest.ms != INT64_MIN && is_old(e, newest))
    search_from(e, e->tenures);
  else
    found(e, false);
  pl_engine_wake(e);
}

/* False: nobody can ask now. */
static bool ask(pl_engine *e) {
  pl_tenure *t = e->tenures;
  while (t && t->phase != PL_TENURE_LIVE) t = t->next_tenure;
  if (!t || !e->store_up) return false;
  pl_key marks = pl_key_marks(e->config->redis.prefix);
  pl_buf_clear(&e->command);
  pl_resp_begin(&e->command, 5);
  pl_resp_arg(&e->command, PL_STR("EVAL")), pl_resp_arg(&e->command, pl_str_of(NEWEST));
  pl_resp_arg_int(&e->command, 1);
  pl_resp_arg(&e->command, pl_key_str(&marks));
  pl_resp_arg_int(&e->command, e->partitions);
  pl_tenure_ask(t, pl_buf_str(&e->command), on_newest, 0);
  return true;
}

/* --- stale */

static pl_notice explain(const pl_tenure *t, const pl_lateness *late) {
  const pl_engine *e = t->engine;
  const char *topic = e->config->kafka.topics.activities;
  pl_notice n = {.cause = PL_LATE_PARTITION, .what = topic, .partition = t->partition, .since = late->since};
  n.at = pl_wall_plus(pl_wall_plus(late->since, e->policy->source_delay), e->policy->stale_after);
  if (late->source >= 0) {
    n.cause = PL_LATE_SOURCE, n.what = e->policy->sources[late->source];
    n.since = late->never ? PL_BEGINNING : t->core->heard[late->source];
  } else if (judges_silence(e) && e->feed.state == PL_TOPIC_SILENT) {
    n.cause = PL_LATE_TOPIC, n.since = e->feed.newest;
  }
  return n;
}

static bool same(const pl_notice *a, const pl_notice *b) {
  return a->cause == b->cause && strcmp(a->what, b->what) == 0;
}

/* Another partition before it is stale for the same reason. */
static bool is_known(const pl_engine *e, const pl_tenure *t, const pl_tenure *upto) {
  for (const pl_tenure *other = e->tenures; other != upto; other = other->next_tenure)
    if (other != t && other->feed.stale && same(&other->feed.notice, &t->feed.notice)) return true;
  return false;
}

static void begin(pl_tenure *t, const pl_lateness *late) {
  pl_buf body;
  pl_buf_init(&body, 4096);
  t->feed.notice = explain(t, late);
  t->feed.tells = t->feed.due = !is_known(t->engine, t, NULL);
  pl_notice_body(&t->feed.notice, &body);
  if (t->feed.tells) pl_log(PL_LOG_WARN, "feed.stale", "%.*s", (int)body.n, body.p);
  pl_buf_fini(&body);
}

/* False: the time ends before all views are on their way. */
static bool spread(pl_tenure *t, bool teams, bool stale) {
  for (size_t budget = STEP; !pl_core_set_stale(t->core, teams, stale, &budget); budget = STEP)
    if (!pl_engine_in_time(t->engine)) return false;
  return true;
}

static bool look(pl_tenure *t) {
  const pl_engine *e = t->engine;
  if (!pl_tenure_counts(t) || !t->caught_up) return true;
  pl_wall upto = pl_wall_minus(pl_engine_wall(e), e->policy->source_delay), teams = t->core->team_clock;
  pl_lateness late = pl_core_late(t->core, upto);
  if (late.stale && !t->feed.stale) begin(t, &late);
  if (!late.stale && t->feed.stale)
    pl_log(PL_LOG_INFO, "feed.fresh", "partition %d is known up to now again", (int)t->partition);
  t->feed.stale = late.stale;
  bool late_teams = teams.ms != INT64_MIN && upto.ms - teams.ms >= e->policy->stale_after.ms;
  return spread(t, false, late.stale) && spread(t, true, late_teams);
}

pl_mono pl_feed_tick(pl_engine *e) {
  pl_mono never = {INT64_MAX};
  if (e->config->clock != PL_CLOCK_WALL || e->drained) return never;
  bool all = true;
  for (pl_tenure *t = e->tenures; t; t = t->next_tenure) all &= look(t);
  bool quiet = judges_silence(e) && is_old(e, newest_here(e));
  if (!quiet) search_from(e, NULL);
  if (!search(e) || !all) return e->turn_ends;
  if (!quiet) return never;
  if (pl_engine_mono(e).us < e->feed.next.us) return e->feed.next;
  int64_t pause = e->config->feed_silence.ms * 1000 / LOOKS;
  if (pause > LONGEST_US) pause = LONGEST_US;
  if (pause < SHORTEST_US || !ask(e)) pause = SHORTEST_US;
  return e->feed.next = (pl_mono){pl_engine_mono(e).us + pause};
}

void pl_feed_stranger(pl_engine *e, pl_str source) {
  e->stats.strangers++;
  (void)snprintf(e->feed.stranger, sizeof e->feed.stranger, "%.*s", (int)source.n, source.p);
}

/* --- for operators */

void pl_feed_warn(const pl_engine *e, pl_buf *out) {
  for (const pl_tenure *t = e->tenures; t; t = t->next_tenure) {
    if (!t->feed.stale || is_known(e, t, t)) continue;
    int n = 0;
    for (const pl_tenure *other = t; other; other = other->next_tenure)
      n += other->feed.stale && same(&other->feed.notice, &t->feed.notice);
    pl_buf_printf(out, "warning: stale, %d of this process's partitions: ", n);
    pl_notice_body(&t->feed.notice, out);
    pl_buf_char(out, '\n');
  }
  if (e->stats.strangers)
    pl_buf_printf(
        out,
        "warning: %lld heartbeats of sources that are not declared, the last of %s; they hold nobody "
        "back: add it to `sources`, or stop them\n",
        (long long)e->stats.strangers, e->feed.stranger);
}

void pl_feed_metrics(const pl_engine *e, pl_buf *out) {
  int64_t age_ms = 0;
  int stale = 0;
  for (const pl_tenure *t = e->tenures; t; t = t->next_tenure) {
    stale += t->feed.stale;
    int64_t ms = t->core->clock.ms == INT64_MIN ? 0 : pl_engine_wall(e).ms - t->core->clock.ms;
    if (pl_tenure_counts(t) && ms > age_ms) age_ms = ms;
  }
  pl_buf_printf(
      out,
      "# HELP paceline_heartbeats_undeclared_total Heartbeats of sources that are not declared.\n"
      "# TYPE paceline_heartbeats_undeclared_total counter\n"
      "paceline_heartbeats_undeclared_total %lld\n"
      "# HELP paceline_partitions_stale Partitions whose goals show `unknown`: what is known is late.\n"
      "# TYPE paceline_partitions_stale gauge\npaceline_partitions_stale %d\n",
      (long long)e->stats.strangers, stale);
  if (e->config->clock != PL_CLOCK_WALL) return;
  pl_buf_printf(
      out,
      "# HELP paceline_complete_to_age_seconds How long ago what is known ends, in the partition that "
      "is latest.\n"
      "# TYPE paceline_complete_to_age_seconds gauge\npaceline_complete_to_age_seconds %.3f\n",
      (double)age_ms / 1000);
}
