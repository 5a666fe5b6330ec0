/* Letter: an alert as it is recorded in the outbox: all that its words are made of, at delivery, for each
 * reader; and what it says to whoever reads the record itself. */
#ifndef PL_CODEC_LETTER_H
#define PL_CODEC_LETTER_H

#include "core/subject.h"

/* Some sentences in English by the subject's clock, as of when it is told: what telling.h makes of the entry.
 */
void pl_letter_body(const pl_alert *alert, const pl_subject *subject, pl_buf *out);
/* The outbox entry, one line of JSON: what telling.h reads, with the body. */
void pl_letter_entry(const pl_alert *alert, const pl_subject *subject, pl_str body, pl_buf *out);

#endif
