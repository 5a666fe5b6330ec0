/* Views: the board's data, read from Redis as anybody could: the views of reps and teams and the stream of
 * alerts, by the contract of schemas/README.md.
 *
 * Blocking, for command-line programs only; never on the engine's loop. */
#ifndef PL_CLI_VIEWS_H
#define PL_CLI_VIEWS_H

#include "cli/board.h"

typedef struct pl_views pl_views;

pl_status pl_views_new(pl_views **out, const char *host, int port, const char *prefix,
                       pl_err *err) PL_MUST_CHECK; /* AGAIN: no connection */
void pl_views_free(pl_views **views);

/* Replaces the board's rows and adds the new alerts. AGAIN: the connection is lost, the board is as it was.
 */
pl_status pl_views_read(pl_views *views, pl_board *board, pl_err *err) PL_MUST_CHECK;
/* A field of a hash as an integer; false: there is none. */
bool pl_views_int(pl_views *views, const char *key, const char *field, int64_t *out);

#endif
