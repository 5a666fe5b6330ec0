/* Answer page: what a rep sees who follows a link to answer: a form, thanks, or why not. No scripts, nothing
 * from elsewhere; every text that is not ours is escaped. */
#ifndef PL_CLI_ANSWER_PAGE_H
#define PL_CLI_ANSWER_PAGE_H

#include "codec/pass.h"

/* What browsers are told to hold such a page to. */
extern const char pl_answer_page_policy[];

/* `reason`, `plan`: typed before, any bytes; `wrong`: what was wrong with that, or NULL. */
void pl_answer_page_form(pl_buf *out, const pl_pass *pass, pl_str reason, pl_str plan, const char *wrong);
/* A heading and a sentence. */
void pl_answer_page_note(pl_buf *out, const char *title, const char *text);

#endif
