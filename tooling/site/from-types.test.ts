import { describe, expect, it } from 'vitest'
import { eventsPage, optionsPage } from './from-types.ts'

const events = eventsPage()
const options = optionsPage()
const cellsOf = (page: string) => [...page.matchAll(/^\| `(plg:[^`]*)` \| .* \| `(.*)` \|$/gm)]

describe('the page of events', () => {
  it('has every event, with a payload that can be read as it stands', () => {
    const payloads = new Map(cellsOf(events).map(([, name, type]) => [name, type]))
    expect(payloads.size).toBeGreaterThan(20)
    expect(payloads.get('plg:backup:start')).toBe(
      '{ readonly id: string; readonly type: string; readonly parent: string \\| null; readonly resources: readonly string[]; readonly consolidates?: string \\| undefined }',
    )
  })

  it('shows what each named payload has', () => {
    const named = cellsOf(events).flatMap(([, , type = '']) => type.match(/\b[A-Z]\w+/g) ?? [])
    const ours = [...new Set(named)].filter((name) => !['Pick', 'Partial', 'Omit'].includes(name))
    expect(ours).toContain('PluginBackup')
    for (const name of ours) expect(events).toContain(`\n### ${name}\n`)
    expect(events).toMatch(/\| `records` \| `number` \|/)
  })
})

it('options that come from another interface are said to', () => {
  expect(options).toMatch(
    /^### PlanOptions\n\n.*\n\nIt also has the options of `Omit<BackupOptions, 'dryRun'>`\.$/m,
  )
})

it('no type on the page of options or of events lacks the separators of its members', () => {
  for (const page of [events, options])
    expect(page.match(/^\|.*[\w\]}>] readonly \w+\??:.*$/gm) ?? []).toEqual([])
})
