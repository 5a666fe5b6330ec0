/* Mapping: the user's schemas onto ours, compiled: types and fields become indexes into the policy.
 *
 * Types and fields that the metrics name must be made by some mapping, or a counter would stay at 0 for ever
 * without a word. Without a mapping for the activities the default stands: the names of the schema paceline
 * comes with. */
#include "codec/when.h"
#include "config/item.h"
#include "config/option.h"

static const pl_yaml *part(const pl_mapping_item *m, const char *key) {
  return pl_yaml_nearest(m->item.node, key);
}

/* `a.b.c`, or a text with such paths in braces. */
static void check_path(pl_compiler *c, const char *path, const pl_yaml *node, bool template) {
  const char *what = template ? "a path such as owner.id, or a template such as \"{deal_id}/closed\""
                              : "a path such as owner.id";
  bool braces = template && strpbrk(path, "{}"), inside = !braces, good = true, named = false, any = false;
  for (const char *p = path; *p; p++) {
    if (braces && (*p == '{' || *p == '}')) {
      good = good && inside == (*p == '}') && (*p == '{' || named);
      inside = *p == '{', named = false, any = true;
    } else if (inside && *p == '.') {
      good = good && named;
      named = false;
    } else if (inside) {
      good = good && (*p != '{' && *p != '}'), named = true;
    }
  }
  good = good && (braces ? !inside && any : named);
  if (!good) pl_complain(c->report, node, "found '%s', expected %s", pl_quote(pl_str_of(path)).text, what);
}

static void check_time(pl_compiler *c, const pl_mapping_item *m) {
  if (!m->at_format) return;
  bool local, has_time;
  pl_err err;
  if (pl_when_check(m->at_format, &local, &has_time, &err) != PL_OK)
    pl_complain(c->report, part(m, "at.format"), "%s", err.text);
  else if (!has_time && m->at_of_day < 0)
    pl_complain_missing(c->report, part(m, "at"), "time",
                        "the time of day that a date stands for; add `time: \"12:00\"`");
  else if (has_time && m->at_of_day >= 0)
    pl_complain(c->report, part(m, "at.time"),
                "found it beside a format that has a time, expected one of the two");
}

static int find(const char *const *list, size_t n, const char *name) {
  for (size_t i = 0; i < n; i++)
    if (strcmp(list[i], name) == 0) return (int)i;
  return -1;
}

static int type_of(const pl_compiler *c, const char *name) {
  int own = pl_type_own(pl_str_of(name));
  if (own != PL_TYPE_OTHER) return own;
  int at = find(c->types, c->config->policy.ntypes, name);
  return at < 0 ? PL_TYPE_OTHER : at;
}

/* An import writes its types by name, also those that no metric of this file counts. */
static int type_made(pl_compiler *c, const pl_mapping_item *m, const char *name, const pl_yaml *node) {
  bool import = strcmp(m->item.name, c->config->kafka.topics.activities) != 0;
  return import && type_of(c, name) > PL_TYPE_HEARTBEAT ? pl_compile_type(c, name, node) : type_of(c, name);
}

static bool makes(const pl_mapping *mapping, int type) {
  bool made = mapping->type_constant == type;
  for (size_t i = 0; i < mapping->ntype_values; i++) made = made || mapping->type_values[i].type == type;
  return made;
}

/* A type that is paceline's own is nothing without what it says. */
static void check_own(pl_compiler *c, const pl_mapping_item *m, const pl_mapping *out) {
  const pl_yaml *node = m->item.node;
  if (makes(out, PL_TYPE_HEARTBEAT) && (!m->source || !m->complete_to))
    pl_complain_missing(c->report, node, m->source ? "complete_to" : "source", "the path of a heartbeat's %s",
                        m->source ? "time" : "source");
  if (makes(out, PL_TYPE_ADJUSTMENT) && (!m->metric || !m->amount))
    pl_complain_missing(c->report, node, m->metric ? "amount" : "metric", "the path of an adjustment's %s",
                        m->metric ? "amount" : "metric");
  if (makes(out, PL_TYPE_ANSWER) && !m->answer)
    pl_complain_missing(c->report, node, "answer", "the path of a record with alert, reason and plan");
}

static void compile(pl_compiler *c, const pl_mapping_item *m, pl_mapping *out) {
  *out = (pl_mapping){.id = m->id,
                      .rep = m->rep,
                      .at = m->at,
                      .at_format = m->at_format,
                      .at_of_day = m->at_of_day,
                      .type_path = m->type,
                      .type_constant = PL_TYPE_OTHER,
                      .retracts = m->retracts,
                      .metric = m->metric,
                      .amount = m->amount,
                      .source = m->source,
                      .complete_to = m->complete_to,
                      .goal = m->goal,
                      .answer = m->answer};
  if (m->id) check_path(c, m->id, part(m, "id"), true);
  if (m->rep) check_path(c, m->rep, part(m, "rep"), false);
  if (m->at) check_path(c, m->at, part(m, "at.path"), false);
  if (m->type) check_path(c, m->type, part(m, "type.path"), false);
  if (m->retracts) check_path(c, m->retracts, part(m, "retracts"), false);
  if (m->metric) check_path(c, m->metric, part(m, "metric"), false);
  if (m->amount) check_path(c, m->amount, part(m, "amount"), false);
  if (m->source) check_path(c, m->source, part(m, "source"), false);
  if (m->goal) check_path(c, m->goal, part(m, "goal"), false);
  if (m->answer) check_path(c, m->answer, part(m, "answer"), false);
  if (m->complete_to) check_path(c, m->complete_to, part(m, "complete_to"), false);
  check_time(c, m);
  const pl_yaml *type = pl_yaml_find(m->item.node, "type");
  if (type && !m->type == !m->constant)
    pl_complain_key(c->report, type, "found %s, expected a path or a constant",
                    m->type ? "a path and a constant" : "neither a path nor a constant");
  if (m->constant) out->type_constant = type_made(c, m, m->constant, part(m, "type"));
  pl_type_value *values = pl_arena_alloc(c->arena, m->values.n * sizeof *values);
  for (size_t i = 0; i < m->values.n; i++) {
    const char *name = m->values.items[i].values.items[0];
    values[i] = (pl_type_value){m->values.items[i].key, type_made(c, m, name, m->values.items[i].node)};
  }
  out->type_values = values, out->ntype_values = m->values.n;
  check_own(c, m, out);
  for (size_t i = 0; i < m->fields.n; i++) {
    const pl_pair *pair = &m->fields.items[i];
    if (!pl_name_valid(pl_str_of(pair->key)))
      pl_complain_key(c->report, pair->node,
                      "found '%s', expected a field's name of letters, digits, _ and -",
                      pl_quote(pl_str_of(pair->key)).text);
    check_path(c, pair->values.items[0], pair->node, false);
    int field = pl_compile_field(c, pair->key, pair->node);
    if (field >= 0) out->fields[field] = pair->values.items[0];
  }
}

static bool yields_type(const pl_mapping_item *m, const char *type) {
  if (m->constant) return strcmp(m->constant, type) == 0;
  for (size_t i = 0; i < m->values.n; i++)
    if (strcmp(m->values.items[i].values.items[0], type) == 0) return true;
  return m->values.n == 0;
}

static bool yields_field(const pl_mapping_item *m, const char *field) {
  for (size_t i = 0; i < m->fields.n; i++)
    if (strcmp(m->fields.items[i].key, field) == 0) return true;
  return false;
}

static void check_types(pl_compiler *c, const pl_metric_item *metric, const char *key, pl_list types) {
  const pl_mapping_item *m = c->config->mapping.p;
  for (size_t i = 0; i < types.n; i++) {
    bool made = type_of(c, types.items[i]) <= PL_TYPE_HEARTBEAT;
    pl_near near = pl_near_to(pl_str_of(types.items[i]));
    for (size_t j = 0; !made && j < c->config->mapping.n; j++) {
      made = yields_type(&m[j], types.items[i]);
      for (size_t v = 0; v < m[j].values.n; v++) pl_near_offer(&near, m[j].values.items[v].values.items[0]);
    }
    if (!made)
      pl_complain(c->report, pl_yaml_nearest(metric->item.node, key),
                  "found the type '%s', which no mapping makes, expected one of those%s; map it under "
                  "`mapping` > `type` > `values`",
                  pl_quote(pl_str_of(types.items[i])).text, pl_near_hint(&near).text);
  }
}

static void check_field(pl_compiler *c, const char *field, const pl_yaml *node) {
  const pl_mapping_item *m = c->config->mapping.p;
  pl_near near = pl_near_to(pl_str_of(field));
  for (size_t j = 0; j < c->config->mapping.n; j++) {
    if (yields_field(&m[j], field)) return;
    for (size_t i = 0; i < m[j].fields.n; i++) pl_near_offer(&near, m[j].fields.items[i].key);
  }
  pl_complain(
      c->report, node,
      "found the field '%s', which no mapping makes, expected one of those%s; add it under `mapping` > "
      "`fields`",
      pl_quote(pl_str_of(field)).text, pl_near_hint(&near).text);
}

/* What metrics use, every mapping being ours to read. */
static void check_uses(pl_compiler *c) {
  const pl_metric_item *metric = c->config->metrics.p;
  for (size_t i = 0; i < c->config->metrics.n; i++, metric++) {
    check_types(c, metric, "count", metric->count);
    check_types(c, metric, "of", metric->of);
    const struct {
      const char *field, *key;
    } fields[] = {{metric->sum, "sum"},
                  {metric->distinct, "distinct"},
                  {metric->last, "last"},
                  {metric->average, "average"},
                  {metric->duration, "duration"}};
    for (size_t f = 0; f < PL_COUNT(fields); f++)
      if (fields[f].field) check_field(c, fields[f].field, pl_yaml_nearest(metric->item.node, fields[f].key));
    const pl_map_item *by = metric->by.p;
    for (size_t f = 0; f < metric->by.n; f++) check_field(c, by[f].item.name, by[f].item.node);
    for (size_t f = 0; f < metric->where.n; f++)
      check_field(c, metric->where.items[f].key, metric->where.items[f].node);
  }
}

void pl_compile_mappings(pl_compiler *c) {
  const pl_mapping_item *items = c->config->mapping.p;
  size_t n = c->config->mapping.n;
  const char *activities = c->config->kafka.topics.activities;
  pl_mapping *all = pl_arena_alloc(c->arena, n * sizeof *all);
  pl_mapping_set *sets = pl_arena_alloc(c->arena, (n + 1) * sizeof *sets);
  size_t nsets = 1;
  sets[0] = (pl_mapping_set){activities, NULL, 0};
  pl_near near = pl_near_to(pl_str_of(activities));
  for (size_t i = 0; i < n; i++) {
    compile(c, &items[i], &all[i]);
    const char *name = items[i].item.name;
    bool main = strcmp(name, activities) == 0;
    if (!main) pl_near_offer(&near, name);
    if (i == 0 || strcmp(name, items[i - 1].item.name) != 0) {
      pl_mapping_set *set = main ? &sets[0] : &sets[nsets++];
      *set = (pl_mapping_set){name, &all[i], 0};
    }
    (main ? &sets[0] : &sets[nsets - 1])->n++;
  }
  if (!sets[0].n && near.best)
    pl_complain_key(c->report, pl_yaml_nearest(pl_yaml_find(c->root, "mapping"), "."),
                    "found '%s', expected the topic '%s', or a name that cannot be mistaken for it",
                    near.best, activities);
  if (sets[0].n) {
    check_uses(c);
  } else {
    pl_mapping *usual = pl_arena_alloc(c->arena, sizeof *usual);
    pl_mapping_default(usual, &c->config->policy);
    sets[0] = (pl_mapping_set){activities, usual, 1};
  }
  c->config->mappings = sets, c->config->nmappings = nsets;
}
