/*
 * Watches processes until they end (ptrace(2), PTRACE_SEIZE): it never stops a running process, and reads and writes none
 * of its memory. A process that ends can be held for HOLD_MS, so that the agent reads it. Every watched process is free as
 * soon as this program is gone, however it went; why it is gone soon when it is stopped: see arm().
 *
 * Lines of standard input: `watch PID STARTTICKS FLAGS` (FLAGS: `x` report the exit, `e` hold at the exit),
 * `go PID` (ends the hold), `leave PID`. Its end ends this program.
 * Lines of standard output:
 *   ready 1                     version of these lines
 *   watching PID                STARTTICKS is right, and the exit will be reported
 *   refused PID ERRNO           ESRCH also if the process was started at another time
 *   held PID STATUS REGISTERS   at its exit; memory and descriptors are still there. STATUS as of wait(2), NT_PRSTATUS
 *                               in hexadecimal. Until `go`, for HOLD_MS at most
 *   exit PID STATUS             the last line of a process
 *   left PID                    detached: asked to
 *   gone PID                    ended, or cannot be watched any longer; nothing else is known
 */
#define _GNU_SOURCE
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#if defined(__x86_64__)
#define SYSTEM_CALL(registers) ((registers).orig_rax)
#elif defined(__aarch64__)
#define SYSTEM_CALL(registers) ((registers).regs[8])
#else
#error "unknown machine"
#endif

enum {
  MAX_WATCHED = 4096,
  /* A process is held no longer than this; with what the kernel needs to end this program, 100 ms. */
  HOLD_MS = 80,
  DEADLINE_MS = 95,
  /* The longest sleep, and how much later it may end. The rest of DEADLINE_MS is for a busy machine. */
  TURN_MS = 40,
  SLACK_MS = 10,
  STOPS_PER_TURN = 256,
};

struct watched {
  pid_t pid;
  unsigned long long start_ticks;
  bool hold, leaving;
  /* At its exit, held until then; 0: not held. In ms of now(). */
  long long held_until;
  /* Was at an exit that may be that of its first thread only: wait(2) says how it goes on. */
  bool unsure;
  int status;
};

static struct watched all[MAX_WATCHED];
static int count;
/* The agent did not answer the last hold: it gets no other before it says something. */
static bool silent;
static timer_t deadline;
static char out[1 << 16];
static size_t out_length;

static long long now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000LL + time.tv_nsec / 1000000;
}

/* An agent that does not read for so long gets nothing more, and the watched are free. */
static void say(const char *word, pid_t pid, const char *rest) {
  size_t room = sizeof out - out_length;
  int length = snprintf(out + out_length, room, "%s %d%s\n", word, (int)pid, rest);
  if (length < 0 || (size_t)length >= room) exit(3);
  out_length += (size_t)length;
}

static void say_number(const char *word, pid_t pid, int number) {
  char text[16];
  snprintf(text, sizeof text, " %d", number);
  say(word, pid, text);
}

static void flush(void) {
  ssize_t written = out_length == 0 ? 0 : write(STDOUT_FILENO, out, out_length);
  if (written < 0 && errno != EAGAIN && errno != EINTR) exit(0);
  if (written <= 0) return;
  out_length -= (size_t)written;
  memmove(out, out + written, out_length);
}

/*
 * The dead-man's switch. A timer of the kernel kills this program unless it is set anew in time. SIGKILL also ends a
 * program that is stopped, and the kernel then detaches every watched process: it runs on, and one that was held ends.
 */
static void arm(bool is_needed) {
  long ns = is_needed ? DEADLINE_MS * 1000000L : 0;
  struct itimerspec once = {.it_value = {.tv_nsec = ns}};
  if (timer_settime(deadline, 0, &once, NULL) != 0) exit(2);
}

/* The kernel's start time of a process (proc_pid_stat(5), field 22); 0: it has ended. */
static unsigned long long start_ticks_of(pid_t pid) {
  char path[32], text[1024];
  snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return 0;
  ssize_t length = read(fd, text, sizeof text - 1);
  close(fd);
  if (length <= 0) return 0;
  text[length] = 0;
  /* The name in brackets may hold anything; field 3 follows it. */
  char *at = strrchr(text, ')');
  for (int field = 2; at != NULL && field < 22; field++) at = strchr(at + 1, ' ');
  return at == NULL ? 0 : strtoull(at, NULL, 10);
}

static struct watched *find(pid_t pid) {
  for (int i = 0; i < count; i++)
    if (all[i].pid == pid) return &all[i];
  return NULL;
}

static void forget(struct watched *process) { *process = all[--count]; }

/* Where it ended meanwhile this fails, and wait(2) reports it. */
static bool resume(int request, pid_t pid, int signal) {
  return ptrace(request, pid, 0, (long)signal) == 0;
}

static int seize(pid_t pid, unsigned long long start_ticks) {
  /* Before, so that no other process is touched; and after, because a process ID can be given away in between. */
  if (start_ticks_of(pid) != start_ticks) return ESRCH;
  if (ptrace(PTRACE_SEIZE, pid, 0, PTRACE_O_TRACEEXIT) != 0) return errno;
  if (start_ticks_of(pid) == start_ticks) return 0;
  /* Detaching needs a stop. */
  int status;
  if (ptrace(PTRACE_INTERRUPT, pid, 0, 0) == 0 && waitpid(pid, &status, __WALL) == pid && WIFSTOPPED(status))
    resume(PTRACE_DETACH, pid, status >> 16 == 0 ? WSTOPSIG(status) : 0);
  return ESRCH;
}

static void watch(pid_t pid, unsigned long long start_ticks, const char *flags) {
  if (pid <= 0 || find(pid) != NULL) return say_number("refused", pid, EEXIST);
  int error = count == MAX_WATCHED ? ENOSPC : seize(pid, start_ticks);
  if (error != 0) return say_number("refused", pid, error);
  all[count++] = (struct watched){.pid = pid, .start_ticks = start_ticks, .hold = strchr(flags, 'e') != NULL};
  say("watching", pid, "");
}

/* Ends the stop at an exit. Detached, it ends as if it had never been watched. */
static void let_go(struct watched *process) {
  pid_t pid = process->pid;
  int status = process->status;
  process->held_until = 0;
  if (process->unsure && !process->leaving) {
    resume(PTRACE_CONT, pid, 0);
    return;
  }
  const char *word = process->unsure ? "left" : "exit";
  resume(PTRACE_DETACH, pid, 0);
  forget(process);
  if (word[0] == 'e') say_number(word, pid, status);
  else say(word, pid, "");
}

/*
 * PTRACE_EVENT_EXIT. It is that of the whole process, except for exit(2) of the first thread while others run, and for
 * an execve(2) by another thread, which ends the first one with status 0.
 */
static void at_exit(struct watched *process) {
  struct user_regs_struct registers;
  memset(&registers, 0, sizeof registers);
  struct iovec area = {&registers, sizeof registers};
  unsigned long message = 0;
  ptrace(PTRACE_GETEVENTMSG, process->pid, 0, &message);
  ptrace(PTRACE_GETREGSET, process->pid, NT_PRSTATUS, &area);
  bool first_only = SYSTEM_CALL(registers) == SYS_exit && (message & 0x7f) == 0;
  process->status = (int)message;
  process->unsure = message == 0 || first_only;
  bool may_be_other = message == 0 && SYSTEM_CALL(registers) != SYS_exit_group;
  if (!process->hold || process->leaving || silent || first_only || may_be_other) return let_go(process);
  static const char digits[] = "0123456789abcdef";
  char text[16 + 2 * sizeof registers];
  int at = snprintf(text, sizeof text, " %d ", process->status);
  for (size_t i = 0; i < area.iov_len; i++) {
    unsigned char byte = ((unsigned char *)&registers)[i];
    text[at++] = digits[byte >> 4];
    text[at++] = digits[byte & 15];
  }
  text[at] = 0;
  process->held_until = now() + HOLD_MS;
  say("held", process->pid, text);
}

/* One line of proc_pid_status(5); returns whether it is there. */
static bool status_line(pid_t pid, const char *key, char *value, size_t size) {
  char path[32], line[256];
  snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
  FILE *file = fopen(path, "re");
  bool found = false;
  while (file != NULL && !found && fgets(line, sizeof line, file) != NULL) {
    found = strncmp(line, key, strlen(key)) == 0;
    if (found) snprintf(value, size, "%s", line + strlen(key));
  }
  if (file != NULL) fclose(file);
  return found;
}

/*
 * The first process of a PID namespace (a container's). While it is traced the kernel drops a fault that it does not handle,
 * and it would fault forever; untraced the next fault ends it (force_sig and get_signal in kernel/signal.c).
 */
static bool must_be_free(pid_t pid, int signal) {
  if (signal != SIGSEGV && signal != SIGBUS && signal != SIGILL && signal != SIGFPE && signal != SIGTRAP && signal != SIGSYS)
    return false;
  siginfo_t info;
  char text[256];
  if (ptrace(PTRACE_GETSIGINFO, pid, 0, &info) != 0 || info.si_code <= 0) return false;
  if (status_line(pid, "SigCgt:", text, sizeof text) && strtoull(text, NULL, 16) >> (signal - 1) & 1) return false;
  if (!status_line(pid, "NSpid:", text, sizeof text)) return false;
  char *last = strrchr(text, '\t');
  return last != NULL && atoi(last) == 1;
}

static void stopped(struct watched *process, int status) {
  int event = status >> 16, signal = WSTOPSIG(status);
  if (event == PTRACE_EVENT_EXIT) return at_exit(process);
  bool is_job_control =
      event == PTRACE_EVENT_STOP && (signal == SIGSTOP || signal == SIGTSTP || signal == SIGTTIN || signal == SIGTTOU);
  int passed_on = event == 0 ? signal : 0;
  if (process->leaving) {
    if (resume(PTRACE_DETACH, process->pid, passed_on)) {
      say("left", process->pid, "");
      forget(process);
    }
  } else if (event == 0 && must_be_free(process->pid, signal)) {
    resume(PTRACE_DETACH, process->pid, signal);
    say("gone", process->pid, "");
    forget(process);
  } else if (is_job_control) {
    /* It stays stopped until SIGCONT, as it would without us. */
    resume(PTRACE_LISTEN, process->pid, 0);
  } else {
    resume(PTRACE_CONT, process->pid, passed_on);
  }
}

static void leave(struct watched *process) {
  process->leaving = true;
  if (process->held_until != 0) let_go(process);
  else ptrace(PTRACE_INTERRUPT, process->pid, 0, 0);
}

/* Returns whether more may wait. */
static bool reap(void) {
  for (int i = 0; i < STOPS_PER_TURN; i++) {
    int status;
    pid_t pid = waitpid(-1, &status, WNOHANG | __WALL);
    if (pid <= 0) return false;
    struct watched *process = find(pid);
    if (WIFSTOPPED(status)) {
      if (process != NULL) stopped(process, status);
    } else if (process != NULL) {
      forget(process);
      say_number("exit", pid, status);
    }
  }
  return true;
}

/* Of those whose first thread ended: another thread may have executed a program and taken over its ID, untraced. */
static void follow(void) {
  for (int i = count - 1; i >= 0; i--) {
    struct watched *process = &all[i];
    siginfo_t info;
    if (!process->unsure || process->held_until != 0) continue;
    if (waitid(P_PID, (id_t)process->pid, &info, WEXITED | WSTOPPED | WNOHANG | WNOWAIT | __WALL) == 0) continue;
    process->unsure = false;
    if (!process->leaving && seize(process->pid, process->start_ticks) == 0) continue;
    say(process->leaving ? "left" : "gone", process->pid, "");
    forget(process);
  }
}

static void obey(char *line) {
  int pid = 0;
  unsigned long long start_ticks = 0;
  char flags[8] = "";
  silent = false;
  if (sscanf(line, "watch %d %llu %7s", &pid, &start_ticks, flags) == 3) return watch(pid, start_ticks, flags);
  bool leaves = sscanf(line, "leave %d", &pid) == 1;
  struct watched *process = leaves || sscanf(line, "go %d", &pid) == 1 ? find(pid) : NULL;
  if (process == NULL) return;
  if (leaves) leave(process);
  else if (process->held_until != 0) let_go(process);
}

static void listen_to_agent(void) {
  static char in[4096];
  static size_t length;
  ssize_t got = read(STDIN_FILENO, in + length, sizeof in - 1 - length);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (got <= 0) exit(0);
  length += (size_t)got;
  in[length] = 0;
  char *line = in, *end;
  for (; (end = strchr(line, '\n')) != NULL; line = end + 1) {
    *end = 0;
    obey(line);
  }
  length = (size_t)(in + length - line);
  memmove(in, line, length);
  if (length == sizeof in - 1) exit(3);
}

/* How long nothing has to be done, in ms; -1: until something happens. */
static int rest(void) {
  long long most = count > 0 ? TURN_MS : -1, time = now();
  for (int i = 0; i < count; i++) {
    if (all[i].held_until == 0) continue;
    long long left = all[i].held_until - time;
    if (left < most) most = left < 0 ? 0 : left;
  }
  return (int)most;
}

static void release_overdue(void) {
  long long time = now();
  for (int i = count - 1; i >= 0; i--) {
    if (all[i].held_until == 0 || all[i].held_until > time) continue;
    silent = true;
    let_go(&all[i]);
  }
}

static void nothing(int signal) { (void)signal; }

int main(void) {
  struct sigevent kill = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGKILL};
  if (timer_create(CLOCK_MONOTONIC, &kill, &deadline) != 0) return 2;
  /* SIGCHLD only interrupts the sleep. */
  sigset_t children, none;
  sigemptyset(&none);
  sigemptyset(&children);
  sigaddset(&children, SIGCHLD);
  sigprocmask(SIG_BLOCK, &children, NULL);
  sigaction(SIGCHLD, &(struct sigaction){.sa_handler = nothing}, NULL);
  sigaction(SIGPIPE, &(struct sigaction){.sa_handler = SIG_IGN}, NULL);
  fcntl(STDOUT_FILENO, F_SETFL, O_NONBLOCK);
  /* A watched process waits for this program at every signal: it goes first, where that is allowed. */
  setpriority(PRIO_PROCESS, 0, -20);
  say("ready", 1, "");
  /* Wakes together with others where it can. */
  prctl(PR_SET_TIMERSLACK, SLACK_MS * 1000000UL, 0, 0, 0);
  for (bool more = true;;) {
    flush();
    struct pollfd fds[] = {{STDIN_FILENO, POLLIN, 0}, {STDOUT_FILENO, out_length > 0 ? POLLOUT : 0, 0}};
    arm(count > 0);
    int ms = more ? 0 : rest();
    struct timespec timeout = {ms / 1000, ms % 1000 * 1000000L};
    int ready = ppoll(fds, 2, ms < 0 ? NULL : &timeout, &none);
    /* Interrupted: by SIGCHLD. */
    if (ready < 0 || more) more = reap();
    if (fds[0].revents != 0) {
      arm(true);
      listen_to_agent();
    }
    if (fds[1].revents & (POLLERR | POLLHUP)) return 0;
    release_overdue();
    follow();
  }
}
