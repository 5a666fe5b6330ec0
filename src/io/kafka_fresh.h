/* Freshness: up to which time has a broker told us everything?
 *
 * An interceptor sees every answer in librdkafka's broker threads, just before it is parsed. Per broker it
 * keeps when the last and the last but one Fetch were *sent*: the last but one is surely parsed. So if a
 * partition's cached high watermark equals the next offset we expect, there was nothing more at that time. It
 * grows only while the broker answers: a hung or dead one stops it, which the end-of-partition event alone
 * does not show.
 *
 * Read the time before the watermark, never after. When a leader moves, the old broker goes on answering
 * until the next statistics name the new one: claims may run ahead by up to a second, `source_delay` covers
 * that. */
#ifndef PL_IO_KAFKA_FRESH_H
#define PL_IO_KAFKA_FRESH_H

#include <librdkafka/rdkafka.h>

#include "base/time.h"

typedef struct pl_fresh pl_fresh;

pl_fresh *pl_fresh_new(void);
/* The handles that were made with a watched configuration must be gone. */
void pl_fresh_free(pl_fresh **fresh);
void pl_fresh_watch(pl_fresh *fresh, rd_kafka_conf_t *conf);
/* No record appended at or before this instant is still unparsed; PL_BEGINNING: not known. */
pl_wall pl_fresh_sent(const pl_fresh *fresh, int32_t broker);
pl_mono pl_fresh_heard(const pl_fresh *fresh); /* the last answer of any broker that let us in; 0: none yet */

#endif
