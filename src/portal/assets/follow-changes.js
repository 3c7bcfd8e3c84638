import { mergePage } from './merge-page.js';

/** So often at most is a page fetched again, however much happens: what happened is seen within a second. */
const REST_MS = 500;
/** A portal that is slow is asked less often: for so many times as long as it took. */
const RESTS = 4;

/**
 * Where the page says `data-live="URL"`: fetches the page again whenever the portal says there that something changed,
 * and merges what differs.
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
    // What is refused (the session ended, too many pages are open) is not tried again.
    source.addEventListener('error', () =>
      showSign(source?.readyState === EventSource.CLOSED ? 'Not live: reload' : 'Reconnecting', true),
    );
  };
  // A page that nobody looks at needs no connection: browsers allow few to one host.
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
    tell(next);
  } catch {
    // The portal is away for a moment; the next change, or the connection's own new try, brings it up to date.
  }
}

/** Says what is new to those who do not see it, in the words of the page.
 * @param {Document} next */
function tell(next) {
  const text = next.querySelector('[data-live-text]')?.textContent ?? '';
  const said = document.getElementById('live-said');
  if (said !== null && said.textContent !== text) said.textContent = text;
}

/**
 * Says whether the page is followed.
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
