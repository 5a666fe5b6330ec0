/* When: instants and days out of text.
 *
 * ISO 8601 as machines write it, `2026-03-04T10:00:00.123+01:00`, always with Z or an offset; or a format in
 * strptime's words, strictly: %Y 4 digits, %y 2 (69 is 1969, 68 is 2068), %m %d %H %M %S 1 or 2, %b or %B a
 * month's English name, short or whole, %a or %A a weekday's, which has to be one and no more, %I with %p the
 * hour of twelve with AM or PM, %f the second's fraction, %z Z or an offset, %% itself; or an instant at
 * once, %s in seconds since the epoch, %Q in milliseconds. Every other character is itself, the whole text,
 * the days of real months; names in capitals or not. */
#ifndef PL_CODEC_WHEN_H
#define PL_CODEC_WHEN_H

#include "base/text.h"

/* Milliseconds of instants that fit a year from 1 to 9999. */
#define PL_WHEN_MIN INT64_C(-62135596800000)
#define PL_WHEN_MAX INT64_C(253402300799999)

typedef struct {
  int64_t ms;    /* since the epoch, UTC; local: what a clock in UTC would show it at */
  bool local;    /* the text has no offset: the ms of a local wall clock */
  bool has_time; /* an hour was given; otherwise it is the day's midnight */
} pl_when;

bool pl_when_iso(pl_str text, pl_when *out); /* never local */
bool pl_when_format(const char *format, pl_str text, pl_when *out);
/* What a format will give: PL_OK and its shape, or PL_REJECT with a text. */
pl_status pl_when_check(const char *format, bool *local, bool *has_time, pl_err *err) PL_MUST_CHECK;

#endif
