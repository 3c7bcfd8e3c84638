import { mergePage } from './merge-page.js';

/** Shortest time between two fetches of a page. */
const REST_MS = 500;
/** For a slow portal: shortest time as a multiple of the last fetch. */
const RESTS = 4;

/**
 * For a page with `data-live="URL"`: fetches the page again after each change event from the URL, and merges what differs.
 * @param {Document} page
 * @param {(page: Document) => void} prepare
 * @param {() => void} merged
 */
export function followChanges(page, prepare, merged) {
  const main = page.querySelector('main[data-live]');
  const url = main?.getAttribute('data-live');
  if (main === null || url == null) return;
  let isFetching = false;
  let isStale = false;
  /** @type {EventSource | null} */
  let source = null;

  const refresh = async () => {
    isStale = true;
    if (isFetching || page.hidden) return;
    isFetching = true;
    while (isStale && !page.hidden) {
      isStale = false;
      const began = performance.now();
      await fetchAndMerge(main, prepare, merged);
      const restMs = Math.max(REST_MS, RESTS * (performance.now() - began));
      await new Promise((resolve) => setTimeout(resolve, restMs));
    }
    isFetching = false;
  };
  const listen = () => {
    source?.close();
    source = new EventSource(url);
    source.addEventListener('change', () => void refresh());
    source.addEventListener('open', () => showSign('Live', false));
    // The browser does not reconnect after a refusal (the session ended, too many pages are open).
    source.addEventListener('error', () =>
      showSign(source?.readyState === EventSource.CLOSED ? 'Not live: reload' : 'Reconnecting', true),
    );
  };
  // A hidden page needs no connection: browsers allow few per host.
  page.addEventListener('visibilitychange', () => {
    if (page.hidden) {
      source?.close();
      source = null;
    } else if (source === null) {
      listen();
      void refresh();
    }
  });
  addEventListener('pagehide', () => source?.close());
  addEventListener('pageshow', ({ persisted }) => {
    if (!persisted) return;
    listen();
    void refresh();
  });
  if (!page.hidden) listen();
}

/**
 * @param {Element} main
 * @param {(page: Document) => void} prepare
 * @param {() => void} merged
 */
async function fetchAndMerge(main, prepare, merged) {
  try {
    const answer = await fetch(location.href, { headers: { accept: 'text/html' }, cache: 'no-store' });
    if (!answer.ok || answer.redirected) return;
    const next = new DOMParser().parseFromString(await answer.text(), 'text/html');
    const wanted = next.querySelector('main');
    if (wanted === null || next.title === '') return;
    prepare(next);
    mergePage(main, wanted);
    if (document.title !== next.title) document.title = next.title;
    merged();
    announce(next);
  } catch {
    // The portal is not reachable; the next change or reconnect updates the page.
  }
}

/** Announces changes to screen readers, in the words of the page.
 * @param {Document} next */
function announce(next) {
  const text = next.querySelector('[data-live-text]')?.textContent ?? '';
  const said = document.getElementById('live-said');
  if (said !== null && said.textContent !== text) said.textContent = text;
}

/**
 * Shows whether the page is live.
 * @param {string} text
 * @param {boolean} isAway
 */
function showSign(text, isAway) {
  const sign = document.getElementById('live-sign');
  if (sign === null) return;
  sign.hidden = false;
  sign.textContent = text;
  sign.classList.toggle('away', isAway);
}
