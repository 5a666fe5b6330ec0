/* Line: which share of a target should be there by which share of the working time.
 *
 * L runs from (0, 0) to (1, 1) through up to PL_LINE_POINTS_MAX points and is straight between them. It never
 * falls, and is below 1 before the end. Points are in units of 1/PL_LINE_WHOLE and working time in seconds,
 * so that L is a fraction of whole numbers and nothing here rounds but where it says so.
 *
 * A NULL line is the straight one. Everywhere 0 <= done <= work, the working seconds of at most a year. */
#ifndef PACELINE_LINE_H
#define PACELINE_LINE_H

#include <stdint.h>

enum { PL_LINE_POINTS_MAX = 11 /* the months of a year */, PL_LINE_WHOLE = 10000 };

typedef struct {
  uint16_t at, share; /* of the working time, of the target */
} pl_line_point;
typedef struct {
  uint16_t n;
  pl_line_point points[PL_LINE_POINTS_MAX];
} pl_line;

/* part / of, both below 2^53. */
typedef struct {
  int64_t part, of;
} pl_fraction;

/* What is wrong with it, for a message that says whose it is; NULL: nothing. */
const char *pl_line_wrong(const pl_line *line);

/* L after `done` of `work` seconds. */
pl_fraction pl_line_at(const pl_line *line, int64_t done, int64_t work);
/* The least whole amount that is on the line then: ceil(target L). */
int64_t pl_line_up(const pl_line *line, int64_t target, int64_t done, int64_t work);
/* The working second in which the line goes beyond actual < target: floor(work inf{w: target L(w) > actual}),
 * what is below 0 taken as 0. */
int64_t pl_line_meets(const pl_line *line, int64_t target, int64_t actual, int64_t work);
/* inf{w: L(w) > share}, as far as doubles go; share < 1. */
double pl_line_inverse(const pl_line *line, double share);

#endif
