#include "cli/maker.h"

#include <stdio.h>

#include "base/mem.h"
#include "cli/contract.h"
#include "codec/encode.h"
#include "codec/wire.h"
#include "core/almanac.h"
#include "core/deadline.h"
#include "engine/facts.h"

enum { WORD = 24 /* bytes of a number as text */ };

struct pl_maker {
  const pl_config *config;
  bool plain; /* no wire header */
  int32_t schema_id;
  int amount, account, deal, product, channel, opened_at; /* in policy.fields; -1: no such field */
  pl_teams *teams;
  pl_almanac *almanac;
  pl_core *core; /* the roster, for its zones; it counts nothing */
};

static int field(const pl_policy *policy, const char *name) {
  for (size_t i = 0; i < policy->nfields; i++)
    if (strcmp(policy->fields[i], name) == 0) return (int)i;
  return -1;
}

/* Every field a mapping names must have a place in the schema. */
static pl_status check_fields(const pl_maker *m, const pl_mapping_set *set, const pl_mapping *mapping,
                              pl_err *err) {
  const pl_policy *policy = &m->config->policy;
  if (mapping->complete_to)
    return pl_fail(
        err, PL_REJECT,
        "mapping %s: complete_to: a heartbeat speaks for the partition that it lies in, and is not taken "
        "elsewhere; remove it",
        set->name);
  for (int i = 0; i < (int)policy->nfields; i++)
    if ((mapping->fields[i].paths[0] || mapping->fields[i].constant) && i != m->amount && i != m->account &&
        i != m->deal && i != m->product && i != m->channel && i != m->opened_at)
      return pl_fail(
          err, PL_REJECT,
          "mapping %s: fields: %s: activity.avsc has no such field; expected amount, account, deal, "
          "product, channel or opened_at",
          set->name, policy->fields[i]);
  return PL_OK;
}

static pl_status find_fields(pl_maker *m, const pl_mapping_set *set, pl_err *err) {
  const pl_policy *policy = &m->config->policy;
  m->amount = field(policy, "amount"), m->account = field(policy, "account"), m->deal = field(policy, "deal");
  m->product = field(policy, "product"), m->channel = field(policy, "channel");
  m->opened_at = field(policy, "opened_at");
  pl_status status = PL_OK;
  for (size_t i = 0; i < set->n && status == PL_OK; i++) status = check_fields(m, set, &set->items[i], err);
  return status;
}

/* The roster as the engine would hold it, begun, so that everybody has a calendar and a zone. */
static pl_status open_roster(pl_maker *m, pl_zone_load_fn *load_zone, pl_err *err) {
  const pl_policy *policy = &m->config->policy;
  pl_status status = pl_almanac_new(&m->almanac, policy, load_zone, NULL, err);
  if (status != PL_OK) return status;
  m->teams = pl_facts_teams(policy);
  m->core = pl_core_new(policy, m->almanac, m->teams, 0);
  (void)pl_facts_configured(m->core, policy, m->teams, NULL, NULL, NULL);
  pl_core_begin(m->core, pl_times_at(pl_wall_s(0)));
  pl_core_advance(m->core, pl_wall_s(0), NULL);
  pl_core_advance_teams(m->core, pl_wall_s(0), pl_wall_s(0), NULL);
  return PL_OK;
}

pl_status pl_maker_new(pl_maker **out, const pl_config *config, const pl_mapping_set *set,
                       pl_zone_load_fn *load_zone, pl_err *err) {
  pl_maker *m = *out = PL_NEW(pl_maker);
  m->config = config;
  pl_status status =
      !set ? PL_OK : pl_contract_find(config, PL_WRITES_ACTIVITY, &m->plain, &m->schema_id, err);
  if (status == PL_OK && set) status = find_fields(m, set, err);
  if (status == PL_OK) status = open_roster(m, load_zone, err);
  if (status != PL_OK) pl_maker_free(out);
  return status;
}

void pl_maker_free(pl_maker **maker) {
  pl_maker *m = *maker;
  if (!m) return;
  pl_core_free(&m->core);
  pl_almanac_free(&m->almanac);
  pl_teams_free(&m->teams);
  PL_FREE(*maker);
}

/* --- one event */

static pl_subject *meet(pl_maker *m, pl_str rep) {
  pl_subject *s = pl_core_find(m->core, rep, false);
  if (s) return s;
  s = pl_core_subject(m->core, rep, false);
  pl_deadline_begin(s, pl_wall_s(0));
  return s;
}

static pl_wall resolve(const pl_maker *m, const pl_event *e, const pl_maker_told *told, int64_t ms,
                       bool is_local) {
  const pl_zone *named = e->zone ? pl_almanac_zone(m->almanac, pl_str_of(e->zone)) : NULL;
  return is_local ? pl_zone_resolve(named ? named : told->zone, ms) : (pl_wall){ms};
}

void pl_maker_look(pl_maker *m, const pl_event *e, pl_maker_told *told) {
  const pl_subject *s = meet(m, e->rep);
  *told = (pl_maker_told){.rep = pl_subject_id(s), .known = s->known, .zone = pl_workcal_zone(s->cal)};
  told->at = resolve(m, e, told, e->at.ms, e->at_is_local);
}

/* An instant that no metric measures from is still text. */
static pl_wall opened_of(const pl_maker *m, const pl_event *e, const pl_maker_told *told) {
  pl_value v = m->opened_at >= 0 ? e->fields[m->opened_at] : (pl_value){.kind = PL_NONE};
  if (v.kind != PL_INSTANT && (v.kind != PL_TEXT || !pl_event_instant(v.s, &v))) return PL_NEVER;
  return resolve(m, e, told, v.i, v.is_local);
}

/* Ids are often numbers. */
static pl_str text_of(const pl_event *e, int at, char room[WORD]) {
  const pl_value *v = at >= 0 ? &e->fields[at] : NULL;
  if (!v || (v->kind != PL_TEXT && v->kind != PL_INT && v->kind != PL_BOOL)) return (pl_str){"", 0};
  if (v->kind == PL_TEXT) return v->s;
  if (v->kind == PL_BOOL) return v->i ? PL_STR("true") : PL_STR("false");
  return (pl_str){room, (size_t)snprintf(room, WORD, "%lld", (long long)v->i)};
}

/* An amount that no metric adds up is still text. */
static pl_value amount_of(const pl_maker *m, const pl_event *e) {
  pl_value v = m->amount >= 0 ? e->fields[m->amount] : (pl_value){.kind = PL_NONE};
  int64_t i;
  if (v.kind == PL_TEXT && pl_str_decimal(v.s, PL_AMOUNT_SCALE, &i))
    v = (pl_value){.kind = PL_DECIMAL, .scale = PL_AMOUNT_SCALE, .i = i};
  return v;
}

pl_reason pl_maker_put(pl_maker *m, const pl_made *made, pl_buf *out, pl_maker_told *told, pl_err *why) {
  const pl_event *e = &made->event;
  pl_maker_look(m, e, told);
  const size_t before = out->n;
  char digits[4][WORD];
  const pl_activity activity = {.id = e->id,
                                .rep = e->rep,
                                .at = told->at,
                                .type = e->type >= 0 ? pl_str_of(m->config->policy.types[e->type])
                                        : e->type == PL_TYPE_OTHER ? made->word
                                                                   : pl_str_of(pl_type_own_name(e->type)),
                                .amount = e->type == PL_TYPE_ADJUSTMENT ? e->amount : amount_of(m, e),
                                .currency = e->currency,
                                .account = text_of(e, m->account, digits[0]),
                                .deal = text_of(e, m->deal, digits[1]),
                                .product = text_of(e, m->product, digits[2]),
                                .channel = text_of(e, m->channel, digits[3]),
                                .opened_at = opened_of(m, e, told),
                                .source = {"", 0},
                                .complete_to = PL_NEVER,
                                .retracts = e->retracts,
                                .more = e->more,
                                .metric = e->metric,
                                .goal = e->goal,
                                .answer = e->answer};
  if (!m->plain) pl_wire_put(out, m->schema_id);
  if (pl_activity_encode(out, &activity)) return PL_APPLIED;
  out->n = before;
  (void)pl_fail(why, PL_REJECT, "amount: expected a number with at most %d digits after the point",
                PL_AMOUNT_SCALE);
  return PL_BAD_VALUE;
}

void pl_maker_heartbeat(const pl_maker *m, const char *source, pl_wall at, pl_wall complete_to, pl_buf *out) {
  if (!m->plain) pl_wire_put(out, m->schema_id);
  pl_heartbeat_encode(out, pl_str_of(source), at, complete_to);
}

/* --- the end of everything */

static uint32_t declared(const pl_policy *policy) {
  uint32_t windows = 0;
  for (size_t i = 0; i < policy->nmetrics; i++) windows |= policy->metrics[i].windows;
  return windows | 1U << PL_W_DAY;
}

pl_wall pl_maker_end(const pl_maker *m, pl_wall at) {
  int64_t newest = pl_seconds(at), end = newest;
  uint32_t windows = declared(&m->config->policy);
  const pl_map *both[] = {&m->core->reps, &m->core->teams};
  for (size_t i = 0; i < PL_COUNT(both); i++)
    for (pl_map_slot *slot = NULL; (slot = pl_map_next(both[i], slot));) {
      const pl_zone *zone = pl_workcal_zone(((pl_subject *)slot->value)->cal);
      for (int w = PL_W_DAY; w < PL_WINDOWS; w++) {
        pl_unit unit = pl_window_kinds[w].unit;
        if (!(windows >> w & 1)) continue;
        int32_t index = pl_subject_period(slot->value, unit, pl_zone_day(zone, newest));
        int64_t until = pl_period_start(zone, unit, index + 1);
        if (until > end) end = until;
      }
    }
  return pl_wall_s(end);
}
