#include "base/secret.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PATH_BYTES = 4096 };

/* Where `path` is: itself, or in the folder of credentials. */
static pl_status locate(const char *path, char *whole, pl_err *err) {
  size_t n = strlen(PL_SECRET_FOLDER);
  bool inside = strncmp(path, PL_SECRET_FOLDER, n) == 0;
  const char *folder = inside ? getenv("CREDENTIALS_DIRECTORY") : "";
  if (!folder)
    return pl_fail(err, PL_REJECT,
                   "%s cannot be read: there is no CREDENTIALS_DIRECTORY; start it as a service with "
                   "LoadCredential=, or name the file itself",
                   path);
  int length = snprintf(whole, PATH_BYTES, "%s%s%s", folder, inside ? "/" : "", inside ? path + n : path);
  return length < PATH_BYTES ? PL_OK : pl_fail(err, PL_REJECT, "%.100s... cannot be read: too long", path);
}

pl_status pl_secret_read(const char *path, char *out, size_t room, pl_err *err) {
  char whole[PATH_BYTES];
  pl_status status = locate(path, whole, err);
  if (status != PL_OK) return status;
  FILE *f = fopen(whole, "re");
  size_t n = f ? fread(out, 1, room, f) : 0;
  bool failed = !f || ferror(f);
  int why = errno;
  if (f) (void)fclose(f);
  if (failed) return pl_fail(err, PL_REJECT, "%.800s cannot be read: %s", whole, strerror(why));
  if (n == room) return pl_fail(err, PL_REJECT, "%.800s is longer than %zu bytes", whole, room - 1);
  while (n && (out[n - 1] == '\n' || out[n - 1] == '\r')) n--;
  out[n] = 0;
  if (n == 0) return pl_fail(err, PL_REJECT, "%.800s is empty", whole);
  if (strlen(out) < n) return pl_fail(err, PL_REJECT, "%.800s is no text: it has a NUL byte", whole);
  return PL_OK;
}
