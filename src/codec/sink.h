/* Sink: the kinds of endpoints, what bytes each takes, and what its answer means.
 *
 * Kinds for people lay out a message and have an address: a person's, a channel's. Kinds for machines take
 * the alerts as they were recorded. What becomes of an attempt is decided here, by status and body alone:
 * only what the endpoint has said to have taken is delivered. */
#ifndef PL_CODEC_SINK_H
#define PL_CODEC_SINK_H

#include "codec/message.h"
#include "codec/post.h"

typedef enum {
  PL_SINK_WEBHOOK,      /* Alertmanager's version 4 JSON, signed as in Standard Webhooks */
  PL_SINK_ALERTMANAGER, /* a real Alertmanager's /api/v2/alerts */
  PL_SINK_SLACK,        /* an incoming webhook, whose channel is in its URL */
  PL_SINK_SLACK_BOT,    /* chat.postMessage with a bot's token: a person, or a channel */
  PL_SINK_TEAMS,        /* a Workflows webhook: an Adaptive Card */
  PL_SINK_SMTP,
  PL_SINK_KINDS
} pl_sink_kind;

typedef struct {
  const char *name;    /* as the configuration writes it */
  bool for_people;     /* takes pl_parcel.message; else pl_parcel.posts */
  bool addressed;      /* each recipient has an address of its own there; else the URL is the address, and all
                          who are told through it read the same place */
  bool open;           /* ...which is a place that others read, too: never for a concern */
  size_t group_max;    /* so many alerts in one message at most */
  size_t body_max;     /* bytes */
  int64_t interval_us; /* between two messages to one address */
} pl_sink_type;
const pl_sink_type *pl_sink_type_of(pl_sink_kind kind);

typedef struct {
  pl_str id;      /* the same on every attempt */
  pl_str address; /* e-mail, Slack id; empty where the URL says it */
  pl_str from;    /* e-mail's sender */
  const pl_message *message;
  const pl_post *const *posts;
  size_t nposts;
  pl_str public_url; /* where paceline itself is reached; empty: not said */
} pl_parcel;

/* Never longer than body_max, which `out` has room for: what does not fit is cut where a sentence, a word or
 * a character ends, and said to be; alerts for machines are left out from the end, and counted. */
void pl_sink_encode(pl_sink_kind kind, const pl_parcel *parcel, pl_buf *out);

/* Can the address be one of that kind? One that cannot is never asked. Kinds without addresses: always. */
bool pl_sink_reaches(pl_sink_kind kind, pl_str address);

typedef enum {
  PL_SENT_TAKEN,
  PL_SENT_AGAIN,   /* later: 408, 425, 429, 5xx, no answer, one that cannot be read, a wrong password */
  PL_SENT_REFUSED, /* never this message: another 4xx, `ok: false` */
  PL_SENT_GONE,    /* never any message: 410 */
} pl_sent;
/* `status`: of HTTP, of SMTP; 0: no answer. `why` says what was found. */
pl_sent pl_sink_verdict(pl_sink_kind kind, int status, pl_str body, pl_err *why);

#endif
