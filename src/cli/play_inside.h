/* Inside the play: what its files share. Nobody else includes this.
 *
 *   play.c        time, records and changed facts, and what a flush would take
 *   play_check.c  what must be so now, and what is reported where it is not */
#ifndef PL_CLI_PLAY_INSIDE_H
#define PL_CLI_PLAY_INSIDE_H

#include "cli/play.h"
#include "core/partition.h"

/* Of a flush: what was told. */
typedef struct {
  pl_alert_kind kind;
  pl_audience audience;
  const char *id, *goal, *whose, *recipient, *body;
  pl_wall at;
} pl_play_told;

/* Of a flush: a goal's period that has ended. */
typedef struct {
  const char *whose, *goal;
  bool is_team;
  pl_unit period;
  int32_t index;
  pl_figures figures;
} pl_play_ended;

/* A scenario that is being played. */
typedef struct {
  const pl_scenario *scenario;
  const char *path;
  pl_arena *arena;
  pl_teams *teams;
  pl_core *core;
  pl_buf part, *out;
  pl_play_told *told;
  pl_play_ended *ended;
  size_t ntold, nended, next_cue, next_change, failed;
  size_t from;               /* the first told since `alerts` were last compared */
  const pl_claim *explained; /* the last whose goal's figures were written out */
} pl_playing;

/* Holds a claim against what is so now. */
void pl_play_check(pl_playing *play, const pl_claim *claim);
/* Counts a failure and begins its line: the place in the file. */
void pl_play_where(pl_playing *play, const pl_yaml *node);
/* An alert as one line. */
void pl_play_put(const pl_playing *play, const pl_play_told *told, pl_buf *out);

#endif
