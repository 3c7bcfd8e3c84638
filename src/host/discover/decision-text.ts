import type { Decision } from './decide.ts';

/** One line for `status` and logs: whether a service is watched, why, and what would change that. */
export function decisionText(decision: Decision): string {
  return decision.isWatched ? `watched: ${WHY[decision.because]}` : `not watched: ${whyNot(decision)}`;
}

const WHY: Record<(Decision & { isWatched: true })['because'], string> = {
  'web-worker': 'it listens on a TCP socket',
  'web-server': 'it is a web server that listens on a Unix socket',
  'was-watched': 'it listened on a socket, or was watched, before',
  all: '--all',
  included: '--include names it',
  named: '--watch names it',
};

function whyNot({ because, detail = '' }: Decision & { isWatched: false }): string {
  switch (because) {
    case 'runs-crashmon':
      return 'it runs crashmon itself';
    case 'switched-off':
      return 'enabled = false in its section of the settings';
    case 'opted-out':
      return `its environment has ${detail}`;
    case 'excluded':
      return `--exclude ${detail}`;
    case 'not-included':
      return '--include names only others';
    case 'no-socket':
      return 'it is no web worker (it listens on no TCP socket); --include NAME or --all watches it';
    case 'sockets-unknown':
      return 'its sockets can be read only by root or its user; --include NAME or --all watches it';
    case 'not-seen':
      return 'it has not run while the agent ran; --include NAME or --all watches it';
  }
}
