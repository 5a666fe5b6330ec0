/* Fixed: what cannot change while the program runs, such as where it reads from and what it writes to. */
#include <stdio.h>

#include "config/option.h"

static const void *place(const pl_option *o, const void *base) { return (const char *)base + o->at; }

static bool same_text(const char *a, const char *b) { return a && b ? strcmp(a, b) == 0 : a == b; }

static bool same_list(const pl_list *a, const pl_list *b) {
  bool same = a->n == b->n;
  for (size_t i = 0; same && i < a->n; i++) same = same_text(a->items[i], b->items[i]);
  return same;
}

static bool same_pairs(const pl_pairs *a, const pl_pairs *b) {
  bool same = a->n == b->n;
  for (size_t i = 0; same && i < a->n; i++)
    same = same_text(a->items[i].key, b->items[i].key) && same_list(&a->items[i].values, &b->items[i].values);
  return same;
}

/* As they are written; not so texts, which may be secrets. */
static bool same_scalar(const pl_option *o, const void *a, const void *b) {
  pl_buf x, y;
  pl_buf_init(&x, 4096), pl_buf_init(&y, 4096);
  if (pl_scalar_given(o, a)) pl_scalar_write(o, a, &x);
  if (pl_scalar_given(o, b)) pl_scalar_write(o, b, &y);
  bool same = pl_str_eq(pl_buf_str(&x), pl_buf_str(&y));
  pl_buf_fini(&x), pl_buf_fini(&y);
  return same;
}

static bool same(const pl_option *o, const void *a, const void *b) {
  switch (o->kind) {
  case PL_OPT_LIST: return same_list(a, b);
  case PL_OPT_MAP: return same_pairs(a, b);
  case PL_OPT_TEXT:
  case PL_OPT_NAME:
  case PL_OPT_TOPIC:
  case PL_OPT_PATH:
  case PL_OPT_URL: return same_text(*(const char *const *)a, *(const char *const *)b);
  default: return o->kind >= PL_OPT_SCALARS || same_scalar(o, a, b);
  }
}

static void compare(const pl_option *table, const char *section, bool fixed, const pl_config *a,
                    const pl_config *b, pl_buf *changed) {
  for (const pl_option *o = table; o->name; o++) {
    bool is = fixed || (o->flags & PL_FIXED);
    char name[128];
    (void)snprintf(name, sizeof name, "%s%s%s", section, *section ? "." : "", o->name);
    if (o->kind == PL_OPT_SECTION)
      compare(o->inner, name, is, a, b, changed);
    else if (is && !same(o, place(o, a), place(o, b)))
      pl_buf_printf(changed, "%s%s", changed->n ? ", " : "", name);
  }
}

bool pl_config_fixed_same(const pl_config *a, const pl_config *b, pl_buf *changed) {
  size_t before = changed->n;
  compare(pl_options, "", false, a, b, changed);
  return changed->n == before;
}
