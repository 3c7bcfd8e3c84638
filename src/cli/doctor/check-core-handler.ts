import { coreTarget } from '../../agent/system-core/core-handler.ts';
import { journalAccess } from '../../host/systemd/journal-access.ts';
import { coreHandlerText } from '../render/core-handler-text.ts';
import { type Check, ok, warning } from './check.ts';

/** Whether a fatal signal that nothing captures will have a call stack. */
export function checkCoreHandler(): Check {
  const target = coreTarget();
  const text = coreHandlerText(target);
  if (text === null)
    return ok(
      'core-handler',
      'A fatal signal needs a capture: no program here reads the stacks of core dumps.',
    );
  if (target === 'systemd-coredump' && journalAccess(process.getuid?.() ?? 0) !== 'all') {
    return warning(
      'core-handler',
      'systemd-coredump handles core dumps, but this user cannot read all of the journal.',
      'Add the user to the group systemd-journal.',
    );
  }
  return ok('core-handler', `${text}.`);
}
