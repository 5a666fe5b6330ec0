/* Digest: what a manager reads once a day of the people they lead, whether anything is wrong or not.
 *
 * It is made of what Redis shows: the views of the reps and teams, what is open of them, and what the digest
 * before knew of each. Whoever makes it hands in one after the other, in any order, and keeps what is known
 * now for the next one. Each section lists who comes first and counts the rest, so a digest has a size.
 *
 *     help        concerns that the manager may hear of: those told at the manager's turn; with `manager:
 *                 digest` those that the rep has answered, or has had an hour to
 *     on_pace     who has no concern and no goal at risk, by the goal of the shortest period
 *     improved    goals that were at risk, behind or missed in the digest before, and are on pace now
 *     initiative  what reps proposed, agreed to and answered since the digest before
 *     gap         goals of teams that those of their members leave a gap to
 *     held        what the attention budget kept for it
 *
 * telling.h says how it is written, and makes words of it. */
#ifndef PL_CODEC_DIGEST_H
#define PL_CODEC_DIGEST_H

#include "codec/post.h"
#include "core/alert.h"
#include "paceline/zone.h"
#include "ports.h"

enum { PL_DIGEST_ITEMS_MAX = 30 /* of a section; more are counted */ };

typedef struct pl_digest pl_digest;

/* May a concern be told of? It is handed over as an entry of the outbox would say it. */
typedef bool pl_digest_ask(void *ctx, const pl_post *concern);

pl_digest *pl_digest_new(const pl_policy *policy, pl_wall at, pl_digest_ask *may, void *ctx);
void pl_digest_free(pl_digest **digest);

/* Of the next rep or team, where there is any: what the digest before knew of it, its line of pl:open... */
void pl_digest_before(pl_digest *digest, pl_str known);
void pl_digest_open(pl_digest *digest, pl_str concerns);
/* ...and, last, its view: name, value and so on. Nothing is known of who has none. */
void pl_digest_take(pl_digest *digest, pl_str id, bool is_team, const pl_reply *view);
/* An entry that waited for it. */
void pl_digest_hold(pl_digest *digest, pl_str entry);

/* What is known now, for the digest after it: `rep:<id>` or `team:<id>`, and some text. */
typedef void pl_digest_known(void *ctx, pl_str whose, pl_str known);
void pl_digest_each_known(const pl_digest *digest, pl_digest_known *fn, void *ctx);

/* As an entry of the outbox. */
typedef struct {
  const char *id;
  pl_audience audience; /* manager, or rep: who has only what was held for them */
  pl_str recipient;
  pl_str team; /* what people call the only one; else "" */
  int32_t day; /* the recipient's own */
  pl_wall due, until;
  const pl_zone *zone;
} pl_digest_head;
void pl_digest_write(const pl_digest *digest, const pl_digest_head *head, pl_buf *out);
enum { PL_DIGEST_MAX = 1 << 20 };
/* The same without what it says of a rep; false: it says nothing of them. Instants are said in UTC then. */
bool pl_digest_without(pl_str entry, pl_str rep, pl_buf *out);

#endif
