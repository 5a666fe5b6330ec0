/* The picture of the calibration: a square for each metric and period, what was said to the right, what came
 * true upward. On the diagonal chance means what it says; below it, hope; above it, alarm. A dot's area is
 * the number of evenings. */
#include <math.h>

#include "cli/score.h"

enum { SIDE = 240, GAP = 64, TOP = 48, ACROSS = 3 };

static bool is_there(const pl_tenth *tenths) {
  for (int i = 0; i < PL_TENTHS; i++)
    if (tenths[i].n) return true;
  return false;
}

static void axes(FILE *out, const char *metric, const char *period) {
  (void)fprintf(out, "    <rect class=\"box\" width=\"%d\" height=\"%d\"/>\n", SIDE, SIDE);
  (void)fprintf(out, "    <line class=\"true\" x1=\"0\" y1=\"%d\" x2=\"%d\" y2=\"0\"/>\n", SIDE, SIDE);
  (void)fprintf(out, "    <text class=\"name\" y=\"-12\">%s, %s</text>\n", metric, period);
  for (int i = 0; i <= 4; i++) {
    int at = SIDE * i / 4;
    (void)fprintf(out, "    <text x=\"%d\" y=\"%d\" text-anchor=\"middle\">%d %%</text>\n", at, SIDE + 16,
                  25 * i);
    (void)fprintf(out, "    <text x=\"-6\" y=\"%d\" text-anchor=\"end\">%d %%</text>\n", SIDE - at + 4,
                  25 * i);
  }
  (void)fprintf(out, "    <text x=\"%d\" y=\"%d\" text-anchor=\"middle\">said</text>\n", SIDE / 2, SIDE + 32);
  (void)fprintf(out,
                "    <text transform=\"translate(-44 %d) rotate(-90)\" text-anchor=\"middle\">came "
                "true</text>\n",
                SIDE / 2);
}

static void dots(FILE *out, const pl_tenth *tenths) {
  int64_t most = 1;
  for (int i = 0; i < PL_TENTHS; i++)
    if (tenths[i].n > most) most = tenths[i].n;
  for (int i = 0; i < PL_TENTHS; i++) {
    if (!tenths[i].n) continue;
    double n = (double)tenths[i].n, said = tenths[i].said / n, came = (double)tenths[i].came / n;
    (void)fprintf(
        out,
        "    <circle cx=\"%.1f\" cy=\"%.1f\" r=\"%.1f\"><title>said %.0f %%, came true %.0f %%: %lld "
        "evenings</title></circle>\n",
        SIDE * said, SIDE * (1 - came), 3 + 11 * sqrt(n / (double)most), 100 * said, 100 * came,
        (long long)tenths[i].n);
  }
}

void pl_score_svg(const pl_score *score, FILE *out) {
  const pl_policy *policy = pl_score_policy(score);
  const pl_tenths *all = pl_score_tenths(score);
  int n = 0, cells = (int)policy->nmetrics * PL_UNITS;
  for (int i = 0; i < cells; i++) n += is_there(all[i]);
  int across = n < ACROSS ? n : ACROSS, down = (n + ACROSS - 1) / ACROSS;
  int width = across * (SIDE + GAP) + GAP / 2, height = TOP + down * (SIDE + GAP + TOP / 2);
  (void)fprintf(out,
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" font-family=\"sans-serif\" "
                "font-size=\"11\">\n"
                "  <style>.box{fill:#fff;stroke:#999}.true{stroke:#999;stroke-dasharray:4 3}"
                ".name{font-size:14px;font-weight:bold}circle{fill:#1f6fb2;fill-opacity:.7}</style>\n"
                "  <title>What chance said, and what came true</title>\n"
                "  <rect width=\"%d\" height=\"%d\" fill=\"#fff\"/>\n",
                width, height, width, height);
  for (int i = 0, at = 0; i < cells; i++) {
    if (!is_there(all[i])) continue;
    (void)fprintf(out, "  <g transform=\"translate(%d %d)\">\n", GAP + at % ACROSS * (SIDE + GAP),
                  TOP + at / ACROSS * (SIDE + GAP + TOP / 2));
    axes(out, policy->metrics[i / PL_UNITS].name, pl_unit_name((pl_unit)(i % PL_UNITS)));
    dots(out, all[i]);
    (void)fputs("  </g>\n", out);
    at++;
  }
  (void)fputs("</svg>\n", out);
}
