/* Redis batch: a real server with the script loaded, a batch sent to it, and what it holds read back. */
#ifndef TESTS_CODEC_REDIS_BATCH_H
#define TESTS_CODEC_REDIS_BATCH_H

#include <hiredis/hiredis.h>
#include <signal.h>

#include "codec/batch.h"
#include "io/redis_server.h"

typedef struct {
  redis_server server;
  redisContext *link;
  char sha[41];
} redis_batch;

static inline redisReply *redis_batch_ask(redis_batch *r, const char *fmt, ...) {
  va_list args;
  va_start(args, fmt);
  redisReply *reply = redisvCommand(r->link, fmt, args);
  va_end(args);
  PL_ASSERT(reply);
  return reply;
}

static inline void redis_batch_start(redis_batch *r) {
  redis_server_init(&r->server);
  redis_server_start(&r->server, NULL);
  r->link = redisConnectWithTimeout("127.0.0.1", r->server.port, (struct timeval){20, 0});
  PL_ASSERT(r->link && !r->link->err);
  redisReply *reply = redis_batch_ask(r, "SCRIPT LOAD %s", pl_batch_script);
  PL_ASSERT(reply->type == REDIS_REPLY_STRING && reply->len == 40);
  memcpy(r->sha, reply->str, sizeof r->sha);
  freeReplyObject(reply);
}

static inline void redis_batch_stop(redis_batch *r) {
  redisFree(r->link);
  redis_server_fini(&r->server);
}

/* The script's answer, or its error; valid until the next one. */
static inline const char *redis_batch_send(redis_batch *r, const pl_batch *batch, const char *mark,
                                           const char *owner) {
  static char text[300];
  pl_buf out;
  redisReply *reply = NULL;
  pl_buf_init(&out, 2 * (size_t)PL_BATCH_MAX);
  pl_batch_finish(batch, pl_str_of(r->sha), pl_str_of(mark), pl_str_of(owner), &out);
  PL_ASSERT(!out.full && redisAppendFormattedCommand(r->link, out.p, out.n) == REDIS_OK);
  PL_ASSERT(redisGetReply(r->link, (void **)&reply) == REDIS_OK);
  (void)snprintf(text, sizeof text, "%s", reply->str ? reply->str : "");
  freeReplyObject(reply);
  pl_buf_fini(&out);
  return text;
}

#endif
