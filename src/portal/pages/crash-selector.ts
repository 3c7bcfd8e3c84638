import { clockWords } from '../insight/clock-words.ts';
import { exceptionCode } from '../insight/exception-code.ts';
import type { CrashEvent } from '../store/portal-store.ts';
import { type Html, html } from './html.ts';
import { appUrl } from './urls.ts';

export type CrashChoices = {
  captured: readonly CrashEvent[];
  /** The newest without a stack. */
  counted: readonly CrashEvent[];
  /** uid of the crash that is shown. */
  selected: string | null;
};

/** By which people choose the crash to look at: a form that scripts send by themselves. */
export function crashSelector(app: string, range: string, choices: CrashChoices, nowMs: number): Html {
  const { captured, counted, selected } = choices;
  const option = (event: CrashEvent) =>
    html`<option value="${event.uid}"${event.uid === selected && html` selected`}>${optionText(event, nowMs)}</option>
`;
  return html`<form method="get" action="${appUrl(app)}#crash" class="inline no-print" data-auto-submit>
<input type="hidden" name="range" value="${range}">
<label class="crash-select">Select a crash event <span class="aside">(it is shown at once)</span>
<select name="crash" id="crash-choice">
${captured.length > 0 && html`<optgroup label="With a call stack">${captured.map(option)}</optgroup>`}
${counted.length > 0 && html`<optgroup label="Counted, without a call stack">${counted.map(option)}</optgroup>`}
</select></label>
<button type="submit" class="quiet" data-without-script>Show</button>
</form>`;
}

function optionText(event: CrashEvent, nowMs: number): string {
  return `${clockWords(event.atMs, nowMs)} · ${exceptionCode(event)} · ${event.instance}`;
}
