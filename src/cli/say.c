#include "cli/say.h"

#include "base/clock.h"
#include "cli/cli.h"
#include "cli/contract.h"
#include "cli/query.h"
#include "codec/wire.h"
#include "config/item.h"
#include "io/kafka_writer.h"

pl_status pl_say_check(const pl_config *c, const char *path, const char *rep, pl_err *err) {
  const pl_policy *p = &c->policy;
  pl_near near = pl_near_to(pl_str_of(rep));
  for (size_t i = 0; i < c->teams.n; i++)
    if (strcmp(((const pl_team_item *)c->teams.p)[i].item.name, rep) == 0)
      return pl_fail(err, PL_REJECT,
                     "%s is a team of %s, expected a rep: only reps speak in the stream of events; "
                     "a team's goals are changed by its record in %s",
                     rep, path, c->kafka.topics.goals);
  for (size_t i = 0; i < p->nreps; i++) {
    if (pl_str_is(p->reps[i].id, rep)) return PL_OK;
    pl_near_offer(&near, p->reps[i].id.p);
  }
  if (*c->kafka.topics.roster) return PL_OK; /* the roster is not ours to read */
  return pl_fail(err, PL_REJECT, "found '%s', expected one of the `reps` of %s%s", rep, path,
                 pl_near_hint(&near).text);
}

/* In stream time nobody's clock counts but the stream's: what the rep's partition has got to. A stamp of
 * today would carry everybody in it to today. */
pl_status pl_say_now(const pl_config *c, const char *rep, pl_wall *out, pl_err *err) {
  *out = pl_clock_wall();
  if (c->clock == PL_CLOCK_WALL) return PL_OK;
  pl_query *redis;
  pl_status status = pl_query_open(&redis, c, err);
  if (status != PL_OK) return status;
  pl_key mark = pl_key_mark(c->redis.prefix, pl_query_home(redis, pl_str_of(rep)));
  const pl_reply *r = pl_query_ask(
      redis, 4, (pl_str[]){PL_STR("HMGET"), pl_key_str(&mark), PL_STR("stamp"), PL_STR("complete_to")});
  *out = PL_BEGINNING;
  for (size_t i = 0; i < r->n; i++) {
    pl_wall t;
    if (r->items[i].kind == PL_REPLY_TEXT && pl_str_int(r->items[i].s, &t.ms)) *out = pl_later(*out, t);
  }
  if (pl_query_failed(redis, err))
    status = PL_AGAIN;
  else if (out->ms == INT64_MIN)
    status = pl_fail(err, PL_AGAIN,
                     "`clock: stream`: nothing of %s's partition was counted yet, so it has no time; "
                     "feed it first, and run this again",
                     rep);
  pl_query_close(&redis);
  return status;
}

pl_status pl_say_write(const pl_config *c, const pl_activity *activity, const char *name, pl_err *err) {
  pl_kafka_config kafka;
  pl_writer *writer = NULL;
  bool plain;
  int32_t schema;
  pl_status status = pl_contract_find(c, PL_WRITES_ACTIVITY, &plain, &schema, err);
  if (status == PL_OK) status = pl_cli_kafka(&kafka, c, err);
  if (status == PL_OK) status = pl_writer_new(&writer, &kafka, c->kafka.topics.activities, name, err);
  if (status != PL_OK) return status;
  pl_buf value;
  pl_buf_init(&value, 1 << 16);
  if (!plain) pl_wire_put(&value, schema);
  PL_ASSERT(pl_activity_encode(&value, activity)); /* it has no amount */
  status = pl_writer_begin(writer, err);
  if (status == PL_OK)
    status = pl_writer_put(writer, -1, activity->rep, pl_buf_str(&value), activity->at, err);
  if (status == PL_OK) status = pl_writer_commit(writer, err);
  pl_buf_fini(&value);
  pl_writer_free(&writer);
  return status;
}
