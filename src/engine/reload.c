/* Reload: another configuration takes the place of the one in use, as a whole or not at all.
 *
 * What it needs of the machine (zones, schemas) is opened first; while that can fail, nothing has changed.
 * Then nothing new is read until everything counted is written, and every tenure starts over under the new
 * configuration, from the claim, as after a crash: what has been counted stands in its records, what has not
 * lies behind the mark. A partition whose state exists in memory alone is waited for. */
#include "base/log.h"
#include "engine/inside.h"

pl_status pl_engine_reload(pl_engine *e, const pl_config *config, pl_sender *sender, pl_err *err) {
  pl_almanac *almanac = NULL;
  pl_readers *readers = NULL;
  pl_status status = pl_almanac_new(&almanac, &config->policy, e->ports.load_zone, e->ports.zone_ctx, err);
  if (status == PL_OK) status = pl_readers_new(&readers, config, err);
  if (status != PL_OK) {
    pl_almanac_free(&almanac);
    return status;
  }
  pl_reload_fini(&e->next); /* one that still waits has been overtaken */
  e->next = (pl_reload){config, sender, almanac, readers};
  pl_engine_press(e);
  pl_engine_wake(e);
  return PL_OK;
}

const pl_config *pl_engine_config(const pl_engine *e) { return e->config; }

void pl_reload_fini(pl_reload *next) {
  pl_almanac_free(&next->almanac);
  pl_readers_free(&next->readers);
  *next = (pl_reload){0};
}

/* Teams that are read from Kafka stay: they are not the file's. */
static void replace_teams(pl_engine *e) {
  if (*e->config->kafka.topics.teams) return;
  pl_teams_free(&e->teams);
  e->teams = pl_facts_teams(e->policy);
}

static void take_over(pl_engine *e) {
  pl_reload next = e->next, before = {e->config, e->ports.sender, e->almanac, e->readers};
  e->next = (pl_reload){0};
  e->config = e->ports.config = next.config, e->policy = &next.config->policy;
  e->ports.sender = next.sender, e->almanac = next.almanac, e->readers = next.readers;
  replace_teams(e);
  pl_lanes_reset(e->lanes);
  for (pl_tenure *t = e->tenures; t; t = t->next_tenure) pl_tenure_restart(t);
  pl_intake_free(&e->intake);
  e->intake = pl_intake_new(pl_readers_most(e->readers), pl_readers_json(e->readers));
  pl_reload_fini(&before);
  pl_engine_press(e);
  pl_log(PL_LOG_INFO, "engine.reload",
         "the new configuration is in use; partitions begin anew from their marks");
}

void pl_reload_tick(pl_engine *e) {
  bool settled = pl_records_settle(e);
  for (const pl_tenure *t = e->tenures; t; t = t->next_tenure) {
    settled &= t->phase != PL_TENURE_FROZEN &&
               (!pl_tenure_counts(t) || (t->phase == PL_TENURE_LIVE && pl_tenure_clean(t)));
  }
  if (e->next.config && settled && !e->drained) take_over(e);
}
