/* Matter: what an alert is about, as plain values: what its words are made of.
 *
 * It is filled from an alert while its subject is at hand (letter.c), or from an outbox entry (post.c); both
 * come to the same, so that words written at delivery are those written at once. Amounts are in the metric's
 * unit, NAN: absent; instants PL_NEVER: absent; texts borrowed, empty: absent. */
#ifndef PL_CODEC_MATTER_H
#define PL_CODEC_MATTER_H

#include "base/text.h"
#include "base/time.h"

typedef struct {
  pl_str id, kind, about, of; /* `of`: the kind of what it takes back */
  pl_str entity, entity_kind, name;
  pl_str team; /* what people call it */
  pl_str goal, metric, unit, period, reason, audience, recipient;
  pl_str plan;                             /* of the goal, in the rep's words */
  pl_str answer, answer_plan;              /* the rep's to the alert */
  pl_str cause, conversion, conversion_of; /* metrics */
  bool lower, gauge;
  bool never;                       /* of a feed: it was never heard, and `since` is none */
  int64_t decimals, cause_decimals; /* -1: not known */
  pl_str cause_unit;
  int64_t partition; /* of a feed; -1: of none */
  int64_t count;     /* of a streak: days */
  pl_wall since, at, until;
  pl_wall due; /* when the working day of `needed_today` ends */
  pl_wall turn, answered;
  double actual, target, line, pace, chance, needed_today, required_rate, gap;
  double cause_actual, cause_usual, conversion_now, conversion_before;
} pl_matter;

pl_matter pl_matter_none(void);
/* By their names in an entry; what is none of them is left alone. */
void pl_matter_text(pl_matter *matter, const char *name, pl_str value);
void pl_matter_number(pl_matter *matter, const char *name, double value);
void pl_matter_instant(pl_matter *matter, const char *name, pl_wall value);

#endif
