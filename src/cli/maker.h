/* Maker: events, whatever made them, as records of schemas/activity.avsc: what import and rekey write, and
 * what `check --sample` looks at.
 *
 * An instant that says only what a clock on the wall showed is resolved as the engine would: in the zone that
 * the mapping names, else in the rep's own as the configuration's roster has it, else in the default zone. */
#ifndef PL_CLI_MAKER_H
#define PL_CLI_MAKER_H

#include "codec/event_decode.h"
#include "config/config.h"
#include "paceline/core.h"

typedef struct pl_maker pl_maker;

/* `set` is what makes the events, NULL: they are only looked at; both are borrowed. REJECT: there is no such
 * schema, or `set` names a field that it has no place for. */
pl_status pl_maker_new(pl_maker **out, const pl_config *config, const pl_mapping_set *set,
                       pl_zone_load_fn *load_zone, pl_err *err) PL_MUST_CHECK;
void pl_maker_free(pl_maker **maker);

/* What came of an event. */
typedef struct {
  pl_wall at;
  pl_str rep;          /* as long-lived as the maker */
  bool known;          /* the roster has the rep */
  const pl_zone *zone; /* the rep's */
} pl_maker_told;

/* Who it is of, and when. */
void pl_maker_look(pl_maker *maker, const pl_event *event, pl_maker_told *told);
/* The same, and the event as a record's whole value behind what is in `out`. PL_BAD_VALUE: nothing is there.
 */
pl_reason pl_maker_put(pl_maker *maker, const pl_made *made, pl_buf *out, pl_maker_told *told, pl_err *why);
/* That `source` has said everything up to then; the same for every partition. */
void pl_maker_heartbeat(const pl_maker *maker, const char *source, pl_wall at, pl_wall complete_to,
                        pl_buf *out);
/* When the last of the declared calendar windows that hold that instant has ended for everybody. */
pl_wall pl_maker_end(const pl_maker *maker, pl_wall at);

#endif
