/* A file whose bytes are the fuzzer's, by a path that everybody can open. */
#ifndef TESTS_FUZZ_FILES_H
#define TESTS_FUZZ_FILES_H

#include <sys/mman.h>
#include <unistd.h>

#include "fuzz.h"

/* `path` holds 32; the same file each time, with other bytes. */
static inline void fuzz_file(char *path, const uint8_t *data, size_t size) {
  static int fd = -1;
  if (fd < 0) fd = memfd_create("fuzz", MFD_CLOEXEC);
  PL_ASSERT(fd >= 0 && ftruncate(fd, 0) == 0 && pwrite(fd, data, size, 0) == (ssize_t)size);
  (void)snprintf(path, 32, "/proc/self/fd/%d", fd);
}

#endif
