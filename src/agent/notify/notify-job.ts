import type { PolicySettings } from '../../model/policy.ts';
import type { NotifyOptions, NotifySecrets } from '../agent-options.ts';

/** Input of the notifier, on its standard input because it holds secrets. */
export type NotifyJob = {
  /** State directory of the app and instance. */
  directory: string;
  app: string;
  instance: string;
  notify: NotifyOptions;
  policy: PolicySettings;
  secrets: NotifySecrets;
  /**
   * Process ID of a crashmon that ends: the notifier stays while something is due soon and no other crashmon starts.
   * null: it runs once.
   */
  successorOf: number | null;
};
