import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'

/** One reading: a number, or one for each set of labels. */
export type Reading = number | readonly { readonly labels: Readonly<Record<string, string>>; readonly value: number }[]

/**
 * What a process counts, as Prometheus reads it. All but histograms are pulled: a part keeps plain numbers, and they are read when somebody
 * scrapes, so that no hot path touches a metric. Names are snake_case with the unit last, as Prometheus has it.
 */
export interface Metrics {
  /** A value that goes up and down. `labelNames` are those its readings have. */
  gauge(name: string, help: string, read: () => Reading, labelNames?: readonly string[]): void
  /** A count since the process started; the name ends in `_total`. */
  counter(name: string, help: string, read: () => Reading, labelNames?: readonly string[]): void
  /**
   * How often values were how large, for what happens some times a second at most: prom-client keeps it, so that it is told each.
   * @param buckets upper bounds, rising
   * @returns takes one value with its labels, of `labelNames`, from a bounded set
   */
  histogram(
    name: string,
    help: string,
    buckets: readonly number[],
    labelNames: readonly string[],
  ): (labels: Readonly<Record<string, string>>, value: number) => void
  /** The text of a scrape. */
  scrape(): Promise<string>
  readonly contentType: string
}

/** @param labels on every value, such as the app and its instance */
export function createMetrics(labels: Readonly<Record<string, string>>): Metrics {
  const registry = new Registry()
  registry.setDefaultLabels({ ...labels })
  collectDefaultMetrics({ register: registry })
  return {
    gauge(name, help, read, labelNames = []) {
      new Gauge({
        name,
        help,
        labelNames,
        registers: [registry],
        collect() {
          this.reset()
          for (const { labels: own, value } of readings(read())) this.set(own, value)
        },
      })
    },
    counter(name, help, read, labelNames = []) {
      new Counter({
        name,
        help,
        labelNames,
        registers: [registry],
        collect() {
          this.reset()
          for (const { labels: own, value } of readings(read())) this.inc(own, value)
        },
      })
    },
    histogram(name, help, buckets, labelNames) {
      const histogram = new Histogram({ name, help, labelNames, buckets: [...buckets], registers: [registry] })
      return (own, value) => histogram.observe(own, value)
    },
    scrape: () => registry.metrics(),
    contentType: registry.contentType,
  }
}

function readings(reading: Reading): readonly { readonly labels: Readonly<Record<string, string>>; readonly value: number }[] {
  return typeof reading === 'number' ? [{ labels: {}, value: reading }] : reading
}
