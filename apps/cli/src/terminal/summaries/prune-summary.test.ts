import type { PluginCleanup } from '@s3db-backup/plugin-adapter'
import { expect, test } from 'vitest'
import { openTerminal } from '../terminal.js'
import { printPlan } from './prune-summary.js'

const id = 'incremental-2024-03-15T14-30-45-abc123'
const report: PluginCleanup = {
  ...{ dryRun: true, count: 1, blocked: null, damaged: [], swept: [], purged: [], bytes: 2048 },
  kept: [{ id, reasons: ['last 1'] }],
  removed: [
    {
      id: id.replace('-45-', '-46-'),
      reasons: ['no rule keeps it'],
      files: 3,
      bytes: 2048,
      purgeAfter: null,
    },
  ],
}

test.each([40, 60, 80, 200])('on %d columns a plan has complete ids and no line that wraps', (width) => {
  const lines: string[] = []
  const terminal = openTerminal({ ...process, env: { NO_COLOR: '1' } }, [])
  const print = (text = '') => lines.push(...text.split('\n'))
  printPlan(Object.defineProperties({ ...terminal, print }, { width: { value: width } }), report, '')
  const table = lines.slice(0, lines.indexOf(''))
  for (const one of [id, id.replace('-45-', '-46-')]) expect(table.join('\n')).toContain(one)
  expect(table.join(' ')).toContain('no rule keeps it')
  expect(table.filter((line) => line.length > width)).toEqual([])
})
