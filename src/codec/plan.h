/* Plan: a writer's schema and the paths that somebody wants, compiled into a flat program over a body.
 *
 * avro-c's own decoder trusts what it reads (RULES); this one does not. It is a loop over small operations
 * that walk the body once: what nobody wants is skipped in fused runs, what is wanted lands in numbered
 * slots, texts borrowed from the body. It checks lengths against what remains, ordinals against symbols,
 * branches against unions, nesting against PL_DEPTH_MAX, and the number of items against the body's size, so
 * that its work is linear in the body whatever the body says. It neither allocates nor recurses.
 *
 * A path (codec/path.h) finds a field by its name or by one of its aliases, and goes through unions (another
 * branch, a null: the slot stays absent). `things[].name` is wanted once an item, and the items go to a
 * callback. A wanted key that a map has twice is refused. */
#ifndef PL_CODEC_PLAN_H
#define PL_CODEC_PLAN_H

#include "codec/schema.h"
#include "paceline/event.h"

enum { PL_SLOTS_MAX = 64, PL_SPARE_ITEMS = 1024 /* items a body may have beyond one a byte */ };

typedef struct {
  const char *path; /* different paths in different slots; borrowed, outlives the plan */
  const char *what; /* what it is wanted for, in messages: "id", "fields.amount" */
  bool required;    /* for pl_plan_check() */
  int list;         /* paths with []: which list, for the callback */
} pl_want;

/* What a path led to. Whole and well-formed by its type; logical types other than decimal, and the UTF-8 of
 * texts, are the reader's to judge, who knows what they are for. */
typedef struct {
  const pl_node *node; /* NULL: absent or null */
  pl_value value;      /* PL_AVRO_ENUM: the symbol in s and its ordinal in i; PL_AVRO_FIXED: bytes in s */
} pl_slot;

typedef struct pl_plan pl_plan;

/* `schema` is borrowed and must outlive the plan. A path that leads nowhere is no failure, its slot is always
 * absent: the plan may serve several readers, of which one can do without. Refused: what needs too many
 * steps. */
pl_status pl_plan_new(pl_plan **out, const pl_schema *schema, const pl_want *wants, size_t nwants,
                      pl_err *err) PL_MUST_CHECK;
void pl_plan_free(pl_plan **plan);
/* Why a path leads nowhere in this schema, NULL: it does not. What leads to something unusable (`wrong`, may
 * be NULL) is a mistake in the path, what is not there may be so in an older version of the schema only. */
const char *pl_plan_lacks(const pl_plan *plan, size_t slot, bool *wrong);
/* Refuses a plan that lacks what is required, or has a path to something unusable. */
pl_status pl_plan_check(const pl_plan *plan, const pl_want *wants, size_t nwants, pl_err *err) PL_MUST_CHECK;
/* The types that a slot can be filled from (several in a union), at most `max`; returns how many. */
size_t pl_plan_types(const pl_plan *plan, size_t slot, const pl_node **out, size_t max);

/* One item of a list is complete in its slots; anything but PL_APPLIED ends the run. */
typedef pl_reason pl_item_fn(void *ctx, int list, const pl_slot *slots, pl_err *why);

/* Fills slots [0, nwants). PL_APPLIED, or PL_BODY, PL_TOO_LARGE, PL_BAD_VALUE with a text in `why` (which may
 * be NULL and is written on failure only). */
pl_reason pl_plan_run(const pl_plan *plan, pl_str body, pl_slot *slots, pl_item_fn *on_item, void *ctx,
                      pl_err *why);

#endif
