/* Tally: what a view must show, as plain sums over the entries of a recount. */
#ifndef PL_CLI_TALLY_H
#define PL_CLI_TALLY_H

#include "cli/recount.h"

/* Whose numbers. */
typedef struct {
  const pl_config *config;
  pl_person *const *people;
  size_t n;
  pl_str team; /* only what they counted as its members; p NULL: everything */
} pl_counted;

/* What a field may be made of: the window, the calendar window before it, and what follows from the two. */
typedef enum {
  PL_SHOWN,
  PL_SHOWN_PREV,
  PL_SHOWN_TREND,
  PL_SHOWN_BIAS,
  PL_SHOWN_ACCURACY,
  PL_SHOWN_KINDS
} pl_shown;
extern const char *const pl_shown_names[PL_SHOWN_KINDS]; /* behind `<metric>:<window>` */
bool pl_shown_given(const pl_policy *policy, size_t metric, pl_window window, pl_shown shown);

typedef struct {
  bool absent; /* nothing must be there */
  bool whole;  /* a counter: `scaled`, to the last digit; else `value`, rounded */
  int decimals;
  int64_t scaled;
  double value;
} pl_figure;

/* `index`: the window's newest bucket, or its period. */
pl_figure pl_tally(const pl_counted *who, size_t metric, pl_window window, pl_shown shown, int32_t index);
/* The newest stamp of a record that touched the field; PL_BEGINNING: none did. */
pl_wall pl_tally_touched(const pl_counted *who, size_t metric);
/* The newest bucket or period in which something counts; INT32_MIN: nothing does. */
int32_t pl_tally_newest(const pl_counted *who, size_t metric, pl_unit unit);

bool pl_figure_is(const pl_figure *figure, const pl_str *found); /* found NULL: the field is not there */
void pl_figure_text(const pl_figure *figure, pl_buf *out);

#endif
