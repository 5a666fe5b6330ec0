/* Answer: what a rep says to an alert, wherever it was typed: the limits that its texts have.
 *
 * Reason and plan are prose: lines that end in \n, at most PL_FIELD_MAX bytes each. What comes with other
 * line ends, or tabs, is folded; what holds other control characters is none. */
#ifndef PL_CODEC_ANSWER_H
#define PL_CODEC_ANSWER_H

#include "paceline/event.h"

/* `out` lies in `room`. False: too long, control characters, or invalid UTF-8. */
bool pl_answer_fold(pl_str text, char room[PL_FIELD_MAX], pl_str *out) PL_MUST_CHECK;

#endif
