import type { RetentionPlan } from './plan.js'

/** A line of the table that shows a plan. */
export interface PlanRow {
  readonly id: string
  /** ISO 8601, UTC. */
  readonly startedAt: string
  readonly action: 'keep' | 'remove'
  /** All reasons, separated by commas. */
  readonly reasons: string
}

/** The plan as the rows of a table: every backup once, newest first. */
export function explain({ keep, remove }: RetentionPlan): PlanRow[] {
  const rows = [
    ...keep.map((decision) => ({ ...decision, action: 'keep' as const })),
    ...remove.map((decision) => ({ ...decision, action: 'remove' as const })),
  ]
  return rows
    .sort((a, b) => Date.parse(b.startedAt) - Date.parse(a.startedAt))
    .map(({ id, startedAt, action, reasons }) => ({ id, startedAt, action, reasons: reasons.join(', ') }))
}
