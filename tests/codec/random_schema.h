/* A random schema with the paths of its leaves: every type, unions, recursion, names used again. */
#ifndef PL_TESTS_CODEC_RANDOM_SCHEMA_H
#define PL_TESTS_CODEC_RANDOM_SCHEMA_H

#include <stdarg.h>
#include <stdio.h>

#include "codec/plan.h"
#include "random.h"

enum { WANTS = 40, LISTS = 8, PATH = 120 };

typedef struct {
  dice dice;
  char json[64 * 1024];
  size_t n;
  int names, budget;
  char paths[WANTS][PATH];
  pl_want wants[WANTS];
  size_t nwants;
  int nlists;
  char records[8][16], leaves[8][16]; /* names to use again */
  int nrecords, nleaves;
} world;

static void put(world *w, const char *fmt, ...) PL_PRINTF(2, 3);
static void put(world *w, const char *fmt, ...) {
  va_list args;
  va_start(args, fmt);
  w->n += (size_t)vsnprintf(w->json + w->n, sizeof w->json - w->n, fmt, args);
  va_end(args);
  PL_ASSERT(w->n < sizeof w->json);
}

static void want(world *w, const char *path, int list) {
  if (!path || !*path || w->nwants == WANTS || below(&w->dice, 4) == 0) return;
  for (size_t i = 0; i < w->nwants; i++)
    if (strcmp(w->paths[i], path) == 0) return;
  snprintf(w->paths[w->nwants], PATH, "%s", path);
  w->wants[w->nwants] = (pl_want){w->paths[w->nwants], "test", false, list < 0 ? 0 : list};
  w->nwants++;
}

/* `path`: NULL where nothing can be wanted; `list`: of the array around, or -1. `bar`: kinds a union has. */
static void type(world *w, const char *path, int list, int depth, unsigned *bar);

static void fields(world *w, const char *path, int list, int depth) {
  char mine[16], below_path[PATH];
  snprintf(mine, sizeof mine, "R%d", w->names++);
  put(w, "{\"type\":\"record\",\"name\":\"%s\",\"fields\":[", mine);
  uint32_t n = 1 + below(&w->dice, 7);
  for (uint32_t i = 0; i < n; i++) {
    const char *sub = NULL;
    if (path && strlen(path) + 8 < PATH) {
      snprintf(below_path, sizeof below_path, "%s%sf%u", path, *path ? "." : "", i);
      sub = below_path;
    }
    put(w, "%s{\"name\":\"f%u\",\"type\":", i ? "," : "", i);
    uint32_t self = below(&w->dice, 25);
    if (self == 0)
      put(w, "[\"null\",\"%s\"]", mine);
    else if (self == 1)
      put(w, "{\"type\":\"array\",\"items\":\"%s\"}", mine);
    else
      type(w, sub, list, depth + 1, NULL);
    put(w, "}");
  }
  put(w, "]}");
  if (w->nrecords < 8) snprintf(w->records[w->nrecords++], 16, "%s", mine);
}

static void union_of(world *w, const char *path, int list, int depth) {
  unsigned bar = 1u << 20; /* no union inside */
  uint32_t n = 1 + below(&w->dice, 4), null = below(&w->dice, n + 1);
  put(w, "[");
  for (uint32_t i = 0; i < n; i++) {
    if (i) put(w, ",");
    if (i == null)
      put(w, "\"null\"");
    else
      type(w, path, list, depth + 1, &bar);
  }
  put(w, "]");
}

static void type(world *w, const char *path, int list, int depth, unsigned *bar) {
  static const char *const plain[] = {"boolean", "int", "long", "float", "double", "string", "bytes"};
  for (;;) {
    uint32_t kind = below(&w->dice, 18);
    if (depth > 6 || --w->budget < 0) kind %= 10;
    if (bar && kind != 15 && kind != 9) { /* a union has each unnamed type once */
      unsigned bit = 1u << (kind <= 6 ? kind : kind == 7 ? 6 : kind == 8 ? 1 : kind);
      if (*bar & bit) {
        if (below(&w->dice, 8) == 0)
          kind = 9; /* an enum is always possible */
        else
          continue;
      } else {
        *bar |= bit;
      }
    }
    if (kind <= 6) {
      put(w, "\"%s\"", plain[kind]);
      if (kind != 6) want(w, path, list);
    } else if (kind == 7) {
      uint32_t p = 1 + below(&w->dice, 30);
      uint32_t s = below(&w->dice, p < 18 ? p + 1 : 19);
      put(w, "{\"type\":\"bytes\",\"logicalType\":\"decimal\",\"precision\":%u,\"scale\":%u}", p, s);
      want(w, path, list);
    } else if (kind == 8) {
      put(w, "{\"type\":\"int\",\"logicalType\":\"date\"}");
      want(w, path, list);
    } else if (kind == 9) {
      char mine[16];
      snprintf(mine, sizeof mine, "E%d", w->names++);
      put(w, "{\"type\":\"enum\",\"name\":\"%s\",\"symbols\":[\"A\"", mine);
      for (uint32_t n = below(&w->dice, 90), i = 0; i < n; i++) put(w, ",\"S%u\"", i);
      put(w, "]}");
      if (w->nleaves < 8) snprintf(w->leaves[w->nleaves++], 16, "%s", mine);
      want(w, path, list);
    } else if (kind == 10) {
      put(w, "{\"type\":\"fixed\",\"name\":\"X%d\",\"size\":%u,\"logicalType\":\"decimal\",\"precision\":%u}",
          w->names, 8 + below(&w->dice, 9), 1 + below(&w->dice, 18));
      w->names++;
      want(w, path, list);
    } else if (kind == 11) {
      char items[PATH];
      const char *sub = NULL;
      int number = -1;
      if (path && *path && list < 0 && w->nlists < LISTS && strlen(path) + 8 < PATH) {
        snprintf(items, sizeof items, "%s[]", path);
        sub = items, number = w->nlists++;
      }
      put(w, "{\"type\":\"array\",\"items\":");
      type(w, sub, number, depth + 1, NULL);
      put(w, "}");
    } else if (kind == 12) {
      put(w, "{\"type\":\"map\",\"values\":");
      type(w, NULL, -1, depth + 1, NULL);
      put(w, "}");
    } else if (kind == 13 && !bar && w->nrecords) {
      put(w, "\"%s\"", w->records[below(&w->dice, (uint32_t)w->nrecords)]);
    } else if (kind == 14 && !bar && w->nleaves) {
      put(w, "\"%s\"", w->leaves[below(&w->dice, (uint32_t)w->nleaves)]);
    } else if (kind == 16 && !bar) {
      union_of(w, path, list, depth);
    } else if (kind == 17 && !bar) {
      put(w, "{\"type\":\"fixed\",\"name\":\"X%d\",\"size\":%u}", w->names,
          1 + below(&w->dice, 20)); /* avro-c has no arrays of empty items */
      w->names++;
    } else {
      fields(w, path, list, depth);
    }
    return;
  }
}

#endif
