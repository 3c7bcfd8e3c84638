/**
 * Menus (`details.menu`) close when the reader goes on elsewhere, or presses Escape.
 * @param {Document} page
 */
export function menus(page) {
  const leave = (/** @type {Event} */ { target }) => {
    for (const menu of openMenus(page)) {
      if (!(target instanceof Node && menu.contains(target))) menu.open = false;
    }
  };
  page.addEventListener('click', leave);
  page.addEventListener('focusin', leave);
  page.addEventListener('keydown', ({ key }) => {
    if (key !== 'Escape') return;
    for (const menu of openMenus(page)) {
      menu.open = false;
      menu.querySelector('summary')?.focus();
    }
  });
}

/** @param {Document} page */
function openMenus(page) {
  return /** @type {NodeListOf<HTMLDetailsElement>} */ (page.querySelectorAll('details.menu[open]'));
}
