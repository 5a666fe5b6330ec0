/* Replay: a fuzz target without libFuzzer, for every compiler and for ctest: its corpus, then so many mutants
 * of it, each drawn from a seed of its own.
 *
 *   replay_NAME CORPUS [MUTANTS [SEED]]
 *
 * What kills a target names the seed, and `replay_NAME CORPUS 1 SEED` repeats it. */
#include <dirent.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/random.h"
#include "fuzz.h"

enum { FILES_MAX = 256, INPUT_MAX = 1 << 16 };

static struct {
  char *p;
  size_t n;
} files[FILES_MAX];
static size_t nfiles;
static char doing[300]; /* said when it ends badly */

static void say(void) { (void)!write(STDERR_FILENO, doing, strlen(doing)); }
static void on_signal(int number) {
  say();
  (void)signal(number, SIG_DFL);
  (void)raise(number);
}
/* The sanitizers', where they are. */
void __sanitizer_set_death_callback(void (*fn)(void)) __attribute__((weak));

static int not_hidden(const struct dirent *entry) { return entry->d_name[0] != '.'; }

/* Each input in memory of its own, so that a sanitizer sees the byte beside it. */
static void run(const char *p, size_t n) {
  uint8_t *copy = malloc(n ? n : 1);
  PL_ASSERT(copy);
  memcpy(copy, p, n);
  (void)LLVMFuzzerTestOneInput(copy, n);
  free(copy);
}

static void read_corpus(const char *folder) {
  struct dirent **names = NULL;
  int n = scandir(folder, &names, not_hidden, alphasort);
  PL_ASSERT(n > 0 && n <= FILES_MAX);
  for (int i = 0; i < n; i++) {
    char path[600];
    pl_buf text;
    pl_buf_init(&text, INPUT_MAX);
    (void)snprintf(path, sizeof path, "%s/%s", folder, names[i]->d_name);
    fuzz_read(path, &text);
    files[nfiles].p = malloc(text.n + 1), files[nfiles].n = text.n;
    PL_ASSERT(files[nfiles].p && !text.full);
    if (text.n) memcpy(files[nfiles].p, text.p, text.n);
    nfiles++;
    pl_buf_fini(&text);
    (void)snprintf(doing, sizeof doing, "replay: %.200s\n", path);
    run(files[nfiles - 1].p, files[nfiles - 1].n);
    free(names[i]);
  }
  free((void *)names);
}

/* `n` bytes at `from` become the bytes at p. */
static void splice(char *text, size_t *size, size_t from, size_t n, const char *p, size_t put) {
  if (*size - n + put > INPUT_MAX) return;
  memmove(text + from + put, text + from + n, *size - from - n);
  if (put) memcpy(text + from, p, put);
  *size = *size - n + put;
}

static size_t up_to(pl_random *r, size_t most) { return (size_t)pl_random_in(r, 0, (int64_t)most); }

static void mutate(char *text, size_t *size, pl_random *r) {
  static const char odd[][10] = {"\x00",
                                 "\xff",
                                 "\x7f",
                                 "\x80",
                                 "\xff\xff\xff\xff\xff\xff\xff\xff\xff",
                                 "\x80\x80\x80\x80\x80\x80\x80\x80\x80",
                                 "-1",
                                 "9223372",
                                 "1e308",
                                 "\n"};
  size_t at = up_to(r, *size), n = up_to(r, *size - at < 16 ? *size - at : 16), from;
  char room[8];
  switch (pl_random_in(r, 0, 7)) {
  case 0: /* one bit */
    if (at < *size) text[at] = (char)(text[at] ^ 1 << pl_random_in(r, 0, 7));
    break;
  case 1: /* other bytes */
    for (size_t i = 0; i < sizeof room; i++) room[i] = (char)pl_random_in(r, 0, 255);
    splice(text, size, at, n < sizeof room ? n : sizeof room, room, n < sizeof room ? n : sizeof room);
    break;
  case 2: splice(text, size, at, n, NULL, 0); break;
  case 3: *size = at; break;
  case 4: { /* what stands elsewhere, here or in another input */
    size_t other = up_to(r, nfiles - 1);
    from = up_to(r, files[other].n);
    size_t most = files[other].n - from;
    splice(text, size, at, pl_random_chance(r, 0.5) ? n : 0, files[other].p + from,
           up_to(r, most < 64 ? most : 64));
    break;
  }
  case 5: /* what is at the edge */
    from = up_to(r, PL_COUNT(odd) - 1);
    splice(text, size, at, pl_random_chance(r, 0.5) ? n : 0, odd[from], odd[from][0] ? strlen(odd[from]) : 1);
    break;
  case 6: /* once more */
    if (at + n <= *size && n) splice(text, size, at, 0, memcpy((char[16]){0}, text + at, n), n);
    break;
  default: /* a little more or less */
    if (at < *size) text[at] = (char)(text[at] + pl_random_in(r, -2, 2));
  }
}

int main(int argc, char **argv) {
  PL_ASSERT(argc >= 2);
  uint64_t mutants = argc > 2 ? strtoull(argv[2], NULL, 10) : 0;
  uint64_t seed = argc > 3 ? strtoull(argv[3], NULL, 10) : pl_random_seed(20260304);
  static char text[INPUT_MAX];
  (void)signal(SIGABRT, on_signal), (void)signal(SIGSEGV, on_signal), (void)signal(SIGALRM, on_signal);
  if (__sanitizer_set_death_callback) __sanitizer_set_death_callback(say);
  read_corpus(argv[1]);
  for (uint64_t i = 0; i < mutants; i++, seed++) {
    pl_random r = pl_random_of(seed);
    size_t file = up_to(&r, nfiles - 1), size = files[file].n;
    memcpy(text, files[file].p, size);
    for (int64_t more = pl_random_in(&r, 1, 6); more > 0; more--) mutate(text, &size, &r);
    (void)snprintf(doing, sizeof doing, "replay: %.200s 1 %llu\n", argv[1], (unsigned long long)seed);
    run(text, size);
  }
  printf("%zu inputs, %llu mutants\n", nfiles, (unsigned long long)mutants);
  for (size_t i = 0; i < nfiles; i++) free(files[i].p);
  return 0;
}
