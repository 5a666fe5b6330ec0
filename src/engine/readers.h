/* Readers: schemas and the programs that decode by them (readers.c). */
#ifndef PL_ENGINE_READERS_H
#define PL_ENGINE_READERS_H

#include "codec/event_decode.h"
#include "codec/fact_decode.h"
#include "config/config.h"
#include "ports.h"

typedef struct pl_readers pl_readers;

pl_status pl_readers_new(pl_readers **out, const pl_config *config, pl_err *err) PL_MUST_CHECK;
void pl_readers_free(pl_readers **readers);
size_t pl_readers_most(const pl_readers *readers);   /* events that one record can be */
bool pl_readers_json(const pl_readers *readers);     /* activities may be JSON */
pl_made *pl_readers_room(const pl_readers *readers); /* for those of one record at a time */
/* PL_APPLIED and `n` events (0: the record is none), or why not; `out` has room for the most. `texts`: of
 * JSON; NULL: the readers' own, until the next call. */
pl_reason pl_readers_events(pl_readers *readers, pl_str value, pl_json_room *texts, pl_made *out, size_t *n,
                            int32_t *schema_id, pl_err *why);
/* Of the record that was read last and is no event, by mapping: which condition did not hold; NULL: none of
 * them. */
const pl_condition *const *pl_readers_unmet(const pl_readers *readers);
pl_reason pl_readers_rep(pl_readers *readers, pl_str value, pl_arena *arena, pl_rep_fact *out, pl_err *why);
pl_reason pl_readers_goals(pl_readers *readers, pl_str value, pl_arena *arena, pl_goals_fact *out,
                           pl_err *why);
pl_reason pl_readers_team(pl_readers *readers, pl_str value, pl_team_fact *out, pl_err *why);

/* --- schemas from a registry */

enum { PL_SCHEMAS_MAX = 4096 };
/* Does the record name a schema that is not known, and that a registry may know? */
bool pl_readers_lack(const pl_readers *readers, pl_str value, int32_t *id);
/* The text of a schema; p NULL: there is none, why, which is believed for a minute. One that is known already
 * stays as it is. */
void pl_readers_put(pl_readers *readers, int32_t id, pl_str text, const char *why, pl_mono now);
/* Does a schema that was put fit a topic's records? `words`: why not, or what it lacks; empty: all is there.
 */
bool pl_readers_fit(const pl_readers *readers, int32_t id, pl_topic topic, pl_buf *words);
/* For who can wait: called for such a schema while a record is read; `fn` puts it, or does not. */
typedef void pl_lack_fn(void *ctx, pl_readers *readers, int32_t id);
void pl_readers_on_lack(pl_readers *readers, pl_lack_fn *fn, void *ctx);
/* What there was none of a minute ago; when there is more to forget, INT64_MAX: never. */
pl_mono pl_readers_forget(pl_readers *readers, pl_mono now);

#endif
