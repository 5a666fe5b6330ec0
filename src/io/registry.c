#include "io/registry.h"

#include <event2/event.h>
#include <stdio.h>

#include "base/map.h"
#include "base/mem.h"
#include "base/secret.h"
#include "codec/base64url.h"
#include "codec/catalog.h"
#include "codec/schema.h"
#include "codec/schema_join.h"
#include "io/turn.h"

enum { SECRET_MAX = 2048, PATH_MAX_BYTES = 1024, FIRST_PAUSE_MS = 200, PAUSE_MAX_MS = 10000 };

typedef struct errand errand;

typedef struct {
  pl_registry registry; /* first */
  pl_registry_config is;
  struct event_base *base;
  pl_http_client *client;
  pl_buf authorization; /* the header's value; empty: none */
  pl_map kept;          /* id -> text that was told */
  size_t kept_bytes;
  size_t good;   /* the URL that answered last */
  char why[640]; /* "": it answers */
  errand *errands;
} asker;

/* One question, from asking to telling: several requests, one at a time. */
struct errand {
  errand *next;
  asker *of;
  pl_schema_fn *fn;
  void *ctx;
  struct event *due;
  int32_t id;
  pl_buf path, body;           /* of the request; an empty body: a GET */
  pl_buf subject;              /* where `body` is to be registered if it is not there; empty: nowhere */
  size_t url, tries, refusals; /* of this round */
  int pause_ms;
  pl_buf texts[1 + PL_REFERENCES_MAX]; /* the schema, then what it refers to, as far as it was read */
  size_t ntexts;
  pl_reference references[PL_REFERENCES_MAX];
  size_t nreferences;
};

/* --- telling */

static void end(errand *e) {
  errand **at = &e->of->errands;
  while (*at != e) at = &(*at)->next;
  *at = e->next;
  event_free(e->due);
  for (size_t i = 0; i < e->ntexts; i++) pl_buf_fini(&e->texts[i]);
  pl_buf_fini(&e->path), pl_buf_fini(&e->body), pl_buf_fini(&e->subject);
  PL_FREE(e);
}

static void tell_no(errand *e, const char *why) {
  e->fn(e->ctx, &(pl_schema_told){.id = e->id, .why = why});
  end(e);
}

static void tell(errand *e, pl_str text) {
  e->fn(e->ctx, &(pl_schema_told){.id = e->id, .text = text, .why = ""});
  end(e);
}

static pl_str key_of(const int32_t *id) { return (pl_str){(const char *)id, sizeof *id}; }

static void keep(asker *r, int32_t id, pl_str text) {
  if (id < 0 || r->kept_bytes + text.n > PL_REGISTRY_KEPT || pl_map_find(&r->kept, key_of(&id))) return;
  *pl_map_put(&r->kept, key_of(&id)) = pl_text_new(text);
  r->kept_bytes += text.n;
}

static void tell_joined(errand *e) {
  pl_str others[PL_REFERENCES_MAX];
  pl_buf text;
  pl_err why = {""};
  pl_buf_init(&text, PL_SCHEMA_BYTES);
  for (size_t i = 1; i < e->ntexts; i++) others[i - 1] = pl_buf_str(&e->texts[i]);
  if (e->ntexts == 1) pl_buf_str_put(&text, pl_buf_str(&e->texts[0]));
  if (e->ntexts > 1 &&
      pl_schema_join(pl_buf_str(&e->texts[0]), others, e->ntexts - 1, &text, &why) != PL_OK) {
    tell_no(e, why.text);
  } else {
    keep(e->of, e->id, pl_buf_str(&text));
    tell(e, pl_buf_str(&text));
  }
  pl_buf_fini(&text);
}

/* --- asking */

static void due_in(errand *e, int ms) {
  (void)event_add(e->due, &(struct timeval){ms / 1000, ms % 1000 * 1000});
}

static void begin_round(errand *e) { e->url = e->of->good, e->tries = e->refusals = 0; }

static void next_url(errand *e, int64_t retry_after_s) {
  e->url = (e->url + 1) % e->of->is.nurls;
  if (++e->tries < e->of->is.nurls) {
    due_in(e, 0);
    return;
  }
  int64_t asked_ms = retry_after_s < PAUSE_MAX_MS / 1000 ? retry_after_s * 1000 : PAUSE_MAX_MS;
  due_in(e, asked_ms > e->pause_ms ? (int)asked_ms : e->pause_ms);
  e->pause_ms = 2 * e->pause_ms < PAUSE_MAX_MS ? 2 * e->pause_ms : PAUSE_MAX_MS;
  begin_round(e);
}

static void ask_again(errand *e) {
  e->pause_ms = FIRST_PAUSE_MS;
  begin_round(e);
  due_in(e, 0);
}

static void on_no(errand *e, const char *words) {
  char why[512];
  if (++e->refusals < e->of->is.nurls) {
    next_url(e, 0);
  } else if (e->subject.n) {
    pl_buf_clear(&e->path);
    pl_catalog_put_subject(&e->path, pl_buf_str(&e->subject), true);
    pl_buf_clear(&e->subject);
    ask_again(e);
  } else {
    const pl_reference *r = e->ntexts ? &e->references[e->ntexts - 1] : NULL;
    (void)snprintf(why, sizeof why, "%s%.120s%sthe schema registry says: %.300s", r ? "it refers to " : "",
                   r ? r->subject : "", r ? ": " : "", words);
    tell_no(e, why);
  }
}

/* False: more than can be held. */
static bool add_references(errand *e, const pl_catalog_entry *entry) {
  for (size_t i = 0; i < entry->nreferences; i++) {
    const pl_reference *r = &entry->references[i];
    bool known = false;
    for (size_t k = 0; k < e->nreferences && !known; k++)
      known = e->references[k].version == r->version && strcmp(e->references[k].subject, r->subject) == 0;
    if (!known && e->nreferences == PL_REFERENCES_MAX) return false;
    if (!known) e->references[e->nreferences++] = *r;
  }
  return true;
}

/* AGAIN: it says nothing; else it was told, or is asked on. */
static pl_status take(errand *e, pl_str body, pl_err *why) {
  pl_catalog_entry *entry = PL_NEW(pl_catalog_entry);
  pl_catalog_entry_init(entry);
  pl_status status = pl_catalog_read(entry, body, why);
  if (status == PL_OK && e->ntexts == 0 && entry->id >= 0 && e->id < 0) e->id = entry->id;
  if (status == PL_OK && e->body.n && e->id < 0) {
    status = pl_fail(why, PL_AGAIN, "answers without an id");
  } else if (status == PL_OK && e->body.n) {
    tell(e, entry->text.n ? pl_buf_str(&entry->text) : PL_STR("")); /* its id was wanted */
  } else if (status == PL_OK && !entry->text.n) {
    status = pl_fail(why, PL_AGAIN, "answers without a schema");
  } else if (status == PL_OK && !add_references(e, entry)) {
    tell_no(e, "it refers to too many others");
  } else if (status == PL_OK) {
    pl_buf *text = &e->texts[e->ntexts++];
    pl_buf_init(text, PL_SCHEMA_BYTES);
    pl_buf_str_put(text, pl_buf_str(&entry->text));
    if (e->ntexts <= e->nreferences) {
      const pl_reference *r = &e->references[e->ntexts - 1];
      pl_buf_clear(&e->path);
      pl_catalog_put_version(&e->path, pl_str_of(r->subject), r->version);
      ask_again(e);
    } else {
      tell_joined(e);
    }
  } else if (status == PL_REJECT) {
    tell_no(e, why->text);
    status = PL_OK;
  }
  pl_catalog_entry_fini(entry);
  PL_FREE(entry);
  return status;
}

static void on_reply(void *ctx, const pl_http_reply *reply) {
  errand *e = ctx;
  asker *r = e->of;
  pl_err why = {""};
  size_t url = e->url;
  pl_status status = pl_catalog_judge(reply->status, reply->body, reply->error, &why);
  if (status != PL_AGAIN) r->why[0] = 0;
  if (status == PL_REJECT) {
    on_no(e, why.text);
    return;
  }
  if (status == PL_OK) status = take(e, reply->body, &why);
  if (status == PL_OK) {
    r->good = url;
    return;
  }
  (void)snprintf(r->why, sizeof r->why, "%.200s %.400s", r->is.urls[url], why.text);
  next_url(e, reply->retry_after_s);
}

static void request(errand *e) {
  asker *r = e->of;
  pl_buf url;
  pl_header headers[3] = {
      {PL_STR("Accept"), PL_STR("application/vnd.schemaregistry.v1+json, application/json")}};
  size_t n = 1;
  if (e->body.n)
    headers[n++] = (pl_header){PL_STR("Content-Type"), PL_STR("application/vnd.schemaregistry.v1+json")};
  if (r->authorization.n) headers[n++] = (pl_header){PL_STR("Authorization"), pl_buf_str(&r->authorization)};
  pl_buf_init(&url, SECRET_MAX + PATH_MAX_BYTES);
  pl_buf_text(&url, r->is.urls[e->url]), pl_buf_str_put(&url, pl_buf_str(&e->path)), pl_buf_char(&url, 0);
  pl_http_send(r->client,
               &(pl_http_call){.url = url.full ? NULL : url.p,
                               .headers = headers,
                               .nheaders = n,
                               .body = e->body.n ? pl_buf_str(&e->body) : (pl_str){NULL, 0},
                               .ca_file = r->is.ca_file,
                               .timeout = r->is.timeout,
                               .reply_max = PL_CATALOG_REPLY_MAX},
               on_reply, e);
  pl_buf_fini(&url);
}

static void on_due(evutil_socket_t fd, short what, void *ctx) {
  pl_turn_enter("registry");
  (void)fd, (void)what;
  errand *e = ctx;
  const char *kept = e->id >= 0 ? pl_map_find(&e->of->kept, key_of(&e->id)) : NULL;
  if (kept && !e->ntexts)
    tell(e, pl_str_of(kept));
  else
    request(e);
}

static errand *new_errand(asker *r, int32_t id, pl_schema_fn *fn, void *ctx) {
  errand *e = PL_NEW(errand);
  *e = (errand){.next = r->errands, .of = r, .fn = fn, .ctx = ctx, .id = id};
  r->errands = e;
  e->due = evtimer_new(r->base, on_due, e);
  PL_ASSERT(e->due);
  pl_buf_init(&e->path, PATH_MAX_BYTES);
  pl_buf_init(&e->subject, PL_SUBJECT_MAX);
  pl_buf_init(&e->body, 2 * PL_SCHEMA_BYTES);
  ask_again(e);
  return e;
}

static void ask(pl_registry *registry, int32_t id, pl_schema_fn *fn, void *ctx) {
  pl_catalog_put_id(&new_errand((asker *)registry, id, fn, ctx)->path, id);
}

static const char *why(const pl_registry *registry) { return ((const asker *)registry)->why; }

static const pl_registry_ops ops = {ask, why};

void pl_registry_latest(pl_registry *registry, pl_str subject, pl_schema_fn *fn, void *ctx) {
  pl_catalog_put_version(&new_errand((asker *)registry, -1, fn, ctx)->path, subject, -1);
}

void pl_registry_find(pl_registry *registry, pl_str subject, pl_str text, bool may_register, pl_schema_fn *fn,
                      void *ctx) {
  errand *e = new_errand((asker *)registry, -1, fn, ctx);
  pl_catalog_put_subject(&e->path, subject, false);
  pl_catalog_put_schema(&e->body, text);
  if (may_register) pl_buf_str_put(&e->subject, subject);
}

/* --- making and ending */

static pl_status read_line(const char *option, const char *path, char *out, pl_err *err) {
  pl_err why = {""};
  if (pl_secret_read(path, out, SECRET_MAX, &why) != PL_OK)
    return pl_fail(err, PL_REJECT, "schemas.registry.%s: %.700s", option, why.text);
  for (const char *p = out; *p; p++)
    if ((unsigned char)*p < ' ' || *p == 0x7F)
      return pl_fail(err, PL_REJECT, "schemas.registry.%s: the file has more than one line, expected one",
                     option);
  return PL_OK;
}

static pl_status read_secrets(asker *r, pl_err *err) {
  char secret[SECRET_MAX];
  pl_buf both;
  pl_status status = PL_OK;
  pl_buf_init(&both, 2 * SECRET_MAX);
  if (r->is.token_file) {
    status = read_line("token_file", r->is.token_file, secret, err);
    if (status == PL_OK) pl_buf_printf(&r->authorization, "Bearer %s", secret);
  } else if (r->is.user) {
    status = read_line("password_file", r->is.password_file, secret, err);
    if (status == PL_OK)
      pl_buf_printf(&both, "%s:%s", r->is.user, secret), pl_buf_text(&r->authorization, "Basic ");
    if (status == PL_OK) pl_base64_put(&r->authorization, pl_buf_str(&both));
  }
  pl_buf_fini(&both);
  return status;
}

pl_status pl_registry_open(pl_registry **out, struct event_base *base, pl_http_client *client,
                           const pl_registry_config *config, pl_err *err) {
  asker *r = PL_NEW(asker);
  PL_ASSERT(config->nurls > 0);
  *r = (asker){.registry.ops = &ops, .is = *config, .base = base, .client = client};
  pl_buf_init(&r->authorization, 4 * SECRET_MAX);
  pl_map_init(&r->kept);
  *out = &r->registry;
  pl_status status = read_secrets(r, err);
  if (status != PL_OK) pl_registry_close(out);
  return status;
}

void pl_registry_close(pl_registry **registry) {
  asker *r = (asker *)*registry;
  if (!r) return;
  while (r->errands) end(r->errands);
  for (pl_map_slot *s = NULL; (s = pl_map_next(&r->kept, s));) pl_text_free((char **)&s->value);
  pl_map_fini(&r->kept);
  pl_buf_fini(&r->authorization);
  PL_FREE(r);
  *registry = NULL;
}
