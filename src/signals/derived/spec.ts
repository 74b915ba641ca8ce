/** How a metric is made of others. */
export const FORMS = ['ratio', 'difference', 'sum', 'share'] as const;
export type Form = (typeof FORMS)[number];
