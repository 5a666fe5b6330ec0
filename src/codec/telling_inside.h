/* Inside telling: what its files share. Nobody else includes this.
 *
 *   telling.c        entries into a message's items
 *   telling_value.c  what a phrase is filled with */
#ifndef PL_CODEC_TELLING_INSIDE_H
#define PL_CODEC_TELLING_INSIDE_H

#include "codec/telling.h"

/* One matter being put into words. Values lie in the room, in turns: the last few of them stand. */
typedef struct {
  const pl_telling *to;
  const pl_matter *matter;
  pl_str first, list; /* of several: the first one's title; what there was, in words */
  size_t used;
  char room[4096];
} pl_teller;

/* Appends a phrase; false, and nothing appended: something in it is missing, or it is. */
bool pl_teller_say(pl_teller *teller, const char *text, pl_buf *out);

#endif
