import type { PluginRestore } from '@s3db-backup/plugin-adapter'
import { expect, test } from 'vitest'
import { openTerminal } from '../terminal.js'
import { printRestore } from './restore-summary.js'

const none = { restored: 0, replaced: 0, skipped: 0, removed: 0, failed: [] }
/** What is printed about a restore that came to these counts. */
function printed(resources: PluginRestore['resources'], dryRun = false): string {
  const lines: string[] = []
  const terminal = { ...openTerminal(process, ['--no-color']), print: (text = '') => void lines.push(text) }
  const restored = Object.keys(resources)
  printRestore(
    terminal,
    { id: 'full-1' },
    {
      id: 'full-1',
      backupId: 'full-1',
      restored,
      resources,
      internal: {},
      dryRun,
      duration: 5,
    },
  )
  return lines.join('\n')
}

test('a restore into a new database lists all resources, those without records, too', () => {
  const text = printed({ people: { ...none, restored: 30 }, nothing: none })
  expect(text).toMatch(/^✓ Restore completed successfully\n/)
  expect(text).toMatch(/Resources restored: people, nothing\n/)
  expect(text).not.toContain('--overwrite')
})

test('a restore that wrote nothing is not a success, and says how to write anyway', () => {
  const text = printed({ people: { ...none, skipped: 1234 }, nothing: none })
  expect(text).toMatch(/^! Nothing was written\n/)
  expect(text).toMatch(/Resources restored: none\n/)
  expect(text).toContain('1,234 existing records were kept; --overwrite replaces them.')
})

test('only resources into which something was written are listed', () => {
  const text = printed({ people: { ...none, skipped: 1 }, orders: { ...none, restored: 2, skipped: 0 } })
  expect(text).toMatch(/^✓ Restore completed successfully\n/)
  expect(text).toMatch(/Resources restored: orders\n {2}Total resources: {4}1\n/)
  expect(text).toContain('1 existing record was kept; --overwrite replaces it.')
})

test('a dry run says what would be kept', () => {
  const text = printed({ people: { ...none, skipped: 2 } }, true)
  expect(text).toContain('2 existing records would be kept; --overwrite replaces them.')
})

test('a dry run lists the resources that it would restore', () => {
  const text = printed({ people: { ...none, restored: 2 } }, true)
  expect(text).toMatch(/Would restore: +people\n/)
  expect(text).not.toContain('Resources restored')
})

test('records that an incomplete backup could not read stay with replace, and this is reported', () => {
  const kept = { count: 3, reason: 'the backup could not read them, so they were not removed' }
  expect(printed({ people: { ...none, restored: 1, kept } })).toContain(
    '3 records of people stayed: the backup could not read them, so they were not removed.',
  )
})
