import type { DescriptorKind } from '../../model/memory.ts';

/** What a link below `/proc/<pid>/fd` leads to (proc_pid_fd(5)). */
export function descriptorKind(link: string): DescriptorKind {
  if (link.startsWith('socket:')) return 'socket';
  if (link.startsWith('pipe:')) return 'pipe';
  if (/^anon_inode:\[?(?:event|timerfd|signalfd|inotify|io_uring|fanotify)/.test(link)) return 'event';
  return link.startsWith('/') ? 'file' : 'other';
}
