import type { Decision } from './decide.ts';

/** One line for `status` and logs: whether a service is watched, why, and what would change that. */
export function decisionText(decision: Decision, name: string): string {
  return decision.isWatched ? `watched: ${WHY[decision.because]}` : `not watched: ${whyNot(decision, name)}`;
}

const WHY: Record<(Decision & { isWatched: true })['because'], string> = {
  'web-worker': 'it listens on a TCP socket',
  'was-watched': 'it was watched before',
  all: '--all',
  included: '--include names it',
  named: '--watch names it',
};

function whyNot({ because, detail = '' }: Decision & { isWatched: false }, name: string): string {
  switch (because) {
    case 'runs-crashmon':
      return 'it runs crashmon itself';
    case 'switched-off':
      return `enabled = false in its section of the settings`;
    case 'opted-out':
      return `its environment has ${detail}`;
    case 'excluded':
      return `--exclude ${detail}`;
    case 'not-included':
      return `--include names only others; --include ${name} adds it`;
    case 'no-socket':
      return 'it listens on no TCP socket; --all watches it';
    case 'sockets-unknown':
      return `its sockets can be read only by root or its user; --include ${name} or --all watches it`;
  }
}
