#include "io/keyring.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/mem.h"
#include "base/secret.h"
#include "codec/base64url.h"
#include "io/sign.h"

enum { FILE_MAX = 8192, CODE = 43 /* base64url digits of 32 bytes */ };

typedef struct {
  unsigned char bytes[PL_SIGN_KEY_MAX];
  size_t n;
} key;

struct pl_keyring {
  key keys[PL_KEYRING_KEYS_MAX];
  size_t n;
};

pl_keyring *pl_keyring_new(void) { return PL_NEW(pl_keyring); }

void pl_keyring_free(pl_keyring **keys) {
  if (!*keys) return;
  OPENSSL_cleanse(*keys, sizeof **keys);
  PL_FREE(*keys);
}

static pl_status read_line(pl_keyring *keys, pl_str line, const char *path, int number, pl_err *err) {
  while (line.n && (line.p[line.n - 1] == '\r' || line.p[line.n - 1] == ' ')) line.n--;
  if (!line.n || line.p[0] == '#') return PL_OK;
  if (keys->n == PL_KEYRING_KEYS_MAX)
    return pl_fail(err, PL_REJECT, "%.800s: line %d: found more than %d keys; take the oldest out", path,
                   number, PL_KEYRING_KEYS_MAX);
  key *k = &keys->keys[keys->n];
  if (!pl_sign_key(line, k->bytes, &k->n) || k->n < PL_KEYRING_KEY_MIN)
    return pl_fail(err, PL_REJECT,
                   "%.800s: line %d: found no key of %d to %d bytes; `openssl rand -hex 32` makes one", path,
                   number, PL_KEYRING_KEY_MIN, PL_SIGN_KEY_MAX);
  keys->n++;
  return PL_OK;
}

pl_status pl_keyring_read(pl_keyring *keys, const char *path, pl_err *err) {
  char text[FILE_MAX];
  pl_keyring fresh = {.n = 0};
  int number = 1;
  pl_status status = pl_secret_read(path, text, sizeof text, err);
  for (const char *line = text; status == PL_OK; number++) {
    const char *end = strchr(line, '\n');
    pl_str one = {line, end ? (size_t)(end - line) : strlen(line)};
    status = read_line(&fresh, one, path, number, err);
    if (!end) break;
    line = end + 1;
  }
  if (status == PL_OK && fresh.n == 0)
    status = pl_fail(err, PL_REJECT, "%.800s: found no key, expected one a line", path);
  if (status == PL_OK) *keys = fresh;
  OPENSSL_cleanse(text, sizeof text), OPENSSL_cleanse(&fresh, sizeof fresh);
  return status;
}

void pl_keyring_take(pl_keyring *keys, const pl_keyring *others) { *keys = *others; }

static void sign(const key *k, pl_str text, char code[CODE]) {
  unsigned char mac[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  pl_buf out = {code, 0, CODE, CODE, false};
  PL_ASSERT(HMAC(EVP_sha256(), k->bytes, (int)k->n, (const unsigned char *)text.p, text.n, mac, &size));
  pl_base64url_put(&out, (pl_str){(const char *)mac, size});
  PL_ASSERT(out.n == CODE && !out.full);
}

void pl_keyring_sign(const pl_keyring *keys, pl_buf *token) {
  char code[CODE];
  PL_ASSERT(keys->n);
  sign(&keys->keys[0], pl_buf_str(token), code);
  pl_buf_char(token, '.');
  pl_buf_put(token, code, CODE);
}

bool pl_keyring_check(const pl_keyring *keys, pl_str token, pl_str *text) {
  if (token.n <= CODE || token.p[token.n - CODE - 1] != '.') return false;
  *text = (pl_str){token.p, token.n - CODE - 1};
  bool good = false;
  for (size_t i = 0; i < keys->n; i++) {
    char code[CODE];
    sign(&keys->keys[i], *text, code);
    good |= CRYPTO_memcmp(code, token.p + token.n - CODE, CODE) == 0;
  }
  return good;
}
