/* Goal: what the verb's two files share. */
#ifndef PL_CLI_GOAL_H
#define PL_CLI_GOAL_H

#include "config/config.h"

/* As given; NULL: not. */
typedef struct {
  const char *target, *metric, *period, *plan, *by;
} pl_goal_options;

/* What they say of the goal, as far as that can be judged without a configuration; `type`: PL_TYPE_GOAL_...,
 * or PL_TYPE_OTHER, which takes none of them. REJECT: which option is wrong. It borrows. */
pl_status pl_goal_word_read(const pl_goal_options *options, int type, const char *goal, pl_goal_word *out,
                            pl_err *err) PL_MUST_CHECK;
/* Writes it as an event. REJECT: goals are in the file, the configuration knows better of rep, metric, period
 * or target, or has no schema for it; AGAIN: Kafka or Redis does not answer. */
pl_status pl_goal_say(const pl_config *config, const char *path, int type, const char *rep,
                      const pl_goal_word *word, pl_err *err) PL_MUST_CHECK;

#endif
