import type { PolicySettings } from '../../model/policy.ts';
import type { NotifyOptions, NotifySecrets } from '../agent-options.ts';

/** What the process that tells people is told, on its standard input: there are secrets in it. */
export type NotifyJob = {
  /** State directory of the app and instance. */
  directory: string;
  app: string;
  instance: string;
  notify: NotifyOptions;
  policy: PolicySettings;
  secrets: NotifySecrets;
  /**
   * Process id of a crashmon that ends: then it stays as long as something is to be told soon, and no other crashmon
   * came. null: it looks once.
   */
  successorOf: number | null;
};
