/* Mail, HTML: the second part of an e-mail. Styles stand at each element, as mail readers want them; no
 * picture, no script, nothing that is fetched. */
#include "codec/layout.h"

static const char *escape(uint32_t c) {
  switch (c) {
  case '&': return "&amp;";
  case '<': return "&lt;";
  case '>': return "&gt;";
  case '"': return "&quot;";
  case '\'': return "&#39;";
  case '\n': return "<br>\n";
  default: return NULL;
  }
}

static const char *escape_line(uint32_t c) { return c == '\n' ? " " : escape(c); }

static void element(pl_buf *out, const char *begin, pl_str text, size_t max, const char *end) {
  if (pl_blank(text)) return;
  pl_buf_text(out, begin);
  pl_clip(out, text, max, begin[1] == 'p' ? escape : escape_line); /* a paragraph has lines */
  pl_buf_text(out, end);
}

static void facts(pl_buf *out, const pl_message_item *item, const pl_fit *fit) {
  size_t n = pl_facts_fit(item, fit);
  if (!n) return;
  pl_buf_text(out, "<table role=\"presentation\" style=\"border-collapse:collapse;margin:0 0 16px\">\n");
  for (size_t i = 0; i < n; i++) {
    pl_buf_text(out, "<tr><td style=\"padding:2px 16px 2px 0;color:#5b6577\">");
    pl_clip(out, item->facts[i].label, fit->text, escape_line);
    pl_buf_text(out, "</td><td style=\"padding:2px 0\">");
    pl_clip(out, item->facts[i].value, fit->text, escape_line);
    pl_buf_text(out, "</td></tr>\n");
  }
  pl_buf_text(out, "</table>\n");
}

static void link(pl_buf *out, const pl_message_item *item, const pl_fit *fit) {
  if (!pl_link_fits(item->link, fit)) return;
  element(out, "<p style=\"margin:0 0 16px\"><a href=\"", item->link, fit->link,
          "\" style=\"display:inline-block;padding:8px 16px;background:#2456d6;color:#ffffff;"
          "border-radius:6px;text-decoration:none\">");
  pl_clip(out, pl_blank(item->link_label) ? item->link : item->link_label, fit->text, escape_line);
  pl_buf_text(out, "</a></p>\n");
}

void pl_mail_html(const pl_message *m, const pl_fit *fit, pl_buf *out) {
  pl_buf_text(out, "<!doctype html>\n<html>\n<head>\n<meta charset=\"utf-8\">\n"
                   "<meta name=\"viewport\" content=\"width=device-width\">\n");
  element(out, "<title>", m->subject, fit->text, "</title>\n");
  pl_buf_text(
      out,
      "</head>\n<body style=\"margin:0;padding:24px;background:#f3f4f7;color:#1c2330;"
      "font:16px/1.5 -apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif\">\n"
      "<div style=\"max-width:560px;margin:0 auto;padding:24px;background:#ffffff;border-radius:8px\">\n");
  element(out, "<h1 style=\"margin:0 0 12px;font-size:20px\">", m->subject, fit->text, "</h1>\n");
  element(out, "<p style=\"margin:0 0 16px\">", m->lead, fit->text, "</p>\n");
  for (size_t i = 0; i < m->nitems; i++) {
    const pl_message_item *item = &m->items[i];
    if (pl_title_says_more(m, item))
      element(out, "<h2 style=\"margin:16px 0 8px;font-size:16px\">", item->title, fit->text, "</h2>\n");
    element(out, "<p style=\"margin:0 0 16px\">", item->text, fit->text, "</p>\n");
    facts(out, item, fit);
    link(out, item, fit);
  }
  element(out, "<p style=\"margin:16px 0\">", m->more, fit->text, "</p>\n");
  element(out, "<p style=\"margin:16px 0 0;font-size:13px;color:#5b6577\">", m->footer, fit->text, "</p>\n");
  pl_buf_text(out, "</div>\n</body>\n</html>");
}
