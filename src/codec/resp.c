#include "codec/resp.h"

void pl_resp_begin(pl_buf *buf, size_t argc) {
  pl_buf_char(buf, '*');
  pl_buf_int(buf, (int64_t)argc);
  pl_buf_put(buf, "\r\n", 2);
}

/* Head, text and end in one piece. */
void pl_resp_arg(pl_buf *buf, pl_str arg) {
  char head[24];
  size_t at = sizeof head, n = arg.n;
  head[--at] = '\n', head[--at] = '\r';
  do head[--at] = (char)('0' + n % 10);
  while (n /= 10);
  head[--at] = '$', n = sizeof head - at;
  char *out = pl_buf_room(buf, n + arg.n + 2);
  if (!out) return;
  memcpy(out, head + at, n);
  if (arg.n) memcpy(out + n, arg.p, arg.n);
  memcpy(out + n + arg.n, "\r\n", 2);
}

void pl_resp_arg_int(pl_buf *buf, int64_t arg) {
  char digits[24];
  pl_buf text = {.p = digits, .room = sizeof digits, .max = sizeof digits};
  pl_buf_int(&text, arg);
  pl_resp_arg(buf, pl_buf_str(&text));
}

pl_answer pl_reply_class(const pl_reply *reply) {
  static const char *const retry[] = {"NOSCRIPT", "LOADING",    "READONLY",    "MOVED",
                                      "ASK",      "TRYAGAIN",   "CLUSTERDOWN", "OOM",
                                      "BUSY",     "NOREPLICAS", "MISCONF",     "MASTERDOWN"};
  if (!reply) return PL_ANSWER_UNKNOWN;
  if (reply->kind != PL_REPLY_ERROR) return PL_ANSWER_OK;
  const char *blank = memchr(reply->s.p, ' ', reply->s.n);
  pl_str word = {reply->s.p, blank ? (size_t)(blank - reply->s.p) : reply->s.n};
  for (size_t i = 0; i < PL_COUNT(retry); i++)
    if (pl_str_is(word, retry[i])) return PL_ANSWER_RETRY;
  return PL_ANSWER_OPERATOR;
}

int64_t pl_reply_number(const pl_reply *reply, int64_t otherwise) {
  int64_t v;
  return reply->kind == PL_REPLY_TEXT && pl_str_int(reply->s, &v) ? v : otherwise;
}
