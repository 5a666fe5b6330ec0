#include "cli/becomes.h"

#include "base/mem.h"
#include "cli/becomes_inside.h"
#include "cli/cli.h"
#include "cli/recount.h"

pl_status pl_becomes_new(pl_becomes **out, const pl_config *config, const pl_mapping_set *set, pl_err *err) {
  pl_becomes *b = *out = PL_NEW(pl_becomes);
  b->config = config, b->set = set;
  pl_map_init(&b->strangers);
  pl_status status = pl_maker_new(&b->maker, config, NULL, pl_cli_zone, err);
  if (status != PL_OK) pl_becomes_free(out);
  return status;
}

void pl_becomes_free(pl_becomes **becomes) {
  pl_becomes *b = *becomes;
  if (!b) return;
  pl_maker_free(&b->maker);
  pl_map_fini(&b->strangers);
  PL_FREE(*becomes);
}

/* --- judging */

pl_str pl_becomes_type(const pl_becomes *b, const pl_made *made) {
  int type = made->event.type;
  return type >= 0               ? pl_str_of(b->config->policy.types[type])
         : type == PL_TYPE_OTHER ? made->word
                                 : pl_str_of(pl_type_own_name(type));
}

bool pl_becomes_counts(const pl_becomes *b, size_t metric, const pl_event *e) {
  const pl_metric *all = b->config->policy.metrics, *m = &all[metric];
  if (m->hidden) return false;
  if (e->type == PL_TYPE_ADJUSTMENT) return pl_str_is(e->metric, m->name);
  if (m->kind == PL_RATIO_OF)
    return pl_recount_matches(&all[m->num], e) || pl_recount_matches(&all[m->den], e);
  return pl_recount_matches(m, e);
}

pl_reason pl_becomes_judge(const pl_becomes *b, const pl_outcome *o, const pl_event *e,
                           const pl_maker_told *told) {
  const pl_policy *policy = &b->config->policy;
  bool crc32 = b->config->kafka.partitioner == PL_PARTITIONER_CRC32;
  for (size_t i = 0; i < policy->nmetrics && e->currency.n; i++) {
    const pl_metric *m = &policy->metrics[i];
    if ((m->kind == PL_SUM_OF || m->kind == PL_LAST_OF) && m->unit_text && pl_recount_matches(m, e) &&
        !pl_str_is(e->currency, m->unit_text))
      return PL_CURRENCY;
  }
  if (!o->partitions) return PL_APPLIED;
  if (pl_kafka_home(e->rep, o->partitions, crc32) != o->partition) return PL_MISROUTED;
  return pl_before(pl_wall_plus(o->stamp, policy->future_tolerance), told->at) ? PL_FUTURE : PL_APPLIED;
}

bool pl_becomes_absent(const pl_becomes *b, size_t field) {
  bool mapped = false;
  for (size_t i = 0; i < b->set->n; i++)
    mapped |= b->set->items[i].fields[field].paths[0] != NULL || b->set->items[i].fields[field].constant;
  return mapped && b->events && !b->seen[field];
}

/* --- noting */

static void note_event(pl_becomes *b, const pl_event *e, const pl_maker_told *told) {
  size_t type = e->type >= 0 ? (size_t)e->type : PL_TYPES_MAX;
  bool counted = e->type < 0 && e->type != PL_TYPE_OTHER;
  for (size_t i = 0; i < b->config->policy.nmetrics; i++) counted |= pl_becomes_counts(b, i, e);
  b->events++, b->by_type[type]++, b->uncounted[type] += !counted;
  for (size_t i = 0; i < b->config->policy.nfields; i++) b->seen[i] += e->fields[i].kind != PL_NONE;
  if (told->known || (b->strangers.n >= PL_STRANGERS_MAX && !pl_map_find(&b->strangers, e->rep))) return;
  void **n = pl_map_put(&b->strangers, e->rep);
  *n = (void *)((uintptr_t)*n + 1); /* NOLINT(performance-no-int-to-ptr): only a number */
}

static void note(pl_becomes *b, const pl_outcome *o) {
  b->records++;
  b->refused += o->reason != PL_APPLIED, b->none += o->reason == PL_APPLIED && !o->n;
  if (o->reason != PL_APPLIED) b->by_reason[o->reason]++;
  for (size_t i = 0; i < o->n && o->reason == PL_APPLIED; i++) {
    pl_maker_told told;
    if (o->made[i].event.type == PL_TYPE_HEARTBEAT) continue;
    pl_maker_look(b->maker, &o->made[i].event, &told);
    note_event(b, &o->made[i].event, &told);
  }
}

/* --- words */

void pl_becomes_clean(pl_buf *out, pl_str s) {
  while (s.n) {
    size_t step = pl_str_step(s);
    bool good = step && pl_str_clean((pl_str){s.p, step}) && *s.p != '\t';
    if (!step) step = 1;
    if (good)
      pl_buf_put(out, s.p, step);
    else
      pl_buf_char(out, '.');
    s = (pl_str){s.p + step, s.n - step};
  }
}

void pl_becomes_value(pl_buf *out, const pl_value *v) {
  char at[PL_ISO_MAX];
  switch (v->kind) {
  case PL_BOOL: pl_buf_text(out, v->i ? "true" : "false"); break;
  case PL_INT: pl_buf_int(out, v->i); break;
  case PL_DECIMAL: pl_buf_decimal(out, v->i, v->scale); break;
  case PL_REAL: pl_buf_printf(out, "%.15g", v->d); break;
  case PL_INSTANT: pl_buf_text(out, pl_wall_iso((pl_wall){v->i}, at)); break;
  case PL_TEXT: pl_buf_str_put(out, v->s); break;
  default: break;
  }
}

void pl_becomes_unmet(pl_buf *out, const pl_condition *c) {
  if (!c) {
    pl_buf_text(out,
                "its type is none of those listed, there is no such row or item, or this schema lacks what "
                "it needs");
    return;
  }
  pl_buf_printf(out, "`%s` is ", c->path);
  switch (c->test) {
  case PL_TEST_IS: pl_buf_text(out, "none of "); break;
  case PL_TEST_IS_NOT: pl_buf_text(out, "one of "); break;
  case PL_TEST_DIFFERS: pl_buf_printf(out, "the same as `%s`", c->other); break;
  case PL_TEST_PRESENT: pl_buf_text(out, "absent"); break;
  case PL_TEST_ABSENT: pl_buf_text(out, "there"); break;
  }
  bool lists = c->test == PL_TEST_IS || c->test == PL_TEST_IS_NOT;
  for (size_t i = 0; i < c->nvalues && lists; i++) pl_buf_printf(out, "%s%s", i ? ", " : "", c->values[i]);
}

static void say_fields(const pl_becomes *b, const pl_event *e, pl_buf *out) {
  const pl_policy *policy = &b->config->policy;
  bool any = false;
  for (size_t i = 0; i < policy->nfields; i++) {
    pl_buf value;
    if (e->fields[i].kind == PL_NONE) continue;
    pl_buf_init(&value, 4096);
    pl_becomes_value(&value, &e->fields[i]);
    pl_buf_printf(out, "%s%s ", any ? ", " : "    ", policy->fields[i]);
    pl_becomes_clean(out, pl_buf_str(&value));
    pl_buf_fini(&value);
    any = true;
  }
  if (e->currency.n)
    pl_buf_text(out, any ? ", in " : "    in "), pl_becomes_clean(out, e->currency), any = true;
  if (any) pl_buf_char(out, '\n');
}

static void say_metrics(const pl_becomes *b, const pl_event *e, pl_buf *out) {
  bool any = false;
  for (size_t i = 0; i < b->config->policy.nmetrics; i++) {
    const pl_metric *m = &b->config->policy.metrics[i];
    if (!pl_becomes_counts(b, i, e)) continue;
    pl_buf_printf(out, "%s%s (", any ? ", " : "    counts in ", m->name);
    const char *comma = "";
    for (int w = 0; w < PL_WINDOWS; w++)
      if (m->windows >> w & 1) pl_buf_printf(out, "%s%s", comma, pl_window_kinds[w].name), comma = ", ";
    pl_buf_char(out, ')');
    any = true;
  }
  bool counts = e->type >= 0 || e->type == PL_TYPE_OTHER || e->type == PL_TYPE_ADJUSTMENT;
  if (any || counts) pl_buf_text(out, any ? "\n" : "    counts in no metric\n");
}

static void say_event(const pl_becomes *b, const pl_outcome *o, const pl_made *made, pl_buf *out) {
  const pl_event *e = &made->event;
  char at[PL_ISO_MAX], local[PL_LOCAL_MAX];
  pl_maker_told told;
  pl_buf_text(out, "  "), pl_becomes_clean(out, pl_becomes_type(b, made));
  if (e->type == PL_TYPE_HEARTBEAT) {
    pl_buf_text(out, " of "), pl_becomes_clean(out, e->source);
    pl_buf_printf(out, ", complete to %s\n", pl_wall_iso(e->complete_to, at));
    return;
  }
  pl_maker_look(b->maker, e, &told);
  pl_buf_text(out, " of "), pl_becomes_clean(out, e->rep);
  pl_buf_printf(out, "%s at %s (%s %s), id ", told.known ? "" : " (not in `reps`)", pl_wall_iso(told.at, at),
                pl_zone_text(told.zone, told.at, true, local), pl_zone_name(told.zone));
  pl_becomes_clean(out, e->id);
  if (e->retracts.n) pl_buf_text(out, ", takes back "), pl_becomes_clean(out, e->retracts);
  pl_buf_char(out, '\n');
  say_fields(b, e, out);
  say_metrics(b, e, out);
  pl_reason reason = pl_becomes_judge(b, o, e, &told);
  if (reason != PL_APPLIED) pl_buf_printf(out, "    will be refused: %s\n", pl_reason_name(reason));
}

static void say(const pl_becomes *b, const pl_outcome *o, pl_buf *out) {
  char at[PL_ISO_MAX];
  pl_buf_text(out, o->where);
  if (o->stamp.ms != INT64_MAX) pl_buf_printf(out, "  %s", pl_wall_iso(o->stamp, at));
  if (o->key.p) pl_buf_text(out, "  key "), pl_becomes_clean(out, o->key);
  pl_buf_char(out, '\n');
  if (o->reason != PL_APPLIED) {
    pl_buf_printf(out, "  refused: %s: ", o->reason == PL_REASONS ? "broken" : pl_reason_name(o->reason));
    pl_becomes_clean(out, pl_str_of(o->why)), pl_buf_char(out, '\n');
    return;
  }
  for (size_t i = 0; i < o->n; i++) say_event(b, o, &o->made[i], out);
  if (o->n) return;
  pl_buf_text(out, "  no event\n");
  for (size_t i = 0; i < b->set->n && o->unmet; i++) {
    pl_buf_printf(out, "    mapping %zu: ", i + 1);
    pl_becomes_unmet(out, o->unmet[i]), pl_buf_char(out, '\n');
  }
}

void pl_becomes_say(pl_becomes *b, const pl_outcome *o, bool json, pl_buf *out) {
  note(b, o);
  json ? pl_becomes_json(b, o, out) : say(b, o, out);
}

/* --- the sum */

static void list(pl_buf *out, const char **comma, const char *word, int64_t n) {
  if (n) pl_buf_printf(out, "%s%s %lld", *comma, word, (long long)n), *comma = ", ";
}

static void say_types(const pl_becomes *b, const int64_t *counts, pl_buf *out) {
  const pl_policy *policy = &b->config->policy;
  const char *comma = "";
  for (size_t i = 0; i <= PL_TYPES_MAX; i++)
    list(out, &comma, i < policy->ntypes ? policy->types[i] : "other types", counts[i]);
}

static void say_strangers(const pl_becomes *b, pl_buf *out) {
  const char *comma = "";
  if (!b->strangers.n) return;
  if (*b->config->kafka.topics.roster) {
    pl_buf_text(out, "the roster is in Kafka, and was not asked who is known\n");
    return;
  }
  pl_buf_text(out, "not in `reps`: ");
  size_t told = 0;
  for (pl_map_slot *s = NULL; told < 10 && (s = pl_map_next(&b->strangers, s)); told++) {
    pl_buf_text(out, comma), pl_becomes_clean(out, (pl_str){s->key, s->key_len});
    pl_buf_printf(out, " %lld", (long long)(uintptr_t)s->value), comma = ", ";
  }
  if (b->strangers.n > told) pl_buf_printf(out, ", and %zu more", b->strangers.n - told);
  pl_buf_char(out, '\n');
}

static void say_absent(const pl_becomes *b, pl_buf *out) {
  const char *comma = "mapped, and never there: ";
  for (size_t i = 0; i < b->config->policy.nfields; i++)
    if (pl_becomes_absent(b, i)) pl_buf_printf(out, "%s%s", comma, b->config->policy.fields[i]), comma = ", ";
  if (*comma == ',') pl_buf_char(out, '\n');
}

void pl_becomes_sum_up(const pl_becomes *b, bool json, pl_buf *out) {
  const char *comma = "";
  int64_t uncounted = 0;
  if (json) {
    pl_becomes_sum_up_json(b, out);
    return;
  }
  pl_buf_printf(out, "\n%lld records: %lld events", (long long)b->records, (long long)b->events);
  if (b->events) pl_buf_text(out, " ("), say_types(b, b->by_type, out), pl_buf_char(out, ')');
  pl_buf_printf(out, ", %lld are no event, %lld refused", (long long)b->none, (long long)b->refused);
  if (b->refused) pl_buf_text(out, " (");
  for (int i = 0; i <= PL_REASONS && b->refused; i++)
    list(out, &comma, i == PL_REASONS ? "broken" : pl_reason_name((pl_reason)i), b->by_reason[i]);
  pl_buf_text(out, b->refused ? ")\n" : "\n");
  for (size_t i = 0; i <= PL_TYPES_MAX; i++) uncounted += b->uncounted[i];
  if (uncounted)
    pl_buf_text(out, "counted by no metric: "), say_types(b, b->uncounted, out), pl_buf_char(out, '\n');
  say_strangers(b, out);
  say_absent(b, out);
}
