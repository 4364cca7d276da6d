import { openCatalog, restore, type Target } from '@s3db-backup/core'
import type { ExpectedState } from './case.ts'

/** What a restore brings, as the index of the cases has it. */
export async function restored(
  options: Omit<Parameters<typeof restore>[0], 'target'>,
): Promise<ExpectedState> {
  const records = new Map<string, Record<string, unknown>[]>()
  const names = { resources: [] as string[], internal: [] as string[] }
  const target: Target = {
    async open({ resources, internal }) {
      names.resources = resources.map(({ name }) => name)
      names.internal = internal.map(({ name }) => name)
    },
    async write(name, batches) {
      const all: Record<string, unknown>[] = []
      for await (const { rows, raw } of batches)
        for (const row of rows) all.push(raw?.has(row.id) ? { row, raw: raw.get(row.id) } : { row })
      records.set(name, all)
      return { restored: all.length, replaced: 0, skipped: 0, removed: 0, failed: [] }
    },
  }
  const { chain } = await restore({ ...options, target, allowIncomplete: true })
  const these = (some: readonly string[]) =>
    Object.fromEntries(some.map((name) => [name, records.get(name) ?? []]))
  return {
    chain,
    // A backup may be incomplete without naming what it lacks.
    status: (await openCatalog(options.driver).get(options.id)).manifest.status,
    resources: these(names.resources),
    internal: these(names.internal),
  }
}
