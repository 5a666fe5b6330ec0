/* Report: everything that is wrong with a file, collected, then printed in the file's order,
 * then that of the files it names.
 *
 * One line each: `FILE:LINE:COLUMN: [warning: ]option: found ..., expected ...; remedy`. The option's name is
 * the path of keys down to the node. Values of secrets are never quoted. */
#ifndef PL_CONFIG_REPORT_H
#define PL_CONFIG_REPORT_H

#include "config/tree.h"

enum { PL_COMPLAINTS_MAX = 100 };

typedef struct {
  const char *file;
  bool own; /* it is the file that the user named */
  int line, column;
  const char *text;
} pl_complaint;

struct pl_report {
  const char *file; /* as the user named it; what was laid over it stands in another */
  const char *kind; /* said before each text, such as "warning: "; NULL: nothing */
  pl_arena *arena;
  pl_complaint list[PL_COMPLAINTS_MAX];
  size_t n; /* all of them; beyond the maximum they are only counted */
};

/* About the file at a place, about a value, about the name of an option, about an option that is not there.
 */
void pl_complain_at(pl_report *report, const char *name, int at_line, int column, const char *fmt, ...)
    PL_PRINTF(5, 6);
void pl_complain(pl_report *report, const pl_yaml *value, const char *fmt, ...) PL_PRINTF(3, 4);
/* About the byte at `at` of a text, where that stands in the file. */
void pl_complain_within(pl_report *report, const pl_yaml *value, size_t at, const char *fmt, ...)
    PL_PRINTF(4, 5);
void pl_complain_key(pl_report *report, const pl_yaml *value, const char *fmt, ...) PL_PRINTF(3, 4);
void pl_complain_missing(pl_report *report, const pl_yaml *map, const char *key, const char *fmt, ...)
    PL_PRINTF(4, 5);

void pl_report_print(pl_report *report, pl_buf *out);

/* A text as a message quotes it: cut to what fits, at a character's end. */
typedef struct {
  char text[80];
} pl_quoted;
pl_quoted pl_quote(pl_str text);

/* The candidate nearest to a misspelt word: offer them all, then read `hint`: " (did you mean 'calls'?)"
 * or nothing. */
typedef struct {
  pl_str word;
  const char *best;
  size_t distance;
} pl_near;
pl_near pl_near_to(pl_str word);
void pl_near_offer(pl_near *near, const char *candidate);
pl_quoted pl_near_hint(const pl_near *near);

#endif
