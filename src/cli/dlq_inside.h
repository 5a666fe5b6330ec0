/* Inside `paceline dlq`: what its files share. */
#ifndef PL_CLI_DLQ_INSIDE_H
#define PL_CLI_DLQ_INSIDE_H

#include "cli/letterbox.h"

typedef struct {
  const char *path; /* of the configuration */
  pl_letter_filter filter;
  bool selects; /* something is said of which */
  bool again, dry, json;
} pl_dlq_options;

/* REJECT: there is no such letter, or nothing can be done with it. */
pl_status pl_dlq_show(const pl_dlq_options *options, const pl_config *config, pl_err *err) PL_MUST_CHECK;
pl_status pl_dlq_requeue(const pl_dlq_options *options, const pl_config *config, pl_err *err) PL_MUST_CHECK;

#endif
