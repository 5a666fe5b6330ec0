/* Inside the view: what its files share. Nobody else includes this.
 *
 *   view.c         a subject's writes in order; the part of a team; the list of what changed
 *   view_fields.c  the hash of a rep or a team, and a rep's plans
 *   view_metric.c  its counters
 *   view_board.c   the boards
 *   view_past.c    periods that have ended
 *   view_open.c    what is open
 *   view_alert.c   alerts, into the outbox and the streams
 *   view_notice.c  what operators hear of a feed */
#ifndef PL_CODEC_VIEW_INSIDE_H
#define PL_CODEC_VIEW_INSIDE_H

#include "codec/keys.h"
#include "codec/view.h"
#include "core/reading.h"

enum { PL_ALERTS_MAX = 100000 }; /* in pl:alerts */

/* Fields of the command that was begun. */
void pl_view_field(pl_batch *batch, pl_str name, pl_str value);
void pl_view_decimal(pl_view *view, pl_batch *batch, pl_str name, int64_t scaled, int decimals);
/* Fields' names that begin alike, on the caller's stack: the stem once, then each one's end, until the next.
 */
typedef struct {
  char text[PL_ID_MAX + 64]; /* a goal's name and the words around it */
  size_t n;                  /* of the stem */
} pl_view_name;
void pl_view_stem(pl_view_name *name, const char *const *parts, size_t n);
pl_str pl_view_end(pl_view_name *name, const char *rest);
/* The figure is unknown: its field is removed, unless the hash is written anew anyway. */
void pl_view_absent(pl_view *view, pl_str name);
/* A goal's figures, as goal:<goal>:<figure>; those that are unknown go to view->absent. */
void pl_view_figures(pl_view *view, pl_batch *batch, const char *goal, const pl_figures *figures,
                     const pl_metric *metric);
void pl_view_delete(pl_batch *batch, pl_str key);
/* Must the metric be written? */
bool pl_view_touched(const pl_subject *subject, size_t metric);
/* What a metric shows of the present, or (`past`) of previous periods and of the others in the team. */
void pl_view_metric(pl_view *view, pl_batch *batch, const pl_subject *subject, size_t metric, bool past);
/* What it shows, as text, in view->scratch; false: it is unknown. */
bool pl_view_value(pl_view *view, const pl_subject *subject, size_t metric, pl_window window,
                   pl_reading reading);

void pl_view_write(pl_view *view, pl_batch *batch, const pl_subject *subject, pl_str key);
void pl_view_plans(pl_view *view, pl_batch *batch, const pl_subject *subject);
void pl_view_boards(pl_view *view, pl_batch *batch, const pl_subject *subject);
/* What is there of a person who is forgotten: the boards of this period and the last, every closed period. */
void pl_view_erase_boards(pl_view *view, pl_batch *batch, const pl_subject *subject);
void pl_view_erase_pasts(pl_view *view, pl_batch *batch, const pl_subject *subject);
void pl_view_past(pl_view *view, pl_batch *batch, const pl_subject *subject, const pl_past *past);
void pl_view_open(pl_view *view, pl_batch *batch, const pl_subject *subject);
/* Into the outbox of the recipient's home if it is new, and on its list; between the two: what else happens
 * then.
 */
void pl_view_post_begin(pl_view *view, pl_batch *batch, pl_str recipient, pl_str name, pl_str entry);
void pl_view_post_end(pl_view *view, pl_batch *batch, pl_str recipient, pl_str name);
void pl_view_alert(pl_view *view, pl_batch *batch, const pl_subject *subject, const pl_alert *alert);

#endif
