/* View: what a subject's state looks like to readers: the fields of pl:rep:<id> and pl:team:<id>.
 *
 * A projection of (buckets, goals, now): nothing here is state. Only what was touched is written; at a roll
 * and at each refresh the whole hash is written anew, which also removes what no longer exists. */
#ifndef PL_CODEC_VIEW_H
#define PL_CODEC_VIEW_H

#include "codec/batch.h"
#include "core/partition.h"

typedef struct {
  const char *prefix;
  pl_wall now;                           /* the figures are those of this instant */
  pl_wall wall;                          /* the real time, for expiry only */
  int32_t (*home)(void *ctx, pl_str id); /* the partition of an id */
  void *ctx;
  pl_buf changed; /* the view keys of this batch, one a line, for pl:changed */
  pl_buf absent;  /* fields of the view being written that are to be removed, one a line */
  pl_buf scratch;
  struct {
    pl_wall at;
    char text[PL_ISO_MAX];
  } iso[2];
} pl_view;

enum { PL_VIEWS_AT_ONCE = 50 }; /* in a batch */

/* Everything a dirty subject has to say: state, view, plans, boards, closed periods, alerts. Never split. */
void pl_view_subject(pl_view *view, pl_batch *batch, const pl_subject *subject);
/* Of the first shares of a list, as many as a batch takes (one at least), and off the list: this partition's
 * part of the team, and who is in it from here. The teams' homes find it among what changed. */
void pl_view_parts(pl_view *view, pl_batch *batch, pl_share **shares, int32_t partition,
                   const pl_policy *policy);
/* What operators hear when what is known is late: a source does not speak, nothing comes at all, or a
 * partition is not read to its end. */
typedef enum { PL_LATE_SOURCE, PL_LATE_TOPIC, PL_LATE_PARTITION } pl_late_cause;
typedef struct {
  pl_late_cause cause;
  const char *what;  /* the source, the topic */
  int32_t partition; /* the first in which it was seen */
  pl_wall since;     /* known up to there; PL_BEGINNING: the source was never heard */
  pl_wall at;        /* when it had been so for too long */
} pl_notice;
void pl_notice_body(const pl_notice *notice, pl_buf *out);
/* Into the outbox and the stream, once: who says the same, says it under the same id. */
void pl_view_notice(pl_view *view, pl_batch *batch, const pl_notice *notice);
/* The batch's last command: which views it changed. */
void pl_view_changed(pl_view *view, pl_batch *batch);

void pl_view_init(pl_view *view, const char *prefix, int32_t (*home)(void *ctx, pl_str id), void *ctx);
void pl_view_fini(pl_view *view);

/* A goal's figures as name, value pairs; NULL for a figure that is absent. Shared with closed periods and
 * alerts. `metric`: what they are amounts of; NULL: of none. */
typedef void pl_figure_fn(void *ctx, const char *name, const char *value);
void pl_figures_each(const pl_figures *figures, const pl_metric *metric, pl_figure_fn *fn, void *ctx);
/* Those that an event moves: what was agreed changes with the roster and at midnight. */
void pl_figures_moving(const pl_figures *figures, const pl_metric *metric, pl_figure_fn *fn, void *ctx);

#endif
