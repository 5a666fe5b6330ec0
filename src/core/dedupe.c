#include "core/dedupe.h"

#include "base/map.h"
#include "base/mem.h"

static const uint64_t KEY = 0x7061636c696e6521ULL; /* ids never share hashes with another use of pl_hash */

uint64_t pl_dedupe_hash(pl_str id) { return pl_hash(id, KEY); }

static size_t bytes_for(size_t room) { return room * (sizeof(uint64_t) + 1); }
static unsigned char *marks(const pl_dedupe *ids) { return (unsigned char *)(ids->hashes + ids->room); }

bool pl_dedupe_has(const pl_dedupe *ids, uint64_t hash) {
  if (ids->n == 0) return false;
  const unsigned char *all = marks(ids), *end = all + ids->n;
  for (const unsigned char *m = all; (m = memchr(m, (int)(hash >> 56), (size_t)(end - m))); m++)
    if (ids->hashes[m - all] == hash) return true;
  return false;
}

void pl_dedupe_expect(const pl_dedupe *ids, uint64_t hash, int look) {
  if (ids->n == 0) return;
  const unsigned char *all = marks(ids);
  if (look == 0) {
    pl_bring_near(&ids->hashes[ids->at]);
    for (size_t at = 0; at < ids->n; at += 64) pl_bring_near(all + at);
    return;
  }
  const unsigned char *mark = memchr(all, (int)(hash >> 56), ids->n);
  if (mark) pl_bring_near(&ids->hashes[mark - all]);
}

static void grow(pl_dedupe *ids, int limit) {
  int room = ids->room ? ids->room * 4 : 8; /* few steps: pools keep what is outgrown */
  if (room > limit) room = limit;
  pl_dedupe wide = {pl_alloc(bytes_for((size_t)room)), (uint16_t)room, ids->n, ids->n};
  for (uint16_t i = 0; i < ids->n; i++) wide.hashes[i] = ids->hashes[i], marks(&wide)[i] = marks(ids)[i];
  pl_release(ids->hashes, bytes_for(ids->room));
  *ids = wide;
}

void pl_dedupe_put(pl_dedupe *ids, uint64_t hash, int limit) {
  if (limit == 0) return; /* none are remembered */
  if (ids->n == ids->room && ids->room < limit) grow(ids, limit);
  ids->hashes[ids->at] = hash;
  marks(ids)[ids->at] = (unsigned char)(hash >> 56);
  if (ids->n < ids->room) ids->n++;
  ids->at = (uint16_t)(ids->at + 1 == ids->room ? (ids->room >= limit ? 0 : ids->room) : ids->at + 1);
}

void pl_dedupe_fini(pl_dedupe *ids) {
  pl_release(ids->hashes, bytes_for(ids->room));
  *ids = (pl_dedupe){0};
}

void pl_dedupe_encode(const pl_dedupe *ids, pl_buf *out) {
  pl_buf_varint(out, ids->n);
  if (ids->n == 0) return;
  size_t first = ids->n < ids->room ? 0 : (size_t)ids->at % ids->room; /* the oldest */
  pl_buf_put(out, ids->hashes + first, (ids->n - first) * sizeof *ids->hashes);
  pl_buf_put(out, ids->hashes, first * sizeof *ids->hashes);
}

bool pl_dedupe_decode(pl_dedupe *ids, pl_reader *in, int limit) {
  uint64_t n = pl_read_varint(in);
  if (n > PL_DEDUPE_MAX) in->bad = true;
  for (uint64_t i = 0; i < n && !in->bad; i++) {
    uint64_t hash = pl_read_u64(in);
    if (!in->bad) pl_dedupe_put(ids, hash, limit);
  }
  return !in->bad;
}
