/* Sign: the signature of a webhook's body, as in Standard Webhooks (https://www.standardwebhooks.com):
 * HMAC-SHA256 over `id.timestamp.body`, in base64, after `v1,`. */
#ifndef PL_IO_SIGN_H
#define PL_IO_SIGN_H

#include "base/text.h"

enum { PL_SIGN_KEY_MAX = 256 };

/* The key of a file's text: `whsec_` and base64, or the bytes as they are; false: empty, too long, not
 * base64. */
bool pl_sign_key(pl_str text, unsigned char key[PL_SIGN_KEY_MAX], size_t *n);
void pl_sign_webhook(const unsigned char *key, size_t n, pl_str id, int64_t timestamp_s, pl_str body,
                     pl_buf *out);

#endif
