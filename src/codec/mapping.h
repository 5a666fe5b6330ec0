/* Mapping: the user's record onto paceline's event, as the configuration says it: our field, the user's path.
 *
 * One topic has one or more mappings: several events out of one record. Each may ask for conditions, may
 * stand for the images of a row before and after its change, and may make an event of each item of a list. A
 * path goes down from the record (codec/plan.h); a null on the way is an absent value; of rows of a table it
 * is the column's name. Immutable, owned by the configuration's arena. */
#ifndef PL_CODEC_MAPPING_H
#define PL_CODEC_MAPPING_H

#include "paceline/policy.h"

enum {
  PL_PATH_MAX = 255, /* bytes of a path or a template */
  PL_PATHS_MAX = 4,  /* that one value can come from */
  PL_CONDITIONS_MAX = 16,
  PL_MAPPINGS_MAX = 16, /* of one topic */
  PL_EACH_MAX = 32,     /* items that `each` makes events of */
  PL_EVENTS_MAX = 64,   /* of one record: each item of a list, of a row before and after its change */
};

typedef struct {
  const char *from; /* their value as text (enums by symbol) */
  const char *to;   /* ours */
} pl_rename;

/* Where a value comes from: the first of the paths that leads to one, else the constant. */
typedef struct {
  const char *paths[PL_PATHS_MAX]; /* NULL: no more of them */
  const char *constant;            /* NULL: none */
  const pl_rename *values;         /* a value that is not among them stays as it is */
  size_t nvalues;
} pl_origin;

typedef enum {
  PL_TEST_IS,      /* one of the values; of a path with []: of some item */
  PL_TEST_IS_NOT,  /* none of them, or absent */
  PL_TEST_DIFFERS, /* from what is at the other path; both absent is the same */
  PL_TEST_PRESENT,
  PL_TEST_ABSENT
} pl_test;

typedef struct {
  const char *path;
  pl_test test;
  const char *const *values; /* IS, IS_NOT */
  size_t nvalues;
  const char *other; /* DIFFERS */
} pl_condition;

typedef struct {
  const char *from; /* the user's value as text (enums by symbol) */
  int type;         /* index into pl_policy.types, or PL_TYPE_HEARTBEAT and the others below zero */
} pl_type_value;

typedef enum { PL_EPOCH_MS, PL_EPOCH_S, PL_EPOCH_US, PL_EPOCH_NS } pl_epoch_unit;

typedef struct {
  const pl_condition *when; /* all of them must hold, or there is no such event */
  size_t nwhen;
  /* The paths of a row before and after its change: `$` in every other path is each of the two in turn. What
   * the row made before and does not make now is taken back, what it makes now and did not before counts.
   * NULL: the record is no such change. */
  const char *before, *after;
  const char
      *each;      /* "splits[]": an event of each item, which "splits[].owner" leads into; NULL: one event */
  const char *id; /* a path, or a template such as "{opportunity_id}/closed"; one that does not tell items
                     apart gets the rep after it */
  pl_origin rep;
  pl_origin at;
  const char *at_format; /* strptime-like, for text (when.h); NULL: ISO 8601 text, or a number... */
  pl_epoch_unit at_unit; /* ...of these since 1970 */
  int32_t at_of_day;     /* seconds of the local day for a date without a time; -1: not given */
  const char *at_zone;   /* of what says only what a clock showed; NULL: the rep's own */
  pl_origin type;
  int type_constant; /* of a type without a path */
  /* A value that is not listed is no event. Empty list: the policy's types by their own names, others are
   * PL_TYPE_OTHER. The words `heartbeat` and `adjustment` are that in either case if `complete_to`, `metric`
   * are mapped and the list does not have them. */
  const pl_type_value *type_values;
  size_t ntype_values;
  pl_origin fields[PL_FIELDS_MAX];  /* by pl_policy.fields */
  pl_origin currency;               /* of amounts */
  const char *share;                /* with `each`: how much of the amounts is this item's... */
  double share_of;                  /* ...of so much in all */
  const char *retracts;             /* a path or template of the id that a retraction takes back, or NULL */
  const char *more;                 /* the path of a boolean: pl_event.more, or NULL */
  const char *metric, *amount;      /* adjustment paths, or NULL */
  const char *source, *complete_to; /* heartbeat paths, or NULL */
  const char *goal;   /* path of a record with name, metric, period, target, plan and by, or NULL: words on
                         goals. `goal_proposed` and the other types are recognised if it is mapped */
  const char *answer; /* path of a record with alert, reason and plan, or NULL: `answer`, in the same way */
} pl_mapping;

/* The mapping of schemas/activity.avsc: every field of the policy is the schema's field of the same name. */
void pl_mapping_default(pl_mapping *out, const pl_policy *policy);
/* How many events can come out of a record. */
size_t pl_mappings_most(const pl_mapping *mappings, size_t n);

#endif
