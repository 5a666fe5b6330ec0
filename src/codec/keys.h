/* Keys: every name that paceline uses in Redis, in one file.
 *
 * Ids are percent-encoded outside [A-Za-z0-9._@-], so that a key can be split at its colons whatever an id
 * holds. */
#ifndef PL_CODEC_KEYS_H
#define PL_CODEC_KEYS_H

#include "paceline/calendar.h"

enum { PL_KEY_MAX = 4 * PL_ID_MAX * 3 };

typedef struct {
  char text[PL_KEY_MAX];
  size_t n;
} pl_key;
static inline pl_str pl_key_str(const pl_key *key) { return (pl_str){key->text, key->n}; }

/* public: the contract of schemas/README.md */
pl_key pl_key_meta(const char *prefix);
pl_key pl_key_rep(const char *prefix, pl_str rep);
pl_key pl_key_plan(const char *prefix, pl_str rep);
pl_key pl_key_team(const char *prefix, pl_str team, bool is_private);
pl_key pl_key_past(const char *prefix, bool is_team, pl_str id, pl_unit unit, int32_t index);
pl_key pl_key_board(const char *prefix, pl_str team, pl_str metric, pl_unit unit, int32_t index);
pl_key pl_key_alerts(const char *prefix);
pl_key pl_key_news(const char *prefix);
pl_key pl_key_changed(const char *prefix);

/* private: may change */
enum { PL_STATE_BUCKETS = 64 /* hashes a partition's state is spread over: each loads in one turn */ };
pl_key pl_key_mark(const char *prefix, int32_t partition);
pl_key pl_key_marks(const char *prefix); /* all of them, but for the number at the end */
pl_key pl_key_state(const char *prefix, int32_t partition, int bucket);
int pl_key_bucket(pl_str id);
pl_key pl_key_part(const char *prefix, pl_str team);
pl_key pl_key_members(const char *prefix, pl_str team); /* hash: partition -> its ids in there, one a line */
/* hash: rep:<id> or team:<id> -> as the last digest saw it; "": its day */
pl_key pl_key_digest(const char *prefix, pl_str manager);
pl_key pl_key_dirty(const char *prefix, int32_t home);  /* set: teams of which a part has changed */
pl_key pl_key_wake(const char *prefix, int32_t home);   /* channel: an entry of the outbox is new */
pl_key pl_key_outbox(const char *prefix, int32_t home); /* hash: <alert>:<recipient> -> entry */
pl_key pl_key_silences(const char *prefix);             /* hash: id -> silence */
pl_key pl_key_todo(const char *prefix, int32_t home);   /* set: the entries not yet delivered */
/* hash: rep:<id> or team:<id> -> its open concerns, one a line */
pl_key pl_key_open(const char *prefix, int32_t partition);
pl_key pl_key_attention(const char *prefix,
                        int32_t home);                /* hash: a person -> `<day> <n>`: told that often */
pl_key pl_key_done(const char *prefix, int32_t home); /* zset: delivered entries, by when they are removed */

#endif
