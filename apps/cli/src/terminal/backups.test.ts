import type { ListedBackup, PluginBackup } from '@s3db-backup/plugin-adapter'
import { expect, test } from 'vitest'
import { printBackups, printDetails } from './backups.js'
import { openTerminal } from './terminal.js'

type Readable = PluginBackup & { readonly error: null }

const backup = (more: Partial<Readable>): Readable => ({
  id: 'incremental-2024-03-15T14-30-45-abc123',
  type: 'incremental',
  status: 'completed',
  path: '/srv/backups/x',
  resources: ['users', 'orders'],
  internal: {},
  files: {},
  size: 123_456_789,
  compressed: 12_345_678,
  records: 1_234_567,
  encrypted: false,
  duration: 1500,
  checksum: 'x',
  timestamp: '2024-03-15T14:30:45.000Z',
  parent: null,
  series: 'x',
  metadata: {},
  driverInfo: null,
  error: null,
  ...more,
})

/** The lines that a list has on a screen of that width. */
function listed(width: number | undefined, backups: readonly ListedBackup[]): string[] {
  const lines: string[] = []
  const terminal = openTerminal({ ...process, env: { NO_COLOR: '1' } }, [])
  const print = (text = '') => lines.push(...text.split('\n'))
  printBackups(Object.defineProperties({ ...terminal, print }, { width: { value: width } }), backups, '')
  return lines
}

const some = [
  backup({}),
  backup({ id: 'full-2024-03-14T14-30-45-abc123', type: 'full', status: 'incomplete' }),
  backup({ id: 'full-2099-03-14T14-30-45-abc123', type: 'full', datedAhead: true }),
]

test('a wide list has the time and the state in words', () => {
  const lines = listed(undefined, some)
  expect(lines[1]).toMatch(/✓ completed +2 +1,234,567 +12\.3 MB +2024-03-15 14:30:45 UTC$/)
  expect(lines[3]).toContain('! dated ahead')
})

test('on 80 columns a list has id, state, type, age, records and size', () => {
  const lines = listed(80, some)
  expect(lines[0]).toMatch(/^Backup ID +Type +Age +Records +Size$/)
  expect(lines[1]).toMatch(
    /^incremental-2024-03-15T14-30-45-abc123 +✓ +incremental +\d+d +1,234,567 +12\.3 MB$/,
  )
  expect(lines.map((line) => line.trim().split(/ +/)[1]).slice(2)).toEqual(['!', '!'])
  expect(lines.filter((line) => line.length > 80)).toEqual([])
})

test.each([30, 40, 50, 60, 70])('on %i columns every backup shows its whole id and its state', (width) => {
  const lines = listed(width, some)
  const text = lines.join('\n')
  for (const { id } of some) expect(text).toContain(id)
  expect(text.match(/[✓!]/g)).toEqual(['✓', '!', '!'])
  const ids = some.map(({ id }) => id)
  expect(lines.filter((line) => line.length > width && !ids.includes(line))).toEqual([])
})

test('on 40 columns the second line has state, age, records and size', () => {
  const old = Math.floor((Date.now() - Date.parse('2024-03-15T14:30:45.000Z')) / 86_400_000)
  expect(listed(40, some.slice(0, 1))).toEqual([
    'incremental-2024-03-15T14-30-45-abc123',
    `  ✓ completed, ${old}d, 1,234,567 records`,
    '  12.3 MB',
  ])
})

test('a detail that would wrap has its own lines', () => {
  const lines: string[] = []
  const terminal = openTerminal({ ...process, env: { NO_COLOR: '1' } }, [])
  const print = (text = '') => lines.push(text)
  const narrow = Object.defineProperties({ ...terminal, print }, { width: { value: 44 } })
  const { id } = backup({})
  printDetails(narrow, 'Backup', [
    ['Backup ID', id],
    ['Type', 'incremental'],
    ['Resources', 'customers, products, orders, articles, accounts'],
  ])
  const resources = ['  Resources:', '    customers, products, orders, articles,', '    accounts']
  expect(lines).toEqual(['Backup:', '  Backup ID:', `    ${id}`, '  Type:      incremental', ...resources])
})
