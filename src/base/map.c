#include "base/map.h"

#include "base/mem.h"

static uint64_t mix(uint64_t h) { /* the finaliser of MurmurHash3, public domain */
  h ^= h >> 33;
  h *= 0xff51afd7ed558ccdULL;
  h ^= h >> 33;
  h *= 0xc4ceb9fe1a85ec53ULL;
  return h ^ (h >> 33);
}

/* The last 1 to 7 bytes as a number, the first of them lowest. */
static uint64_t last_word(pl_str bytes, size_t left) {
  uint64_t w = 0;
  if (bytes.n >= 8) {
    memcpy(&w, bytes.p + bytes.n - 8, 8);
    return w >> (8 * (8 - left));
  }
  for (size_t i = 0; i < left; i++) w |= (uint64_t)(unsigned char)bytes.p[i] << (8 * i);
  return w;
}

uint64_t pl_hash(pl_str bytes, uint64_t key) {
  uint64_t h = mix(key ^ 0x9e3779b97f4a7c15ULL ^ bytes.n);
  const char *p = bytes.p;
  size_t left = bytes.n;
  for (uint64_t w; left >= 8; p += 8, left -= 8) {
    memcpy(&w, p, 8);
    h = mix(h ^ w) + 0x9e3779b97f4a7c15ULL;
  }
  if (left) h = mix(h ^ last_word(bytes, left)) + 0x9e3779b97f4a7c15ULL;
  return mix(h);
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
  if (map->room) __builtin_prefetch(&map->slots[hash & (map->room - 1)]);
}

void *pl_map_guess(const pl_map *map, uint64_t hash) {
  for (size_t i = hash; map->room; i++) {
    const pl_map_slot *s = &map->slots[i & (map->room - 1)];
    if (!s->hash) return NULL;
    if (s->hash != hash) continue;
    __builtin_prefetch(s->key);
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
