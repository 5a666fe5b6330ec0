/* Mapping: the user's record onto paceline's event, as the configuration says it: our field, the user's path.
 *
 * One topic has one or more mappings (several events out of one record); the first word of a path is a field
 * of the record, dots go down into nested records (a null on the way is an absent value). Immutable, owned by
 * the configuration's arena. */
#ifndef PL_CODEC_MAPPING_H
#define PL_CODEC_MAPPING_H

#include "paceline/policy.h"

enum { PL_PATH_MAX = 255 }; /* bytes of a path or a template */

typedef struct {
  const char *from; /* the user's value as text (enums by symbol) */
  int type;         /* index into pl_policy.types, or PL_TYPE_HEARTBEAT and the others below zero */
} pl_type_value;

typedef struct {
  const char *id; /* a path, or a template such as "{opportunity_id}/closed" */
  const char *rep;
  const char *at;        /* path of the event time */
  const char *at_format; /* strptime-like, for text (when.h); NULL: ISO 8601 text, or a number */
  int32_t at_of_day;     /* seconds of the rep's local day for a date without a time; -1: not given */
  const char *type_path; /* or NULL with... */
  int type_constant;     /* ...the type every record has */
  /* A value that is not listed is PL_TYPE_OTHER. Empty list: the policy's types by their own names. The words
   * `heartbeat` and `adjustment` are that in either case if `complete_to`, `metric` are mapped and the list
   * does not have them. */
  const pl_type_value *type_values;
  size_t ntype_values;
  const char *fields[PL_FIELDS_MAX]; /* path by pl_policy.fields, NULL: not mapped */
  const char *retracts;              /* the path of the id that a retraction takes back, or NULL */
  const char *metric, *amount;       /* adjustment paths, or NULL */
  const char *source, *complete_to;  /* heartbeat paths, or NULL */
  const char *goal;   /* path of a record with name, metric, period, target, plan and by, or NULL: words on
                         goals. `goal_proposed` and the other types are recognised if it is mapped */
  const char *answer; /* path of a record with alert, reason and plan, or NULL: `answer`, in the same way */
} pl_mapping;

/* The mapping of schemas/activity.avsc: every field of the policy is the schema's field of the same name. */
void pl_mapping_default(pl_mapping *out, const pl_policy *policy);

#endif
