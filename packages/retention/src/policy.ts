import { nearest, parseOptions } from '@s3db-backup/core/internal'
import * as z from 'zod'
import { isTimezone, type Period, periods } from './calendar.js'
import { type Interval, parseInterval } from './interval.js'

/** How many periods a rule keeps a backup of. */
export type Limit = number | 'all'

/** The backups to keep, checked and with every default filled in. It can be stored: it is plain JSON. */
export interface Policy extends Readonly<Record<Period, Limit>> {
  readonly keepLast: Limit
  /** How far before the newest complete backup everything is kept. `null` for no such rule. */
  readonly keepWithin: Interval | null
  readonly minKeep: number
  readonly timezone: string
  readonly pins: readonly string[]
  readonly maxShareRemoved: number
}

/** A policy as people write it. Rules add up: a backup is kept if one of them keeps it. */
export interface PolicyInput {
  /** `'simple'` goes with `count` alone; `'gfs'` may precede any other combination. */
  readonly policy?: 'gfs' | 'simple' | undefined
  /** With policy `simple`: how many of the newest backups are kept. */
  readonly count?: Limit | undefined
  /** So many of the newest backups. -1 or `'all'` has no limit, here and in the other rules. */
  readonly keepLast?: Limit | undefined
  /** How many hours keep their newest backup. */
  readonly hourly?: Limit | undefined
  /** How many days keep their newest backup. */
  readonly daily?: Limit | undefined
  /** How many weeks (ISO 8601) keep their newest backup. */
  readonly weekly?: Limit | undefined
  /** How many months keep their newest backup. */
  readonly monthly?: Limit | undefined
  /** How many quarters keep their newest backup. */
  readonly quarterly?: Limit | undefined
  /** How many years keep their newest backup. */
  readonly yearly?: Limit | undefined
  /** Everything this long before the newest complete backup: `30d`, `12h`, `1y6m` (m is months), or in ms. */
  readonly keepWithin?: string | number | null | undefined
  /** How many complete backups are kept at least. Default 1. */
  readonly minKeep?: number | undefined
  /** An IANA zone, in which hours, days and years begin. Default `'UTC'`. */
  readonly timezone?: string | undefined
  /** The ids of backups that are kept whatever the rules say. */
  readonly pins?: readonly string[] | undefined
  /** Removing more than this share of the backups at once needs force. `false` for no such limit. Default 0.5. */
  readonly maxShareRemoved?: number | false | undefined
}

const countRule = 'must be a whole number from 0, or -1 or "all" for no limit'
const shareRule = 'must be a share above 0 and up to 1, or false'

const count = z
  .union([z.number(countRule).int(countRule).min(-1, countRule), z.literal('all')], countRule)
  .transform((given): Limit => (given === -1 ? 'all' : given))

const limit = count.default(0)

const interval = z.union([z.string(), z.number()]).transform((given, context): Interval => {
  const parsed = parseInterval(given)
  if (parsed !== undefined) return parsed
  context.addIssue('must be a length such as 30d, 12h, 2w or 1y6m (m is months), or a number of ms above 0')
  return z.NEVER
})

const timezone = z
  .string()
  .refine(isTimezone, {
    error: ({ input }) => `is not an IANA time zone${nearest(input, Intl.supportedValuesOf('timeZone'))}`,
  })
  .default('UTC')

const shape = z.strictObject({
  policy: z.enum(['gfs', 'simple'], 'must be "gfs" or "simple"').optional(),
  count: count.optional(),
  keepLast: limit,
  hourly: limit,
  daily: limit,
  weekly: limit,
  monthly: limit,
  quarterly: limit,
  yearly: limit,
  keepWithin: interval.nullable().default(null),
  minKeep: z.number().int().min(1).default(1),
  timezone,
  pins: z.array(z.string().min(1)).default([]),
  maxShareRemoved: z
    .union([z.literal(false), z.number(shareRule).gt(0, shareRule).max(1, shareRule)], shareRule)
    .transform((given) => (given === false ? 1 : given))
    .default(0.5),
} satisfies Readonly<Record<keyof PolicyInput, z.ZodType>>)

/** Runs even if other options are wrong, so that all problems are reported at once. */
const when = ({ value }: { readonly value: unknown }): boolean => typeof value === 'object' && value !== null

const alone = 'does not go with policy "simple"; leave policy out to combine rules'

const schema = (['keepLast', ...periods] as const).reduce(
  (checked, rule) =>
    checked.refine((given) => given.policy !== 'simple' || given[rule] === 0, {
      path: [rule],
      message: alone,
      when,
    }),
  shape
    .refine(({ policy, count }) => policy !== 'simple' || count !== undefined, {
      path: ['count'],
      message: 'is needed with policy "simple"',
      when,
    })
    .refine(({ policy, count }) => policy === 'simple' || count === undefined, {
      path: ['count'],
      message: 'goes with policy "simple" only; otherwise use keepLast',
      when,
    }),
)

/**
 * Checks a retention policy and fills in the defaults. The counts are whole numbers from 0; 0 is the same as
 * left out, and -1 or `'all'` has no limit. A policy without any rule keeps everything.
 *
 * `{ policy: 'simple', count: 7 }` is short for `{ keepLast: 7 }`, and `policy: 'gfs'` may precede
 * any other combination.
 *
 * @throws BackupError `invalid_options` that lists every problem, with the nearest name for unknown ones.
 *
 * @example
 * ```ts
 * import { parsePolicy } from '@s3db-backup/retention'
 *
 * const policy = parsePolicy({ daily: 7, weekly: 4, monthly: 12, yearly: 3, timezone: 'Europe/Berlin' })
 * ```
 */
export function parsePolicy(input: unknown = {}): Policy {
  const { policy: _, count, ...rules } = parseOptions(schema, input, { what: 'retention policy' })
  return count === undefined ? rules : { ...rules, keepLast: count }
}

/** Whether the policy has no rule that could choose among backups. */
export function isEmpty(policy: Policy): boolean {
  return (
    policy.keepWithin === null && policy.keepLast === 0 && periods.every((period) => policy[period] === 0)
  )
}
