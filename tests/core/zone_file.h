/* Zone file: the system's time zones, and zones made of a POSIX rule alone, for tests. */
#ifndef TESTS_CORE_ZONE_FILE_H
#define TESTS_CORE_ZONE_FILE_H

#include <stdio.h>
#include <string.h>

#include "paceline/zone.h"

enum { ZONE_FILE_MAX = 1 << 16 };

static inline pl_str read_file(const char *path, char room[ZONE_FILE_MAX]) {
  FILE *f = fopen(path, "rb");
  size_t n = f ? fread(room, 1, ZONE_FILE_MAX, f) : 0;
  if (f) (void)fclose(f);
  return (pl_str){room, n};
}

static inline pl_zone *zone_at_path(const char *name, const char *path) {
  static char room[ZONE_FILE_MAX];
  pl_zone *zone;
  pl_err err;
  pl_status status = pl_zone_new(&zone, name, read_file(path, room), &err);
  if (status != PL_OK) printf("%s: %s\n", path, err.text);
  return zone;
}

static inline pl_zone *zone_named(const char *name) {
  char path[256];
  (void)snprintf(path, sizeof path, "/usr/share/zoneinfo/%s", name);
  return zone_at_path(name, path);
}

/* A file of version 3 without transitions: one type of offset 0, and the footer. */
static inline pl_str file_of_rule(const char *rule, char room[ZONE_FILE_MAX]) {
  static const char head[44] = {'T', 'Z', 'i', 'f', '3', [39] = 1, [43] = 4};
  static const char body[10] = {[6] = 'U', 'T', 'C'};
  char *p = room;
  for (int block = 0; block < 2; block++) {
    memcpy(p, head, sizeof head), p += sizeof head;
    memcpy(p, body, sizeof body), p += sizeof body;
  }
  return (pl_str){room, (size_t)(p - room + sprintf(p, "\n%s\n", rule))};
}

static inline pl_zone *zone_of_rule(const char *rule) {
  static char room[ZONE_FILE_MAX];
  pl_zone *zone;
  pl_err err;
  pl_status status = pl_zone_new(&zone, rule, file_of_rule(rule, room), &err);
  return status == PL_OK ? zone : NULL;
}

#endif
