/* Value: what an option holds once it was read. Everything points into the configuration's arena. */
#ifndef PL_CONFIG_VALUE_H
#define PL_CONFIG_VALUE_H

#include "base/text.h"
#include "base/time.h"
#include "paceline/policy.h"

struct pl_yaml;

typedef struct {
  const char *const *items;
  size_t n;
} pl_list;

typedef struct {
  const char *key;
  pl_list values; /* one, or what the option allows */
  const struct pl_yaml *node;
} pl_pair;
typedef struct {
  const pl_pair *items;
  size_t n;
} pl_pairs;

/* Named things of one kind, each a struct that begins with a pl_item. */
typedef struct {
  const char *name;
  const struct pl_yaml *node; /* where it stands in the file */
} pl_item;
typedef struct {
  void *p;
  size_t n;
} pl_items;

/* A named map. */
typedef struct {
  pl_item item;
  pl_pairs map;
} pl_map_item;

typedef struct {
  const char *host; /* without the brackets of [::1] */
  int port;
} pl_address;

#endif
