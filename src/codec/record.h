/* Record: a subject's state as bytes in Redis.
 *
 * A version byte, then varints. Metrics are named by a hash of their definition and goals by their version,
 * so a record outlives a changed configuration: what is unchanged resumes, what is gone is left out.
 * Deadlines and figures are not written: they follow from the rest. */
#ifndef PL_CODEC_RECORD_H
#define PL_CODEC_RECORD_H

#include "core/partition.h"

void pl_record_encode(const pl_subject *subject, pl_buf *out);
/* Into a fresh subject that has its facts but has not begun. REJECT: the record is broken or of another
 * version. */
pl_status pl_record_decode(pl_subject *subject, pl_str record, pl_err *err) PL_MUST_CHECK;

/* The place of the last event that a record holds, without the rest; false: it does not decode. */
bool pl_record_offset(pl_str record, int64_t *offset);

#endif
