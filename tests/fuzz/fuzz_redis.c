/* What a Redis may answer: bytes from a socket to the real store, the answers to its greeting first. Every
 * command is answered once, by a reply that is whole or by none.
 *
 * One whole reply is sent for each command, then the rest of the bytes: hiredis 0.14 ends the process when a
 * reply comes that nobody has asked for, and when what comes on a subscribed connection is no message. */
#include "io/redis.h"

#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <hiredis/hiredis.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "codec/resp.h"
#include "fuzz.h"
#include "io/redis_info.h"

enum { COMMANDS = 6 };

static struct event_base *base;
static pl_store *store;
static char path[64];
static int listener = -1, asked, answered;

static void walk(const pl_reply *reply, pl_buf *seen) {
  switch (reply->kind) {
  case PL_REPLY_ERROR:
  case PL_REPLY_TEXT: pl_buf_str_put(seen, reply->s); return;
  case PL_REPLY_ARRAY:
    for (size_t i = 0; i < reply->n; i++) walk(&reply->items[i], seen);
    return;
  default: PL_ASSERT(reply->kind == PL_REPLY_NIL || reply->kind == PL_REPLY_INT);
  }
}

static void on_answer(void *ctx, const pl_reply *reply) {
  (void)ctx;
  answered++;
  pl_answer class = pl_reply_class(reply);
  PL_ASSERT((class == PL_ANSWER_UNKNOWN) == !reply);
  if (!reply) return;
  pl_buf seen;
  pl_buf_init(&seen, 1 << 20);
  walk(reply, &seen);
  if (reply->kind == PL_REPLY_TEXT) pl_redis_info_check(reply->s, &seen);
  pl_buf_fini(&seen);
}

static void on_up(void *ctx) {
  (void)ctx;
  pl_buf command;
  pl_buf_init(&command, 64);
  pl_resp_begin(&command, 1), pl_resp_arg(&command, PL_STR("PING"));
  for (int i = 0; i < COMMANDS; i++, asked++) store->ops->send(store, pl_buf_str(&command), on_answer, NULL);
  pl_buf_fini(&command);
}

static void on_down(void *ctx, const char *why) { PL_ASSERT(!ctx && *why); }
static void on_message(void *ctx, pl_str channel, pl_str payload) { (void)ctx, (void)channel, (void)payload; }

static void tidy_up(void) { (void)unlink(path); }

static void set_up(void) { /* for as long as the process */
  struct sockaddr_un at = {.sun_family = AF_UNIX};
  const char *where = getenv("TMPDIR");
  (void)snprintf(path, sizeof path, "%.40s/fuzz-%d", where ? where : P_tmpdir, (int)getpid());
  (void)snprintf(at.sun_path, sizeof at.sun_path, "%s", path);
  listener = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  PL_ASSERT(listener >= 0 && bind(listener, (struct sockaddr *)&at, sizeof at) == 0 &&
            listen(listener, 8) == 0);
  (void)atexit(tidy_up);
}

typedef struct {
  int fd;
  pl_str left; /* to be sent */
} peer;

/* How long the first reply is; nothing whole: all of it. */
static size_t reply_of(pl_str bytes) {
  redisReader *reader = redisReaderCreate();
  void *reply = NULL;
  size_t n = 0;
  for (; n < bytes.n && !reply; n++)
    if (redisReaderFeed(reader, bytes.p + n, 1) != REDIS_OK ||
        redisReaderGetReply(reader, &reply) != REDIS_OK)
      break;
  if (reply) freeReplyObject(reply);
  redisReaderFree(reader);
  return reply ? n : bytes.n;
}

static void say(peer *l, size_t n) {
  (void)send(l->fd, l->left.p, n, MSG_NOSIGNAL);
  l->left.p += n, l->left.n -= n;
  if (l->left.n == 0) (void)shutdown(l->fd, SHUT_WR);
}

/* A reply for each command that was heard; true: it is still there. */
static bool serve(peer *l) {
  char heard[4096];
  ssize_t got = recv(l->fd, heard, sizeof heard, 0);
  for (ssize_t i = 0; i < got; i++)
    if (heard[i] == '*' && l->left.n) say(l, reply_of(l->left));
  if (got > 0 || (got < 0 && errno == EAGAIN)) return true;
  return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (listener < 0) set_up();
  int64_t live = pl_mem_live();
  peer l = {-1, fuzz_str(data, size)};
  pl_err err;
  const pl_redis_config config = {.unix_path = path};
  const pl_store_handler handler = {on_up, on_down, on_message, NULL};
  if (size == 0) return 0;
  asked = answered = 0;
  base = event_base_new();
  store = pl_redis_new(base, &config);
  fuzz_need(store->ops->start(store, &handler, &err), &err);
  for (bool there = true; there && (!asked || answered < asked);) {
    (void)event_base_loop(base, EVLOOP_NONBLOCK);
    if (l.fd < 0) l.fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    there = l.fd < 0 || serve(&l);
  }
  if (l.fd >= 0) (void)close(l.fd);
  (void)pl_redis_why(store), (void)pl_redis_warnings(store);
  pl_redis_free(&store);
  event_base_free(base);
  PL_ASSERT(asked == answered && pl_mem_live() == live);
  return 0;
}
