/* Play: a scenario before the real core, on a clock of its own.
 *
 * One core stands for all partitions. Records go in by their stamps, as the daemon puts them; between them
 * time goes from deadline to deadline, and after each step the teams are added up from the same parts that
 * partitions write, and are judged. At an instant of `at:` everything up to it is known. */
#ifndef PL_CLI_PLAY_H
#define PL_CLI_PLAY_H

#include "cli/scenario.h"

/* How many expectations failed; why, in `out`: file and line, what was found and expected, and the nearest
 * facts. What was told goes to `heard`, unless it is NULL: a line each, in order. REJECT: the policy's facts
 * cannot be taken. */
pl_status pl_play(const pl_scenario *scenario, const char *path, size_t *failed, pl_buf *out, pl_buf *heard,
                  pl_err *err) PL_MUST_CHECK;

#endif
