/* Post: an outbox entry, read; what sinks lay out (sink.h) and the Kafka topic takes (schemas/alert.avsc) is
 * made from it alone, so a restart sends the same bytes again. */
#ifndef PL_CODEC_POST_H
#define PL_CODEC_POST_H

#include "codec/matter.h"

/* What delivery itself needs of an entry. Texts live as long as the entry's text. */
typedef struct pl_post pl_post;
pl_status pl_post_read(pl_post **out, pl_str entry, pl_err *err) PL_MUST_CHECK;
void pl_post_free(pl_post **post);
const char *pl_post_text(const pl_post *post, const char *member); /* "" where there is none */
int64_t pl_post_seconds(const pl_post *post, const char *member);  /* of an instant; 0 where there is none */
/* Each of its figures; numbers as text. */
typedef void pl_post_figure(void *ctx, const char *name, const char *value);
void pl_post_figures(const pl_post *post, pl_post_figure *fn, void *ctx);

void pl_post_matter(const pl_post *post, pl_matter *out); /* what words are made of; borrows from the post */
/* Of a digest (telling.h): the keys of its sections, NULL ends; a section's items, false ends. */
const char *pl_post_section(const pl_post *post, size_t i);
bool pl_post_item(const pl_post *post, size_t section, size_t i, pl_matter *out);
int64_t pl_post_more(const pl_post *post, size_t section); /* items that it only counts */
bool pl_post_forget(pl_post *post, pl_str rep);            /* its items about a rep; false: it has none */

/* What became of it: a member's text, "" takes it away; an item of a list of texts, once. Then the whole
 * entry. */
void pl_post_put(pl_post *post, const char *member, const char *text);
void pl_post_add(pl_post *post, const char *list, const char *item);
bool pl_post_has(const pl_post *post, const char *list, const char *item);
void pl_post_clip(pl_post *post, size_t max); /* each of its texts to that many characters (layout.h) */
void pl_post_write(const pl_post *post, pl_buf *out);
void pl_post_avro(const pl_post *post, pl_buf *out); /* the body, without a wire header */

#endif
