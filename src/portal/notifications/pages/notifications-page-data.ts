import type { Recipient } from '../../store/notifications/announce.ts';
import type {
  LoggedNotification,
  NotificationSettings,
} from '../../store/notifications/notification-store.ts';
import type { PreviewChoice } from './preview-view.ts';

export type NotificationsPageData = {
  app: string;
  settings: NotificationSettings;
  /** Default ones too. */
  recipients: readonly Recipient[];
  /** Is there a mail server? */
  hasMail: boolean;
  newestVersion: string | null;
  log: readonly LoggedNotification[];
  preview: PreviewChoice;
  /** What was just done; why something was refused. */
  done: string | null;
  error: string | null;
};
