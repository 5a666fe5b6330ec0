#include "cli/door.h"

#include <stdio.h>
#include <strings.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "cli/answer_page.h"
#include "cli/contract.h"
#include "codec/answer.h"
#include "codec/keys.h"
#include "codec/resp.h"
#include "codec/wire.h"

enum { EVENT_MAX = 8192 };

static void on_schema(void *ctx, const pl_schema_told *told) {
  pl_door *d = ctx;
  d->asks = false, d->told = told->text.p != NULL, d->schema = told->id, d->why.text[0] = 0;
  if (d->told) return;
  (void)!pl_contract_refuse(d->config, PL_WRITES_ACTIVITY, told->why, &d->why);
  pl_log(PL_LOG_WARN, "answers", "nobody can answer here: %s", d->why.text);
}

/* Among the files, else in the registry, whose answer holds for this process's life. */
static void find_schema(pl_door *d) {
  int32_t told = d->schema;
  if (pl_contract_look(d->config, PL_WRITES_ACTIVITY, &d->plain, &d->schema, &d->why) != PL_AGAIN) return;
  d->schema = told;
  if (d->told) d->why.text[0] = 0;
  if (d->told || d->asks) return;
  d->asks = true;
  pl_contract_ask(d->config, PL_WRITES_ACTIVITY, d->registry, on_schema, d);
}

void pl_door_set(pl_door *d, const pl_config *config) {
  d->config = config, d->why.text[0] = 0;
  if (!config->http.key_file)
    (void)pl_fail(&d->why, PL_REJECT, "http.key_file: found none, expected the keys of those who may answer");
  else if (config->clock != PL_CLOCK_WALL)
    (void)pl_fail(&d->why, PL_REJECT, "`clock: stream`: answers are events of the stream; write them there");
  else
    find_schema(d);
}

/* --- what is said back: pages to people, documents to programs */

typedef enum { TO_PERSON, TO_PROGRAM } reader;

static void page(pl_http_response *response, int status) {
  response->status = status, response->type = "text/html; charset=utf-8";
  pl_buf_clear(&response->body);
}

static void put_headers(pl_http_response *response) {
  pl_http_header_put(response, "Content-Security-Policy", pl_answer_page_policy);
  pl_http_header_put(response, "Referrer-Policy", "no-referrer");
  pl_http_header_put(response, "X-Frame-Options", "DENY");
  pl_http_header_put(response, "X-Robots-Tag", "noindex");
}

static void note(pl_http_response *response, reader to, int status, const char *title, const char *text) {
  if (to == TO_PROGRAM) {
    pl_http_problem(response, status, title, text);
  } else {
    page(response, status);
    pl_answer_page_note(&response->body, title, text);
  }
}

/* --- who may come in */

/* `host[:port]` of a URL. */
static pl_str authority(const char *url) {
  const char *host = strstr(url, "://") + 3;
  return (pl_str){host, strcspn(host, "/")};
}

static bool same_name(pl_str a, pl_str b) { return a.n == b.n && a.n && strncasecmp(a.p, b.p, a.n) == 0; }

/* The public name, that under which we listen, or this machine's own whatever the port: a proxy's. */
static bool is_our_name(const pl_door *d, pl_str host) {
  static const char *const own[] = {"localhost", "127.0.0.1", "[::1]"};
  char listen[PL_ID_MAX + 16];
  (void)snprintf(listen, sizeof listen, "%s:%d", d->config->http.listen.host, pl_http_server_port(d->server));
  if (d->config->public_url && same_name(host, authority(d->config->public_url))) return true;
  if (same_name(host, pl_str_of(listen))) return true;
  for (size_t i = 0; i < PL_COUNT(own); i++) {
    size_t n = strlen(own[i]);
    if (host.n >= n && same_name((pl_str){host.p, n}, pl_str_of(own[i])) && (host.n == n || host.p[n] == ':'))
      return true;
  }
  return false;
}

/* The page that asks: ours; browsers that were told to send no referrer say `null`, programs nothing. */
static bool is_our_page(const pl_door *d, pl_str origin, bool may_hide) {
  if (!origin.p || (may_hide && pl_str_is(origin, "null"))) return true;
  const char *url = d->config->public_url;
  pl_str ours = url ? authority(url) : (pl_str){0};
  if (url) ours = (pl_str){url, (size_t)(ours.p + ours.n - url)};
  return same_name(origin, ours);
}

static bool welcome(const pl_door *d, const pl_http_request *request, pl_http_response *response, reader to,
                    bool may_hide) {
  if (*d->why.text)
    note(response, to, d->asks ? 503 : 404, d->asks ? "Service Unavailable" : "Not Found",
         to == TO_PROGRAM ? d->why.text : "Nobody answers here.");
  else if (!is_our_name(d, pl_http_header(request, "Host")))
    note(response, to, 421, "Misdirected Request", "This server has another name.");
  else if (!is_our_page(d, pl_http_header(request, "Origin"), may_hide))
    note(response, to, 403, "Forbidden", "This was sent from another page.");
  else
    return true;
  return false;
}

static bool is_expired(const pl_pass *pass) { return pl_seconds(pl_clock_wall()) >= pass->until_s; }

/* What a link's token says; false: the response says why not. */
static bool read_link(const pl_door *d, pl_str token, pl_pass *out, pl_http_response *response, reader to) {
  pl_str text;
  if (!pl_keyring_check(d->keys, token, &text) || !pl_pass_decode(text, out) || out->role != PL_ROLE_REP ||
      !out->alert.n)
    note(response, to, 403, "Forbidden",
         "This link is not one of ours, or not whole. Open it from the message itself.");
  else if (is_expired(out))
    note(response, to, 410, "Gone", "This link has expired.");
  else
    return true;
  return false;
}

static bool read_bearer(const pl_door *d, const pl_http_request *request, pl_pass *out,
                        pl_http_response *response) {
  static const char scheme[] = "Bearer ";
  pl_str given = pl_http_header(request, "Authorization"), text;
  size_t n = sizeof scheme - 1;
  bool is = given.n > n && strncasecmp(given.p, scheme, n) == 0 &&
            pl_keyring_check(d->keys, (pl_str){given.p + n, given.n - n}, &text) && pl_pass_decode(text, out);
  if (is && !is_expired(out)) return true;
  pl_http_header_put(response, "WWW-Authenticate", given.p ? "Bearer error=\"invalid_token\"" : "Bearer");
  pl_http_problem(response, 401, "Unauthorized",
                  is ? "the token has expired" : "expected a token, as `paceline token` makes them");
  return false;
}

/* --- the answer, as an event */

static void encode(const pl_door *d, pl_str rep, const pl_answer_word *word, pl_buf *out) {
  char id[PL_ID_MAX + 1];
  const pl_activity activity = pl_answer_activity(id, rep, pl_clock_wall(), word);
  if (!d->plain) pl_wire_put(out, d->schema);
  PL_ASSERT(pl_activity_encode(out, &activity) && !out->full); /* it has no amount */
}

static void not_now(pl_http_response *response, reader to) {
  pl_http_header_put(response, "Retry-After", "10");
  note(response, to, 503, "Service Unavailable",
       "Your answer could not be recorded. Please send it again in a moment.");
}

/* What is sent if Kafka says nothing in time; the ticket is 0 if that is all that will be said. */
static uint32_t begin_late(const pl_door *d, pl_http_response *response, reader to) {
  uint32_t ticket = pl_http_later(d->server, response);
  if (ticket)
    note(response, to, 504, "Gateway Timeout",
         "Whether your answer is recorded is not known yet. Sending it again does no harm.");
  else
    not_now(response, to);
  return ticket;
}

static bool is_page(const pl_http_response *response) { return strncmp(response->type, "text/html", 9) == 0; }

void pl_door_said(pl_door *d, uint32_t ticket, bool taken) {
  pl_http_response *response = d->server ? pl_http_late(d->server, ticket) : NULL;
  if (!response) return;
  bool person = is_page(response);
  if (!taken) {
    not_now(response, person ? TO_PERSON : TO_PROGRAM);
  } else if (person) {
    pl_http_header_put(response, "Location", "?said"); /* a reload sends nothing again */
    note(response, TO_PERSON, 303, "Thank you", "Your answer is recorded.");
  } else {
    pl_http_text(response, 202, PL_STR("{\"status\":\"recorded\"}\n"));
    response->type = "application/json";
  }
  pl_http_late_send(d->server, ticket);
}

/* --- what comes in */

static bool is_type(pl_str given, const char *type) {
  size_t n = strlen(type);
  return given.n >= n && strncasecmp(given.p, type, n) == 0 &&
         (given.n == n || given.p[n] == ';' || given.p[n] == ' ');
}

static bool is_json(const pl_http_request *request) {
  return is_type(pl_http_header(request, "Content-Type"), "application/json");
}

/* True: it is one of the two, and not too long. */
static bool is_readable(const pl_http_request *request, pl_http_response *response, reader to) {
  bool form = is_type(pl_http_header(request, "Content-Type"), "application/x-www-form-urlencoded");
  if (!(to == TO_PERSON ? form : is_json(request)))
    note(response, to, 415, "Unsupported Media Type",
         to == TO_PROGRAM ? "expected application/json" : "Send the form.");
  else if (request->body.n > PL_ANSWER_BODY_MAX)
    note(response, to, 413, "Content Too Large", "An answer is limited to 16 KiB.");
  else
    return true;
  return false;
}

void pl_door_look(pl_door *d, const pl_http_request *request, pl_http_response *response) {
  pl_pass pass;
  put_headers(response);
  if (!welcome(d, request, response, TO_PERSON, true) ||
      !read_link(d, request->rest, &pass, response, TO_PERSON))
    return;
  page(response, 200);
  if (pl_str_is(request->query, "said"))
    pl_answer_page_note(&response->body, "Thank you", "Your answer is recorded.");
  else
    pl_answer_page_form(&response->body, &pass, (pl_str){0}, (pl_str){0}, NULL);
}

static void answer(const pl_door *d, const pl_pass *pass, const pl_answer_said *said,
                   pl_http_response *response, reader to) {
  pl_answer_prose prose;
  pl_err err;
  if (pl_answer_take(&prose, pl_buf_str(&said->reason), pl_buf_str(&said->plan), &err) != PL_OK) {
    note(response, to, 422, "Unprocessable Content", err.text);
    if (to == TO_PERSON) {
      pl_buf_clear(&response->body);
      pl_answer_page_form(&response->body, pass, pl_buf_str(&said->reason), pl_buf_str(&said->plan),
                          err.text);
    }
    return;
  }
  pl_buf value;
  pl_buf_init(&value, EVENT_MAX);
  prose.word.alert = pass->alert;
  encode(d, pass->subject, &prose.word, &value);
  uint32_t ticket = begin_late(d, response, to);
  if (ticket && !pl_engine_say(d->engine, pass->subject, pl_buf_str(&value), ticket)) {
    response->ticket = 0;
    not_now(response, to);
  }
  pl_buf_fini(&value);
}

void pl_door_answer(pl_door *d, const pl_http_request *request, pl_http_response *response) {
  reader to = is_json(request) ? TO_PROGRAM : TO_PERSON;
  pl_pass pass;
  pl_err err;
  put_headers(response);
  if (!welcome(d, request, response, to, true) || !read_link(d, request->rest, &pass, response, to) ||
      !is_readable(request, response, to))
    return;
  pl_answer_said said;
  pl_answer_said_init(&said);
  if (to == TO_PERSON && !pl_answer_form(&said, request->body))
    note(response, to, 400, "Bad Request", "This is not what the form sends.");
  else if (to == TO_PROGRAM && pl_answer_json(&said, request->body, &err) != PL_OK)
    note(response, to, 400, "Bad Request", err.text);
  else
    answer(d, &pass, &said, response, to);
  pl_answer_said_fini(&said);
}

/* --- the API: a rep for themselves, a manager for a rep of theirs */

typedef struct {
  pl_door *door;
  uint32_t ticket;
  char manager[PL_ID_MAX + 1], rep[PL_ID_MAX + 1];
  pl_buf value;
} question;

static void on_team(void *ctx, const pl_reply *reply) {
  question *q = ctx;
  pl_door *d = q->door;
  pl_http_response *response = d->server ? pl_http_late(d->server, q->ticket) : NULL;
  bool known = reply && reply->kind == PL_REPLY_TEXT;
  if (response && known && pl_engine_manages(d->engine, pl_str_of(q->manager), pl_str_of(q->rep), reply->s)) {
    if (!pl_engine_say(d->engine, pl_str_of(q->rep), pl_buf_str(&q->value), q->ticket))
      pl_door_said(d, q->ticket, false);
  } else if (response) {
    if (reply && reply->kind != PL_REPLY_ERROR)
      pl_http_problem(response, 403, "Forbidden", "the token is not of the rep's manager");
    else
      not_now(response, TO_PROGRAM);
    pl_http_late_send(d->server, q->ticket);
  }
  pl_buf_fini(&q->value);
  PL_FREE(q);
}

static void ask_for(pl_door *d, const pl_pass *pass, pl_str rep, const pl_answer_word *word,
                    pl_http_response *response) {
  pl_buf command;
  pl_key key = pl_key_rep(d->config->redis.prefix, rep);
  question *q = PL_NEW(question);
  q->door = d, q->ticket = begin_late(d, response, TO_PROGRAM);
  memcpy(q->manager, pass->subject.p, pass->subject.n), memcpy(q->rep, rep.p, rep.n);
  pl_buf_init(&q->value, EVENT_MAX), pl_buf_init(&command, 2 * PL_KEY_MAX);
  encode(d, rep, word, &q->value);
  pl_resp_begin(&command, 3);
  pl_resp_arg(&command, PL_STR("HGET")), pl_resp_arg(&command, pl_key_str(&key)),
      pl_resp_arg(&command, PL_STR("team"));
  if (!q->ticket || !pl_engine_ask(d->engine, pl_buf_str(&command), on_team, q)) {
    response->ticket = 0;
    not_now(response, TO_PROGRAM);
    pl_buf_fini(&q->value);
    PL_FREE(q);
  }
  pl_buf_fini(&command);
}

static void api_answer(pl_door *d, pl_pass *pass, const pl_answer_said *said, pl_http_response *response) {
  pl_str rep = pl_buf_str(&said->rep);
  pl_answer_prose prose;
  pl_err err;
  if (pass->role == PL_ROLE_REP && rep.n && !pl_str_eq(rep, pass->subject)) {
    pl_http_problem(response, 403, "Forbidden", "the token is another rep's");
  } else if (pass->role == PL_ROLE_REP) {
    answer(d, pass, said, response, TO_PROGRAM);
  } else if (!rep.n || !pl_str_clean(rep)) {
    pl_http_problem(response, 422, "Unprocessable Content", "rep: found none, expected whose alert it is");
  } else if (pl_answer_take(&prose, pl_buf_str(&said->reason), pl_buf_str(&said->plan), &err) != PL_OK) {
    pl_http_problem(response, 422, "Unprocessable Content", err.text);
  } else {
    prose.word.alert = pass->alert;
    ask_for(d, pass, rep, &prose.word, response);
  }
}

void pl_door_api(pl_door *d, const pl_http_request *request, pl_http_response *response) {
  static const char tail[] = "/answer";
  const size_t n = sizeof tail - 1;
  pl_str alert = request->rest;
  pl_pass pass;
  pl_err err;
  if (alert.n <= n || memcmp(alert.p + alert.n - n, tail, n) != 0) {
    pl_http_problem(response, 404, "Not Found", NULL);
    return;
  }
  alert.n -= n;
  if (!welcome(d, request, response, TO_PROGRAM, false) || !read_bearer(d, request, &pass, response)) return;
  if ((pass.role != PL_ROLE_REP && pass.role != PL_ROLE_MANAGER) ||
      (pass.alert.n && !pl_str_eq(pass.alert, alert))) {
    pl_http_problem(response, 403, "Forbidden", "expected the token of a rep, or of the rep's manager");
  } else if (alert.n > PL_PASS_ALERT_MAX || !pl_str_clean(alert)) {
    pl_http_problem(response, 404, "Not Found", NULL);
  } else if (is_readable(request, response, TO_PROGRAM)) {
    pl_answer_said said;
    pl_answer_said_init(&said);
    pass.alert = alert;
    if (pl_answer_json(&said, request->body, &err) != PL_OK)
      pl_http_problem(response, 400, "Bad Request", err.text);
    else
      api_answer(d, &pass, &said, response);
    pl_answer_said_fini(&said);
  }
}
