/* Event value: what a path led to, as a word, an instant, a number. */
#ifndef PL_CODEC_EVENT_VALUE_H
#define PL_CODEC_EVENT_VALUE_H

#include "codec/mapping.h"
#include "codec/plan.h"

enum { PL_WORD_ROOM = 40 };

/* As one word of text, in `room` (PL_WORD_ROOM bytes) when it is not text already; a decimal and a real are
 * none. */
bool pl_slot_word(const pl_slot *slot, char *room, pl_str *out);
/* As milliseconds. `format` and `of_day` are for text and dates, `unit` for plain numbers; false: not one, or
 * out of range. `local`: what a clock showed, where it stood. */
bool pl_slot_instant(const pl_slot *slot, const char *format, int32_t of_day, pl_epoch_unit unit, int64_t *ms,
                     bool *local);
/* A decimal as text, "-12.50": its own digits after the point are its scale. */
bool pl_value_number(pl_str text, pl_value *out);
/* Scaled to that many digits after the point, rounded half away from zero; false: no number, or too large. */
bool pl_value_scaled(const pl_value *value, int scale, int64_t *out);
bool pl_uuid_valid(pl_str text);

#endif
