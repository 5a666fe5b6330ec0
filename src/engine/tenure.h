/* Tenure: the time during which a partition is ours (tenure.c says what leads where). */
#ifndef PL_ENGINE_TENURE_H
#define PL_ENGINE_TENURE_H

#include "codec/token.h"
#include "engine/average.h"
#include "engine/commit.h"
#include "engine/dead.h"
#include "engine/digests.h"
#include "engine/feed.h"
#include "engine/flush.h"
#include "engine/home.h"
#include "engine/outbox.h"

typedef enum {
  PL_TENURE_CLAIMING,  /* our token is on its way into the mark */
  PL_TENURE_FACTS,     /* roster and goals are being read */
  PL_TENURE_RECALLING, /* there is no mark: has the group counted the partition before? */
  PL_TENURE_LOADING,   /* recorded state is being read */
  PL_TENURE_LIVE,      /* counts and writes */
  PL_TENURE_ASKING,    /* counts, writes nothing: the store was away; is the mark still ours? */
  PL_TENURE_PROVING, /* counts, writes nothing: the store has lost the mark; ours again once Kafka says so */
  PL_TENURE_FENCED, /* another process wrote its token into the mark; from the beginning once Kafka says so */
  PL_TENURE_FROZEN, /* the group has taken it away, and may give it back */
  PL_TENURE_HELD,   /* mark or state cannot be used: an operator must decide */
} pl_phase;

typedef enum { PL_PROOF_NONE, PL_PROOF_ASKED, PL_PROOF_GIVEN } pl_proof;

struct pl_tenure {
  pl_tenure *next_tenure;
  pl_engine *engine;
  int32_t partition;
  uint32_t serial; /* answers to an earlier tenure of the partition are told by it */
  pl_phase phase;
  pl_mono due;    /* when the phase acts (again); INT64_MAX: an answer is awaited */
  pl_proof proof; /* Kafka has accepted a commit that was sent in this phase: the partition is ours */
  pl_token owner; /* our token */
  uint32_t leases;
  char held[400]; /* why it is held; "": it is not */
  pl_core *core;
  bool taught;       /* what the configuration says */
  bool followed;     /* roster and goals were read to their end */
  bool astray;       /* the log does not reach where it goes on: held, if what is in memory is still true
                      */
  int64_t taken;     /* the next offset expected; PL_OFFSET_NONE: whatever the source begins with */
  int64_t next;      /* the next offset to be counted */
  pl_witness last;   /* counted */
  pl_wall known;     /* everything up to here has been counted: deadlines may fire */
  int64_t mark;      /* as in Redis; PL_OFFSET_NONE: there is none */
  pl_times marked;   /* with it */
  int64_t committed; /* as in Kafka */
  pl_commit kept;    /* of that */
  bool caught_up;    /* was at the end once */
  pl_mono ended;     /* was at the end last */
  pl_feed feed;
  pl_flush flush;
  pl_home home;
  pl_average average;
  pl_letters letters;
  pl_todo todo;
  pl_digests digests;
};

void pl_tenure_open(pl_engine *engine, int32_t partition);
void pl_tenure_close(pl_engine *engine, pl_tenure **place);
bool pl_tenure_counts(const pl_tenure *tenure);      /* takes records */
bool pl_tenure_needs_proof(const pl_tenure *tenure); /* that Kafka counts us as the owner */
const char *pl_tenure_word(const pl_tenure *tenure); /* its phase, for people */
void pl_tenure_hold(pl_tenure *tenure, const char *fmt, ...) PL_PRINTF(2, 3);
void pl_tenure_doubt(pl_tenure *tenure); /* what the store knows is not known any more */
void pl_tenure_on_followed(pl_tenure *tenure);
void pl_tenure_load(pl_tenure *tenure); /* its recorded state */
void pl_tenure_on_complete(pl_tenure *tenure, int64_t next, pl_wall complete_to);
pl_mono pl_tenure_tick(pl_tenure *tenure); /* when it has something to do next */
pl_mono pl_tenure_advance(pl_tenure *tenure);
/* All that has come is counted and judged: nothing more is to be expected of what is told now. */
bool pl_tenure_current(const pl_tenure *tenure);
bool pl_tenure_clean(const pl_tenure *tenure); /* nothing left to write */
/* From the claim, under the engine's configuration of now; one that is fenced waits on to be proven. */
void pl_tenure_restart(pl_tenure *tenure);
void pl_tenure_teach(pl_tenure *tenure, const pl_team *team);

/* --- for the rooms that lead from phase to phase */
void pl_tenure_enter(pl_tenure *tenure, pl_phase phase);
void pl_tenure_later(pl_tenure *tenure);      /* the answer was none: the phase acts once more */
void pl_tenure_start_over(pl_tenure *tenure); /* from the claim; all that is in memory is dropped */

/* --- asking the store on behalf of a tenure: answers that come after its end are dropped */
typedef void pl_ask_fn(pl_tenure *tenure, const pl_reply *reply, int64_t arg);
void pl_tenure_ask(pl_tenure *tenure, pl_str command, pl_ask_fn *fn, int64_t arg);
/* One of mark and meta (KEYS). ARGV: `first`, partitions, version, sources. */
void pl_tenure_script(pl_tenure *tenure, const char *text, pl_str first, pl_ask_fn *fn);

#endif
