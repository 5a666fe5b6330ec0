/* Home: the teams that live in this partition, added up from the parts that all partitions write.
 *
 * Each second: read every mark, then the parts that changed. The parts are at least as new as the marks read
 * before them, so up to the earliest mark nothing is missing, and the teams may be judged. Not sooner: where
 * much happens, each of a team's parts changes several times a second. */
#include "base/log.h"
#include "base/mem.h"
#include "codec/keys.h"
#include "codec/part.h"
#include "codec/resp.h"
#include "engine/inside.h"

static const int64_t EVERY_US = 1000000;

/* KEYS: prefix of the marks. ARGV: how many. -> each origin and complete_to, "" where there is none. */
static const char MARKS[] = "local all = {}\n"
                            "for p = 0, ARGV[1] - 1 do\n"
                            "  local mark = redis.call('HMGET', KEYS[1] .. p, 'origin', 'complete_to')\n"
                            "  all[2 * p + 1], all[2 * p + 2] = mark[1] or '', mark[2] or ''\n"
                            "end\n"
                            "return all\n";
/* KEYS: mark, the dirty set. ARGV: owner. -> its members, and it is empty; FENCED: who asks is not the owner
 * any more. */
static const char TAKE[] = "if redis.call('HGET', KEYS[1], 'owner') ~= ARGV[1] then return 'FENCED' end\n"
                           "local all = redis.call('SMEMBERS', KEYS[2])\n"
                           "redis.call('DEL', KEYS[2])\n"
                           "return all\n";

static void done(pl_tenure *t) {
  if (t->home.complete_to.ms != INT64_MIN)
    t->home.known = true;
  else
    t->home.asked = false;
  pl_engine_wake(t->engine);
}

/* False: deadlines are left for the next turn. */
static bool judge(pl_tenure *t) {
  for (;;) {
    size_t budget = PL_FIRE_STEP;
    if (pl_core_advance_teams(t->core, t->home.origin, t->home.complete_to, &budget)) break;
    if (!pl_engine_in_time(t->engine)) return false;
  }
  t->home.known = t->home.asked = false;
  t->home.judged = t->home.complete_to;
  return true;
}

static void failed(pl_tenure *t) {
  t->home.asked = false;
  t->home.all = true; /* the dirty set was taken: read everything next time */
}

static void end_round(pl_tenure *t) {
  if (t->home.asks || t->home.parts_left > 0) return;
  if (t->home.all)
    failed(t);
  else
    done(t);
}

/* A team lives as long as the core, and an answer that comes later is dropped. */
static void on_parts(pl_tenure *t, const pl_reply *reply, int64_t place) {
  pl_subject *team = (pl_subject *)(intptr_t)place;
  t->home.parts_left--;
  if (pl_reply_class(reply) == PL_ANSWER_OK && reply->kind == PL_REPLY_ARRAY) {
    pl_part_reset(team);
    for (size_t i = 1; i < reply->n; i += 2) {
      pl_err err;
      if (pl_part_decode(team, reply->items[i].s, &err) != PL_OK)
        pl_log(PL_LOG_ERROR, "home.part", "%s", err.text);
    }
    pl_core_team_changed(t->core, team);
  } else {
    t->home.all = true; /* the round ends when every answer is there, and the next one reads everything */
  }
  end_round(t);
}

static void ask_parts(pl_tenure *t, pl_subject *team) {
  pl_engine *e = t->engine;
  pl_key key = pl_key_part(e->config->redis.prefix, pl_subject_id(team));
  pl_buf_clear(&e->command);
  pl_resp_begin(&e->command, 2);
  pl_resp_arg(&e->command, PL_STR("HGETALL")), pl_resp_arg(&e->command, pl_key_str(&key));
  t->home.parts_left++;
  pl_tenure_ask(t, pl_buf_str(&e->command), on_parts, (intptr_t)team);
}

/* False: there is more to ask for. */
static bool ask_all(pl_tenure *t) {
  while (t->home.asks && pl_engine_in_time(t->engine)) {
    const pl_map_slot *slot = pl_map_step(&t->core->teams, &t->home.cursor);
    pl_subject *team = slot ? slot->value : NULL;
    t->home.asks = slot != NULL;
    if (team && !team->erased) ask_parts(t, team);
    if (!slot) end_round(t);
  }
  return !t->home.asks;
}

static void on_dirty(pl_tenure *t, const pl_reply *reply, int64_t arg) {
  (void)arg;
  if (pl_reply_class(reply) != PL_ANSWER_OK || reply->kind != PL_REPLY_ARRAY) {
    failed(t);
    if (reply && pl_str_is(reply->s, "FENCED") && t->phase == PL_TENURE_LIVE) pl_tenure_doubt(t);
    return;
  }
  t->home.parts_left = 0;
  t->home.asks = t->home.all, t->home.cursor = 0;
  t->home.all = false;
  for (size_t i = 0; i < reply->n && !t->home.asks; i++) {
    pl_subject *team = pl_core_find(t->core, reply->items[i].s, true);
    if (team && !team->erased) ask_parts(t, team);
  }
  end_round(t);
  pl_engine_wake(t->engine);
}

static void on_marks(pl_tenure *t, const pl_reply *reply, int64_t arg) {
  (void)arg;
  if (pl_reply_class(reply) != PL_ANSWER_OK || reply->kind != PL_REPLY_ARRAY) {
    t->home.asked = false;
    return;
  }
  t->home.origin = t->home.complete_to = PL_NEVER;
  for (size_t i = 0; i < reply->n; i++) {
    pl_wall *earliest = i % 2 ? &t->home.complete_to : &t->home.origin, one;
    if (!pl_str_int(reply->items[i].s, &one.ms)) one = PL_BEGINNING;
    *earliest = pl_earlier(*earliest, one);
  }
  pl_engine *e = t->engine;
  pl_key key = pl_key_dirty(e->config->redis.prefix, t->partition);
  pl_buf_clear(&e->command);
  pl_key mark = pl_key_mark(e->config->redis.prefix, t->partition);
  pl_resp_begin(&e->command, 6);
  pl_resp_arg(&e->command, PL_STR("EVAL")), pl_resp_arg(&e->command, pl_str_of(TAKE));
  pl_resp_arg_int(&e->command, 2), pl_resp_arg(&e->command, pl_key_str(&mark));
  pl_resp_arg(&e->command, pl_key_str(&key)), pl_resp_arg(&e->command, pl_str_of(t->owner.text));
  pl_tenure_ask(t, pl_buf_str(&e->command), on_dirty, 0);
}

/* Homes have their rounds one after the other, not all at the same time. */
static pl_mono next_round(const pl_tenure *t, pl_mono now) {
  int64_t at = EVERY_US * t->partition / t->engine->partitions;
  return (pl_mono){now.us + EVERY_US - (now.us + EVERY_US - at) % EVERY_US};
}

pl_mono pl_home_tick(pl_tenure *t) {
  pl_engine *e = t->engine;
  pl_mono now = pl_engine_mono(e), never = {INT64_MAX};
  bool asked_for = t->core->teams.n > 0 || e->config->alerts.digest.at >= 0;
  if (t->phase != PL_TENURE_LIVE || !e->store_up || !asked_for) return never;
  if (!ask_all(t) || (t->home.known && !judge(t))) return e->turn_ends;
  if (t->home.asked) return never;
  if (now.us < t->home.next.us) return t->home.next;
  t->home.asked = true;
  t->home.next = next_round(t, now);
  pl_key marks = pl_key_marks(e->config->redis.prefix);
  pl_buf_clear(&e->command);
  pl_resp_begin(&e->command, 5);
  pl_resp_arg(&e->command, PL_STR("EVAL")), pl_resp_arg(&e->command, pl_str_of(MARKS));
  pl_resp_arg_int(&e->command, 1);
  pl_resp_arg(&e->command, pl_key_str(&marks));
  pl_resp_arg_int(&e->command, e->partitions);
  pl_tenure_ask(t, pl_buf_str(&e->command), on_marks, 0);
  return never;
}
