/* JSON text: what stands between two quotes, and numbers, as json_run.c reads them; strict by RFC 8259. */
#ifndef PL_CODEC_JSON_TEXT_H
#define PL_CODEC_JSON_TEXT_H

#include "base/text.h"
#include "paceline/event.h"

typedef struct {
  uint64_t digits; /* as one integer, without sign, point and exponent; true to 19 of them */
  int n, scale;    /* digits from the first that is not 0; those behind the point */
  bool minus, fraction, exponent;
} pl_json_number;

/* Behind the number that begins at p; NULL: it is none. */
const uint8_t *pl_json_number_read(const uint8_t *p, const uint8_t *end, pl_json_number *out);
/* An integer of 64 bits, a decimal of at most 18 digits, a finite real; false: beyond all of them. */
bool pl_json_number_value(const pl_json_number *number, pl_str text, pl_value *out);

/* Is this an escape of a text, and how long? 0: it is none. */
size_t pl_json_escape(const uint8_t *p, const uint8_t *end);
/* A text with escapes, whose form is right, as what they stand for, which is no longer; false: half of a
 * surrogate pair. */
bool pl_json_unescape(pl_str text, char *to, size_t *n);

#endif
