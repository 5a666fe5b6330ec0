#include "base/text.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"

char *pl_text_new(pl_str s) {
  size_t n = s.n ? strnlen(s.p, s.n) : 0;
  char *text = pl_alloc(n + 1);
  if (n) memcpy(text, s.p, n);
  return text;
}

void pl_text_free(char **text) {
  if (*text) pl_release(*text, strlen(*text) + 1);
  *text = NULL;
}

bool pl_str_int(pl_str s, int64_t *out) {
  bool minus = s.n > 0 && s.p[0] == '-';
  size_t i = minus ? 1 : 0;
  if (i == s.n) return false;
  int64_t v = 0; /* negative all the way: INT64_MIN has no positive twin */
  for (; i < s.n; i++) {
    if (s.p[i] < '0' || s.p[i] > '9') return false;
    if (__builtin_mul_overflow(v, 10, &v) || __builtin_sub_overflow(v, s.p[i] - '0', &v)) return false;
  }
  if (!minus && v == INT64_MIN) return false;
  *out = minus ? v : -v;
  return true;
}

bool pl_str_double(pl_str s, double *out) {
  char copy[64];
  if (s.n == 0 || s.n >= sizeof copy) return false;
  for (size_t i = 0; i < s.n; i++) /* strtod also takes blanks, hexadecimals, inf and nan */
    if (!memchr("0123456789+-.eE", s.p[i], 15)) return false;
  memcpy(copy, s.p, s.n);
  copy[s.n] = 0;
  char *end;
  double v = strtod(copy, &end);
  if (end != copy + s.n || !isfinite(v)) return false;
  *out = v;
  return true;
}

bool pl_str_decimal(pl_str s, int decimals, int64_t *out) {
  bool minus = s.n > 0 && s.p[0] == '-', digit = false, point = false;
  int64_t v = 0;
  int after = 0;
  for (size_t i = minus ? 1 : 0; i < s.n; i++) {
    char c = s.p[i];
    if (c == '.' && !point) {
      point = true;
      continue;
    }
    if (c < '0' || c > '9') return false;
    digit = true;
    if (point && after == decimals) {
      if (c != '0') return false;
      continue;
    }
    after += point;
    if (__builtin_mul_overflow(v, 10, &v) || __builtin_sub_overflow(v, c - '0', &v)) return false;
  }
  for (; after < decimals; after++)
    if (__builtin_mul_overflow(v, 10, &v)) return false;
  if (!digit || v == INT64_MIN) return false;
  *out = minus ? v : -v;
  return true;
}

/* The length of the well-formed UTF-8 sequence at p (Unicode, table 3-7), or 0. */
static size_t sequence(const unsigned char *p, size_t n) {
  if (p[0] < 0x80) return 1;
  size_t want = p[0] >= 0xC2 && p[0] <= 0xDF   ? 2
                : (p[0] & 0xF0) == 0xE0        ? 3
                : p[0] >= 0xF0 && p[0] <= 0xF4 ? 4
                                               : 0;
  if (want == 0 || want > n) return 0;
  for (size_t i = 1; i < want; i++)
    if ((p[i] & 0xC0) != 0x80) return 0;
  if ((p[0] == 0xE0 && p[1] < 0xA0) || (p[0] == 0xED && p[1] > 0x9F) || (p[0] == 0xF0 && p[1] < 0x90) ||
      (p[0] == 0xF4 && p[1] > 0x8F))
    return 0;
  return want;
}

size_t pl_str_step(pl_str s) { return sequence((const unsigned char *)s.p, s.n); }

typedef int8_t bytes16 __attribute__((vector_size(16)));

/* Is it all printable ASCII? Many bytes at a time, the last of them overlapping those before. */
static bool printable(const unsigned char *p, size_t n) {
  const uint64_t ones = UINT64_MAX / 255, tops = ones << 7;
  uint64_t w[2] = {ones * ' ', ones * ' '};
  if (n >= 16) {
    bytes16 v, odd = {0};
    for (size_t i = 0; i < n; i += 16) {
      memcpy(&v, p + (n - i >= 16 ? i : n - 16), 16);
      odd |= (v < ' ') | (v == 0x7F); /* signed: what is not ASCII is below zero */
    }
    memcpy(w, &odd, 16);
    return !(w[0] | w[1]);
  }
  if (n >= 8) {
    memcpy(&w[0], p, 8);
    memcpy(&w[1], p + n - 8, 8);
  } else {
    for (size_t i = 0; i < n; i++) w[0] = w[0] << 8 | p[i];
  }
  /* a top bit shows a byte that is not ASCII, below a blank (w - 0x20.. borrows) or DEL (w + 1 carries) */
  uint64_t odd = w[0] | (w[0] - ones * ' ') | (w[0] + ones) | w[1] | (w[1] - ones * ' ') | (w[1] + ones);
  return !(odd & tops);
}

bool pl_str_utf8(pl_str s) {
  const unsigned char *p = (const unsigned char *)s.p;
  if (printable(p, s.n)) return true;
  for (size_t step, i = 0; i < s.n; i += step)
    if (!(step = sequence(p + i, s.n - i))) return false;
  return true;
}

bool pl_str_clean(pl_str s) {
  const unsigned char *p = (const unsigned char *)s.p;
  if (printable(p, s.n)) return true;
  for (size_t i = 0; i < s.n;) {
    if ((p[i] < 0x20 && p[i] != '\t') || p[i] == 0x7F) return false;
    size_t step = sequence(p + i, s.n - i);
    if (step == 0 || (step == 2 && p[i] == 0xC2 && p[i + 1] < 0xA0)) return false;
    i += step;
  }
  return true;
}

void pl_buf_init(pl_buf *buf, size_t max) { *buf = (pl_buf){.max = max}; }

void pl_buf_fini(pl_buf *buf) {
  pl_release(buf->p, buf->room);
  *buf = (pl_buf){.max = buf->max};
}

char *pl_buf_more(pl_buf *buf, size_t n) {
  if (buf->full || n > buf->max - buf->n) {
    buf->full = true;
    return NULL;
  }
  if (buf->n + n > buf->room) {
    size_t room = buf->room ? buf->room * 2 : 256;
    while (room < buf->n + n) room *= 2;
    if (room > buf->max) room = buf->max;
    buf->p = pl_resize(buf->p, buf->room, room);
    buf->room = room;
  }
  char *at = buf->p + buf->n;
  buf->n += n;
  return at;
}

void pl_buf_int(pl_buf *buf, int64_t v) {
  uint64_t u = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
  size_t n = 1 + (v < 0);
  for (uint64_t left = u / 10; left; left /= 10) n++;
  char *at = pl_buf_room(buf, n);
  if (!at) return;
  if (v < 0) *at = '-';
  do at[--n] = (char)('0' + u % 10);
  while (u /= 10);
}

void pl_buf_printf(pl_buf *buf, const char *fmt, ...) {
  char line[2048];
  va_list args;
  va_start(args, fmt);
  int n = vsnprintf(line, sizeof line, fmt, args);
  va_end(args);
  if (n < 0 || (size_t)n >= sizeof line) {
    buf->full = true;
    return;
  }
  pl_buf_put(buf, line, (size_t)n);
}

void pl_buf_decimal(pl_buf *buf, int64_t scaled, int decimals) {
  uint64_t u = scaled < 0 ? 0 - (uint64_t)scaled : (uint64_t)scaled, unit = 1;
  for (int i = 0; i < decimals; i++) unit *= 10;
  if (scaled < 0) pl_buf_char(buf, '-');
  if (u / unit > INT64_MAX) /* INT64_MIN without decimals */
    pl_buf_text(buf, "9223372036854775808");
  else
    pl_buf_int(buf, (int64_t)(u / unit));
  uint64_t rest = u % unit;
  if (rest == 0) return;
  pl_buf_char(buf, '.');
  for (unit /= 10; rest; unit /= 10) {
    pl_buf_char(buf, (char)('0' + rest / unit));
    rest %= unit;
  }
}

__extension__ typedef unsigned __int128 wide;

/* A double is a whole number of 53 bits by a power of two: times a power of ten, what is cut off is known to
 * the last bit. The nearest one, of two the even one. */
static uint64_t scale(double v, uint64_t unit) {
  enum { BITS = 52, BIAS = 1075, SMALL = 84 /* bits of the product */ };
  uint64_t bits;
  memcpy(&bits, &v, sizeof bits);
  int exponent = (int)(bits >> BITS & 0x7FF), cut = BIAS - (exponent ? exponent : 1);
  wide all = (wide)((bits & ((UINT64_C(1) << BITS) - 1)) | (uint64_t)(exponent > 0) << BITS) * unit;
  if (cut <= 0) return (uint64_t)(all << -cut);
  if (cut > SMALL) return 0;
  wide rest = all & (((wide)1 << cut) - 1), half = (wide)1 << (cut - 1);
  uint64_t n = (uint64_t)(all >> cut);
  return n + (rest > half || (rest == half && n % 2));
}

void pl_buf_real(pl_buf *buf, double v, int decimals) {
  static const uint64_t units[] = {1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000, 1000000000};
  static const double MOST = 9e18;
  uint64_t unit = decimals >= 0 && (size_t)decimals < PL_COUNT(units) ? units[decimals] : 0;
  if (!(fabs(v) * (double)unit < MOST) || !unit) {
    pl_buf_printf(buf, "%.*f", decimals, v);
    return;
  }
  uint64_t n = scale(fabs(v), unit);
  if (signbit(v)) pl_buf_char(buf, '-');
  pl_buf_int(buf, (int64_t)(n / unit));
  if (decimals == 0) return;
  pl_buf_char(buf, '.');
  char *at = pl_buf_room(buf, (size_t)decimals);
  for (n %= unit; at && decimals > 0; n /= 10) at[--decimals] = (char)('0' + n % 10);
}

/* Stands in JSON as it is. */
static bool is_plain(unsigned char c) { return c >= 0x20 && c < 0x7F && c != '"' && c != '\\'; }

void pl_buf_json(pl_buf *buf, pl_str s) {
  const unsigned char *p = (const unsigned char *)s.p;
  pl_buf_char(buf, '"');
  for (size_t i = 0, step; i < s.n; i += step) {
    for (step = 0; i + step < s.n && is_plain(p[i + step]);) step++;
    pl_buf_put(buf, p + i, step);
    if (step) continue;
    if ((step = sequence(p + i, s.n - i)) == 0) {
      pl_buf_text(buf, "\xEF\xBF\xBD");
      step = 1;
      continue;
    }
    if (p[i] == '"' || p[i] == '\\') pl_buf_char(buf, '\\');
    if (p[i] < 0x20 || p[i] == 0x7F)
      pl_buf_printf(buf, "\\u%04x", (unsigned)p[i]);
    else
      pl_buf_put(buf, p + i, step);
  }
  pl_buf_char(buf, '"');
}

void pl_buf_varint(pl_buf *buf, uint64_t v) {
  size_t n = 1;
  for (uint64_t left = v >> 7; left; left >>= 7) n++;
  char *at = pl_buf_room(buf, n);
  if (!at) return;
  for (; v >= 0x80; v >>= 7) *at++ = (char)(v | 0x80);
  *at = (char)v;
}

void pl_buf_zigzag(pl_buf *buf, int64_t v) { pl_buf_varint(buf, ((uint64_t)v << 1) ^ (uint64_t)(v >> 63)); }

uint64_t pl_read_varint(pl_reader *in) {
  uint64_t v = 0;
  for (unsigned shift = 0; !in->bad && in->p < in->end && shift < 64; shift += 7) {
    unsigned char b = *in->p++;
    if (shift == 63 && b > 1) break;
    v |= (uint64_t)(b & 0x7F) << shift;
    if (!(b & 0x80)) return v;
  }
  in->bad = true;
  return 0;
}

int64_t pl_read_zigzag(pl_reader *in) {
  uint64_t z = pl_read_varint(in);
  return (int64_t)(z >> 1) ^ -(int64_t)(z & 1);
}

pl_str pl_read_bytes(pl_reader *in, size_t n) {
  if (in->bad || n > (size_t)(in->end - in->p)) {
    in->bad = true;
    return (pl_str){"", 0};
  }
  pl_str s = {(const char *)in->p, n};
  in->p += n;
  return s;
}

uint64_t pl_read_u64(pl_reader *in) {
  pl_str s = pl_read_bytes(in, 8);
  uint64_t v = 0;
  memcpy(&v, s.p, s.n);
  return v;
}
