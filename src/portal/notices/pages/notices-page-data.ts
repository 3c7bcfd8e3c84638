import type { Receiver } from '../../store/notices/announce.ts';
import type { LoggedNotice, NoticeSettings } from '../../store/notices/notice-store.ts';
import type { PreviewChoice } from './preview-view.ts';

export type NoticesPageData = {
  app: string;
  settings: NoticeSettings;
  /** Who would be told now, default ones too. */
  receivers: readonly Receiver[];
  /** Is there a mail server? */
  hasMail: boolean;
  newestVersion: string | null;
  log: readonly LoggedNotice[];
  preview: PreviewChoice;
  /** What was just done, and what was refused and why. */
  done: string | null;
  error: string | null;
};
