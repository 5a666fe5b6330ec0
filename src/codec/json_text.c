#include "codec/json_text.h"

static bool digit(const uint8_t *p, const uint8_t *end) { return p < end && *p >= '0' && *p <= '9'; }

const uint8_t *pl_json_number_read(const uint8_t *p, const uint8_t *end, pl_json_number *out) {
  *out = (pl_json_number){.minus = p < end && *p == '-'};
  p += out->minus;
  if (!digit(p, end)) return NULL;
  if (*p == '0' && digit(p + 1, end)) return NULL;
  for (; digit(p, end); p++) {
    out->digits = 10 * out->digits + (uint64_t)(*p - '0');
    out->n += out->n || *p != '0';
  }
  if (p < end && *p == '.') {
    out->fraction = true;
    if (!digit(++p, end)) return NULL;
    for (; digit(p, end); p++) {
      out->digits = 10 * out->digits + (uint64_t)(*p - '0');
      out->n += out->n || *p != '0', out->scale++;
    }
  }
  if (p < end && (*p == 'e' || *p == 'E')) {
    out->exponent = true;
    p++;
    if (p < end && (*p == '+' || *p == '-')) p++;
    if (!digit(p, end)) return NULL;
    while (digit(p, end)) p++;
  }
  return p;
}

bool pl_json_number_value(const pl_json_number *number, pl_str text, pl_value *out) {
  int64_t i = (int64_t)(number->minus ? 0 - number->digits : number->digits);
  if (number->exponent || (number->fraction && (number->n > 18 || number->scale > 18))) {
    *out = (pl_value){.kind = PL_REAL};
    return pl_str_double(text, &out->d);
  }
  *out = (pl_value){.kind = number->fraction ? PL_DECIMAL : PL_INT, .scale = number->scale, .i = i};
  return number->n < 19 || (number->n == 19 && (i < 0) == number->minus);
}

static int hex(const uint8_t *p, const uint8_t *end) { /* four digits, or -1 */
  int v = 0;
  if (end - p < 4) return -1;
  for (int i = 0; i < 4; i++) {
    int letter = p[i] | 0x20;
    if (letter >= 'a' && letter <= 'f')
      v = v << 4 | (letter - 'a' + 10);
    else if (p[i] >= '0' && p[i] <= '9')
      v = v << 4 | (p[i] - '0');
    else
      return -1;
  }
  return v;
}

size_t pl_json_escape(const uint8_t *p, const uint8_t *end) {
  if (end - p < 2) return 0;
  if (p[1] == 'u') return hex(p + 2, end) < 0 ? 0 : 6;
  return p[1] && strchr("\"\\/bfnrt", p[1]) ? 2 : 0;
}

static char *put_utf8(char *to, uint32_t c) {
  if (c < 0x80) {
    *to++ = (char)c;
  } else if (c < 0x800) {
    *to++ = (char)(0xC0 | c >> 6), *to++ = (char)(0x80 | (c & 63));
  } else {
    if (c < 0x10000)
      *to++ = (char)(0xE0 | c >> 12);
    else
      *to++ = (char)(0xF0 | c >> 18), *to++ = (char)(0x80 | (c >> 12 & 63));
    *to++ = (char)(0x80 | (c >> 6 & 63)), *to++ = (char)(0x80 | (c & 63));
  }
  return to;
}

bool pl_json_unescape(pl_str text, char *to, size_t *n) {
  static const char from[] = "bfnrt", is[] = "\b\f\n\r\t";
  const uint8_t *p = (const uint8_t *)text.p, *end = p + text.n;
  char *start = to;
  while (p < end) {
    if (*p != '\\') {
      *to++ = (char)*p++;
    } else if (p[1] != 'u') {
      const char *at = strchr(from, p[1]);
      *to++ = at ? is[at - from] : (char)p[1];
      p += 2;
    } else {
      uint32_t c = (uint32_t)hex(p + 2, end), low;
      p += 6;
      if (c >= 0xD800 && c < 0xE000) {
        low = end - p >= 6 && p[0] == '\\' && p[1] == 'u' ? (uint32_t)hex(p + 2, end) : 0;
        if (c >= 0xDC00 || low < 0xDC00 || low >= 0xE000) return false;
        c = 0x10000 + ((c & 0x3FF) << 10) + (low & 0x3FF);
        p += 6;
      }
      to = put_utf8(to, c);
    }
  }
  *n = (size_t)(to - start);
  return true;
}
