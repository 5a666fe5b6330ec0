#include "io/fingerprint.h"

#include <openssl/evp.h>

#include "base/mem.h"

struct pl_fingerprint {
  EVP_MD_CTX *digest;
};

pl_fingerprint *pl_fingerprint_new(void) {
  pl_fingerprint *f = PL_NEW(pl_fingerprint);
  f->digest = EVP_MD_CTX_new();
  PL_ASSERT(f->digest && EVP_DigestInit_ex(f->digest, EVP_sha256(), NULL) == 1);
  return f;
}

void pl_fingerprint_add(pl_fingerprint *f, pl_str part) {
  PL_ASSERT(EVP_DigestUpdate(f->digest, part.p, part.n) == 1);
}

void pl_fingerprint_end(pl_fingerprint **fingerprint, char out[PL_FINGERPRINT_MAX]) {
  static const char digits[] = "0123456789abcdef";
  unsigned char bytes[EVP_MAX_MD_SIZE];
  unsigned int n = 0;
  PL_ASSERT(EVP_DigestFinal_ex((*fingerprint)->digest, bytes, &n) == 1 && 2 * n + 1 == PL_FINGERPRINT_MAX);
  for (unsigned int i = 0; i < n; i++) *out++ = digits[bytes[i] >> 4], *out++ = digits[bytes[i] & 15];
  *out = 0;
  EVP_MD_CTX_free((*fingerprint)->digest);
  PL_FREE(*fingerprint);
}
