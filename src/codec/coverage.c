#include "codec/coverage.h"

#include <stdio.h>

enum { HASH_DIGITS = 16 };

static void name_of(const pl_metric *metric, char name[HASH_DIGITS + 1]) {
  (void)snprintf(name, HASH_DIGITS + 1, "%016llx", (unsigned long long)metric->hash);
}

/* The next word; "": there is none. */
static pl_str next(pl_str *text) {
  const char *blank = text->n ? memchr(text->p, ' ', text->n) : NULL;
  pl_str word = {text->p, blank ? (size_t)(blank - text->p) : text->n};
  size_t taken = word.n + (blank != NULL);
  text->p += taken, text->n -= taken;
  return word;
}

static bool read_word(pl_str word, const char name[HASH_DIGITS + 1], pl_wall *since) {
  return word.n > HASH_DIGITS + 1 && memcmp(word.p, name, HASH_DIGITS) == 0 && word.p[HASH_DIGITS] == ':' &&
         pl_str_int((pl_str){word.p + HASH_DIGITS + 1, word.n - HASH_DIGITS - 1}, &since->ms);
}

void pl_coverage_read(pl_wall since[PL_METRICS_MAX], const pl_policy *policy, pl_str text, pl_wall fresh) {
  for (size_t m = 0; m < policy->nmetrics; m++) {
    char name[HASH_DIGITS + 1];
    name_of(&policy->metrics[m], name);
    since[m] = fresh;
    pl_str left = text;
    for (pl_str word; (word = next(&left)).n && !read_word(word, name, &since[m]);) continue;
  }
}

void pl_coverage_write(const pl_wall since[PL_METRICS_MAX], const pl_policy *policy, pl_buf *out) {
  for (size_t m = 0; m < policy->nmetrics; m++) {
    char name[HASH_DIGITS + 1];
    name_of(&policy->metrics[m], name);
    pl_buf_printf(out, "%s%s:%lld", m ? " " : "", name, (long long)since[m].ms);
  }
}
