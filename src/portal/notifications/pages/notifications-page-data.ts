import type { Recipient } from '../../store/notifications/announce.ts';
import type {
  LoggedNotification,
  NotificationSettings,
} from '../../store/notifications/notification-store.ts';
import type { PreviewChoice } from './preview-view.ts';

export type NotificationsPageData = {
  app: string;
  settings: NotificationSettings;
  /** Who would be told now, default ones too. */
  recipients: readonly Recipient[];
  /** Is there a mail server? */
  hasMail: boolean;
  newestVersion: string | null;
  log: readonly LoggedNotification[];
  preview: PreviewChoice;
  /** What was just done, and what was refused and why. */
  done: string | null;
  error: string | null;
};
