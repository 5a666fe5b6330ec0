#include "codec/token.h"

#include <stdio.h>

bool pl_token_take(pl_token *token, pl_str text) {
  size_t n = text.n;
  if (n <= PL_LEASE_DIGITS || n >= PL_TOKEN_MAX || text.p[n - PL_LEASE_DIGITS - 1] != '/' ||
      memchr(text.p, 0, n))
    return false;
  memcpy(token->text, text.p, n);
  token->text[n] = 0;
  return true;
}

static char *lease_of(pl_token *token) {
  size_t n = strlen(token->text);
  PL_ASSERT(n > PL_LEASE_DIGITS);
  return token->text + n - PL_LEASE_DIGITS;
}

void pl_token_renew(pl_token *token, uint32_t lease) {
  (void)snprintf(lease_of(token), PL_LEASE_DIGITS + 1, "%0*x", PL_LEASE_DIGITS, (unsigned)lease);
}

const char *pl_token_lease(const pl_token *token) { return lease_of((pl_token *)(uintptr_t)token); }
