/* Inside becomes: what its two languages share. */
#ifndef PL_CLI_BECOMES_INSIDE_H
#define PL_CLI_BECOMES_INSIDE_H

#include "base/map.h"
#include "cli/becomes.h"

enum { PL_STRANGERS_MAX = 1000 /* reps whom the roster does not know that are told apart */ };

struct pl_becomes {
  const pl_config *config;
  const pl_mapping_set *set;
  pl_maker *maker;
  int64_t records, none, refused, events;
  int64_t by_type[PL_TYPES_MAX + 1],
      uncounted[PL_TYPES_MAX + 1];   /* the last: types without a name in the policy */
  int64_t by_reason[PL_REASONS + 1]; /* the last: broken */
  int64_t seen[PL_FIELDS_MAX];       /* events that have the field */
  pl_map strangers;                  /* rep -> events, as a pointer's value */
};

/* The event's type in words. */
pl_str pl_becomes_type(const pl_becomes *becomes, const pl_made *made);
/* Does the metric, or one of a ratio's two, count it? */
bool pl_becomes_counts(const pl_becomes *becomes, size_t metric, const pl_event *event);
/* What the engine would refuse it for that readers let pass; PL_APPLIED: nothing that can be seen here. */
pl_reason pl_becomes_judge(const pl_becomes *becomes, const pl_outcome *outcome, const pl_event *event,
                           const pl_maker_told *told);
/* Is it mapped by some mapping, and was in no event? */
bool pl_becomes_absent(const pl_becomes *becomes, size_t field);
/* A field's value as text; an instant as ISO 8601. */
void pl_becomes_value(pl_buf *out, const pl_value *value);
/* Why there is no event: what did not hold. */
void pl_becomes_unmet(pl_buf *out, const pl_condition *condition);

void pl_becomes_json(pl_becomes *becomes, const pl_outcome *outcome, pl_buf *out);
void pl_becomes_sum_up_json(const pl_becomes *becomes, pl_buf *out);

#endif
