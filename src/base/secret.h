/* Secret: what stands in a file of its own, so that no argument, environment variable or configuration holds
 * it. A path that begins with $CREDENTIALS_DIRECTORY/ is in the folder in which systemd lays a service's
 * credentials. */
#ifndef PL_BASE_SECRET_H
#define PL_BASE_SECRET_H

#include "base/status.h"

#define PL_SECRET_FOLDER "$CREDENTIALS_DIRECTORY/"

/* A terminated text without its last line's end. REJECT: the file cannot be read, is empty, is longer than
 * `room` less 1, or has a NUL byte; the message names the path, never what stands there. */
pl_status pl_secret_read(const char *path, char *out, size_t room, pl_err *err) PL_MUST_CHECK;

#endif
