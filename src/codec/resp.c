#include "codec/resp.h"

void pl_resp_begin(pl_buf *buf, size_t argc) {
  pl_buf_char(buf, '*');
  pl_buf_int(buf, (int64_t)argc);
  pl_buf_put(buf, "\r\n", 2);
}

void pl_resp_arg(pl_buf *buf, pl_str arg) {
  pl_buf_char(buf, '$');
  pl_buf_int(buf, (int64_t)arg.n);
  pl_buf_put(buf, "\r\n", 2);
  pl_buf_str_put(buf, arg);
  pl_buf_put(buf, "\r\n", 2);
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
