/* Sign: the signature of a webhook's body, as in Standard Webhooks (https://www.standardwebhooks.com):
 * HMAC-SHA256 over `id.timestamp.body`, in base64, after `v1,`; one by each key, blanks between, so that a
 * receiver which knows either of two keys can check it while they change. */
#ifndef PL_IO_SIGN_H
#define PL_IO_SIGN_H

#include "base/text.h"

enum { PL_SIGN_KEY_MAX = 256, PL_SIGN_KEYS_MAX = 4 };

typedef struct {
  unsigned char bytes[PL_SIGN_KEYS_MAX][PL_SIGN_KEY_MAX];
  size_t lengths[PL_SIGN_KEYS_MAX], n; /* n 0: nothing is signed */
} pl_sign_keys;

/* The key of a line: `whsec_` and base64, or the bytes as they are; false: empty, too long, not base64. */
bool pl_sign_key(pl_str text, unsigned char key[PL_SIGN_KEY_MAX], size_t *n);
/* The keys of a file's text, one a line; empty lines and those that begin with # are passed over. REJECT:
 * none, too many, or one that is none; the text names the line, never what stands there. */
pl_status pl_sign_keys_read(pl_sign_keys *keys, pl_str text, pl_err *err) PL_MUST_CHECK;
void pl_sign_webhook(const pl_sign_keys *keys, pl_str id, int64_t timestamp_s, pl_str body, pl_buf *out);

#endif
