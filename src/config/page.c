/* Page: the option table as YAML: the effective configuration of a file, and the reference of all options. */
#include "config/option.h"

static const void *place(const pl_option *o, const void *base) { return (const char *)base + o->at; }

static void indent(pl_buf *out, int depth) {
  for (int i = 0; i < depth; i++) pl_buf_text(out, "  ");
}

static void write_list(pl_buf *out, const pl_list *list) {
  pl_buf_char(out, '[');
  for (size_t i = 0; i < list->n; i++) {
    if (i) pl_buf_text(out, ", ");
    pl_yaml_quote(out, pl_str_of(list->items[i]));
  }
  pl_buf_char(out, ']');
}

static void dump(pl_buf *out, const pl_option *table, const void *base, int depth);

static void dump_map(pl_buf *out, const pl_pairs *pairs, int depth) {
  for (size_t i = 0; i < pairs->n; i++) {
    const pl_pair *pair = &pairs->items[i];
    indent(out, depth);
    pl_yaml_quote(out, pl_str_of(pair->key));
    pl_buf_text(out, ": ");
    if (pair->values.n == 1)
      pl_yaml_quote(out, pl_str_of(pair->values.items[0]));
    else
      write_list(out, &pair->values);
    pl_buf_char(out, '\n');
  }
}

static void dump_maps(pl_buf *out, const pl_items *items, int depth) {
  const pl_map_item *maps = items->p;
  for (size_t i = 0; i < items->n; i++) {
    indent(out, depth);
    pl_yaml_quote(out, pl_str_of(maps[i].item.name));
    pl_buf_text(out, ":\n");
    dump_map(out, &maps[i].map, depth + 1);
  }
}

static void dump_items(pl_buf *out, const pl_option *o, const pl_items *items, int depth) {
  const char *before = NULL;
  for (size_t i = 0; i < items->n; i++) {
    const char *item = (const char *)items->p + i * o->size;
    const char *name = ((const pl_item *)(const void *)item)->name;
    if (!before || strcmp(before, name) != 0) {
      indent(out, depth);
      pl_yaml_quote(out, pl_str_of(name));
      pl_buf_text(out, ":\n");
    }
    before = name;
    if (o->flags & PL_MANY) {
      indent(out, depth + 1);
      pl_buf_text(out, "-\n");
    }
    dump(out, o->inner, item, depth + (o->flags & PL_MANY ? 2 : 1));
  }
}

/* Is there anything to print: what was never given and has no default is left out. */
static bool given(const pl_option *o, const void *at) {
  switch (o->kind) {
  case PL_OPT_LATER: return false;
  case PL_OPT_LIST: return o->fallback || ((const pl_list *)at)->n;
  case PL_OPT_MAP: return ((const pl_pairs *)at)->n;
  case PL_OPT_MAPS:
  case PL_OPT_ITEMS: return ((const pl_items *)at)->n;
  case PL_OPT_SECTION: return true;
  default: return pl_scalar_given(o, at);
  }
}

static void dump(pl_buf *out, const pl_option *table, const void *base, int depth) {
  for (const pl_option *o = table; o->name; o++) {
    const void *at = place(o, base);
    if (!given(o, at)) continue;
    indent(out, depth);
    pl_buf_text(out, o->name);
    pl_buf_char(out, ':');
    if (o->kind <= PL_OPT_LIST) {
      pl_buf_char(out, ' ');
      if (o->kind == PL_OPT_LIST)
        write_list(out, at);
      else
        pl_scalar_write(o, at, out);
    }
    pl_buf_char(out, '\n');
    if (o->kind == PL_OPT_MAP) dump_map(out, at, depth + 1);
    if (o->kind == PL_OPT_MAPS) dump_maps(out, at, depth + 1);
    if (o->kind == PL_OPT_ITEMS) dump_items(out, o, at, depth + 1);
    if (o->kind == PL_OPT_SECTION) dump(out, o->inner, base, depth + 1);
  }
}

void pl_config_dump(const pl_config *config, pl_buf *out) { dump(out, pl_options, config, 0); }

/* --- the reference page */

enum { COLUMNS = 100 };

/* Words into comment lines. */
static void comment(pl_buf *out, int depth, pl_str text) {
  size_t column = COLUMNS;
  for (size_t i = 0; i < text.n;) {
    size_t n = 0;
    while (i + n < text.n && text.p[i + n] != ' ') n++;
    if (column + n + 1 > COLUMNS) {
      if (i) pl_buf_char(out, '\n');
      indent(out, depth);
      pl_buf_char(out, '#');
      column = (size_t)depth * 2 + 1;
    }
    pl_buf_char(out, ' ');
    pl_buf_put(out, text.p + i, n);
    column += n + 1;
    i += n;
    while (i < text.n && text.p[i] == ' ') i++;
  }
  pl_buf_char(out, '\n');
}

/* The documentation, then the facts on a line of their own. */
static void describe(pl_buf *out, const pl_option *o, int depth) {
  comment(out, depth, pl_str_of(o->doc));
  if (o->kind == PL_OPT_SECTION) return;
  pl_buf line;
  pl_buf_init(&line, 4096);
  if (o->kind < PL_OPT_SCALARS)
    pl_scalar_expect(o, false, &line);
  else
    pl_buf_text(&line, o->kind == PL_OPT_LIST   ? "a list"
                       : o->kind == PL_OPT_MAP  ? "values by name"
                       : o->kind == PL_OPT_MAPS ? "by name values by name"
                                                : "by name");
  if (o->kind >= PL_OPT_SCALARS) {
    for (size_t i = 0; o->choices && o->choices[i]; i++)
      pl_buf_printf(&line, "%s%s", i ? ", " : " of ", o->choices[i]);
    if (o->max > 0) pl_buf_printf(&line, ", at most %.0f", o->max);
  }
  pl_buf_text(&line, o->flags & PL_REQUIRED ? "; required." : o->fallback ? "; default " : "; optional.");
  if (o->fallback && !(o->flags & PL_REQUIRED)) pl_buf_printf(&line, "%s.", o->fallback);
  if (line.p[0] >= 'a' && line.p[0] <= 'z' && o->kind != PL_OPT_BOOL)
    line.p[0] = (char)(line.p[0] - 'a' + 'A');
  comment(out, depth, pl_buf_str(&line));
  pl_buf_fini(&line);
}

static void refer(pl_buf *out, const pl_option *table, int depth) {
  for (const pl_option *o = table; o->name; o++) {
    if (o->kind == PL_OPT_LATER) continue;
    if (depth == 0 && o != table) pl_buf_char(out, '\n');
    describe(out, o, depth);
    indent(out, depth);
    if (o->flags & PL_ASIDE) pl_buf_text(out, "# ");
    pl_buf_text(out, o->name);
    pl_buf_char(out, ':');
    bool inner = o->kind == PL_OPT_SECTION || o->kind == PL_OPT_ITEMS;
    if (!inner) pl_buf_printf(out, " %s", o->fallback ? o->fallback : o->example);
    pl_buf_char(out, '\n');
    if (o->kind == PL_OPT_ITEMS) {
      indent(out, depth + 1);
      pl_buf_printf(out, "%s:\n", o->example);
    }
    if (inner) refer(out, o->inner, depth + (o->kind == PL_OPT_ITEMS ? 2 : 1));
  }
}

void pl_config_reference(pl_buf *out) {
  comment(
      out, 0,
      PL_STR(
          "paceline: every option, with its documentation, type, range and default. Written from the option "
          "table by the target `reference`; not to be edited. Commented out: what excludes something that "
          "is shown, or is not in use by default. Lengths of time are written as 250ms, 10s, 5min, 1h, 2d; "
          "working time as 30wmin, 1wh, 2wd; sizes as 512KiB, 1MiB; paths are relative to the file's folder; "
          "a text may stand where a list of one is meant."));
  pl_buf_char(out, '\n');
  refer(out, pl_options, 0);
}
