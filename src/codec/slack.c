/* Slack: blocks. All text is `plain_text`, which knows no mark-up, mentions or links at all; & < > are
 * escaped nevertheless, as Slack asks. The limits are those of
 * https://api.slack.com/reference/block-kit/blocks. */
#include "codec/layout.h"

enum { HEADER_MAX = 150, SECTION_MAX = 3000, FIELD_MAX = 300, BUTTON_MAX = 75, FALLBACK_MAX = 1000 };

static const char *escape(uint32_t c) {
  return c == '&' ? "&amp;" : c == '<' ? "&lt;" : c == '>' ? "&gt;" : NULL;
}

static size_t lesser(size_t a, size_t b) { return a < b ? a : b; }

static void plain(pl_buf *out, pl_str text, size_t max) {
  pl_buf_text(out, "{\"type\":\"plain_text\",\"emoji\":false,\"text\":");
  pl_clip_json(out, text, max, escape);
  pl_buf_char(out, '}');
}

/* Slack refuses a block without text. */
static void block(pl_buf *out, const char *type, pl_str text, size_t max) {
  if (pl_blank(text)) return;
  pl_buf_printf(out, "{\"type\":\"%s\",\"text\":", type);
  plain(out, text, max);
  pl_buf_text(out, "},");
}

static void fields(pl_buf *out, const pl_message_item *item, const pl_fit *fit) {
  size_t n = pl_facts_fit(item, fit);
  if (!n) return;
  pl_buf_text(out, "{\"type\":\"section\",\"fields\":[");
  for (size_t i = 0; i < n; i++) {
    pl_buf text;
    pl_buf_init(&text, 1 << 20);
    pl_buf_str_put(&text, item->facts[i].label);
    pl_buf_text(&text, ": ");
    pl_buf_str_put(&text, item->facts[i].value);
    if (i) pl_buf_char(out, ',');
    plain(out, pl_buf_str(&text), lesser(FIELD_MAX, fit->text));
    pl_buf_fini(&text);
  }
  pl_buf_text(out, "]},");
}

static void button(pl_buf *out, const pl_message_item *item, const pl_fit *fit) {
  if (!pl_link_fits(item->link, fit)) return;
  pl_buf_text(out, "{\"type\":\"actions\",\"elements\":[{\"type\":\"button\",\"text\":");
  plain(out, pl_blank(item->link_label) ? item->link : item->link_label, lesser(BUTTON_MAX, fit->text));
  pl_buf_text(out, ",\"url\":");
  pl_buf_json(out, item->link);
  pl_buf_text(out, "}]},");
}

static void context(pl_buf *out, pl_str text, size_t max) {
  if (pl_blank(text)) return;
  pl_buf_text(out, "{\"type\":\"context\",\"elements\":[");
  plain(out, text, max);
  pl_buf_text(out, "]},");
}

/* What a notification shows, and a screen reader reads. */
static void fallback(pl_buf *out, const pl_message *m, const pl_fit *fit) {
  pl_buf text;
  pl_buf_init(&text, 1 << 20);
  pl_str body = m->nitems == 1 ? m->items[0].text : m->lead;
  pl_buf_str_put(&text, m->subject);
  if (!pl_blank(body)) pl_buf_char(&text, '\n'), pl_buf_str_put(&text, body);
  pl_clip_json(out, pl_blank(pl_buf_str(&text)) ? PL_STR("…") : pl_buf_str(&text),
               lesser(FALLBACK_MAX, fit->text), escape);
  pl_buf_fini(&text);
}

void pl_slack_encode(const pl_parcel *parcel, const pl_fit *fit, pl_buf *out) {
  const pl_message *m = parcel->message;
  size_t text = lesser(SECTION_MAX, fit->text), title = lesser(HEADER_MAX, fit->text);
  pl_buf_char(out, '{');
  if (pl_sink_reaches(PL_SINK_SLACK_BOT, parcel->address))
    pl_buf_text(out, "\"channel\":"), pl_buf_json(out, parcel->address), pl_buf_char(out, ',');
  pl_buf_text(out, "\"text\":");
  fallback(out, m, fit);
  pl_buf_text(out, ",\"mrkdwn\":false,\"parse\":\"none\",\"link_names\":false,\"unfurl_links\":false,"
                   "\"unfurl_media\":false,\"blocks\":[");
  size_t begin = out->n;
  block(out, "header", m->subject, title);
  block(out, "section", m->lead, text);
  for (size_t i = 0; i < m->nitems; i++) {
    const pl_message_item *item = &m->items[i];
    if (pl_title_says_more(m, item)) block(out, "header", item->title, title);
    block(out, "section", item->text, text);
    fields(out, item, fit);
    button(out, item, fit);
  }
  context(out, m->more, text);
  context(out, m->footer, text);
  if (out->n == begin) block(out, "section", PL_STR("…"), 1);
  if (!out->full) out->n--; /* the last comma */
  pl_buf_text(out, "]}");
}
