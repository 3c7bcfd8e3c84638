/*
 * An addon of Node.js for what `crashmon agent` could do otherwise only with another process, or not at all. Declares what it
 * needs of Node-API, whose functions never change, because Node's headers need not be there.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <link.h>
#include <malloc.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

typedef void *(*function)(void *env, void *arguments);
extern int napi_create_function(void *env, const char *name, size_t length, function call, void *data, void **result);
extern int napi_set_named_property(void *env, void *object, const char *name, void *value);
extern int napi_get_cb_info(void *env, void *info, size_t *count, void **arguments, void **self, void **data);
extern int napi_get_value_string_utf8(void *env, void *value, char *text, size_t size, size_t *length);
extern int napi_create_int32(void *env, int32_t value, void **result);
extern int napi_get_boolean(void *env, bool value, void **result);
void *napi_register_module_v1(void *env, void *exports);

enum { MAX_SEGMENTS = 16 };
struct segments {
  int count;
  uintptr_t from[MAX_SEGMENTS], to[MAX_SEGMENTS];
};

/* The segments of the executable, which comes first, that are never written: the linker's tables are in one that was. */
static int find_segments(struct dl_phdr_info *program, size_t size, void *data) {
  (void)size;
  struct segments *found = data;
  for (int i = 0; i < program->dlpi_phnum && found->count < MAX_SEGMENTS; i++) {
    const ElfW(Phdr) *header = &program->dlpi_phdr[i];
    if (header->p_type != PT_LOAD || header->p_flags & PF_W) continue;
    found->from[found->count] = program->dlpi_addr + header->p_vaddr;
    found->to[found->count++] = program->dlpi_addr + header->p_vaddr + header->p_memsz;
  }
  return 1;
}

/*
 * Unmaps the pages of the executable; those that are used come back from the page cache. The kernel maps 16 at a time, and most were
 * used at the start alone. Only what is mapped from a file: node --use-largepages has code in memory, which would be lost.
 */
static void release_program(void) {
  struct segments program = {0};
  dl_iterate_phdr(find_segments, &program);
  FILE *maps = fopen("/proc/self/maps", "re");
  if (maps == NULL) return;
  const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
  char *line = NULL;
  size_t size = 0;
  while (getline(&line, &size, maps) > 0) {
    uintptr_t from, to;
    unsigned long inode;
    char mode[5];
    if (sscanf(line, "%" SCNxPTR "-%" SCNxPTR " %4s %*s %*s %lu", &from, &to, mode, &inode) != 4) continue;
    if (inode == 0 || mode[1] != '-') continue;
    for (int i = 0; i < program.count; i++) {
      uintptr_t first = (program.from[i] + page - 1) / page * page, end = program.to[i] / page * page;
      if (first < from) first = from;
      if (end > to) end = to;
      if (first < end) madvise((void *)first, end - first, MADV_DONTNEED);
    }
  }
  free(line);
  fclose(maps);
}

/* Gives freed memory back to the system (malloc_trim(3)), and what is mapped of the executable. */
static void *release_memory(void *env, void *arguments) {
  (void)env;
  (void)arguments;
  malloc_trim(0);
  release_program();
  return NULL;
}

/* Sends systemd WATCHDOG=1 (sd_notify(3)). Returns whether it is sent. */
static void *feed_watchdog(void *env, void *arguments) {
  (void)arguments;
  static const char state[] = "WATCHDOG=1";
  struct sockaddr_un to = {.sun_family = AF_UNIX};
  const char *name = getenv("NOTIFY_SOCKET");
  size_t length = name == NULL ? 0 : strlen(name);
  bool sent = false;
  if (length > 1 && length < sizeof to.sun_path && (name[0] == '/' || name[0] == '@')) {
    memcpy(to.sun_path, name, length);
    if (name[0] == '@') to.sun_path[0] = 0;
    socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd >= 0) {
      sent = sendto(fd, state, sizeof state - 1, MSG_NOSIGNAL, (struct sockaddr *)&to, size) > 0;
      close(fd);
    }
  }
  void *result = NULL;
  napi_get_boolean(env, sent, &result);
  return result;
}

/* SQLite's lock bytes of a file (sqlite.org/fileformat2.html#the_lock_byte_page). */
enum { LOCK_BYTES = 0x40000000, LOCK_LENGTH = 512 };

/*
 * Locks an existing file as a transaction of SQLite that is exclusive does, until it is closed. Returns the file descriptor; -1 if another one
 * holds a lock; -2 if it cannot be locked. Unlike a POSIX lock this one belongs to the descriptor (F_OFD_SETLK in fcntl(2)).
 */
static void *lock_file(void *env, void *information) {
  char path[4096];
  size_t count = 1, length = 0;
  void *argument = NULL;
  int answer = -2;
  if (napi_get_cb_info(env, information, &count, &argument, NULL, NULL) == 0 && count == 1 &&
      napi_get_value_string_utf8(env, argument, path, sizeof path, &length) == 0 && length < sizeof path - 1) {
    int fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    if (fd >= 0) {
      struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = LOCK_BYTES, .l_len = LOCK_LENGTH};
      if (fcntl(fd, F_OFD_SETLK, &lock) == 0) {
        answer = fd;
      } else {
        answer = errno == EAGAIN || errno == EACCES ? -1 : -2;
        close(fd);
      }
    }
  }
  void *result = NULL;
  napi_create_int32(env, answer, &result);
  return result;
}

static void add(void *env, void *exports, const char *name, function call) {
  void *value;
  if (napi_create_function(env, name, SIZE_MAX, call, NULL, &value) == 0) napi_set_named_property(env, exports, name, value);
}

void *napi_register_module_v1(void *env, void *exports) {
  add(env, exports, "releaseMemory", release_memory);
  add(env, exports, "feedWatchdog", feed_watchdog);
  add(env, exports, "lockFile", lock_file);
  return exports;
}
