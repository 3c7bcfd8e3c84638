// Usage: ticks THREADS: a small server that answers each line with the longest time, in ns, that it stood still since
// the last one. Only the first thread ticks: a debugger stops it first and lets it go last.
#define _GNU_SOURCE
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
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

int main(int count, char **arguments) {
  int threads = count > 1 ? atoi(arguments[1]) : 1;
  pthread_t thread;
  for (int i = 1; i < threads; i++) pthread_create(&thread, 0, wait_for_ever, 0);
  // Else the kernel may add 50 us to every tick.
  prctl(PR_SET_TIMERSLACK, 1);
  printf("ready\n");
  fflush(stdout);
  struct pollfd input = {0, POLLIN, 0};
  struct timespec tick = {0, 50000};
  char line[64];
  long longest = 0;
  for (long last = now();;) {
    int readable = ppoll(&input, 1, &tick, 0);
    long time = now();
    if (time - last > longest) longest = time - last;
    last = time;
    if (readable <= 0) continue;
    if (read(0, line, sizeof line) <= 0) return 0;
    printf("%ld\n", longest);
    fflush(stdout);
    longest = 0;
    last = now();
  }
}
