#include "cli/board.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/civil.h"

enum { BAR = 12 };

/* How much a state asks for help (0: most), and how it looks: SGR attributes. */
static const struct {
  int rank;
  const char *word, *look;
} states[PL_PACE_STATES] = {
    [PL_BEHIND] = {0, "behind", "1;31"}, [PL_MISSED] = {1, "missed", "31"},
    [PL_AT_RISK] = {2, "at risk", "33"}, [PL_ON_PACE] = {3, "on pace", ""},
    [PL_AHEAD] = {4, "ahead", "36"},     [PL_NOT_STARTED] = {5, "not started", "2"},
    [PL_MET] = {6, "met", "32"},         [PL_EXCEEDED] = {7, "exceeded", "32"},
    [PL_PAUSED] = {8, "paused", "2"},    [PL_UNKNOWN] = {9, "unknown", "2"},
};

static const struct {
  const char *word, *look;
} kinds[PL_BOARD_KINDS] = {[PL_ALERT_BEHIND] = {"behind", "1;31"},
                           [PL_ALERT_RECOVERED] = {"recovered", "36"},
                           [PL_ALERT_GOAL_MET] = {"goal met", "32"},
                           [PL_ALERT_GOAL_MISSED] = {"goal missed", "33"},
                           [PL_ALERT_MILESTONE_REACHED] = {"milestone", "32"},
                           [PL_ALERT_MILESTONE_MISSED] = {"milestone missed", "33"},
                           [PL_ALERT_STREAK] = {"streak", "32"},
                           [PL_BOARD_ANSWER] = {"answer", "35"},
                           [PL_BOARD_DIGEST] = {"digest", "35"}};

pl_pace_state pl_board_state(const char *word) {
  for (int s = 0; s < PL_PACE_STATES; s++)
    if (strcmp(word, pl_pace_state_name((pl_pace_state)s)) == 0) return (pl_pace_state)s;
  return PL_UNKNOWN;
}

/* What no working time is left for needs no help any more: it comes after what is at risk. */
static int rank(const pl_board_row *row) {
  int of_state = 2 * states[row->state].rank, at_risk = 2 * states[PL_AT_RISK].rank;
  return of_state <= at_risk && isnan(row->needed) ? at_risk + 1 : of_state;
}

static int compare(const pl_board_row *a, const pl_board_row *b) {
  int ra = rank(a), rb = rank(b);
  if (ra != rb) return ra - rb;
  double ca = isnan(a->chance) ? 2 : a->chance, cb = isnan(b->chance) ? 2 : b->chance;
  if (ca < cb || ca > cb) return ca < cb ? -1 : 1;
  int by_name = strcmp(a->name, b->name);
  return by_name ? by_name : strcmp(a->goal, b->goal);
}
static int in_order(const void *a, const void *b) { return compare(a, b); }
static int by_name(const void *a, const void *b) {
  return strcmp(((const pl_board_row *)a)->name, ((const pl_board_row *)b)->name);
}

bool pl_board_worse(const pl_board_row *a, const pl_board_row *b) { return compare(a, b) < 0; }

/* Sentences end where a blank follows; not within quotation marks. */
void pl_board_gist(char *text) {
  char *out = text, *begin = text;
  bool quoted = false, quotes = false;
  for (char *p = text; *p; p++) {
    quoted = strncmp(p, "“", 3) == 0 || (quoted && strncmp(p, "”", 3) != 0);
    quotes |= quoted;
    if (p[1] && (quoted || !strchr(".!?", *p) || p[1] != ' ')) continue;
    size_t n = (size_t)(p + 1 - begin);
    if (begin == text || quotes) out = (char *)memmove(out, begin, n) + n;
    begin = p + 1, quotes = false;
  }
  *out = 0;
}

void pl_board_tell(pl_board *board, const pl_board_alert *alert) {
  board->alerts[board->nalerts++ % PL_BOARD_ALERTS_MAX] = *alert;
  board->kinds[alert->kind]++;
}

void pl_board_sort(pl_board *board) {
  qsort(board->reps, board->nreps, sizeof *board->reps, in_order);
  qsort(board->teams, board->nteams, sizeof *board->teams, by_name);
}

/* --- text */

static void look(const pl_board_style *style, pl_buf *out, const char *sgr) {
  if (style->colour && *sgr) pl_buf_printf(out, "\033[%sm", sgr);
}
static void plain(const pl_board_style *style, pl_buf *out, const char *sgr) {
  if (style->colour && *sgr) pl_buf_text(out, "\033[0m");
}

/* As much of the text as `most` columns hold. Controls, which no terminal should get, become question marks.
 */
static void put(pl_buf *out, const char *text, int most) {
  int shown = 0;
  for (const char *p = text; *p; p++) {
    if ((*p & 0xC0) != 0x80 && ++shown > most) break;
    pl_buf_char(out, (unsigned char)*p < 32 || *p == 127 ? '?' : *p);
  }
}

/* The text in exactly `width` columns. */
static void cell(pl_buf *out, const char *text, int width, bool right) {
  int n = 0;
  for (const char *p = text; *p; p++) n += (*p & 0xC0) != 0x80;
  for (int i = n; right && i < width; i++) pl_buf_char(out, ' ');
  put(out, text, width);
  for (int i = n; !right && i < width; i++) pl_buf_char(out, ' ');
}

static void coloured(const pl_board_style *style, pl_buf *out, const char *sgr, const char *text, int width) {
  look(style, out, sgr);
  cell(out, text, width, false);
  plain(style, out, sgr);
}

/* One that is not listed is written as it is called. */
static void put_kind(const pl_board_style *style, pl_buf *out, int kind) {
  const char *word = kinds[kind].word;
  coloured(style, out, word ? kinds[kind].look : "33", word ? word : pl_alert_kind_name((pl_alert_kind)kind),
           11);
}

static void end_line(pl_buf *out) { pl_buf_text(out, "\033[K\r\n"); }

static const char *figure(double v, char text[32]) {
  if (isnan(v)) return "-";
  if (fabs(v) >= 1e6)
    (void)snprintf(text, 32, "%.2fM", v / 1e6);
  else if (fabs(v) >= 1e4)
    (void)snprintf(text, 32, "%.1fk", v / 1e3);
  else
    (void)snprintf(text, 32, "%.0f", v);
  return text;
}

static const char *when(pl_wall t, char text[32]) {
  static const char *const days[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
  if (t.ms == INT64_MIN) return "";
  int64_t s = pl_seconds(t), day = pl_floor_div(s, 86400), of_day = s - day * 86400;
  (void)snprintf(text, 32, "%s %02d:%02d", days[pl_weekday((int32_t)day)], (int)(of_day / 3600),
                 (int)(of_day / 60 % 60));
  return text;
}

/* --- rows */

typedef enum { NAME, TEAM, GOAL, ACTUAL, LINE, TARGET, GAUGE, PACE, CHANCE, STATE, NEEDED, COLUMNS } column;
static const struct {
  const char *title;
  int width;
  bool right;
  int room; /* shown when the terminal has so many columns */
} columns[COLUMNS] = {[NAME] = {"REP", 16, false, 0},      [TEAM] = {"TEAM", 12, false, 0},
                      [GOAL] = {"GOAL", 14, false, 0},     [ACTUAL] = {"ACTUAL", 6, true, 0},
                      [LINE] = {"LINE", 6, true, 0},       [TARGET] = {"TARGET", 6, true, 88},
                      [GAUGE] = {"", BAR, false, 110},     [PACE] = {"PACE", 5, true, 0},
                      [CHANCE] = {"CHANCE", 6, true, 96},  [STATE] = {"STATE", 11, false, 0},
                      [NEEDED] = {"NEEDS", 10, false, 122}};

static void gap(pl_buf *out, int c) { pl_buf_text(out, c == NAME || columns[c].right ? " " : "  "); }

/* How much of the target is done, and where the line is. */
static void gauge(const pl_board_row *row, const pl_board_style *style, pl_buf *out) {
  double done = row->target > 0 ? row->actual / row->target : 0;
  int mark = row->target > 0 && !isnan(row->line) ? (int)fmin(BAR - 1, BAR * row->line / row->target) : -1;
  for (int i = 0; i < BAR; i++) {
    bool full = (i + 0.5) / BAR <= done;
    const char *look_of = full ? states[row->state].look : "2";
    look(style, out, look_of);
    pl_buf_text(out, i == mark ? (style->ascii ? "|" : "┃")
                     : full    ? (style->ascii ? "=" : "━")
                               : (style->ascii ? "." : "─"));
    plain(style, out, look_of);
  }
}

static void draw_row(const pl_board_row *row, const pl_board_style *style, pl_buf *out) {
  char text[32] = "";
  const char *sgr = states[row->state].look;
  for (int c = 0; c < COLUMNS; c++) {
    if (style->columns < columns[c].room) continue;
    gap(out, c);
    const char *shown = text;
    switch ((column)c) {
    case NAME:
      coloured(style, out, row->state == PL_BEHIND ? "1" : "", row->name, columns[c].width);
      continue;
    case STATE: coloured(style, out, sgr, states[row->state].word, columns[c].width); continue;
    case GAUGE: gauge(row, style, out); continue;
    case TEAM: shown = row->team; break;
    case GOAL: shown = row->goal; break;
    case ACTUAL: shown = figure(row->actual, text); break;
    case LINE: shown = figure(row->line, text); break;
    case TARGET: shown = figure(row->target, text); break;
    case PACE:
      if (isnan(row->pace))
        shown = "-";
      else
        (void)snprintf(text, sizeof text, "%.2f", fmin(row->pace, 99.0));
      break;
    case CHANCE:
      if (isnan(row->chance))
        shown = "-";
      else
        (void)snprintf(text, sizeof text, "%.0f %%", 100 * row->chance);
      break;
    default: /* NEEDED */
      text[0] = 0;
      if (row->needed > 0 && states[row->state].rank <= states[PL_AT_RISK].rank) {
        char amount[32];
        (void)snprintf(text, sizeof text, "%.20s more", figure(row->needed, amount));
      }
      break;
    }
    cell(out, shown, columns[c].width, columns[c].right);
  }
  end_line(out);
}

static void draw_titles(const char *first, const char *second, const pl_board_style *style, pl_buf *out) {
  look(style, out, "2");
  for (int c = 0; c < COLUMNS; c++) {
    if (style->columns < columns[c].room) continue;
    gap(out, c);
    cell(out, c == NAME ? first : c == TEAM ? second : columns[c].title, columns[c].width, columns[c].right);
  }
  plain(style, out, "2");
  end_line(out);
}

/* "14 on pace, 6 ahead": the rows from `from` on, in as many columns as there is room. */
static void tell_states(const pl_board *board, size_t from, const pl_board_style *style, int room,
                        pl_buf *out) {
  int counts[PL_PACE_STATES] = {0};
  bool any = false;
  for (size_t i = from; i < board->nreps; i++) counts[board->reps[i].state]++;
  for (int r = 0; r < PL_PACE_STATES; r++)
    for (int s = 0; s < PL_PACE_STATES; s++) {
      char text[48];
      if (states[s].rank != r || !counts[s]) continue;
      int n = snprintf(text, sizeof text, "%d %s", counts[s], states[s].word) + (any ? 2 : 0);
      if (n > room) return;
      room -= n;
      pl_buf_text(out, any ? ", " : "");
      any = true;
      coloured(style, out, states[s].look, text, (int)strlen(text));
    }
}

static void draw_head(const pl_board *board, const pl_board_style *style, pl_buf *out) {
  char text[32];
  look(style, out, "1");
  pl_buf_printf(out, " %s", style->title);
  plain(style, out, "1");
  pl_buf_printf(out, "  %9s UTC   ", when(board->now, text));
  if (board->nreps)
    tell_states(board, 0, style, style->columns - (int)strlen(style->title) - 20, out);
  else
    pl_buf_text(out, "nobody has begun the week yet");
  end_line(out);
  end_line(out);
}

/* As many sentences as fit, or the beginning of the first. */
static int sentences(const char *text, int room) {
  int fits = 0;
  for (int n = 0; text[n] && n < room; n++)
    if ((text[n] == '.' || text[n] == ';') && (text[n + 1] == ' ' || !text[n + 1]))
      fits = n + (text[n] == '.');
  return fits ? fits : room;
}

/* Partitions tell in their own order: the latest of the alerts that are still there, by their instants. */
static int latest(const pl_board *board, const pl_board_alert *out[PL_BOARD_ALERTS_MAX]) {
  int n = 0;
  for (int64_t i = board->nalerts; i > 0 && n < PL_BOARD_ALERTS_MAX; i--) {
    const pl_board_alert *alert = &board->alerts[(i - 1) % PL_BOARD_ALERTS_MAX];
    int at = n++;
    for (; at > 0 && pl_before(out[at - 1]->at, alert->at); at--) out[at] = out[at - 1];
    out[at] = alert;
  }
  return n;
}

enum { SAID_MAX = sizeof(pl_board_alert) };

/* "to Ada Lovelace: 4 more by 17:00 bring you back." */
static const char *said(const pl_board_alert *alert, char out[SAID_MAX]) {
  (void)snprintf(out, SAID_MAX, "%s%s%s", alert->who, *alert->who ? ": " : "", alert->body);
  return out;
}

static void draw_alert(const pl_board_alert *alert, const pl_board_style *style, pl_buf *out, int room) {
  char text[32], whole[SAID_MAX];
  pl_buf_char(out, ' ');
  cell(out, when(alert->at, text), 9, false);
  pl_buf_text(out, "  ");
  put_kind(style, out, alert->kind);
  pl_buf_text(out, "  ");
  put(out, said(alert, whole), sentences(whole, room - 26));
}

void pl_board_draw(const pl_board *board, const pl_board_style *style, pl_buf *out) {
  /* head 2, titles 1, more 1, blank 1, alerts' title 1, blank 1, hints 2 */
  int room = style->lines - 9, teams = board->nteams && room >= 24 ? (int)board->nteams + 2 : 0;
  if (teams > room / 3) teams = room / 3;
  room -= teams;
  int alerts = room * 2 / 5 < 12 ? room * 2 / 5 : 12;
  if (alerts < 3) alerts = 3;
  int reps = room - alerts < 1 ? 1 : room - alerts;
  size_t shown = board->nreps < (size_t)reps ? board->nreps : (size_t)reps;

  pl_buf_text(out, "\033[H");
  draw_head(board, style, out);
  draw_titles("REP", "TEAM", style, out);
  for (size_t i = 0; i < shown; i++) draw_row(&board->reps[i], style, out);
  for (size_t i = shown; i < (size_t)reps; i++) end_line(out);
  if (shown < board->nreps) {
    pl_buf_printf(out, " and %zu more: ", board->nreps - shown);
    tell_states(board, shown, style, style->columns - 16, out);
  }
  end_line(out);
  end_line(out);
  if (teams) {
    draw_titles("TEAM", "", style, out);
    for (size_t i = 0; i < board->nteams && (int)i + 2 < teams; i++) draw_row(&board->teams[i], style, out);
    end_line(out);
  }
  look(style, out, "2");
  pl_buf_text(out, " ALERTS");
  plain(style, out, "2");
  end_line(out);
  const pl_board_alert *told[PL_BOARD_ALERTS_MAX];
  int ntold = latest(board, told);
  for (int i = 0; i < alerts; i++) {
    if (i < ntold) draw_alert(told[i], style, out, style->columns);
    end_line(out);
  }
  end_line(out);
  for (int i = 0; i < 2; i++) {
    look(style, out, "2");
    pl_buf_char(out, ' ');
    put(out, style->hints[i], style->columns - 2);
    plain(style, out, "2");
    pl_buf_text(out, i ? "\033[K" : "\033[K\r\n");
  }
  pl_buf_text(out, "\033[J");
}

void pl_board_alert_line(const pl_board_alert *alert, const pl_board_style *style, pl_buf *out) {
  char text[32], whole[SAID_MAX];
  pl_buf_printf(out, "%s  ", when(alert->at, text));
  put_kind(style, out, alert->kind);
  pl_buf_text(out, "  ");
  put(out, said(alert, whole), INT32_MAX);
  pl_buf_char(out, '\n');
}

void pl_board_sum_line(const pl_board *board, const pl_board_style *style, pl_buf *out) {
  char text[32];
  pl_buf_printf(out, "%s  %zu reps: ", when(board->now, text), board->nreps);
  tell_states(board, 0, style, INT32_MAX, out);
  pl_buf_char(out, '\n');
}
