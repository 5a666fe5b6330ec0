/* Sim: SEEDS worlds from FIRST_SEED on, each in virtual time, some at once.
 *
 *     sim [-v] [-j JOBS] [-s SYMPTOM] SEEDS [FIRST_SEED]
 *
 * Prints the faults by kind and the seeds per second; of a seed that fails, what failed, and its trace. -v
 * prints the trace of every world. -s takes only the faults of that symptom, from 1; 0: of each in turn. Each
 * job also runs its first seed twice and compares the traces' hashes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "symptom.h"
#include "world.h"

enum { JOBS_MAX = 64 };

/* Of a job, in memory that its parent sees too. */
typedef struct {
  uint64_t running; /* the seed at which it is */
  int64_t done, mended, events, alerts, across, answers, seconds, counts[FAULTS];
  bool failed;
  char failure[1100];
} progress;

static double now_s(void) {
  struct timespec t;
  (void)clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void add(progress *p, const world_result *r) {
  p->done++, p->mended += r->mended, p->events += r->events, p->alerts += r->alerts, p->seconds += r->seconds;
  p->across += r->across, p->answers += r->answers;
  for (size_t i = 0; i < FAULTS; i++) p->counts[i] += r->counts[i];
}

static void work(progress *p, const symptom *s, uint64_t first, uint64_t end, uint64_t step, bool loud) {
  static world_result result, again;
  world_load();
  for (uint64_t seed = first; seed < end; seed += step) {
    p->running = seed;
    world_run(seed, s, loud, &result);
    bool same = true;
    if (seed == first && !loud) {
      world_run(seed, s, false, &again);
      same = again.hash == result.hash && strcmp(again.failure, result.failure) == 0;
    }
    if (!same) (void)snprintf(p->failure, sizeof p->failure, "the same seed twice is not the same world");
    if (*result.failure) (void)snprintf(p->failure, sizeof p->failure, "%s", result.failure);
    p->failed = !same || *result.failure;
    if (p->failed) break;
    add(p, &result);
  }
  world_unload();
}

static progress sum_of(const progress *all, int jobs) {
  progress sum = {0};
  for (int j = 0; j < jobs; j++) {
    sum.done += all[j].done, sum.mended += all[j].mended, sum.events += all[j].events,
        sum.alerts += all[j].alerts;
    sum.across += all[j].across, sum.answers += all[j].answers, sum.seconds += all[j].seconds;
    for (size_t i = 0; i < FAULTS; i++) sum.counts[i] += all[j].counts[i];
    if (!all[j].failed) continue;
    (void)printf("seed %llu: %s\n", (unsigned long long)all[j].running, all[j].failure);
    sum.failed = true, sum.running = all[j].running;
  }
  return sum;
}

static void report(const progress *sum, double seconds) {
  for (size_t i = 0; i < FAULTS; i++) (void)printf("%10lld  %s\n", (long long)sum->counts[i], fault_texts[i]);
  (void)printf("%lld seeds (in %lld an operator had to decide), %lld events, %lld of them answers that were "
               "heard, %lld "
               "alerts, %lld of them to another partition's home, %.1f days of virtual time, %.1f s: %.1f "
               "seeds a second\n",
               (long long)sum->done, (long long)sum->mended, (long long)sum->events, (long long)sum->answers,
               (long long)sum->alerts, (long long)sum->across, (double)sum->seconds / 86400, seconds,
               (double)sum->done / seconds);
}

static void start(pid_t *pid, progress *p, const symptom *s, const uint64_t range[3], bool loud) {
  (void)fflush(stdout);
  if ((*pid = fork()) != 0) return;
  pl_log_set_level(loud ? PL_LOG_INFO : PL_LOG_ERROR);
  work(p, s, range[0], range[1], range[2], loud);
  (void)fflush(stdout);
  exit(0);
}

/* All good? */
static bool run(progress *all, long jobs, const symptom *s, uint64_t first, uint64_t seeds, bool loud) {
  pid_t pids[JOBS_MAX], again;
  double began = now_s();
  memset(all, 0, JOBS_MAX * sizeof *all);
  for (long j = 0; j < jobs; j++)
    start(&pids[j], &all[j], s, (const uint64_t[]){first + (uint64_t)j, first + seeds, (uint64_t)jobs}, loud);
  for (long j = 0; j < jobs; j++) {
    int status = 0;
    (void)waitpid(pids[j], &status, 0);
    if (status == 0) continue;
    all[j].failed = true;
    (void)snprintf(all[j].failure, sizeof all[j].failure, "it ended with status %d", status);
  }
  if (s) (void)printf("%s\n", s->name);
  progress sum = sum_of(all, (int)jobs);
  if (!s) report(&sum, now_s() - began);
  if (sum.failed && !loud) {
    (void)printf("seed %llu:\n", (unsigned long long)sum.running);
    start(&again, &all[0], s, (const uint64_t[]){sum.running, sum.running + 1, 1}, true);
    (void)waitpid(again, NULL, 0);
  }
  return !sum.failed;
}

int main(int argc, char **argv) {
  bool loud = false, good = true;
  long jobs = sysconf(_SC_NPROCESSORS_ONLN), which = -1;
  for (int option; (option = getopt(argc, argv, "vj:s:")) != -1;) {
    if (option == 'v')
      loud = true, jobs = 1;
    else if (option == 'j')
      jobs = strtol(optarg, NULL, 10);
    else if (option == 's')
      which = strtol(optarg, NULL, 10);
    else
      return 2;
  }
  if (optind >= argc || jobs < 1 || jobs > JOBS_MAX || which > nsymptoms) {
    (void)fputs("usage: sim [-v] [-j JOBS] [-s SYMPTOM] SEEDS [FIRST_SEED]\n", stderr);
    return 2;
  }
  uint64_t seeds = strtoull(argv[optind], NULL, 10);
  uint64_t first = optind + 1 < argc ? strtoull(argv[optind + 1], NULL, 10) : 1;
  progress *all =
      mmap(NULL, JOBS_MAX * sizeof *all, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  PL_ASSERT(all != MAP_FAILED);
  (void)printf("seeds %llu to %llu\n", (unsigned long long)first, (unsigned long long)(first + seeds - 1));
  if (which < 0) return run(all, jobs, NULL, first, seeds, loud) ? 0 : 1;
  for (int i = 0; i < nsymptoms; i++)
    if (which == 0 || which == i + 1) good &= run(all, jobs, &symptoms[i], first, seeds, loud);
  return good ? 0 : 1;
}
