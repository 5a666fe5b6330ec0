/* Courier: the sender of ports.h, over the HTTP client: it knows where each endpoint is, and what it must be
 * shown. Urls, keys, tokens and passwords are read from their files once and stay here: no message, metric or
 * log line names them. What an answer means is the sink's to say (codec/sink.h). */
#ifndef PL_IO_COURIER_H
#define PL_IO_COURIER_H

#include "io/http_client.h"
#include "ports.h"

/* Texts are borrowed as long as the courier lives; NULL: not given. */
typedef struct {
  const char *name; /* for messages */
  pl_sink_kind kind;
  const char *url;           /* or NULL with... */
  const char *url_file;      /* ...the file that holds it */
  const char *key_file;      /* webhook: signed by each of its keys */
  const char *token_file;    /* slack_bot, and whoever else wants a bearer token */
  const char *ca_file;       /* certificates to trust in place of the system's */
  const char *from;          /* smtp: the sender's address */
  const char *user;          /* smtp: who logs in, with... */
  const char *password_file; /* ...the file that holds the password */
  bool open;                 /* smtp: without STARTTLS */
} pl_courier_endpoint;

/* REJECT: a file cannot be read, or holds no url, key, token or password; the text names the endpoint and the
 * file. */
pl_status pl_courier_new(pl_sender **out, pl_http_client *client, const pl_courier_endpoint *endpoints,
                         size_t n, pl_err *err) PL_MUST_CHECK;
/* What is on its way is still answered. */
void pl_courier_free(pl_sender **sender);

#endif
