#include "engine/parcel.h"

#include <stdio.h>

#include "base/map.h"
#include "base/mem.h"
#include "codec/telling.h"
#include "engine/addressee.h"
#include "engine/delivery.h"
#include "engine/inside.h"

enum { ARENA_MAX = 1 << 20 };
static const pl_dur OLD = {15 * 60000};

/* Of several: made of all their names. */
static void name_it(const pl_attempt *first, size_t n, char id[PL_DELIVERY_ID_MAX]) {
  uint64_t h[2] = {1, 2};
  const pl_attempt *a = first;
  for (size_t i = 0; i < n; i++, a = a->after)
    for (size_t k = 0; k < PL_COUNT(h); k++) h[k] = pl_hash(pl_delivery_name(a->delivery), h[k]);
  if (n == 1)
    pl_delivery_id(first->delivery, id);
  else
    (void)snprintf(id, PL_DELIVERY_ID_MAX, "%016llx%016llx", (unsigned long long)h[0],
                   (unsigned long long)h[1]);
}

/* Has one of them waited for the endpoint? What the gate has held for as long is news all the same. */
static bool have_waited(const pl_engine *e, const pl_attempt *first, size_t n) {
  int64_t since = pl_engine_mono(e).us - OLD.ms * 1000;
  bool waited = false;
  for (const pl_attempt *a = first; n--; a = a->after) waited |= a->entered.us <= since;
  return waited;
}

static pl_status lay_out(pl_engine *e, const pl_endpoint *endpoint, const pl_attempt *first,
                         const pl_parcel *parcel, pl_buf *body, pl_err *err) {
  pl_sink_kind kind = (pl_sink_kind)endpoint->type;
  if (!pl_sink_type_of(kind)->for_people) {
    pl_sink_encode(kind, parcel, body);
    return PL_OK;
  }
  pl_message message;
  pl_arena *arena = pl_arena_new(ARENA_MAX);
  pl_telling telling = pl_addressee_telling(e, first->delivery);
  if (have_waited(e, first, parcel->nposts)) telling.aged = pl_wall_minus(telling.now, OLD);
  pl_status status = pl_telling_compose(&telling, parcel->posts, parcel->nposts, arena, &message, err);
  if (status == PL_OK) {
    pl_parcel said = *parcel;
    message.id = parcel->id, said.message = &message;
    pl_sink_encode(kind, &said, body);
  }
  pl_arena_free(&arena);
  return status;
}

pl_status pl_parcel_make(pl_engine *e, const pl_endpoint *endpoint, pl_str address, const pl_attempt *first,
                         size_t n, char id[PL_DELIVERY_ID_MAX], pl_buf *body, pl_err *err) {
  pl_post **posts = pl_alloc(n * sizeof *posts);
  pl_status status = PL_OK;
  size_t read = 0;
  const pl_attempt *a = first;
  name_it(first, n, id);
  for (; read < n && status == PL_OK; a = a->after)
    if ((status = pl_post_read(&posts[read], pl_buf_str(&a->delivery->entry), err)) == PL_OK) read++;
  const char *public_url = e->config->public_url;
  pl_parcel parcel = {.id = pl_str_of(id),
                      .address = address,
                      .from = pl_str_of(endpoint->from ? endpoint->from : ""),
                      .posts = (const pl_post *const *)posts,
                      .nposts = n,
                      .public_url = pl_str_of(public_url ? public_url : "")};
  if (status == PL_OK) status = lay_out(e, endpoint, first, &parcel, body, err);
  while (read) pl_post_free(&posts[--read]);
  pl_release(posts, n * sizeof *posts);
  return status;
}
