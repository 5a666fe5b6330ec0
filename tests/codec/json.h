/* JSON in C without its backslashes: schemas in tests are written with single quotes. */
#ifndef PL_TESTS_CODEC_JSON_H
#define PL_TESTS_CODEC_JSON_H

#include "base/text.h"

/* The same with double quotes, in one place that the next call uses again; text that has some is left alone.
 */
static inline pl_str json(const char *text) {
  static char room[16384];
  size_t n = strlen(text);
  if (strchr(text, '"')) return pl_str_of(text);
  PL_ASSERT(n < sizeof room);
  for (size_t i = 0; i <= n; i++) room[i] = text[i] == '\'' ? '"' : text[i];
  return (pl_str){room, n};
}

#endif
