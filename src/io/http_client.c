#include "io/http_client.h"
#include "io/turn.h"

#include <curl/curl.h>
#include <event2/event.h>
#include <stdio.h>
#include <sys/socket.h>

#include "base/mem.h"

typedef struct transfer transfer;
struct transfer {
  CURL *easy;                 /* NULL: it could not even be asked; `error` says why */
  struct curl_slist *headers; /* of an e-mail: its recipient */
  pl_buf body;                /* of the reply */
  bool mail;
  pl_buf letter;    /* what is sent of it, ... */
  size_t posted;    /* ... up to here */
  curl_socket_t fd; /* the last one that was waited for */
  pl_http_reply_fn *fn;
  void *ctx;
  bool running;
  char error[CURL_ERROR_SIZE];
  transfer *next;
};

struct pl_http_client {
  struct event_base *base;
  CURLM *multi;
  struct event *timer; /* libcurl's own deadline */
  struct event *kick;  /* zero length: start what waits, tell what has ended */
  char *ca_file;
  size_t running, pending, concurrent;
  transfer *first, **end; /* all without an answer, in the order of asking */
};

static void arm(struct event *timer, long ms) {
  (void)event_add(timer, &(struct timeval){ms / 1000, ms % 1000 * 1000});
}

/* --- what libcurl calls; none of these calls it back */

static size_t on_body(char *p, size_t size, size_t n, void *ctx) {
  transfer *t = ctx;
  size_t bytes = size * n, left = t->body.max - t->body.n;
  pl_buf_put(&t->body, p, bytes < left ? bytes : left);
  if (bytes <= left) return bytes;
  t->body.full = true;
  return 0; /* ends the transfer */
}

static size_t on_letter_wanted(char *p, size_t size, size_t n, void *ctx) {
  transfer *t = ctx;
  size_t left = t->letter.n - t->posted, bytes = size * n < left ? size * n : left;
  memcpy(p, t->letter.p + t->posted, bytes);
  t->posted += bytes;
  return bytes;
}

/* libcurl waits for what a server says to QUIT, up to two minutes, and everything with it; so that there is
 * nothing to wait for, reading ends when QUIT was sent. */
static int on_said(CURL *easy, curl_infotype type, char *p, size_t n, void *ctx) {
  (void)easy;
  transfer *t = ctx;
  if (type == CURLINFO_HEADER_OUT && n >= 4 && memcmp(p, "QUIT", 4) == 0) (void)shutdown(t->fd, SHUT_RD);
  return 0;
}

static int on_timeout_wanted(CURLM *multi, long ms, void *ctx) {
  (void)multi;
  pl_http_client *client = ctx;
  if (ms < 0)
    (void)event_del(client->timer);
  else
    arm(client->timer, ms);
  return 0;
}

static void on_ready(evutil_socket_t fd, short what, void *ctx);

static int on_socket_wanted(CURL *easy, curl_socket_t fd, int what, void *ctx, void *socket_ctx) {
  pl_http_client *client = ctx;
  struct event *event = socket_ctx;
  transfer *t = NULL;
  if (event) event_free(event);
  event = NULL;
  if (what != CURL_POLL_REMOVE) {
    (void)curl_easy_getinfo(easy, CURLINFO_PRIVATE, (char **)&t);
    if (t) t->fd = fd;
    short flags = (short)((what & CURL_POLL_IN ? EV_READ : 0) | (what & CURL_POLL_OUT ? EV_WRITE : 0));
    event = event_new(client->base, fd, (short)(flags | EV_PERSIST), on_ready, client);
    PL_ASSERT(event && event_add(event, NULL) == 0);
  }
  (void)curl_multi_assign(client->multi, fd, event); /* the one call that is allowed here */
  return 0;
}

/* --- transfers */

static void finish(pl_http_client *client, transfer *t, CURLcode code) {
  pl_http_reply reply = {.body = pl_buf_str(&t->body), .error = t->error};
  if (t->easy) {
    long status = 0;
    curl_off_t after = 0;
    (void)curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
    (void)curl_easy_getinfo(t->easy, CURLINFO_RETRY_AFTER, &after);
    if (t->running) (void)curl_multi_remove_handle(client->multi, t->easy), client->running--;
    curl_easy_cleanup(t->easy);
    curl_slist_free_all(t->headers);
    bool answered = code == CURLE_OK || t->body.full; /* a reply that broke off is none */
    if (t->mail && status >= 400 && code != CURLE_USE_SSL_FAILED)
      answered = true; /* SMTP says no at any step */
    reply.status = answered ? (int)status : 0, reply.retry_after_s = answered ? (int64_t)after : 0;
    if (t->body.full)
      (void)snprintf(t->error, sizeof t->error, "the reply is longer than %zu bytes", t->body.max);
    else if (code == CURLE_OK)
      t->error[0] = 0;
    else if (!t->error[0])
      (void)snprintf(t->error, sizeof t->error, "%s", curl_easy_strerror(code));
    if (!answered) reply.body = (pl_str){"", 0};
  }
  transfer **at = &client->first;
  while (*at != t) at = &(*at)->next;
  *at = t->next;
  if (client->end == &t->next) client->end = at;
  client->pending--;
  t->fn(t->ctx, &reply);
  pl_buf_fini(&t->body);
  pl_buf_fini(&t->letter);
  PL_FREE(t);
}

/* Tells what has ended, starts what may start. Outside libcurl. */
static void settle(pl_http_client *client) {
  int left;
  for (CURLMsg *msg; (msg = curl_multi_info_read(client->multi, &left));) {
    if (msg->msg != CURLMSG_DONE) continue;
    transfer *t;
    CURLcode code = msg->data.result;
    (void)curl_easy_getinfo(msg->easy_handle, CURLINFO_PRIVATE, (char **)&t);
    finish(client, t, code);
  }
  for (transfer *t = client->first, *next; t; t = next) {
    next = t->next;
    if (t->running) continue;
    if (!t->easy) {
      arm(client->kick, 0); /* whatever its function asks for comes after it */
      finish(client, t, CURLE_OK);
      return;
    }
    if (client->running >= client->concurrent) break;
    t->running = true, client->running++;
    PL_ASSERT(curl_multi_add_handle(client->multi, t->easy) == CURLM_OK);
  }
}

static void on_ready(evutil_socket_t fd, short what, void *ctx) {
  pl_turn_enter("endpoints");
  pl_http_client *client = ctx;
  int running, flags = (what & EV_READ ? CURL_CSELECT_IN : 0) | (what & EV_WRITE ? CURL_CSELECT_OUT : 0);
  (void)curl_multi_socket_action(client->multi, fd, flags, &running);
  settle(client);
}

static void on_timer(evutil_socket_t fd, short what, void *ctx) {
  pl_turn_enter("endpoints");
  (void)fd, (void)what;
  pl_http_client *client = ctx;
  int running;
  (void)curl_multi_socket_action(client->multi, CURL_SOCKET_TIMEOUT, 0, &running);
  settle(client);
}

static void on_kick(evutil_socket_t fd, short what, void *ctx) {
  pl_turn_enter("endpoints");
  (void)fd, (void)what;
  settle(ctx);
}

static bool clean(pl_str s) {
  return s.n == 0 || (!memchr(s.p, '\r', s.n) && !memchr(s.p, '\n', s.n) && !memchr(s.p, 0, s.n));
}

static void refuse(transfer *t, const char *why) {
  if (t->easy) curl_easy_cleanup(t->easy);
  curl_slist_free_all(t->headers);
  t->easy = NULL, t->headers = NULL;
  (void)snprintf(t->error, sizeof t->error, "%s", why);
}

static void put_header(transfer *t, pl_str name, pl_str value) {
  pl_buf line;
  pl_buf_init(&line, 16 * 1024);
  pl_buf_str_put(&line, name);
  pl_buf_text(&line, value.n ? ": " : ";");
  pl_buf_str_put(&line, value);
  pl_buf_char(&line, 0);
  if (line.full || !clean(name) || !clean(value) || name.n == 0)
    refuse(t, "a header is longer than 16 KiB, or holds a line break");
  else
    t->headers = curl_slist_append(t->headers, line.p);
  pl_buf_fini(&line);
}

#define SET(option, value) (bad |= curl_easy_setopt(t->easy, CURLOPT_##option, value) != CURLE_OK)

/* What both are. */
static int prepare_call(const pl_http_client *client, transfer *t, const pl_http_call *call) {
  int bad = 0;
  const char *ca_file = call->ca_file ? call->ca_file : client->ca_file;
  SET(URL, call->url);
  SET(PROXY, "");
  SET(NOSIGNAL, 1L);
  SET(SSL_VERIFYPEER, 1L);
  SET(SSL_VERIFYHOST, 2L);
  SET(TIMEOUT_MS, (long)(call->timeout.ms > 0 ? call->timeout.ms : 10000));
  SET(WRITEFUNCTION, on_body);
  SET(WRITEDATA, t);
  SET(PRIVATE, t);
  SET(ERRORBUFFER, t->error);
  if (ca_file) SET(CAINFO, ca_file);
  return bad;
}

static int prepare_http(transfer *t, const pl_http_call *call) {
  int bad = 0;
  SET(PROTOCOLS_STR, "http,https");
  SET(FOLLOWLOCATION, 0L);
  SET(HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
  SET(USERAGENT, "paceline");
  SET(HTTPHEADER, t->headers);
  if (call->body.p) {
    SET(POST, 1L);
    SET(POSTFIELDSIZE_LARGE, (curl_off_t)call->body.n);
    SET(COPYPOSTFIELDS, call->body.p);
  }
  return bad;
}

static int prepare_mail(transfer *t, const pl_http_call *call) {
  int bad = 0;
  const pl_http_mail *mail = call->mail;
  pl_buf_init(&t->letter, call->body.n);
  pl_buf_str_put(&t->letter, call->body);
  SET(PROTOCOLS_STR, "smtp,smtps");
  SET(USE_SSL, (long)(mail->open ? CURLUSESSL_NONE : CURLUSESSL_ALL));
  SET(MAIL_FROM, mail->from);
  SET(MAIL_RCPT, t->headers);
  SET(UPLOAD, 1L);
  SET(READFUNCTION, on_letter_wanted);
  SET(READDATA, t);
  SET(INFILESIZE_LARGE, (curl_off_t)t->letter.n);
  SET(FRESH_CONNECT, 1L); /* every connection ends where on_said hears it */
  SET(FORBID_REUSE, 1L);
  SET(VERBOSE, 1L);
  SET(DEBUGFUNCTION, on_said);
  SET(DEBUGDATA, t);
  if (mail->user) {
    SET(USERNAME, mail->user);
    SET(PASSWORD, mail->password);
  }
  return bad;
}
#undef SET

static void prepare(pl_http_client *client, transfer *t, const pl_http_call *call) {
  if (!call->url) {
    refuse(t, "there is nobody to ask");
    return;
  }
  t->easy = curl_easy_init();
  PL_ASSERT(t->easy);
  t->mail = call->mail != NULL;
  t->headers = curl_slist_append(NULL, t->mail ? call->mail->to : "Expect:"); /* no pause before a body */
  for (size_t i = 0; i < call->nheaders && t->easy; i++)
    put_header(t, call->headers[i].name, call->headers[i].value);
  if (!t->easy) return;
  if (prepare_call(client, t, call) | (call->mail ? prepare_mail : prepare_http)(t, call))
    refuse(t, "libcurl does not know an option it must have; 7.85 or newer is needed");
}

void pl_http_send(pl_http_client *client, const pl_http_call *call, pl_http_reply_fn *fn, void *ctx) {
  transfer *t = PL_NEW(transfer);
  t->fn = fn, t->ctx = ctx, t->fd = CURL_SOCKET_BAD;
  pl_buf_init(&t->body, call->reply_max ? call->reply_max : 64 * 1024);
  if (client->pending >= PL_HTTP_WAITING_MAX)
    refuse(t, "too many calls are waiting");
  else
    prepare(client, t, call);
  *client->end = t, client->end = &t->next;
  client->pending++;
  arm(client->kick, 0);
}

pl_http_client *pl_http_client_new(struct event_base *base, const pl_http_client_config *config) {
  pl_http_client *client = PL_NEW(pl_http_client);
  PL_ASSERT(curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK);
  *client = (pl_http_client){.base = base, .multi = curl_multi_init(), .end = &client->first};
  client->concurrent = config->concurrent > 0 ? (size_t)config->concurrent : PL_HTTP_CONCURRENT;
  client->timer = evtimer_new(base, on_timer, client);
  client->kick = evtimer_new(base, on_kick, client);
  PL_ASSERT(client->multi && client->timer && client->kick);
  if (config->ca_file) {
    size_t n = strlen(config->ca_file) + 1;
    client->ca_file = memcpy(pl_alloc(n), config->ca_file, n);
  }
  (void)curl_multi_setopt(client->multi, CURLMOPT_SOCKETFUNCTION, on_socket_wanted);
  (void)curl_multi_setopt(client->multi, CURLMOPT_SOCKETDATA, client);
  (void)curl_multi_setopt(client->multi, CURLMOPT_TIMERFUNCTION, on_timeout_wanted);
  (void)curl_multi_setopt(client->multi, CURLMOPT_TIMERDATA, client);
  return client;
}

void pl_http_client_free(pl_http_client **client) {
  pl_http_client *c = *client;
  if (!c) return;
  while (c->first) {
    (void)snprintf(c->first->error, sizeof c->first->error, "the client was stopped");
    finish(c, c->first, CURLE_ABORTED_BY_CALLBACK);
  }
  (void)curl_multi_cleanup(c->multi);
  event_free(c->timer);
  event_free(c->kick);
  if (c->ca_file) pl_release(c->ca_file, strlen(c->ca_file) + 1);
  PL_FREE(c);
  *client = NULL;
  curl_global_cleanup();
}
