/* Board: who needs help, at a glance.
 *
 * What is shown, as plain data, and how it is drawn: for each rep the one goal that needs them most, those
 * who need help on top, the teams, the latest alerts. Drawing is pure: data and a size in, bytes out. It
 * fills a terminal exactly, gives up columns and lines when there is little room, and uses colour for states
 * only. */
#ifndef PL_CLI_BOARD_H
#define PL_CLI_BOARD_H

#include "base/text.h"
#include "base/time.h"
#include "core/alert.h"

enum { PL_BOARD_ROWS_MAX = 1024, PL_BOARD_ALERTS_MAX = 64, PL_BOARD_NAME_MAX = 48 };

typedef struct {
  char name[PL_BOARD_NAME_MAX], team[PL_BOARD_NAME_MAX], goal[PL_BOARD_NAME_MAX]; /* "calls, week" */
  double actual, line, target, pace, chance, needed; /* in the metric's unit; NAN: absent */
  pl_pace_state state;
} pl_board_row;

enum { /* what is no alert: what a rep has said to one; what a manager hears once a day */
       PL_BOARD_ANSWER = PL_ALERT_KINDS,
       PL_BOARD_DIGEST,
       PL_BOARD_KINDS
};

typedef struct {
  int kind; /* pl_alert_kind, or PL_BOARD_... */
  pl_wall at;
  char body[384];
  char who[PL_BOARD_NAME_MAX + 8];          /* whom it was told, or who says it; "": not known */
  char id[PL_ALERT_ID_MAX], rep[PL_ID_MAX]; /* of a concern that a rep was told, else "" */
} pl_board_alert;

typedef struct {
  pl_wall now; /* the newest instant that any view shows */
  pl_board_row reps[PL_BOARD_ROWS_MAX], teams[PL_BOARD_ROWS_MAX];
  size_t nreps, nteams;
  pl_board_alert alerts[PL_BOARD_ALERTS_MAX]; /* a ring: the i-th alert lies at i modulo its size */
  int64_t nalerts;                            /* so many since the beginning */
  int64_t kinds[PL_BOARD_KINDS];
} pl_board;

/* Does a need help more than b? */
bool pl_board_worse(const pl_board_row *a, const pl_board_row *b);
/* A state by its word; PL_UNKNOWN for others. */
pl_pace_state pl_board_state(const char *word);
void pl_board_sort(pl_board *board);
void pl_board_tell(pl_board *board, const pl_board_alert *alert);
/* Leaves of a text what it begins with, and what it quotes. */
void pl_board_gist(char *text);

typedef struct {
  int columns, lines; /* of the terminal */
  bool colour, ascii;
  const char *title, *hints[2]; /* the first line's beginning, the last lines */
} pl_board_style;

/* A whole screen, from its first character to its last. */
void pl_board_draw(const pl_board *board, const pl_board_style *style, pl_buf *out);
/* Where there is no screen: one line an alert, and one that sums up. */
void pl_board_alert_line(const pl_board_alert *alert, const pl_board_style *style, pl_buf *out);
void pl_board_sum_line(const pl_board *board, const pl_board_style *style, pl_buf *out);

#endif
