/* Fingerprint: what names a content for good, its SHA-256 in hexadecimal. */
#ifndef PL_IO_FINGERPRINT_H
#define PL_IO_FINGERPRINT_H

#include "base/text.h"

enum { PL_FINGERPRINT_MAX = 65 };

typedef struct pl_fingerprint pl_fingerprint;

pl_fingerprint *pl_fingerprint_new(void);
void pl_fingerprint_add(pl_fingerprint *fingerprint, pl_str part);
/* Of all parts, as if they were one text; frees it. */
void pl_fingerprint_end(pl_fingerprint **fingerprint, char out[PL_FINGERPRINT_MAX]);

#endif
