#include "base/map.h"

#include "base/mem.h"

static uint64_t mix(uint64_t h) { /* the finaliser of MurmurHash3, public domain */
  h ^= h >> 33;
  h *= 0xff51afd7ed558ccdULL;
  h ^= h >> 33;
  h *= 0xc4ceb9fe1a85ec53ULL;
  return h ^ (h >> 33);
}

uint64_t pl_hash(pl_str bytes, uint64_t key) {
  uint64_t h = mix(key ^ 0x9e3779b97f4a7c15ULL ^ bytes.n);
  const char *p = bytes.p;
  for (size_t left = bytes.n; left;) {
    size_t n = left < 8 ? left : 8;
    uint64_t w = 0;
    memcpy(&w, p, n);
    h = mix(h ^ w) + 0x9e3779b97f4a7c15ULL;
    p += n, left -= n;
  }
  return mix(h);
}

static uint64_t hash_of(pl_str key) { return pl_hash(key, 0) | 1; }

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

void *pl_map_find(const pl_map *map, pl_str key) {
  if (!map->room) return NULL;
  return probe(map, key, hash_of(key))->value; /* a free slot's value is NULL */
}

pl_map_slot *pl_map_slot_of(const pl_map *map, pl_str key) {
  pl_map_slot *s = map->room ? probe(map, key, hash_of(key)) : NULL;
  return s && s->hash ? s : NULL;
}

void pl_map_expect(const pl_map *map, pl_str key) {
  if (map->room) __builtin_prefetch(&map->slots[hash_of(key) & (map->room - 1)]);
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
  uint64_t hash = hash_of(key);
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
  pl_map_slot *s = probe(map, key, hash_of(key));
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
