/* Metric: what is counted, compiled: types and fields become indexes, windows bits. What metrics have to do
 * with each other is in relation.c. */
#include "config/item.h"
#include "config/option.h"

static const pl_yaml *part(const pl_item *item, const char *key) { return pl_yaml_nearest(item->node, key); }

static int intern(pl_compiler *c, const char **list, size_t *n, size_t max, const char *what,
                  const char *name, const pl_yaml *node) {
  for (size_t i = 0; i < *n; i++)
    if (strcmp(list[i], name) == 0) return (int)i;
  if (*n < max) {
    list[*n] = name;
    return (int)(*n)++;
  }
  pl_complain(c->report, node, "found '%s', one %s more than the %zu there can be; expected fewer",
              pl_quote(pl_str_of(name)).text, what, max);
  return -1;
}

int pl_compile_type(pl_compiler *c, const char *name, const pl_yaml *node) {
  if (strcmp(name, "heartbeat") == 0) {
    pl_complain(
        c->report, node,
        "found 'heartbeat', which is paceline's own word, expected a type of your events; rename it in "
        "`mapping`");
    return -1;
  }
  return intern(c, c->types, &c->config->policy.ntypes, PL_TYPES_MAX, "type", name, node);
}

int pl_compile_field(pl_compiler *c, const char *name, const pl_yaml *node) {
  return intern(c, c->fields, &c->config->policy.nfields, PL_FIELDS_MAX, "field", name, node);
}

static uint64_t type_bits(pl_compiler *c, const pl_item *item, const char *key, pl_list types) {
  uint64_t bits = 0;
  for (size_t i = 0; i < types.n; i++) {
    int type = pl_compile_type(c, types.items[i], pl_yaml_holder(part(item, key), types.items[i]));
    if (type >= 0) bits |= (uint64_t)1 << type;
  }
  return bits;
}

static uint32_t window_bits(pl_list windows) {
  uint32_t bits = 0;
  for (size_t i = 0; i < windows.n; i++)
    for (unsigned w = 0; w < PL_WINDOWS; w++)
      if (strcmp(windows.items[i], pl_window_kinds[w].name) == 0) bits |= 1u << w;
  return bits;
}

static const pl_filter *filters(pl_compiler *c, const pl_pairs *where) {
  pl_filter *out = pl_arena_alloc(c->arena, where->n * sizeof *out);
  for (size_t i = 0; i < where->n; i++) {
    const pl_pair *pair = &where->items[i];
    if (!pl_name_valid(pl_str_of(pair->key)))
      pl_complain_key(c->report, pair->node,
                      "found '%s', expected a field's name of letters, digits, _ and -",
                      pl_quote(pl_str_of(pair->key)).text);
    pl_str *values = pl_arena_alloc(c->arena, pair->values.n * sizeof *values);
    for (size_t v = 0; v < pair->values.n; v++) values[v] = pl_str_of(pair->values.items[v]);
    out[i] = (pl_filter){pl_compile_field(c, pair->key, pair->node), values, pair->values.n};
  }
  return out;
}

/* Options that belong to other kinds of metrics. */
static void refuse(pl_compiler *c, const pl_metric_item *m, const char *key, bool given,
                   const char *belongs) {
  if (given)
    pl_complain_key(c->report, part(&m->item, key), "found it in this metric, expected it %s; remove it",
                    belongs);
}

static void amounts(pl_compiler *c, const pl_metric_item *m, pl_metric *out) {
  if (!m->typical) return;
  if (!pl_str_decimal(pl_str_of(m->typical), m->decimals, &out->typical) || out->typical <= 0)
    pl_complain(c->report, part(&m->item, "typical"),
                "found '%s', expected an amount above 0 with at most %d decimals; `decimals` says how many",
                m->typical, m->decimals);
}

static void compile(pl_compiler *c, const pl_metric_item *m, pl_metric *out) {
  const pl_item *item = &m->item;
  bool count = m->count.n, sum = m->sum, distinct = m->distinct, ratio = pl_yaml_find(item->node, "ratio");
  *out = (pl_metric){.name = item->name, .field = -1, .num = -1, .den = -1, .decimals = m->decimals};
  static const char *const taken[] = {"goal", "period", "board", "name", "team", "zone", "streak"};
  for (size_t i = 0; i < PL_COUNT(taken); i++)
    if (strcmp(item->name, taken[i]) == 0)
      pl_complain_key(c->report, item->node,
                      "found the name '%s', which the views in Redis use, expected another", item->name);
  if (count + sum + distinct + ratio != 1) {
    pl_complain_key(c->report, item->node, "found %s of count, sum, distinct and ratio, expected exactly one",
                    (count + sum + distinct + ratio) ? "several" : "none");
    return;
  }
  out->kind = ratio ? PL_RATIO_OF : distinct ? PL_DISTINCT_OF : sum ? PL_SUM_OF : PL_COUNT_OF;
  refuse(c, m, "of", m->of.n && (count || ratio), "with sum and distinct only");
  refuse(c, m, "where", m->where.n && ratio, "in the ratio's two metrics");
  refuse(c, m, "windows", m->windows.n && ratio, "in the ratio's two metrics");
  refuse(c, m, "unit", m->unit && !sum, "with sum only");
  refuse(c, m, "typical", m->typical && !sum, "with sum only");
  refuse(c, m, "decimals", m->decimals && !sum, "with sum only");
  if (ratio) return;
  if (count)
    out->types = type_bits(c, item, "count", m->count);
  else if (m->of.n)
    out->types = type_bits(c, item, "of", m->of);
  else
    pl_complain_missing(c->report, item->node, "of", "the types of events it is made of; add `of: deal_won`");
  if (sum || distinct)
    out->field = pl_compile_field(c, sum ? m->sum : m->distinct, part(item, sum ? "sum" : "distinct"));
  out->where = filters(c, &m->where), out->nwhere = m->where.n;
  out->unit_text = m->unit;
  if (sum) amounts(c, m, out);
  out->windows = window_bits(m->windows);
  const pl_yaml *windows = pl_yaml_find(item->node, "windows");
  if (!windows || (windows->kind == PL_YAML_LIST && !windows->n))
    pl_complain_missing(c->report, item->node, "windows", "where it is added up; add `windows: [day, week]`");
  for (size_t i = 0; distinct && i < m->windows.n; i++)
    if (m->windows.items[i][0] >= '1' && m->windows.items[i][0] <= '9')
      pl_complain(c->report, pl_yaml_holder(part(item, "windows"), m->windows.items[i]),
                  "found the rolling window %s, expected calendar windows with distinct (day to year)",
                  m->windows.items[i]);
}

void pl_compile_metrics(pl_compiler *c) {
  const pl_metric_item *items = c->config->metrics.p;
  size_t n = c->config->metrics.n;
  c->metrics = pl_arena_alloc(c->arena, (n + c->config->funnel.n) * sizeof *c->metrics);
  c->config->policy.metrics = c->metrics, c->config->policy.nmetrics = n;
  for (size_t i = 0; i < n; i++) compile(c, &items[i], &c->metrics[i]);
  pl_compile_relations(c);
  if (c->config->policy.nmetrics > PL_METRICS_MAX)
    pl_complain_key(
        c->report, pl_yaml_find(c->root, "metrics"),
        "found %zu metrics with those that follow from others, expected at most %d; leave out some, "
        "or stages of the `funnel`",
        c->config->policy.nmetrics, PL_METRICS_MAX);
  for (size_t i = 0; i < c->config->policy.nmetrics; i++)
    c->metrics[i].hash = pl_policy_metric_hash(&c->config->policy, i);
}
