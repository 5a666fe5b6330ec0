/* What an endpoint answers: two bytes of a status, one of a kind, a body. Whatever it is, only what the
 * service calls taken is, and what an operator reads about the rest is one line of plain text. */
#include "codec/sink.h"

#include "fuzz.h"

static bool taken(pl_sink_kind kind, int status, pl_str body) {
  bool good = status >= 200 && status < 300;
  if (kind == PL_SINK_SLACK) return status == 200 && body.n >= 2 && memcmp(body.p, "ok", 2) == 0;
  if (kind == PL_SINK_SLACK_BOT)
    return good && memmem(body.p, body.n, "\"ok\"", 4) && memmem(body.p, body.n, "true", 4);
  return good;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  int64_t live = pl_mem_live();
  if (size < 3) return 0;
  pl_sink_kind kind = (pl_sink_kind)(data[0] % PL_SINK_KINDS);
  int status = (data[1] << 8 | data[2]) % 1000;
  pl_str body = fuzz_str(data + 3, size - 3);
  pl_err why = {""};
  pl_sent what = pl_sink_verdict(kind, status, body, &why);
  PL_ASSERT(*why.text && pl_str_clean(pl_str_of(why.text)));
  if (what == PL_SENT_TAKEN) PL_ASSERT(taken(kind, status, body));
  if (status == 0 || (status >= 500 && kind != PL_SINK_SMTP)) PL_ASSERT(what == PL_SENT_AGAIN);
  if (what == PL_SENT_GONE) PL_ASSERT(status == 410 && kind != PL_SINK_SMTP);
  PL_ASSERT(pl_mem_live() == live);
  return 0;
}
