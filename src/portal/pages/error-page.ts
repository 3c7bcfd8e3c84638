/** A page of its own, without anything that could fail in turn. */
export function errorPage(parts: {
  status: number;
  title: string;
  sentence: string;
  assetUrl: (name: string) => string;
}): string {
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(parts.title)} · Crashmon</title></head>
<body><main><h1>${escaped(parts.title)}</h1><p>${escaped(parts.sentence)}</p><p><a href="/">All apps</a></p></main></body>
</html>
`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
