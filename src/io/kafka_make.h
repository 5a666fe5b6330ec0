/* Make: a topic of paceline's own, where it is not there yet; for command-line programs, because it blocks.
 */
#ifndef PL_IO_KAFKA_MAKE_H
#define PL_IO_KAFKA_MAKE_H

#include "io/kafka.h"

/* Compacted, with one partition and as many replicas as the broker gives by itself. OK: it is there, or was.
 * AGAIN: the broker does not answer; REJECT: it will not, and what an operator has to do. */
pl_status pl_kafka_make_compacted(const pl_kafka_config *config, const char *topic,
                                  pl_err *err) PL_MUST_CHECK;

#endif
