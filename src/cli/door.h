/* Door: where people answer alerts over HTTP.
 *
 *     GET  /answer/<token>               the form behind a message's link; changes nothing, for scanners open
 * links POST /answer/<token>               the form, or JSON POST /api/v1/alerts/<id>/answer    JSON, with a
 * bearer token of the rep, or of the rep's manager
 *
 * An answer becomes an event in the stream of activities, and whoever gave it hears that it is recorded when
 * Kafka has it: whether the alert is still open, and the rep's, is judged by its owner. A link's token is all
 * there is to it, no cookie and no login, so a foreign page can send nothing in somebody's name; who asks
 * under another name than ours, or from another page, is refused all the same. */
#ifndef PL_CLI_DOOR_H
#define PL_CLI_DOOR_H

#include "config/config.h"
#include "engine/engine.h"
#include "io/http_server.h"
#include "io/keyring.h"

typedef struct {
  pl_engine *engine;
  pl_http_server *server; /* NULL: closed */
  const pl_keyring *keys;
  const pl_config *config;
  bool plain; /* how an answer is written: without a header, or... */
  int32_t schema;
  pl_registry *registry; /* is asked for it, once; NULL: there is none */
  bool asks, told;       /* it has no answer yet; it had one */
  pl_err why;            /* nobody answers here; "": they do */
} pl_door;

/* As the configuration says; again when that is another. What is borrowed is set by the caller. */
void pl_door_set(pl_door *door, const pl_config *config);
void pl_door_look(pl_door *door, const pl_http_request *request, pl_http_response *response);
void pl_door_answer(pl_door *door, const pl_http_request *request, pl_http_response *response);
void pl_door_api(pl_door *door, const pl_http_request *request, pl_http_response *response);
/* Kafka has what is waited for by this ticket, or will not have it. */
void pl_door_said(pl_door *door, uint32_t ticket, bool taken);

#endif
