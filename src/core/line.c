#include "paceline/line.h"

#include <stddef.h>

#include "base/status.h"

/* A target has up to 53 bits, a fraction's side as many: their products need more than 64. */
__extension__ typedef unsigned __int128 wide;

typedef struct {
  int64_t at, share, next_at, next_share; /* from where to where; next_at > at */
} segment;

static segment segment_of(const pl_line *line, size_t i) {
  segment s = {0, 0, PL_LINE_WHOLE, PL_LINE_WHOLE};
  if (line && i > 0) s.at = line->points[i - 1].at, s.share = line->points[i - 1].share;
  if (line && i < line->n) s.next_at = line->points[i].at, s.next_share = line->points[i].share;
  return s;
}

const char *pl_line_wrong(const pl_line *line) {
  for (size_t i = 0; i <= line->n; i++) {
    segment s = segment_of(line, i);
    if (s.next_at <= s.at || s.next_at > PL_LINE_WHOLE)
      return "has points that do not ascend between 0 and 1 of the working time";
    if (s.next_share < s.share) return "falls";
    if (i < line->n && s.next_share >= PL_LINE_WHOLE) return "is at the target before the end";
  }
  return NULL;
}

pl_fraction pl_line_at(const pl_line *line, int64_t done, int64_t work) {
  PL_ASSERT(0 <= done && done <= work && work > 0);
  if (!line) return (pl_fraction){done, work};
  size_t i = 0;
  while (i < line->n && line->points[i].at * work <= done * PL_LINE_WHOLE) i++;
  segment s = segment_of(line, i);
  int64_t length = s.next_at - s.at, rise = s.next_share - s.share;
  return (pl_fraction){s.share * length * work + rise * (done * PL_LINE_WHOLE - s.at * work),
                       PL_LINE_WHOLE * length * work};
}

int64_t pl_line_up(const pl_line *line, int64_t target, int64_t done, int64_t work) {
  pl_fraction l = pl_line_at(line, done, work);
  return (int64_t)(((wide)target * (wide)l.part + (wide)l.of - 1) / (wide)l.of);
}

int64_t pl_line_meets(const pl_line *line, int64_t target, int64_t actual, int64_t work) {
  PL_ASSERT(actual < target && work > 0);
  wide whole = (wide)target, there = actual > 0 ? (wide)actual : 0;
  size_t i = 0;
  while (line && i < line->n && line->points[i].share * whole <= there * PL_LINE_WHOLE) i++;
  segment s = segment_of(line, i);
  wide length = (wide)(s.next_at - s.at), rise = (wide)(s.next_share - s.share) * whole;
  wide part = (wide)s.at * rise + length * (there * PL_LINE_WHOLE - (wide)s.share * whole);
  return (int64_t)((wide)work * part / (rise * PL_LINE_WHOLE));
}

double pl_line_inverse(const pl_line *line, double share) {
  if (!line || share < 0) return share;
  size_t i = 0;
  while (i < line->n && line->points[i].share <= share * PL_LINE_WHOLE) i++;
  segment s = segment_of(line, i);
  double rise = (double)(s.next_share - s.share), up = share * PL_LINE_WHOLE - (double)s.share;
  return ((double)s.at + (double)(s.next_at - s.at) * up / rise) / PL_LINE_WHOLE;
}
