#include "io/sign.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

bool pl_sign_key(pl_str text, unsigned char key[PL_SIGN_KEY_MAX], size_t *n) {
  static const pl_str prefix = {"whsec_", 6};
  while (text.n && (text.p[text.n - 1] == '\n' || text.p[text.n - 1] == '\r' || text.p[text.n - 1] == ' '))
    text.n--;
  if (text.n == 0 || text.n > PL_SIGN_KEY_MAX) return false;
  if (text.n <= prefix.n || memcmp(text.p, prefix.p, prefix.n) != 0) {
    memcpy(key, text.p, text.n);
    *n = text.n;
    return true;
  }
  unsigned char decoded[PL_SIGN_KEY_MAX];
  pl_str code = {text.p + prefix.n, text.n - prefix.n};
  int got = code.n % 4 ? -1 : EVP_DecodeBlock(decoded, (const unsigned char *)code.p, (int)code.n);
  if (got <= 0) return false;
  for (size_t i = code.n; i > 0 && code.p[i - 1] == '='; i--) got--;
  memcpy(key, decoded, (size_t)got);
  *n = (size_t)got;
  return true;
}

void pl_sign_webhook(const unsigned char *key, size_t n, pl_str id, int64_t timestamp_s, pl_str body,
                     pl_buf *out) {
  pl_buf text;
  unsigned char mac[EVP_MAX_MD_SIZE], code[2 * EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  pl_buf_init(&text, id.n + body.n + 64);
  pl_buf_str_put(&text, id);
  pl_buf_printf(&text, ".%lld.", (long long)timestamp_s);
  pl_buf_str_put(&text, body);
  if (HMAC(EVP_sha256(), key, (int)n, (const unsigned char *)text.p, text.n, mac, &size)) {
    int coded = EVP_EncodeBlock(code, mac, (int)size);
    pl_buf_text(out, "v1,");
    pl_buf_put(out, code, (size_t)coded);
  }
  pl_buf_fini(&text);
}
