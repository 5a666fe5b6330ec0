/* Zone: one IANA time zone, from the bytes of its TZif file (RFC 8536), no global state.
 *
 * Reading files is the caller's work; this room turns bytes into offsets: the transitions of the 64-bit
 * block, and the POSIX rule of the footer for every later instant. Exact over gaps and overlaps. */
#ifndef PACELINE_ZONE_H
#define PACELINE_ZONE_H

#include "base/status.h"
#include "base/text.h"
#include "base/time.h"

typedef struct pl_zone pl_zone;

/* A zone of its own, to be freed; REJECT with a reason for anything that is not a well-formed TZif version
 * 2+. */
pl_status pl_zone_new(pl_zone **out, const char *name, pl_str tzif, pl_err *err) PL_MUST_CHECK;
void pl_zone_free(pl_zone **zone);
const char *pl_zone_name(const pl_zone *zone);

/* Seconds east of UTC at an instant (seconds since the epoch), and the half-open range of instants over which
 * that offset holds (either may be INT64_MIN / INT64_MAX; the range may be shorter than the real one, never
 * longer). */
typedef struct {
  int32_t east;
  int64_t from, until;
} pl_zone_offset;
pl_zone_offset pl_zone_at(const pl_zone *zone, int64_t s);

/* The first instant (seconds since the epoch) at which the local clock shows day `day_number`, second
 * `of_day` (0..86400; 86400 is the next midnight), or later: in a gap the instant of the gap, in an overlap
 * the first of the two. Non-decreasing in (day, of_day). */
int64_t pl_zone_instant(const pl_zone *zone, int32_t day_number, int32_t of_day);

/* The local day number at an instant: the largest D with pl_zone_instant(zone, D, 0) <= s. */
int32_t pl_zone_day(const pl_zone *zone, int64_t s);

/* The instant at which the clock on the wall shows these milliseconds since its own 1970-01-01 00:00, by
 * pl_zone_instant. */
pl_wall pl_zone_resolve(const pl_zone *zone, int64_t local_ms);
/* What it shows at an instant: `2026-03-04 13:37`; if asked for, with `:05` behind it where there are
 * seconds. Returns `out`. */
enum { PL_LOCAL_MAX = 40 };
char *pl_zone_text(const pl_zone *zone, pl_wall t, bool seconds, char out[PL_LOCAL_MAX]);

#endif
