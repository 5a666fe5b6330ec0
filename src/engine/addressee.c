#include "engine/addressee.h"

#include "engine/inside.h"

/* A rep, or a manager whom the roster knows; a team. NULL: nobody knows them here. */
static const pl_subject *subject_of(const pl_delivery *d) {
  const pl_tenure *t = pl_engine_tenure(d->engine, d->home);
  if (!t || !t->core || !*d->recipient) return NULL;
  return pl_core_find(t->core, pl_str_of(d->recipient), d->audience == PL_TO_TEAM);
}

static const pl_zone *zone_of(const pl_engine *e, const pl_subject *s, const pl_zone *other) {
  return s && s->cal ? pl_workcal_zone(s->cal) : other ? other : pl_almanac_default_zone(e->almanac);
}

const pl_zone *pl_addressee_zone(const pl_delivery *d) { return zone_of(d->engine, subject_of(d), d->zone); }

const pl_zone *pl_addressee_zone_of(const pl_tenure *home, pl_str person, const pl_zone *other) {
  return zone_of(home->engine, pl_core_find(home->core, person, false), other);
}

const pl_zone *pl_addressee_team_zone(const pl_engine *e, pl_str team) {
  const pl_team *known = team.n ? pl_teams_find(e->teams, team) : NULL;
  return known && *known->zone ? pl_almanac_zone(e->almanac, pl_str_of(known->zone)) : NULL;
}

int64_t pl_addressee_begins(const pl_delivery *d, int32_t after_day) {
  const pl_subject *s = subject_of(d);
  const pl_zone *zone = pl_addressee_zone(d);
  pl_workcal *cal = s && s->cal ? s->cal : pl_almanac_workcal(d->engine->almanac, 0, zone);
  int64_t midnight = pl_zone_instant(zone, after_day + 1, 0), begins = pl_work_beyond(cal, midnight, 0);
  return begins == INT64_MAX ? midnight : begins;
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

/* A member's id begins with U or W, that of a conversation with one member with D; others are channels'. */
static bool is_channel(const char *slack) { return !strchr("UWD", *slack); }

static bool is_team_channel(const pl_delivery *d, const char *address) {
  for (const pl_team *t = NULL; (t = pl_teams_next(d->engine->teams, t));)
    if (strcmp(t->channel, address) == 0) return true;
  return false;
}

/* Would others read there what is not for them? NULL: no; else what to do. */
static const char *overheard(const pl_delivery *d, const pl_endpoint *endpoint, const char *address) {
  bool slack = endpoint->type == PL_SINK_SLACK_BOT;
  if (d->personal && pl_sink_type_of((pl_sink_kind)endpoint->type)->open)
    return "others read it, and this is about a person: give the team a manager, or operators an endpoint of "
           "type slack_bot, smtp or webhook";
  if (slack && d->audience == PL_TO_OPS && is_team_channel(d, address))
    return "its `to` is a team's channel: give operators one of their own";
  if (slack && (d->audience == PL_TO_REP || d->audience == PL_TO_MANAGER) && is_channel(address))
    return "the roster's `slack` of theirs is a channel's, which others read: give the member's id";
  return NULL;
}

static const char *find_address(const pl_delivery *d, const pl_endpoint *endpoint, const char **why) {
  if (!pl_sink_type_of((pl_sink_kind)endpoint->type)->addressed) return "";
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

const char *pl_addressee_address(const pl_delivery *d, const pl_endpoint *endpoint, const char **why) {
  const char *address = find_address(d, endpoint, why);
  const char *others = address ? overheard(d, endpoint, address) : NULL;
  if (others) *why = others;
  return others ? NULL : address;
}
