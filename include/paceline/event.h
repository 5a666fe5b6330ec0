/* Event: one thing that happened in the CRM, as the core sees it. Everything borrows from the record it came
 * from and is valid during the call only. */
#ifndef PACELINE_EVENT_H
#define PACELINE_EVENT_H

#include <stdbool.h>

#include "base/text.h"
#include "base/time.h"

enum {
  PL_FIELDS_MAX = 16,  /* fields a mapping can name beside id, rep, at and type */
  PL_TYPES_MAX = 64,   /* event types a policy can name */
  PL_ID_MAX = 255,     /* bytes of an event's, rep's or team's id */
  PL_FIELD_MAX = 1024, /* bytes of a text field; longer is rejected */
};

typedef enum { PL_NONE, PL_BOOL, PL_INT, PL_REAL, PL_DECIMAL, PL_TEXT, PL_INSTANT } pl_value_kind;

typedef struct {
  pl_value_kind kind;
  bool is_local; /* PL_INSTANT: the core resolves it in the rep's zone */
  int scale;     /* PL_DECIMAL: the value is i / 10^scale */
  int64_t i;     /* PL_BOOL (0, 1), PL_INT, PL_DECIMAL, PL_INSTANT (milliseconds) */
  double d;      /* PL_REAL, always finite */
  pl_str s;      /* PL_TEXT; enums by their symbol's name */
} pl_value;

/* Types below zero are paceline's own words, whatever the policy names. */
enum {
  PL_TYPE_OTHER = -1,
  PL_TYPE_HEARTBEAT = -2,
  PL_TYPE_ADJUSTMENT = -3,
  PL_TYPE_GOAL_PROPOSED = -4, /* words on a goal of the rep, in pl_event.goal: down to... */
  PL_TYPE_GOAL_AGREED = -5,
  PL_TYPE_GOAL_PAUSED = -6,
  PL_TYPE_GOAL_RESUMED = -7, /* ...here */
  PL_TYPE_ANSWER = -8,       /* to an alert, in pl_event.answer */
  PL_TYPE_LAST = PL_TYPE_ANSWER
};

/* These by name: "heartbeat", "adjustment", "goal_proposed", ...; PL_TYPE_OTHER: it is none of them. */
int pl_type_own(pl_str name);
const char *pl_type_own_name(int type);
static inline bool pl_type_is_word(int type) {
  return type <= PL_TYPE_GOAL_PROPOSED && type >= PL_TYPE_GOAL_RESUMED;
}

/* What somebody says about a goal. */
typedef struct {
  pl_str name;         /* of the goal */
  pl_str metric, plan; /* empty: as they are */
  pl_str by;           /* who says it; empty: the rep */
  int period;          /* pl_unit; -1: as it is */
  double target;       /* in the metric's unit; NAN: as it is */
} pl_goal_word;

/* What a rep says to an alert that they were told. */
typedef struct {
  pl_str alert;        /* its id */
  pl_str reason, plan; /* in their words: why it is so, what they will do; either may be empty */
} pl_answer_word;

typedef struct {
  pl_str id;                      /* event_id */
  pl_str rep;                     /* whose event it is */
  pl_wall at;                     /* occurred_at */
  bool at_is_local;               /* `at` holds local wall milliseconds: the core resolves them... */
  const char *zone;               /* ...in that zone; NULL: the rep's */
  int type;                       /* index into pl_policy.types, or PL_TYPE_* */
  pl_value fields[PL_FIELDS_MAX]; /* by pl_policy.fields; PL_NONE: absent or null */
  pl_str currency;                /* of its amounts; empty: not said */
  bool more; /* the rep's next event counts in the place of what this one takes back: judged together */
  /* A retraction names what it takes back, and carries its rep, instant, type and fields; else empty. */
  pl_str retracts;
  /* adjustment only: what to add to which metric, `at` saying in which of its windows */
  pl_str metric;
  pl_value amount;
  /* heartbeat only */
  pl_str source;
  pl_wall complete_to;
  const pl_goal_word *goal;     /* words on a goal only */
  const pl_answer_word *answer; /* answer only */
} pl_event;

/* Why an event was not applied. The names are in pl_reason_name; each is counted and travels with the dead
 * letter. */
typedef enum {
  PL_APPLIED,
  PL_DUPLICATE, /* its id is among the rep's remembered ids: counted, nothing else */
  PL_SKIPPED,   /* at or below the entity's applied offset: replay after a restart */
  PL_UNMAPPED,  /* a record of which no mapping makes an event: counted, nothing else */
  PL_LATE,      /* no declared window holds its instant any more */
  PL_FUTURE,    /* more than future_tolerance beyond its own record's timestamp */
  PL_NO_REP,    /* the rep's id is empty */
  PL_BAD_ID,    /* an id is empty, longer than PL_ID_MAX, or holds control characters or invalid UTF-8 */
  PL_BAD_VALUE, /* a number that does not fit the metric: range, digits lost, text where a number must be */
  PL_CURRENCY,  /* an amount in another unit than that of a metric that adds it up */
  PL_ERASED,    /* the rep was erased: counted, kept nowhere */
  PL_TOO_MANY,  /* more unknown reps than the cap */
  PL_WIRE,      /* not 0x00 and a schema id: empty, too short, or another wire version */
  PL_SCHEMA,    /* no schema with this id */
  PL_BODY,      /* the body does not decode by its schema */
  PL_TOO_LARGE, /* the message or one of its texts is longer than the limit */
  PL_NO_TIME,   /* no occurred_at, or out of range */
  PL_NO_TYPE,   /* no type */
  PL_STAMP,     /* the record's own timestamp is absent, or beyond the clock and future_tolerance */
  PL_MISROUTED, /* the record lies in another partition than its rep's home */
  PL_NO_GOAL,   /* a word on a goal that is not there, or not in a state for it */
  PL_NO_ALERT,  /* an answer to an alert that is not told, or not open any more, or not the rep's */
  PL_GOALS_IN_FILE, /* a word on a goal, and goals are in the configuration file: change them there */
  PL_REASONS
} pl_reason;

const char *pl_reason_name(pl_reason reason); /* "late", "future", ... */
/* What was found and what to do, of what the core refuses; "": it takes more than the reason to say. */
const char *pl_reason_text(pl_reason reason);

#endif
