/* Base64url: bytes as text that fits into a URL (RFC 4648, section 5), without padding; and as everybody
 * else's base64 (section 4), with it. */
#ifndef PL_CODEC_BASE64URL_H
#define PL_CODEC_BASE64URL_H

#include "base/text.h"

void pl_base64url_put(pl_buf *out, pl_str bytes);
/* False: `text` is not what pl_base64url_put writes, to the last bit, or is more than `room` bytes; *n: how
 * many they are. */
bool pl_base64url_get(pl_str text, char *bytes, size_t room, size_t *n) PL_MUST_CHECK;
void pl_base64_put(pl_buf *out, pl_str bytes);

#endif
