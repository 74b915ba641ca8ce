/** What bench/ uses of autocannon, which has no types of its own. */
declare module 'autocannon' {
  export default function autocannon(options: {
    readonly url: string;
    readonly connections: number;
    /** Seconds. */
    readonly duration: number;
    /** Requests per second of all connections together. */
    readonly overallRate?: number;
  }): Promise<{readonly requests: {readonly total: number}}>;
}
