#include "io/courier.h"

#include <stdio.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/secret.h"
#include "io/sign.h"

enum { SECRET_MAX = 2048, REPLY_MAX = 4096, ADDRESS_MAX = 256, WEB_MS = 10000, MAIL_MS = 60000 };

typedef struct {
  pl_courier_endpoint is;
  char url[SECRET_MAX], bearer[SECRET_MAX + 8], password[SECRET_MAX];
  pl_sign_keys keys;
} endpoint;

typedef struct {
  pl_sender sender; /* first */
  pl_http_client *client;
  endpoint *endpoints;
  size_t n;
} courier;

typedef struct {
  pl_sink_kind kind;
  bool reachable;
  pl_sent_fn *fn;
  void *ctx;
} call;

static void on_reply(void *ctx, const pl_http_reply *reply) {
  call c = *(call *)ctx;
  pl_release(ctx, sizeof c);
  pl_err why = {""}, text;
  if (!c.reachable) {
    c.fn(c.ctx, PL_SENT_REFUSED, 0, 0, "the recipient has no address of that kind; give one in the roster");
    return;
  }
  pl_sent what = pl_sink_verdict(c.kind, reply->status, reply->body, &why);
  (void)snprintf(text.text, sizeof text.text, "%.600s%s%.200s", why.text, *reply->error ? ": " : "",
                 reply->error);
  c.fn(c.ctx, what, reply->status, reply->retry_after_s, text.text);
}

static void send_mail(courier *w, const endpoint *e, pl_str address, pl_str body, call *c) {
  char to[ADDRESS_MAX];
  (void)snprintf(to, sizeof to, "%.*s", (int)address.n, address.p);
  const pl_http_mail mail = {.from = e->is.from,
                             .to = to,
                             .user = e->is.user,
                             .password = e->is.user ? e->password : NULL,
                             .open = e->is.open};
  pl_http_send(
      w->client,
      &(pl_http_call){
          .url = e->url, .mail = &mail, .body = body, .ca_file = e->is.ca_file, .timeout = {MAIL_MS}},
      on_reply, c);
}

static void send_web(courier *w, const endpoint *e, pl_str id, pl_str body, call *c) {
  char at[24];
  int64_t now = pl_seconds(pl_clock_wall());
  pl_header headers[5] = {{PL_STR("Content-Type"), PL_STR("application/json")}};
  size_t n = 1;
  pl_buf signature;
  pl_buf_init(&signature, 512);
  if (*e->bearer) headers[n++] = (pl_header){PL_STR("Authorization"), pl_str_of(e->bearer)};
  if (e->is.kind == PL_SINK_WEBHOOK) {
    (void)snprintf(at, sizeof at, "%lld", (long long)now);
    headers[n++] = (pl_header){PL_STR("webhook-id"), id};
    headers[n++] = (pl_header){PL_STR("webhook-timestamp"), pl_str_of(at)};
    pl_sign_webhook(&e->keys, id, now, body, &signature);
    if (e->keys.n) headers[n++] = (pl_header){PL_STR("webhook-signature"), pl_buf_str(&signature)};
  }
  pl_http_send(w->client,
               &(pl_http_call){.url = e->url,
                               .headers = headers,
                               .nheaders = n,
                               .body = body,
                               .ca_file = e->is.ca_file,
                               .timeout = {WEB_MS},
                               .reply_max = REPLY_MAX},
               on_reply, c);
  pl_buf_fini(&signature);
}

static void send(pl_sender *sender, size_t index, pl_str address, pl_str id, pl_str body, pl_sent_fn *fn,
                 void *ctx) {
  courier *w = (courier *)sender;
  const endpoint *e = &w->endpoints[index];
  call *c = PL_NEW(call);
  *c = (call){e->is.kind, pl_sink_reaches(e->is.kind, address), fn, ctx};
  if (!c->reachable)
    pl_http_send(w->client, &(pl_http_call){.url = NULL}, on_reply, c);
  else if (e->is.kind == PL_SINK_SMTP)
    send_mail(w, e, address, body, c);
  else
    send_web(w, e, id, body, c);
}

static const pl_sender_ops ops = {send};

/* --- what stands in files */

static pl_status read_file(const endpoint *e, const char *option, const char *path, char *out, pl_err *err) {
  pl_err why = {""};
  if (pl_secret_read(path, out, SECRET_MAX, &why) != PL_OK)
    return pl_fail(err, PL_REJECT, "endpoints.%s.%s: %.700s", e->is.name, option, why.text);
  return PL_OK;
}

/* One that is sent in a header, or stands in a command: one line of it. */
static pl_status read_line(const endpoint *e, const char *option, const char *path, char *out, pl_err *err) {
  pl_status status = read_file(e, option, path, out, err);
  for (const char *p = out; status == PL_OK && *p; p++)
    if ((unsigned char)*p < ' ' || *p == 0x7F)
      status = pl_fail(err, PL_REJECT, "endpoints.%s.%s: the file has more than one line, expected one",
                       e->is.name, option);
  return status;
}

static bool begins(const char *text, const char *with) { return strncmp(text, with, strlen(with)) == 0; }

static pl_status open_url(endpoint *e, pl_err *err) {
  static const char api[] = "/api/v2/alerts";
  bool smtp = e->is.kind == PL_SINK_SMTP;
  if (e->is.url)
    (void)snprintf(e->url, sizeof e->url, "%s", e->is.url);
  else {
    pl_status status = read_line(e, "url_file", e->is.url_file, e->url, err);
    if (status != PL_OK) return status;
  }
  if (smtp ? !begins(e->url, "smtp://") && !begins(e->url, "smtps://")
           : !begins(e->url, "https://") && !begins(e->url, "http://"))
    return pl_fail(err, PL_REJECT, "endpoints.%s: its url begins otherwise, expected %s", e->is.name,
                   smtp ? "smtp:// or smtps://" : "https:// or http://");
  if (e->is.kind != PL_SINK_ALERTMANAGER) return PL_OK;
  size_t n = strlen(e->url), end = sizeof api - 1;
  if (n >= end && strcmp(e->url + n - end, api) == 0) return PL_OK;
  while (n && e->url[n - 1] == '/') n--;
  (void)snprintf(e->url + n, sizeof e->url - n, "%s", api);
  return PL_OK;
}

static pl_status open_endpoint(endpoint *e, pl_err *err) {
  char text[SECRET_MAX];
  pl_err why = {""};
  pl_status status = open_url(e, err);
  if (status == PL_OK && e->is.key_file) {
    status = read_file(e, "key_file", e->is.key_file, text, err);
    if (status == PL_OK && pl_sign_keys_read(&e->keys, pl_str_of(text), &why) != PL_OK)
      status = pl_fail(err, PL_REJECT, "endpoints.%s.key_file: %.500s", e->is.name, why.text);
  }
  if (status == PL_OK && e->is.token_file) {
    status = read_line(e, "token_file", e->is.token_file, text, err);
    if (status == PL_OK) (void)snprintf(e->bearer, sizeof e->bearer, "Bearer %s", text);
  }
  if (status == PL_OK && e->is.password_file)
    status = read_line(e, "password_file", e->is.password_file, e->password, err);
  return status;
}

pl_status pl_courier_new(pl_sender **out, pl_http_client *client, const pl_courier_endpoint *endpoints,
                         size_t n, pl_err *err) {
  courier *w = PL_NEW(courier);
  w->sender.ops = &ops, w->client = client, w->n = n;
  w->endpoints = pl_alloc(n * sizeof *w->endpoints);
  *out = &w->sender;
  pl_status status = PL_OK;
  for (size_t i = 0; i < n && status == PL_OK; i++) {
    w->endpoints[i].is = endpoints[i];
    status = open_endpoint(&w->endpoints[i], err);
  }
  if (status != PL_OK) pl_courier_free(out);
  return status;
}

void pl_courier_free(pl_sender **sender) {
  courier *w = (courier *)*sender;
  if (!w) return;
  pl_release(w->endpoints, w->n * sizeof *w->endpoints);
  pl_release(w, sizeof *w);
  *sender = NULL;
}
