/* Tree: a YAML file as nodes that know their line and column.
 *
 * One document of maps, lists and texts; every scalar stays text, the option table says what it means. The
 * reader is bounded (size, depth, nodes) and strict: no anchors, aliases or tags, no second document, no
 * duplicate keys, no control characters. Nodes live in the arena, texts and keys are NUL-terminated. */
#ifndef PL_CONFIG_TREE_H
#define PL_CONFIG_TREE_H

#include "base/mem.h"
#include "base/text.h"

enum { PL_TREE_BYTES_MAX = 1 << 20, PL_TREE_DEPTH_MAX = 32, PL_TREE_NODES_MAX = 200000 };

typedef struct pl_yaml pl_yaml;
typedef struct pl_report pl_report;

typedef enum { PL_YAML_TEXT, PL_YAML_LIST, PL_YAML_MAP } pl_yaml_kind;

struct pl_yaml {
  pl_yaml_kind kind;
  bool null;            /* a text without quotes that is empty, `~` or `null`: nothing was given */
  const char *file;     /* in which it stands, as the user named it */
  int line, column;     /* from 1 */
  const pl_str *source; /* the file's whole text, for who looks for a place within a value */
  pl_str text;          /* PL_YAML_TEXT */
  pl_str key;           /* its name in the map it lies in */
  int key_line, key_column;
  const pl_yaml *parent;
  pl_yaml *first, *last, *next; /* children in the order of the file */
  size_t n, place;              /* children; its own place in the parent, from 0 */
};

/* The whole file, or one byte more than there may be. REJECT: the system's reason. */
pl_status pl_tree_read(const char *path, pl_buf *text, pl_err *err) PL_MUST_CHECK;
/* NULL after a complaint about the file as YAML; an empty file is an empty map. */
pl_yaml *pl_tree_parse(pl_arena *arena, pl_report *report, const char *file, pl_str text);
const pl_yaml *pl_yaml_find(const pl_yaml *map, const char *key); /* NULL: none, or not a map */
/* The deepest node there is on a way such as "alerts.behind.leave", for complaints; `map` itself if none. */
const pl_yaml *pl_yaml_nearest(const pl_yaml *map, const char *path);
/* Lays `over` over the map, name by name: maps over maps, anything else instead of what was there, nothing
 * (~) takes it away. What comes in keeps its place in its own file. */
void pl_yaml_lay(pl_arena *arena, pl_yaml *map, const pl_yaml *over);
/* Where in its file the byte at `at` of a text stands; where that cannot be found, the text's beginning. */
void pl_yaml_place(const pl_yaml *node, size_t at, int *line, int *column);
/* The node in a list (or a text alone, a list of one) whose text lies at `text`; else the list. */
const pl_yaml *pl_yaml_holder(const pl_yaml *list, const char *text);

#endif
