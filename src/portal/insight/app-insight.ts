import { listWords, plural, timesWords } from '../../formats/quantity-words.ts';
import type { Fleet } from '../store/read/instance-store.ts';
import type { CauseCount } from '../store/read/timeline-store.ts';
import { instanceOutlook } from './no-stack.ts';

export type InsightInput = {
  app: string;
  causes: readonly Pick<CauseCount, 'crashes'>[];
  /** Crashes of the range that have a call stack; `moreCaptured`: there are more than that. */
  captured: number;
  moreCaptured: boolean;
  /** Of the range, without its preposition: `the last 24 hours`. */
  rangeWords: string;
  fleet: Fleet;
};

export type AppInsight = {
  tone: 'calm' | 'crashes';
  headline: string;
  /** What is known of the cause, or when it will be. */
  rest: string;
};

/** A summary of an app: how often it crashed, and how many crashes have a call stack. */
export function appInsight(input: InsightInput): AppInsight {
  const { app, causes, captured, moreCaptured, rangeWords, fleet } = input;
  const crashes = causes.reduce((sum, cause) => sum + cause.crashes, 0);
  if (crashes === 0) {
    return { tone: 'calm', headline: `No crash of ${app} in ${rangeWords}.`, rest: watchSentence(fleet) };
  }
  const headline = `${app} crashed ${timesWords(crashes)} in ${rangeWords}.`;
  if (captured === 0) {
    const rest =
      fleet.nearest === null
        ? 'No crash has a call stack yet.'
        : `No crash has a call stack yet. ${instanceOutlook(fleet.nearest)}`;
    return { tone: 'crashes', headline, rest };
  }
  const how = `${moreCaptured ? 'more than ' : ''}${plural(captured, 'crash', 'crashes')}`;
  return { tone: 'crashes', headline, rest: `Crashmon has the call stack of ${how}.` };
}

function watchSentence({ states, silent }: Fleet): string {
  const active = states.armed + states.watching + states['cooling-down'];
  const others = states.silent + states.disabled + states.stopped + states.external;
  if (active + others === 0) return 'No instance reported yet.';
  const running =
    active === 0 ? 'No instance is watched.' : `${plural(active, 'instance is', 'instances are')} watched.`;
  const watched =
    states.stopped === 0
      ? running
      : `${running} ${plural(states.stopped, 'instance is', 'instances are')} stopped.`;
  return states.silent === 0
    ? watched
    : `${watched} No heartbeat from ${listWords(silent, 3, states.silent)}.`;
}
