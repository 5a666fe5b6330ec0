/* Relation: what metrics have to do with each other: ratios of two, the funnel's conversions, boards. */
#include <stdio.h>

#include "config/item.h"
#include "config/option.h"

static int known(pl_compiler *c, const char *name, const pl_yaml *node) {
  const pl_policy *p = &c->config->policy;
  int at = pl_policy_metric(p, pl_str_of(name));
  if (at >= 0) return at;
  pl_near near = pl_near_to(pl_str_of(name));
  for (size_t i = 0; i < p->nmetrics; i++)
    if (!p->metrics[i].hidden) pl_near_offer(&near, p->metrics[i].name);
  pl_complain(c->report, node, "found '%s', expected the name of a metric under `metrics`%s",
              pl_quote(pl_str_of(name)).text, pl_near_hint(&near).text);
  return -1;
}

static void divide(pl_compiler *c, const pl_metric_item *m, pl_metric *out) {
  const pl_metric *metrics = c->metrics;
  const pl_yaml *node = pl_yaml_nearest(m->item.node, "ratio");
  if (m->ratio.n != 2) {
    pl_complain(c->report, node, "found %zu metrics, expected two, such as [won, closed]", m->ratio.n);
    return;
  }
  int parts[2];
  for (size_t i = 0; i < 2; i++) {
    parts[i] = known(c, m->ratio.items[i], pl_yaml_holder(node, m->ratio.items[i]));
    if (parts[i] >= 0 && metrics[parts[i]].kind == PL_RATIO_OF) {
      pl_complain(c->report, pl_yaml_holder(node, m->ratio.items[i]),
                  "found '%s', itself a ratio or a mean, expected a count, sum, distinct or last",
                  m->ratio.items[i]);
      parts[i] = -1;
    }
  }
  if (parts[0] < 0 || parts[1] < 0) return;
  out->num = parts[0], out->den = parts[1];
  out->windows = metrics[parts[0]].windows & metrics[parts[1]].windows;
  if (!out->windows)
    pl_complain(c->report, node,
                "found two metrics without a common window, expected at least one; give '%s' "
                "and '%s' the same windows",
                m->ratio.items[0], m->ratio.items[1]);
}

/* A breakdown foretells the breakdown of the same name, if there is one. */
static void foretell(pl_compiler *c) {
  const pl_policy *p = &c->config->policy;
  const pl_metric_item *items = c->config->metrics.p;
  for (size_t i = 0; i < c->config->metrics.n; i++) {
    pl_metric *m = &c->metrics[i];
    if (!items[i].forecasts || m->kind != PL_LAST_OF) continue;
    const pl_yaml *node = pl_yaml_nearest(items[i].item.node, "forecasts");
    m->forecasts = known(c, items[i].forecasts, node);
    if (m->forecasts < 0) continue;
    const pl_metric *actual = &c->metrics[m->forecasts];
    if (!pl_metric_adds(actual))
      pl_complain(c->report, node, "found '%s', expected a count or a sum", actual->name);
    else if (!(m->windows & actual->windows))
      pl_complain(c->report, node,
                  "found '%s', which has no window in common with '%s', expected at least one", actual->name,
                  m->name);
    for (size_t k = c->config->metrics.n; k < p->nmetrics; k++) {
      size_t n = strlen(m->name);
      char name[256];
      if (c->metrics[k].kind != PL_LAST_OF || strncmp(c->metrics[k].name, m->name, n) != 0 ||
          c->metrics[k].name[n] != '.')
        continue;
      (void)snprintf(name, sizeof name, "%s%s", actual->name, c->metrics[k].name + n);
      c->metrics[k].forecasts = pl_policy_metric(p, pl_str_of(name));
    }
  }
}

/* `conversion.demos` is demos by calls. */
static int convert(pl_compiler *c, int from, int to, const pl_yaml *node) {
  pl_policy *p = &c->config->policy;
  const pl_metric *parts[] = {&c->metrics[to], &c->metrics[from]};
  uint32_t windows = parts[0]->windows & parts[1]->windows;
  if (!windows)
    pl_complain(c->report, node,
                "found no window that '%s' has in common with '%s' before it, expected at least one; give "
                "them the same windows",
                parts[0]->name, parts[1]->name);
  char name[128];
  int n = snprintf(name, sizeof name, "conversion.%s", parts[0]->name);
  c->metrics[p->nmetrics] = (pl_metric){.name = pl_arena_text(c->arena, name, (size_t)n),
                                        .kind = PL_RATIO_OF,
                                        .field = -1,
                                        .forecasts = -1,
                                        .decimals = PL_RATIO_DECIMALS,
                                        .windows = windows,
                                        .num = to,
                                        .den = from};
  return (int)p->nmetrics++;
}

static void funnel(pl_compiler *c) {
  pl_policy *p = &c->config->policy;
  pl_list written = c->config->funnel;
  const pl_yaml *list = pl_yaml_nearest(c->root, "funnel");
  pl_stage_def *out = pl_arena_alloc(c->arena, written.n * sizeof *out);
  if (written.n == 1) pl_complain(c->report, list, "found one stage, expected two or more");
  for (size_t i = 0; i < written.n; i++) {
    const pl_yaml *node = pl_yaml_holder(list, written.items[i]);
    int metric = known(c, written.items[i], node);
    if (metric < 0) return;
    bool twice = false;
    for (size_t k = 0; k < p->nfunnel; k++) twice |= out[k].metric == metric;
    if (twice || c->metrics[metric].kind == PL_RATIO_OF) {
      pl_complain(c->report, node,
                  twice ? "found '%s' twice, expected it once"
                        : "found '%s', a ratio or a mean, expected a count, sum or distinct",
                  written.items[i]);
      return;
    }
    int before = p->nfunnel ? out[p->nfunnel - 1].metric : -1;
    out[p->nfunnel++] = (pl_stage_def){metric, before < 0 ? -1 : convert(c, before, metric, node)};
  }
  p->funnel = out;
}

static void boards(pl_compiler *c) {
  pl_policy *p = &c->config->policy;
  pl_list written = c->config->boards;
  pl_board_def *out = pl_arena_alloc(c->arena, written.n * sizeof *out);
  const pl_yaml *list = pl_yaml_nearest(c->root, "boards");
  for (size_t i = 0; i < written.n; i++) {
    const char *text = written.items[i], *colon = strchr(text, ':');
    const pl_yaml *node = pl_yaml_holder(list, text);
    unsigned w = PL_W_DAY;
    while (colon && w < PL_WINDOWS && strcmp(pl_window_kinds[w].name, colon + 1) != 0) w++;
    if (!colon || w == PL_WINDOWS) {
      pl_complain(c->report, node,
                  "found '%s', expected metric:window with a window of day, week, month, quarter or year",
                  pl_quote(pl_str_of(text)).text);
      continue;
    }
    int metric = known(c, pl_arena_text(c->arena, text, (size_t)(colon - text)), node);
    if (metric < 0) continue;
    if (!(p->metrics[metric].windows & 1u << w))
      pl_complain(c->report, node,
                  "found the window %s, expected one that '%s' declares; add it to its windows", colon + 1,
                  p->metrics[metric].name);
    for (size_t b = 0; b < p->nboards; b++)
      if (out[b].metric == metric && out[b].window == (pl_window)w)
        pl_complain(c->report, node, "found '%s' twice, expected it once", text);
    out[p->nboards++] = (pl_board_def){metric, (pl_window)w};
  }
  p->boards = out;
}

void pl_compile_relations(pl_compiler *c) {
  const pl_metric_item *items = c->config->metrics.p;
  for (size_t i = 0; i < c->config->metrics.n; i++)
    if (pl_yaml_find(items[i].item.node, "ratio")) divide(c, &items[i], &c->metrics[i]);
  foretell(c);
  funnel(c);
  boards(c);
}
