/* JSON tree: what json_plan.c makes of paths and json_run.c walks along; nobody else's business. */
#ifndef PL_CODEC_JSON_TREE_H
#define PL_CODEC_JSON_TREE_H

#include "codec/json_plan.h"

/* What is wanted of the value at one place of the text. Slots are bits. Place 0: nothing is. */
typedef struct {
  uint64_t fills;         /* slots that get the value */
  uint64_t clears;        /* an item of lists: their slots, absent until this item has them... */
  uint64_t tells;         /* ...and one slot of each list that is told of the item */
  uint16_t keys, nkeys;   /* of an object: what follows some names */
  uint16_t items, nitems; /* of a list: the places of the first items... */
  uint16_t every;         /* ...and that of all behind them */
  bool leaf;              /* nothing is wanted below */
} pl_place;

typedef struct {
  uint64_t head; /* the first eight bytes of the name, little endian, filled up with zeros */
  pl_str name;   /* borrowed from the path */
  uint16_t place;
} pl_place_key;

struct pl_json_plan {
  pl_place *places;
  pl_place_key *keys;
  uint16_t *items;
  size_t nplaces, nkeys, nitems;
  size_t places_room, keys_room, items_room;
  int lists[PL_SLOTS_MAX]; /* by slot */
  size_t nslots;
};

#endif
