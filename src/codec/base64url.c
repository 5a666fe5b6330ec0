#include "codec/base64url.h"

#include <stdint.h>

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
static const char plain_digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static void put(pl_buf *out, pl_str bytes, const char *of) {
  uint32_t bits = 0;
  unsigned held = 0;
  for (size_t i = 0; i < bytes.n; i++) {
    bits = bits << 8 | (unsigned char)bytes.p[i], held += 8;
    for (; held >= 6; held -= 6) pl_buf_char(out, of[bits >> (held - 6) & 63]);
  }
  if (held) pl_buf_char(out, of[bits << (6 - held) & 63]);
}

void pl_base64url_put(pl_buf *out, pl_str bytes) { put(out, bytes, digits); }

void pl_base64_put(pl_buf *out, pl_str bytes) {
  put(out, bytes, plain_digits);
  for (size_t n = bytes.n; n % 3; n++) pl_buf_char(out, '=');
}

bool pl_base64url_get(pl_str text, char *bytes, size_t room, size_t *n) {
  uint32_t bits = 0;
  unsigned held = 0;
  *n = 0;
  for (size_t i = 0; i < text.n; i++) {
    const char *digit = text.p[i] ? memchr(digits, text.p[i], sizeof digits - 1) : NULL;
    if (!digit) return false;
    bits = bits << 6 | (uint32_t)(digit - digits), held += 6;
    if (held < 8) continue;
    if (*n == room) return false;
    held -= 8;
    bytes[(*n)++] = (char)(unsigned char)(bits >> held);
  }
  return held < 6 && (bits & ((1U << held) - 1)) == 0;
}
