/* The plan against avro-c: random schemas, random values written by avro-c, every leaf read back through our
 * plan and compared with what avro-c was given. Then the same bodies with bytes changed, cut and added:
 * whatever comes, a reason comes back and nothing is read outside the body (the body is an allocation of its
 * own). */
#include <avro.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "codec/plan.h"
#include "random_schema.h"

enum { CASES = 2500, MUTATIONS = 50, BODY = 1 << 20 };

/* Two's complement, big endian, sometimes longer than needed. */
static size_t decimal(world *w, int64_t v, size_t least, uint8_t *out) {
  size_t n = 8 + below(&w->dice, 4);
  if (least) n = least;
  for (size_t i = 0; i < n; i++) {
    size_t shift = 8 * (n - 1 - i);
    out[i] = (uint8_t)(shift >= 64 ? (v < 0 ? 0xFF : 0) : (uint64_t)v >> shift);
  }
  return n;
}

static void fill(world *w, avro_value_t *v, const pl_node *node, int depth) {
  char text[80];
  uint8_t bytes[32];
  int64_t most = node->most ? node->most : 1;
  switch (avro_value_get_type(v)) {
  case AVRO_NULL: avro_value_set_null(v); return;
  case AVRO_BOOLEAN: avro_value_set_boolean(v, (int)below(&w->dice, 2)); return;
  case AVRO_INT32: avro_value_set_int(v, (int32_t)(roll(&w->dice) >> (32 + below(&w->dice, 32)))); return;
  case AVRO_INT64: {
    int64_t i = (int64_t)(roll(&w->dice) >> below(&w->dice, 64));
    avro_value_set_long(v, below(&w->dice, 2) ? i : ~i);
    return;
  }
  case AVRO_FLOAT: avro_value_set_float(v, (float)below(&w->dice, 1000000) / 7.0f); return;
  case AVRO_DOUBLE: avro_value_set_double(v, (double)(int64_t)roll(&w->dice) / 3.0); return;
  case AVRO_STRING: {
    uint32_t n = below(&w->dice, 70);
    for (uint32_t i = 0; i < n; i++) text[i] = (char)(' ' + below(&w->dice, 95));
    text[n] = 0;
    avro_value_set_string_len(v, text, n + 1);
    return;
  }
  case AVRO_BYTES:
  case AVRO_FIXED: {
    size_t n = avro_value_get_type(v) == AVRO_FIXED ? node->size : below(&w->dice, 20);
    int64_t i = (int64_t)(roll(&w->dice) % (uint64_t)most) * (below(&w->dice, 2) ? 1 : -1);
    for (size_t k = 0; k < n; k++) bytes[k] = (uint8_t)roll(&w->dice);
    if (node->logical == PL_DECIMAL_NUMBER) n = decimal(w, i, node->size, bytes);
    if (avro_value_get_type(v) == AVRO_FIXED)
      avro_value_set_fixed(v, bytes, n);
    else
      avro_value_set_bytes(v, bytes, n);
    return;
  }
  case AVRO_ENUM: avro_value_set_enum(v, (int)below(&w->dice, (uint32_t)node->n)); return;
  case AVRO_RECORD:
    for (size_t i = 0; i < node->n; i++) {
      avro_value_t kid;
      avro_value_get_by_index(v, i, &kid, NULL);
      fill(w, &kid, node->kids[i], depth + 1);
    }
    return;
  case AVRO_ARRAY:
  case AVRO_MAP:
    for (uint32_t n = depth > 5 ? 0 : below(&w->dice, 4), i = 0; i < n; i++) {
      avro_value_t kid;
      if (node->type == PL_AVRO_ARRAY) {
        avro_value_append(v, &kid, NULL);
      } else {
        snprintf(text, sizeof text, "key%u", i);
        avro_value_add(v, text, &kid, NULL, NULL);
      }
      fill(w, &kid, node->kids[0], depth + 1);
    }
    return;
  case AVRO_UNION: {
    uint32_t branch = below(&w->dice, (uint32_t)node->n);
    avro_value_t kid;
    for (uint32_t i = 0; i < node->n; i++)
      if (depth > 5 && node->kids[i]->type == PL_AVRO_NULL) branch = i;
    avro_value_set_branch(v, (int)branch, &kid);
    fill(w, &kid, node->kids[branch], depth + 1);
    return;
  }
  default: fail();
  }
}

/* What avro-c has at a path below `v`; false: nothing, or nothing that can be a value. */
static bool look(avro_value_t v, const char *path, avro_value_t *out) {
  for (;;) {
    while (avro_value_get_type(&v) == AVRO_UNION) {
      avro_value_t branch = {0};
      avro_value_get_current_branch(&v, &branch);
      v = branch;
    }
    if (!*path) break;
    if (avro_value_get_type(&v) != AVRO_RECORD) return false;
    char name[PATH];
    size_t n = strcspn(path, ".");
    memcpy(name, path, n);
    name[n] = 0;
    path += n + (path[n] == '.');
    avro_value_t field = {0};
    if (avro_value_get_by_name(&v, name, &field, NULL) != 0) return false;
    v = field;
  }
  *out = v;
  switch (avro_value_get_type(&v)) {
  case AVRO_NULL:
  case AVRO_RECORD:
  case AVRO_ARRAY:
  case AVRO_MAP: return false;
  default: return true;
  }
}

static void same_decimal(const pl_slot *slot, const uint8_t *p, size_t n) {
  __extension__ __int128 v = p[0] & 0x80 ? -1 : 0;
  for (size_t i = 0; i < n; i++) v = v * 256 + p[i];
  assert_int_equal(slot->value.kind, PL_DECIMAL);
  assert_true(v == slot->value.i);
  assert_int_equal(slot->value.scale, slot->node->scale);
}

static void same(avro_value_t v, bool there, const pl_slot *slot) {
  const void *p = NULL;
  size_t n = 0;
  int32_t i = 0;
  int64_t l = 0;
  float f = 0;
  double d = 0;
  int b = 0;
  if (there && (avro_value_get_type(&v) == AVRO_BYTES || avro_value_get_type(&v) == AVRO_FIXED) &&
      !slot->node)
    return; /* raw bytes are no value */
  assert_int_equal(there, slot->node != NULL);
  if (!there) return;
  switch (avro_value_get_type(&v)) {
  case AVRO_BOOLEAN:
    avro_value_get_boolean(&v, &b);
    assert_int_equal(slot->value.kind, PL_BOOL);
    assert_int_equal(slot->value.i, b);
    break;
  case AVRO_INT32:
    avro_value_get_int(&v, &i);
    assert_int_equal(slot->value.kind, PL_INT);
    assert_int_equal(slot->value.i, i);
    break;
  case AVRO_INT64:
    avro_value_get_long(&v, &l);
    assert_int_equal(slot->value.kind, PL_INT);
    assert_true(slot->value.i == l);
    break;
  case AVRO_FLOAT:
    avro_value_get_float(&v, &f);
    assert_int_equal(slot->value.kind, PL_REAL);
    assert_true(slot->value.d == (double)f);
    break;
  case AVRO_DOUBLE:
    avro_value_get_double(&v, &d);
    assert_int_equal(slot->value.kind, PL_REAL);
    assert_true(slot->value.d == d);
    break;
  case AVRO_STRING: {
    const char *text;
    avro_value_get_string(&v, &text, &n);
    assert_int_equal(slot->value.kind, PL_TEXT);
    assert_int_equal(slot->value.s.n, n - 1);
    assert_memory_equal(slot->value.s.p, text, n - 1);
    break;
  }
  case AVRO_ENUM:
    avro_value_get_enum(&v, &b);
    assert_int_equal(slot->value.i, b);
    assert_true(pl_str_is(slot->value.s, avro_schema_enum_get(avro_value_get_schema(&v), b)));
    break;
  case AVRO_BYTES:
    avro_value_get_bytes(&v, &p, &n);
    same_decimal(slot, p, n);
    break;
  case AVRO_FIXED:
    avro_value_get_fixed(&v, &p, &n);
    same_decimal(slot, p, n);
    break;
  default: fail();
  }
}

typedef struct {
  world *w;
  avro_value_t root;
  size_t items[LISTS];
  size_t compared;
} reading;

static bool array_of(reading *r, const char *path, avro_value_t *out) {
  char outer[PATH];
  snprintf(outer, sizeof outer, "%.*s", (int)strcspn(path, "["), path);
  avro_value_t v = r->root, field = {0};
  /* as look(), but the end is an array */
  for (char *at = outer; *at;) {
    size_t n = strcspn(at, ".");
    bool last = at[n] == 0;
    at[n] = 0;
    while (avro_value_get_type(&v) == AVRO_UNION) {
      avro_value_t branch = {0};
      avro_value_get_current_branch(&v, &branch);
      v = branch;
    }
    if (avro_value_get_type(&v) != AVRO_RECORD || avro_value_get_by_name(&v, at, &field, NULL) != 0)
      return false;
    v = field;
    at += n + !last;
  }
  while (avro_value_get_type(&v) == AVRO_UNION) {
    avro_value_t branch = {0};
    avro_value_get_current_branch(&v, &branch);
    v = branch;
  }
  *out = v;
  return avro_value_get_type(&v) == AVRO_ARRAY;
}

static pl_reason on_item(void *ctx, int list, const pl_slot *slots, pl_err *why) {
  reading *r = ctx;
  (void)why;
  for (size_t i = 0; r->w && i < r->w->nwants; i++) {
    const char *inner = strchr(r->w->paths[i], '[');
    if (!inner || r->w->wants[i].list != list) continue;
    avro_value_t array, item = {0}, v;
    assert_true(array_of(r, r->w->paths[i], &array));
    assert_int_equal(avro_value_get_by_index(&array, r->items[list], &item, NULL), 0);
    inner += inner[2] == '.' ? 3 : 2;
    bool there = look(item, inner, &v);
    same(v, there, &slots[i]);
    r->compared++;
  }
  r->items[list]++;
  return PL_APPLIED;
}

static pl_reason run_copy(const pl_plan *plan, const char *p, size_t n, pl_slot *slots, pl_item_fn *fn,
                          void *ctx, pl_err *why) {
  char *copy = malloc(n ? n : 1);
  memcpy(copy, p, n);
  pl_reason reason = pl_plan_run(plan, (pl_str){copy, n}, slots, fn, ctx, why);
  for (size_t i = 0; reason == PL_APPLIED && i < PL_SLOTS_MAX && slots[i].node; i++)
    if (slots[i].value.kind == PL_TEXT && slots[i].value.s.n && slots[i].node->type == PL_AVRO_STRING)
      assert_true(slots[i].value.s.p >= copy && slots[i].value.s.p + slots[i].value.s.n <= copy + n);
  free(copy);
  return reason;
}

static void mutate(world *w, const pl_plan *plan, const char *body, size_t n, size_t *refused) {
  char *changed = malloc(n + 16);
  pl_slot slots[PL_SLOTS_MAX];
  reading nobody = {0};
  for (int m = 0; m < MUTATIONS; m++) {
    size_t len = n;
    memcpy(changed, body, n);
    for (uint32_t times = 1 + below(&w->dice, 3); times; times--) {
      size_t at = len ? below(&w->dice, (uint32_t)len) : 0;
      switch (below(&w->dice, 5)) {
      case 0:
        if (len) changed[at] = (char)(changed[at] ^ (1 << below(&w->dice, 8)));
        break;
      case 1:
        if (len) changed[at] = (char)roll(&w->dice);
        break;
      case 2:
        if (len) changed[at] = (char)0xFF;
        break;
      case 3: len = at; break;
      default:
        if (len < n + 16) changed[len++] = (char)roll(&w->dice);
      }
    }
    pl_err why = {0};
    memset(slots, 0, sizeof slots);
    pl_reason reason = run_copy(plan, changed, len, slots, on_item, &nobody, &why);
    memset(nobody.items, 0, sizeof nobody.items);
    assert_true(reason == PL_APPLIED || reason == PL_BODY || reason == PL_TOO_LARGE ||
                reason == PL_BAD_VALUE);
    if (reason != PL_APPLIED) assert_true(why.text[0]), ++*refused;
  }
  free(changed);
}

static void every_leaf_reads_as_avro_c_wrote_it(void **state) {
  (void)state;
  const char *given = getenv("PL_SEED");
  uint64_t seed = given ? strtoull(given, NULL, 0) : 20260304;
  size_t compared = 0, refused = 0, bodies = 0, wanted = 0;
  print_message("seed %llu\n", (unsigned long long)seed);
  for (uint64_t c = 0; c < CASES; c++) {
    world *w = calloc(1, sizeof *w);
    *w = (world){.dice = {seed + c * 7919}, .budget = 60};
    fields(w, "", -1, 0);
    pl_err err = {0};
    pl_schema *schema;
    pl_plan *plan = NULL;
    avro_schema_t avro = NULL;
    if (pl_schema_new(&schema, (pl_str){w->json, w->n}, &err) != PL_OK ||
        avro_schema_from_json_length(w->json, w->n, &avro) != 0 ||
        pl_plan_new(&plan, schema, w->wants, w->nwants, &err) != PL_OK)
      fail_msg("case %llu: %s\n%s", (unsigned long long)c, err.text, w->json);
    wanted += w->nwants;

    avro_value_iface_t *class = avro_generic_class_from_schema(avro);
    avro_value_t root;
    avro_generic_value_new(class, &root);
    fill(w, &root, pl_schema_root(schema), 0);
    char *body = malloc(BODY);
    avro_writer_t writer = avro_writer_memory(body, BODY);
    if (avro_value_write(writer, &root) != 0)
      fail_msg("case %zu: %s\n%s", (size_t)c, avro_strerror(), w->json);
    size_t n = (size_t)avro_writer_tell(writer);
    avro_writer_free(writer);

    pl_slot slots[PL_SLOTS_MAX];
    reading r = {.w = w, .root = root};
    pl_reason reason = pl_plan_run(plan, (pl_str){body, n}, slots, on_item, &r, &err);
    if (reason != PL_APPLIED) fail_msg("case %llu: %s\n%s", (unsigned long long)c, err.text, w->json);
    for (size_t i = 0; i < w->nwants; i++) {
      avro_value_t v;
      if (strchr(w->paths[i], '[')) {
        avro_value_t array;
        size_t items = 0;
        if (array_of(&r, w->paths[i], &array)) avro_value_get_size(&array, &items);
        assert_int_equal(items, r.items[w->wants[i].list]);
        continue;
      }
      bool there = look(root, w->paths[i], &v);
      same(v, there, &slots[i]);
      r.compared++;
    }
    compared += r.compared, bodies++;
    mutate(w, plan, body, n, &refused);

    free(body);
    avro_value_decref(&root);
    avro_value_iface_decref(class);
    avro_schema_decref(avro);
    pl_plan_free(&plan);
    pl_schema_free(&schema);
    free(w);
  }
  print_message("%zu bodies, %zu paths, %zu values compared, %zu of %d mutations refused\n", bodies, wanted,
                compared, refused, CASES * MUTATIONS);
  assert_true(compared > CASES && refused > CASES * MUTATIONS / 10);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(every_leaf_reads_as_avro_c_wrote_it)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
