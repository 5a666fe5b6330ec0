/* Goal: what the verb's two files share. */
#ifndef PL_CLI_GOAL_H
#define PL_CLI_GOAL_H

#include "config/config.h"

/* --target, --metric, --period, --plan, --by; argv[0] is not looked at. */
bool pl_goal_say_parse(int argc, char **argv, pl_goal_word *out);
/* `what`: proposed, agreed, paused, resumed. REJECT: goals are in the file, or the schema is not configured.
 */
pl_status pl_goal_say(const pl_config *config, const char *path, const char *what, const char *rep,
                      const pl_goal_word *word, pl_err *err) PL_MUST_CHECK;

#endif
