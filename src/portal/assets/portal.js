// What pages do beyond what they do without scripts. Each part finds its own elements and does nothing without them.
import { autoSubmit } from './auto-submit.js';
import { copyButtons } from './copy-buttons.js';
import { followChanges } from './follow-changes.js';
import { localTimes } from './local-times.js';
import { menus } from './menus.js';
import { timelineChart } from './timeline-chart.js';

/** Run on the page, and on each new version of it before it is compared with the one that is shown.
 * @param {Document} page */
function prepare(page) {
  localTimes(page);
  autoSubmit(page);
  copyButtons(page);
}

prepare(document);
menus(document);
timelineChart(document);
followChanges(document, prepare, () => timelineChart(document));
