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

typedef struct pl_node pl_node;
typedef struct pl_report pl_report;

typedef enum { PL_NODE_TEXT, PL_NODE_LIST, PL_NODE_MAP } pl_node_kind;

struct pl_node {
  pl_node_kind kind;
  bool null;        /* a text without quotes that is empty, `~` or `null`: nothing was given */
  int line, column; /* from 1 */
  pl_str text;      /* PL_NODE_TEXT */
  pl_str key;       /* its name in the map it lies in */
  int key_line, key_column;
  const pl_node *parent;
  pl_node *first, *last, *next; /* children in the order of the file */
  size_t n, place;              /* children; its own place in the parent, from 0 */
};

/* NULL after a complaint about the file as YAML; an empty file is an empty map. */
pl_node *pl_tree_parse(pl_arena *arena, pl_report *report, pl_str text);
const pl_node *pl_node_find(const pl_node *map, const char *key); /* NULL: none, or not a map */
/* The deepest node there is on a way such as "alerts.behind.leave", for complaints; `map` itself if none. */
const pl_node *pl_node_nearest(const pl_node *map, const char *path);

#endif
