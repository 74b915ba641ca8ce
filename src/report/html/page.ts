import {html} from './escape.js';

/**
 * Nothing may be loaded from anywhere: the file works offline and tells nobody that it is read. Scripts run where the
 * page has some of its own.
 */
function policyOf(scripts: string): string {
  const own = scripts === '' ? '' : " script-src 'unsafe-inline';";
  return `default-src 'none'; style-src 'unsafe-inline';${own} img-src data:`;
}

export interface Page {
  readonly title: string;
  readonly generator: string;
  readonly style: string;
  /** Markup: everything in it is escaped already. */
  readonly body: string;
  /** Script elements, empty for a page without any. */
  readonly scripts: string;
}

/** One self-contained HTML file. */
export function htmlPage({title, generator, style, body, scripts}: Page): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${policyOf(scripts)}">
<meta name="generator" content="${html(generator)}">
<link rel="icon" href="data:,">
<title>${html(title)}</title>
<style>${style}</style>
</head>
<body>
${body}
${scripts}
</body>
</html>
`;
}
