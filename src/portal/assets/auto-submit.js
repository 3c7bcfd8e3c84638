/**
 * Forms with `data-auto-submit` are sent when something in them is chosen; their buttons are for those without scripts.
 * @param {Document} page
 */
export function autoSubmit(page) {
  for (const button of page.querySelectorAll('[data-without-script]')) button.setAttribute('hidden', '');
  if (page !== document) return;
  document.addEventListener('change', (event) => {
    const { target } = event;
    if (!(target instanceof HTMLSelectElement)) return;
    const form = target.closest('form[data-auto-submit]');
    if (form instanceof HTMLFormElement) form.requestSubmit();
  });
}
