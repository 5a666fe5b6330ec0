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

pl_status pl_sign_keys_read(pl_sign_keys *keys, pl_str text, pl_err *err) {
  keys->n = 0;
  for (int number = 1; text.n; number++) {
    const char *end = memchr(text.p, '\n', text.n);
    pl_str line = {text.p, end ? (size_t)(end - text.p) : text.n};
    text.p += line.n + (end != NULL), text.n -= line.n + (end != NULL);
    while (line.n && strchr(" \t\r", line.p[line.n - 1])) line.n--;
    if (!line.n || *line.p == '#') continue;
    if (keys->n == PL_SIGN_KEYS_MAX)
      return pl_fail(err, PL_REJECT, "line %d has one key too many, expected at most %d", number,
                     PL_SIGN_KEYS_MAX);
    if (!pl_sign_key(line, keys->bytes[keys->n], &keys->lengths[keys->n]))
      return pl_fail(err, PL_REJECT,
                     "line %d is no key: what follows whsec_ is not base64, or it is longer than %d bytes",
                     number, PL_SIGN_KEY_MAX);
    keys->n++;
  }
  return keys->n ? PL_OK : pl_fail(err, PL_REJECT, "found no key, expected one a line");
}

void pl_sign_webhook(const pl_sign_keys *keys, pl_str id, int64_t timestamp_s, pl_str body, pl_buf *out) {
  pl_buf text;
  pl_buf_init(&text, id.n + body.n + 64);
  pl_buf_str_put(&text, id);
  pl_buf_printf(&text, ".%lld.", (long long)timestamp_s);
  pl_buf_str_put(&text, body);
  for (size_t i = 0; i < keys->n; i++) {
    unsigned char mac[EVP_MAX_MD_SIZE], code[2 * EVP_MAX_MD_SIZE];
    unsigned int size = 0;
    if (!HMAC(EVP_sha256(), keys->bytes[i], (int)keys->lengths[i], (const unsigned char *)text.p, text.n, mac,
              &size))
      continue;
    pl_buf_text(out, i ? " v1," : "v1,");
    pl_buf_put(out, code, (size_t)EVP_EncodeBlock(code, mac, (int)size));
  }
  pl_buf_fini(&text);
}
