/* Avro rig: one record by a schema of schemas/, in dice: as we write it and as avro-c writes it. */
#ifndef PL_TESTS_CODEC_AVRO_RIG_H
#define PL_TESTS_CODEC_AVRO_RIG_H

#include <avro.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "codec/fact_decode.h"
#include "random.h"

enum { TURNS = 500, ROOM = 1 << 18 };

typedef struct {
  dice dice;
  char texts[64 * 1024]; /* what this turn's slices borrow from */
  size_t used;
  avro_schema_t avro;
  avro_value_iface_t *class;
  avro_value_t value;
  pl_schema *schema;
  pl_fact_reader *reader;
  pl_buf buf;
  pl_arena *arena;
  char theirs[ROOM];
} rig;

static inline rig *open_rig(const char *name, int kind) {
  rig *r = calloc(1, sizeof *r);
  pl_err err = {0};
  char *json = calloc(1, ROOM);
  FILE *f = fopen(name, "rb");
  assert_non_null(f);
  size_t n = fread(json, 1, ROOM - 1, f);
  fclose(f);
  assert_int_equal(avro_schema_from_json_length(json, n, &r->avro), 0);
  r->class = avro_generic_class_from_schema(r->avro);
  avro_generic_value_new(r->class, &r->value);
  if (pl_schema_new(&r->schema, (pl_str){json, n}, &err) != PL_OK) fail_msg("%s: %s", name, err.text);
  if (kind >= 0 && pl_fact_reader_new(&r->reader, r->schema, (pl_fact_kind)kind, &err) != PL_OK)
    fail_msg("%s: %s", name, err.text);
  free(json);
  pl_buf_init(&r->buf, ROOM);
  r->arena = pl_arena_new(PL_FACT_BYTES);
  r->dice.state = 20260304;
  return r;
}

static inline void close_rig(rig *r) {
  avro_value_decref(&r->value);
  avro_value_iface_decref(r->class);
  avro_schema_decref(r->avro);
  pl_fact_reader_free(&r->reader);
  pl_schema_free(&r->schema);
  pl_buf_fini(&r->buf);
  pl_arena_free(&r->arena);
  free(r);
}

static inline void start_turn(rig *r) {
  r->used = 0;
  avro_value_reset(&r->value);
  pl_buf_clear(&r->buf);
  pl_arena_reset(r->arena);
}

static inline void bytes_are_the_same(rig *r) {
  avro_writer_t writer = avro_writer_memory(r->theirs, ROOM);
  if (avro_value_write(writer, &r->value) != 0) fail_msg("%s", avro_strerror());
  assert_false(r->buf.full);
  assert_int_equal(avro_writer_tell(writer), r->buf.n);
  assert_memory_equal(r->theirs, r->buf.p, r->buf.n);
  avro_writer_free(writer);
}

static inline pl_str text(rig *r, uint32_t least) {
  uint32_t n = least + below(&r->dice, 30);
  char *p = r->texts + r->used;
  for (uint32_t i = 0; i < n; i++) p[i] = (char)('!' + below(&r->dice, 90));
  p[n] = 0;
  r->used += n + 1;
  return (pl_str){p, n};
}

static inline pl_str maybe(rig *r) { return below(&r->dice, 2) ? text(r, 1) : (pl_str){NULL, 0}; }
static inline int64_t wide(rig *r) {
  return (int64_t)(roll(&r->dice) >> below(&r->dice, 64)) >> below(&r->dice, 2);
}

/* --- avro-c's side: fields by name; an absent one is the union's null */

static inline avro_value_t at(avro_value_t *v, const char *name) {
  avro_value_t field = {0};
  if (avro_value_get_by_name(v, name, &field, NULL) != 0) fail_msg("the schema has no %s", name);
  return field;
}

static inline void set_text(avro_value_t *v, const char *name, pl_str s) {
  avro_value_t field = at(v, name);
  avro_value_set_string_len(&field, s.n ? (char *)(uintptr_t)s.p : (char *)(uintptr_t) "", s.n + 1);
}

static inline void set_enum(avro_value_t *v, const char *name, const char *symbol) {
  avro_value_t field = at(v, name);
  int i = avro_schema_enum_get_by_name(avro_value_get_schema(&field), symbol);
  assert_true(i >= 0);
  avro_value_set_enum(&field, i);
}

static inline void set_long(avro_value_t *v, const char *name, int64_t i) {
  avro_value_t field = at(v, name);
  avro_value_set_long(&field, i);
}

static inline bool branch(avro_value_t *v, const char *name, bool there, avro_value_t *out) {
  avro_value_t field = at(v, name);
  avro_value_set_branch(&field, there, out);
  if (!there) avro_value_set_null(out);
  return there;
}

static inline void set_maybe(avro_value_t *v, const char *name, pl_str s) {
  avro_value_t b;
  if (branch(v, name, s.n > 0, &b)) avro_value_set_string_len(&b, (char *)(uintptr_t)s.p, s.n + 1);
}

static inline void set_day(avro_value_t *v, const char *name, int32_t day) {
  avro_value_t b;
  if (branch(v, name, day != PL_DAY_ALWAYS, &b)) avro_value_set_int(&b, day);
}

static inline void set_double(avro_value_t *v, const char *name, double d) {
  avro_value_t b;
  if (branch(v, name, !isnan(d), &b)) avro_value_set_double(&b, d);
}

#endif
