/* paceline goal propose, agree, pause, resume: words on a goal, as events in the stream of activities, which
 * the goal's owner applies on top of the record in the goals' topic. Nothing is overwritten. */
#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <sysexits.h>

#include "base/clock.h"
#include "cli/cli.h"
#include "cli/goal.h"
#include "cli/rows.h"
#include "codec/encode.h"
#include "codec/wire.h"
#include "io/kafka_writer.h"

static pl_status check(const pl_config *c, const char *path, const pl_goal_word *word, pl_err *err) {
  if (!*c->kafka.topics.goals)
    return pl_fail(err, PL_REJECT, "the goals are in %s: change them there, and send `paceline run` a SIGHUP",
                   path);
  if (word->metric.n && pl_policy_metric(&c->policy, word->metric) < 0)
    return pl_fail(err, PL_REJECT, "--metric: no metric of %s is called %.*s", path, (int)word->metric.n,
                   word->metric.p);
  return PL_OK;
}

static pl_status write(const pl_config *c, const pl_activity *activity, pl_err *err) {
  const pl_kafka_config kafka = pl_cli_kafka(c);
  pl_writer *writer = NULL;
  bool plain;
  int32_t schema;
  pl_status status = pl_rows_schema(c, &plain, &schema, err);
  if (status == PL_OK)
    status = pl_writer_new(&writer, &kafka, c->kafka.topics.activities, "paceline-goal", err);
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

bool pl_goal_say_parse(int argc, char **argv, pl_goal_word *out) {
  static const struct option options[] = {
      {"target", required_argument, NULL, 't'}, {"metric", required_argument, NULL, 'm'},
      {"period", required_argument, NULL, 'p'}, {"plan", required_argument, NULL, 'n'},
      {"by", required_argument, NULL, 'b'},     {0}};
  *out = (pl_goal_word){.period = -1, .target = NAN};
  optind = 0;
  for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
    pl_str text = pl_str_of(optarg);
    switch (option) {
    case 't':
      if (!pl_str_double(text, &out->target)) return false;
      break;
    case 'm': out->metric = text; break;
    case 'p':
      for (int u = PL_DAY; u <= PL_YEAR; u++)
        if (pl_str_is(text, pl_unit_name((pl_unit)u))) out->period = u;
      if (out->period < 0) return false;
      break;
    case 'n': out->plan = text; break;
    case 'b': out->by = text; break;
    default: return false;
    }
  }
  return optind == argc;
}

pl_status pl_goal_say(const pl_config *config, const char *path, const char *what, const char *rep,
                      const pl_goal_word *word, pl_err *err) {
  pl_wall now = pl_clock_wall();
  char id[PL_ID_MAX + 1], type[32];
  (void)snprintf(type, sizeof type, "goal_%s", what);
  (void)snprintf(id, sizeof id, "%s/%lld/%.*s", type, (long long)now.ms,
                 (int)(word->name.n < 128 ? word->name.n : 128), word->name.p);
  const pl_activity activity = {.id = pl_str_of(id),
                                .rep = pl_str_of(rep),
                                .at = now,
                                .type = pl_str_of(type),
                                .opened_at = PL_NEVER,
                                .complete_to = PL_NEVER,
                                .goal = word};
  pl_status status = check(config, path, word, err);
  if (status == PL_OK) status = write(config, &activity, err);
  if (status == PL_OK)
    (void)printf("%s: %s is written; `paceline goal list %s` shows what became of it\n", rep, type, rep);
  return status;
}
