/* Home: the teams that live in a tenure's partition (home.c). */
#ifndef PL_ENGINE_HOME_H
#define PL_ENGINE_HOME_H

#include <stddef.h>

#include "base/time.h"

typedef struct pl_tenure pl_tenure;

typedef struct {
  bool asked; /* a round is on: marks or parts are on their way, or teams are being judged */
  bool all;   /* every team's parts are to be read */
  bool asks;  /* for the parts of those before this cursor: there are more */
  size_t cursor;
  int parts_left;
  pl_wall origin, complete_to; /* the earliest of all marks, as read before the parts */
  bool known;                  /* the parts are there: teams may be judged up to then... */
  pl_wall judged;              /* ...and were, up to there; 0: not yet */
  pl_mono next;
} pl_home;

pl_mono pl_home_tick(pl_tenure *tenure);

#endif
