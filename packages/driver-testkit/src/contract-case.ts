import { type Driver, type DriverCapabilities, guard } from '@s3db-backup/core'

/** What a case is given. */
export interface CaseContext {
  /** The driver under test. */
  readonly driver: Driver
  /** The case's own corner of the storage, ending in `/`. Nothing outside it is touched. */
  readonly prefix: string
  readonly signal: AbortSignal
  /** How long a call may take to settle after an abort, in ms. */
  readonly patience: number
  /** The size of a large object, in bytes. */
  readonly hugeBytes: number
  /** How many objects a long listing has. */
  readonly manyObjects: number
}

/** One sentence of the driver contract, and how to find out whether it holds. */
export interface ContractCase {
  /** Stable, and usable in a key. */
  readonly id: string
  /** The sentence. */
  readonly title: string
  /** Skipped unless the driver declares this capability, or has this method. There is no other way to skip a case. */
  readonly requires?: keyof DriverCapabilities | 'clock' | undefined
  /** Resolves if the sentence holds; rejects with what was found otherwise. */
  run(context: CaseContext): Promise<void>
}

/** The same case with core's guard around the driver, as core itself uses it. */
export function guarded(contractCase: ContractCase): ContractCase {
  return {
    ...contractCase,
    id: `${contractCase.id}-guarded`,
    title: `${contractCase.title} (through core's guard)`,
    run: (context) => contractCase.run({ ...context, driver: guard(context.driver) }),
  }
}

/** Why a case does not apply to a driver; `undefined` if it does. */
export function skipReason({ requires }: ContractCase, driver: Driver): string | undefined {
  if (requires === undefined) return undefined
  if (requires === 'clock') return driver.clock === undefined ? `${driver.name} has no clock` : undefined
  if (driver.capabilities?.[requires]) return undefined
  return `${driver.name} does not declare the capability "${requires}"`
}
