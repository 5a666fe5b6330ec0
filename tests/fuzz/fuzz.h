/* Fuzz: what the targets share. A target takes any bytes; whatever they are, nothing is read or written
 * beside them, nothing is left behind, and what was accepted is what the headers promise. */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/mem.h"
#include "base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size); /* libFuzzer's name for a target */

static inline pl_str fuzz_str(const uint8_t *data, size_t size) { return (pl_str){(const char *)data, size}; }

/* What must have gone well whatever the bytes are. */
static inline void fuzz_need(pl_status status, const pl_err *err) {
  if (status != PL_OK) pl_assert_failed(err->text, __FILE__, __LINE__);
}

/* One of the repository's files, whole; the targets run in its root. */
static inline void fuzz_read(const char *path, pl_buf *out) {
  FILE *file = fopen(path, "rb");
  if (!file) pl_assert_failed(path, __FILE__, __LINE__);
  for (int c; (c = getc(file)) != EOF;) pl_buf_char(out, (char)c);
  (void)fclose(file);
}

#endif
