#include "config/tree.h"

#include <errno.h>
#include <stdio.h>
#include <yaml.h>

#include "base/map.h"
#include "config/report.h"

typedef struct {
  pl_arena *arena;
  pl_report *report;
  const char *file;     /* that is being read... */
  const pl_str *source; /* ...and its text */
  pl_yaml *root, *open; /* open: the innermost map or list not yet ended */
  int depth;
  size_t nodes;
  bool ended;
  pl_yaml key; /* the key that waits for its value; its kind is PL_YAML_TEXT then */
  bool has_key;
  pl_map seen[PL_TREE_DEPTH_MAX + 1]; /* keys so far, by depth */
} builder;

/* Characters that would be read back as something else: controls, and what YAML takes for a line's end. */
static bool plain(pl_str s) {
  if (!pl_str_clean(s)) return false;
  for (size_t i = 0; i + 2 < s.n; i++) {
    const unsigned char *p = (const unsigned char *)s.p + i;
    if ((p[0] == 0xE2 && p[1] == 0x80 && (p[2] == 0xA8 || p[2] == 0xA9)) ||
        (p[0] == 0xEF && p[1] == 0xBB && p[2] == 0xBF) || (p[0] == 0xEF && p[1] == 0xBF && p[2] >= 0xBE))
      return false;
  }
  return true;
}

static bool refuse(builder *b, const yaml_mark_t *at, const char *text) {
  pl_complain_at(b->report, b->file, (int)at->line + 1, (int)at->column + 1, "%s", text);
  return false;
}

static pl_yaml *add(builder *b, pl_yaml_kind kind, const yaml_mark_t *at) {
  pl_yaml *node = pl_arena_alloc(b->arena, sizeof *node);
  b->nodes++;
  *node = (pl_yaml){.kind = kind, .file = b->file, .source = b->source, .line = (int)at->line + 1};
  node->column = (int)at->column + 1, node->parent = b->open;
  if (!b->open) {
    b->root = node;
    return node;
  }
  node->key = b->key.text, node->key_line = b->key.line, node->key_column = b->key.column;
  b->has_key = false, b->key = (pl_yaml){0};
  node->place = b->open->n++;
  if (b->open->last)
    b->open->last->next = node;
  else
    b->open->first = node;
  b->open->last = node;
  return node;
}

static bool wants_key(const builder *b) { return b->open && b->open->kind == PL_YAML_MAP && !b->has_key; }

static bool on_text(builder *b, const yaml_event_t *event) {
  pl_str text = {(const char *)event->data.scalar.value, event->data.scalar.length};
  if (!plain(text))
    return refuse(b, &event->start_mark,
                  "found control characters or line breaks in a text, expected one line of UTF-8; for a long "
                  "text write >- and indent the lines below it");
  text.p = pl_arena_text(b->arena, text.p, text.n);
  if (!wants_key(b)) {
    pl_yaml *node = add(b, PL_YAML_TEXT, &event->start_mark);
    node->text = text;
    node->null = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
                 (text.n == 0 || pl_str_is(text, "~") || pl_str_is(text, "null"));
    return true;
  }
  b->key = (pl_yaml){.line = (int)event->start_mark.line + 1, .column = (int)event->start_mark.column + 1};
  b->key.text = text, b->has_key = true;
  pl_str seen_as =
      text.n ? text : PL_STR("\n"); /* a key of the set is never empty, and no key is a newline */
  void **before = pl_map_put(&b->seen[b->depth], seen_as);
  if (*before)
    pl_complain_at(b->report, b->file, b->key.line, b->key.column,
                   "found the key '%s' twice, expected it once; the other is in line %d", pl_quote(text).text,
                   (int)(intptr_t)*before);
  else
    *before = (void *)(intptr_t)b->key.line;
  return true;
}

static bool on_open(builder *b, pl_yaml_kind kind, const yaml_event_t *event) {
  if (wants_key(b))
    return refuse(b, &event->start_mark,
                  "found a map or a list where a name was expected; put templates such as {id} into quotes");
  if (b->depth == PL_TREE_DEPTH_MAX)
    return refuse(b, &event->start_mark, "found more than 32 levels, expected a flat file");
  b->open = add(b, kind, &event->start_mark);
  pl_map_init(&b->seen[++b->depth]);
  return true;
}

static void on_close(builder *b) {
  pl_map_fini(&b->seen[b->depth--]);
  b->open = (pl_yaml *)(uintptr_t)b->open->parent;
}

static bool on_event(builder *b, const yaml_event_t *event) {
  const yaml_mark_t *at = &event->start_mark;
  if (b->nodes >= PL_TREE_NODES_MAX)
    return refuse(b, at, "found more than 200000 values, expected fewer; large rosters come from Kafka");
  bool scalar = event->type == YAML_SCALAR_EVENT, list = event->type == YAML_SEQUENCE_START_EVENT,
       map = event->type == YAML_MAPPING_START_EVENT;
  if (event->type == YAML_ALIAS_EVENT || (scalar && event->data.scalar.anchor) ||
      (list && event->data.sequence_start.anchor) || (map && event->data.mapping_start.anchor))
    return refuse(
        b, at, "found an anchor or alias (& or *), expected the value itself; write it out or into quotes");
  if ((scalar && event->data.scalar.tag) || (list && event->data.sequence_start.tag) ||
      (map && event->data.mapping_start.tag))
    return refuse(b, at, "found a tag (!), expected the value itself; remove it or put the text into quotes");
  if (event->type == YAML_DOCUMENT_START_EVENT && b->root)
    return refuse(b, at, "found a second document (---), expected one; remove it");
  if (scalar) return on_text(b, event);
  if (list) return on_open(b, PL_YAML_LIST, event);
  if (map) return on_open(b, PL_YAML_MAP, event);
  if (event->type == YAML_SEQUENCE_END_EVENT || event->type == YAML_MAPPING_END_EVENT) on_close(b);
  if (event->type == YAML_STREAM_END_EVENT) b->ended = true;
  return true;
}

pl_status pl_tree_read(const char *path, pl_buf *text, pl_err *err) {
  FILE *file = fopen(path, "rbe");
  if (!file) return pl_fail(err, PL_REJECT, "%s", strerror(errno));
  char piece[16384];
  size_t n;
  while (text->n <= PL_TREE_BYTES_MAX && (n = fread(piece, 1, sizeof piece, file)) > 0)
    pl_buf_put(text, piece, n);
  pl_status status = ferror(file) ? pl_fail(err, PL_REJECT, "%s", strerror(errno)) : PL_OK;
  (void)fclose(file);
  return status;
}

pl_yaml *pl_tree_parse(pl_arena *arena, pl_report *report, const char *file, pl_str text) {
  pl_str *source = pl_arena_alloc(arena, sizeof *source);
  builder b = {.arena = arena, .report = report, .file = file, .source = source};
  if (text.n > PL_TREE_BYTES_MAX) {
    pl_complain_at(report, file, 1, 1,
                   "found %zu bytes, expected at most 1 MiB; large rosters come from Kafka", text.n);
    return NULL;
  }
  *source = (pl_str){pl_arena_text(arena, text.n ? text.p : "", text.n), text.n};
  yaml_parser_t parser;
  PL_ASSERT(yaml_parser_initialize(&parser));
  yaml_parser_set_input_string(&parser, (const unsigned char *)(text.n ? text.p : ""), text.n);
  bool good = true;
  while (good && !b.ended) {
    yaml_event_t event;
    good = yaml_parser_parse(&parser, &event);
    if (!good) {
      pl_complain_at(
          report, file, (int)parser.problem_mark.line + 1, (int)parser.problem_mark.column + 1,
          "found what is not YAML (%s%s%s), expected options as `name: value`; look at indentation, "
          "quotes and brackets here and above",
          parser.context ? parser.context : "", parser.context ? ": " : "",
          parser.problem ? parser.problem : "unreadable");
      break;
    }
    good = on_event(&b, &event);
    yaml_event_delete(&event);
  }
  yaml_parser_delete(&parser);
  while (b.depth > 0) pl_map_fini(&b.seen[b.depth--]);
  if (!good) return NULL;
  if (!b.root || (b.root->kind == PL_YAML_TEXT && b.root->null)) {
    b.open = NULL;
    b.root = add(&b, PL_YAML_MAP, &(yaml_mark_t){0});
  }
  return b.root;
}

const pl_yaml *pl_yaml_find(const pl_yaml *map, const char *key) {
  if (map->kind != PL_YAML_MAP) return NULL;
  for (const pl_yaml *c = map->first; c; c = c->next)
    if (pl_str_is(c->key, key)) return c;
  return NULL;
}

void pl_yaml_lay(pl_arena *arena, pl_yaml *map, const pl_yaml *over) {
  for (const pl_yaml *o = over->first; o; o = o->next) {
    pl_yaml **at = &map->first, *next = NULL;
    while (*at && !pl_str_eq((*at)->key, o->key)) at = &(*at)->next;
    if (*at && (*at)->kind == PL_YAML_MAP && o->kind == PL_YAML_MAP) {
      pl_yaml_lay(arena, *at, o);
      continue;
    }
    if (*at) next = (*at)->next, map->n--;
    if (o->null) {
      *at = next;
      continue;
    }
    pl_yaml *copy = *at = pl_arena_alloc(arena, sizeof *copy);
    *copy = *o, copy->next = next, map->n++;
  }
  map->last = NULL;
  for (pl_yaml *c = map->first; c; c = c->next) map->last = c;
}

const pl_yaml *pl_yaml_nearest(const pl_yaml *map, const char *path) {
  for (const pl_yaml *c = map; c;) {
    map = c;
    size_t n = strcspn(path, ".");
    for (c = map->kind == PL_YAML_MAP ? map->first : NULL; c; c = c->next)
      if (pl_str_eq(c->key, (pl_str){path, n})) break;
    if (path[n] == 0) return c ? c : map;
    path += n + 1;
  }
  return map;
}

const pl_yaml *pl_yaml_holder(const pl_yaml *list, const char *text) {
  for (const pl_yaml *c = list->first; c; c = c->next)
    if (c->text.p == text) return c;
  return list;
}
