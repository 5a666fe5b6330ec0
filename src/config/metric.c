/* Metric: what is counted, compiled: types and fields become indexes, windows bits.
 *
 * Those of the file come first, in its order; behind them what they are made of, then what follows from them:
 * a mean is a ratio of two hidden ones, a value of a breakdown the same metric with one filter more. What
 * metrics have to do with each other is in relation.c. */
#include <stddef.h>
#include <stdio.h>

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
  if (strcmp(name, "heartbeat") == 0 || strcmp(name, "adjustment") == 0) {
    pl_complain(c->report, node,
                "found '%s', which is paceline's own word, expected a type of your events; rename it in "
                "`mapping`",
                name);
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

static pl_filter *filters(pl_compiler *c, const pl_pairs *where) {
  pl_filter *out = pl_arena_alloc(c->arena, where->n * sizeof *out);
  for (size_t i = 0; i < where->n; i++) {
    const pl_pair *pair = &where->items[i];
    pl_str *values = pl_arena_alloc(c->arena, pair->values.n * sizeof *values);
    for (size_t v = 0; v < pair->values.n; v++) values[v] = pl_str_of(pair->values.items[v]);
    out[i] = (pl_filter){-1, values, pair->values.n};
  }
  return out;
}

static const pl_filter *conditions(pl_compiler *c, const pl_pairs *where) {
  pl_filter *out = filters(c, where);
  for (size_t i = 0; i < where->n; i++) {
    const pl_pair *pair = &where->items[i];
    if (!pl_name_valid(pl_str_of(pair->key)))
      pl_complain_key(c->report, pair->node,
                      "found '%s', expected a field's name of letters, digits, _ and -",
                      pl_quote(pl_str_of(pair->key)).text);
    out[i].field = pl_compile_field(c, pair->key, pair->node);
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

/* The kinds as the file writes them: by which option, what they count, and whether its mean is meant. */
static const struct {
  const char *key;
  size_t field; /* of pl_metric_item: where the field's name lies; 0: it has none */
  pl_metric_kind kind;
  bool mean;
} kinds[] = {{"count", 0, PL_COUNT_OF, false},
             {"sum", offsetof(pl_metric_item, sum), PL_SUM_OF, false},
             {"distinct", offsetof(pl_metric_item, distinct), PL_DISTINCT_OF, false},
             {"last", offsetof(pl_metric_item, last), PL_LAST_OF, false},
             {"average", offsetof(pl_metric_item, average), PL_SUM_OF, true},
             {"duration", offsetof(pl_metric_item, duration), PL_SPAN_OF, true},
             {"ratio", 0, PL_RATIO_OF, false}};

/* Its index in `kinds`; -1 after a complaint. */
static int kind_of(pl_compiler *c, const pl_item *item) {
  int kind = -1, n = 0;
  for (int k = 0; k < (int)PL_COUNT(kinds); k++)
    if (pl_yaml_find(item->node, kinds[k].key)) kind = k, n++;
  if (n == 1) return kind;
  pl_complain_key(c->report, item->node,
                  "found %s of count, sum, distinct, last, average, duration and ratio, expected exactly one",
                  n ? "several" : "none");
  return -1;
}

static void check_name(pl_compiler *c, const pl_item *item) {
  static const char *const taken[] = {"goal", "period", "board", "name", "team", "zone", "streak"};
  for (size_t i = 0; i < PL_COUNT(taken); i++)
    if (strcmp(item->name, taken[i]) == 0)
      pl_complain_key(c->report, item->node,
                      "found the name '%s', which the views in Redis use, expected another", item->name);
}

static void check_belongs(pl_compiler *c, const pl_metric_item *m, int k) {
  pl_metric_kind kind = kinds[k].kind;
  bool ratio = kind == PL_RATIO_OF, amount = kind == PL_SUM_OF || kind == PL_LAST_OF;
  refuse(c, m, "of", m->of.n && !kinds[k].field, "with a kind that names a field, such as sum");
  refuse(c, m, "where", m->where.n && ratio, "in the ratio's two metrics");
  refuse(c, m, "by", m->by.n && ratio, "in the ratio's two metrics");
  refuse(c, m, "windows", m->windows.n && ratio, "in the ratio's two metrics");
  refuse(c, m, "unit", m->unit && !amount && kind != PL_SPAN_OF, "with amounts and durations only");
  refuse(c, m, "typical", m->typical && (kind != PL_SUM_OF || kinds[k].mean), "with sum only");
  refuse(c, m, "decimals", m->decimals && !amount, "with amounts only");
  refuse(c, m, "forecasts", m->forecasts && kind != PL_LAST_OF, "with last only");
}

static void compile_windows(pl_compiler *c, const pl_metric_item *m, pl_metric *out) {
  const pl_yaml *windows = pl_yaml_find(m->item.node, "windows");
  out->windows = window_bits(m->windows);
  if (!windows || (windows->kind == PL_YAML_LIST && !windows->n))
    pl_complain_missing(c->report, m->item.node, "windows",
                        "where it is added up; add `windows: [day, week]`");
  for (size_t i = 0; !pl_metric_adds(out) && i < m->windows.n; i++)
    if (m->windows.items[i][0] >= '1' && m->windows.items[i][0] <= '9')
      pl_complain(
          c->report, pl_yaml_holder(part(&m->item, "windows"), m->windows.items[i]),
          "found the rolling window %s, expected calendar windows with distinct and last (day to year)",
          m->windows.items[i]);
}

/* What is counted; of a mean the amounts whose mean it is. False after a complaint. */
static bool compile(pl_compiler *c, const pl_metric_item *m, int k, pl_metric *out) {
  const pl_item *item = &m->item;
  *out = (pl_metric){
      .name = item->name, .field = -1, .num = -1, .den = -1, .forecasts = -1, .decimals = m->decimals};
  if (k < 0) return false;
  out->kind = kinds[k].kind, out->unit_text = m->unit;
  check_belongs(c, m, k);
  if (out->kind == PL_RATIO_OF) {
    out->decimals = PL_RATIO_DECIMALS;
    return true;
  }
  if (!kinds[k].field)
    out->types = type_bits(c, item, "count", m->count);
  else if (m->of.n)
    out->types = type_bits(c, item, "of", m->of);
  else
    pl_complain_missing(c->report, item->node, "of", "the types of events it is made of; add `of: deal_won`");
  if (kinds[k].field) {
    const char *field = *(const char *const *)(const void *)((const char *)m + kinds[k].field);
    if (field) out->field = pl_compile_field(c, field, part(item, kinds[k].key));
  }
  out->where = conditions(c, &m->where), out->nwhere = m->where.n;
  amounts(c, m, out);
  compile_windows(c, m, out);
  return true;
}

/* The unit in which a duration is shown. */
static void measure(pl_compiler *c, const pl_metric_item *m, pl_metric *out) {
  static const struct {
    const char *name;
    int32_t seconds;
  } units[] = {{"d", 86400}, {"h", 3600}, {"min", 60}, {"s", 1}};
  out->unit_text = m->unit ? m->unit : units[0].name, out->decimals = PL_SPAN_DECIMALS;
  for (size_t i = 0; i < PL_COUNT(units); i++)
    if (strcmp(out->unit_text, units[i].name) == 0) out->unit_s = units[i].seconds;
  if (!out->unit_s)
    pl_complain(c->report, part(&m->item, "unit"), "found '%s', expected s, min, h or d",
                pl_quote(pl_str_of(m->unit)).text);
}

static const char *name_of(pl_compiler *c, const char *a, char between, const char *b) {
  char text[256];
  int n = snprintf(text, sizeof text, "%s%c%s", a, between, b);
  return pl_arena_text(c->arena, text, (size_t)n);
}

static int hide(pl_compiler *c, pl_metric part_of, pl_metric_kind kind) {
  part_of.kind = kind, part_of.hidden = true;
  part_of.name = name_of(c, part_of.name, '/', kind == PL_COUNT_OF ? "count" : "sum");
  if (kind != PL_SUM_OF) part_of.decimals = 0;
  c->metrics[c->config->policy.nmetrics] = part_of;
  return (int)c->config->policy.nmetrics++;
}

/* A mean becomes the ratio of its parts; with a last goes the number of its events. */
static void place(pl_compiler *c, const pl_metric_item *m, bool mean, const pl_metric *counted, size_t at) {
  pl_metric *out = &c->metrics[at];
  *out = *counted;
  if (!mean && counted->kind != PL_LAST_OF) return;
  out->den = hide(c, *counted, PL_COUNT_OF);
  if (!mean) return;
  out->num = hide(c, *counted, counted->kind);
  out->kind = PL_RATIO_OF, out->types = 0, out->nwhere = 0, out->field = -1;
  if (counted->kind == PL_SPAN_OF) measure(c, m, out);
}

/* The same again for each value that `by` lists, with one filter more. */
static void break_down(pl_compiler *c, const pl_metric_item *m, bool mean, const pl_metric *counted) {
  const pl_map_item *maps = m->by.p;
  for (size_t i = 0; i < m->by.n; i++) {
    pl_filter *values = filters(c, &maps[i].map);
    int field = pl_compile_field(c, maps[i].item.name, maps[i].item.node);
    for (size_t v = 0; v < maps[i].map.n; v++) {
      pl_metric one = *counted;
      pl_filter *where = pl_arena_alloc(c->arena, (one.nwhere + 1) * sizeof *where);
      for (size_t f = 0; f < one.nwhere; f++) where[f] = one.where[f];
      where[one.nwhere++] = (pl_filter){field, values[v].values, values[v].n};
      one.where = where, one.name = name_of(c, counted->name, '.', maps[i].map.items[v].key);
      place(c, m, mean, &one, c->config->policy.nmetrics++);
    }
  }
}

static size_t values_of(const pl_metric_item *m) {
  const pl_map_item *maps = m->by.p;
  size_t n = 0;
  for (size_t i = 0; i < m->by.n; i++) n += maps[i].map.n;
  return n;
}

static void check_all(pl_compiler *c) {
  const pl_policy *p = &c->config->policy;
  const pl_yaml *node = pl_yaml_find(c->root, "metrics");
  if (p->nmetrics > PL_METRICS_MAX)
    pl_complain_key(
        c->report, node,
        "found %zu metrics with those that they are made of (a mean has two, a last one, and again "
        "for each value of `by`), expected at most %d; leave out some",
        p->nmetrics, PL_METRICS_MAX);
  for (size_t i = 0; i < p->nmetrics; i++)
    for (size_t k = 0; k < i; k++)
      if (!p->metrics[i].hidden && strcmp(p->metrics[i].name, p->metrics[k].name) == 0)
        pl_complain_key(c->report, node,
                        "found two that are called '%s', expected names of their own; rename one",
                        p->metrics[i].name);
}

void pl_compile_metrics(pl_compiler *c) {
  pl_policy *p = &c->config->policy;
  const pl_metric_item *items = c->config->metrics.p;
  size_t n = c->config->metrics.n, room = c->config->funnel.n;
  for (size_t i = 0; i < n; i++) room += 3 * (1 + values_of(&items[i]));
  p->metrics = c->metrics = pl_arena_alloc(c->arena, room * sizeof *c->metrics), p->nmetrics = n;
  for (size_t i = 0; i < n; i++) {
    pl_metric counted;
    check_name(c, &items[i].item);
    int k = kind_of(c, &items[i].item);
    bool whole = compile(c, &items[i], k, &counted);
    place(c, &items[i], whole && kinds[k].mean, &counted, i);
    if (whole && counted.kind != PL_RATIO_OF) break_down(c, &items[i], kinds[k].mean, &counted);
    if (values_of(&items[i]) > PL_BY_MAX)
      pl_complain_key(c->report, part(&items[i].item, "by"), "found %zu values, expected at most %d in all",
                      values_of(&items[i]), PL_BY_MAX);
  }
  pl_compile_relations(c);
  check_all(c);
  for (size_t i = 0; i < p->nmetrics; i++) c->metrics[i].hash = pl_policy_metric_hash(p, i);
}
