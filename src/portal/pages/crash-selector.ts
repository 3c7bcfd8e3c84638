import { causeLabel } from '../../explain/cause-label.ts';
import { type Html, html } from '../../formats/html.ts';
import { clockWords } from '../insight/clock-words.ts';
import type { CrashEvent } from '../store/read/crash-store.ts';
import { appUrl } from '../urls.ts';

export type CrashChoices = {
  captured: readonly CrashEvent[];
  /** The newest without a stack. */
  counted: readonly CrashEvent[];
  /** uid of the crash that is shown. */
  selected: string | null;
};

/** Selects the crash that is shown; scripts send the form automatically. */
export function crashSelector(app: string, range: string, choices: CrashChoices): Html {
  const { captured, counted, selected } = choices;
  const option = (event: CrashEvent) =>
    html`<option value="${event.uid}" data-times${event.uid === selected && html` selected`}>${optionText(event)}</option>
`;
  return html`<form method="get" action="${appUrl(app)}#crash" class="inline no-print" data-auto-submit>
<input type="hidden" name="range" value="${range}">
<label class="crash-select">Crash event <span class="aside">(shown immediately)</span>
<select name="crash" id="crash-choice">
${captured.length > 0 && html`<optgroup label="With report">${captured.map(option)}</optgroup>`}
${counted.length > 0 && html`<optgroup label="Counted only">${counted.map(option)}</optgroup>`}
</select></label>
<button type="submit" class="quiet" data-without-script>Show</button>
</form>`;
}

function optionText(event: CrashEvent): string {
  return `${clockWords(event.atMs)} · ${causeLabel(event)} · ${event.instance}`;
}
