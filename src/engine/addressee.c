#include "engine/addressee.h"

#include "engine/inside.h"

/* A rep, or a manager whom the roster knows; a team. NULL: nobody knows them here. */
static const pl_subject *subject_of(const pl_delivery *d) {
  const pl_tenure *t = pl_engine_tenure(d->engine, d->home);
  if (!t || !t->core || !*d->recipient) return NULL;
  return pl_core_find(t->core, pl_str_of(d->recipient), d->audience == PL_TO_TEAM);
}

const pl_zone *pl_addressee_zone(const pl_delivery *d) {
  const pl_subject *s = subject_of(d);
  return s && s->cal ? pl_workcal_zone(s->cal) : pl_almanac_default_zone(d->engine->almanac);
}

/* Under a rep's own concern, while it can be answered, and some days longer. */
static bool link_of(void *ctx, const pl_post *post, pl_buf *out) {
  const pl_engine *e = ctx;
  bool concern = strcmp(pl_post_text(post, "kind"), pl_alert_kind_name(PL_ALERT_BEHIND)) == 0;
  bool own = strcmp(pl_post_text(post, "audience"), pl_audience_name(PL_TO_REP)) == 0;
  size_t before = out->n;
  if (!e->ports.linker || !concern || !own) return false;
  e->ports.linker->put(e->ports.linker, pl_str_of(pl_post_text(post, "entity")),
                       pl_str_of(pl_post_text(post, "id")), pl_str_of(pl_post_text(post, "goal")),
                       pl_post_seconds(post, "until") + PL_KEPT_S, out);
  return out->n > before;
}

pl_telling pl_addressee_telling(pl_engine *e, const pl_delivery *d) {
  const pl_subject *s = subject_of(d);
  return (pl_telling){
      .audience = pl_audience_name(d->audience),
      .book = pl_phrasebooks_find(&e->config->books, pl_str_of(s && s->language ? s->language : "")),
      .zone = pl_addressee_zone(d),
      .now = pl_engine_wall(e),
      .aged = PL_BEGINNING,
      .link = link_of,
      .ctx = e};
}

const char *pl_addressee_address(const pl_delivery *d, const pl_endpoint *endpoint, const char **why) {
  bool mail = endpoint->type == PL_SINK_SMTP;
  const pl_subject *s = subject_of(d);
  const char *address = NULL;
  if (d->audience == PL_TO_OPS) {
    *why = "it has no address for operators: set its `to`";
  } else if (d->audience == PL_TO_TEAM) {
    const pl_team *team = pl_teams_find(d->engine->teams, pl_str_of(d->recipient));
    *why = "the team has no channel: give it one where teams are described";
    address = team ? team->channel : NULL;
  } else {
    *why = mail ? "the roster has no `email` of theirs" : "the roster has no `slack` of theirs";
    address = !s ? NULL : mail ? s->email : s->slack;
  }
  bool shared = d->audience == PL_TO_OPS || d->audience == PL_TO_TEAM;
  if (shared && (!address || !*address)) address = endpoint->to;
  return address && *address ? address : NULL;
}
