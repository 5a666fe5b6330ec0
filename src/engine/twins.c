#include "engine/twins.h"

#include <stdio.h>

#include "base/mem.h"

pl_delivery *pl_twins_closing(const pl_twins *twins, pl_delivery *d, const pl_delivery *last) {
  pl_delivery *p = last ? last->twin : d->pair ? pl_map_find(twins, pl_str_of(d->pair)) : NULL;
  while (p && p->closer != d) p = p->twin;
  return p;
}

void pl_twins_leave(pl_twins *twins, pl_delivery *d) {
  if (!d->pair) return;
  for (pl_delivery *p = NULL; (p = pl_twins_closing(twins, d, p));) p->closer = NULL;
  void **first = pl_map_put(twins, pl_str_of(d->pair));
  pl_delivery **at = (pl_delivery **)(void *)first;
  while (*at && *at != d) at = &(*at)->twin;
  if (*at) *at = d->twin;
  if (!*first) pl_map_drop(twins, pl_str_of(d->pair));
  pl_text_free(&d->pair);
}

static bool is_unsaid(const pl_delivery *d) {
  return d && d->stage < PL_OVER && !d->told && !pl_delivery_flies(d);
}

static void take_back(pl_delivery *d, pl_delivery *back) {
  pl_delivery_mute(d);
  d->closer = back->stage < PL_CLOSING ? back : NULL;
}

/* A repetition, which has its number behind the id, is not told when that is over; what takes it back is, to
 * whoever was told before. */
void pl_twins_join(pl_twins *twins, pl_delivery *d, const pl_post *post) {
  const char *about = pl_post_text(post, "about"), *id = pl_post_text(post, "id"), *to = strchr(d->name, ':');
  char name[PL_ALERT_ID_MAX + PL_ID_MAX + 16];
  (void)snprintf(name, sizeof name, "%s%s", *about ? about : id, to ? to : "");
  d->pair = pl_text_new(pl_str_of(name)), d->repeats = strcspn(d->name, ":") > strlen(id);
  void **first = pl_map_put(twins, pl_str_of(d->pair));
  d->twin = *first, *first = d;
  pl_delivery *said = NULL, *back = NULL;
  for (pl_delivery *p = d; p; p = p->twin)
    if (p->takes_back)
      back = p;
    else if (!p->repeats)
      said = p;
  for (pl_delivery *p = d; p && back; p = p->twin)
    if (p->repeats && is_unsaid(p)) take_back(p, back);
  if (!is_unsaid(said) || !is_unsaid(back)) return;
  pl_topic_state topics[] = {said->topic.state, back->topic.state};
  take_back(said, back), pl_delivery_mute(back);
  if (topics[0] > PL_TOPIC_DUE || topics[1] > PL_TOPIC_DUE) /* it has the one, so it gets the other */
    said->topic.state = topics[0], back->topic.state = topics[1];
}
