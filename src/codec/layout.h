/* Layout: what the layouts of messages share. Each sink is one file: slack.c, card.c, mail.c for people,
 * hook.c for machines.
 *
 * Texts are cut here and nowhere else: where a sentence ends, or a word, or at least a character, and what
 * was cut ends in `…`. Escapes are made in the same step, so none is ever cut in two. */
#ifndef PL_CODEC_LAYOUT_H
#define PL_CODEC_LAYOUT_H

#include "codec/sink.h"

/* How much of a message is laid out: a sink tries less and less until the whole fits. */
typedef struct {
  size_t text;  /* of each text, at most so many UTF-16 units, by which services count characters */
  size_t facts; /* of each item */
  size_t link;  /* a longer one is left out, bytes */
} pl_fit;

typedef const char *pl_escape(uint32_t c); /* what stands for a character; NULL: it itself */

/* At most `max` units, at least 1, its escapes counted, trimmed. Controls become blanks, but for \n; what is
 * no UTF-8 U+FFFD. `escape` may be NULL. */
void pl_clip(pl_buf *out, pl_str text, size_t max, pl_escape *escape);
/* The same as a JSON string, with its quotes. */
void pl_clip_json(pl_buf *out, pl_str text, size_t max, pl_escape *escape);

pl_str pl_trim(pl_str text);                       /* without blanks and controls around it */
bool pl_blank(pl_str text);                        /* nothing else is in it */
pl_str pl_line_cut(pl_str *rest);                  /* cuts off the first line, without its end */
bool pl_link_fits(pl_str link, const pl_fit *fit); /* http or https, nothing in it that needs an escape */
size_t pl_facts_fit(const pl_message_item *item, const pl_fit *fit);
/* Does the item's title say more than the message's subject? */
bool pl_title_says_more(const pl_message *message, const pl_message_item *item);

void pl_slack_encode(const pl_parcel *parcel, const pl_fit *fit, pl_buf *out); /* with an address: of a bot */
void pl_card_encode(const pl_parcel *parcel, const pl_fit *fit, pl_buf *out);
void pl_mail_encode(const pl_parcel *parcel, const pl_fit *fit, pl_buf *out);
void pl_mail_html(const pl_message *message, const pl_fit *fit, pl_buf *out); /* its second part */
bool pl_mail_address(pl_str address); /* one that can stand in an envelope and in a header as it is */

/* Alerts as Alertmanager tells them, and as it is told them; of `n` posts. */
void pl_hook_encode(const pl_parcel *parcel, size_t n, bool detailed, pl_buf *out);
void pl_hook_alerts(const pl_parcel *parcel, size_t n, bool detailed, pl_buf *out);

#endif
