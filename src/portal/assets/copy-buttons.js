/**
 * Buttons with `data-copy="ID"` copy the text of that element.
 * @param {Document} page
 */
export function copyButtons(page) {
  for (const button of page.querySelectorAll('[data-copy]')) button.removeAttribute('hidden');
  if (page !== document) return;
  document.addEventListener('click', (event) => {
    const button = event.target instanceof Element ? event.target.closest('[data-copy]') : null;
    if (button instanceof HTMLButtonElement) void copy(button);
  });
}

/** @param {HTMLButtonElement} button */
async function copy(button) {
  const source = document.getElementById(button.dataset.copy ?? '');
  if (source === null) return;
  try {
    await navigator.clipboard.writeText(source.textContent ?? '');
    say(button, 'Copied');
  } catch {
    // Not allowed, or the page came by plain HTTP: the text is selected, so that keys can copy it.
    source.closest('details')?.setAttribute('open', '');
    getSelection()?.selectAllChildren(source);
    say(button, 'Selected: copy with Ctrl+C');
  }
}

/**
 * @param {HTMLButtonElement} button
 * @param {string} text
 */
function say(button, text) {
  const status = document.getElementById('live-status');
  button.textContent = text;
  if (status !== null) status.textContent = text;
  setTimeout(() => {
    button.textContent = 'Copy';
    if (status?.textContent === text) status.textContent = '';
  }, 2000);
}
