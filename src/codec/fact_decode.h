/* Fact reader: the values of crm.roster, crm.goals and crm.teams (schemas/roster.avsc, goals.avsc, team.avsc)
 * as the core's facts.
 *
 * The same bounded decoder as for events; fields are found by name, so a writer's schema may lack the
 * optional ones or have more. Texts borrow from the body, lists live in the caller's arena (at most
 * PL_FACT_BYTES). Dates are Avro dates; null is PL_DAY_ALWAYS. Lists with a `from` come out ascending. */
#ifndef PL_CODEC_FACT_DECODE_H
#define PL_CODEC_FACT_DECODE_H

#include "base/mem.h"
#include "codec/schema.h"
#include "paceline/policy.h"

enum { PL_SINCE_MAX = 64, PL_FACT_BYTES = 128 * 1024 };

typedef enum { PL_FACT_REP, PL_FACT_GOALS, PL_FACT_TEAM } pl_fact_kind;
typedef struct pl_fact_reader pl_fact_reader;

/* `schema` is borrowed and must outlive the reader. */
pl_status pl_fact_reader_new(pl_fact_reader **out, const pl_schema *schema, pl_fact_kind kind,
                             pl_err *err) PL_MUST_CHECK;
void pl_fact_reader_free(pl_fact_reader **reader);

/* Each for a reader of its kind. PL_APPLIED, or the reason with a text in `why` (may be NULL). */
pl_reason pl_rep_decode(const pl_fact_reader *reader, pl_str body, pl_arena *arena, pl_rep_fact *out,
                        pl_err *why);
pl_reason pl_goals_decode(const pl_fact_reader *reader, pl_str body, pl_arena *arena, pl_goals_fact *out,
                          pl_err *why);
pl_reason pl_team_decode(const pl_fact_reader *reader, pl_str body, pl_team_fact *out, pl_err *why);

#endif
