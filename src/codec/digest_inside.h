/* Inside the digest: what its files share. Nobody else includes this.
 *
 *   digest.c         its sections, and the entry that is made of them
 *   digest_person.c  one rep or team: what its view says, and what is said of that */
#ifndef PL_CODEC_DIGEST_INSIDE_H
#define PL_CODEC_DIGEST_INSIDE_H

#include "codec/digest.h"

enum {
  PL_DIGEST_HELP,
  PL_DIGEST_ON_PACE,
  PL_DIGEST_IMPROVED,
  PL_DIGEST_INITIATIVE,
  PL_DIGEST_GAP,
  PL_DIGEST_HELD,
  PL_DIGEST_SECTIONS
};

typedef struct {
  double rank;
  char *name, *text; /* owned; text: JSON */
} pl_digest_item;

typedef struct {
  pl_digest_item items[PL_DIGEST_ITEMS_MAX]; /* ascending by rank, and then by name */
  size_t n;
  int64_t more; /* that were left out */
} pl_digest_section;

struct pl_digest {
  const pl_policy *policy;
  pl_wall at;
  pl_digest_ask *may;
  void *ctx;
  pl_buf before, concerns; /* of the next one */
  pl_buf known;            /* whose, 0, text, 0... */
  pl_digest_section sections[PL_DIGEST_SECTIONS];
};

/* The lowest rank comes first. */
void pl_digest_put(pl_digest *digest, int section, double rank, pl_str name, pl_str text);

#endif
