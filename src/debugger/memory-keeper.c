/*
 * Keeps the memory of a process readable after the end of that process, without holding or copying it; see kept-memory.ts.
 * A read of /proc/PID/mem keeps the kernel from freeing the memory until the read returns (mem_rw() in fs/proc/base.c). This
 * program lets one read of a byte wait forever: it goes to a page that is missing, which the kernel
 * asks this program for (userfaultfd(2)), in vain. Nothing of the process is changed, and it ends as ever.
 * usage: memory-keeper ADDRESS SECONDS RESERVE [CGROUP LIMIT] (ADDRESS in hexadecimal, of a byte that can be read)
 *        memory-keeper check (exit code 0: it can be done here)
 * 3 is /proc/PID/mem. Writes `kept` when the memory is kept. Lets go, by ending, at the end of its input, after SECONDS, if less
 * than RESERVE bytes are available, and if the processes in the control group CGROUP (version 2) hold more than LIMIT.
 * The kernel ends it first where memory runs out. Exit code 3: not permitted; 4: memory is short.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { MEMORY = 3, LOOK_MS = 100, KEPT_MS = 1000, NOT_PERMITTED = 3, MEMORY_SHORT = 4, UNREADABLE = 5 };

static char *page;
static unsigned long long address;

/* Of a file of `NAME VALUE` lines: the sum of the values of one or two names. -1: unknown. */
static long long value_in(const char *path, const char *name, const char *other) {
  char key[64];
  long long value, sum = -1;
  FILE *file = fopen(path, "re");
  if (file == NULL) return -1;
  while (fscanf(file, "%63s %lld%*[^\n]", key, &value) == 2)
    if (strcmp(key, name) == 0 || strcmp(key, other) == 0) sum = (sum < 0 ? 0 : sum) + value;
  fclose(file);
  return sum;
}

static bool is_short(long long reserve, const char *cgroup, long long limit) {
  long long available = value_in("/proc/meminfo", "MemAvailable:", "");
  if (available >= 0 && available * 1024 < reserve) return true;
  if (cgroup == NULL) return false;
  char path[4200];
  snprintf(path, sizeof path, "%s/memory.stat", cgroup);
  return value_in(path, "anon", "shmem") > limit;
}

/* Returns the descriptor of userfaultfd(2), by which the fault of the read shows. */
static int guard_page(void) {
  int faults = syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);
  struct uffdio_api api = {.api = UFFD_API};
  if (faults < 0 || ioctl(faults, UFFDIO_API, &api) != 0) return -1;
  long bytes = sysconf(_SC_PAGESIZE);
  page = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED) return -1;
  struct uffdio_register wanted = {{(unsigned long)page, bytes}, UFFDIO_REGISTER_MODE_MISSING, 0};
  return ioctl(faults, UFFDIO_REGISTER, &wanted) == 0 ? faults : -1;
}

static void *read_forever(void *unused) {
  pread(MEMORY, page, 1, address);
  _exit(UNREADABLE);
  return unused;
}

int main(int count, char **arguments) {
  int faults = guard_page();
  if (faults < 0) return NOT_PERMITTED;
  if (count == 2) return 0;
  if (count != 4 && count != 6) return 2;
  address = strtoull(arguments[1], NULL, 16);
  long long reserve = atoll(arguments[3]), limit = count == 6 ? atoll(arguments[5]) : 0;
  const char *cgroup = count == 6 ? arguments[4] : NULL;
  /* A timer of the kernel, because it must end also if it is stopped. */
  timer_t deadline;
  struct sigevent end = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGKILL};
  struct itimerspec once = {.it_value = {.tv_sec = atol(arguments[2])}};
  if (timer_create(CLOCK_MONOTONIC, &end, &deadline) != 0 || timer_settime(deadline, 0, &once, NULL) != 0) return 2;
  int score = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
  if (score < 0 || write(score, "1000", 4) != 4) return NOT_PERMITTED;
  close(score);
  if (is_short(reserve, cgroup, limit)) return MEMORY_SHORT;
  pthread_t reader;
  if (pthread_create(&reader, NULL, read_forever, NULL) != 0) return 2;
  struct pollfd fault = {faults, POLLIN, 0};
  if (poll(&fault, 1, KEPT_MS) != 1 || fault.revents != POLLIN) return UNREADABLE;
  if (write(STDOUT_FILENO, "kept\n", 5) != 5) return 2;
  close(STDOUT_FILENO);
  setpriority(PRIO_PROCESS, 0, 19);
  struct pollfd input = {STDIN_FILENO, POLLIN, 0};
  while (poll(&input, 1, LOOK_MS) == 0)
    if (is_short(reserve, cgroup, limit)) return MEMORY_SHORT;
  return 0;
}
