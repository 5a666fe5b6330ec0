/* Silence: who is not to be told of what for a while, as somebody has asked, and why.
 *
 * Alertmanager's semantics: a silence holds for alerts that all its matchers match, from `from` on and before
 * `until`. A matcher is an alert's rep, team, goal, kind or audience, whole or with a star at its end. What
 * takes something back (`recovered`) is matched by the kind of what it takes back as well: who was not told
 * the one is not told the other.
 *
 * They lie in the hash `silences`, by id, as JSON with Alertmanager's names. One that is expired ends at
 * once, and is kept for PL_SILENCE_KEPT_S, so that it can be seen what was silenced. */
#ifndef PL_CODEC_SILENCE_H
#define PL_CODEC_SILENCE_H

#include "codec/post.h"
#include "paceline/event.h"

typedef enum {
  PL_MATCH_REP,
  PL_MATCH_TEAM,
  PL_MATCH_GOAL,
  PL_MATCH_KIND,
  PL_MATCH_AUDIENCE,
  PL_MATCHES
} pl_match;
const char *pl_match_name(pl_match match);

enum { PL_SILENCE_ID_MAX = 32, PL_SILENCE_KEPT_S = 7 * 86400, PL_SILENCES_MAX = 1000 };

typedef struct {
  char *id;
  char *matchers[PL_MATCHES]; /* NULL: any */
  char *author, *comment;
  pl_wall from, until;
} pl_silence;

void pl_silence_free(pl_silence **silence);
/* REJECT: it has no matcher, or one that can match nothing, no author or comment, a text that is too long or
 * has lines, or it ends before it begins. */
pl_status pl_silence_check(const pl_silence *silence, pl_err *err) PL_MUST_CHECK;
/* `NAME=VALUE`. REJECT: another name, or one that it has already. */
pl_status pl_silence_match(pl_silence *silence, pl_str matcher, pl_err *err) PL_MUST_CHECK;
bool pl_silence_matches(const pl_silence *silence, const pl_post *post);
static inline bool pl_silence_holds(const pl_silence *silence, pl_wall now) {
  return !pl_before(now, silence->from) && pl_before(now, silence->until);
}

void pl_silence_encode(const pl_silence *silence, pl_buf *out);
pl_status pl_silence_decode(pl_silence **out, pl_str id, pl_str json, pl_err *err) PL_MUST_CHECK;

/* All that there are. */
typedef struct {
  pl_silence **items;
  size_t n;
} pl_silences;
void pl_silences_clear(pl_silences *all);
/* REJECT: it cannot be read, or there are PL_SILENCES_MAX. */
pl_status pl_silences_add(pl_silences *all, pl_str id, pl_str json, pl_err *err) PL_MUST_CHECK;
/* The one that keeps it from being told now; of several the one that ends last; NULL: none. */
const pl_silence *pl_silences_find(const pl_silences *all, const pl_post *post, pl_wall now);

#endif
