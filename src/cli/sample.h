/* Sample: a few records of a topic or rows of a table, and what each becomes: a data engineer's first look.
 */
#ifndef PL_CLI_SAMPLE_H
#define PL_CLI_SAMPLE_H

#include "config/config.h"

typedef struct {
  const char *config; /* the file's path */
  const char *of;     /* a topic; with `source`, a table's path */
  const char *source; /* NULL: a topic */
  int64_t n;
  bool from_start; /* of a topic: its oldest records instead of its newest */
  bool json;
} pl_sample;

/* Says it on stdout; an exit code, and on stderr why. */
int pl_sample_say(const pl_sample *ask, const pl_config *config);

#endif
