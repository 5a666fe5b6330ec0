/* Keyring: the keys that tokens are signed with: HMAC-SHA256 over the token's text, in base64url, behind a
 * dot.
 *
 * One file, a key a line; empty lines and those that begin with # are passed over. The first key signs, all
 * of them check, so keys are rotated without a token becoming invalid: put the new one in front, and take the
 * old one out when the last token it signed has expired. */
#ifndef PL_IO_KEYRING_H
#define PL_IO_KEYRING_H

#include "base/text.h"

typedef struct pl_keyring pl_keyring;

enum { PL_KEYRING_KEYS_MAX = 8, PL_KEYRING_KEY_MIN = 16 /* bytes */ };

pl_keyring *pl_keyring_new(void); /* without a key nothing is signed, and nothing found to be */
void pl_keyring_free(pl_keyring **keys);
/* Takes the file's keys in place of those before. REJECT: it cannot be read, has no key, too many, or one
 * that is too short or too long; those before stay. The text names the file and the line, never a key. */
pl_status pl_keyring_read(pl_keyring *keys, const char *path, pl_err *err) PL_MUST_CHECK;
void pl_keyring_take(pl_keyring *keys, const pl_keyring *others); /* in place of its own */

void pl_keyring_sign(const pl_keyring *keys, pl_buf *token); /* behind what it holds */
/* Is the token signed by one of them? `text` is then what was signed. Takes as long whatever is wrong. */
bool pl_keyring_check(const pl_keyring *keys, pl_str token, pl_str *text) PL_MUST_CHECK;

#endif
