/* Mail: a message as MIME (RFC 5322, 2045-2047), in plain text and HTML, for SMTP to take as it is.
 *
 * Nothing of a message reaches a header but encoded: a line break cannot end one. The boundary holds `=_`,
 * which quoted-printable never writes. */
#include <stdio.h>

#include "base/civil.h"
#include "base/mem.h"
#include "codec/layout.h"

#define BOUNDARY "=_paceline"

enum { LINE_MAX = 76, WORD_MAX = 39, SUBJECT_MAX = 150, LOCAL_MAX = 64, ADDRESS_MAX = 254 };

/* As in an address without quotes: dot-atoms (RFC 5322, 3.4.1). */
static bool atoms(pl_str text, const char *marks) {
  bool dot = true; /* none at the start, the end, nor two */
  for (size_t i = 0; i < text.n; i++) {
    char c = text.p[i];
    bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (c == '.' ? dot : !letter && (!c || !strchr(marks, c))) return false;
    dot = c == '.';
  }
  return !dot;
}

bool pl_mail_address(pl_str address) {
  const char *at = address.n <= ADDRESS_MAX && address.n ? memchr(address.p, '@', address.n) : NULL;
  if (!at || (size_t)(at - address.p) > LOCAL_MAX) return false;
  pl_str domain = {at + 1, (size_t)(address.p + address.n - at - 1)};
  return atoms((pl_str){address.p, (size_t)(at - address.p)}, "!#$%&'*+-/=?^_`{|}~") && atoms(domain, "-") &&
         domain.p[0] != '-';
}

/* --- headers */

static const char *one_line(uint32_t c) { return c == '\n' ? " " : NULL; }

/* Encoded words, in base64 so that any text may stand in them, each of whole characters. */
static void words(pl_buf *out, pl_str text) {
  static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (bool first = true; text.n; first = false) {
    size_t n = 0;
    for (size_t step; n < text.n; n += step) {
      step = pl_str_step((pl_str){text.p + n, text.n - n});
      if (n + step > WORD_MAX) break;
    }
    pl_buf_text(out, first ? "=?UTF-8?B?" : "\r\n =?UTF-8?B?");
    for (size_t i = 0; i < n; i += 3) {
      const unsigned char *p = (const unsigned char *)text.p + i;
      uint32_t v = (uint32_t)p[0] << 16 | (i + 1 < n ? (uint32_t)p[1] << 8 : 0) | (i + 2 < n ? p[2] : 0);
      for (size_t k = 0; k < 4; k++) pl_buf_char(out, i + k > n ? '=' : digits[v >> (18 - 6 * k) & 63]);
    }
    pl_buf_text(out, "?=");
    text.p += n, text.n -= n;
  }
}

static void subject(pl_buf *out, pl_str text, const pl_fit *fit) {
  pl_buf clipped;
  pl_buf_init(&clipped, 1 << 20);
  pl_clip(&clipped, text, fit->text < SUBJECT_MAX ? fit->text : SUBJECT_MAX, one_line);
  pl_str s = pl_buf_str(&clipped);
  bool plain = s.n && s.n < LINE_MAX - 9 && s.p[0] != ' ' && s.p[s.n - 1] != ' ';
  for (size_t i = 0; i < s.n && plain; i++) plain = s.p[i] >= ' ' && s.p[i] < 0x7F && s.p[i] != '=';
  pl_buf_text(out, "Subject: ");
  if (plain)
    pl_buf_str_put(out, s);
  else
    words(out, s);
  pl_buf_text(out, "\r\n");
  pl_buf_fini(&clipped);
}

/* <id@domain of the sender>; what cannot stand there as it is as %XX. */
static void message_id(pl_buf *out, const char *header, pl_str id, pl_str from) {
  const char *at = from.n ? memchr(from.p, '@', from.n) : NULL;
  if (!id.n) return;
  pl_buf_printf(out, "%s: <", header);
  for (size_t i = 0; i < id.n && i < 150; i++) {
    char c = id.p[i];
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_')
      pl_buf_char(out, c);
    else
      pl_buf_printf(out, "%%%02X", (unsigned char)c);
  }
  pl_buf_char(out, '@');
  pl_buf_str_put(out, at ? (pl_str){at + 1, (size_t)(from.p + from.n - at - 1)} : PL_STR("localhost"));
  pl_buf_text(out, ">\r\n");
}

static void date(pl_buf *out, int64_t at_s) {
  static const char days[] = "MonTueWedThuFriSatSun", months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
  int64_t last = INT64_C(253402300799), s = at_s < 0 ? 0 : at_s > last ? last : at_s;
  int32_t day = (int32_t)(s / 86400), second = (int32_t)(s % 86400);
  pl_civil c = pl_civil_of(day);
  pl_buf_printf(out, "Date: %.3s, %02d %.3s %04d %02d:%02d:%02d +0000\r\n", days + 3 * pl_weekday(day), c.day,
                months + 3 * (c.month - 1), c.year, second / 3600, second / 60 % 60, second % 60);
}

/* --- parts */

/* Lines end in \n and come out as \r\n; a dot at a line's start is not one to SMTP. */
static void quoted_printable(pl_buf *out, pl_str text) {
  size_t column = 0;
  for (size_t i = 0; i < text.n; i++) {
    unsigned char c = (unsigned char)text.p[i];
    bool last = i + 1 == text.n || text.p[i + 1] == '\n';
    if (c == '\n') {
      pl_buf_text(out, "\r\n");
      column = 0;
      continue;
    }
    bool as_it_is = c > ' ' ? c < 0x7F && c != '=' && !(c == '.' && column == 0) : c == ' ' && !last;
    size_t width = as_it_is ? 1 : 3;
    if (column + width > LINE_MAX - (last ? 0 : 1)) {
      pl_buf_text(out, "=\r\n");
      column = 0;
      as_it_is = as_it_is && c != '.', width = as_it_is ? 1 : 3;
    }
    if (as_it_is)
      pl_buf_char(out, (char)c);
    else
      pl_buf_printf(out, "=%02X", c);
    column += width;
  }
  pl_buf_text(out, "\r\n");
}

static void paragraph(pl_buf *out, pl_str text, size_t max, pl_escape *escape) {
  if (pl_blank(text)) return;
  pl_clip(out, text, max, escape);
  pl_buf_text(out, "\n\n");
}

static void plain(pl_buf *out, const pl_message *m, const pl_fit *fit) {
  paragraph(out, m->subject, SUBJECT_MAX, one_line);
  paragraph(out, m->lead, fit->text, NULL);
  for (size_t i = 0; i < m->nitems; i++) {
    const pl_message_item *item = &m->items[i];
    if (pl_title_says_more(m, item)) paragraph(out, item->title, SUBJECT_MAX, one_line);
    paragraph(out, item->text, fit->text, NULL);
    size_t n = pl_facts_fit(item, fit);
    for (size_t k = 0; k < n; k++) {
      pl_buf_text(out, "  ");
      pl_clip(out, item->facts[k].label, fit->text, one_line);
      pl_buf_text(out, ": ");
      pl_clip(out, item->facts[k].value, fit->text, one_line);
      pl_buf_char(out, '\n');
    }
    if (n) pl_buf_char(out, '\n');
    if (!pl_link_fits(item->link, fit)) continue;
    if (!pl_blank(item->link_label))
      pl_clip(out, item->link_label, SUBJECT_MAX, one_line), pl_buf_text(out, ": ");
    paragraph(out, item->link, fit->link, NULL);
  }
  paragraph(out, m->more, fit->text, NULL);
  if (pl_blank(m->footer)) return;
  pl_buf_text(out, "-- \n");
  pl_clip(out, m->footer, fit->text, NULL);
  pl_buf_char(out, '\n');
}

static void part(pl_buf *out, const char *type, pl_str text) {
  pl_buf_printf(out,
                "--" BOUNDARY "\r\nContent-Type: %s; charset=utf-8\r\n"
                "Content-Transfer-Encoding: quoted-printable\r\n\r\n",
                type);
  quoted_printable(out, text);
}

void pl_mail_encode(const pl_parcel *parcel, const pl_fit *fit, pl_buf *out) {
  const pl_message *m = parcel->message;
  pl_str from = pl_mail_address(parcel->from) ? parcel->from : (pl_str){"", 0};
  pl_buf text;
  pl_buf_init(&text, 1 << 20);
  pl_buf_printf(out, "From: %.*s\r\nTo: ", (int)from.n, from.p);
  pl_buf_str_put(out,
                 pl_mail_address(parcel->address) ? parcel->address : PL_STR("undisclosed-recipients:;"));
  pl_buf_text(out, "\r\n");
  subject(out, m->subject, fit);
  date(out, m->at_s);
  message_id(out, "Message-ID", m->id, from);
  message_id(out, "In-Reply-To", m->about, from);
  message_id(out, "References", m->about, from);
  pl_buf_text(out, "Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n"
                   "Content-Type: multipart/alternative; boundary=\"" BOUNDARY "\"\r\n\r\n");
  plain(&text, m, fit);
  part(out, "text/plain", pl_buf_str(&text));
  pl_buf_clear(&text);
  pl_mail_html(m, fit, &text);
  part(out, "text/html", pl_buf_str(&text));
  pl_buf_text(out, "--" BOUNDARY "--\r\n");
  pl_buf_fini(&text);
}
