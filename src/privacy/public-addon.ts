import type { Addon } from '../model/addon.ts';
import { publicModule } from './public-names.ts';

/** The fields of a report that name an add-on: a package's name and a version, or nothing. */
export function publicAddon(addon: Addon | undefined): { addon?: Addon } {
  const name = addon === undefined ? null : publicModule(addon.name);
  if (addon === undefined || name === null) return {};
  const { version, forOtherNode } = addon;
  return {
    addon: {
      name,
      version: version !== null && VERSION.test(version) ? version : null,
      forOtherNode: forOtherNode === true,
    },
  };
}

const VERSION = /^\d{1,5}\.\d{1,5}\.\d{1,5}(?:-(?:alpha|beta|rc|next|canary)[.\d]{0,12})?$/;
