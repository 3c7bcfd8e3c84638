import type { RequestRefusal } from '../model/remote-request.ts';

const WORDS: Readonly<Record<RequestRefusal, string>> = {
  off: '--remote-control is off',
  'no-key': 'there is no --session-key to encrypt its dumps to',
  'not-secure': 'the address of the portal is not https',
  running: 'a session is running already',
  disarmed: 'it is disarmed or switched off there',
  'no-debugger': 'no debugger can be attached there',
  failed: 'it cannot be stored there, see its log',
};

/** Why an instance refused what the portal asked for. */
export function requestWords(why: RequestRefusal): string {
  return WORDS[why];
}
