/* Webhook: the sender of ports.h over the HTTP client. Urls and signing keys are read from their files once
 * and stay here: no message, metric or log line names them. */
#ifndef PL_IO_WEBHOOK_H
#define PL_IO_WEBHOOK_H

#include "io/http_client.h"
#include "ports.h"

typedef struct {
  const char *name;     /* for messages */
  const char *url;      /* or NULL with... */
  const char *url_file; /* ...the file that holds it */
  const char *key_file; /* NULL: not signed */
} pl_webhook_endpoint;

/* REJECT: a file cannot be read, or holds no url or key; the text names the endpoint and the file. */
pl_status pl_webhook_new(pl_sender **out, pl_http_client *client, const pl_webhook_endpoint *endpoints,
                         size_t n, pl_err *err) PL_MUST_CHECK;
void pl_webhook_free(pl_sender **sender);

#endif
