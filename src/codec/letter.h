/* Letter: an alert as its readers get it: the record in the outbox (JSON), and the words for a person. */
#ifndef PL_CODEC_LETTER_H
#define PL_CODEC_LETTER_H

#include "core/subject.h"

/* One or two sentences in English, without blame: where the goal stands, by when, what brings it back. */
void pl_letter_body(const pl_alert *alert, const pl_subject *subject, pl_buf *out);
/* The outbox entry: {"id", "kind", "entity", ..., "figures": {...}, "body"}; one line of JSON. */
void pl_letter_entry(const pl_alert *alert, const pl_subject *subject, pl_buf *out);

#endif
