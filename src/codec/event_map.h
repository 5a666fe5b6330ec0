/* Event map: what event_map.c makes of a mapping and event_decode.c works with; nobody else's business. */
#ifndef PL_CODEC_EVENT_MAP_H
#define PL_CODEC_EVENT_MAP_H

#include "codec/event_decode.h"
#include "codec/plan.h"

enum {
  PL_PIECES_MAX = 16,
  PL_WANTS_MAX = PL_FIELDS_MAX + PL_PIECES_MAX + 8 + 6 + 3,
  PL_TYPES_OWN = PL_TYPE_HEARTBEAT - PL_TYPE_LAST + 1
};

/* What a word on a goal is made of. */
enum {
  PL_WORD_NAME,
  PL_WORD_METRIC,
  PL_WORD_PERIOD,
  PL_WORD_TARGET,
  PL_WORD_PLAN,
  PL_WORD_BY,
  PL_WORD_PARTS
};

/* What an answer is made of. */
enum { PL_ANSWER_ALERT, PL_ANSWER_REASON, PL_ANSWER_PLAN, PL_ANSWER_PARTS };

/* An enum's symbols as event types, by ordinal. */
typedef struct {
  const pl_node *node;
  int16_t *types;
} pl_type_table;

struct pl_event_reader {
  pl_plan *plan;               /* NULL: rows of text */
  pl_want wants[PL_WANTS_MAX]; /* by slot; a path that is wanted twice has one slot */
  size_t nwants;
  struct {
    pl_str text;           /* before the slot's value */
    int slot;              /* -1: only text */
  } pieces[PL_PIECES_MAX]; /* of the id */
  size_t npieces;
  int rep, at, type, retracts, metric, adds, source, complete_to; /* slots; -1: not mapped */
  int goal[PL_WORD_PARTS], answer[PL_ANSWER_PARTS];               /* slots */
  char goal_paths[PL_WORD_PARTS][PL_PATH_MAX + 1], answer_paths[PL_ANSWER_PARTS][PL_PATH_MAX + 1];
  int fields[PL_FIELDS_MAX];
  size_t nfields;              /* the policy's, and mapped ones beyond: those are written in each event */
  bool amount[PL_FIELDS_MAX];  /* a metric adds it up: text is read as a number */
  bool instant[PL_FIELDS_MAX]; /* a metric measures from it */
  const char *at_format;
  int32_t at_of_day;
  int type_constant;
  pl_type_value values[2 * PL_TYPES_MAX + PL_TYPES_OWN];
  size_t nvalues;
  pl_type_table tables[8];
  size_t ntables;
  char texts[(PL_PATH_MAX + 1) * 2]; /* the template's pieces, cut apart */
  char missing[256];
};

_Static_assert((int)PL_WANTS_MAX <= (int)PL_SLOTS_MAX, "a mapping fits a plan");

int pl_event_type(const pl_event_reader *reader, pl_str value); /* by the list of values */

#endif
