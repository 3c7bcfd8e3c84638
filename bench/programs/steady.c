// Usage: steady: answers each line `KIND MS` with how often it did that work and in how many ns.
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static volatile unsigned long sink;

static long now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000000000L + time.tv_nsec;
}

static void count_one(int signal) { sink += signal; }
static void *end_at_once(void *unused) { return unused; }

static void compute(void) {
  unsigned long value = sink;
  for (int i = 0; i < 1000; i++) value = value * 6364136223846793005UL + 1442695040888963407UL;
  sink = value;
}
static void call_system(void) {
  for (int i = 0; i < 20; i++) syscall(SYS_getppid);
}
static void start_thread(void) {
  pthread_t thread;
  pthread_create(&thread, 0, end_at_once, 0);
  pthread_join(thread, 0);
}
static void signal_handled(void) { raise(SIGUSR1); }
static void signal_timer(void) { raise(SIGALRM); }
static void signal_ignored(void) { raise(SIGURG); }
static void signal_fatal(void) { raise(SIGSEGV); }

static const struct {
  const char *name;
  void (*work)(void);
} KINDS[] = {{"cpu", compute},           {"call", call_system},   {"thread", start_thread}, {"usr1", signal_handled},
             {"alrm", signal_timer},     {"urg", signal_ignored}, {"segv", signal_fatal}};

int main(void) {
  signal(SIGUSR1, count_one);
  signal(SIGALRM, count_one);
  signal(SIGSEGV, count_one);
  printf("ready\n");
  fflush(stdout);
  char line[64], name[16];
  long ms;
  while (fgets(line, sizeof line, stdin) && sscanf(line, "%15s %ld", name, &ms) == 2) {
    void (*work)(void) = 0;
    for (unsigned i = 0; i < sizeof KINDS / sizeof *KINDS; i++)
      if (strcmp(KINDS[i].name, name) == 0) work = KINDS[i].work;
    if (!work) return 2;
    long done = 0, start = now(), time = start;
    // A debugger gives up on a process that is signaled fatally too often, so that kind is counted, not timed.
    for (; work == signal_fatal ? done < ms : time - start < ms * 1000000; time = now(), done++) work();
    printf("%ld %ld\n", done, now() - start);
    fflush(stdout);
  }
  return 0;
}
