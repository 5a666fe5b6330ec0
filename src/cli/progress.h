/* Progress: how far an import has come, in Kafka beside the events.
 *
 * A compacted topic holds one record for each file that was imported: the key names activities, source and
 * the file's content, the value says how many events are there. It is written in the transactions of the
 * events, so that neither can be without the other: whoever imports the same file again goes on where it was,
 * and sees that it was finished. */
#ifndef PL_CLI_PROGRESS_H
#define PL_CLI_PROGRESS_H

#include "io/fingerprint.h"
#include "io/kafka_writer.h"

typedef struct {
  int64_t events, of; /* are there; will be */
  bool finished;
  pl_wall at;                    /* of this record */
  char file[256];                /* as it was called */
  char made[PL_FINGERPRINT_MAX]; /* of the events: another mapping makes others */
} pl_progress;

/* "import/ACTIVITIES/SOURCE/FINGERPRINT" */
void pl_progress_key(pl_buf *out, const char *activities, const char *source, const char *fingerprint);
/* What is there for good by now; makes the topic if there is none. Whoever may still have something under way
 * must have been fenced. `found` false: nothing. REJECT: what is there is no such record. */
pl_status pl_progress_find(const pl_kafka_config *kafka, const char *topic, pl_str key, pl_progress *out,
                           bool *found, pl_err *err) PL_MUST_CHECK;
/* Into the writer's open transaction. */
pl_status pl_progress_put(pl_writer *writer, const char *topic, pl_str key, const pl_progress *progress,
                          pl_err *err) PL_MUST_CHECK;

#endif
