#include "base/map.h"

#include "base/mem.h"

/* After wyhash (Wang Yi, public domain): sixteen bytes at a time are multiplied into 128 bits, whose halves
 * are laid over each other. */
__extension__ typedef unsigned __int128 wide;

static uint64_t fold(uint64_t a, uint64_t b) {
  wide product = (wide)a * b;
  return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static uint64_t word(const char *p) {
  uint64_t w;
  memcpy(&w, p, sizeof w);
  return w;
}

static uint64_t half(const char *p) {
  uint32_t w;
  memcpy(&w, p, sizeof w);
  return w;
}

uint64_t pl_hash(pl_str bytes, uint64_t key) {
  static const uint64_t A = 0xa0761d6478bd642fULL, B = 0xe7037ed1a0b428dbULL, C = 0x8ebc6af09c88c6e3ULL;
  const char *p = bytes.p, *end = p + bytes.n;
  uint64_t h = fold(key ^ A, B), first = 0, last = 0;
  for (; end - p > 16; p += 16) h = fold(word(p) ^ B, word(p + 8) ^ h);
  if (bytes.n >= 16) { /* those that are left, and some before them again */
    first = word(end - 16), last = word(end - 8);
  } else if (bytes.n >= 8) {
    first = word(p), last = word(end - 8);
  } else if (bytes.n >= 4) {
    first = half(p), last = half(end - 4);
  } else if (bytes.n > 0) {
    first = (uint64_t)(unsigned char)p[0] << 16 | (uint64_t)(unsigned char)p[bytes.n / 2] << 8 |
            (unsigned char)end[-1];
  }
  return fold(C ^ bytes.n, fold(first ^ B, last ^ h));
}

uint64_t pl_map_hash(pl_str key) { return pl_hash(key, 0) | 1; }

void pl_map_init(pl_map *map) { *map = (pl_map){0}; }

void pl_map_fini(pl_map *map) {
  for (size_t i = 0; i < map->room; i++)
    if (map->slots[i].hash) pl_release(map->slots[i].key, map->slots[i].key_len + 1);
  pl_release(map->slots, map->room * sizeof *map->slots);
  *map = (pl_map){0};
}

static pl_map_slot *probe(const pl_map *map, pl_str key, uint64_t hash) {
  for (size_t i = hash & (map->room - 1);; i = (i + 1) & (map->room - 1)) {
    pl_map_slot *s = &map->slots[i];
    if (!s->hash || (s->hash == hash && s->key_len == key.n && !memcmp(s->key, key.p, key.n))) return s;
  }
}

void *pl_map_find_hashed(const pl_map *map, pl_str key, uint64_t hash) {
  return map->room ? probe(map, key, hash)->value : NULL; /* a free slot's value is NULL */
}

void *pl_map_find(const pl_map *map, pl_str key) { return pl_map_find_hashed(map, key, pl_map_hash(key)); }

pl_map_slot *pl_map_slot_of(const pl_map *map, pl_str key) {
  pl_map_slot *s = map->room ? probe(map, key, pl_map_hash(key)) : NULL;
  return s && s->hash ? s : NULL;
}

void pl_map_expect(const pl_map *map, uint64_t hash) {
  if (map->room) pl_bring_near(&map->slots[hash & (map->room - 1)]);
}

void *pl_map_guess(const pl_map *map, uint64_t hash) {
  for (size_t i = hash; map->room; i++) {
    const pl_map_slot *s = &map->slots[i & (map->room - 1)];
    if (!s->hash) return NULL;
    if (s->hash != hash) continue;
    pl_bring_near(s->key);
    return s->value;
  }
  return NULL;
}

static void grow(pl_map *map) {
  pl_map old = *map;
  map->room = old.room ? old.room * 2 : 16;
  map->slots = pl_alloc(map->room * sizeof *map->slots);
  for (size_t i = 0; i < old.room; i++) {
    pl_map_slot *s = &old.slots[i];
    if (s->hash) *probe(map, (pl_str){s->key, s->key_len}, s->hash) = *s;
  }
  pl_release(old.slots, old.room * sizeof *old.slots);
}

void **pl_map_put(pl_map *map, pl_str key) {
  if ((map->n + 1) * 4 > map->room * 3) grow(map);
  uint64_t hash = pl_map_hash(key);
  pl_map_slot *s = probe(map, key, hash);
  if (!s->hash) {
    s->hash = hash, s->key_len = key.n, s->key = pl_alloc(key.n + 1);
    if (key.n) memcpy(s->key, key.p, key.n);
    map->n++;
  }
  return &s->value;
}

void pl_map_drop(pl_map *map, pl_str key) {
  if (!map->room) return;
  pl_map_slot *s = probe(map, key, pl_map_hash(key));
  if (!s->hash) return;
  pl_release(s->key, s->key_len + 1);
  map->n--;
  size_t hole = (size_t)(s - map->slots), mask = map->room - 1;
  for (size_t i = (hole + 1) & mask; map->slots[i].hash; i = (i + 1) & mask) { /* close the gap */
    size_t home = map->slots[i].hash & mask;
    if (((i - home) & mask) >= ((i - hole) & mask)) map->slots[hole] = map->slots[i], hole = i;
  }
  map->slots[hole] = (pl_map_slot){0};
}

pl_map_slot *pl_map_next(const pl_map *map, pl_map_slot *after) {
  for (size_t i = after ? (size_t)(after - map->slots) + 1 : 0; i < map->room; i++)
    if (map->slots[i].hash) return &map->slots[i];
  return NULL;
}

/* The cursor is room + index: one of a smaller map is less than room. */
pl_map_slot *pl_map_step(const pl_map *map, size_t *cursor) {
  size_t i = *cursor >= map->room && *cursor ? *cursor - map->room + 1 : 0;
  while (i < map->room && !map->slots[i].hash) i++;
  *cursor = i < map->room ? map->room + i : 0;
  return i < map->room ? &map->slots[i] : NULL;
}
