/* Encode: the bodies of the records that paceline itself writes, by the schemas in schemas/.
 *
 * Written field by field, in the schema's order; a test holds every byte against avro-c's writer and the
 * files. Only the body: pl_wire_put comes before it. Where a schema allows null, an empty text is null. */
#ifndef PL_CODEC_ENCODE_H
#define PL_CODEC_ENCODE_H

#include "paceline/policy.h"

enum { PL_AMOUNT_SCALE = 4 /* digits after the point of activity.avsc's amount */ };

typedef struct {
  pl_str id, rep;
  pl_wall at;
  pl_str type;
  pl_value amount; /* PL_NONE, PL_INT, PL_DECIMAL or PL_REAL */
  pl_str currency, account, deal, product, channel;
  pl_wall opened_at;            /* PL_NEVER: null */
  pl_str source;                /* heartbeat */
  pl_wall complete_to;          /* heartbeat; PL_NEVER: null */
  pl_str retracts;              /* retraction... */
  bool more;                    /* ...that is judged with the record after it; else null */
  pl_str metric;                /* adjustment */
  const pl_goal_word *goal;     /* words on goals; NULL: null */
  const pl_answer_word *answer; /* answers; NULL: null */
} pl_activity;

typedef struct {
  pl_str id, kind, entity;
  enum { PL_OF_REP, PL_OF_TEAM, PL_OF_FEED } of;
  pl_str goal, metric, period, state;
  pl_wall at, since;
  int64_t seq;
  pl_str about, about_kind; /* what it takes back */
  pl_str audience, reason;
  double actual, target, line, pace, chance, needed_today; /* NAN: null */
  pl_str unit;                                             /* of these */
  pl_str cause, conversion;
  double cause_actual, cause_usual, conversion_now, conversion_before; /* NAN: null */
  pl_str body;
} pl_alert_record;

/* false, with nothing written: an amount that has more than four digits after the point, or more than 18. */
bool pl_activity_encode(pl_buf *buf, const pl_activity *activity) PL_MUST_CHECK;
/* A feed says that it is complete up to an instant. */
void pl_heartbeat_encode(pl_buf *buf, pl_str source, pl_wall at, pl_wall complete_to);
void pl_rep_encode(pl_buf *buf, const pl_rep_fact *rep);
void pl_goals_encode(pl_buf *buf, const pl_goals_fact *goals);
void pl_team_encode(pl_buf *buf, const pl_team_fact *team);
void pl_alert_encode(pl_buf *buf, const pl_alert_record *alert);

#endif
