/* JSON plan: wanted paths, compiled into a tree that a JSON text is walked along; plan.h's slots, of JSON.
 *
 * One pass over the bytes, strict by RFC 8259: UTF-8, numbers, no comma too many, nothing behind the value.
 * It neither allocates nor recurses; a wanted text with escapes is written into a room of the caller's,
 * others are borrowed. A name that is wanted and comes twice in its object is refused: readers would not
 * agree on which one counts. Others are not looked at beyond their form.
 *
 * Slots: text; integers of 64 bits; fractions of at most 18 digits as exact decimals, longer ones and those
 * with an exponent as reals; booleans; null is absent. A path that leads to an object or a list is refused
 * with the value, unless another one leads on from there; a path that leads on from anything else is absent.
 */
#ifndef PL_CODEC_JSON_PLAN_H
#define PL_CODEC_JSON_PLAN_H

#include "codec/plan.h"

enum { PL_JSON_ROOM = 16 << 10, PL_PLACES_MAX = 4096 };

/* Texts that had escapes; as long-lived as the slots. */
typedef struct pl_json_room pl_json_room;
struct pl_json_room {
  size_t n;
  char text[PL_JSON_ROOM];
};

typedef struct pl_json_plan pl_json_plan;

/* Refuses what is no path. */
pl_status pl_json_plan_new(pl_json_plan **out, const pl_want *wants, size_t nwants,
                           pl_err *err) PL_MUST_CHECK;
void pl_json_plan_free(pl_json_plan **plan);

/* As pl_plan_run(). The slots' nodes are constants: string, long, decimal, double, boolean. */
pl_reason pl_json_plan_run(const pl_json_plan *plan, pl_str text, pl_json_room *room, pl_slot *slots,
                           pl_item_fn *on_item, void *ctx, pl_err *why);

#endif
