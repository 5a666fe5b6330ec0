/* Inbox: where the demo's managers get their messages: a webhook of its own on loopback. What else they are
 * told is in the stream of alerts as well; digests come nowhere else, so those are what is taken out of it.
 */
#ifndef PL_CLI_INBOX_H
#define PL_CLI_INBOX_H

#include "base/text.h"
#include "base/time.h"

typedef struct pl_inbox pl_inbox;

/* A manager has got a digest, of that instant; its text has a line for each title and each item. */
typedef void pl_inbox_fn(void *ctx, const char *manager, pl_wall at, const char *text);

pl_status pl_inbox_new(pl_inbox **out, pl_inbox_fn *fn, void *ctx, pl_err *err) PL_MUST_CHECK;
void pl_inbox_free(pl_inbox **inbox);
int pl_inbox_port(const pl_inbox *inbox);
void pl_inbox_look(pl_inbox *inbox); /* takes what has come; never waits */

#endif
