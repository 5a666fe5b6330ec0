/* Event map: what event_map.c makes of mappings, and event_decode.c and event_fill.c work with; nobody else's
 * business. */
#ifndef PL_CODEC_EVENT_MAP_H
#define PL_CODEC_EVENT_MAP_H

#include "base/mem.h"
#include "codec/event_decode.h"
#include "codec/event_value.h"
#include "codec/json_plan.h"
#include "codec/plan.h"

enum {
  PL_PIECES_MAX = 16, /* of all templates of a mapping */
  PL_LISTS_MAX = 8,   /* different lists that paths lead into */
  PL_TABLES_MAX = 4,
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

/* What an event is made of: each is a pl_from. */
enum {
  PL_OF_REP_ID,
  PL_OF_AT,
  PL_OF_TYPE,
  PL_OF_CURRENCY,
  PL_OF_SHARE,
  PL_OF_MORE,
  PL_OF_METRIC,
  PL_OF_ADDS,
  PL_OF_SOURCE,
  PL_OF_COMPLETE_TO,
  PL_OF_GOAL,
  PL_OF_ANSWER = PL_OF_GOAL + PL_WORD_PARTS,
  PL_OF_PIECES = PL_OF_ANSWER + PL_ANSWER_PARTS, /* of the id, then of what is retracted */
  PL_OF_FIELDS = PL_OF_PIECES + PL_PIECES_MAX,
  PL_PARTS = PL_OF_FIELDS + PL_FIELDS_MAX
};

/* Where a part comes from: the first of the slots that is filled, else the constant. */
typedef struct {
  const char *what;        /* in messages: "id", "amount" */
  const pl_slot *constant; /* NULL: none */
  const pl_rename *values;
  uint32_t nvalues;
  uint8_t n, slots[PL_PATHS_MAX];
} pl_from;

/* "{opportunity_id}/closed": before each piece's value a text; of the last perhaps only that. */
typedef struct {
  uint8_t first, n; /* pieces */
} pl_template;

/* A word that stands for an event type. */
typedef struct {
  pl_str word;
  int type;
} pl_type_word;

/* An enum's symbols as event types, by ordinal. */
typedef struct {
  const pl_node *node;
  int16_t *types; /* PL_TYPE_UNLISTED: no event */
} pl_type_table;

enum { PL_TYPE_UNLISTED = INT16_MIN };

typedef struct {
  const pl_condition *as; /* as it is written */
  uint8_t slot, other;
  int8_t list; /* what is asked of some item of it; -1: of the record, or of the item that is at hand */
  uint8_t bit; /* of a list: in `held` */
} pl_check;

typedef enum { PL_NO_IMAGE, PL_IMAGE_BEFORE, PL_IMAGE_AFTER } pl_image;

/* One mapping, of one image of a row. */
typedef struct {
  const pl_mapping *as;
  size_t nth; /* which of the mappings */
  pl_image image;
  uint64_t row;      /* the slots of the image: if none is filled, there is no such row */
  int list;          /* of `each`; -1: none */
  bool apart;        /* the id tells the items of the list apart */
  bool fits;         /* this writer has what it takes */
  const char *lacks; /* else: the first part that is not there */
  pl_check checks[PL_CONDITIONS_MAX];
  size_t nchecks;
  pl_from parts[PL_PARTS];
  pl_str texts[PL_PIECES_MAX]; /* before the pieces */
  pl_template id, retracts;
  pl_type_word values[2 * PL_TYPES_MAX + PL_TYPES_OWN];
  size_t nvalues;
  pl_type_table tables[PL_TABLES_MAX];
  size_t ntables;
} pl_event_item;

struct pl_event_reader {
  pl_form form;
  const pl_policy *policy;
  pl_plan *plan;               /* AVRO */
  pl_json_plan *json;          /* JSON */
  pl_want wants[PL_SLOTS_MAX]; /* by slot; a path that is wanted twice has one slot */
  size_t nwants;
  pl_event_item *items; /* in the order of the mappings, before the row's change before after it */
  size_t nitems, room, most;
  size_t nfields;                  /* the policy's, and mapped ones beyond: those are written in each event */
  bool amount[PL_FIELDS_MAX];      /* a metric adds it up: text is read as a number */
  bool instant[PL_FIELDS_MAX];     /* a metric measures from it */
  bool thing[PL_FIELDS_MAX];       /* a metric counts different ones: a number is read as a word */
  uint8_t decimals[PL_FIELDS_MAX]; /* the most that a metric keeps of it */
  struct {
    pl_str path;    /* up to its [] */
    uint64_t slots; /* that lead into it */
    bool each;      /* its items are kept... */
    pl_slot *rows;  /* ...here, slots of the mask in ascending order, PL_EACH_MAX times */
    size_t nrows, width;
  } lists[PL_LISTS_MAX]; /* of the record that is being read */
  size_t nlists;
  uint64_t held; /* checks on lists that some item of it has met */
  size_t nheld;
  const pl_condition *unmet[PL_MAPPINGS_MAX]; /* by mapping: what did not hold */
  pl_arena *arena;                            /* paths and constants */
  char missing[512];
};

int pl_event_type(const pl_event_item *item, pl_str value); /* by the list of values */
static inline const pl_slot *pl_event_pick(const pl_from *from, const pl_slot *slots) {
  for (size_t i = 0; i < from->n; i++)
    if (slots[from->slots[i]].node) return &slots[from->slots[i]];
  return from->constant;
}
pl_reason pl_event_refuse(const pl_event_reader *r, const pl_from *from, pl_reason reason, const char *text,
                          pl_err *why);

/* event_check.c: can this writer's types be what they are mapped to; can text be the event's time? */
pl_status pl_event_check(const pl_event_reader *reader, pl_event_item *item, pl_err *err) PL_MUST_CHECK;
pl_status pl_event_check_format(const pl_mapping *mapping, pl_err *err) PL_MUST_CHECK;

/* Slots to the item's event (event_fill.c); `from`, `to`: of its share, in millionths. PL_UNMAPPED: its type
 * is none that is listed. */
pl_reason pl_event_fill(const pl_event_reader *reader, const pl_event_item *item, const pl_slot *slots,
                        int64_t from, int64_t to, pl_made *out, pl_err *why);

#endif
