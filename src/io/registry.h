/* Registry: the registry of ports.h, a schema registry with Confluent's API over the HTTP client; and what
 * verbs ask of one besides.
 *
 * Each question goes to one URL after the other, beginning with the one that answered last, and round again
 * after a pause that grows to ten seconds, until one answers what can be understood. A no counts when all of
 * them say it in one round: a node that lags knows less than another. What a schema refers to is fetched too,
 * and joined into one text. Schemas that were found are kept, up to PL_REGISTRY_KEPT bytes of them. */
#ifndef PL_IO_REGISTRY_H
#define PL_IO_REGISTRY_H

#include "io/http_client.h"
#include "ports.h"

enum { PL_REGISTRY_KEPT = 64 << 20 };

/* Texts are borrowed as long as the registry lives; NULL: not given. */
typedef struct {
  const char *const *urls; /* without slashes at their ends */
  size_t nurls;
  const char *user, *password_file, *token_file, *ca_file;
  pl_dur timeout;
} pl_registry_config;

/* REJECT: a file with a secret cannot be read. */
pl_status pl_registry_open(pl_registry **out, struct event_base *base, pl_http_client *client,
                           const pl_registry_config *config, pl_err *err) PL_MUST_CHECK;
/* After its client, which knows nothing of this. Questions without an answer are dropped. */
void pl_registry_close(pl_registry **registry);

/* The newest schema of a subject; and that of it which is `text`: with its id, and registered there first if
 * it `may` be and is not there. Told as by the port. */
void pl_registry_latest(pl_registry *registry, pl_str subject, pl_schema_fn *fn, void *ctx);
void pl_registry_find(pl_registry *registry, pl_str subject, pl_str text, bool may_register, pl_schema_fn *fn,
                      void *ctx);

#endif
