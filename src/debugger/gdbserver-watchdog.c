/*
 * Kills a gdbserver if its crashmon was killed (immediately), or is stopped (SIGSTOP, Ctrl-Z) while gdbserver can be holding
 * the worker; see watchdog.ts. It touches no other process, except for a SIGCONT to a worker that gdbserver left stopped.
 * usage: gdbserver-watchdog GDBSERVER CRASHMON WORKER (process IDs; WORKER is 0 where none is attached yet)
 * What is open from 3 on are crashmon's ends of gdbserver's streams. That keeps gdbserver from seeing the end of its input,
 * and an answer in them is the sign that it can hold the worker. Nothing is read from them.
 * Lines of standard input: `worker PID` names another worker, `end` ends both processes (see start_second()) and leaves no
 * orphan. Its end: crashmon was killed.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
  /* How often crashmon is checked for ACTIVE_MS after an answer of gdbserver, and how much later that can be. */
  CHECK_MS = 250,
  SLACK_MS = 50,
  /* Longer than a worker is held (hold-limit.ts), and less than the time between two pings (tracing-session.ts). */
  ACTIVE_MS = 1500,
  /* How often otherwise. */
  IDLE_MS = 5000,
  FIRST_WIRE = 3,
  MAX_WIRES = 2,
  /* How long gdbserver gets to detach; it takes some milliseconds. */
  DETACH_MS = 150,
  LOOK_US = 2000,
};

/* The files in /proc stay those of this process: its ID can go to another one. -1: there is none. */
struct process {
  pid_t pid;
  int folder, stat;
};

static struct process gdbserver, crashmon, worker;

static long long now_ms(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000LL + time.tv_nsec / 1000000;
}

static struct process process_of(const char *text) {
  char path[64];
  int pid = atoi(text);
  snprintf(path, sizeof path, "/proc/%d", pid);
  struct process process = {pid, pid > 0 ? open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1, -1};
  /* Of the first thread: of the whole process it costs more. */
  snprintf(path, sizeof path, "task/%d/stat", pid);
  if (process.folder >= 0) process.stat = openat(process.folder, path, O_RDONLY | O_CLOEXEC);
  return process;
}

/* As in proc_pid_stat(5), field 3; 0: it has ended. */
static char state_of(struct process process) {
  char text[128];
  ssize_t length = pread(process.stat, text, sizeof text - 1, 0);
  if (length <= 0) return 0;
  text[length] = 0;
  /* The name in brackets may hold anything. */
  char *name_end = strrchr(text, ')');
  return name_end == NULL || name_end[1] == 0 ? 0 : name_end[2];
}

static void forget(struct process process) {
  if (process.stat >= 0) close(process.stat);
  if (process.folder >= 0) close(process.folder);
}

static void send_signal(struct process process, int signal) {
  if (process.folder < 0 || syscall(SYS_pidfd_send_signal, process.folder, signal, NULL, 0) == 0) return;
  /* A kernel before 5.1, or a container that does not allow this call. */
  if (errno != ESRCH && state_of(process) != 0) kill(process.pid, signal);
}

/* As in free-worker.ts: a SIGSTOP of gdbserver's that outlives it would stop the worker forever. */
static bool is_thread_stopped(int tasks, const char *thread) {
  char path[300], line[256], state;
  int tracer;
  unsigned long long pending;
  bool stopped = false, traced = false;
  snprintf(path, sizeof path, "%s/status", thread);
  int fd = openat(tasks, path, O_RDONLY | O_CLOEXEC);
  FILE *file = fd < 0 ? NULL : fdopen(fd, "r");
  if (file == NULL) return false;
  while (fgets(line, sizeof line, file) != NULL) {
    if (sscanf(line, "State: %c", &state) == 1) stopped = stopped || state == 'T';
    else if (sscanf(line, "TracerPid: %d", &tracer) == 1) traced = tracer != 0;
    else if (sscanf(line, "SigPnd: %llx", &pending) == 1 || sscanf(line, "ShdPnd: %llx", &pending) == 1)
      stopped = stopped || (pending >> (SIGSTOP - 1) & 1) != 0;
  }
  fclose(file);
  return stopped && !traced;
}

static bool is_thread_held(int tasks, const char *thread) {
  char path[300];
  snprintf(path, sizeof path, "%s/stat", thread);
  struct process process = {0, -1, openat(tasks, path, O_RDONLY | O_CLOEXEC)};
  char state = state_of(process);
  forget(process);
  return state == 't';
}

static bool is_any_thread(bool (*fits)(int tasks, const char *thread)) {
  int fd = openat(worker.folder, "task", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *tasks = fd < 0 ? NULL : fdopendir(fd);
  if (tasks == NULL) return false;
  bool is_found = false;
  for (struct dirent *entry; !is_found && (entry = readdir(tasks)) != NULL;)
    if (entry->d_name[0] != '.') is_found = fits(fd, entry->d_name);
  closedir(tasks);
  return is_found;
}

/*
 * Of a worker that is held at a signal which a process sent, the kernel forgets the signal when gdbserver is killed. If gdbserver
 * detaches, it passes it on.
 */
static void ask_to_detach(void) {
  char request[32], packet[40];
  unsigned char sum = 0;
  snprintf(request, sizeof request, "D;%x", worker.pid);
  for (const char *at = request; *at != 0; at++) sum += (unsigned char)*at;
  int length = snprintf(packet, sizeof packet, "$%s#%02x", request, sum);
  send_signal(gdbserver, SIGCONT);
  if (write(FIRST_WIRE, packet, (size_t)length) != length) return;
  long long until = now_ms() + DETACH_MS;
  while (now_ms() < until && is_any_thread(is_thread_held)) usleep(LOOK_US);
}

/* A crashmon that is only stopped can go on meanwhile: then the rest is its own. */
static void strike(bool is_gone) {
  if (state_of(gdbserver) != 0) {
    if (is_any_thread(is_thread_held)) ask_to_detach();
    /* While it starts it has a child, by which it tries out ptrace(2). The attached process is not in its group. */
    kill(-gdbserver.pid, SIGKILL);
    send_signal(gdbserver, SIGKILL);
  }
  static const int waits_ms[] = {10, 50, 200, 1000};
  struct pollfd input = {is_gone ? -1 : STDIN_FILENO, POLLIN, 0};
  for (size_t i = 0; i < sizeof waits_ms / sizeof *waits_ms && poll(&input, 1, waits_ms[i]) == 0; i++)
    if (is_any_thread(is_thread_stopped)) send_signal(worker, SIGCONT);
}

/* A second process, in case that the first one is killed together with crashmon. It only waits for the end of the input. */
static pid_t start_second(void) {
  pid_t pid = fork();
  if (pid != 0) return pid;
  struct pollfd input = {STDIN_FILENO, 0, 0};
  while (poll(&input, 1, -1) <= 0) {}
  strike(true);
  exit(0);
}

static void end_second(pid_t pid) {
  if (pid <= 0) return;
  kill(pid, SIGKILL);
  waitpid(pid, NULL, 0);
}

/* Returns false after `end`. */
static bool obey(char *text) {
  char *last = strrchr(text, 'w');
  if (strstr(text, "end") != NULL || last == NULL) return false;
  forget(worker);
  worker = process_of(last + strlen("worker"));
  return true;
}

static bool is_stopped_or_gone(void) {
  char state = state_of(crashmon);
  return state == 'T' || state == 'Z' || state == 'X' || state == 0;
}

int main(int count, char **arguments) {
  if (count != 4) return 2;
  gdbserver = process_of(arguments[1]);
  crashmon = process_of(arguments[2]);
  worker = process_of(arguments[3]);
  if (gdbserver.folder < 0) return 0;
  signal(SIGPIPE, SIG_IGN);
  prctl(PR_SET_TIMERSLACK, SLACK_MS * 1000000UL, 0, 0, 0);
  pid_t second = start_second();
  struct pollfd fds[1 + MAX_WIRES] = {{STDIN_FILENO, POLLIN, 0}};
  for (int i = 0; i < MAX_WIRES; i++) fds[1 + i] = (struct pollfd){FIRST_WIRE + i, POLLIN, 0};
  long long active_until = 0;
  for (bool is_resting = false, is_over = false;;) {
    /* An answer that crashmon does not read would wake it at once again: so it does not wait for one after one. */
    int wait_ms = is_over ? -1 : is_resting || now_ms() < active_until ? CHECK_MS : IDLE_MS;
    int ready = poll(fds, is_resting || is_over ? 1 : 1 + MAX_WIRES, wait_ms);
    if (ready < 0) continue;
    is_resting = false;
    for (int i = 1; ready > 0 && i <= MAX_WIRES; i++) {
      if (fds[i].revents & POLLIN) is_resting = true;
      /* There is no such wire, or gdbserver has ended. */
      else if (fds[i].revents != 0) fds[i].fd = -1;
      fds[i].revents = 0;
    }
    if (is_resting) active_until = now_ms() + ACTIVE_MS;
    if (!is_over && (ready == 0 || is_resting) && is_stopped_or_gone()) {
      strike(false);
      is_over = true;
    }
    if (ready == 0 || fds[0].revents == 0) continue;
    char text[4096];
    ssize_t length = read(STDIN_FILENO, text, sizeof text - 1);
    if (length < 0 && errno == EINTR) continue;
    if (length <= 0) break;
    text[length] = 0;
    end_second(second);
    if (!obey(text)) return 0;
    second = start_second();
  }
  strike(true);
  end_second(second);
  return 0;
}
