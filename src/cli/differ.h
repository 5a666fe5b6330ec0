/* Differ: one key of Redis beside what the recount says must stand in it.
 *
 * A view's counters are those of its own instant, `as_of`. Its rolling windows were written when the metric
 * was last touched or the whole view was last refreshed, whichever came later: they may be those of any
 * instant since the metric's last event. Windows that began before the day that the log reaches back to are
 * passed over, and so are those of a team whose clock lags periods behind its members' events, which happens
 * where time is the stream's and its home hears nothing. */
#ifndef PL_CLI_DIFFER_H
#define PL_CLI_DIFFER_H

#include "cli/tally.h"
#include "ports.h"

typedef struct {
  pl_str key;
  pl_counted who;
  const pl_zone *(*zone)(void *ctx, pl_wall at); /* by which its days are counted */
  void *ctx;
  pl_wall back; /* what happened since then is in the log */
} pl_sight;

typedef struct {
  pl_buf lines;                 /* a difference a line: KEY FIELD: expected X, found Y */
  int64_t fields, days, differ; /* compared: of what readers see, of recorded state; not the same */
  int64_t before;               /* not compared: they began before `back` */
  int64_t passed;               /* not compared: events have gone on by periods, and it is not remembered */
} pl_findings;

void pl_findings_init(pl_findings *findings);
void pl_findings_fini(pl_findings *findings);
void pl_findings_clear(pl_findings *findings);
void pl_findings_add(pl_findings *to, const pl_findings *more);

/* `found` NULL: it is not there. */
void pl_differ_text(pl_findings *out, pl_str key, const char *field, const char *expected,
                    const pl_str *found);
/* Every counter of a view, as HGETALL answers it, and the periods that it names. */
void pl_differ_view(pl_findings *out, const pl_sight *sight, const pl_reply *view);
/* Did all of that bucket or period happen since then? */
bool pl_differ_reaches(pl_wall back, pl_unit unit, int32_t index);
/* The instant that a view says it is of; false: it says none. */
bool pl_differ_as_of(const pl_reply *view, pl_wall *at);
/* Does the view still show the day before that of its instant? It does until its midnight has been judged. */
bool pl_differ_turning(const pl_sight *sight, const pl_reply *view, pl_wall *midnight);

#endif
