#include "config/option.h"

#include <stdio.h>

static void read_one(const pl_options_reader *in, const pl_option *o, const pl_yaml *node, void *base);

static void *place(const pl_option *o, void *base) { return (char *)base + o->at; }

/* "found 'x'", "found a list": what stands there, unless it is a secret; of a URL with a user how it begins.
 */
static pl_quoted found(const pl_option *o, const pl_yaml *node) {
  pl_quoted out;
  const char *what = node->kind == PL_YAML_LIST  ? "a list"
                     : node->kind == PL_YAML_MAP ? "a map"
                     : node->null                ? "nothing"
                     : o->flags & PL_SECRET      ? "something else"
                                                 : NULL;
  pl_str shown = node->text;
  bool user = o->kind == PL_OPT_URL && shown.n && memchr(shown.p, '@', shown.n);
  const char *host = user ? strstr(shown.p, "://") : NULL;
  if (user) shown.n = host ? (size_t)(host - shown.p) + 3 : 0;
  pl_quoted text = pl_quote(shown);
  if (what)
    (void)snprintf(out.text, sizeof out.text, "%s", what);
  else
    (void)snprintf(out.text, sizeof out.text, "'%.72s%s'", text.text, user ? "..." : "");
  return out;
}

static void read_scalar(const pl_options_reader *in, const pl_option *o, const pl_yaml *node, void *at) {
  if (node->kind == PL_YAML_TEXT && !node->null && pl_scalar_read(in, o, node->text, at)) return;
  bool later = false;
  for (size_t i = 0; o->later && o->later[i]; i++) {
    size_t n = o->kind == PL_OPT_URL ? strlen(o->later[i]) : node->text.n;
    later |= n <= node->text.n && pl_str_is((pl_str){node->text.p, n}, o->later[i]);
  }
  pl_buf expected;
  pl_buf_init(&expected, 1024);
  pl_scalar_expect(o, true, &expected);
  pl_near near = pl_near_to(node->text);
  if (o->kind == PL_OPT_CHOICE)
    for (size_t i = 0; o->choices[i]; i++) pl_near_offer(&near, o->choices[i]);
  pl_complain(in->report, node, "found %s%s%s, expected %.*s%s", found(o, node).text,
              later ? ", which is not supported yet by this version" : "",
              later && o->instead ? o->instead : "", (int)expected.n, expected.p, pl_near_hint(&near).text);
  pl_buf_fini(&expected);
}

static bool chosen(const pl_options_reader *in, const pl_option *o, const pl_yaml *node) {
  if (!o->choices) return true;
  pl_near near = pl_near_to(node->text);
  for (size_t i = 0; o->choices[i]; i++) {
    if (pl_str_is(node->text, o->choices[i])) return true;
    pl_near_offer(&near, o->choices[i]);
  }
  pl_buf all;
  pl_buf_init(&all, 1024);
  for (size_t i = 0; o->choices[i]; i++) pl_buf_printf(&all, "%s%s", i ? ", " : "", o->choices[i]);
  pl_complain(in->report, node, "found '%s', expected some of %.*s%s", pl_quote(node->text).text, (int)all.n,
              all.p, pl_near_hint(&near).text);
  pl_buf_fini(&all);
  return false;
}

/* A text, or a list of texts without repetitions; `many` false: a text only. */
static pl_list read_list(const pl_options_reader *in, const pl_option *o, const pl_yaml *node, bool many,
                         size_t max) {
  pl_list none = {NULL, 0};
  bool one = node->kind == PL_YAML_TEXT && !node->null;
  if (!one && (node->kind != PL_YAML_LIST || !many)) {
    pl_complain(in->report, node, "found %s, expected %s", found(o, node).text,
                many ? "a list such as [a, b]" : "one text");
    return none;
  }
  size_t n = one ? 1 : node->n;
  if (max > 0 && n > max) {
    pl_complain(in->report, node, "found %zu values, expected at most %zu", n, max);
    return none;
  }
  const char **items = pl_arena_alloc(in->arena, n * sizeof *items);
  size_t i = 0;
  for (const pl_yaml *c = one ? node : node->first; c; c = one ? NULL : c->next) {
    if (c->kind != PL_YAML_TEXT || c->null || c->text.n == 0)
      pl_complain(in->report, c, "found %s, expected a text", c->kind ? found(o, c).text : "nothing");
    else if (c->text.n > PL_FIELD_MAX)
      pl_complain(in->report, c, "found %zu bytes, expected at most %d", c->text.n, PL_FIELD_MAX);
    else if (chosen(in, o, c))
      items[i++] = o->flags & PL_PATHS ? pl_path_resolve(in, c->text) : c->text.p;
  }
  return (pl_list){items, i};
}

static bool is_map(const pl_options_reader *in, const pl_option *o, const pl_yaml *node) {
  if (node->kind == PL_YAML_MAP) return true;
  if (!node->null)
    pl_complain(in->report, node, "found %s, expected options below it, such as `name: value`",
                found(o, node).text);
  return false;
}

static bool key_fits(const pl_options_reader *in, const pl_option *o, const pl_yaml *child) {
  bool good = o->flags & PL_NAMED ? pl_name_valid(child->key) : child->key.n > 0 && child->key.n <= PL_ID_MAX;
  if (!good)
    pl_complain_key(in->report, child, "found the name '%s', expected %s", pl_quote(child->key).text,
                    o->flags & PL_NAMED ? "letters, digits, _ and -, at most 64" : "1 to 255 bytes");
  return good;
}

static bool too_many(const pl_options_reader *in, const pl_option *o, const pl_yaml *node, size_t n) {
  if (o->max <= 0 || n <= (size_t)o->max) return false;
  pl_complain_key(in->report, node, "found %zu entries, expected at most %.0f", n, o->max);
  return true;
}

static void read_map(const pl_options_reader *in, const pl_option *o, const pl_yaml *node, pl_pairs *out) {
  *out = (pl_pairs){NULL, 0};
  if (!is_map(in, o, node) || too_many(in, o, node, node->n)) return;
  pl_pair *pairs = pl_arena_alloc(in->arena, node->n * sizeof *pairs);
  for (const pl_yaml *c = node->first; c; c = c->next) {
    if (!key_fits(in, o, c)) continue;
    pl_list values = read_list(in, o, c, (o->flags & PL_MANY) != 0, 0);
    if (values.n) pairs[out->n++] = (pl_pair){c->key.p, values, c};
  }
  out->items = pairs;
}

static void read_maps(const pl_options_reader *in, const pl_option *o, const pl_yaml *node, pl_items *out) {
  *out = (pl_items){NULL, 0};
  if (!is_map(in, o, node)) return;
  pl_map_item *items = pl_arena_alloc(in->arena, node->n * sizeof *items);
  for (const pl_yaml *c = node->first; c; c = c->next) {
    if (!key_fits(in, o, c)) continue;
    items[out->n].item = (pl_item){c->key.p, c};
    read_map(in, o, c, &items[out->n++].map);
  }
  out->p = items;
}

/* A text alone, or a list where the first option is one, stands for that option. */
static bool is_short(const pl_option *o, const pl_yaml *node) {
  bool text = node->kind == PL_YAML_TEXT && !node->null;
  return o->flags & PL_SHORT && (text || (node->kind == PL_YAML_LIST && o->inner->kind == PL_OPT_LIST));
}

static void read_items(const pl_options_reader *in, const pl_option *o, const pl_yaml *node, pl_items *out) {
  *out = (pl_items){NULL, 0};
  if (!is_map(in, o, node)) return;
  bool many = o->flags & PL_MANY;
  size_t n = 0;
  for (const pl_yaml *c = node->first; c; c = c->next) n += many && c->kind == PL_YAML_LIST ? c->n : 1;
  if (too_many(in, o, node, n)) return;
  char *prototype = pl_arena_alloc(in->arena, o->size), *items = pl_arena_alloc(in->arena, n * o->size);
  pl_options_default(in, o->inner, prototype);
  for (const pl_yaml *c = node->first; c; c = c->next) {
    if (!key_fits(in, o, c)) continue;
    bool several = many && c->kind == PL_YAML_LIST;
    for (const pl_yaml *one = several ? c->first : c; one; one = several ? one->next : NULL) {
      char *item = items + out->n++ * o->size;
      memcpy(item, prototype, o->size);
      *(pl_item *)(void *)item = (pl_item){c->key.p, one};
      if (is_short(o, one))
        read_one(in, o->inner, one, item);
      else if (is_map(in, o, one) || one->null)
        pl_options_read(in, o->inner, one, item);
    }
  }
  out->p = items;
}

static void read_one(const pl_options_reader *in, const pl_option *o, const pl_yaml *node, void *base) {
  switch (o->kind) {
  case PL_OPT_LIST: *(pl_list *)place(o, base) = read_list(in, o, node, true, (size_t)o->max); return;
  case PL_OPT_MAP: read_map(in, o, node, place(o, base)); return;
  case PL_OPT_MAPS: read_maps(in, o, node, place(o, base)); return;
  case PL_OPT_ITEMS: read_items(in, o, node, place(o, base)); return;
  case PL_OPT_SECTION:
    if (is_short(o, node))
      read_one(in, o->inner, node, base);
    else if (is_map(in, o, node) || node->null)
      pl_options_read(in, o->inner, node, base);
    return;
  case PL_OPT_LATER:
    pl_complain_key(in->report, node, "found %s, which is not supported yet by this version; remove it",
                    o->doc);
    return;
  default: read_scalar(in, o, node, place(o, base));
  }
}

void pl_options_read(const pl_options_reader *in, const pl_option *table, const pl_yaml *map, void *base) {
  for (const pl_yaml *c = map->first; c; c = c->next) {
    const pl_option *o = table;
    while (o->name && !pl_str_is(c->key, o->name)) o++;
    if (o->name) {
      read_one(in, o, c, base);
      continue;
    }
    pl_near near = pl_near_to(c->key);
    for (o = table; o->name; o++)
      if (o->kind != PL_OPT_LATER) pl_near_offer(&near, o->name);
    pl_buf known;
    pl_buf_init(&known, 1024);
    for (o = table; o->name && !near.best; o++)
      if (o->kind != PL_OPT_LATER) pl_buf_printf(&known, "%s%s", known.n ? ", " : "", o->name);
    if (near.best)
      pl_complain_key(in->report, c, "found an unknown option, expected a known one; did you mean '%s'?",
                      near.best);
    else
      pl_complain_key(in->report, c, "found an unknown option, expected one of %.*s", (int)known.n, known.p);
    pl_buf_fini(&known);
  }
  for (const pl_option *o = table; o->name; o++) {
    if (!(o->flags & PL_REQUIRED) || pl_yaml_find(map, o->name)) continue;
    pl_buf expected;
    pl_buf_init(&expected, 1024);
    if (o->kind < PL_OPT_SCALARS) pl_scalar_expect(o, true, &expected);
    if (o->kind == PL_OPT_LIST) pl_buf_text(&expected, "a list");
    pl_complain_missing(in->report, map, o->name, "%.*s%s; add `%s: %s`", (int)expected.n, expected.p,
                        expected.n ? "" : "a value", o->name, o->example ? o->example : "...");
    pl_buf_fini(&expected);
  }
}

/* Defaults are right on every machine: the world is not asked. */
static void fill(const pl_options_reader *in, const pl_option *table, void *base) {
  for (const pl_option *o = table; o->name; o++) {
    if (o->kind == PL_OPT_SECTION) fill(in, o->inner, base);
    if (o->kind == PL_OPT_OF_DAY) *(int32_t *)place(o, base) = -1;
    if (o->kind == PL_OPT_CHOICE) *(int *)place(o, base) = -1;
    if (!o->fallback) continue;
    size_t before = in->report->n;
    if (o->kind < PL_OPT_SCALARS)
      PL_ASSERT(pl_scalar_read(in, o, pl_str_of(o->fallback), place(o, base)));
    else
      read_one(in, o, pl_tree_parse(in->arena, in->report, in->report->file, pl_str_of(o->fallback)), base);
    PL_ASSERT(in->report->n == before);
  }
}

void pl_options_default(const pl_options_reader *in, const pl_option *table, void *base) {
  pl_options_reader bare = *in;
  bare.world = NULL;
  fill(&bare, table, base);
}
