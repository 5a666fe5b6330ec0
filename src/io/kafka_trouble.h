/* Trouble: why no broker can be talked to, and what mends it, from what librdkafka says of its connections.
 */
#ifndef PL_IO_KAFKA_TROUBLE_H
#define PL_IO_KAFKA_TROUBLE_H

#include <librdkafka/rdkafka.h>
#include <stdbool.h>

#include "base/text.h"

typedef enum {
  PL_TROUBLE_SILENT, /* nobody is there, or the way is cut */
  PL_TROUBLE_LOGIN,
  PL_TROUBLE_TRUST,       /* its certificate is not ours to trust ... */
  PL_TROUBLE_CERTIFICATE, /* ... or ours is not its */
  PL_TROUBLE_PROTOCOL,    /* one side speaks TLS or wants a login, the other does not */
  PL_TROUBLES
} pl_trouble_kind;

typedef struct {
  pl_trouble_kind kind; /* of the newest error */
  char why[384];        /* in librdkafka's words, without what differs each time; "": none yet */
} pl_trouble;

/* An error of a connection, as opposed to one of a topic or group. */
bool pl_trouble_is(rd_kafka_resp_err_t err);
/* False: it is what was noted before. */
bool pl_trouble_note(pl_trouble *trouble, rd_kafka_resp_err_t err, const char *why);
/* "Kafka refuses the login at BROKERS: why; remedy" */
void pl_trouble_say(const pl_trouble *trouble, const char *brokers, pl_buf *out);

#endif
