import type { Refusal } from '../model/session.ts';

/** Why a dump was not kept. */
export function refusalWords(why: Refusal): string {
  return {
    'no-dump': 'there was none: crashmon was killed, the machine was too busy, or there was no room for it',
    'no-space': 'the disk of the store has too little room',
    'max-disk': 'the store would exceed --max-disk. Delete dumps, or start a session with more',
    'store-unusable': 'the store cannot be written to',
    'not-encrypted': 'it could not be encrypted',
    'too-slow': 'it could not be written in two hours, as the machine was too busy',
    'heap-too-long': 'a heap snapshot would hold the worker for longer than --heap-hold',
    'heap-no-memory': 'there is too little memory for a heap snapshot',
    'heap-interrupted': 'the worker ended while its heap snapshot was taken',
    'heap-failed': 'the worker could not write a heap snapshot',
  }[why];
}
