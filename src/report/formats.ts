import type {Result} from '../verdict/result.js';

/** One way to tell a result. */
export interface Format {
  /** Name of the file in the run folder. */
  readonly file: string;
  /** A pure function of the result; asynchronous only because each format is loaded when it is asked for. */
  render(result: Result): Promise<string>;
}

/** Every report format by the name the command line uses. */
export const FORMATS = {
  html: {
    file: 'report.html',
    render: async result => (await import('./html/html.js')).renderHtml(result),
  },
  markdown: {
    file: 'report.md',
    render: async result => (await import('./markdown/markdown.js')).renderMarkdown(result),
  },
  json: {
    file: 'result.json',
    render: async result => (await import('./json/json.js')).renderJson(result),
  },
} as const satisfies Record<string, Format>;

export type FormatName = keyof typeof FORMATS;
