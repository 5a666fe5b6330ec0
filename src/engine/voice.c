#include "engine/voice.h"

static const uint64_t OURS = 1ULL << 62; /* tokens of this room */

bool pl_engine_say(pl_engine *e, pl_str rep, pl_str value, uint32_t number) {
  pl_source *source = e->ports.source;
  return !e->drained && source->ops->produce(source, e->config->kafka.topics.activities, -1, rep, value, NULL,
                                             0, OURS | number) == PL_OK;
}

bool pl_voice_produced(pl_engine *e, uint64_t token, bool taken) {
  if (!(token & OURS)) return false;
  e->ports.on_said(e->ports.said_ctx, (uint32_t)token, taken);
  return true;
}

bool pl_engine_ask(pl_engine *e, pl_str command, pl_reply_fn *fn, void *ctx) {
  if (!e->store_up) return false;
  e->ports.store->ops->send(e->ports.store, command, fn, ctx);
  return true;
}

bool pl_engine_manages(const pl_engine *e, pl_str manager, pl_str rep, pl_str team) {
  const pl_team *t = pl_teams_find(e->teams, team);
  return t && manager.n && pl_str_is(manager, pl_teams_manager(e->teams, t->id, rep));
}
