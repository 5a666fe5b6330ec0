/* Messages: what the configuration says of a language, as a book of phrases laid over English.
 *
 * A phrase is refused with the place of the character that is wrong in it, a word that no phrase has with one
 * that is like it, and phrases that say each other with the way round. */
#include <stdio.h>

#include "codec/telling.h"
#include "config/item.h"

enum { PHRASE_NAME_MAX = 63, NAMED_MAX = 5 };
static const char *const parts[] = {".title", ".text"};

typedef struct {
  pl_compiler *c;
  const pl_language_item *item;
  pl_phrasebook *book;
  pl_phrase *phrases;             /* the book's... */
  const pl_yaml **nodes;          /* ...and where each stands */
  bool time;                      /* the phrase that is checked is one about time */
  pl_str on[PL_PHRASE_DEPTH + 1]; /* the way that is followed, ... */
  size_t depth, steps;
  const char *wrong; /* ...and where it leads */
} reader;

static bool ends(pl_str name, const char *end) {
  size_t n = strlen(end);
  return name.n > n && memcmp(name.p + name.n - n, end, n) == 0;
}

/* `behind.rep.title`: said in `texts`. */
static bool is_part(pl_str name) {
  return ends(name, parts[0]) || ends(name, parts[1]) || ends(name, ".body");
}

/* --- one phrase */

static bool is_known(void *ctx, pl_phrase_of of, pl_str name) {
  const reader *r = ctx;
  const char *value;
  pl_value_is is;
  if (of == PL_PHRASE_OF_PHRASE)
    return !is_part(name) && pl_phrasebook_is_time(name) == r->time && pl_phrasebook_find(&pl_english, name);
  for (size_t i = 0; r->time && (value = pl_phrasebook_time_value(i)); i++)
    if (pl_str_is(name, value)) return of != PL_PHRASE_OF_NOUN;
  for (size_t i = 0; !r->time && (value = pl_telling_value(i, &is)); i++)
    if (pl_str_is(name, value))
      return of == PL_PHRASE_OF_VALUE || is == (of == PL_PHRASE_OF_NOUN ? PL_VALUE_NOUN : PL_VALUE_NUMBER);
  return false;
}

/* Every name that might have been meant. */
static pl_quoted hint(reader *r, pl_phrase_of of, pl_str name) {
  pl_near near = pl_near_to(name);
  const char *known;
  pl_value_is is;
  for (size_t i = 0; (known = pl_phrasebook_name(i)); i++)
    if (of == PL_PHRASE_OF_PHRASE && is_known(r, of, pl_str_of(known))) pl_near_offer(&near, known);
  for (size_t i = 0; of != PL_PHRASE_OF_PHRASE && (known = pl_phrasebook_time_value(i)); i++)
    if (is_known(r, of, pl_str_of(known))) pl_near_offer(&near, known);
  for (size_t i = 0; of != PL_PHRASE_OF_PHRASE && (known = pl_telling_value(i, &is)); i++)
    if (is_known(r, of, pl_str_of(known))) pl_near_offer(&near, known);
  return pl_near_hint(&near);
}

static void check(reader *r, pl_str name, const char *text, const pl_yaml *node) {
  static const char *const expected[] = {"a value", "a number", "a noun", "a phrase"};
  pl_phrase_wrong wrong;
  r->time = pl_phrasebook_is_time(name);
  if (pl_phrase_check(text, is_known, r, &wrong)) return;
  if (wrong.name.n)
    pl_complain_within(r->c->report, node, wrong.at, "found '%s', expected %s that there is %s%s",
                       pl_quote(wrong.name).text, expected[wrong.of], r->time ? "of time" : "here",
                       hint(r, wrong.of, wrong.name).text);
  else
    pl_complain_within(r->c->report, node, wrong.at, "%s", wrong.why);
}

/* --- phrases in phrases */

static bool follow(void *ctx, pl_phrase_of of, pl_str name) {
  reader *r = ctx;
  pl_phrase_wrong ignored;
  if (of != PL_PHRASE_OF_PHRASE || r->wrong) return true;
  for (size_t i = 0; i < r->depth && !r->wrong; i++)
    if (pl_str_eq(r->on[i], name)) r->wrong = "a circle, expected phrases that do not say each other";
  if (!r->wrong && r->depth == PL_PHRASE_DEPTH)
    r->wrong = "more than 8 phrases in each other, expected fewer";
  if (!r->wrong && ++r->steps > PL_PHRASE_STEPS) r->wrong = "a phrase of thousands of others, expected fewer";
  r->on[r->depth++] = name;
  const char *text = r->wrong ? NULL : pl_phrasebook_find(r->book, name);
  if (text) (void)pl_phrase_check(text, follow, r, &ignored);
  r->depth -= !r->wrong; /* the way to it stays */
  return true;
}

static void check_depth(reader *r, pl_str name, const char *text, const pl_yaml *node) {
  pl_phrase_wrong ignored;
  pl_buf way;
  r->depth = r->steps = 0, r->wrong = NULL, r->on[r->depth++] = name;
  (void)pl_phrase_check(text, follow, r, &ignored);
  if (!r->wrong) return;
  pl_buf_init(&way, 1024);
  for (size_t i = 0; i < r->depth; i++) {
    if (i) pl_buf_text(&way, " > ");
    pl_buf_str_put(&way, r->on[i]);
  }
  pl_complain(r->c->report, node, "found %s: %.*s", r->wrong, (int)way.n, way.p);
  pl_buf_fini(&way);
}

/* --- a language */

static void put(reader *r, const char *name, const pl_pair *pair) {
  r->nodes[r->book->nphrases] = pair->node;
  r->phrases[r->book->nphrases++] = (pl_phrase){name, pair->values.items[0]};
  check(r, pl_str_of(name), pair->values.items[0], pair->node);
}

static void read_words(reader *r) {
  for (size_t i = 0; i < r->item->words.n; i++) {
    const pl_pair *word = &r->item->words.items[i];
    pl_str name = pl_str_of(word->key);
    if (!is_part(name) && pl_phrasebook_find(&pl_english, name)) {
      put(r, word->key, word);
      continue;
    }
    pl_near near = pl_near_to(name);
    const char *known;
    for (size_t k = 0; (known = pl_phrasebook_name(k)); k++)
      if (!is_part(pl_str_of(known))) pl_near_offer(&near, known);
    pl_complain_key(r->c->report, word->node, "found an unknown word, expected one that paceline says%s",
                    pl_near_hint(&near).text);
  }
}

/* The messages there are, in English with and without an audience. */
static pl_quoted message_hint(pl_str name) {
  static const char *const audiences[] = {"", ".rep", ".manager", ".team", ".ops"};
  pl_near near = pl_near_to(name);
  char best[PHRASE_NAME_MAX + 16] = "", whole[PHRASE_NAME_MAX + 16];
  const char *known;
  for (size_t i = 0; (known = pl_phrasebook_name(i)); i++)
    for (size_t k = 0; k < PL_COUNT(audiences) && ends(pl_str_of(known), parts[0]); k++) {
      size_t distance = near.distance;
      (void)snprintf(whole, sizeof whole, "%.*s%s", (int)(strlen(known) - strlen(parts[0])), known,
                     audiences[k]);
      if (!pl_phrasebook_is_message(pl_str_of(whole))) continue;
      pl_near_offer(&near, whole);
      if (near.distance < distance) memcpy(best, whole, sizeof best);
      near.best = *best ? best : NULL;
    }
  return pl_near_hint(&near);
}

static void read_texts(reader *r) {
  const pl_map_item *texts = r->item->texts.p;
  for (size_t i = 0; i < r->item->texts.n; i++) {
    pl_str name = pl_str_of(texts[i].item.name);
    if (name.n > PHRASE_NAME_MAX - 6 || !pl_phrasebook_is_message(name)) {
      pl_complain_key(r->c->report, texts[i].item.node,
                      "found an unknown message, expected a kind such as "
                      "behind, or a kind and a reader such as behind.rep%s",
                      message_hint(name).text);
      continue;
    }
    for (size_t k = 0; k < texts[i].map.n; k++) {
      const pl_pair *part = &texts[i].map.items[k];
      char whole[PHRASE_NAME_MAX + 1];
      int n = snprintf(whole, sizeof whole, "%s.%s", texts[i].item.name, part->key);
      if (strcmp(part->key, "title") != 0 && strcmp(part->key, "text") != 0)
        pl_complain_key(r->c->report, part->node, "found an unknown part, expected title or text");
      else
        put(r, pl_arena_text(r->c->arena, whole, (size_t)n), part);
    }
  }
}

static void read_names(reader *r) {
  pl_pairs names = r->item->names;
  pl_noun *nouns = pl_arena_alloc(r->c->arena, names.n * sizeof *nouns);
  for (size_t i = 0; i < names.n; i++) {
    pl_str text = pl_str_of(names.items[i].values.items[0]);
    const char *bar = memchr(text.p, '|', text.n);
    size_t one = bar ? (size_t)(bar - text.p) : text.n;
    pl_str other = bar ? (pl_str){bar + 1, text.n - one - 1} : text;
    nouns[i] = (pl_noun){names.items[i].key, {text.p, one}, other};
    if (!one || !other.n || memchr(other.p, '|', bar ? other.n : 0))
      pl_complain(
          r->c->report, names.items[i].node,
          "found '%s', expected a name, or one for a single thing and one for several such as call|calls",
          pl_quote(text).text);
  }
  r->book->nouns = nouns, r->book->nnouns = names.n;
}

/* `EUR 1,234.5`: what stands around and between its digits. */
static void read_amounts(reader *r) {
  const char *text = r->item->amounts, *one = strchr(text, '1'), *rest = one ? strstr(one, "234") : NULL,
             *five = rest ? strchr(rest + 3, '5') : NULL;
  size_t group = rest ? (size_t)(rest - one - 1) : 0, point = five ? (size_t)(five - rest - 3) : 0;
  bool before = one && one > text, after = five && five[1];
  bool digits =
      strcspn(text, "0123456789") + group + point + 5 + (five ? strcspn(five + 1, "0123456789") : 0) ==
      strlen(text);
  if (!five || !digits || point == 0 || point > 4 || group > 4 || before == after) {
    pl_complain(r->c->report, pl_yaml_nearest(r->item->item.node, "amounts"),
                "found '%s', expected 1234.5 and EUR as they are written, such as EUR 1,234.5 or 1.234,5 EUR",
                pl_quote(pl_str_of(text)).text);
    return;
  }
  r->book->group = (pl_str){one + 1, group}, r->book->point = (pl_str){rest + 3, point};
  r->book->unit_first = before;
}

/* What is said in English for want of words. */
static void warn(reader *r) {
  pl_buf missing;
  const char *name;
  size_t n = 0;
  pl_buf_init(&missing, 1024);
  for (size_t i = 0; !r->book->english && (name = pl_phrasebook_name(i)); i++) {
    if (ends(pl_str_of(name), ".body") || pl_phrasebook_has(r->book, pl_str_of(name))) continue;
    if (n++ < NAMED_MAX) pl_buf_printf(&missing, "%s%s", n > 1 ? ", " : "", name);
  }
  if (n)
    pl_complain_key(r->c->warnings, r->item->item.node,
                    "found no words for %zu phrases (%.*s%s), expected all; these are said in English", n,
                    (int)missing.n, missing.p, n > NAMED_MAX ? ", ..." : "");
  pl_buf_fini(&missing);
}

static void read_language(pl_compiler *c, const pl_language_item *item, pl_phrasebook *book) {
  reader r = {.c = c, .item = item, .book = book};
  const pl_map_item *texts = item->texts.p;
  size_t most = item->words.n;
  for (size_t i = 0; i < item->texts.n; i++) most += texts[i].map.n;
  *book = pl_english;
  book->language = item->item.name, book->nphrases = 0;
  book->english = strcmp(book->language, "en") == 0 || strncmp(book->language, "en-", 3) == 0;
  book->phrases = r.phrases = pl_arena_alloc(c->arena, most * sizeof *r.phrases);
  r.nodes = pl_arena_alloc(c->arena, most * sizeof *r.nodes);
  read_amounts(&r), read_names(&r), read_words(&r), read_texts(&r);
  if (c->report->n) return;
  for (size_t i = 0; i < book->nphrases; i++)
    check_depth(&r, pl_str_of(book->phrases[i].name), book->phrases[i].text, r.nodes[i]);
  warn(&r);
}

static void check_known(pl_compiler *c, const pl_yaml *node, const char *language) {
  if (!language || pl_phrasebooks_own(&c->config->books, pl_str_of(language))) return;
  pl_near near = pl_near_to(pl_str_of(language));
  pl_near_offer(&near, pl_english.language);
  for (size_t i = 0; i < c->config->books.n; i++) pl_near_offer(&near, c->config->books.items[i].language);
  pl_complain(c->report, node, "found '%s', expected en or one of messages.languages%s; add it there",
              pl_quote(pl_str_of(language)).text, pl_near_hint(&near).text);
}

void pl_compile_messages(pl_compiler *c) {
  const pl_items *languages = &c->config->messages.languages;
  const pl_language_item *items = languages->p;
  pl_phrasebook *books = pl_arena_alloc(c->arena, languages->n * sizeof *books);
  for (size_t i = 0; i < languages->n; i++) read_language(c, &items[i], &books[i]);
  c->config->books = (pl_phrasebooks){books, languages->n, c->config->messages.language};
  check_known(c, pl_yaml_nearest(c->root, "messages.language"), c->config->messages.language);
  const pl_rep_item *reps = c->config->reps.p;
  for (size_t i = 0; i < c->config->reps.n; i++)
    check_known(c, pl_yaml_nearest(reps[i].item.node, "language"), reps[i].language);
}
