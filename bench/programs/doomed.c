// Usage: doomed MEGABYTES THREADS core|no-core: a child that has touched so much memory reads null at the next line,
// and its parent prints how long it took, in ns, from just before that to the return of waitpid.
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static long now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000000000L + time.tv_nsec;
}

static void *wait_for_ever(void *unused) {
  for (;;) pause();
  return unused;
}

__attribute__((noinline)) static int crash(volatile long *died, volatile int *number) {
  *died = now();
  return *number;
}

static int live(int input, volatile long *died, char **arguments) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  size_t size = (size_t)atoi(arguments[1]) << 20;
  char *memory = malloc(size);
  memset(memory, 1, size);
  pthread_t thread;
  for (int i = 1; i < atoi(arguments[2]); i++) pthread_create(&thread, 0, wait_for_ever, 0);
  printf("ready %d\n", getpid());
  fflush(stdout);
  char line[8];
  if (read(input, line, sizeof line) <= 0) return 0;
  return crash(died, 0) + memory[5];
}

int main(int count, char **arguments) {
  if (count != 4) return 2;
  int dumps = strcmp(arguments[3], "core") == 0;
  struct rlimit limit = {dumps ? RLIM_INFINITY : 0, RLIM_INFINITY};
  setrlimit(RLIMIT_CORE, &limit);
  volatile long *died = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  pid_t child = fork();
  if (child == 0) return live(0, died, arguments);
  int status = 0;
  waitpid(child, &status, 0);
  long reaped = now();
  printf("%ld %d %d\n", reaped - *died, WIFSIGNALED(status) ? WTERMSIG(status) : 0, WCOREDUMP(status) ? 1 : 0);
  return 0;
}
