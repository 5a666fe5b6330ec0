/* Map: text to a pointer, open addressing, insertion never invalidates a value. Keys are copied. */
#ifndef PL_BASE_MAP_H
#define PL_BASE_MAP_H

#include "base/text.h"

/* 64-bit hash of bytes under a key; equal on every machine. Used for ids and what is recorded, so it never
 * changes its values without another PL_RECORD_VERSION. */
uint64_t pl_hash(pl_str bytes, uint64_t key);
/* One part after the other, each by its place: what is empty counts, too. */
static inline uint64_t pl_hash_text(pl_str part, uint64_t so_far) { return pl_hash(part, so_far + 1); }
static inline uint64_t pl_hash_int(int64_t part, uint64_t so_far) {
  return pl_hash((pl_str){(const char *)&part, sizeof part}, so_far + 1);
}

typedef struct {
  uint64_t hash; /* 0: free */
  char *key;     /* owned, terminated; may hold NUL bytes: compare with `key_len` */
  size_t key_len;
  void *value;
} pl_map_slot;

typedef struct {
  pl_map_slot *slots;
  size_t n, room; /* room: a power of two, or 0 */
} pl_map;

void pl_map_init(pl_map *map);
void pl_map_fini(pl_map *map); /* frees keys, never values */
void *pl_map_find(const pl_map *map, pl_str key);
pl_map_slot *pl_map_slot_of(const pl_map *map, pl_str key); /* NULL: not there */
/* The value's place, made (NULL) if it was not there; valid until the next put or drop. */
void **pl_map_put(pl_map *map, pl_str key);
void pl_map_drop(pl_map *map, pl_str key);
/* The same in steps, for who looks for many at once and has something to do meanwhile: the hash brings the
 * place near, the place names what probably belongs to it (the hash is equal; NULL: surely nothing), and
 * brings its key near. */
uint64_t pl_map_hash(pl_str key);
void pl_map_expect(const pl_map *map, uint64_t hash);
void *pl_map_guess(const pl_map *map, uint64_t hash);
void *pl_map_find_hashed(const pl_map *map, pl_str key, uint64_t hash);
/* Every slot in use: for (pl_map_slot *s = NULL; (s = pl_map_next(map, s));) */
pl_map_slot *pl_map_next(const pl_map *map, pl_map_slot *after);
/* The same with a cursor, 0 at first and after the last, that outlives puts (not drops): when the map grows
 * it begins again, so that whatever was there comes at least once. */
pl_map_slot *pl_map_step(const pl_map *map, size_t *cursor);

#endif
