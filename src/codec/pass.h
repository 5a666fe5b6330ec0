/* Pass: what a signed token says: who may do what, until when.
 *
 *     pl1.<base64url of five lines: ROLE UNTIL SUBJECT ALERT GOAL>.<base64url of the signature>
 *
 * UNTIL is in seconds since 1970; ALERT and GOAL, what that is about, are empty where the token is not for
 * one alert alone. What is signed is everything before the second dot, as it stands: io/keyring.h signs it
 * and checks it, and nobody reads a pass that was not checked. */
#ifndef PL_CODEC_PASS_H
#define PL_CODEC_PASS_H

#include "base/time.h"
#include "paceline/event.h"

typedef enum { PL_ROLE_REP, PL_ROLE_MANAGER, PL_ROLE_TEAM, PL_ROLE_PUBLIC, PL_ROLE_OPS, PL_ROLES } pl_role;
bool pl_role_find(pl_str name, pl_role *out);

enum { PL_PASS_ALERT_MAX = 64, PL_PASS_MAX = 1024 /* bytes of a whole token */ };

typedef struct {
  pl_role role;
  int64_t until_s;
  pl_str subject;     /* the rep's, manager's or team's id; "": nobody in particular */
  pl_str alert, goal; /* ids; "": any that concerns the subject */
  char room[PL_PASS_MAX];
} pl_pass;

/* What is to be signed. Ids are clean, and no longer than PL_ID_MAX, an alert's than PL_PASS_ALERT_MAX. */
void pl_pass_encode(const pl_pass *pass, pl_buf *out);
/* False: it is none. Else its texts lie in its room. */
bool pl_pass_decode(pl_str text, pl_pass *out) PL_MUST_CHECK;

#endif
