/* Text: slices that borrow, and a growable buffer with a maximum at birth. */
#ifndef PL_BASE_TEXT_H
#define PL_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/status.h"

/* A borrowed slice: not terminated, not owned, valid as long as what it points into. */
typedef struct {
  const char *p;
  size_t n;
} pl_str;

#define PL_STR(literal) ((pl_str){(literal), sizeof(literal) - 1})
static inline pl_str pl_str_of(const char *text) { return (pl_str){text, text ? strlen(text) : 0}; }
static inline bool pl_str_eq(pl_str a, pl_str b) {
  return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}
static inline bool pl_str_is(pl_str a, const char *text) { return pl_str_eq(a, pl_str_of(text)); }

/* A terminated copy of its own, up to the first NUL byte; freed with its pointer's address. */
char *pl_text_new(pl_str s);
void pl_text_free(char **text); /* accepts NULL */

/* Strict numbers: the whole slice, no blanks, no overflow; false leaves `out` alone. */
bool pl_str_int(pl_str s, int64_t *out);
bool pl_str_double(pl_str s, double *out); /* finite only */
/* A decimal such as "-12.5" as an integer scaled by 10^decimals; refuses digits that would be lost. */
bool pl_str_decimal(pl_str s, int decimals, int64_t *out);

/* Is the slice well-formed UTF-8 without control characters (C0 but tab, DEL, C1)? */
bool pl_str_clean(pl_str s);
bool pl_str_utf8(pl_str s); /* well-formed, controls allowed */
/* The bytes of the character that the slice, which is not empty, begins with; 0: it is not well-formed. */
size_t pl_str_step(pl_str s);

/* Growable bytes. Passing `max` sets `full` and drops the rest: the owner checks it once, at the end. */
typedef struct {
  char *p;
  size_t n, room, max;
  bool full;
} pl_buf;

void pl_buf_init(pl_buf *buf, size_t max);
void pl_buf_fini(pl_buf *buf);
static inline void pl_buf_clear(pl_buf *buf) { buf->n = 0, buf->full = false; }
static inline pl_str pl_buf_str(const pl_buf *buf) { return (pl_str){buf->p ? buf->p : "", buf->n}; }
char *pl_buf_more(pl_buf *buf, size_t n);
/* Room for n bytes at the end, counted as written; NULL when full. */
static inline char *pl_buf_room(pl_buf *buf, size_t n) {
  if (buf->full || n > buf->room - buf->n) return pl_buf_more(buf, n);
  buf->n += n;
  return buf->p + buf->n - n;
}
static inline void pl_buf_put(pl_buf *buf, const void *p, size_t n) {
  char *at = n ? pl_buf_room(buf, n) : NULL;
  if (at) memcpy(at, p, n);
}
static inline void pl_buf_str_put(pl_buf *buf, pl_str s) { pl_buf_put(buf, s.p, s.n); }
static inline void pl_buf_text(pl_buf *buf, const char *text) { pl_buf_put(buf, text, strlen(text)); }
static inline void pl_buf_char(pl_buf *buf, char c) { pl_buf_put(buf, &c, 1); }
void pl_buf_int(pl_buf *buf, int64_t v);
void pl_buf_printf(pl_buf *buf, const char *fmt, ...) PL_PRINTF(2, 3);
/* A scaled integer as a decimal: (1234, 2) -> 12.34, (1200, 2) -> 12 */
void pl_buf_decimal(pl_buf *buf, int64_t scaled, int decimals);
/* A double with so many decimals, as printf's "%.*f" writes it. */
void pl_buf_real(pl_buf *buf, double v, int decimals);
/* A JSON string with its quotes; invalid UTF-8 becomes U+FFFD, controls are escaped. */
void pl_buf_json(pl_buf *buf, pl_str s);
/* Unsigned LEB128, and zigzag for signed values. */
void pl_buf_varint(pl_buf *buf, uint64_t v);
void pl_buf_zigzag(pl_buf *buf, int64_t v);

/* A reader over a slice: after the first failure every further read fails, so the owner checks once. */
typedef struct {
  const unsigned char *p, *end;
  bool bad;
} pl_reader;
static inline pl_reader pl_reader_of(pl_str s) {
  const unsigned char *p = (const unsigned char *)s.p;
  return (pl_reader){p, p + s.n, false};
}
uint64_t pl_read_varint(pl_reader *in);
int64_t pl_read_zigzag(pl_reader *in);
pl_str pl_read_bytes(pl_reader *in, size_t n);
/* 8 bytes, little endian, as the machine has them. */
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "state records are written as memory holds them");
static inline void pl_buf_u64(pl_buf *buf, uint64_t v) { pl_buf_put(buf, &v, sizeof v); }
uint64_t pl_read_u64(pl_reader *in);

#endif
