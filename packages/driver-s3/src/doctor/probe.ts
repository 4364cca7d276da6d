import type { Connection } from '../connection.js'

/** Where the probes are, and how to reach it. */
export interface Probe {
  readonly connection: Connection
  /** Below the driver's prefix, made for this run. */
  readonly folder: string
  readonly signal: AbortSignal
}
