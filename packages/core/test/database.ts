import type { JsonValue } from '../src/json.js'
import type { Batch, ResourceInfo, Row, Source } from '../src/ports/source.js'
import type { RestorePlan, Target } from '../src/ports/target.js'

/** Records by resource, and by id. */
export type Contents = Readonly<Record<string, readonly Row[]>>

export function info(name: string, more: Partial<ResourceInfo> = {}): ResourceInfo {
  return { name, attributes: { name: 'string' }, partitions: {}, timestamps: false, ...more }
}

/** A source over arrays, in batches of so many, with whatever a test wants different in each batch. */
export function sourceOf(
  contents: Contents,
  options: { readonly batchSize?: number; readonly more?: (resource: string) => Partial<Batch> } = {},
): Source {
  const { batchSize = 10, more = () => ({}) } = options
  return {
    describe: async () => ({
      database: { bucket: 'test' },
      resources: Object.keys(contents).map((name) => info(name)),
    }),
    async *read(resource) {
      const rows = contents[resource] ?? []
      for (let from = 0; from < rows.length; from += batchSize) {
        yield { rows: rows.slice(from, from + batchSize), ...more(resource) }
      }
      if (rows.length === 0) yield { rows, ...more(resource) }
    },
  }
}

export interface MemoryTarget extends Target {
  readonly plans: RestorePlan[]
  readonly rows: Map<string, Map<string, Row>>
  readonly raw: Map<string, Map<string, JsonValue>>
  finished: boolean
}

/** A target over maps: it replaces what is there, and refuses the ids that it is told to. */
export function memoryTarget(refused: readonly string[] = []): MemoryTarget {
  const target: MemoryTarget = {
    plans: [],
    rows: new Map(),
    raw: new Map(),
    finished: false,
    async open(plan) {
      target.plans.push(plan)
    },
    async write(resource, batches) {
      const rows = new Map<string, Row>()
      const raws = new Map<string, JsonValue>()
      const failed = []
      target.rows.set(resource, rows)
      target.raw.set(resource, raws)
      for await (const { rows: batch, raw } of batches) {
        for (const row of batch) {
          if (refused.includes(row.id)) failed.push({ id: row.id, reason: 'refused' })
          else rows.set(row.id, row)
          const exact = raw?.get(row.id)
          if (exact !== undefined) raws.set(row.id, exact)
        }
      }
      return { restored: rows.size, replaced: 0, skipped: 0, removed: 0, failed }
    },
    async finish() {
      target.finished = true
    },
  }
  return target
}

/** What a target holds, in the form that {@link sourceOf} takes. */
export function contentsOf({ rows }: MemoryTarget): Contents {
  return Object.fromEntries([...rows].map(([name, records]) => [name, [...records.values()]]))
}

export const people = (count: number): Row[] =>
  Array.from({ length: count }, (_, i) => ({
    id: `p${String(i).padStart(6, '0')}`,
    name: `Zoë ${i} 日本 😀`,
    note: i % 3 === 0 ? 'a\r\nb\u2028c' : null,
    age: i,
  }))
