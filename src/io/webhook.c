#include "io/webhook.h"

#include <stdio.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/secret.h"
#include "io/sign.h"

enum { URL_MAX = 2048, REPLY_MAX = 4096 };

typedef struct {
  char url[URL_MAX];
  unsigned char key[PL_SIGN_KEY_MAX];
  size_t key_len; /* 0: not signed */
} endpoint;

typedef struct {
  pl_sender sender; /* first */
  pl_http_client *client;
  endpoint *endpoints;
  size_t n;
} webhook;

typedef struct {
  pl_sent_fn *fn;
  void *ctx;
} call;

static void on_reply(void *ctx, const pl_http_reply *reply) {
  call c = *(call *)ctx;
  pl_release(ctx, sizeof c);
  pl_err why = {""};
  pl_sent what = pl_sink_verdict(PL_SINK_WEBHOOK, reply->status, reply->body, &why);
  if (*reply->error) (void)snprintf(why.text, sizeof why.text, "%.200s", reply->error);
  c.fn(c.ctx, what, reply->status, reply->retry_after_s, why.text);
}

static void send(pl_sender *sender, size_t index, pl_str address, pl_str id, pl_str body, pl_sent_fn *fn,
                 void *ctx) {
  (void)address;
  webhook *w = (webhook *)sender;
  const endpoint *e = &w->endpoints[index];
  call *c = PL_NEW(call);
  *c = (call){fn, ctx};
  char at[24];
  int64_t now = pl_seconds(pl_clock_wall());
  (void)snprintf(at, sizeof at, "%lld", (long long)now);
  pl_buf signature;
  pl_buf_init(&signature, 512);
  if (e->key_len) pl_sign_webhook(e->key, e->key_len, id, now, body, &signature);
  const pl_header headers[] = {{PL_STR("Content-Type"), PL_STR("application/json")},
                               {PL_STR("webhook-id"), id},
                               {PL_STR("webhook-timestamp"), pl_str_of(at)},
                               {PL_STR("webhook-signature"), pl_buf_str(&signature)}};
  pl_http_call request = {.url = e->url,
                          .headers = headers,
                          .nheaders = e->key_len ? 4 : 3,
                          .body = body,
                          .timeout = {10000},
                          .reply_max = REPLY_MAX};
  pl_http_send(w->client, &request, on_reply, c);
  pl_buf_fini(&signature);
}

static const pl_sender_ops ops = {send};

static pl_status open_endpoint(endpoint *e, const pl_webhook_endpoint *from, pl_err *err) {
  char key[PL_SIGN_KEY_MAX + 1];
  pl_err why = {""};
  if (from->url)
    (void)snprintf(e->url, sizeof e->url, "%s", from->url);
  else if (pl_secret_read(from->url_file, e->url, sizeof e->url, &why) != PL_OK)
    return pl_fail(err, PL_REJECT, "endpoints.%s.url_file: %.500s; expected a file with one url", from->name,
                   why.text);
  if (!from->key_file) return PL_OK;
  if (pl_secret_read(from->key_file, key, sizeof key, &why) != PL_OK)
    return pl_fail(err, PL_REJECT, "endpoints.%s.key_file: %.500s; expected a file with one key", from->name,
                   why.text);
  if (!pl_sign_key(pl_str_of(key), e->key, &e->key_len))
    return pl_fail(err, PL_REJECT, "endpoints.%s.key_file: what follows whsec_ is not base64", from->name);
  return PL_OK;
}

pl_status pl_webhook_new(pl_sender **out, pl_http_client *client, const pl_webhook_endpoint *endpoints,
                         size_t n, pl_err *err) {
  webhook *w = PL_NEW(webhook);
  w->sender.ops = &ops, w->client = client, w->n = n;
  w->endpoints = pl_alloc(n * sizeof *w->endpoints);
  *out = &w->sender;
  pl_status status = PL_OK;
  for (size_t i = 0; i < n && status == PL_OK; i++)
    status = open_endpoint(&w->endpoints[i], &endpoints[i], err);
  if (status != PL_OK) pl_webhook_free(out);
  return status;
}

void pl_webhook_free(pl_sender **sender) {
  webhook *w = (webhook *)*sender;
  if (!w) return;
  pl_release(w->endpoints, w->n * sizeof *w->endpoints);
  pl_release(w, sizeof *w);
  *sender = NULL;
}
