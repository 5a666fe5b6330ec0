#include "server.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "codec/keys.h"
#include "codec/resp.h"
#include "link.h"

typedef struct bytes bytes;
struct bytes {
  bytes *next;
  pl_buf buf;
};
typedef struct {
  bytes *first, **last;
  size_t n;
} fifo;

struct connection {
  connection *next;
  uint32_t id, process;
  redis_link *link; /* NULL: the client is gone */
  fifo commands, answers;
  int64_t arrival, answer; /* of the last one */
  int64_t late_until;
  bool reset; /* by a crash: what comes through it goes nowhere */
};

struct written {
  pl_buf command;
  uint32_t process;
  int64_t at;
};

enum { ARGS_MAX = 60000, COMMAND_MAX = 32 << 20 };

/* --- queues of bytes */

static bytes *push(fifo *q) {
  bytes *b = PL_NEW(bytes);
  pl_buf_init(&b->buf, COMMAND_MAX);
  *(q->first ? q->last : &q->first) = b;
  q->last = &b->next, q->n++;
  return b;
}

static void pop(fifo *q) {
  bytes *b = q->first;
  q->first = b->next, q->n--;
  pl_buf_fini(&b->buf);
  PL_FREE(b);
}

static void cut_to(fifo *q, size_t n) {
  bytes **at = &q->first;
  for (size_t i = 0; i < n && *at; i++) at = &(*at)->next;
  fifo rest = {.first = *at, .n = q->n > n ? q->n - n : 0};
  *at = NULL, q->last = at, q->n -= rest.n;
  while (rest.first) pop(&rest);
}

/* --- life */

void server_init(server *s, timeline *t, int32_t partitions) {
  *s = (server){.t = t, .up = true, .ledger = {.t = t, .partitions = partitions}};
}

static void close_connection(connection **place) {
  connection *c = *place;
  *place = c->next;
  cut_to(&c->commands, 0), cut_to(&c->answers, 0);
  PL_FREE(c);
}

void server_fini(server *s) {
  while (s->connections) close_connection(&s->connections);
  for (size_t i = 0; i < s->nlog; i++) pl_buf_fini(&s->log[i].command);
  pl_release(s->log, s->log_room * sizeof *s->log);
  ledger_fini(&s->ledger);
  data_fini(&s->data);
}

static void on_claim(void *ctx, pl_str mark, pl_str owner) {
  server *s = ctx;
  ledger_claim(&s->ledger, s->runs, mark, owner);
  s->claimed = true;
}

static void on_write(void *ctx, pl_str mark, pl_str owner, const pl_str *command, size_t words) {
  server *s = ctx;
  ledger_write(&s->ledger, s->runs, mark, owner, command, words);
}

/* --- running a command */

static size_t parse(pl_str resp, pl_str *args) {
  size_t n = 0, count = 0;
  const char *p = resp.p + 1, *end = resp.p + resp.n;
  for (; *p != '\r'; p++) count = 10 * count + (size_t)(*p - '0');
  PL_ASSERT(resp.n && *resp.p == '*' && count < ARGS_MAX);
  for (p += 2; p < end && n < count; n++) {
    size_t len = 0;
    for (p++; *p != '\r'; p++) len = 10 * len + (size_t)(*p - '0');
    args[n] = (pl_str){p + 2, len};
    p += 2 + len + 2;
  }
  PL_ASSERT(n == count && p == end);
  return n;
}

static void keep(server *s, pl_str command) {
  if (s->nlog == s->log_room) {
    size_t room = s->log_room ? 2 * s->log_room : 256;
    s->log = pl_resize(s->log, s->log_room * sizeof *s->log, room * sizeof *s->log);
    s->log_room = room;
  }
  written *w = &s->log[s->nlog++];
  *w = (written){.process = s->runs, .at = s->t->now};
  pl_buf_init(&w->command, COMMAND_MAX);
  pl_buf_str_put(&w->command, command);
}

static void run_script(server *s, const script *found, pl_str command, const pl_str *args, size_t n,
                       pl_buf *out) {
  int64_t nkeys = 0;
  static pl_buf scratch;
  if (!pl_str_int(args[2], &nkeys)) nkeys = 0;
  pl_buf_init(&scratch, COMMAND_MAX);
  script_call c = {.d = &s->data,
                   .keys = args + 3,
                   .nkeys = (size_t)nkeys,
                   .args = args + 3 + nkeys,
                   .nargs = n - 3 - (size_t)nkeys,
                   .out = out,
                   .scratch = &scratch,
                   .on_write = on_write,
                   .on_claim = on_claim,
                   .ctx = s};
  if (found->writes && s->runs) keep(s, command);
  found->run(&c);
  if (c.wrong) timeline_fail(s->t, "script %s: %s", found->name, c.wrong);
  pl_buf_fini(&scratch);
}

static const script *known(server *s, pl_str text) {
  const script *found = script_find(script_hash(text));
  if (!found)
    timeline_fail(s->t, "a script that the model does not know, or has changed; its hash is 0x%016llx: %.*s",
                  (unsigned long long)script_hash(text), (int)text.n, text.p);
  return found;
}

/* An error in place of the script: nothing of it happens. */
static const char *refusal(const server *s, const script *found, bool by_sha) {
  if (!s->runs) return NULL; /* it has happened once */
  if (by_sha && !s->scripted) return "NOSCRIPT No matching script. Please use EVAL.";
  return found->writes && s->t->now < s->moody_until ? s->mood : NULL;
}

/* SCRIPT LOAD, EVALSHA, EVAL, and what only reads. */
static void run(server *s, pl_str command, pl_buf *out) {
  static pl_str args[ARGS_MAX];
  size_t n = parse(command, args);
  bool by_sha = pl_str_is(args[0], "EVALSHA");
  if (pl_str_is(args[0], "SCRIPT")) {
    s->scripted = known(s, args[2]) != NULL;
    data_bulk(out, PL_STR("0123456789abcdef0123456789abcdef01234567"));
  } else if (by_sha || pl_str_is(args[0], "EVAL")) {
    const script *named = by_sha ? script_find_named(pl_str_is(args[1], "claim") ? "claim" : "batch") : NULL;
    const script *found = named ? named : known(s, args[1]);
    const char *refused = found ? refusal(s, found, by_sha) : "ERR unknown";
    if (refused)
      data_error(out, refused);
    else
      run_script(s, found, command, args, n, out);
  } else {
    bool reads = pl_str_is(args[0], "HMGET") || pl_str_is(args[0], "HGETALL") || pl_str_is(args[0], "HGET") ||
                 pl_str_is(args[0], "SMEMBERS") || pl_str_is(args[0], "SSCAN");
    if (!reads || !data_run(&s->data, args, n, out))
      timeline_fail(s->t, "%.*s outside of a script: it writes unfenced, or the model does not know it",
                    (int)args[0].n, args[0].p);
  }
}

/* --- connections */

static connection **find(server *s, uint32_t id) {
  connection **place = &s->connections;
  while (*place && (*place)->id != id) place = &(*place)->next;
  return place;
}

uint32_t server_accept(server *s, redis_link *link, uint32_t whose) {
  connection *c = PL_NEW(connection);
  c->id = ++s->ids, c->process = whose, c->link = link;
  c->next = s->connections, s->connections = c;
  return c->id;
}

static int64_t latency(server *s) {
  return s->t->now < s->slow_until ? timeline_draw(s->t, 10 * MS, 500 * MS) : timeline_draw(s->t, 50, 1500);
}

static void on_arrival(void *ctx, const int64_t arg[EVENT_ARGS]) {
  server *s = ctx;
  connection **place = find(s, (uint32_t)arg[0]), *c = *place;
  if (!c || !c->commands.n || !s->up) return;
  int64_t later = s->stands_until > c->late_until ? s->stands_until : c->late_until;
  if (later > s->t->now) {
    timeline_put(s->t, later, NULL, on_arrival, s, arg);
    return;
  }
  s->runs = c->process;
  bytes *answer = push(&c->answers);
  run(s, pl_buf_str(&c->commands.first->buf), &answer->buf);
  s->runs = 0;
  if (s->claimed && s->flush_at_claim) server_flush_all(s);
  s->claimed = false;
  pop(&c->commands);
  if (c->link) {
    int64_t at = s->t->now + latency(s);
    if (at < c->answer) at = c->answer;
    c->answer = at;
    link_tell_answer(c->link, c->id, at - s->t->now);
  } else if (!c->commands.n) {
    close_connection(place);
  }
}

void server_send(server *s, uint32_t id, pl_str command) {
  connection *c = *find(s, id);
  if (!c || c->reset) return;
  pl_buf_str_put(&push(&c->commands)->buf, command);
  int64_t at = s->t->now + latency(s);
  if (at < c->arrival) at = c->arrival;
  c->arrival = at;
  timeline_put(s->t, at, NULL, on_arrival, s, (const int64_t[EVENT_ARGS]){id});
}

size_t server_pending(const server *s, uint32_t id) {
  const connection *c = s->connections;
  while (c && c->id != id) c = c->next;
  return c ? c->commands.n : 0;
}

bool server_answer(server *s, uint32_t id, pl_buf *out) {
  connection *c = *find(s, id);
  if (!c || !c->answers.n) return false;
  pl_buf_clear(out);
  pl_buf_str_put(out, pl_buf_str(&c->answers.first->buf));
  pop(&c->answers);
  return true;
}

void server_delay(server *s, uint32_t id, int64_t us) {
  connection *c = *find(s, id);
  if (c) c->late_until = s->t->now + us;
}

void server_hang_up(server *s, uint32_t id, size_t arrive) {
  connection **place = find(s, id), *c = *place;
  if (!c) return;
  c->link = NULL;
  cut_to(&c->answers, 0), cut_to(&c->commands, arrive);
  if (!c->commands.n) close_connection(place);
}

/* --- what befalls it */

enum { NOBODY = 1000000 /* a process that never is */ };

void server_claim_late(server *s, int32_t partition) {
  char partitions[2] = {(char)('0' + s->ledger.partitions), 0};
  pl_key mark = pl_key_mark("pl", partition), meta = pl_key_meta("pl");
  pl_buf command, out;
  pl_buf_init(&command, COMMAND_MAX), pl_buf_init(&out, COMMAND_MAX);
  pl_resp_begin(&command, 8);
  pl_resp_arg(&command, PL_STR("EVALSHA")), pl_resp_arg(&command, PL_STR("claim"));
  pl_resp_arg_int(&command, 2), pl_resp_arg(&command, pl_key_str(&mark)),
      pl_resp_arg(&command, pl_key_str(&meta));
  pl_resp_arg(&command, PL_STR("nobody/00000000")), pl_resp_arg(&command, pl_str_of(partitions));
  pl_resp_arg(&command, PL_STR("1"));
  s->runs = NOBODY;
  run(s, pl_buf_str(&command), &out);
  s->runs = 0;
  pl_buf_fini(&command), pl_buf_fini(&out);
}

void server_flush_all(server *s) {
  s->flush_at_claim = false;
  data_clear(&s->data);
  ledger_lost(&s->ledger);
  for (size_t i = 0; i < s->nlog; i++) pl_buf_fini(&s->log[i].command);
  s->nlog = 0;
}

void server_crash(server *s, int64_t tail) {
  size_t kept = s->nlog;
  while (kept > 0 && s->log[kept - 1].at > s->t->now - tail) kept--;
  timeline_trace(s->t, "redis.crash", (int64_t)s->nlog, (int64_t)kept, tail);
  s->scripted = false;
  s->stands_until = 0;
  for (connection *c = s->connections; c; c = c->next) c->reset = true, cut_to(&c->commands, 0);
  if (kept == s->nlog) return;
  data_clear(&s->data);
  ledger_lost(&s->ledger);
  for (size_t i = kept; i < s->nlog; i++) pl_buf_fini(&s->log[i].command);
  s->nlog = kept;
  pl_buf out;
  pl_buf_init(&out, COMMAND_MAX);
  for (size_t i = 0; i < kept; i++) {
    pl_buf_clear(&out);
    run(s, pl_buf_str(&s->log[i].command), &out);
  }
  pl_buf_fini(&out);
}
