/* Message: what one recipient is told at one time, in parts, before a sink lays it out in its own way.
 *
 * All texts are plain UTF-8 without control characters but \n in `text`; each sink escapes them for itself:
 * names come from the CRM and are hostile. A message says several things when several were due to the same
 * recipient; `more` counts those that found no room. */
#ifndef PL_CODEC_MESSAGE_H
#define PL_CODEC_MESSAGE_H

#include <stddef.h>

#include "base/text.h"

/* A concern is for one person; recognition is for everybody; a notice is neither. */
typedef enum { PL_TONE_CONCERN, PL_TONE_RECOGNITION, PL_TONE_NOTICE } pl_tone;

typedef struct {
  pl_str label, value;
} pl_message_fact;

typedef struct {
  pl_tone tone;
  pl_str title;                 /* one line */
  pl_str text;                  /* sentences, some lines */
  const pl_message_fact *facts; /* where it stands; the first PL_MESSAGE_FACTS_MAX are shown */
  size_t nfacts;
  pl_str link, link_label; /* where to answer; empty: nowhere */
} pl_message_item;

enum { PL_MESSAGE_ITEMS_MAX = 10, PL_MESSAGE_FACTS_MAX = 10 };

typedef struct {
  pl_str id;      /* the same on every attempt */
  pl_str about;   /* the id of an earlier message that this one belongs to; empty: none */
  pl_str subject; /* of the whole, one line */
  pl_str lead;    /* before the items of a message that says several things; else empty */
  const pl_message_item *items;
  size_t nitems;
  pl_str more;   /* "and 13 more", or empty */
  pl_str footer; /* small print: by when it was known, why the reader gets it */
  int64_t at_s;  /* when it was due to be told */
} pl_message;

#endif
