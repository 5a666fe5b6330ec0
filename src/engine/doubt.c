/* Doubt: a tenure holds in memory what Redis may have lost, or what may be somebody else's by now. It is so
 * when the store was away, when a batch was called fenced, and when the group takes a partition away and
 * gives it back, as each rebalance does with all of them. The mark says what is true: if it is ours and
 * counts every batch that was acknowledged, memory is as good as what would be read, and goes on. */
#include <stdio.h>

#include "base/log.h"
#include "codec/keys.h"
#include "codec/resp.h"
#include "engine/inside.h"

/* The mark is gone (the server lost it) and Kafka has said that the partition is still ours. */
static const char RECLAIM[] =
    "local had = redis.call('HGET', KEYS[1], 'owner')\n"
    "if had and had ~= ARGV[1] then return 'FENCED' end\n"
    "redis.call('HSET', KEYS[1], 'owner', ARGV[1], 'epoch', tonumber(string.match(ARGV[1], '%d+')))\n"
    "redis.call('HSET', KEYS[2], 'contract', '1', 'partitions', ARGV[2], 'version', ARGV[3])\n"
    "return 'OK'\n";
/* KEYS: mark. ARGV: our token, with a new lease. -> {token in the mark, batches, offset}. If the mark is
 * ours, the lease in it is this one from now on: what an earlier connection may still bring, late, is
 * refused. */
static const char RENEW[] = "local mark = redis.call('HMGET', KEYS[1], 'owner', 'batches', 'offset')\n"
                            "if mark[1] and string.sub(mark[1], 1, -9) == string.sub(ARGV[1], 1, -9) then\n"
                            "  redis.call('HSET', KEYS[1], 'owner', ARGV[1])\n"
                            "  mark[1] = ARGV[1]\n"
                            "end\n"
                            "return mark\n";

static void fence(pl_tenure *t) {
  pl_tenure_enter(t, PL_TENURE_FENCED);
  t->engine->stats.fenced++;
  pl_log(PL_LOG_WARN, "tenure.fenced",
         "partition %d: another process has claimed it; dropped until the group says otherwise",
         (int)t->partition);
}

static void rewrite(pl_tenure *t) {
  pl_log(PL_LOG_WARN, "tenure.reclaim",
         "partition %d: redis had lost its mark, or more than the log holds; writing everything from memory",
         (int)t->partition);
  t->home.all = true;
  pl_flush_rewrite(t);
  pl_tenure_enter(t, PL_TENURE_LIVE);
}

static void on_reclaim(pl_tenure *t, const pl_reply *reply, int64_t arg) {
  (void)arg;
  if (t->phase != PL_TENURE_PROVING) return;
  if (pl_reply_class(reply) != PL_ANSWER_OK) {
    pl_tenure_later(t);
    return;
  }
  if (pl_str_is(reply->s, "FENCED")) {
    fence(t);
    return;
  }
  rewrite(t);
}

void pl_doubt_reclaim(pl_tenure *t) { pl_tenure_script(t, RECLAIM, pl_str_of(t->owner.text), on_reclaim); }

/* The mark is ours, and this many of our batches have been executed. */
static void on_ours(pl_tenure *t, int64_t executed, const pl_reply *offset) {
  if (executed >= t->flush.batches) { /* nothing is missing that was acknowledged; the rest is sent again */
    t->flush.batches = executed;
    pl_tenure_enter(t, PL_TENURE_LIVE);
    return;
  }
  /* It is ours without a mark to go back to (taken again, and the answer was lost), or to one that the log no
   * longer reaches. */
  int64_t low = t->engine->ports.source->ops->low(t->engine->ports.source, t->partition);
  if (pl_reply_number(offset, PL_OFFSET_NONE) < low || offset->kind == PL_REPLY_NIL) {
    rewrite(t);
    t->flush.batches = executed; /* it counts on from there */
    return;
  }
  pl_log(PL_LOG_WARN, "tenure.tail", "partition %d: redis lost its tail; going back to the mark that it has",
         (int)t->partition);
  pl_tenure_start_over(t);
}

static void on_mark(pl_tenure *t, const pl_reply *reply, int64_t arg) {
  (void)arg;
  if (t->phase != PL_TENURE_ASKING) return;
  if (pl_reply_class(reply) != PL_ANSWER_OK || reply->kind != PL_REPLY_ARRAY || reply->n != 3) {
    pl_tenure_later(t);
    return;
  }
  bool ours = pl_str_is(reply->items[0].s, t->owner.text);
  if (ours)
    on_ours(t, pl_reply_number(&reply->items[1], 0), &reply->items[2]);
  else if (reply->items[0].kind == PL_REPLY_NIL)
    pl_tenure_enter(t, PL_TENURE_PROVING);
  else
    fence(t);
}

void pl_doubt_ask(pl_tenure *t) {
  pl_engine *e = t->engine;
  pl_key key = pl_key_mark(t->engine->config->redis.prefix, t->partition);
  pl_token_renew(&t->owner, ++t->leases);
  pl_buf_clear(&e->command);
  pl_resp_begin(&e->command, 5);
  pl_resp_arg(&e->command, PL_STR("EVAL")), pl_resp_arg(&e->command, pl_str_of(RENEW));
  pl_resp_arg_int(&e->command, 1), pl_resp_arg(&e->command, pl_key_str(&key));
  pl_resp_arg(&e->command, pl_str_of(t->owner.text));
  pl_tenure_ask(t, pl_buf_str(&e->command), on_mark, 0);
}

/* What was on its way when it was taken away may still arrive, and is answered. */
void pl_doubt_freeze(pl_tenure *t) {
  pl_records_forget(t->engine, t);
  pl_outbox_forget(t->engine->outbox, t->partition);
  t->todo = (pl_todo){0};
  t->taken = t->next;
  if (t->kept != PL_COMMIT_GONE) t->kept = PL_COMMIT_NONE; /* no answer comes any more */
  pl_tenure_enter(t, PL_TENURE_FROZEN);
}

void pl_doubt_thaw(pl_tenure *t) {
  t->home.all = true; /* who had it meanwhile may have taken the dirty set */
  pl_entry_go_on(t);
  pl_outbox_wake(t);
  pl_tenure_enter(t, PL_TENURE_ASKING);
  pl_log(PL_LOG_INFO, "tenure", "partition %d: given back, goes on at offset %lld", (int)t->partition,
         (long long)t->next);
}
