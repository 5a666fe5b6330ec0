/* Mapping: the user's record onto paceline's event, as the configuration says it: our field, the user's path.
 *
 * One topic has one or more mappings (several events out of one record); the first word of a path is a field
 * of the record, dots go down into nested records (a null on the way is an absent value). Immutable, owned by
 * the configuration's arena. */
#ifndef PL_CODEC_MAPPING_H
#define PL_CODEC_MAPPING_H

#include "paceline/event.h"

typedef struct {
  const char *from; /* the user's value as text (enums by symbol) */
  int type;         /* index into pl_policy.types, or PL_TYPE_HEARTBEAT */
} pl_type_value;

typedef struct {
  const char *id; /* a path, or a template such as "{opportunity_id}/closed" */
  const char *rep;
  const char *at;        /* path of the event time */
  const char *at_format; /* strptime-like, for text: %Y %m %d %H %M %S %z; NULL: ISO 8601 text, or a number */
  int32_t at_of_day;     /* seconds of the rep's local day for a date without a time; -1: not given */
  const char *type_path; /* or NULL with... */
  int type_constant;     /* ...the type every record has */
  const pl_type_value *type_values; /* the value's own name when the list is empty and the policy names it */
  size_t ntype_values;
  const char *fields[PL_FIELDS_MAX]; /* path by pl_policy.fields, NULL: not mapped */
  const char *source, *complete_to;  /* heartbeat paths, or NULL */
} pl_mapping;

#endif
