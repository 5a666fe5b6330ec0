/* Card: Microsoft Teams' Adaptive Card 1.4, as a Workflows webhook takes it (https://adaptivecards.io).
 *
 * Teams reads a part of Markdown in every text, so whatever could be taken for it is escaped; a line is a
 * block of its own, because clients do not agree on what ends one. */
#include "codec/layout.h"

enum { TITLE_MAX = 150, FACT_MAX = 300, BUTTON_MAX = 75 };

static const char *escape(uint32_t c) {
  static const char *const marks[] = {"\\\\", "\\`", "\\*", "\\_", "\\[", "\\]", "\\(", "\\)",
                                      "\\<",  "\\>", "\\~", "\\#", "\\|", "\\{", "\\}", "\\&"};
  for (size_t i = 0; i < PL_COUNT(marks); i++)
    if (c == (unsigned char)marks[i][1]) return marks[i];
  return NULL;
}

static const char *escape_line(uint32_t c) { return c == '\n' ? " " : escape(c); }

static size_t lesser(size_t a, size_t b) { return a < b ? a : b; }

/* One line, escaped; what would begin a list at its start does not. */
static void line_json(pl_buf *out, pl_str line) {
  size_t digits = 0;
  if (!line.n) line.p = "";
  while (digits < line.n && line.p[digits] >= '0' && line.p[digits] <= '9') digits++;
  bool list = digits < line.n && (digits ? line.p[digits] == '.' : line.p[0] == '-' || line.p[0] == '+');
  pl_buf text;
  pl_buf_init(&text, line.n + 1);
  pl_buf_put(&text, line.p, digits);
  if (list) pl_buf_char(&text, '\\');
  pl_buf_put(&text, line.p + digits, line.n - digits);
  pl_buf_json(out, pl_buf_str(&text));
  pl_buf_fini(&text);
}

static void text_json(pl_buf *out, pl_str text, size_t max) {
  pl_buf line;
  pl_buf_init(&line, 1 << 16);
  pl_clip(&line, text, max, escape_line);
  line_json(out, pl_buf_str(&line));
  pl_buf_fini(&line);
}

/* `look`: more of its properties. */
static void blocks(pl_buf *out, pl_str text, size_t max, pl_escape *how, const char *look) {
  pl_buf all;
  pl_buf_init(&all, 1 << 16);
  pl_clip(&all, text, max, how);
  size_t begin = out->n;
  for (pl_str rest = pl_buf_str(&all); rest.n;) {
    pl_str line = pl_trim(pl_line_cut(&rest));
    if (!line.n) continue;
    pl_buf_printf(out, "{\"type\":\"TextBlock\",\"wrap\":true,%s%s\"text\":", look,
                  out->n > begin ? "\"spacing\":\"Small\"," : "");
    line_json(out, line);
    pl_buf_text(out, "},");
  }
  pl_buf_fini(&all);
}

static void block(pl_buf *out, pl_str text, size_t max, const char *look) {
  blocks(out, text, max, escape_line, look);
}

static void lines(pl_buf *out, pl_str text, size_t max) { blocks(out, text, max, escape, ""); }

static void facts(pl_buf *out, const pl_message_item *item, const pl_fit *fit) {
  size_t n = pl_facts_fit(item, fit);
  if (!n) return;
  pl_buf_text(out, "{\"type\":\"FactSet\",\"facts\":[");
  for (size_t i = 0; i < n; i++) {
    pl_buf_text(out, i ? ",{\"title\":" : "{\"title\":");
    text_json(out, item->facts[i].label, lesser(FACT_MAX, fit->text));
    pl_buf_text(out, ",\"value\":");
    text_json(out, item->facts[i].value, lesser(FACT_MAX, fit->text));
    pl_buf_char(out, '}');
  }
  pl_buf_text(out, "]},");
}

static void button(pl_buf *out, const pl_message_item *item, const pl_fit *fit) {
  if (!pl_link_fits(item->link, fit)) return;
  pl_buf_text(out, "{\"type\":\"ActionSet\",\"actions\":[{\"type\":\"Action.OpenUrl\",\"title\":");
  pl_clip_json(out, pl_blank(item->link_label) ? item->link : item->link_label, lesser(BUTTON_MAX, fit->text),
               NULL);
  pl_buf_text(out, ",\"url\":");
  pl_buf_json(out, item->link);
  pl_buf_text(out, "}]},");
}

void pl_card_encode(const pl_parcel *parcel, const pl_fit *fit, pl_buf *out) {
  const pl_message *m = parcel->message;
  size_t title = lesser(TITLE_MAX, fit->text);
  pl_buf_text(
      out,
      "{\"type\":\"message\",\"attachments\":[{\"contentType\":\"application/vnd.microsoft.card.adaptive\","
      "\"contentUrl\":null,\"content\":{\"$schema\":\"http://adaptivecards.io/schemas/adaptive-card.json\","
      "\"type\":\"AdaptiveCard\",\"version\":\"1.4\",\"fallbackText\":");
  pl_clip_json(out, pl_blank(m->subject) ? PL_STR("…") : m->subject, title, NULL);
  pl_buf_text(out, ",\"msteams\":{\"width\":\"Full\"},\"body\":[");
  size_t begin = out->n;
  block(out, m->subject, title, "\"size\":\"Large\",\"weight\":\"Bolder\",");
  lines(out, m->lead, fit->text);
  for (size_t i = 0; i < m->nitems; i++) {
    const pl_message_item *item = &m->items[i];
    if (pl_title_says_more(m, item))
      block(out, item->title, title,
            m->nitems > 1 ? "\"weight\":\"Bolder\",\"separator\":true," : "\"weight\":\"Bolder\",");
    lines(out, item->text, fit->text);
    facts(out, item, fit);
    button(out, item, fit);
  }
  block(out, m->more, title, "");
  block(out, m->footer, fit->text, "\"size\":\"Small\",\"isSubtle\":true,");
  if (out->n == begin) block(out, PL_STR("…"), 1, "");
  if (!out->full) out->n--; /* the last comma */
  pl_buf_text(out, "]}}]}");
}
