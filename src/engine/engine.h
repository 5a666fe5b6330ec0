/* Engine: one process's partitions, from records to what Redis shows.
 *
 * The engine joins what the ports give it: records go through the readers into the core of their partition,
 * what the core changed is flushed to the store, alerts leave through the outbox. It owns no socket and no
 * thread; whoever drives it calls tick and waits as long as tick says.
 *
 *   readers      schemas and mappings: bytes -> events and facts
 *   records      what a record of each topic does
 *   await        partitions that wait for a schema
 *   facts        who there is and what was agreed, from the configuration or from records
 *   tenure       the time that a partition is ours: claim, facts, state, begin, consume
 *   entry        where in its log a tenure goes on, and what forbids it
 *   doubt        is what memory holds still true, and is it still ours
 *   feed         is what is known late, and who hears of it
 *   flush        what changed, in batches, and then the mark
 *   commit       what Kafka is told of the marks, and what it says to that
 *   dead         refused records on their way to the dead-letter topic; they hold the mark back
 *   home         the teams whose home is here, added up from all partitions' parts
 *   average      what the teams of a tenure's reps show by member
 *   outbox       alerts on their way to endpoints; twins: what takes back what; settle: what became of each
 *   delivery     one of them, and who still has to take it; gate: may it be told now; addressee: to whom
 *   lane         what waits for one address at an endpoint; parcel: as one message; station: how it fares
 *   digests      who gets one now; digest_job: one being made
 *   voice        what people say through this process
 *   reload       another configuration in place of this one
 *   status       readiness, with reasons, and metrics; exposition: how those are written */
#ifndef PL_ENGINE_ENGINE_H
#define PL_ENGINE_ENGINE_H

#include "config/config.h"
#include "paceline/core.h"
#include "ports.h"

typedef struct {
  const pl_config *config;
  pl_source *source;
  pl_store *store;
  pl_sender *sender;
  pl_registry *registry;   /* NULL: schemas come from files alone */
  const pl_linker *linker; /* NULL: there are no links */
  pl_clock clock;
  pl_zone_load_fn *load_zone;
  void *zone_ctx;
  void (*wake)(void *ctx); /* something is due: call tick soon */
  void *wake_ctx;
  void (*on_said)(void *ctx, uint32_t number, bool taken); /* of pl_engine_say; never inside it */
  void *said_ctx;
} pl_engine_ports;

typedef struct pl_engine pl_engine;

/* Borrows everything in `ports` for its life. REJECT: a schema or zone cannot be read; the text says which.
 */
pl_status pl_engine_new(pl_engine **out, const pl_engine_ports *ports, pl_err *err) PL_MUST_CHECK;
void pl_engine_free(pl_engine **engine);
pl_status pl_engine_start(pl_engine *engine, pl_err *err) PL_MUST_CHECK;

/* Takes over another configuration, with the sender to its endpoints, once everything is written; until
 * pl_engine_config says so, and after that, both are borrowed. What cannot change at run time (fixed.c) must
 * be the same in it. REJECT: a schema or zone cannot be read, and nothing changes. */
pl_status pl_engine_reload(pl_engine *engine, const pl_config *config, pl_sender *sender,
                           pl_err *err) PL_MUST_CHECK;
const pl_config *pl_engine_config(const pl_engine *engine); /* the one in use */

/* Does what is due; returns how long nothing will be. */
pl_dur pl_engine_tick(pl_engine *engine);

/* Shutdown in two steps: take nothing new, write what is there, leave the group; then done. */
void pl_engine_drain(pl_engine *engine);
bool pl_engine_done(const pl_engine *engine);
bool pl_engine_failed(const pl_engine *engine); /* ended by what waiting does not mend; the log says why */

/* Writes a record about a rep into the stream of activities. False: not now; else on_said is called when
 * Kafka has it, or will not have it. */
bool pl_engine_say(pl_engine *engine, pl_str rep, pl_str value, uint32_t number);
/* Asks Redis; false: it is not there, and `fn` is not called. */
bool pl_engine_ask(pl_engine *engine, pl_str command, pl_reply_fn *fn, void *ctx);
bool pl_engine_manages(const pl_engine *engine, pl_str manager, pl_str rep, pl_str team);

/* The reasons why it is not ready, one a line; true: there are none. Warnings begin with "warning: ". */
bool pl_engine_ready(const pl_engine *engine, pl_buf *reasons);
void pl_engine_metrics(const pl_engine *engine, pl_buf *out); /* Prometheus text format 0.0.4 */

#endif
