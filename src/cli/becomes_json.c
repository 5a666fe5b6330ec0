/* The same for programs: an object a line. */
#include "cli/becomes_inside.h"

static void member(pl_buf *out, const char *name, pl_str value) {
  pl_buf_printf(out, ",\"%s\":", name);
  pl_buf_json(out, value);
}

static void put_counts(const pl_becomes *b, const pl_event *e, pl_buf *out) {
  const char *comma = "";
  pl_buf_text(out, ",\"counts\":[");
  for (size_t i = 0; i < b->config->policy.nmetrics; i++) {
    const pl_metric *m = &b->config->policy.metrics[i];
    for (int w = 0; w < PL_WINDOWS && pl_becomes_counts(b, i, e); w++)
      if (m->windows >> w & 1)
        pl_buf_printf(out, "%s\"%s:%s\"", comma, m->name, pl_window_kinds[w].name), comma = ",";
  }
  pl_buf_char(out, ']');
}

static void put_fields(const pl_becomes *b, const pl_event *e, pl_buf *out) {
  const char *comma = "";
  pl_buf_text(out, ",\"fields\":{");
  for (size_t i = 0; i < b->config->policy.nfields; i++) {
    pl_value_kind kind = e->fields[i].kind;
    bool bare = kind == PL_INT || kind == PL_DECIMAL || kind == PL_REAL || kind == PL_BOOL;
    pl_buf value;
    if (kind == PL_NONE) continue;
    pl_buf_init(&value, 4096);
    pl_becomes_value(&value, &e->fields[i]);
    pl_buf_text(out, comma), pl_buf_json(out, pl_str_of(b->config->policy.fields[i])), pl_buf_char(out, ':');
    bare ? pl_buf_str_put(out, pl_buf_str(&value)) : pl_buf_json(out, pl_buf_str(&value));
    pl_buf_fini(&value);
    comma = ",";
  }
  pl_buf_char(out, '}');
}

static void put_event(const pl_becomes *b, const pl_outcome *o, const pl_made *made, pl_buf *out) {
  const pl_event *e = &made->event;
  char at[PL_ISO_MAX], local[PL_LOCAL_MAX];
  pl_maker_told told;
  pl_buf_printf(out, "{\"mapping\":%zu", made->mapping + 1);
  member(out, "type", pl_becomes_type(b, made));
  if (e->type == PL_TYPE_HEARTBEAT) {
    member(out, "source", e->source), member(out, "complete_to", pl_str_of(pl_wall_iso(e->complete_to, at)));
    pl_buf_char(out, '}');
    return;
  }
  pl_maker_look(b->maker, e, &told);
  member(out, "id", e->id), member(out, "rep", e->rep);
  pl_buf_printf(out, ",\"known\":%s", told.known ? "true" : "false");
  member(out, "at", pl_str_of(pl_wall_iso(told.at, at)));
  member(out, "local", pl_str_of(pl_zone_text(told.zone, told.at, true, local)));
  member(out, "zone", pl_str_of(pl_zone_name(told.zone)));
  if (e->retracts.n) member(out, "retracts", e->retracts);
  if (e->currency.n) member(out, "currency", e->currency);
  put_fields(b, e, out), put_counts(b, e, out);
  pl_reason reason = pl_becomes_judge(b, o, e, &told);
  if (reason != PL_APPLIED) member(out, "refused", pl_str_of(pl_reason_name(reason)));
  pl_buf_char(out, '}');
}

void pl_becomes_json(pl_becomes *b, const pl_outcome *o, pl_buf *out) {
  char at[PL_ISO_MAX];
  pl_buf_text(out, "{\"record\":"), pl_buf_json(out, pl_str_of(o->where));
  if (o->stamp.ms != INT64_MAX) member(out, "stamp", pl_str_of(pl_wall_iso(o->stamp, at)));
  if (o->key.p) member(out, "key", o->key);
  if (o->reason != PL_APPLIED) {
    member(out, "refused", pl_str_of(o->reason == PL_REASONS ? "broken" : pl_reason_name(o->reason)));
    member(out, "why", pl_str_of(o->why));
  } else {
    pl_buf_text(out, ",\"events\":[");
    for (size_t i = 0; i < o->n; i++) {
      if (i) pl_buf_char(out, ',');
      put_event(b, o, &o->made[i], out);
    }
    pl_buf_char(out, ']');
  }
  if (o->reason == PL_APPLIED && !o->n && o->unmet) pl_buf_text(out, ",\"unmet\":[");
  for (size_t i = 0; i < b->set->n && o->reason == PL_APPLIED && !o->n && o->unmet; i++) {
    pl_buf text;
    pl_buf_init(&text, 1 << 16);
    pl_becomes_unmet(&text, o->unmet[i]);
    if (i) pl_buf_char(out, ',');
    pl_buf_json(out, pl_buf_str(&text));
    pl_buf_fini(&text);
    if (i + 1 == b->set->n) pl_buf_char(out, ']');
  }
  pl_buf_text(out, "}\n");
}

static void count(pl_buf *out, const char **comma, const char *name, int64_t n) {
  if (!n) return;
  pl_buf_text(out, *comma), pl_buf_json(out, pl_str_of(name));
  pl_buf_printf(out, ":%lld", (long long)n);
  *comma = ",";
}

void pl_becomes_sum_up_json(const pl_becomes *b, pl_buf *out) {
  const pl_policy *policy = &b->config->policy;
  const char *comma = "";
  pl_buf_printf(out,
                "{\"summary\":{\"records\":%lld,\"events\":%lld,\"none\":%lld,\"refused\":%lld,\"types\":{",
                (long long)b->records, (long long)b->events, (long long)b->none, (long long)b->refused);
  for (size_t i = 0; i <= PL_TYPES_MAX; i++)
    count(out, &comma, i < policy->ntypes ? policy->types[i] : "other types", b->by_type[i]);
  pl_buf_text(out, "},\"reasons\":{"), comma = "";
  for (int i = 0; i <= PL_REASONS; i++)
    count(out, &comma, i == PL_REASONS ? "broken" : pl_reason_name((pl_reason)i), b->by_reason[i]);
  pl_buf_text(out, "},\"unknown_reps\":["), comma = "";
  for (pl_map_slot *s = NULL; (s = pl_map_next(&b->strangers, s)); comma = ",")
    pl_buf_text(out, comma), pl_buf_json(out, (pl_str){s->key, s->key_len});
  pl_buf_text(out, "],\"absent_fields\":["), comma = "";
  for (size_t i = 0; i < policy->nfields; i++)
    if (pl_becomes_absent(b, i))
      pl_buf_text(out, comma), pl_buf_json(out, pl_str_of(policy->fields[i])), comma = ",";
  pl_buf_text(out, "]}}\n");
}
