/* Uses: what metrics name must be made by some mapping, or a counter would stay at 0 for ever without a word.
 */
#include "config/item.h"

static bool yields_type(const pl_mapping_item *m, const char *type) {
  if (m->type.constant) return strcmp(m->type.constant, type) == 0;
  for (size_t i = 0; i < m->type.values.n; i++)
    if (strcmp(m->type.values.items[i].values.items[0], type) == 0) return true;
  return m->type.values.n == 0;
}

static bool yields_field(const pl_mapping_item *m, const char *field) {
  const pl_origin_item *fields = m->fields.p;
  for (size_t i = 0; i < m->fields.n; i++)
    if (strcmp(fields[i].item.name, field) == 0) return true;
  return false;
}

static void check_types(pl_compiler *c, const pl_metric_item *metric, const char *key, pl_list types) {
  const pl_mapping_item *m = c->config->mapping.p;
  for (size_t i = 0; i < types.n; i++) {
    bool made = pl_type_own(pl_str_of(types.items[i])) != PL_TYPE_OTHER;
    pl_near near = pl_near_to(pl_str_of(types.items[i]));
    for (size_t j = 0; !made && j < c->config->mapping.n; j++) {
      made = yields_type(&m[j], types.items[i]);
      for (size_t v = 0; v < m[j].type.values.n; v++)
        pl_near_offer(&near, m[j].type.values.items[v].values.items[0]);
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
    const pl_origin_item *fields = m[j].fields.p;
    if (yields_field(&m[j], field)) return;
    for (size_t i = 0; i < m[j].fields.n; i++) pl_near_offer(&near, fields[i].item.name);
  }
  pl_complain(
      c->report, node,
      "found the field '%s', which no mapping makes, expected one of those%s; add it under `mapping` > "
      "`fields`",
      pl_quote(pl_str_of(field)).text, pl_near_hint(&near).text);
}

void pl_compile_uses(pl_compiler *c) {
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
