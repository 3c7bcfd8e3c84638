/**
 * Makes `shown` like `wanted` by changing only what differs: what the user has opened, focused, selected, typed or
 * scrolled stays. Elements match by ID, else by name and position. Elements that scripts added (`data-added`) stay.
 * @param {Element} shown
 * @param {Element} wanted
 */
export function mergePage(shown, wanted) {
  mergeAttributes(shown, wanted);
  if (isInUse(shown)) return;
  /** @type {Node[]} */
  const old = [...shown.childNodes].filter(
    (node) => !(node instanceof Element && node.hasAttribute('data-added')),
  );
  let at = 0;
  for (const next of [...wanted.childNodes]) {
    const match = findMatch(old, at, next);
    if (match === -1) {
      shown.insertBefore(document.importNode(next, true), old[at] ?? null);
      continue;
    }
    const node = /** @type {Node} */ (old[match]);
    if (match !== at) {
      old.splice(match, 1);
      old.splice(at, 0, node);
      shown.insertBefore(node, old[at + 1] ?? null);
    }
    mergeNode(node, next);
    at++;
  }
  for (const rest of old.slice(at)) rest.parentNode?.removeChild(rest);
}

/**
 * @param {Node[]} old
 * @param {number} from
 * @param {Node} next
 */
function findMatch(old, from, next) {
  const id = idOf(next);
  if (id !== '')
    return old.findIndex((node, at) => at >= from && node.nodeName === next.nodeName && idOf(node) === id);
  const node = old[from];
  return node !== undefined && node.nodeName === next.nodeName && idOf(node) === '' ? from : -1;
}

/**
 * @param {Node} node
 * @param {Node} next
 */
function mergeNode(node, next) {
  if (node instanceof Element && next instanceof Element) {
    if (!node.isEqualNode(next)) mergePage(node, next);
  } else if (node.nodeValue !== next.nodeValue) node.nodeValue = next.nodeValue;
}

/**
 * @param {Element} shown
 * @param {Element} wanted
 */
function mergeAttributes(shown, wanted) {
  for (const { name } of [...shown.attributes]) {
    if (!wanted.hasAttribute(name) && name !== 'open') shown.removeAttribute(name);
  }
  for (const { name, value } of [...wanted.attributes]) {
    if (name !== 'open' && shown.getAttribute(name) !== value) shown.setAttribute(name, value);
  }
}

/** Is it a field that the reader is at, or has changed?
 * @param {Element} element */
function isInUse(element) {
  if (element instanceof HTMLSelectElement) return element === document.activeElement;
  if (element instanceof HTMLTextAreaElement)
    return element === document.activeElement || element.value !== element.defaultValue;
  return false;
}

/** @param {Node} node */
function idOf(node) {
  return node instanceof Element ? node.id : '';
}
