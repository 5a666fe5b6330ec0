/* Becomes: what a record becomes, in words or as JSON: which events, of whom, when, what they count in, or
 * why there is none. What `check --sample` and `dlq show` say. */
#ifndef PL_CLI_BECOMES_H
#define PL_CLI_BECOMES_H

#include "cli/maker.h"

typedef struct pl_becomes pl_becomes;

/* A record, and what the readers made of it. */
typedef struct {
  const char *where;  /* "crm.deals 3/17", "line 4" */
  pl_wall stamp;      /* the record's own; PL_NEVER: it has none */
  pl_str key;         /* p NULL: none */
  int32_t partition;  /* of the activities, and... */
  int32_t partitions; /* ...how many they have; 0: it is not one of theirs */
  pl_reason reason;   /* PL_APPLIED, or PL_REASONS: broken, or why it is refused */
  const char *why;
  const pl_made *made;
  size_t n;
  const pl_condition *const
      *unmet; /* by mapping, of no event: the condition that did not hold; NULL: another cause */
} pl_outcome;

/* `set` makes the events; both are borrowed. */
pl_status pl_becomes_new(pl_becomes **out, const pl_config *config, const pl_mapping_set *set,
                         pl_err *err) PL_MUST_CHECK;
void pl_becomes_free(pl_becomes **becomes);

void pl_becomes_say(pl_becomes *becomes, const pl_outcome *outcome, bool json, pl_buf *out);
/* Of all that was said so far: how many of each type, whom the roster does not know, which mapped fields were
 * never there. */
void pl_becomes_sum_up(const pl_becomes *becomes, bool json, pl_buf *out);

/* A text for a terminal: what would steer one is a dot. */
void pl_becomes_clean(pl_buf *out, pl_str s);

#endif
