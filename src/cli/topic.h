/* Topic: the activities of a Kafka topic up to its present end, with the facts of roster, goals and teams, as
 * the past for a replay. */
#ifndef PL_CLI_TOPIC_H
#define PL_CLI_TOPIC_H

#include "cli/rerun.h"

typedef struct pl_topic_past pl_topic_past;

/* Reads everything; AGAIN, REJECT: why not. */
pl_status pl_topic_past_new(pl_topic_past **out, const pl_config *config, pl_err *err) PL_MUST_CHECK;
void pl_topic_past_free(pl_topic_past **past);
int32_t pl_topic_past_partitions(const pl_topic_past *past);
size_t pl_topic_past_records(const pl_topic_past *past);
/* All records in the order of their stamps; it ends with the last of them. */
void pl_topic_past_play(const pl_topic_past *past, pl_rerun *rerun);

#endif
