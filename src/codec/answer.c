#include "codec/answer.h"

bool pl_answer_fold(pl_str text, char room[PL_FIELD_MAX], pl_str *out) {
  size_t n = 0, line = 0;
  if (text.n > PL_FIELD_MAX) return false;
  for (size_t i = 0; i < text.n; i++) {
    char c = text.p[i];
    if (c == '\r' && i + 1 < text.n && text.p[i + 1] == '\n') continue;
    room[n++] = c == '\t' ? ' ' : c == '\r' ? '\n' : c;
  }
  *out = (pl_str){room, n};
  for (size_t i = 0; i <= n; i++)
    if (i == n || room[i] == '\n') {
      if (!pl_str_clean((pl_str){room + line, i - line})) return false;
      line = i + 1;
    }
  return true;
}
