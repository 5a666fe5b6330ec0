/* Answer: what a rep says to an alert, wherever it was typed: the bodies that it comes in, and its limits.
 *
 * Reason and plan are prose: lines that end in \n, at most PL_FIELD_MAX bytes each. What comes with other
 * line ends, or tabs, is folded; what holds other control characters is none. */
#ifndef PL_CODEC_ANSWER_H
#define PL_CODEC_ANSWER_H

#include "codec/encode.h"

/* `out` lies in `room`. False: too long, control characters, or invalid UTF-8. */
bool pl_answer_fold(pl_str text, char room[PL_FIELD_MAX], pl_str *out) PL_MUST_CHECK;

/* As it came: any bytes. */
typedef struct {
  pl_buf rep, reason, plan; /* empty: not given */
} pl_answer_said;

enum { PL_ANSWER_BODY_MAX = 16 * 1024 };

void pl_answer_said_init(pl_answer_said *said);
void pl_answer_said_fini(pl_answer_said *said);
/* An HTML form's application/x-www-form-urlencoded: `reason` and `plan`, whatever else there is. False: it is
 * none. */
bool pl_answer_form(pl_answer_said *said, pl_str body) PL_MUST_CHECK;
/* {"reason": TEXT, "plan": TEXT, "rep": ID}, all of them optional, and nothing else. */
pl_status pl_answer_json(pl_answer_said *said, pl_str body, pl_err *err) PL_MUST_CHECK;

typedef struct {
  pl_answer_word word;
  char rooms[2][PL_FIELD_MAX];
} pl_answer_prose;
/* Reason and plan without the blanks around them; the alert is up to the caller. REJECT: neither was given,
 * or one is no prose; the text is for whoever has said it. */
pl_status pl_answer_take(pl_answer_prose *out, pl_str reason, pl_str plan, pl_err *err) PL_MUST_CHECK;

/* The event that it becomes, said now. `id` is room for the event's. */
pl_activity pl_answer_activity(char id[PL_ID_MAX + 1], pl_str rep, pl_wall now, const pl_answer_word *word);

#endif
