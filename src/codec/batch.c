#include "codec/batch.h"

#include "codec/resp.h"

const char pl_batch_script[] = "if redis.call('HGET', KEYS[1], 'owner') ~= ARGV[1] then return 'FENCED' end\n"
                               "local i, n = 2, #ARGV\n"
                               "while i <= n do\n"
                               "  local words = tonumber(ARGV[i])\n"
                               "  local kind, skip = ARGV[i + 1], nil\n"
                               "  if kind == 'NEW' then\n"
                               "    local new = redis.call('HSETNX', ARGV[i + 2], ARGV[i + 3], ARGV[i + 4])\n"
                               "    skip = new == 1 and 0 or tonumber(ARGV[i + 5])\n"
                               "  elseif kind == 'THERE' or kind == 'GONE' then\n"
                               "    local there = redis.call('HEXISTS', ARGV[i + 2], ARGV[i + 3]) == 1\n"
                               "    skip = there == (kind == 'THERE') and 0 or tonumber(ARGV[i + 4])\n"
                               "  end\n"
                               "  if skip then\n"
                               "    i = i + words + 1\n"
                               "    for _ = 1, skip do i = i + tonumber(ARGV[i]) + 1 end\n"
                               "  else\n"
                               "    redis.call(unpack(ARGV, i + 1, i + words))\n"
                               "    i = i + words + 1\n"
                               "  end\n"
                               "end\n"
                               "return 'OK'\n";

enum { COUNT_DIGITS = 5, SPLIT_WORDS = 4000, MOST_WORDS = 7000 /* what Lua unpacks */ };

void pl_batch_init(pl_batch *batch) {
  *batch = (pl_batch){0};
  pl_buf_init(&batch->body, PL_BATCH_MAX);
}

void pl_batch_fini(pl_batch *batch) { pl_buf_fini(&batch->body); }

void pl_batch_clear(pl_batch *batch) {
  pl_buf_clear(&batch->body);
  batch->args = batch->counted = 0;
}

void pl_batch_arg(pl_batch *batch, pl_str arg) {
  pl_resp_arg(&batch->body, arg);
  batch->args++, batch->counted++;
}

void pl_batch_text(pl_batch *batch, const char *arg) { pl_batch_arg(batch, pl_str_of(arg)); }

void pl_batch_int(pl_batch *batch, int64_t arg) {
  pl_resp_arg_int(&batch->body, arg);
  batch->args++, batch->counted++;
}

void pl_batch_begin(pl_batch *batch, const char *command) {
  batch->counted_at = batch->body.n;
  pl_batch_text(batch, "00000");
  batch->counted = 0;
  pl_batch_text(batch, command);
}

size_t pl_batch_words(const pl_batch *batch) { return batch->counted; }

/* A number that is known only later stands as five digits. */
static void fill_in(pl_batch *batch, size_t at, size_t n) {
  char *digits = batch->body.p + at + strlen("$5\r\n");
  for (int i = COUNT_DIGITS; i > 0 && !batch->body.full; n /= 10) digits[--i] = (char)('0' + n % 10);
}

void pl_batch_end(pl_batch *batch) {
  PL_ASSERT(batch->counted < MOST_WORDS); /* long ones are split */
  fill_in(batch, batch->counted_at, batch->counted);
  batch->ifs++;
}

void pl_batch_split(pl_batch *batch, const char *command, pl_str key) {
  if (batch->counted < SPLIT_WORDS) return;
  pl_batch_end(batch);
  pl_batch_begin(batch, command);
  pl_batch_arg(batch, key);
}

void pl_batch_undo(pl_batch *batch) {
  batch->body.n = batch->counted_at;
  batch->args -= batch->counted + 1;
}

static void open_if(pl_batch *batch) {
  batch->if_at = batch->body.n;
  pl_batch_text(batch, "00000");
  pl_batch_end(batch);
  batch->ifs = 0;
}

void pl_batch_if_new(pl_batch *batch, pl_str key, pl_str field, pl_str value) {
  pl_batch_begin(batch, "NEW");
  pl_batch_arg(batch, key), pl_batch_arg(batch, field), pl_batch_arg(batch, value);
  open_if(batch);
}

static void if_field(pl_batch *batch, const char *is, pl_str key, pl_str field) {
  pl_batch_begin(batch, is);
  pl_batch_arg(batch, key), pl_batch_arg(batch, field);
  open_if(batch);
}

void pl_batch_if_there(pl_batch *batch, pl_str key, pl_str field) { if_field(batch, "THERE", key, field); }
void pl_batch_if_gone(pl_batch *batch, pl_str key, pl_str field) { if_field(batch, "GONE", key, field); }

void pl_batch_if_end(pl_batch *batch) { fill_in(batch, batch->if_at, batch->ifs); }

void pl_batch_finish(const pl_batch *batch, pl_str sha, pl_str mark_key, pl_str owner, pl_buf *out) {
  pl_resp_begin(out, 5 + batch->args);
  pl_resp_arg(out, PL_STR("EVALSHA")), pl_resp_arg(out, sha), pl_resp_arg(out, PL_STR("1"));
  pl_resp_arg(out, mark_key), pl_resp_arg(out, owner);
  pl_buf_put(out, batch->body.p, batch->body.n);
  out->full |= batch->body.full;
}
